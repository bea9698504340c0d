# What `cmake --install` puts where, in components that become Debian packages (cmake/Packages.cmake):
#
#   library      libquadric.so.VERSION, all rooms in one
#   development  headers, libquadric.so, quadric-config.cmake, quadric.pc
#   program      quadric, its manual pages, completion in bash, the suites' data
#   static       libquadric.a and its targets, only when asked for: --target quadric_static, --component static
#
# Who links quadric::quadric needs Eigen alone; quadric::static brings what the archive needs, quadric::ceres Ceres.
include(CMakePackageConfigHelpers)

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/quadric)
set(data_folder ${CMAKE_INSTALL_DATADIR}/quadric)

# The rooms' objects, and the libraries that they link.
set(objects "")
set(linked "")
get_property(rooms GLOBAL PROPERTY QUADRIC_ROOMS)
foreach(room IN LISTS rooms)
  get_target_property(type quadric_${room} TYPE)
  if(type STREQUAL "STATIC_LIBRARY")
    list(APPEND objects $<TARGET_OBJECTS:quadric_${room}>)
    get_target_property(links quadric_${room} LINK_LIBRARIES)
    list(APPEND linked ${links})
  endif()
endforeach()
list(REMOVE_DUPLICATES linked)
string(REPLACE ";" "|" rooms_pattern "${rooms}")
list(FILTER linked EXCLUDE REGEX "^(quadric_(${rooms_pattern})|.*quadric_options.*|Eigen3::Eigen)$")
# Headers alone, which no archive needs any more.
set(inlined ${linked})
list(FILTER inlined INCLUDE REGEX "^(nlohmann_json::nlohmann_json|taocpp::pegtl|Boost::headers)$")
set(archives ${linked})
list(FILTER archives EXCLUDE REGEX "^(nlohmann_json::nlohmann_json|taocpp::pegtl|Boost::headers|quadric_cholmod)$")

function(quadric_library name kind export)
  add_library(${name} ${kind} ${objects})
  set_target_properties(${name} PROPERTIES OUTPUT_NAME quadric EXPORT_NAME ${export} LINKER_LANGUAGE CXX
                                           VERSION ${PROJECT_VERSION}
                                           SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
  target_compile_features(${name} INTERFACE cxx_std_20)
  target_include_directories(${name} INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_link_libraries(${name} PUBLIC Eigen3::Eigen PRIVATE $<BUILD_INTERFACE:quadric_options>)
  if(QUADRIC_SANITIZE)
    target_compile_definitions(${name} INTERFACE EIGEN_MALLOC_ALREADY_ALIGNED=1)
  endif()
endfunction()

quadric_library(quadric_shared SHARED quadric)
target_link_libraries(quadric_shared PRIVATE "$<BUILD_INTERFACE:${linked}>")
# Its own calls stay its own, whatever a program or another library defines by the same names (Eigen, Ceres).
target_link_options(quadric_shared PRIVATE LINKER:-Bsymbolic-functions)
if(QUADRIC_SANITIZE)
  # Built only to test the installation, where 600 MB would be copied.
  target_link_options(quadric_shared PRIVATE LINKER:--strip-debug)
endif()
set_target_properties(quadric_shared PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib)

quadric_library(quadric_static STATIC static)
set_target_properties(quadric_static PROPERTIES EXCLUDE_FROM_ALL ON
                                                ARCHIVE_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib)
set(static_libraries "")  # by name, so that another machine finds its own
foreach(library IN LISTS archives)
  if(IS_ABSOLUTE "${library}")
    get_filename_component(library ${library} NAME_WE)
    string(REGEX REPLACE "^lib" "" library ${library})
  endif()
  list(APPEND static_libraries ${library})
endforeach()
list(APPEND static_libraries cholmod openblas gomp)
target_link_libraries(quadric_static PRIVATE "$<BUILD_INTERFACE:${inlined}>" ${static_libraries})

add_library(quadric_with_ceres INTERFACE)
set_target_properties(quadric_with_ceres PROPERTIES EXPORT_NAME ceres)
target_link_libraries(quadric_with_ceres INTERFACE quadric_shared Ceres::ceres)

# What is installed
install(TARGETS quadric_shared EXPORT quadric-targets
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library NAMELINK_COMPONENT development)
install(TARGETS quadric_with_ceres EXPORT quadric-ceres)
install(TARGETS quadric_static EXPORT quadric-static
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT static EXCLUDE_FROM_ALL)
foreach(set targets ceres)
  install(EXPORT quadric-${set} NAMESPACE quadric:: DESTINATION ${package_folder} COMPONENT development)
endforeach()
install(EXPORT quadric-static NAMESPACE quadric:: DESTINATION ${package_folder} COMPONENT static EXCLUDE_FROM_ALL)

install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/quadric DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
        COMPONENT development FILES_MATCHING PATTERN "*.hpp" PATTERN "*.h")
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/quadric-config.cmake.in quadric-config.cmake
                              INSTALL_DESTINATION ${package_folder} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(quadric-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/quadric-config.cmake ${CMAKE_CURRENT_BINARY_DIR}/quadric-config-version.cmake
        DESTINATION ${package_folder} COMPONENT development)

# pkg-config finds everything from where quadric.pc lies.
file(RELATIVE_PATH up "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
string(REGEX REPLACE "/$" "" up "${up}")
set(sanitized "")
if(QUADRIC_SANITIZE)
  set(sanitized " -DEIGEN_MALLOC_ALREADY_ALIGNED=1")
endif()
configure_file(${PROJECT_SOURCE_DIR}/cmake/quadric.pc.in quadric.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/quadric.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig
        COMPONENT development)

install(DIRECTORY ${PROJECT_SOURCE_DIR}/examples/data/nist DESTINATION ${data_folder} COMPONENT program)
if(TARGET quadric_program)
  install(TARGETS quadric_program RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT program)
  # The program knows its manual: the pages are made of what --help says.
  set(manual ${CMAKE_CURRENT_BINARY_DIR}/manual)
  add_custom_command(OUTPUT ${manual}/quadric.1 ${manual}/quadric.bash COMMAND quadric_program manual ${manual}
                     DEPENDS quadric_program COMMENT "Writing the manual" VERBATIM)
  add_custom_target(quadric_manual ALL DEPENDS ${manual}/quadric.1)
  install(DIRECTORY ${manual}/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT program FILES_MATCHING PATTERN "*.1")
  install(FILES ${manual}/quadric.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
          RENAME quadric COMPONENT program)
endif()
