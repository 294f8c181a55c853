# `cmake --install` and `find_package(interject)`: the rooms an embedder needs, as one target interject::actors,
# their headers under include/interject, and the server with its example bots where there is one.
include(CMakePackageConfigHelpers)

get_property(interject_all_rooms GLOBAL PROPERTY INTERJECT_ROOMS)
set(interject_embeddable)
foreach(room IN LISTS interject_all_rooms)
  get_target_property(folder ${room} SOURCE_DIR)
  if(NOT folder MATCHES "^${PROJECT_SOURCE_DIR}/gateway")
    list(APPEND interject_embeddable ${room})
  endif()
endforeach()

add_library(interject_actors INTERFACE)
add_library(interject::actors ALIAS interject_actors)
set_target_properties(interject_actors PROPERTIES EXPORT_NAME actors)
target_link_libraries(interject_actors INTERFACE ${interject_embeddable})
target_compile_features(interject_actors INTERFACE cxx_std_20)

# What `cmake --install` copies, and nothing else: no tests, no benchmarks.
add_custom_target(installable DEPENDS ${interject_embeddable})
install(TARGETS ${interject_embeddable} interject_actors EXPORT interject_targets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})

foreach(folder protocols actors config)
  if(EXISTS ${PROJECT_SOURCE_DIR}/${folder})
    install(DIRECTORY ${folder} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/interject
      FILES_MATCHING PATTERN "*.hpp" PATTERN "bots" EXCLUDE PATTERN "schema" EXCLUDE)
  endif()
endforeach()

set(interject_share ${CMAKE_INSTALL_DATADIR}/interject)
foreach(folder bots schema)
  if(EXISTS ${PROJECT_SOURCE_DIR}/config/${folder})
    install(DIRECTORY config/${folder} DESTINATION ${interject_share})
  endif()
endforeach()
install(FILES LICENSE DESTINATION ${interject_share})

if(TARGET interject)
  add_dependencies(installable interject)
  install(TARGETS interject RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()

set(interject_package ${CMAKE_INSTALL_LIBDIR}/cmake/interject)
configure_package_config_file(cmake/interjectConfig.cmake.in
  ${PROJECT_BINARY_DIR}/interjectConfig.cmake INSTALL_DESTINATION ${interject_package})
# Before 1.0 a minor version may change the interface.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/interjectConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(EXPORT interject_targets NAMESPACE interject:: DESTINATION ${interject_package}
  FILE interjectTargets.cmake)
install(FILES ${PROJECT_BINARY_DIR}/interjectConfig.cmake
  ${PROJECT_BINARY_DIR}/interjectConfigVersion.cmake cmake/FindCAF.cmake cmake/Findre2.cmake
  DESTINATION ${interject_package})
