#include "quadric/engine/checkpoint.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <limits>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "quadric/base/misuse.hpp"
#include "quadric/problem/pointwise.hpp"
#include "quadric/solvers/ceres_solver.hpp"
#include "quadric/solvers/conjugate_gradients.hpp"
#include "quadric/solvers/gauss_newton.hpp"
#include "quadric/solvers/gradient_descent.hpp"
#include "quadric/solvers/lbfgs.hpp"
#include "quadric/solvers/minimize.hpp"
#include "quadric/solvers/newton.hpp"

#include "engine/run_state.hpp"

/// A run that is interrupted and resumed through a file is the run that was not.
namespace quadric {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

/// A folder that goes with the test.
class Folder {
 public:
  Folder() : path_(fs::temp_directory_path() / ("quadric-checkpoint-" + std::to_string(::getpid()))) {
    fs::create_directories(path_);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { fs::remove_all(path_); }
  fs::path operator/(const std::string& name) const { return path_ / name; }

 private:
  fs::path path_;
};

std::string read_text(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void write_text(const fs::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
}

bool same_bits(double a, double b) {
  return (std::isnan(a) && std::isnan(b)) ||
         std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

bool same_bits(const Vector& a, const Vector& b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](double s, double t) { return same_bits(s, t); });
}

/// What differs between two lines of a trace; empty where nothing does, but for the time.
std::string difference(const Iteration& a, const Iteration& b) {
  std::string names;
  const auto compare = [&names](const char* name, double s, double t) {
    if (!same_bits(s, t)) names.append(" ").append(name);
  };
  compare("value", a.value, b.value);
  compare("gradient_norm", a.gradient_norm, b.gradient_norm);
  compare("step_norm", a.step_norm, b.step_norm);
  compare("trust", a.trust, b.trust);
  compare("predicted", a.predicted, b.predicted);
  compare("actual", a.actual, b.actual);
  compare("ratio", a.ratio, b.ratio);
  compare("slope", a.slope, b.slope);
  compare("curvature", a.curvature, b.curvature);
  compare("lambda_min", a.lambda_min, b.lambda_min);
  if (a.iteration != b.iteration) names += " iteration";
  if (a.events.list() != b.events.list()) names += " events";
  if (a.rejected != b.rejected) names += " rejected";
  if (a.evaluations != b.evaluations) names += " evaluations";
  if (a.note != b.note) names += " note";
  return names;
}

void expect_same_run(const Result& whole, const Result& resumed) {
  ASSERT_EQ(whole.trace.size(), resumed.trace.size());
  for (std::size_t i = 0; i < whole.trace.size(); ++i)
    ASSERT_EQ(difference(whole.trace[i], resumed.trace[i]), "") << "iteration " << i;
  EXPECT_TRUE(same_bits(whole.x, resumed.x));
  EXPECT_TRUE(same_bits(whole.value, resumed.value));
  EXPECT_EQ(whole.status, resumed.status);
  EXPECT_EQ(whole.reason, resumed.reason);
  EXPECT_EQ(whole.solver, resumed.solver);
  EXPECT_EQ(whole.iterations, resumed.iterations);
  EXPECT_EQ(whole.counts.values, resumed.counts.values);
  EXPECT_EQ(whole.counts.gradients, resumed.counts.gradients);
  EXPECT_EQ(whole.counts.hessians, resumed.counts.hessians);
  EXPECT_EQ(whole.counts.products, resumed.counts.products);
}

struct Case {
  std::string name;
  std::function<Problem()> problem;  ///< made anew for each run, as by another process
  Vector start;
};

const auto rosenbrock = [](const auto& x) {
  const auto a = 1.0 - x[0];
  const auto b = x[1] - x[0] * x[0];
  return a * a + 100.0 * b * b;
};

const auto double_well = [](const auto& x) {
  const auto a = x[0] * x[0] - 1.0;
  return 0.25 * a * a + 0.5 * x[1] * x[1] + 0.1 * x[0] * x[0] * x[1];
};

/// The chained Rosenbrock function with a coupling that makes it bend down between its valleys.
const auto chain = [](const auto& x) {
  using std::cos;
  auto sum = 0.0 * x[0];
  for (Index i = 0; i + 1 < x.size(); ++i) {
    const auto a = 1.0 - x[i], b = x[i + 1] - x[i] * x[i];
    sum += a * a + 10.0 * b * b + cos(x[i] * x[i + 1]);
  }
  return sum;
};

Residuals decay() {
  Vector times(12);
  for (Index i = 0; i < times.size(); ++i) times[i] = 0.5 * static_cast<double>(i);
  return pointwise(times.size(), [times](const auto& b, Index i) {
    using std::exp, std::sin;
    const double reading = 3.0 * std::exp(-0.7 * times[i]) + 0.5 + 0.05 * std::sin(9.0 * times[i]);
    return b[0] * exp(-b[1] * times[i]) + b[2] - reading;
  });
}

std::vector<Case> cases() {
  Vector far = Vector::Constant(100, -1.0);
  for (Index i = 0; i < far.size(); i += 3) far[i] = 1.5;
  return {{"rosenbrock", [] { return Problem(Objective(rosenbrock)); }, Vector{{-1.2, 1.0}}},
          {"on the saddle", [] { return Problem(Objective(double_well)); }, Vector{{0.0, 0.0}}},
          {"beside the saddle", [] { return Problem(Objective(double_well)); }, Vector{{1e-9, 0.7}}},
          {"residuals", [] { return Problem(decay()); }, Vector{{1.0, 2.0, 0.0}}},
          {"chain of 100", [] { return Problem(Objective(chain)); }, far}};
}

/// A keeper of every state of a run.
class EveryState final : public CheckpointKeeper {
 public:
  bool iterated(const Iteration&, const Vector&) override { return true; }
  bool due(const Iteration&) override { return true; }
  void keep(const Checkpoint& checkpoint) override { states.push_back(checkpoint); }
  std::vector<Checkpoint> states;
};

struct Subject {
  std::string name;
  std::function<Solver(Index)> make;  ///< with so many iterations at most
};

/// By another library, or as two runs.
bool runs_elsewhere(const std::string& name) {
  for (const char* elsewhere :
       {"ceres", "minpack", "gsl", "nlopt", "liblbfgs", "ipopt", "variable-projection"})
    if (name.starts_with(elsewhere)) return true;
  return false;
}

/// All registered solvers on the shared loop, and assemblies beyond them.
std::vector<Subject> subjects() {
  std::vector<Subject> list;
  for (const std::string& name : solver_names()) {
    if (runs_elsewhere(name)) continue;
    list.push_back({name, [name](Index most) { return solver_named(name, {.max_iterations = most}); }});
  }
  list.push_back({"lbfgs of rank 2 in a trust region", [](Index most) {
                    return Solver(
                        Lbfgs{.memory = 2, .step = TrustRegion{}, .stop = {.max_iterations = most}});
                  }});
  list.push_back({"gauss-newton, cubic", [](Index most) {
                    return Solver(
                        GaussNewton{.step = CubicRegularization{}, .stop = {.max_iterations = most}});
                  }});
  list.push_back({"newton, non-monotone", [](Index most) {
                    return Solver(Newton{.step = LineSearch{.memory = 4}, .stop = {.max_iterations = most}});
                  }});
  list.push_back({"gradient descent in a trust region", [](Index most) {
                    return Solver(GradientDescent{.step = TrustRegion{}, .stop = {.max_iterations = most}});
                  }});
  return list;
}

constexpr Index most_iterations = 150;

/// The places to cut a run: all of them early on, where most happens, and every seventh later.
bool is_cut(std::size_t state, std::size_t states) {
  return state < 12 || state % 7 == 0 || state + 3 > states;
}

class EverySolver : public testing::TestWithParam<Subject> {};

TEST_P(EverySolver, ResumedFromAnyIterationFollowsTheSamePath) {
  const Folder folder;
  const Solver solver = GetParam().make(most_iterations);
  int resumed_runs = 0;
  for (const Case& tried : cases()) {
    SCOPED_TRACE(tried.name);
    const Problem problem = tried.problem();
    if (solver.needs_residuals() && !problem.residuals()) continue;
    const auto keeper = std::make_shared<EveryState>();
    const Result watched = solver.run(problem, tried.start, {keeper});
    const Result whole = solver.run(problem, tried.start);
    expect_same_run(whole, watched);
    for (std::size_t i = 0; i < keeper->states.size(); ++i) {
      if (!is_cut(i, keeper->states.size())) continue;
      SCOPED_TRACE("cut after iteration " + std::to_string(keeper->states[i].iterations()));
      keeper->states[i].write(folder / "run.json");
      expect_same_run(whole, solver.resume(tried.problem(), Checkpoint::read(folder / "run.json")));
      if (HasFatalFailure()) return;
      ++resumed_runs;
    }
  }
  EXPECT_GT(resumed_runs, 5);
}

TEST_P(EverySolver, GoesOnAfterALimitAsIfThereWereNone) {
  const Folder folder;
  for (const Case& tried : cases()) {
    SCOPED_TRACE(tried.name);
    const Solver unlimited = GetParam().make(most_iterations);
    const Problem problem = tried.problem();
    if (unlimited.needs_residuals() && !problem.residuals()) continue;
    const Result whole = unlimited.run(problem, tried.start);
    for (const Index limit : {Index{0}, Index{1}, Index{4}}) {
      const Observers writes = {make_observer(WriteCheckpoint{.file = folder / "run.json"})};
      const Result cut = GetParam().make(limit).run(tried.problem(), tried.start, writes);
      EXPECT_LE(cut.iterations, limit);
      expect_same_run(whole, unlimited.resume(tried.problem(), Checkpoint::read(folder / "run.json")));
      if (HasFatalFailure()) return;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Checkpoint, EverySolver, testing::ValuesIn(subjects()), [](const auto& named) {
  std::string name = named.param.name;
  for (char& c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  }
  return name;
});

/// The stages of a run, each resumed from where the one before was cut.
TEST(Checkpoint, ARunInManyPiecesIsTheWholeRun) {
  const Folder folder;
  const Result whole = minimize(rosenbrock, {-1.2, 1.0}, Lbfgs{});
  const WriteCheckpoint writes{.file = folder / "run.json"};
  Result piece = minimize(rosenbrock, {-1.2, 1.0}, Lbfgs{.stop = {.max_iterations = 3}}, writes);
  for (Index limit = 6; !piece.converged(); limit += 3) {
    ASSERT_LE(limit, whole.iterations + 3);
    piece = minimize(rosenbrock, Checkpoint::read(folder / "run.json"),
                     Lbfgs{.stop = {.max_iterations = limit}}, writes);
  }
  expect_same_run(whole, piece);
}

/// Cut between two trial steps, a run has the state of its last whole iteration.
TEST(Checkpoint, OfARunCutAmidAnIterationRepeatsThatIteration) {
  const Folder folder;
  const Newton newton{.step = LineSearch{}};
  const Result whole = minimize(rosenbrock, {-1.2, 1.0}, newton);
  for (Index evaluations = 3; evaluations < whole.counts.total(); evaluations += 2) {
    minimize(rosenbrock, {-1.2, 1.0}, Newton{.step = LineSearch{}, .stop = {.max_evaluations = evaluations}},
             WriteCheckpoint{.file = folder / "run.json"});
    expect_same_run(whole, minimize(rosenbrock, Checkpoint::read(folder / "run.json"), newton));
  }
}

TEST(Checkpoint, IsWrittenWhenAnObserverThrows) {
  const Folder folder;
  const auto fails = [](const Iteration& iteration) {
    if (iteration.iteration == 5) throw std::runtime_error("the power went out");
  };
  EXPECT_THROW(
      minimize(rosenbrock, {-1.2, 1.0}, Newton{}, fails, WriteCheckpoint{.file = folder / "run.json"}),
      std::runtime_error);
  const Checkpoint last = Checkpoint::read(folder / "run.json");
  EXPECT_EQ(last.iterations(), 4);
  expect_same_run(minimize(rosenbrock, {-1.2, 1.0}, Newton{}), minimize(rosenbrock, last, Newton{}));
}

TEST(Checkpoint, IsWrittenWhenTheFunctionFailsForGood) {
  const Folder folder;
  int left = 8;
  const auto fails = [&left](const Vector& x) {
    if (--left < 0) throw std::runtime_error("the license expired");
    return rosenbrock(x);
  };
  const auto gradient = [](const Vector& x) {
    const double b = x[1] - x[0] * x[0];
    return Vector{{-2.0 * (1.0 - x[0]) - 400.0 * x[0] * b, 200.0 * b}};
  };
  const Result cut = minimize(analytic(fails, gradient), {-1.2, 1.0}, Lbfgs{.step = LineSearch{}},
                              WriteCheckpoint{.file = folder / "run.json"});
  EXPECT_EQ(cut.status, Status::EvaluationFailed) << cut.summary();
  left = std::numeric_limits<int>::max();
  const Result whole = minimize(analytic(fails, gradient), {-1.2, 1.0}, Lbfgs{.step = LineSearch{}});
  const Result resumed =
      minimize(analytic(fails, gradient), Checkpoint::read(folder / "run.json"), Lbfgs{.step = LineSearch{}});
  EXPECT_GT(cut.iterations, 0);
  expect_same_run(whole, resumed);
}

TEST(Checkpoint, IsWrittenOnTheWayAsOftenAsAskedFor) {
  const Folder folder;
  std::vector<Index> seen;
  const auto looks = [&](const Iteration&) {
    if (fs::exists(folder / "run.json")) seen.push_back(Checkpoint::read(folder / "run.json").iterations());
  };
  minimize(rosenbrock, {-1.2, 1.0}, Newton{.stop = {.max_iterations = 9}}, looks,
           WriteCheckpoint{.file = folder / "run.json", .every = 3, .seconds = 1e9});
  EXPECT_THAT(seen, testing::ElementsAre(3, 3, 3, 6, 6, 6));  // told of the iterations 4 to 9
}

TEST(Checkpoint, LeavesASaddleWhereTheFirstRunWasToStop) {
  const Folder folder;
  const Result stopped = minimize(double_well, {0.0, 0.0}, Newton{.at_saddle = AtSaddle::Stop},
                                  WriteCheckpoint{.file = folder / "run.json"});
  ASSERT_EQ(stopped.status, Status::SaddlePoint);
  const Result on = minimize(double_well, Checkpoint::read(folder / "run.json"), Newton{});
  EXPECT_TRUE(on.converged()) << on.summary();
}

TEST(Checkpoint, TellsObserversOfWhatIsNewOnly) {
  const auto keeper = std::make_shared<EveryState>();
  const Result whole = minimize(rosenbrock, {-1.2, 1.0}, Newton{}, keeper);
  std::vector<Index> told;
  minimize(rosenbrock, keeper->states.at(7), Newton{},
           [&](const Iteration& i) { told.push_back(i.iteration); });
  ASSERT_FALSE(told.empty());
  EXPECT_EQ(told.front(), 8);
  EXPECT_EQ(told.back(), whole.iterations);
}

/// Numbers that text easily loses.
TEST(Checkpoint, KeepsEveryBitThroughAFile) {
  const Folder folder;
  using Limits = std::numeric_limits<double>;
  auto state = std::make_shared<RunState>();
  state->solver = "s";
  state->names = {"a", "b\"\n"};
  state->x = Vector{{0.1, -0.0}};
  Matrix m(2, 3);
  m << 1.0 / 3.0, Limits::denorm_min(), Limits::max(), -Limits::min(), Limits::infinity(), 1.0;
  state->loop = {{"number", 3.0},
                 {"infinite", -Limits::infinity()},
                 {"unknown", Limits::quiet_NaN()},
                 {"count", Index{1} << 60},
                 {"flag", true},
                 {"matrix", m},
                 {"empty", Vector()},
                 {"nothing", Matrix()},
                 {"text", std::string("λ < 0")}};
  Iteration line;
  line.iteration = 41;
  line.ratio = -Limits::infinity();
  line.events = {Event::Saddle, Event::LongStep};
  state->trace = {line};
  Checkpoint(state).write(folder / "run.json");
  const Checkpoint back = Checkpoint::read(folder / "run.json");
  EXPECT_EQ(back.names(), state->names);
  EXPECT_TRUE(same_bits(back.x(), state->x));
  EXPECT_EQ(back.iterations(), 41);
  EXPECT_EQ(difference(back.state().trace[0], line), "");
  ASSERT_EQ(back.state().loop.size(), state->loop.size());
  for (std::size_t i = 0; i < state->loop.size(); ++i) {
    const auto& [name, value] = state->loop[i];
    const auto& [name_back, value_back] = back.state().loop[i];
    EXPECT_EQ(name_back, name);
    ASSERT_EQ(value_back.index(), value.index()) << name;
    if (const auto* number = std::get_if<double>(&value))
      EXPECT_TRUE(same_bits(std::get<double>(value_back), *number)) << name;
    else if (const auto* matrix = std::get_if<Matrix>(&value))
      EXPECT_TRUE(same_bits(Vector(std::get<Matrix>(value_back).reshaped()), Vector(matrix->reshaped())))
          << name;
    else
      EXPECT_TRUE(value_back == value) << name;
  }
}

/// The message of the misuse that an action throws.
template <class Action>
std::string misuse_of(Action&& action) {
  try {
    action();
  } catch (const Misuse& error) {
    return error.what();
  }
  return "no misuse";
}

class Refused : public testing::Test {
 protected:
  Refused() {
    minimize(rosenbrock, {-1.2, 1.0}, Newton{.stop = {.max_iterations = 5}}, WriteCheckpoint{.file = file_});
  }
  template <class F = decltype(rosenbrock)>
  std::string refusal(const Solver& solver, const F& f = rosenbrock) const {
    return misuse_of([&] { minimize(f, Checkpoint::read(file_), solver); });
  }
  std::string refusal_of(const std::string& text) const {
    write_text(file_, text);
    return refusal(Newton{});
  }

  Folder folder_;
  fs::path file_ = folder_ / "run.json";
};

TEST_F(Refused, AnotherSolverOrOption) {
  EXPECT_THAT(refusal(Lbfgs{}),
              AllOf(HasSubstr("newton (trust region)"), HasSubstr("lbfgs (strong Wolfe search)")));
  EXPECT_THAT(refusal(Newton{.step = LineSearch{}}), HasSubstr("newton (line search)"));
  EXPECT_THAT(refusal(Newton{.step = TrustRegion{.acceptance = 0.2}}),
              AllOf(HasSubstr("acceptance"), HasSubstr("its default"), HasSubstr("0.2")));
  EXPECT_THAT(refusal(CeresSolver{.strategy = CeresSolver::Strategy::Lbfgs}),
              HasSubstr("can not be resumed"));
  EXPECT_EQ(refusal(Newton{.stop = {.gradient_tolerance = 1e-6}}), "no misuse");
}

TEST_F(Refused, AnotherMemory) {
  minimize(rosenbrock, {-1.2, 1.0}, Lbfgs{.stop = {.max_iterations = 5}}, WriteCheckpoint{.file = file_});
  EXPECT_THAT(refusal(Lbfgs{.memory = 5}), AllOf(HasSubstr("memory was 10"), HasSubstr("is 5 now")));
}

TEST_F(Refused, AnotherFunction) {
  EXPECT_THAT(refusal(Newton{}, [](const auto& x) { return 1.0 + rosenbrock(x); }),
              HasSubstr("another function: its value is"));
  EXPECT_THAT(refusal(Newton{},
                      [](const auto& x) {
                        using std::log;
                        return rosenbrock(x) + log(-1.0 - x[0] * x[0]);
                      }),
              HasSubstr("can not be evaluated"));
}

TEST_F(Refused, OtherVariables) {
  Problem named{Objective(rosenbrock)};
  named.with_names({"a", "b"});
  EXPECT_THAT(misuse_of([&] { Solver(Newton{}).resume(named, Checkpoint::read(file_)); }),
              AllOf(HasSubstr("'x0'"), HasSubstr("'a'")));
  named.with_names({"a", "b", "c"});
  EXPECT_THAT(misuse_of([&] { Solver(Newton{}).resume(named, Checkpoint::read(file_)); }),
              AllOf(HasSubstr("3 names"), HasSubstr("2 coordinates")));
}

TEST_F(Refused, AnotherNumberOfResiduals) {
  const auto residuals = [](Index m) {
    return pointwise(
        m, [](const auto& b, Index i) { return i < 2 ? b[0] - 1.0 + 0.1 * b[1] * b[1] : 0.0 * b[0]; });
  };
  least_squares(residuals(4), {3.0, 2.0}, GaussNewton{.stop = {.max_iterations = 1}},
                WriteCheckpoint{.file = file_});
  EXPECT_THAT(misuse_of([&] { least_squares(residuals(5), Checkpoint::read(file_), GaussNewton{}); }),
              AllOf(HasSubstr("4 residuals"), HasSubstr("this one has 5")));
}

TEST_F(Refused, FilesThatAreNoCheckpoint) {
  const std::string whole = read_text(file_);
  ASSERT_EQ(refusal(Newton{}), "no misuse");
  for (std::size_t length = 1; length + 2 < whole.size(); length += 97) {
    ASSERT_THAT(refusal_of(whole.substr(0, length)), AllOf(HasSubstr("run.json"), HasSubstr("cut short")));
  }
  EXPECT_THAT(refusal_of(""), HasSubstr("empty"));
  EXPECT_THAT(refusal_of("[1, 2]"), HasSubstr("no checkpoint"));
  EXPECT_THAT(refusal_of(R"({"schema": "quadric/run/1"})"), HasSubstr("no checkpoint"));
  EXPECT_THAT(refusal_of(R"({"schema": 5})"), HasSubstr("run.json"));
  EXPECT_THAT(refusal_of(R"({"schema": "quadric/checkpoint/1"})"), HasSubstr("run"));
  std::string later = whole;
  later.replace(later.find("checkpoint/1"), 12, "checkpoint/7");
  EXPECT_THAT(refusal_of(later), AllOf(HasSubstr("'quadric/checkpoint/7'"), HasSubstr("this version reads")));
  EXPECT_THAT(misuse_of([&] { Checkpoint::read(folder_ / "none.json"); }),
              AllOf(HasSubstr("none.json"), HasSubstr("No such file")));
  EXPECT_THAT(misuse_of([&] { Checkpoint::read(folder_ / "."); }), HasSubstr("directory"));
}

/// A file with any digit changed is not resumed from.
TEST_F(Refused, FilesWithAChangedDigit) {
  const std::string whole = read_text(file_);
  int changed = 0;
  for (std::size_t place = whole.find("\"run\""); place < whole.size(); place += 31) {
    if (std::isdigit(static_cast<unsigned char>(whole[place])) == 0) continue;
    std::string text = whole;
    text[place] = text[place] == '7' ? '3' : '7';
    const std::string refused = refusal_of(text);
    if (refused == "no misuse") {  // a digit beyond what a double holds
      write_text(folder_ / "other.json", text);
      EXPECT_TRUE(same_bits(Checkpoint::read(folder_ / "other.json").x(), Checkpoint::read(file_).x()));
      continue;
    }
    ++changed;
    EXPECT_THAT(refused, HasSubstr("run.json"));
  }
  EXPECT_GT(changed, 10);
}

TEST(WriteCheckpointTest, RefusesWhatCanNotBeDone) {
  EXPECT_THAT(misuse_of([] { observer(WriteCheckpoint{.file = ""}); }), HasSubstr("name a file"));
  EXPECT_THAT(misuse_of([] { observer(WriteCheckpoint{.file = "a.json", .every = -1}); }),
              HasSubstr("every"));
  EXPECT_THAT(misuse_of([] { observer(WriteCheckpoint{.file = "a.json", .seconds = -1.0}); }),
              HasSubstr("seconds"));
  EXPECT_THAT(misuse_of([] { observer(WriteCheckpoint{.file = "/nowhere/at/all.json"}); }),
              HasSubstr("folder does not exist"));
  EXPECT_THAT(misuse_of([] {
                minimize(rosenbrock, {-1.2, 1.0}, CeresSolver{.strategy = CeresSolver::Strategy::Lbfgs},
                         WriteCheckpoint{.file = "a.json"});
              }),
              HasSubstr("can not be resumed"));
}

TEST(WriteCheckpointTest, SaysThatTheLastOneWasLost) {
  const Folder folder;
  fs::create_directories(folder / "sub");
  const auto writer = make_observer(WriteCheckpoint{.file = folder / "sub" / "run.json"});
  fs::remove(folder / "sub");
  const Result result = minimize(rosenbrock, {-1.2, 1.0}, Newton{}, writer);
  EXPECT_TRUE(result.converged());
  EXPECT_THAT(result.reason, AllOf(HasSubstr("checkpoint was lost"), HasSubstr("run.json")));
}

}  // namespace
}  // namespace quadric
