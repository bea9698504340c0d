#include <regex>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cli/browser.hpp"
#include "cli/run_program.hpp"
#include "page/page.hpp"

/// `quadric compare --report`: the page, as a file and as a browser sees it.
namespace quadric::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

/// Functions of two and of other numbers of variables, some of which solvers fail on.
std::string page_of_saddles(const TemporaryFolder& folder) {
  const std::string page = folder.path("saddles.html");
  const Outcome outcome =
      Program({"compare", "--suite", "saddles", "--only", "monkey,double well,tensor", "--starts",
               "ridge,random1", "--solvers", "newton,lbfgs,gradient-descent,ceres-lbfgs", "--max-evaluations",
               "200", "--report", page})
          .wait();
  EXPECT_EQ(outcome.err, "");
  return page;
}

/// What the page's script is given.
nlohmann::json data_of(const std::string& html) {
  const std::string opening = "<script type=\"application/json\" id=\"comparison\">";
  const std::size_t from = html.find(opening) + opening.size();
  return nlohmann::json::parse(html.substr(from, html.find("</script>", from) - from));
}

TEST(ComparisonPage, SaysInWordsWhichSolverToTakeAndWhereEachFails) {
  const TemporaryFolder folder;
  const std::string html = read_text(page_of_saddles(folder));
  EXPECT_THAT(html, AllOf(HasSubstr("On the suite saddles take "), HasSubstr("ceres-lbfgs"),
                          HasSubstr("false successes"), HasSubstr("alone: their times can be compared")));
}

TEST(ComparisonPage, HasTracesProfilesAndMaps) {
  if (!page::draws_charts()) GTEST_SKIP() << "built without Chart.js (libjs-chart.js)";
  const TemporaryFolder folder;
  const nlohmann::json data = data_of(read_text(page_of_saddles(folder)));
  EXPECT_EQ(data["solvers"].size(), 4U);
  EXPECT_EQ(data["criteria"], (std::vector<std::string>{"solved", "1e-3", "1e-6", "1e-9"}));
  int maps = 0;
  for (const nlohmann::json& one : data["cases"]) {
    EXPECT_EQ(one["runs"].size(), 4U);
    EXPECT_EQ(one.contains("map"), one["n"] == 2) << one["p"];
    for (const nlohmann::json& run : one["runs"]) {
      EXPECT_GE(run[9].size(), 1U);
      EXPECT_EQ(run[10].is_null(), one["n"] != 2);
      EXPECT_EQ(run[8] == "", run[1] == 0) << "a failure has a reason";
    }
    if (one.contains("map")) {
      ++maps;
      EXPECT_GE(one["map"]["marks"].size(), 1U) << one["p"];
    }
  }
  EXPECT_GE(maps, 4);
  // The right end of a performance profile is the share that was solved.
  std::vector<double> solved(4, 0.0);
  for (const nlohmann::json& one : data["cases"])
    for (const nlohmann::json& run : one["runs"])
      solved[run[0].get<std::size_t>()] += run[1] == 0 ? 1.0 : 0.0;
  for (std::size_t s = 0; s < solved.size(); ++s) {
    const double share = solved[s] / static_cast<double>(data["cases"].size());
    EXPECT_NEAR(data["profiles"]["evaluations"]["y"][0][s].back().get<double>(), share, 0.001);
  }
}

TEST(ComparisonPage, AsksNothingOfANetwork) {
  const TemporaryFolder folder;
  const std::string html = read_text(page_of_saddles(folder));
  EXPECT_THAT(html, HasSubstr("default-src 'none'"));
  const std::regex loads("(src|href)\\s*=\\s*[\"']", std::regex::icase);
  EXPECT_FALSE(std::regex_search(html.substr(0, html.find("<script")), loads));
}

/// Three profiles, the outcomes, three curves of a problem, and its map.
TEST(ComparisonPage, IsDrawnByABrowser) {
  const TemporaryFolder folder;
  const std::string page = page_of_saddles(folder);
  if (!page::draws_charts()) GTEST_SKIP() << "built without Chart.js (libjs-chart.js)";
  if (!there_is_a_browser()) GTEST_SKIP() << "there is no /usr/bin/chromium";
  const std::string dom = drawn(page, folder);
  EXPECT_THAT(dom, HasSubstr("data-charts=\"8 of 8\""));
  EXPECT_THAT(dom.substr(dom.find("<table id=\"runs\">")), HasSubstr("<td>ceres-lbfgs</td>"));
}

TEST(ComparisonPage, IsDrawnWithoutAProblemOfTwoVariables) {
  const TemporaryFolder folder;
  const std::string page = folder.path("misra.html");
  run({"compare", "--suite", "nist", "--only", "MGH09", "--solvers", "newton,ceres-lm", "--threads", "2",
       "--report", page});
  if (!page::draws_charts()) GTEST_SKIP() << "built without Chart.js (libjs-chart.js)";
  if (!there_is_a_browser()) GTEST_SKIP() << "there is no /usr/bin/chromium";
  const std::string dom = drawn(page, folder);
  EXPECT_THAT(dom, HasSubstr("data-charts=\"7 of 7\""));
}

TEST(ComparisonPage, IsHarmlessWhateverNamesHold) {
  const TemporaryFolder folder;
  const std::string list = folder.file(
      "p.json",
      R"({"problems": [{"name": "</script><script>alert(1)</script>", "function": "(1e3*a)^2+b^4", "start": {"a": 1, "b": 2}}]})");
  const std::string page = folder.path("p.html");
  run({"compare", "--problems", list, "--solvers", "newton,gradient-descent", "--max-iterations", "2",
       "--report", page});
  const std::string html = read_text(page);
  EXPECT_THAT(html, Not(HasSubstr("<script>alert")));
  EXPECT_THAT(html, HasSubstr("&lt;script&gt;alert(1)"));
}

TEST(ComparisonPage, ThatCanNotBeWrittenIsSaidBeforeTheRuns) {
  const Outcome outcome = run({"compare", "--suite", "nist", "--report", "/nowhere/page.html"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("--report"), HasSubstr("/nowhere/page.html")));
}

}  // namespace
}  // namespace quadric::testing
