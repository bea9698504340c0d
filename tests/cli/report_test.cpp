#include <map>
#include <regex>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cli/browser.hpp"
#include "cli/run_program.hpp"
#include "page/page.hpp"

/// `quadric fit --report`: the page, as a file and as a browser sees it.
namespace quadric::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string nist = QUADRIC_SOURCE_DIR "/examples/data/nist/";

std::string misra_page(const TemporaryFolder& folder) {
  const std::string page = folder.path("misra.html");
  const Outcome outcome = Program({"fit", nist + "Misra1a.csv", "--model", "b1*(1-exp(-b2*x))", "--start",
                                   "b1=500,b2=1e-4", "--report", page})
                              .wait();
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  return page;
}

TEST(Report, HoldsWhatTheFitFound) {
  const TemporaryFolder folder;
  const std::string html = read_text(misra_page(folder));
  EXPECT_THAT(html,
              AllOf(HasSubstr("238.9421"), HasSubstr("certificate: minimum"), HasSubstr("Durbin"),
                    HasSubstr("Correlations of the parameters"), HasSubstr("The data determine every")));
  if (page::draws_charts()) {
    EXPECT_THAT(html, AllOf(HasSubstr("Profile of b2"), HasSubstr("95 % of a new observation")));
  } else {
    EXPECT_THAT(html, HasSubstr("Chart.js was not found"));
  }
}

TEST(Report, AsksNothingOfANetwork) {
  const TemporaryFolder folder;
  const std::string html = read_text(misra_page(folder));
  EXPECT_THAT(html, HasSubstr("default-src 'none'"));
  const std::regex loads("(src|href)\\s*=\\s*[\"']", std::regex::icase);
  const std::string before_scripts = html.substr(0, html.find("<script"));
  EXPECT_FALSE(std::regex_search(before_scripts, loads));
}

TEST(Report, IsDrawnByABrowser) {
  const TemporaryFolder folder;
  const std::string page = misra_page(folder);
  if (!page::draws_charts()) GTEST_SKIP() << "built without Chart.js (libjs-chart.js)";
  if (!there_is_a_browser()) GTEST_SKIP() << "there is no /usr/bin/chromium";
  EXPECT_THAT(drawn(page, folder), HasSubstr("data-charts=\"7 of 7\""));
}

TEST(Report, HasLegendsOfPointsLinesAndBoxes) {
  const TemporaryFolder folder;
  const std::string html = read_text(misra_page(folder));
  if (!page::draws_charts()) GTEST_SKIP() << "built without Chart.js (libjs-chart.js)";
  EXPECT_THAT(html, HasSubstr("usePointStyle: true"));
  const std::size_t begin = html.find("id=\"configurations\">");
  ASSERT_NE(begin, std::string::npos);
  const std::size_t from = html.find('[', begin);
  const auto charts = nlohmann::json::parse(html.substr(from, html.find("</script>", from) - from));
  std::map<std::string, std::string> marks;
  for (const auto& set : charts.at(0).at("data").at("datasets"))
    marks[set.at("label").get<std::string>()] = set.at("pointStyle").get<std::string>();
  EXPECT_EQ(marks.at("data"), "circle");
  EXPECT_EQ(marks.at("fitted"), "line");
  EXPECT_EQ(marks.at("95 % of the curve"), "rect");
}

/// A fit with these options more, of a line through points of which one lies far off.
std::string line_page(const TemporaryFolder& folder, const std::vector<std::string>& more) {
  const std::string data =
      folder.file("line.csv", "x,y\n0,1.1\n1,1.9\n2,3.2\n3,3.9\n4,25\n5,6.1\n6,6.8\n7,8.1\n");
  std::vector<std::string> all = {"fit",     data,          "--model",  "a+b*x",
                                  "--start", "a=0.5,b=0.5", "--report", folder.path("line.html")};
  all.insert(all.end(), more.begin(), more.end());
  const Outcome outcome = Program(all).wait();
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  return folder.path("line.html");
}

/// What stands before the scripts: the texts, and the titles of the charts.
std::string before_scripts(const std::string& html) { return html.substr(0, html.find("<script")); }

/// The rows of the table of parameters, without marks.
std::string parameter_table(const std::string& html) {
  const std::size_t from = html.find("<table>", html.find("<h2>Parameters</h2>"));
  return std::regex_replace(html.substr(from, html.find("</table>", from) - from), std::regex("<[^>]*>"),
                            " ");
}

