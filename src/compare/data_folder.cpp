#include "compare/data_folder.hpp"

#include <string>

#include <dlfcn.h>

namespace quadric {

namespace fs = std::filesystem;

fs::path data_folder() {
  Dl_info loaded = {};
  if (dladdr(reinterpret_cast<const void*>(&data_folder), &loaded) != 0 && loaded.dli_fname != nullptr) {
    std::error_code unreadable;
    fs::path from(loaded.dli_fname);
    // Of a program the name is what it was called by, which may lack its folder.
    if (!from.has_parent_path()) from = fs::read_symlink("/proc/self/exe", unreadable);
    from = fs::canonical(from, unreadable).parent_path();
    for (const char* way : {QUADRIC_DATA_FROM_PROGRAM, QUADRIC_DATA_FROM_LIBRARY}) {
      const fs::path installed = (from / way).lexically_normal();
      if (fs::is_directory(installed, unreadable)) return installed;
    }
  }
  return QUADRIC_DATA_DIRECTORY;
}

}  // namespace quadric
