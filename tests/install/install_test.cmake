# cmake -D CASE=find_package|pkg_config|static|refusals|packages -D … -P install_test.cmake
#
# What is installed must serve a project that knows nothing of this one, also after its folder was moved.
cmake_minimum_required(VERSION 3.25)

# run(COMMAND ARG...) fails with the command's output where it fails; else `output` has it.
macro(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE errors)
  string(APPEND output "${errors}")
  if(NOT result EQUAL 0)
    message(NOTICE "${output}")
    message(FATAL_ERROR "exit code ${result}: ${ARGN}")
  endif()
endmacro()

function(require_file path)
  if(NOT EXISTS ${path})
    message(FATAL_ERROR "${path} was not installed")
  endif()
endfunction()

function(require_text text expected)
  string(FIND "${text}" "${expected}" position)
  if(position EQUAL -1)
    message(NOTICE "${text}")
    message(FATAL_ERROR "the text above lacks '${expected}'")
  endif()
endfunction()

# install_and_move(OPTION...) leaves ${prefix}.
macro(install_and_move)
  run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${SCRATCH}/first ${ARGN})
  set(prefix ${SCRATCH}/moved/there)
  file(MAKE_DIRECTORY ${SCRATCH}/moved)
  file(RENAME ${SCRATCH}/first ${prefix})
endmacro()

