#include <exception>
#include <iostream>
#include <new>
#include <variant>

#include "cli/manual.hpp"
#include "cli/options.hpp"
#include "cli/report.hpp"
#include "cli/verbs.hpp"

namespace quadric::cli {

int run_verb(const Text& text) {
  print(text.text);
  return ExitCode::solved;
}

int run_verb(const ManualCommand& command) {
  write_manual(command.help, command.folder);
  return ExitCode::solved;
}

}  // namespace quadric::cli

int main(int argc, char** argv) {
  using namespace quadric::cli;
  try {
    return std::visit([](const auto& command) { return run_verb(command); }, parse_command(argc, argv));
  } catch (const std::bad_alloc&) {
    std::cerr << "quadric: out of memory\n";
  } catch (const std::exception& error) {
    std::cerr << "quadric: " << error.what() << '\n';
  } catch (...) {
    std::cerr << "quadric: an unknown error\n";
  }
  return ExitCode::misused;
}
