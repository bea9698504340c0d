// Every bad input ends with exit code 2 and a message of its own, with nothing on stdout and nothing written.

#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/run_program.hpp"

namespace quadric::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

using Arguments = std::vector<std::string>;

struct Mistake {
  std::string name;
  Arguments arguments;                 ///< FOLDER stands for the folder of the test's files
  std::vector<std::string> says = {};  ///< what the message holds
};

/// How GoogleTest shows one.
void PrintTo(const Mistake& mistake, std::ostream* stream) { *stream << mistake.name; }  // NOLINT: its name

std::string in_folder(std::string text, const std::string& folder) {
  constexpr std::string_view word = "FOLDER";
  for (auto at = text.find(word); at != std::string::npos; at = text.find(word))
    text.replace(at, word.size(), folder);
  return text;
}

class Misused : public ::testing::TestWithParam<Mistake> {};

TEST_P(Misused, IsExitCodeTwoWithItsReason) {
  const TemporaryFolder data, output;
  data.file("decay.csv", "time,reading\n0,2.1\n1,1.2\n2,0.7\n3,0.45\n");
  data.file("ragged.csv", "x,y\n1,2\n3\n");
  data.file("words.csv", "x,y\n1,2\n3,abc\n");
  data.file("empty.csv", "");
  data.file("xy.csv", "x,y\n1,2\n2,3\n3,5\n");
  Arguments arguments;
  for (const std::string& argument : GetParam().arguments)
    arguments.push_back(in_folder(argument, data.path("")));
  const bool may_write = arguments.size() > 2;
  if (may_write) arguments.insert(arguments.end(), {"--json", output.path("result.json")});

  const Outcome outcome = run(arguments);
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.out, IsEmpty());
  EXPECT_THAT(outcome.err, StartsWith("quadric: "));
  for (const std::string& words : GetParam().says)
    EXPECT_THAT(outcome.err, HasSubstr(in_folder(words, data.path(""))));
  EXPECT_TRUE(output.is_empty());
}

