# Fails if the plugin needs a symbol of the core that the core does not export: with lazy binding nobody would notice
# until the code that needs it is first run.
execute_process(COMMAND "${NM}" -D --defined-only "${CORE}" OUTPUT_VARIABLE exports COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${NM}" -D --undefined-only "${PLUGIN}" OUTPUT_VARIABLE needs COMMAND_ERROR_IS_FATAL ANY)
# Mangled names that contain the namespace as a component.
string(REGEX MATCHALL "_Z[A-Za-z0-9_]*12hrnet_native[A-Za-z0-9_]*" names "${needs}")
string(REGEX MATCHALL "_Z[A-Za-z0-9_]+" exported "${exports}")
if(NOT names)
  message(SEND_ERROR "${PLUGIN} needs nothing of the core: these are not its symbols")
endif()
foreach(name IN LISTS names)
  if(NOT name IN_LIST exported)
    message(SEND_ERROR "the plugin needs ${name}, which the core does not export (cpp/src/exports.map)")
  endif()
endforeach()
