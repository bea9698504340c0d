# Options that every target of the project is compiled with.
add_library(quadric_options INTERFACE)
target_compile_features(quadric_options INTERFACE cxx_std_20)
target_compile_options(quadric_options INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow)
if(QUADRIC_WARNINGS_AS_ERRORS)
  target_compile_options(quadric_options INTERFACE -Werror)
endif()
if(QUADRIC_SANITIZE)
  target_compile_options(quadric_options INTERFACE -fsanitize=${QUADRIC_SANITIZE} -fno-omit-frame-pointer
                                                   -fno-sanitize-recover=all)
  target_link_options(quadric_options INTERFACE -fsanitize=${QUADRIC_SANITIZE})
endif()

find_program(QUADRIC_CCACHE ccache)
if(QUADRIC_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${QUADRIC_CCACHE})
endif()

# quadric_room(NAME [SOURCE_DIR dir] [USES room...] [LINKS PUBLIC|PRIVATE|INTERFACE target...])
#
# One folder, one target: quadric_NAME is built from every .cpp below src/NAME (or SOURCE_DIR) and may use the
# rooms it names. A room without sources is header-only.
function(quadric_room name)
  set_property(GLOBAL APPEND PROPERTY QUADRIC_ROOMS ${name})
  cmake_parse_arguments(ROOM "" "SOURCE_DIR" "USES;LINKS" ${ARGN})
  if(NOT ROOM_SOURCE_DIR)
    set(ROOM_SOURCE_DIR src/${name})
  endif()
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${ROOM_SOURCE_DIR}/*.cpp)
  list(TRANSFORM ROOM_USES PREPEND quadric_)
  if(sources)
    add_library(quadric_${name} STATIC ${sources})
    target_include_directories(quadric_${name} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
                                               PRIVATE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR})
    target_link_libraries(quadric_${name} PUBLIC ${ROOM_USES} PRIVATE $<BUILD_INTERFACE:quadric_options>)
    target_link_libraries(quadric_${name} ${ROOM_LINKS})
    # For the shared library, which keeps its own calls its own: functions may be inlined as in a program.
    set_target_properties(quadric_${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)
    target_compile_options(quadric_${name} PRIVATE -fno-semantic-interposition)
  else()
    add_library(quadric_${name} INTERFACE)
    target_include_directories(quadric_${name} INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>)
    list(TRANSFORM ROOM_LINKS REPLACE "^(PUBLIC|PRIVATE)$" "INTERFACE")
    target_link_libraries(quadric_${name} INTERFACE ${ROOM_USES} ${ROOM_LINKS})
  endif()
endfunction()
