# cmake --install: the program, the library, its headers, and what find_package(rowmill) reads.

include(CMakePackageConfigHelpers)

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/rowmill)

install(TARGETS rowmill)
install(TARGETS rowmill_library EXPORT rowmill)
install(TARGETS rowmill_coroutine EXPORT rowmill-coroutine)
install(DIRECTORY include/rowmill DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN *.hpp)
install(EXPORT rowmill NAMESPACE rowmill:: DESTINATION ${package_folder} FILE rowmill-targets.cmake)
install(EXPORT rowmill-coroutine NAMESPACE rowmill:: DESTINATION ${package_folder} FILE rowmill-coroutine.cmake)

configure_package_config_file(cmake/rowmill-config.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/rowmill-config.cmake
  INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/rowmill-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/rowmill-config.cmake ${CMAKE_CURRENT_BINARY_DIR}/rowmill-config-version.cmake
  DESTINATION ${package_folder})
