#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace quadric::cli {

/// What `--help` says of one option or argument.
struct OptionHelp {
  std::string names;  ///< "--model"; "-h,--help"; "DATA" for an argument by its place
  std::string value;  ///< "FORMULA"; empty for a flag
  std::string text;
  bool required = false;
  bool by_place = false;  ///< an argument, not an option
};

/// What `--help` says of the program (`verb` empty) or of one of its verbs.
struct Help {
  std::string verb;
  std::string about;
  std::vector<OptionHelp> options;
  std::string notes;     ///< lines between examples and exit code
  std::string examples;  ///< lines, each a command
  std::string exit_code;
};

/// The program's help, then that of each verb that `--help` lists.
std::vector<Help> help_of(const CLI::App& program);

}  // namespace quadric::cli
