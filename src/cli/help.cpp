#include "cli/help.hpp"

#include <sstream>

#include <CLI/CLI.hpp>

namespace quadric::cli {

namespace {

/// Sorts the lines below the options by what they are: commands, exit code, the rest.
void sort_footer(const std::string& footer, Help& help) {
  std::istringstream lines(footer);
  bool in_examples = false;
  for (std::string line; std::getline(lines, line);) {
    in_examples = line == "Examples:" || (in_examples && line.starts_with("  "));
    if (line == "Examples:") continue;
    const bool is_exit_code = line.starts_with("Exit code: ");
    std::string& place = in_examples ? help.examples : is_exit_code ? help.exit_code : help.notes;
    if (is_exit_code) line.erase(0, line.find(": ") + 2);
    place += line + "\n";
  }
}

Help help_of_one(const CLI::App& app, const std::string& verb) {
  Help help{.verb = verb,
            .about = app.get_description(),
            .options = {},
            .notes = {},
            .examples = {},
            .exit_code = {}};
  for (const CLI::Option* option : app.get_options()) {
    const bool takes_value = option->get_items_expected_max() > 0;
    const bool by_place = option->nonpositional() ? false : option->get_positional();
    help.options.push_back({.names = by_place ? option->get_name(true) : option->get_name(false, true),
                            .value = takes_value && !by_place ? option->get_type_name() : "",
                            .text = option->get_description(),
                            .required = option->get_required(),
                            .by_place = by_place});
  }
  sort_footer(app.get_footer(), help);
  return help;
}

}  // namespace

std::vector<Help> help_of(const CLI::App& program) {
  std::vector<Help> all = {help_of_one(program, "")};
  for (const CLI::App* verb : program.get_subcommands([](const CLI::App*) { return true; })) {
    if (!verb->get_group().empty()) all.push_back(help_of_one(*verb, verb->get_name()));
  }
  return all;
}

}  // namespace quadric::cli
