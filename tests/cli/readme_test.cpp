#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/run_program.hpp"

/// The commands that the README tells a newcomer to type are run as they stand.
namespace quadric {
namespace {

/// The lines of the README's shell blocks that call the program, without their comments.
std::vector<std::string> readme_commands() {
  std::ifstream readme(QUADRIC_SOURCE_DIR "/README.md");
  std::vector<std::string> commands;
  bool in_shell_block = false;
  for (std::string line; std::getline(readme, line);) {
    if (line.rfind("```", 0) == 0) in_shell_block = line == "```sh";
    if (in_shell_block && line.rfind("quadric ", 0) == 0)
      commands.push_back(line.substr(0, line.find("  #")));
  }
  return commands;
}

/// The words of a command line, with "quoted words" taken together.
std::vector<std::string> words(const std::string& command) {
  std::vector<std::string> list;
  std::string word;
  bool quoted = false;
  for (const char c : command + " ") {
    if (c == '"') {
      quoted = !quoted;
    } else if (c == ' ' && !quoted) {
      if (!word.empty()) list.push_back(std::exchange(word, ""));
    } else {
      word += c;
    }
  }
  return list;
}

TEST(Readme, HasACommandOfEveryVerb) {
  std::vector<std::string> verbs;
  for (const std::string& command : readme_commands()) verbs.push_back(words(command).at(1));
  EXPECT_THAT(verbs, ::testing::IsSupersetOf({"fit", "minimize", "analyze", "check", "compare"}));
}

TEST(Readme, CommandsDoWhatTheySay) {
  for (const std::string& command : readme_commands()) {
    SCOPED_TRACE(command);
    std::vector<std::string> arguments = words(command);
    arguments.erase(arguments.begin());
    const bool compares = arguments.front() == "compare";
    if (compares)
      arguments.insert(arguments.end(), {"--max-iterations", "300"});  // gradient descent needs long
    for (std::string& argument : arguments) {
      if (argument.rfind("examples/", 0) == 0) argument.insert(0, QUADRIC_SOURCE_DIR "/");
    }
    const testing::Outcome outcome = testing::run(arguments);
    EXPECT_EQ(outcome.exit_code, compares ? 1 : 0) << outcome.err;
    EXPECT_FALSE(outcome.out.empty());
  }
}

}  // namespace
}  // namespace quadric
