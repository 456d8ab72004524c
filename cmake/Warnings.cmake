# Usage: link the target PRIVATE to hrnet_native_warnings.
add_library(hrnet_native_warnings INTERFACE)
if(MSVC)
  target_compile_options(hrnet_native_warnings INTERFACE /W4 $<$<BOOL:${HRNET_NATIVE_DEVELOPER}>:/WX>)
else()
  target_compile_options(
    hrnet_native_warnings
    INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast -Wvla
              $<$<BOOL:${HRNET_NATIVE_DEVELOPER}>:-Werror>)
endif()
