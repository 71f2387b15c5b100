# Installed files: headers, library, CMake package, pkg-config file, command, default models.
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/attend)

install(TARGETS attend EXPORT attend-targets)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/attend ${PROJECT_BINARY_DIR}/generated/include/attend
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
install(EXPORT attend-targets NAMESPACE attend:: DESTINATION ${package_dir})

configure_package_config_file(
  ${PROJECT_SOURCE_DIR}/cmake/attendConfig.cmake.in ${PROJECT_BINARY_DIR}/attendConfig.cmake
  INSTALL_DESTINATION ${package_dir} PATH_VARS CMAKE_INSTALL_DATADIR)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/attendConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/attendConfig.cmake
              ${PROJECT_BINARY_DIR}/attendConfigVersion.cmake DESTINATION ${package_dir})

# pkg-config: paths relative to the file, so that the prefix may move.
file(RELATIVE_PATH pc_prefix /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
string(REGEX REPLACE "/$" "" pc_prefix ${pc_prefix})
if(NOT BUILD_SHARED_LIBS)
  set(pc_requires_private "Requires.private: libutf8proc oniguruma")
  set(pc_libs_private "Libs.private: -pthread -l${CMAKE_DL_LIBS}")
  set(pc_cflags " -DATTEND_STATIC_DEFINE")
endif()
configure_file(${PROJECT_SOURCE_DIR}/cmake/attend.pc.in ${PROJECT_BINARY_DIR}/attend.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/attend.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

if(TARGET attend_command)
  file(RELATIVE_PATH library_from_bin /${CMAKE_INSTALL_BINDIR} /${CMAKE_INSTALL_LIBDIR})
  set_target_properties(attend_command PROPERTIES INSTALL_RPATH "$ORIGIN/${library_from_bin}")
  install(TARGETS attend_command)
endif()
if(ATTEND_BUNDLED_MODELS)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/examples/models
          DESTINATION ${CMAKE_INSTALL_DATADIR}/attend PATTERN cases.json EXCLUDE)
endif()
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE ${PROJECT_SOURCE_DIR}/README.md
        DESTINATION ${CMAKE_INSTALL_DOCDIR})
