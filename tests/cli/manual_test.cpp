#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/run_program.hpp"

/// The manual pages and the completion that are installed: made by the program of what `--help` says.
namespace quadric {
namespace {

using ::testing::HasSubstr;
using testing::run;

/// The verbs that `quadric --help` lists.
std::vector<std::string> verbs() {
  std::istringstream help(run({"--help"}).out);
  std::vector<std::string> names;
  bool in_list = false;
  for (std::string line; std::getline(help, line);) {
    if (in_list && line.starts_with("  ") && line.size() > 2 && line[2] != ' ')
      names.push_back(line.substr(2, line.find(' ', 2) - 2));
    in_list = line == "Subcommands:" || (in_list && line.starts_with("  "));
  }
  return names;
}

/// The options at the beginning of lines of a verb's help.
std::vector<std::string> options(const std::string& verb) {
  std::istringstream help(run({verb, "--help"}).out);
  std::vector<std::string> names;
  for (std::string line; std::getline(help, line);) {
    if (line.starts_with("  --")) names.push_back(line.substr(2, line.find(' ', 2) - 2));
  }
  return names;
}

/// As troff has it: every hyphen escaped.
std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) result += c == '-' ? std::string("\\-") : std::string(1, c);
  return result;
}

int run_bash(const std::string& script) {
  const testing::TemporaryFolder folder;
  return std::system(("bash '" + folder.file("script", script) + "'").c_str());
}

class Manual : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(run({"manual", folder_.path("pages")}).exit_code, 0); }
  std::string page(const std::string& name) const {
    return testing::read_text(folder_.path("pages/" + name + ".1"));
  }
  testing::TemporaryFolder folder_;
};

TEST_F(Manual, HasAPageOfEveryVerbWithAllOfItsOptions) {
  ASSERT_THAT(verbs(), ::testing::IsSupersetOf({"fit", "minimize", "analyze", "check", "compare"}));
  const std::string first = page("quadric");
  for (const std::string& verb : verbs()) {
    SCOPED_TRACE(verb);
    EXPECT_THAT(first, HasSubstr(".TP\n\\fBquadric " + verb + "\\fR"));
    const std::string own = page("quadric-" + verb);
    for (const char* title : {"NAME", "SYNOPSIS", "OPTIONS", "EXIT STATUS", "EXAMPLES", "SEE ALSO"})
      EXPECT_THAT(own, HasSubstr(std::string(".SH ") + title + "\n"));
    const std::vector<std::string> known = options(verb);
    EXPECT_GE(known.size(), 2U);
    for (const std::string& option : known) EXPECT_THAT(own, HasSubstr("\\fB" + escaped(option) + "\\fR"));
  }
}

TEST_F(Manual, IsWhatManCanPrint) {
  if (std::system("command -v groff >/dev/null") != 0) GTEST_SKIP() << "there is no groff";
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path("pages"))) {
    if (entry.path().extension() != ".1") continue;
    const std::string complaints = folder_.path("complaints");
    const std::string command =
        "groff -ww -b -z -man -Tutf8 -K utf8 '" + entry.path().string() + "' 2>'" + complaints + "'";
    EXPECT_EQ(std::system(command.c_str()), 0) << entry.path();
    EXPECT_EQ(testing::read_text(complaints), "") << entry.path();
  }
}

TEST_F(Manual, CompletesVerbsOptionsAndNames) {
  const auto completed = [this](const std::string& words) {
    const std::string answer = folder_.path("answer");
    const std::string script = "source '" + folder_.path("pages/quadric.bash") + "'; COMP_WORDS=(quadric " +
                               words + "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _quadric; echo " +
                               "\"${COMPREPLY[*]}\" >'" + answer + "'";
    EXPECT_EQ(run_bash(script), 0);
    return testing::read_text(answer);
  };
  EXPECT_EQ(completed("min"), "minimize\n");
  EXPECT_EQ(completed("fit --los"), "--loss\n");
  EXPECT_EQ(completed("compare --suite ni"), "nist\n");
  EXPECT_THAT(completed("fit --solver gauss-newton-d"), HasSubstr("gauss-newton-dogleg"));
  EXPECT_THAT(completed("minimize --"), ::testing::Not(HasSubstr("--model")));
}

TEST(ManualMisuse, NamesAFolderThatCanNotBeMade) {
  const testing::TemporaryFolder folder;
  const testing::Outcome outcome = run({"manual", folder.file("file", "") + "/pages"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("cannot make the folder"));
}

}  // namespace
}  // namespace quadric
