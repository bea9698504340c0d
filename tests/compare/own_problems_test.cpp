#include <filesystem>
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quadric/base/misuse.hpp"
#include "quadric/compare/comparison.hpp"
#include "quadric/compare/suites.hpp"
#include "quadric/solvers/gauss_newton.hpp"
#include "quadric/solvers/newton.hpp"

/// Problems of one's own: lists in JSON, and shared libraries.
namespace quadric {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "quadric-problems-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(folder_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::filesystem::path file(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name) << text;
    return folder_ / name;
  }

 private:
  std::filesystem::path folder_;
};

std::string complaint(const std::filesystem::path& file) {
  try {
    read_problems(file);
  } catch (const Misuse& error) {
    return error.what();
  }
  return "";
}

std::string library_complaint(const std::filesystem::path& library) {
  try {
    library_problems(library);
  } catch (const Misuse& error) {
    return error.what();
  }
  return "";
}

TEST(ReadProblems, TakesFunctionsFitsAndSeveralStarts) {
  const Folder folder;
  folder.file("line.csv", "x,y\n0,1\n1,3\n2,5\n");
  const auto list = folder.file("list.json", R"({"problems": [
      {"name": "valley", "function": "100*(y-x^2)^2+(1-x)^2", "start": {"x": -1.2, "y": 1}, "minima": [0],
       "bounds": {"x": [null, 2]}},
      {"name": "line", "data": "line.csv", "model": "a+b*x", "starts": {"near": {"a": 0, "b": 1}, "far": {"b": -9, "a": 50}},
       "solution": {"b": 2, "a": 1}}]})");
  const std::vector<Case> cases = read_problems(list);
  ASSERT_EQ(cases.size(), 3U);
  EXPECT_EQ(cases[0].function.bounds().upper()[0], 2.0);
  EXPECT_EQ(cases[0].function.bounds().lower()[1], -Bounds::none);
  EXPECT_EQ(cases[2].start, "far");
  EXPECT_EQ(cases[2].from, Vector({{50.0, -9.0}}));
  EXPECT_EQ(cases[2].certified, Vector({{1.0, 2.0}}));
  const Comparison runs = compare(cases, {Newton{}, GaussNewton{}});
  EXPECT_EQ(runs.runs.size(), 5U);
  EXPECT_TRUE(runs.all_solved()) << runs;
}

TEST(ReadProblems, SaysWhatIsWrongAndWhere) {
  const Folder folder;
  const auto of = [&folder](const std::string& problem) {
    return complaint(folder.file("list.json", "{\"problems\": [" + problem + "]}"));
  };
  EXPECT_THAT(complaint("/nowhere/list.json"), HasSubstr("cannot read '/nowhere/list.json'"));
  EXPECT_THAT(complaint(folder.file("a.json", "{")), HasSubstr("not valid JSON"));
  EXPECT_THAT(complaint(folder.file("b.json", "[]")), HasSubstr("has no list of problems"));
  EXPECT_THAT(of(R"({"name": "n", "function": "x^2"})"),
              AllOf(HasSubstr("list.json', problem 1 'n'"), HasSubstr("either a 'start'")));
  EXPECT_THAT(of(R"({"function": "x^2", "strat": {"x": 1}})"), HasSubstr("'strat'; did you mean 'start'?"));
  EXPECT_THAT(of(R"({"function": "x^2 + z", "start": {"x": 1}})"), HasSubstr("z"));
  EXPECT_THAT(of(R"({"function": "x^2", "start": {"x": "1"}})"), HasSubstr("'start.x' is not a number"));
  EXPECT_THAT(of(R"({"start": {"x": 1}})"), HasSubstr("one of 'function', 'data' and 'library'"));
  EXPECT_THAT(of(R"({"function": "x^2", "start": {"x": 1}, "bounds": {"y": [0, 1]}})"),
              HasSubstr("names 'y'"));
  EXPECT_THAT(of(R"({"function": "x^2", "start": {"x": 1}, "solution": {"y": 1}})"), HasSubstr("lacks 'x'"));
  EXPECT_THAT(of(R"({"data": "none.csv", "model": "a*x", "start": {"a": 1}})"), HasSubstr("none.csv"));
  EXPECT_THAT(of(R"({"library": "none.so"})"), HasSubstr("none.so"));
}

TEST(ProblemLibrary, IsSolvedWithItsHessianAndWithout) {
  const std::vector<Case> cases = library_problems(QUADRIC_PROBLEM_LIBRARY);
  ASSERT_EQ(cases.size(), 2U);
  EXPECT_EQ(cases[0].problem, "Rosenbrock in C");
  EXPECT_EQ(cases[0].minima, std::vector<double>{0.0});
  EXPECT_EQ(cases[0].function.provider().second, "analytic");
  EXPECT_NE(cases[1].function.provider().second, "analytic");
  EXPECT_EQ(cases[1].function.bounds().upper(), Vector({{0.5, Bounds::none}}));
  const Comparison runs = compare(cases, {Newton{}});
  EXPECT_TRUE(runs.all_solved()) << runs;
  EXPECT_NEAR(runs.runs[1].result.value, 0.25, 1e-9);  // (1 − x)² at the bound x = 0.5
}

/// Where its function says that it can not be evaluated, a step is shortened.
TEST(ProblemLibrary, MayRefuseAPoint) {
  const Case item = library_problems(QUADRIC_PROBLEM_LIBRARY)[0];
  EXPECT_THROW(item.function.objective().value(Vector{{100.0, 0.0}}), std::runtime_error);
}

TEST(ProblemLibrary, SaysWhatIsWrongWithIt) {
  const Folder folder;
  EXPECT_THAT(library_complaint("/nowhere/mine.so"), HasSubstr("there is no library '/nowhere/mine.so'"));
  EXPECT_THAT(library_complaint(folder.file("text.so", "no library")), HasSubstr("cannot open the library"));
  EXPECT_THAT(library_complaint(QUADRIC_PROBLEM_LIBRARY_OLD),
              AllOf(HasSubstr("problem 0"), HasSubstr("version 7"), HasSubstr("knows version 1")));
  EXPECT_THAT(library_complaint(QUADRIC_PROBLEM_LIBRARY_BARE),
              HasSubstr("has no function 'quadric_problem_at'"));
}

}  // namespace
}  // namespace quadric
