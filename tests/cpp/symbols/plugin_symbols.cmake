# Fails if the plugin needs anything of the library: it has to work with a shared one, with one that is part of a program,
# and with Python's, whose symbols it does not see. With lazy binding nobody would notice until the code is first run.
execute_process(COMMAND "${NM}" -DC --undefined-only "${PLUGIN}" OUTPUT_VARIABLE needs COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "[^\n]*hrnet_native[^\n]*" names "${needs}")
foreach(name IN LISTS names)
  message(SEND_ERROR "the plugin needs what only the library has: ${name}")
endforeach()
if(NOT needs MATCHES "paddle_infer::")
  message(SEND_ERROR "${PLUGIN} needs nothing of Paddle: these are not its symbols")
endif()
file(STRINGS "${PLUGIN}" links REGEX "libhrnet_native\\.")
if(links)
  message(SEND_ERROR "the plugin is linked to ${links}")
endif()