Arguments fit(const std::string& file, const std::string& model, const std::string& start,
              const Arguments& more = {}) {
  Arguments arguments = {"fit", "FOLDER" + file, "--model", model, "--start", start};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

Arguments minimize(const std::string& function, const std::string& start, const Arguments& more = {}) {
  Arguments arguments = {"minimize", "--function", function, "--start", start};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

Arguments analyze(const std::string& function, const std::string& at) {
  return {"analyze", "--function", function, "--at", at};
}

const std::string decay = "a*exp(-k*time)";

INSTANTIATE_TEST_SUITE_P(
    Data, Misused,
    ::testing::Values(
        Mistake{
            "Missing", fit("none.csv", decay, "a=1,k=1"), {"cannot read 'FOLDERnone.csv'", "No such file"}},
        Mistake{"Folder", fit("", decay, "a=1,k=1"), {"cannot read", "directory"}},
        Mistake{"Empty", fit("empty.csv", decay, "a=1,k=1"), {"is empty"}},
        Mistake{"Ragged",
                fit("ragged.csv", "a*x", "a=1"),
                {"ragged.csv:3: 1 field, but the header has 2 columns"}},
        Mistake{"NotANumber",
                fit("words.csv", "a*x", "a=1"),
                {"words.csv:3: column 2 ('y'): 'abc' is not a number"}},
        Mistake{"TooFewObservations",
                fit("xy.csv", "a+b*x+c*x^2+d*x^3", "a=1,b=1,c=1,d=1"),
                {"4 parameters can not be told from 3 observations"}},
        Mistake{"NegativeWeight", fit("xy.csv", "a*x", "a=1", {"--weights", "x-2"}), {"weight", "negative"}},
        Mistake{"NonFiniteResponse",
                fit("xy.csv", "a*x", "a=1", {"--response", "log(x-1)"}),
                {"the response 'log(x-1)' is not finite at observation 1"}}),
    [](const auto& tested) { return tested.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Parameters, Misused,
    ::testing::Values(
        Mistake{"FixedWithoutAValue",
                fit("decay.csv", decay, "a=1", {"--fix", "k"}),
                {"--fix: 'k' has no start to be held at; write k=VALUE"}},
        Mistake{"FixedTwice",
                fit("decay.csv", decay, "a=1,k=1", {"--fix", "k=1,k=2"}),
                {"--fix: 'k' is fixed already"}},
        Mistake{"FixedAndTied",
                fit("decay.csv", decay, "a=1,k=1", {"--fix", "k", "--tie", "k=a"}),
                {"--tie: 'k' is fixed already"}},
        Mistake{"FixedAll",
                fit("decay.csv", decay, "a=1,k=1", {"--fix", "a,k"}),
                {"leave no parameter to be found"}},
        Mistake{"FixedOutsideOfItsBounds",
                fit("decay.csv", decay, "a=1,k=1", {"--fix", "k", "--bounds", "k=2:3"}),
                {"'k' is fixed at 1, outside of its bounds"}},
        Mistake{"FixedButNotUsed",
                fit("decay.csv", decay, "a=1,k=1", {"--fix", "kk=2"}),
                {"the start gives kk, which --model does not use"}},
        Mistake{"TiedWithoutAFormula",
                fit("decay.csv", decay, "a=1", {"--tie", "k"}),
                {"--tie: 'k' lacks a formula; write k=FORMULA"}},
        Mistake{"TiedToNobody",
                fit("decay.csv", decay, "alpha=1", {"--tie", "a=alhpa", "--tie", "k=1"}),
                {"--tie: the expression uses the unknown name 'alhpa'; did you mean 'alpha'?", "^"}},
        Mistake{"TiedInACircle",
                fit("decay.csv", "a*exp(-k*time)+c", "c=1", {"--tie", "a=2*k", "--tie", "k=a/2"}),
                {"--tie: ties go round in a circle: a → k → a"}},
        Mistake{"TiedWithinBounds",
                fit("decay.csv", decay, "a=1", {"--tie", "k=a", "--bounds", "k=0:1"}),
                {"the bounds of 'k' can not be kept, as it is tied: k = a"}},
        Mistake{"LogOfNobody",
                fit("decay.csv", decay, "a=1,k=1", {"--log-scale", "b"}),
                {"--log-scale: there is no parameter 'b'"}},
        Mistake{"LogOfZero",
                fit("decay.csv", decay, "a=1,k=0", {"--log-scale", "k"}),
                {"--start: 'k' = 0 has no place on its log scale: it must be above 0"}},
        Mistake{"LogWithinBoundsFromZero",
                fit("decay.csv", decay, "a=1,k=1", {"--log-scale", "k", "--bounds", "k=0:9"}),
                {"'k' is on a log scale, and its bound 0 is not above 0"}},
        Mistake{"LogInABoxFromZero",
                fit("decay.csv", decay, "a=1,k=1", {"--log-scale", "k", "--starts", "3", "--box", "k=0:9"}),
                {"--box: 'k' is on a log scale, and its box reaches 0"}},
        Mistake{"FixedInABox",
                fit("decay.csv", decay, "a=1,k=1", {"--fix", "k", "--starts", "3", "--box", "k=1:9"}),
                {"--box: 'k' is fixed"}},
        Mistake{"LogitOfOpenRange",
                fit("decay.csv", decay, "a=1,k=1", {"--logit", "k=0:"}),
                {"--logit: the logit scale of 'k' needs two finite ends"}},
        Mistake{"LogitOfStartOutside",
                fit("decay.csv", decay, "a=1,k=1", {"--logit", "k=0:0.5"}),
                {"--start: 'k' = 1 has no place on its logit 0:0.5 scale"}}),
    [](const auto& tested) { return tested.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Names, Misused,
    ::testing::Values(
        Mistake{"ColumnMisspelt",
                fit("decay.csv", "a*exp(-k*tiem)", "a=1,k=1"),
                {"--model: the expression uses the unknown name 'tiem'; did you mean 'time'?", "^"}},
        Mistake{"ParameterMisspelt",
                fit("decay.csv", "ampl*exp(-k*time)", "amplitude=1,ampll=1,k=1"),
                {"'ampl'; did you mean 'ampll'?"}},
        Mistake{"FunctionAsName", minimize("x*log", "x=1"), {"'log', which is a function: write log(...)"}},
        Mistake{"UnknownFunction",
                minimize("sinn(x)", "x=1"),
                {"--function: ", "there is no function 'sinn'; did you mean 'sin'?"}},
        Mistake{"StartLacksOne",
                fit("xy.csv", "b1*(1-exp(-b2*x))", "b1=500"),
                {"the start lacks b2: give --start b1=500,b2=VALUE", "the columns of FOLDERxy.csv are x, y"}},
        Mistake{"StartLacksTwo",
                minimize("a^2+b^2+c^2", "b=1"),
                {"the start lacks a, c: give --start b=1,a=VALUE,c=VALUE"}},
        Mistake{"PointLacksOne", analyze("x^2+y^2", "x=0"), {"the point lacks y: give --at x=0,y=VALUE"}},
        Mistake{
            "StartNotUsed", minimize("x^2", "x=1,y=2"), {"the start gives y, which --function does not use"}},
        Mistake{
            "PointNotUsed", analyze("x^2", "x=1,y=2"), {"the point gives y, which --function does not use"}},
        Mistake{"ParameterIsColumn",
                fit("xy.csv", "a*x", "a=1,x=2"),
                {"--start: 'x' is a column of FOLDERxy.csv"}},
        Mistake{"ResponseOfUnknownColumn",
                fit("decay.csv", decay, "a=1,k=1", {"--response", "log(readin)"}),
                {"--response: ", "did you mean 'reading'?"}},
        Mistake{"WeightsOfUnknownColumn",
                fit("decay.csv", decay, "a=1,k=1", {"--weights", "reding"}),
                {"--weights: ", "did you mean 'reading'?"}},
        Mistake{"Solver",
                minimize("x^2", "x=1", {"--solver", "newtn"}),
                {"solver 'newtn'", "did you mean 'newton'?"}},
        Mistake{"SolverThatNeedsResiduals",
                minimize("x^2", "x=1", {"--solver", "gauss-newton"}),
                {"gauss-newton", "needs residuals"}},
        Mistake{"Suite", {"compare", "--suite", "nits"}, {"there is no suite 'nits'; did you mean 'nist'?"}},
        Mistake{"SolverOfComparison",
                {"compare", "--suite", "nist", "--solvers", "newton,gaus-newton"},
                {"solver 'gaus-newton'", "did you mean 'gauss-newton'?"}},
        Mistake{"SolverTwice",
                {"compare", "--suite", "nist", "--solvers", "newton,newton"},
                {"'newton' is given twice"}},
        Mistake{"NoSolverBesideComma",
                {"compare", "--suite", "nist", "--solvers", "newton,"},
                {"a name is missing"}},
        Mistake{"SuiteThatNoSolverTakes",
                {"compare", "--suite", "saddles", "--solvers", "gauss-newton"},
                {"--solvers: all of them need residuals", "'saddles'"}},
        Mistake{"DataOfSuite",
                {"compare", "--suite", "nist", "--data", "FOLDERnone"},
                {"cannot read", "certified.json"}},
        Mistake{"SuiteTwice", {"compare", "--suite", "nist,nist"}, {"'nist' is given twice"}},
        Mistake{"StartOfNoSuite",
                {"compare", "--suite", "mgh", "--starts", "x1,x5"},
                {"--starts: there is no 'x5'; did you mean 'x1'?"}},
        Mistake{"ProblemOfNoSuite",
                {"compare", "--suite", "mgh", "--only", "Rosenbrok"},
                {"--only: there is no 'Rosenbrok'; did you mean 'Rosenbrock'?"}},
        Mistake{"Tolerance",
                {"compare", "--suite", "mgh", "--tolerances", "1e-3,0"},
                {"--tolerances: '0' is not above 0"}},
        Mistake{"ModelWithoutData",
                {"compare", "--model", "a*x", "--start", "a=1"},
                {"--model: lacks its data", "--data"}},
        Mistake{"FunctionWithoutStart", {"compare", "--function", "x^2"}, {"--function: lacks a start"}},
        Mistake{"StartWithoutFunction",
                {"compare", "--suite", "mgh", "--start", "x=1"},
                {"--start: goes with --function or --model only"}},
        Mistake{"NoProblemFile", {"compare", "--problems", "/nowhere.json"}, {"cannot read '/nowhere.json'"}},
        Mistake{"NoLibrary", {"compare", "--library", "/nowhere.so"}, {"there is no library '/nowhere.so'"}},
        Mistake{"LogLevel",
                minimize("x^2", "x=1", {"--log-level", "inf"}),
                {"no level 'inf'; did you mean 'info'?"}}),
    [](const auto& tested) { return tested.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Values, Misused,
    ::testing::Values(
        Mistake{"NotANumber", minimize("x^2", "x=abc"), {"--start: 'abc' is not a number (x)"}},
        Mistake{"TrailingText", minimize("x^2", "x=1.5m"), {"--start: '1.5m' is not a number (x)"}},
        Mistake{"NoValue", minimize("x^2", "x"), {"--start: 'x' lacks a value; write x=VALUE"}},
        Mistake{"EmptyValue", minimize("x^2", "x="), {"--start: '' is not a number (x)"}},
        Mistake{"NotFinite", minimize("x^2", "x=inf"), {"--start: 'inf' is not a finite number (x)"}},
        Mistake{"Nan", analyze("x^2", "x=nan"), {"--at: 'nan' is not a finite number (x)"}},
        Mistake{"OutOfRange", minimize("x^2", "x=1e999"), {"--start: '1e999' is out of range (x)"}},
        Mistake{"Twice", minimize("x^2", "x=1,x=2"), {"--start: 'x' is given twice"}},
        Mistake{"NotAName", minimize("x^2", "2x=1"), {"--start: '2x' is not a name"}},
        Mistake{"Empty", minimize("x^2", ""), {"--start"}},
        Mistake{"CommaTooMany", minimize("x^2", "x=1,"), {"--start: a NAME=VALUE is missing"}},
        Mistake{"Iterations",
                minimize("x^2", "x=1", {"--max-iterations", "many"}),
                {"--max-iterations: 'many' is not a whole number of at least 0"}},
        Mistake{"NegativeIterations",
                minimize("x^2", "x=1", {"--max-iterations", "-1"}),
                {"--max-iterations: '-1'"}},
        Mistake{"Seconds",
                minimize("x^2", "x=1", {"--max-seconds", "0"}),
                {"--max-seconds: '0' is not above 0"}}),
    [](const auto& tested) { return tested.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Formulas, Misused,
    ::testing::Values(
        Mistake{"Syntax", minimize("x^2+*y", "x=1,y=1"), {"--function: ", "\n  x^2+*y\n      ^"}},
        Mistake{"SyntaxOfModel", fit("xy.csv", "a*(x", "a=1"), {"--model: ", "is never closed", "^"}},
        Mistake{"EmptyModel", fit("xy.csv", "", "a=1"), {"--model"}},
        Mistake{"NotFiniteAtStart",
                minimize("log(x)", "x=-1"),
                {"can not be evaluated at the start", "the value is", "x = (-1)"}},
        Mistake{
            "GradientNotFiniteAtStart", minimize("sqrt(x)", "x=0"), {"can not be evaluated at the start"}},
        Mistake{"ResidualNotFiniteAtStart",
                fit("decay.csv", "a*log(k*(time-1))", "a=1,k=1"),
                {"can not be evaluated at the start"}},
        Mistake{"ResidualNotFiniteAtStartForCeres",
                fit("decay.csv", "a*log(k*(time-1))", "a=1,k=1", {"--solver", "ceres-lm"}),
                {"can not be evaluated at the start"}},
        Mistake{"NotFiniteAtPoint", analyze("log(x)", "x=-1"), {"the value is", "at x = -1"}}),
    [](const auto& tested) { return tested.param.name; });

INSTANTIATE_TEST_SUITE_P(
    CommandLine, Misused,
    ::testing::Values(
        Mistake{"Nothing", {}, {"a verb is missing: fit, minimize, analyze, check, compare, replay or diff"}},
        Mistake{"UnknownVerb", {"frob"}, {"there is no verb 'frob'", "minimize"}},
        Mistake{"MisspeltVerb",
                {"minimise", "--function", "x^2"},
                {"no verb 'minimise'; did you mean 'minimize'?"}},
        Mistake{"VerbOfLaterVersions", {"solve", "FOLDERxy.csv"}, {"there is no verb 'solve'"}},
        Mistake{"UnknownOption",
                {"fit", "FOLDERxy.csv", "--modle", "a*x", "--start", "a=1"},
                {"fit: there is no option '--modle'; did you mean '--model'?", "quadric fit --help"}},
        Mistake{"UnknownGlobalOption", {"--versoin"}, {"no option '--versoin'; did you mean '--version'?"}},
        Mistake{
            "SecondFile", fit("xy.csv", "a*x", "a=1", {"more.csv"}), {"no use for the argument 'more.csv'"}},
        Mistake{"OptionTwice", minimize("x^2", "x=1", {"--start", "x=2"}), {"--start"}},
        Mistake{"OptionWithoutValue",
                {"minimize", "--start", "x=1", "--function"},
                {"--function: a value is missing before --json"}},
        Mistake{"OptionWithoutValueAtTheEnd", {"minimize", "--function"}, {"--function"}},
        Mistake{"NoData", {"fit", "--model", "a*x", "--start", "a=1"}, {"DATA is required"}},
        Mistake{"NoModel", {"fit", "FOLDERxy.csv", "--start", "a=1"}, {"--model is required"}},
        Mistake{"NoStart", {"fit", "FOLDERxy.csv", "--model", "a*x"}, {"--start is required"}},
        Mistake{"NoFunction", {"minimize", "--start", "x=1"}, {"--function is required"}},
        Mistake{"NoPoint", {"analyze", "--function", "x^2"}, {"--at is required"}},
        Mistake{"NothingToCheck", {"check", "--at", "x=1"}, {"give --function, or DATA and --model"}},
        Mistake{"NoPointToCheck", {"check", "--function", "x^2"}, {"--at is required"}},
        Mistake{"ModelWithoutData",
                {"check", "--function", "x^2", "--model", "a*x", "--at", "x=1"},
                {"check: --model needs DATA"}},
        Mistake{"DataAndFunction",
                {"check", "FOLDERxy.csv", "--function", "a", "--at", "a=1"},
                {"--function has no use for the data"}},
        Mistake{"DataWithoutModel", {"check", "FOLDERxy.csv", "--at", "a=1"}, {"--model is required"}},
        Mistake{"NoPoints",
                {"check", "--function", "x^2", "--at", "x=1", "--points", "0"},
                {"--points: '0' is not at least 1"}},
        Mistake{"NotFiniteAtThePoint",
                {"check", "--function", "log(x-1)", "--at", "x=1"},
                {"in log(x - 1) at x = 1: log(0): its value is -inf"}},
        Mistake{"BoundsOfNoName",
                {"minimize", "--function", "x^2", "--start", "x=1", "--bounds", "y=0:1"},
                {"--bounds: there is no 'y' in --start"}},
        Mistake{"BoundsWithoutRange",
                {"minimize", "--function", "x^2", "--start", "x=1", "--bounds", "x=3"},
                {"--bounds: 'x=3' is not a range; write NAME=LOW:HIGH"}},
        Mistake{"BoundsThatCross",
                {"minimize", "--function", "x^2", "--start", "x=1", "--bounds", "x=3:2"},
                {"--bounds: no number is between the bounds of 'x', 3:2"}},
        Mistake{"BoundsGivenTwice",
                {"minimize", "--function", "x^2", "--start", "x=1", "--bounds", "x=0:,x=:2"},
                {"--bounds: 'x' is given twice"}},
        Mistake{
            "NoSuite", {"compare", "--solvers", "newton"}, {"there is nothing to compare on", "--suite"}}),
    [](const auto& tested) { return tested.param.name; });

TEST(Output, ThatCanNotBeWrittenIsFoundOutBeforeTheRun) {
  const TemporaryFolder folder;
  const Arguments forever = minimize("x^2", "x=1", {"--log-level", "info"});
  const auto with = [&](const Arguments& more) {
    Arguments all = forever;
    all.insert(all.end(), more.begin(), more.end());
    return run(all);
  };
  const std::vector<std::pair<Arguments, std::string>> cases = {
      {{"--json", folder.path("none/result.json")}, "there is no folder '" + folder.path("none") + "'"},
      {{"--json", folder.path("")}, "it is a folder"},
      {{"--trace", folder.path("none/trace.jsonl")}, "--trace: cannot write"},
      {{"--json", folder.path("a"), "--trace", folder.path("./a")},
       "--json and --trace write to the same file"}};
  for (const auto& [more, complaint] : cases) {
    const Outcome outcome = with(more);
    EXPECT_EQ(outcome.exit_code, 2) << complaint;
    EXPECT_THAT(outcome.out, IsEmpty());
    EXPECT_THAT(outcome.err, AllOf(StartsWith("quadric: "), HasSubstr(complaint)));
    EXPECT_THAT(outcome.err, Not(HasSubstr("newton"))) << "the run had begun";
  }
  EXPECT_TRUE(folder.is_empty());
}

TEST(Output, NeverOverwritesTheData) {
  const TemporaryFolder folder;
  const std::string csv = folder.file("xy.csv", "x,y\n1,2\n2,3\n");
  const Outcome outcome = run({"fit", csv, "--model", "a*x", "--start", "a=1", "--json", csv});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("is the data, which would be overwritten"));
  EXPECT_EQ(read_text(csv), "x,y\n1,2\n2,3\n");
}

TEST(Output, OfAnEarlierRunStaysWhereTheStartCanNotBeEvaluated) {
  const TemporaryFolder folder;
  const std::string json = folder.file("old.json", "{}"), trace = folder.file("old.jsonl", "old\n");
  const Outcome outcome = run(minimize("log(x)", "x=-1", {"--json", json, "--trace", trace}));
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_EQ(read_text(json), "{}");
  EXPECT_EQ(read_text(trace), "old\n");
}

}  // namespace
}  // namespace quadric::testing
