#include <regex>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
  const std::string dom = drawn(page, folder);
  if (dom.empty()) GTEST_SKIP() << "there is no /usr/bin/chromium";
  EXPECT_THAT(dom, HasSubstr("data-charts=\"7 of 7\""));
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
    const std::string dom = drawn(page, folder);
    if (!dom.empty()) {
      EXPECT_THAT(dom, HasSubstr("data-charts=\""));
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