macro(configure_consumer)
  execute_process(COMMAND ${CMAKE_COMMAND} -S ${CONSUMER} -B ${SCRATCH}/build -G Ninja -D CMAKE_BUILD_TYPE=Debug
                          -D CMAKE_CXX_COMPILER=${COMPILER} -D "CMAKE_CXX_FLAGS=${FLAGS} -O0 -g0"
                          -D CMAKE_PREFIX_PATH=${prefix} ${ARGN}
                  RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
endmacro()

macro(build_consumer)
  configure_consumer(${ARGN})
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${output}")
  endif()
  require_text("${output}" "Build files have been written")
  run(${CMAKE_COMMAND} --build ${SCRATCH}/build)
endmacro()

file(REMOVE_RECURSE ${SCRATCH})
file(MAKE_DIRECTORY ${SCRATCH})
set(ENV{CCACHE_NOHASHDIR} 1)

if(CASE STREQUAL "find_package")
  install_and_move()
  build_consumer(-D COMPONENTS=ceres)
  run(${SCRATCH}/build/consumer)
  require_text("${output}" "minimum, λ ∈ [0.399")
  run(${SCRATCH}/build/ceres_consumer)
  # The program, its data and its manual came along.
  run(${prefix}/${BINDIR}/quadric --version)
  require_text("${output}" "${VERSION}")
  execute_process(COMMAND ${prefix}/${BINDIR}/quadric compare --suite nist --solvers newton --max-iterations 0
                  RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT result EQUAL 1)
    message(FATAL_ERROR "exit code ${result}, as if the data were not found: ${output}")
  endif()
  require_file(${prefix}/${DATADIR}/quadric/nist/certified.json)
  foreach(page quadric quadric-fit quadric-minimize quadric-analyze quadric-check quadric-compare)
    require_file(${prefix}/${MANDIR}/man1/${page}.1)
  endforeach()
  # Private headers stay private.
  file(GLOB_RECURSE headers RELATIVE ${prefix} ${prefix}/include/*)
  foreach(header IN LISTS headers)
    if(NOT header MATCHES "^include/quadric/.*[.]hpp$|^include/quadric/compare/problem_library[.]h$")
      message(FATAL_ERROR "${header} has no business in an installation")
    endif()
  endforeach()

elseif(CASE STREQUAL "pkg_config")
  install_and_move()
  set(ENV{PKG_CONFIG_PATH} ${prefix}/${LIBDIR}/pkgconfig)
  run(${PKG_CONFIG} --modversion quadric)
  require_text("${output}" "${VERSION}")
  run(${PKG_CONFIG} --cflags --libs quadric)
  string(STRIP "${output}" flags)
  require_text("${flags}" "-lquadric")
  separate_arguments(flags UNIX_COMMAND "${FLAGS} ${flags}")
  run(${COMPILER} -std=c++20 -O0 ${CONSUMER}/consumer.cpp -o ${SCRATCH}/consumer ${flags}
      -Wl,-rpath,${prefix}/${LIBDIR})
  run(${SCRATCH}/consumer)
  require_text("${output}" "minimum, λ ∈ [0.399")

  # A program whose Eigen would take memory otherwise than the library's must not link.
  if(CMAKE_HOST_SYSTEM_PROCESSOR STREQUAL "x86_64")
    file(WRITE ${SCRATCH}/avx.cpp "#include <quadric/base/types.hpp>\nint main() { return 0; }\n")
    execute_process(COMMAND ${COMPILER} -std=c++20 -mavx ${SCRATCH}/avx.cpp -o ${SCRATCH}/avx ${flags}
                    RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
    require_text("${output}" "the_same_as_in_the_library")
  endif()

elseif(CASE STREQUAL "static")
  run(${CMAKE_COMMAND} --build ${BUILD} --target quadric_static)
  run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${SCRATCH}/first --component static)
  foreach(component development program library)
    run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${SCRATCH}/first --component ${component})
  endforeach()
  install_and_move(--component static)
  build_consumer(-D COMPONENTS=static)
  # It needs no libquadric.so, nor any data folder beside it but the one of the source tree.
  file(REMOVE ${prefix}/${LIBDIR}/libquadric.so.${VERSION})
  run(${SCRATCH}/build/static_consumer)
  require_text("${output}" "minimum, λ ∈ [0.399")

elseif(CASE STREQUAL "refusals")
  install_and_move()
  set(CONSUMER ${SCRATCH}/newer)
  foreach(wanted IN ITEMS "0.1|Build files have been written" "9.0|requested version \"9.0\""
                          "0.1 REQUIRED COMPONENTS tensors|Component tensors lacks a component of that name"
                          "0.1 REQUIRED COMPONENTS static|Component static lacks the archive")
    string(REGEX MATCH "^(.*)[|](.*)$" matched "${wanted}")
    set(sentence "${CMAKE_MATCH_2}")
    file(WRITE ${SCRATCH}/newer/CMakeLists.txt "cmake_minimum_required(VERSION 3.25)\nproject(newer LANGUAGES NONE)\n"
         "set(CMAKE_SIZEOF_VOID_P 8)\nfind_package(quadric ${CMAKE_MATCH_1} CONFIG)\n")
    file(REMOVE_RECURSE ${SCRATCH}/build)
    configure_consumer()
    string(REGEX REPLACE "[ \n]+" " " output "${output}")
    require_text("${output}" "${sentence}")
  endforeach()

elseif(CASE STREQUAL "packages")
  run(${CPACK} -G DEB --config ${BUILD}/CPackConfig.cmake -B ${SCRATCH} -D CPACK_DEBIAN_COMPRESSION_TYPE=gzip
      -D CPACK_PACKAGE_DIRECTORY=${SCRATCH})
  file(GLOB packages ${SCRATCH}/*.deb)
  foreach(package IN LISTS packages)
    run(dpkg-deb --info ${package})
    string(APPEND all_info "${output}")
    run(dpkg-deb --contents ${package})
    string(APPEND all_contents "${output}")
    run(dpkg-deb --extract ${package} ${SCRATCH}/root)
  endforeach()
  string(REGEX MATCH "^[0-9]+[.][0-9]+" abi ${VERSION})
  foreach(line "Package: quadric\n" "Package: libquadric${abi}\n" "Package: libquadric-dev\n" "Version: ${VERSION}\n"
          "Depends: libquadric${abi} (= ${VERSION}), libeigen3-dev" "libc6 (>=" "libspdlog1.10" "libcholmod3")
    require_text("${all_info}" "${line}")
  endforeach()
  foreach(file ./usr/bin/quadric libquadric.so.${abi} ./usr/include/quadric/quadric.hpp quadric.pc quadric-config.cmake
          ./usr/share/man/man1/quadric-fit.1 ./usr/share/quadric/nist/certified.json)
    require_text("${all_contents}" "${file}")
  endforeach()
  run(${SCRATCH}/root/usr/bin/quadric --version)
else()
  message(FATAL_ERROR "there is no case '${CASE}'")
endif()
file(REMOVE_RECURSE ${SCRATCH})
