// The functions of the suite `large` at 1e3, 1e5 and 1e6 variables: our Newton and our L-BFGS beside
// liblbfgs, Ceres' L-BFGS and, up to 1e5 variables, Ipopt with exact sparse Hessians. Time, iterations,
// evaluations and memory, in one process.
//
//   bench_newton_large [SIZE | NAME | seconds=S]...
//
// with sizes (default 1000 and 100000), parts of functions' names, and the most seconds of a run (default
// 60).
//
// All are given f, g and H by the same evaluator, our tape of the same lambda, whose recording is timed apart
// and not counted for anybody; every L-BFGS remembers 10 pairs. All stop at the same goal, ‖g‖∞ at 1e-8 of
// its value at the start, after S seconds, or (L-BFGS) after 10,000 iterations. Ours certify the point
// besides. Everybody runs on one thread. "newton, sharp" is Newton with its own default test, not the goal.
#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <ceres/ceres.h>
#include <lbfgs.h>
#include <malloc.h>
#include <quadric/quadric.hpp>

#include "alternate.hpp"
#include "ipopt_peer.hpp"

namespace {

namespace qd = quadric;

double most_seconds = 60.0;
constexpr int most_iterations = 10000;
constexpr int remembered = 10;
constexpr double goal_share = 1e-8;
constexpr qd::Index largest_for_ipopt = 100000, largest_for_sharp = 10000;
/// A run that takes less is repeated, in turns with the others.
constexpr double repeated_below = 0.5;
constexpr int turns = 5;

// ---- What a solver is given, and what it leaves

struct Task {
  const qd::Case& item;
  qd::Objective f;
  double goal;  // of ‖g‖∞
};

struct Outcome {
  std::string status;
  qd::Index iterations = 0;
  qd::Counts counts;
  qd::Vector x;
  double seconds = 0.0, megabytes = 0.0;  // beyond what was there before
  double value = 0.0, gradient = 0.0;     // f and ‖g‖∞ at x
};

using Run = std::function<Outcome(const Task&)>;

// ---- Ours

Outcome by_quadric(const qd::Solver& solver, const Task& task) {
  qd::Result result = solver.run(task.f, task.item.from);
  return {.status = std::string(to_string(result.status)),
          .iterations = result.iterations,
          .counts = result.counts,
          .x = std::move(result.x)};
}

Outcome newton(const Task& task) {
  return by_quadric(qd::Newton{.stop = {.max_seconds = most_seconds, .gradient_norm = task.goal}}, task);
}

Outcome sharp_newton(const Task& task) {
  return by_quadric(qd::Newton{.stop = {.max_seconds = most_seconds}}, task);
}

Outcome our_lbfgs(const Task& task) {
  return by_quadric(qd::Lbfgs{.memory = remembered,
                              .stop = {.max_iterations = most_iterations,
                                       .max_seconds = most_seconds,
                                       .gradient_norm = task.goal}},
                    task);
}

// ---- liblbfgs

struct Liblbfgs {
  const Task& task;
  Outcome outcome = {};
  qd::Vector x = {}, g = {};
  double spent_at_start = static_cast<double>(std::clock());

