# Fails if the static library defines a name that a program may want for itself: one that is not in our namespace. What is
# instantiated of others' templates is weak, and merges with the program's.
execute_process(COMMAND "${NM}" -C --defined-only --extern-only "${LIBRARY}" OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "[0-9a-f]+ [ABCDGRST] [^\n]+" strong "${symbols}")
if(NOT strong)
  message(SEND_ERROR "${LIBRARY} defines nothing")
endif()
foreach(line IN LISTS strong)
  if(NOT line MATCHES "^[0-9a-f]+ . ((vtable|typeinfo|typeinfo name) for )?hrnet_native::")
    message(SEND_ERROR "defined, but not in the namespace hrnet_native: ${line}")
  endif()
endforeach()
