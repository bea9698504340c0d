# embed_text(FILE SOURCE FUNCTION HEADER): writes SOURCE, which defines `std::string_view FUNCTION()` of HEADER to give
# the content of FILE, or nothing where FILE is empty.
function(embed_text file source function header)
  set(bytes "")
  if(file)
    file(READ ${file} hex HEX)
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${hex}")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  endif()
  file(CONFIGURE OUTPUT ${source} @ONLY CONTENT
"#include \"@header@\"

namespace quadric::page {

namespace {
constexpr char content[] = {@bytes@'\\0'};
}

std::string_view @function@() { return {content, sizeof(content) - 1}; }

}  // namespace quadric::page
")
endfunction()
