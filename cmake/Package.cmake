# Installs the library, shared and static, its headers and its CMake package for C++ programs.
include(CMakePackageConfigHelpers)

set(_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/hrnet_native)
# Apart, because the static library's target names targets that a program with the shared one need not have.
install(
  TARGETS hrnet_native
  EXPORT hrnet_nativeShared
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
  RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(
  TARGETS hrnet_native_static
  EXPORT hrnet_nativeStatic
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
foreach(_kind IN ITEMS Shared Static)
  install(
    EXPORT hrnet_native${_kind}
    NAMESPACE hrnet_native::
    DESTINATION ${_package_dir})
endforeach()
install(DIRECTORY "${PROJECT_SOURCE_DIR}/cpp/include/hrnet_native" DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION ${CMAKE_INSTALL_DOCDIR})
set(_plugin "")
if(HRNET_NATIVE_PADDLE)
  install(TARGETS hrnet_native_paddle LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
  set(_plugin "\${PACKAGE_PREFIX_DIR}/${CMAKE_INSTALL_LIBDIR}/${CMAKE_SHARED_MODULE_PREFIX}hrnet_native_paddle${CMAKE_SHARED_MODULE_SUFFIX}")
endif()

configure_package_config_file(
  "${PROJECT_SOURCE_DIR}/cmake/hrnet_nativeConfig.cmake.in" "${PROJECT_BINARY_DIR}/hrnet_nativeConfig.cmake"
  INSTALL_DESTINATION ${_package_dir} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/hrnet_nativeConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/hrnet_nativeConfig.cmake" "${PROJECT_BINARY_DIR}/hrnet_nativeConfigVersion.cmake"
              "${PROJECT_SOURCE_DIR}/cmake/FindWebP.cmake" DESTINATION ${_package_dir})
