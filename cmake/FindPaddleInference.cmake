# Finds Paddle Inference in an installed paddlepaddle wheel, or in PADDLE_INFERENCE_DIR (a `paddle` package directory),
# and proves that the declarations in third_party/paddle_inference_abi fit it.
#
# Defines the target PaddleInference::PaddleInference and the variables PaddleInference_VERSION,
# PaddleInference_LIBRARY_DIRS and PaddleInference_LIBPYTHON (file name of the interpreter's library).

find_package(Python COMPONENTS Interpreter QUIET)

set(PADDLE_INFERENCE_DIR "" CACHE PATH "Directory of the `paddle` package; empty: that of the Python interpreter")
if(Python_Interpreter_FOUND)
  # find_spec does not import paddle, which would take seconds.
  execute_process(
    COMMAND
      "${Python_EXECUTABLE}" -c
      "import importlib.util as u, sysconfig as c
s = u.find_spec('paddle')
print(s.submodule_search_locations[0] if s else '', c.get_config_var('INSTSONAME'), c.get_config_var('LIBDIR'), sep=';')"
    OUTPUT_VARIABLE _found
    OUTPUT_STRIP_TRAILING_WHITESPACE)
  list(POP_FRONT _found _paddle_dir PaddleInference_LIBPYTHON _python_libdir)
  find_library(HRNET_NATIVE_LIBPYTHON_PATH NAMES "${PaddleInference_LIBPYTHON}" HINTS "${_python_libdir}")
endif()
if(PADDLE_INFERENCE_DIR)
  set(_paddle_dir "${PADDLE_INFERENCE_DIR}")
endif()

if(_paddle_dir AND EXISTS "${_paddle_dir}/version/__init__.py")
  file(STRINGS "${_paddle_dir}/version/__init__.py" _version_line REGEX "^full_version")
  string(REGEX REPLACE ".*'(.*)'.*" "\\1" PaddleInference_VERSION "${_version_line}")
  string(REGEX MATCH "^([0-9]+)\\.([0-9]+)" _ "${PaddleInference_VERSION}")
  math(EXPR _number "100 * ${CMAKE_MATCH_1} + ${CMAKE_MATCH_2}")
  set(PaddleInference_LIBRARY_DIRS "${_paddle_dir}/base" "${_paddle_dir}/libs")
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(
  PaddleInference
  REQUIRED_VARS _paddle_dir PaddleInference_VERSION HRNET_NATIVE_LIBPYTHON_PATH
  VERSION_VAR PaddleInference_VERSION
  REASON_FAILURE_MESSAGE
    "needed: paddlepaddle for ${Python_EXECUTABLE} (or PADDLE_INFERENCE_DIR), and libpython (Debian: python3-dev)")

if(PaddleInference_FOUND AND NOT TARGET PaddleInference::PaddleInference)
  set(_abi_dir "${CMAKE_CURRENT_SOURCE_DIR}/third_party/paddle_inference_abi")
  add_library(PaddleInference::PaddleInference INTERFACE IMPORTED)
  target_include_directories(PaddleInference::PaddleInference SYSTEM INTERFACE "${_paddle_dir}/include" "${_abi_dir}")
  target_link_directories(PaddleInference::PaddleInference INTERFACE ${PaddleInference_LIBRARY_DIRS})
  target_compile_definitions(PaddleInference::PaddleInference INTERFACE HRNET_NATIVE_PADDLE_NUMBER=${_number})
  target_link_libraries(PaddleInference::PaddleInference INTERFACE -l:libpaddle.so -l:libcommon.so)
  if(_number GREATER_EQUAL 300) # Paddle 2 has all of it in libpaddle.so
    target_link_libraries(PaddleInference::PaddleInference INTERFACE -l:libphi_core.so)
  endif()
  # libpaddle.so is a Python module: the interpreter provides what it leaves undefined.
  target_link_options(PaddleInference::PaddleInference INTERFACE -Wl,--allow-shlib-undefined)

  if(NOT CMAKE_CROSSCOMPILING AND NOT "${HRNET_NATIVE_PROBED_PADDLE}" STREQUAL "${PaddleInference_VERSION} ${_paddle_dir}")
    set(_rpath "${PaddleInference_LIBRARY_DIRS}")
    list(JOIN _rpath ":" _rpath)
    try_run(
      _probe_exit _probe_compiled
      SOURCES "${_abi_dir}/probe.cc"
      LINK_OPTIONS "-Wl,-rpath,${_rpath}" "-Wl,--no-as-needed"
      LINK_LIBRARIES PaddleInference::PaddleInference "${HRNET_NATIVE_LIBPYTHON_PATH}"
      COMPILE_OUTPUT_VARIABLE _probe_errors
      RUN_OUTPUT_VARIABLE _probe_output
      CXX_STANDARD 17 CXX_STANDARD_REQUIRED ON)
    if(NOT _probe_compiled OR NOT _probe_exit EQUAL 0)
      message(FATAL_ERROR "Paddle ${PaddleInference_VERSION} in ${_paddle_dir} does not fit the declarations in "
                          "${_abi_dir}:\n${_probe_errors}\n${_probe_output}")
    endif()
    message(STATUS "Paddle probe: ${_probe_output}")
    set(HRNET_NATIVE_PROBED_PADDLE "${PaddleInference_VERSION} ${_paddle_dir}" CACHE INTERNAL "The Paddle probed last")
  endif()
endif()
