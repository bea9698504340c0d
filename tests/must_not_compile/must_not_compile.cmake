# cmake -D COMPILER=c++ -D SOURCE=file.cpp -D INCLUDE_DIRS=dir;dir -D IMPLICIT_DIRS=dir;dir -P must_not_compile.cmake
#
# Fails unless COMPILER refuses SOURCE and its output holds the text after `// expected:` in SOURCE.
cmake_minimum_required(VERSION 3.25)

# A notice is printed as it is; an error would be wrapped.
function(fail sentence)
  message(NOTICE "${SOURCE} ${sentence}")
  message(FATAL_ERROR "must_not_compile")
endfunction()

file(READ ${SOURCE} text)
if(NOT text MATCHES "// expected: *([^\n]+)")
  fail("has no line '// expected: <text>'")
endif()
set(expected "${CMAKE_MATCH_1}")

list(REMOVE_DUPLICATES INCLUDE_DIRS)
list(REMOVE_ITEM INCLUDE_DIRS "" ${IMPLICIT_DIRS})
list(TRANSFORM INCLUDE_DIRS PREPEND -I)
set(ENV{LC_ALL} C)
execute_process(COMMAND ${COMPILER} -std=c++20 -fsyntax-only ${INCLUDE_DIRS} ${SOURCE}
                RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
if(result EQUAL 0)
  fail("compiles, and must not; expected: ${expected}")
endif()
string(FIND "${output}" "${expected}" position)
if(position EQUAL -1)
  fail("was refused for another reason than: ${expected}\n${output}")
endif()
message(STATUS "refused as expected: ${expected}")
