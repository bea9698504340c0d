#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cli/help.hpp"

namespace quadric::cli {

/// The manual page of the program or of a verb, in man's macros (section 1). `all` is the help of the program
/// and its verbs, to refer to.
std::string manual_page(const Help& help, const std::vector<Help>& all);

/// Completion of verbs, options, known names and files, for bash.
std::string bash_completion(const std::vector<Help>& all);

/// Writes quadric.1, quadric-VERB.1 and the completion (`quadric.bash`) into a folder, which is made where it
/// is not there. Throws `Misuse` naming what could not be written.
void write_manual(const std::vector<Help>& all, const std::filesystem::path& folder);

}  // namespace quadric::cli