  static double evaluate(void* self, const double* x, double* g, int n, double) {
    auto& run = *static_cast<Liblbfgs*>(self);
    ++run.outcome.counts.gradients;
    run.x = Eigen::Map<const qd::Vector>(x, n);
    const double value = run.task.f.gradient(run.x, run.g);
    Eigen::Map<qd::Vector>(g, n) = run.g;
    return value;
  }
  static int progress(void* self, const double*, const double* g, double, double, double, double, int n,
                      int k, int) {
    auto& run = *static_cast<Liblbfgs*>(self);
    run.outcome.iterations = k;
    const double seconds = (static_cast<double>(std::clock()) - run.spent_at_start) / CLOCKS_PER_SEC;
    if (seconds > most_seconds) return 2;
    return Eigen::Map<const qd::Vector>(g, n).lpNorm<Eigen::Infinity>() <= run.task.goal ? 1 : 0;
  }
};

Outcome liblbfgs(const Task& task) {
  lbfgs_parameter_t options;
  lbfgs_parameter_init(&options);
  options.m = remembered;
  options.epsilon = 0.0;  // the goal is tested by `progress`
  options.max_iterations = most_iterations;
  Liblbfgs run{.task = task};
  run.x = task.item.from;
  const int n = static_cast<int>(task.item.from.size());
  double* const x = lbfgs_malloc(n);
  Eigen::Map<qd::Vector>(x, n) = task.item.from;
  const int code = lbfgs(n, x, nullptr, &Liblbfgs::evaluate, &Liblbfgs::progress, &run, &options);
  run.outcome.x = Eigen::Map<const qd::Vector>(x, n);
  lbfgs_free(x);
  const bool limit = code == 2 || code == LBFGSERR_MAXIMUMITERATION;
  run.outcome.status = code == 1 || code == 0 ? "goal" : limit ? "limit" : "error " + std::to_string(code);
  return run.outcome;
}

// ---- Ceres

class CeresFunction final : public ceres::FirstOrderFunction {
 public:
  CeresFunction(const Task& task, qd::Counts& counts) : task_(task), counts_(counts) {}
  int NumParameters() const override { return static_cast<int>(task_.item.from.size()); }
  bool Evaluate(const double* parameters, double* value, double* gradient) const override {
    x_ = Eigen::Map<const qd::Vector>(parameters, NumParameters());
    if (gradient == nullptr) {
      ++counts_.values;
      *value = task_.f.value(x_);
      return std::isfinite(*value);
    }
    ++counts_.gradients;
    *value = task_.f.gradient(x_, g_);
    Eigen::Map<qd::Vector>(gradient, NumParameters()) = g_;
    return std::isfinite(*value) && g_.allFinite();
  }

 private:
  const Task& task_;
  qd::Counts& counts_;
  mutable qd::Vector x_, g_;
};

Outcome ceres_lbfgs(const Task& task) {
  Outcome outcome;
  outcome.x = task.item.from;
  ceres::GradientProblemSolver::Options options;
  options.line_search_direction_type = ceres::LBFGS;
  options.max_lbfgs_rank = remembered;
  options.max_num_iterations = most_iterations;
  options.max_solver_time_in_seconds = most_seconds;
  options.gradient_tolerance = task.goal;
  options.function_tolerance = 0.0;
  options.parameter_tolerance = 0.0;
  options.logging_type = ceres::SILENT;
  ceres::GradientProblem problem(new CeresFunction(task, outcome.counts));
  ceres::GradientProblemSolver::Summary summary;
  ceres::Solve(options, problem, outcome.x.data(), &summary);
  outcome.iterations = static_cast<qd::Index>(summary.iterations.size()) - 1;
  outcome.status = summary.termination_type == ceres::CONVERGENCE      ? "goal"
                   : summary.termination_type == ceres::NO_CONVERGENCE ? "limit"
                                                                       : "failure";
  return outcome;
}

// ---- Ipopt

Outcome ipopt(const Task& task) {
  Ipopt::SmartPtr<bench::IpoptObjective> objective =
      new bench::IpoptObjective(task.f, task.item.from, task.goal);
  Ipopt::SmartPtr<Ipopt::IpoptApplication> application = new Ipopt::IpoptApplication();
  application->Options()->SetIntegerValue("print_level", 0);
  application->Options()->SetStringValue("sb", "yes");
  application->Options()->SetIntegerValue("max_iter", most_iterations);
  application->Options()->SetNumericValue("max_cpu_time", most_seconds);
  application->Options()->SetNumericValue("tol", 1e-14);  // the goal is tested by the callback
  application->Options()->SetNumericValue("acceptable_tol", 1e-14);
  application->Initialize();
  const Ipopt::ApplicationReturnStatus status =
      application->OptimizeTNLP(Ipopt::SmartPtr<Ipopt::TNLP>(Ipopt::GetRawPtr(objective)));
  const bool limit =
      status == Ipopt::Maximum_Iterations_Exceeded || status == Ipopt::Maximum_CpuTime_Exceeded;
  const bool goal = objective->reached() || status == Ipopt::Solve_Succeeded;
  return {.status = goal    ? "goal"
                    : limit ? "limit"
                            : "error " + std::to_string(status),
          .iterations = objective->iterations(),
          .counts = objective->counts(),
          .x = objective->solution()};
}

// ---- Measuring

/// A line of /proc/self/status in MB: "VmHWM" is the peak since it was reset, "VmRSS" what is there now.
double process_megabytes(const std::string& what) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(what)) return std::stod(line.substr(what.size() + 1)) / 1024.0;
  }
  return std::nan("");
}

