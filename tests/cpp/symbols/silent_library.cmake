# Fails if the library can print, end the process, or take over its signals.
execute_process(COMMAND "${NM}" -DC --undefined-only "${LIBRARY}" OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
foreach(name IN ITEMS "std::cout" "std::cerr" "std::clog" "printf" "puts" "putchar" "abort" "exit" "_exit" "quick_exit"
                      "signal" "sigaction")
  if(symbols MATCHES " U ${name}(@|\n)")
    message(SEND_ERROR "the library uses ${name}")
  endif()
endforeach()
if(NOT symbols MATCHES " U ")
  message(SEND_ERROR "no undefined symbols in ${LIBRARY}: the check reads nothing")
endif()
