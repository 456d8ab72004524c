# Installs the library, its headers and its CMake package for C++ programs.
include(CMakePackageConfigHelpers)

install(
  TARGETS hrnet_native
  EXPORT hrnet_native
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
  RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY "${PROJECT_SOURCE_DIR}/cpp/include/hrnet_native" DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION ${CMAKE_INSTALL_DOCDIR})
if(HRNET_NATIVE_PADDLE)
  install(TARGETS hrnet_native_paddle LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
endif()

set(_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/hrnet_native)
install(
  EXPORT hrnet_native
  NAMESPACE hrnet_native::
  FILE hrnet_nativeConfig.cmake
  DESTINATION ${_package_dir})
write_basic_package_version_file("${PROJECT_BINARY_DIR}/hrnet_nativeConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/hrnet_nativeConfigVersion.cmake" DESTINATION ${_package_dir})