void expect_drawn(const std::string& page, const TemporaryFolder& folder, const std::string& charts) {
  if (page::draws_charts() && there_is_a_browser()) {
    EXPECT_THAT(drawn(page, folder), HasSubstr("data-charts=\"" + charts + "\""));
  }
}

/// Without normal errors nothing is said of new observations, profiles, or errors but the sandwich's.
TEST(Report, OfAFitUnderALossLeavesOutWhatHasNoMeaning) {
  const TemporaryFolder folder;
  const std::string page = line_page(folder, {"--loss", "cauchy:0.5"});
  const std::string html = before_scripts(read_text(page)), table = parameter_table(html);
  EXPECT_THAT(html, AllOf(HasSubstr("residuals count by a loss"), HasSubstr("too far off lies observation 5"),
                          Not(HasSubstr("Profile of")), Not(HasSubstr("a new observation ±"))));
  EXPECT_THAT(table, AllOf(HasSubstr("sandwich"), Not(HasSubstr("standard error")), Not(HasSubstr("profile")),
                           Not(HasSubstr("nan"))));
  expect_drawn(page, folder, "5 of 5");
}

/// A parameter that a bound holds has no error, and no profile.
TEST(Report, OfAFitWithinBoundsSaysNothingOfWhatTheyHold) {
  const TemporaryFolder folder;
  const std::string page = line_page(folder, {"--bounds", "b=:1"});
  const std::string html = before_scripts(read_text(page)), table = parameter_table(html);
  EXPECT_THAT(html, AllOf(HasSubstr("1 variable held by bounds"), Not(HasSubstr("Profile of b"))));
  EXPECT_THAT(table, AllOf(HasSubstr("held by a bound"), Not(HasSubstr("nan"))));
  if (page::draws_charts()) {
    EXPECT_THAT(html, HasSubstr("Profile of a"));
  }
  expect_drawn(page, folder, "6 of 6");
}

TEST(Report, OfFixedTiedAndScaledParametersSaysWhatTheyAre) {
  const TemporaryFolder folder;
  const std::string page =
      line_page(folder, {"--fix", "a=1", "--log-scale", "b", "--tie", "twice=2*b", "--intervals", "profile"});
  const std::string html = before_scripts(read_text(page)), table = parameter_table(html);
  EXPECT_THAT(html, HasSubstr("a = 1 is fixed, b is on a log scale, twice = 2*b is tied"));
  EXPECT_THAT(table, AllOf(HasSubstr("a  1  fixed"), Not(HasSubstr("nan"))));
  if (page::draws_charts()) {
    EXPECT_THAT(html, AllOf(HasSubstr("Profile of b"), HasSubstr("Profile of twice"),
                            Not(HasSubstr("Profile of a"))));
  }
  expect_drawn(page, folder, "7 of 7");
}

/// Names of files and columns may hold anything, and a fit may leave numbers open.
TEST(Report, IsHarmlessWhateverTheTextsHold) {
  const TemporaryFolder folder;
  const std::string data =
      folder.file("<script>alert(1)<!--.csv", "x,z,y\n0,1,1\n1,2,2.1\n2,1,2.9\n3,2,4.2\n4,1,5\n5,2,6.1\n");
  const std::string page = folder.path("page.html");
  const Outcome outcome =
      Program({"fit", data, "--model", "a+b*x+c+d*z", "--start", "a=1,b=1,c=1,d=0", "--report", page}).wait();
  const std::string html = read_text(page);
  EXPECT_THAT(html, AllOf(HasSubstr("&lt;script&gt;alert(1)"), Not(HasSubstr("<script>alert"))))
      << outcome.err;
  EXPECT_THAT(html, HasSubstr("Not determined by the data"));
  if (page::draws_charts()) {
    EXPECT_THAT(html, HasSubstr("Observed against fitted"));
    if (there_is_a_browser()) {
      EXPECT_THAT(drawn(page, folder), HasSubstr("data-charts=\""));
    }
  }
}

TEST(Report, ThatCanNotBeWrittenIsSaidBeforeTheFit) {
  const Outcome outcome = Program({"fit", nist + "Misra1a.csv", "--model", "b1*(1-exp(-b2*x))", "--start",
                                   "b1=500,b2=1e-4", "--report", "/nowhere/page.html"})
                              .wait();
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_EQ(outcome.out, "");
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("--report"), HasSubstr("/nowhere/page.html")));
}

}  // namespace
}  // namespace quadric::testing