struct Spent {
  double seconds, megabytes;
};

/// Processor time, and how far the peak of the memory is above what was there before.
Spent measure(const std::function<void()>& work) {
  malloc_trim(0);
  std::ofstream("/proc/self/clear_refs") << "5";  // resets the peak
  const double before = process_megabytes("VmRSS");
  const double seconds = bench::seconds(work);
  return {seconds, process_megabytes("VmHWM") - before};
}

struct Solver {
  std::string name;
  Run run;
};

const std::vector<Solver>& solvers() {
  static const std::vector<Solver> list = {
      {"newton", newton},     {"newton, sharp", sharp_newton}, {"lbfgs", our_lbfgs},
      {"liblbfgs", liblbfgs}, {"Ceres L-BFGS", ceres_lbfgs},   {"Ipopt", ipopt}};
  return list;
}

/// What each solver leaves; the time is the median over the turns.
std::map<std::string, Outcome> run_all(const Task& task) {
  std::map<std::string, Outcome> outcomes;
  std::map<std::string, std::vector<double>> samples;
  for (int turn = 0; turn < turns; ++turn) {
    for (const Solver& solver : solvers()) {
      if (solver.name == "Ipopt" && task.item.from.size() > largest_for_ipopt) continue;
      if (solver.name == "newton, sharp" && task.item.from.size() > largest_for_sharp) continue;
      if (turn > 0 && samples[solver.name].front() > repeated_below) continue;
      Outcome outcome;
      const Spent spent = measure([&] { outcome = solver.run(task); });
      samples[solver.name].push_back(spent.seconds);
      if (turn > 0) continue;
      qd::Vector g;
      outcome.megabytes = spent.megabytes;
      outcome.value = task.f.gradient(outcome.x, g);
      outcome.gradient = g.lpNorm<Eigen::Infinity>();
      // Ceres also ends where f does not change any more.
      if (outcome.status == "goal" && outcome.gradient > 1.001 * task.goal) outcome.status = "no progress";
      outcomes[solver.name] = std::move(outcome);
    }
  }
  for (auto& [name, outcome] : outcomes) outcome.seconds = bench::median(samples[name]);
  return outcomes;
}

/// Ratios by size and peer, of the functions where both reached the goal.
using Ratios = std::map<std::pair<qd::Index, std::string>, std::vector<double>>;
using Reached = std::map<std::pair<qd::Index, std::string>, int>;

