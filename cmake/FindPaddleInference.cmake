# Finds Paddle Inference in an installed paddlepaddle wheel, or in PADDLE_INFERENCE_DIR (a `paddle` package directory, or
# the unpacked archive of the official C++ library), and proves that the declarations in third_party/paddle_inference_abi
# fit it.
#
# Defines the target PaddleInference::PaddleInference and the variables PaddleInference_VERSION,
# PaddleInference_LIBRARY_DIRS, PaddleInference_RPATH (where an installed plugin looks: the package is its neighbour, the C++
# library stays where it is) and PaddleInference_LIBPYTHON (file name of the interpreter's library, if this Paddle needs it).

find_package(Python COMPONENTS Interpreter QUIET)

set(PADDLE_INFERENCE_DIR
    ""
    CACHE PATH "Directory of the `paddle` package or of the official C++ library; empty: the Python interpreter's package")
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
  list(POP_FRONT _found _paddle_dir _libpython _python_libdir)
  find_library(HRNET_NATIVE_LIBPYTHON_PATH NAMES "${_libpython}" HINTS "${_python_libdir}")
endif()
if(PADDLE_INFERENCE_DIR)
  set(_paddle_dir "${PADDLE_INFERENCE_DIR}")
endif()

if(_paddle_dir AND EXISTS "${_paddle_dir}/version/__init__.py")
  file(STRINGS "${_paddle_dir}/version/__init__.py" _version_line REGEX "^full_version")
  string(REGEX REPLACE ".*'(.*)'.*" "\\1" PaddleInference_VERSION "${_version_line}")
  set(PaddleInference_LIBRARY_DIRS "${_paddle_dir}/base" "${_paddle_dir}/libs")
  set(PaddleInference_RPATH "$ORIGIN/../paddle/base" "$ORIGIN/../paddle/libs")
  set(PaddleInference_LIBPYTHON "${_libpython}") # libpaddle.so is a Python module
  set(_paddle_needs HRNET_NATIVE_LIBPYTHON_PATH)
  set(_paddle_include "${_paddle_dir}/include")
  set(_paddle_libraries -l:libpaddle.so -l:libcommon.so)
  if(PaddleInference_VERSION VERSION_GREATER_EQUAL 3) # Paddle 2 has all of it in libpaddle.so
    list(APPEND _paddle_libraries -l:libphi_core.so)
  endif()
elseif(_paddle_dir AND EXISTS "${_paddle_dir}/paddle/lib/libpaddle_inference.so")
  file(STRINGS "${_paddle_dir}/version.txt" _version_line REGEX "^Paddle version: ")
  string(REGEX REPLACE "^Paddle version: *" "" PaddleInference_VERSION "${_version_line}")
  file(GLOB PaddleInference_LIBRARY_DIRS LIST_DIRECTORIES ON "${_paddle_dir}/third_party/install/*/lib")
  list(PREPEND PaddleInference_LIBRARY_DIRS "${_paddle_dir}/paddle/lib")
  set(PaddleInference_RPATH ${PaddleInference_LIBRARY_DIRS})
  set(_paddle_include "${_paddle_dir}/paddle/include")
  # All of them: what they need of each other is then found where the plugin looks, without LD_LIBRARY_PATH.
  list(TRANSFORM PaddleInference_LIBRARY_DIRS APPEND "/*.so*" OUTPUT_VARIABLE _patterns)
  file(GLOB _paddle_libraries ${_patterns})
  list(PREPEND _paddle_libraries -Wl,--no-as-needed)
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(
  PaddleInference
  REQUIRED_VARS _paddle_dir PaddleInference_VERSION ${_paddle_needs}
  VERSION_VAR PaddleInference_VERSION
  REASON_FAILURE_MESSAGE
    "needed: paddlepaddle for ${Python_EXECUTABLE} and libpython (Debian: python3-dev), or PADDLE_INFERENCE_DIR: a `paddle` package, or the official C++ library (paddle/lib/libpaddle_inference.so, and version.txt with \"Paddle version: \")")

if(PaddleInference_FOUND AND NOT TARGET PaddleInference::PaddleInference)
  string(REGEX MATCH "^([0-9]+)\\.([0-9]+)" _ "${PaddleInference_VERSION}")
  math(EXPR _number "100 * ${CMAKE_MATCH_1} + ${CMAKE_MATCH_2}")
  set(_abi_dir "${CMAKE_CURRENT_LIST_DIR}/../third_party/paddle_inference_abi")
  add_library(PaddleInference::PaddleInference INTERFACE IMPORTED)
  target_include_directories(PaddleInference::PaddleInference SYSTEM INTERFACE "${_paddle_include}" "${_abi_dir}")
  target_link_directories(PaddleInference::PaddleInference INTERFACE ${PaddleInference_LIBRARY_DIRS})
  target_compile_definitions(PaddleInference::PaddleInference INTERFACE HRNET_NATIVE_PADDLE_NUMBER=${_number})
  target_link_libraries(PaddleInference::PaddleInference INTERFACE ${_paddle_libraries})
  # libpaddle.so is a Python module: the interpreter provides what it leaves undefined.
  target_link_options(PaddleInference::PaddleInference INTERFACE -Wl,--allow-shlib-undefined)

  if(NOT CMAKE_CROSSCOMPILING AND NOT "${HRNET_NATIVE_PROBED_PADDLE}" STREQUAL "${PaddleInference_VERSION} ${_paddle_dir}")
    set(_rpath "${PaddleInference_LIBRARY_DIRS}")
    list(JOIN _rpath ":" _rpath)
    set(_probe_libraries PaddleInference::PaddleInference)
    if(PaddleInference_LIBPYTHON)
      list(APPEND _probe_libraries "${HRNET_NATIVE_LIBPYTHON_PATH}")
    endif()
    try_run(
      _probe_exit _probe_compiled
      SOURCES "${_abi_dir}/probe.cc"
      LINK_OPTIONS "-Wl,-rpath,${_rpath}" "-Wl,--no-as-needed"
      LINK_LIBRARIES ${_probe_libraries}
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
