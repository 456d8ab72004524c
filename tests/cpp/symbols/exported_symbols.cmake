# Fails if a shared library exports anything but the public API and what the library asks of the plugin.
execute_process(COMMAND "${NM}" -DC --defined-only "${LIBRARY}" OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "[^\n]+" lines "${symbols}")
string(
  JOIN
  "|"
  public
  "hrnet_native::((Predictor|Future)::|Name\\(|InstructionSet\\(|Version\\(|Decode\\(|Preprocess\\(|CheckPreprocessConfig\\()"
  "(typeinfo|typeinfo name|vtable) for hrnet_native::Error$"
  "hrnet_native_(load_paddle_model|paddle_plugin_version)$")
set(found 0)
foreach(line IN LISTS lines)
  string(REGEX REPLACE "^[0-9a-f]+ . " "" name "${line}")
  if(NOT name MATCHES "^(${public})")
    message(SEND_ERROR "exported, but not part of the public API: ${name}")
  endif()
  math(EXPR found "${found} + 1")
endforeach()
if(found EQUAL 0)
  message(SEND_ERROR "${LIBRARY} exports nothing")
endif()