void report(const Task& task, qd::Index asked, const std::map<std::string, Outcome>& outcomes, Ratios& ratios,
            Reached& reached) {
  const Outcome& ours = outcomes.at("newton");
  double lowest = ours.value;
  for (const auto& [name, outcome] : outcomes) lowest = std::fmin(lowest, outcome.value);
  for (const Solver& solver : solvers()) {
    const auto found = outcomes.find(solver.name);
    if (found == outcomes.end()) continue;
    const Outcome& outcome = found->second;
    const double ratio = outcome.seconds / ours.seconds;
    const auto n = static_cast<double>(task.item.from.size());
    std::printf("%-24s %7ld %-14s %-20s %6ld %6ld %6ld %5ld %9.3f %8.2f %10.1e %9.1e %9.1f %8.1f\n",
                task.item.problem.c_str(), static_cast<long>(task.item.from.size()), solver.name.c_str(),
                outcome.status.c_str(), static_cast<long>(outcome.iterations),
                static_cast<long>(outcome.counts.values), static_cast<long>(outcome.counts.gradients),
                static_cast<long>(outcome.counts.hessians), outcome.seconds, ratio, outcome.value - lowest,
                outcome.gradient,
                1e9 * outcome.seconds / (n * static_cast<double>(std::max<qd::Index>(1, outcome.iterations))),
                outcome.megabytes);
    const bool at_goal = outcome.gradient <= 1.001 * task.goal;
    if (at_goal) ++reached[{asked, solver.name}];
    if (at_goal && ours.gradient <= 1.001 * task.goal && solver.name != "newton") {
      ratios[{asked, solver.name}].push_back(ratio);
    }
  }
  std::fflush(stdout);
}

/// One function: derivatives are made ready, then everybody runs.
void run_case(const qd::Case& item, qd::Index asked, Ratios& ratios, Reached& reached) {
  Task task{.item = item, .f = item.function.objective(), .goal = 0.0};
  const Spent ready = measure([&] {
    qd::Vector g;
    qd::SparseMatrix H;
    task.f.gradient(item.from, g);
    task.goal = goal_share * g.lpNorm<Eigen::Infinity>();
    task.f.sparse_hessian(item.from, g, H);
  });
  std::printf("%-24s %7ld recorded: %s; first g and H %.3f s, %.1f MB\n", item.problem.c_str(),
              static_cast<long>(item.from.size()), task.f.provider().second.c_str(), ready.seconds,
              ready.megabytes);
  report(task, asked, run_all(task), ratios, reached);
}

bool is_asked_for(const std::string& name, const std::vector<std::string>& parts) {
  return parts.empty() || std::any_of(parts.begin(), parts.end(), [&](const std::string& part) {
           return name.find(part) != std::string::npos;
         });
}

}  // namespace

int main(int count, char** arguments) {
  bench::stay_on_one_thread(arguments);
  google::InitGoogleLogging("newton_large");
  FLAGS_minloglevel = 3;
  std::vector<qd::Index> sizes;
  std::vector<std::string> names;
  for (const std::string& argument : std::vector<std::string>(arguments + 1, arguments + count)) {
    if (argument.starts_with("seconds=")) {
      most_seconds = std::stod(argument.substr(8));
      continue;
    }
    const bool number = std::isdigit(static_cast<unsigned char>(argument.front())) != 0;
    if (number) sizes.push_back(static_cast<qd::Index>(std::stod(argument)));
    if (!number) names.push_back(argument);
  }
  if (sizes.empty()) sizes = {1000, 100000};

  std::printf("%-24s %7s %-14s %-20s %6s %6s %6s %5s %9s %8s %10s %9s %9s %8s\n", "function", "n", "solver",
              "status", "iter", "f", "g", "H", "seconds", "ratio", "f - best", "|g|inf", "ns/n/it", "MB");
  Ratios ratios;
  Reached reached;
  for (const qd::Index n : sizes) {
    std::vector<qd::Case> cases = qd::large_suite(n);
    for (qd::Case& listed : cases) {
      const qd::Case item = std::move(listed);  // its tape ends with it
      if (is_asked_for(item.problem, names)) run_case(item, n, ratios, reached);
    }
  }
  for (const auto& [key, functions] : reached) {
    std::printf("n = %ld: %s reached the goal on %d functions\n", static_cast<long>(key.first),
                key.second.c_str(), functions);
  }
  for (const auto& [key, list] : ratios) {
    std::string peer = key.second;
    std::replace(peer.begin(), peer.end(), ' ', '_');
    bench::print_ratio("newton_large_" + std::to_string(key.first), peer, bench::median(list));
  }
}
