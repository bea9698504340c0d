// What watching a run costs: runs of about 1 ms without observers, with a log that is off, with a callable,
// and with a trace file. Runs take turns in one process; medians over the turns. `bench_observers NAME KIND
// COUNT` makes COUNT runs of one kind and nothing else, for callgrind: the difference of two kinds is exact.
//
// The trace in the result is always kept; what that costs is the share of `Run::emit` in callgrind's account.
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <quadric/quadric.hpp>
#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <unistd.h>

#include "alternate.hpp"

namespace qd = quadric;

namespace {

/// A sum of two decays at 600 times, 4 unknowns.
qd::Problem decays() {
  const auto r = [](const auto& b) {
    using T = qd::ScalarOf<decltype(b)>;
    using std::exp;
    std::vector<T> residuals;
    residuals.reserve(600);
    for (int i = 0; i < 600; ++i) {
      const double t = 0.01 * i,
                   reading = 2.0 * std::exp(-0.6 * t) + std::exp(-3.0 * t) + 0.01 * std::sin(97.0 * i);
      residuals.push_back(b[0] * exp(-b[1] * t) + b[2] * exp(-b[3] * t) - reading);
    }
    return residuals;
  };
  return qd::Problem(qd::Residuals(r));
}

/// Rosenbrock's valley in 20 variables.
qd::Problem valley() {
  const auto f = [](const auto& x) {
    using T = qd::ScalarOf<decltype(x)>;
    T sum = 0.0;
    for (qd::Index i = 0; i + 1 < x.size(); ++i) {
      const T a = 1.0 - x[i], b = x[i + 1] - x[i] * x[i];
      sum += a * a + 100.0 * b * b;
    }
    return sum;
  };
  return qd::Problem(qd::Objective(f));
}

struct Subject {
  std::string name;
  qd::Problem problem;
  qd::Vector start;
  qd::Solver solver;
};

std::vector<Subject> subjects() {
  qd::Vector far(4);
  far << 1.0, 0.1, 3.0, 9.0;
  qd::Vector ends(20);
  for (qd::Index i = 0; i < 20; ++i) ends[i] = i % 2 == 0 ? -1.2 : 1.0;
  return {{"gauss-newton", decays(), far, qd::solver_named("gauss-newton-hybrid")},
          {"newton", valley(), ends, qd::Newton{}},
          {"lbfgs", valley(), ends, qd::Lbfgs{}}};
}

using Kinds = std::map<std::string, std::function<qd::Observers()>>;

/// Observers made anew for each run, as a user makes them, but for the trace's file, which is opened once.
Kinds kinds(const std::string& file) {
  const auto silent =
      std::make_shared<spdlog::logger>("silent", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  silent->set_level(spdlog::level::off);
  const auto trace = std::make_shared<qd::TraceFile>(file);
  return {{"none", [] { return qd::Observers{}; }},
          {"silent-log", [=] { return qd::Observers{qd::make_observer(qd::LogIterations(silent))}; }},
          {"callable",
           [] {
             return qd::Observers{
                 qd::make_observer([](const qd::Iteration& line) { return line.value > -1e300; })};
           }},
          {"trace-file", [=] { return qd::Observers{trace}; }}};
}

}  // namespace

int main(int count, char** arguments) {
  const auto folder = std::filesystem::temp_directory_path();
  const std::string file = folder / ("quadric_bench_" + std::to_string(::getpid()) + ".jsonl");
  const Kinds all = kinds(file);
  for (const Subject& subject : subjects()) {
    const auto once = [&subject](const qd::Observers& observers) {
      return subject.solver.run(subject.problem, subject.start, observers);
    };
    if (count == 4) {
      if (subject.name != arguments[1]) continue;
      for (int i = 0; i < std::atoi(arguments[3]); ++i) once(all.at(arguments[2])());
      continue;
    }
    const qd::Result result = once({});
    const int repeats = std::max(1, static_cast<int>(5e-3 / result.seconds));
    std::map<std::string, std::function<void()>> peers;
    for (const auto& [name, observers] : all) {
      peers[name] = [&once, &make = observers, repeats] {
        for (int i = 0; i < repeats; ++i) once(make());
      };
    }
    const auto medians = bench::alternate(peers, 101);
    std::printf("%-14s %4d iterations, %.2f ms a run\n", subject.name.c_str(),
                static_cast<int>(result.iterations), 1e3 * medians.at("none") / repeats);
    for (const auto& [name, time] : medians) {
      const double share = time / medians.at("none") - 1.0;
      std::printf("  %-12s %+6.2f %%, %.2f us an iteration\n", name.c_str(), 100.0 * share,
                  1e6 * (time - medians.at("none")) / repeats / static_cast<double>(result.iterations));
      if (name != "none") bench::print_ratio("observers", subject.name + "-" + name, 1.0 / (1.0 + share));
    }
  }
  std::filesystem::remove(file);
}
