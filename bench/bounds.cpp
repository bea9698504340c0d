// Minimization within bounds at 1,000 to 90,000 variables: our Newton, matrix-free Newton and L-BFGS beside
// Ipopt with exact sparse Hessians and NLopt's L-BFGS, truncated Newton and MMA. Time, iterations, value and
// projected gradient, in one process.
//
//   bench_bounds [SIZE | NAME | seconds=S]...
//
// with sizes (default 1000, 10000 and 90000), parts of problems' names, and the most seconds of a run
// (default 20).
//
// All are given f, g and H by the same evaluator, our tape of the same lambda, whose recording is not counted
// for anybody. All stop at the same goal, ‖x − P(x − g)‖∞ at 1e-6 of its value at the start; ours at the
// stricter one that no free entry of g is above it, and they certify the point besides. Everybody runs on one
// thread. Of the convex problems all must find the same value; of `double_wells` and `rosenbrock` there may
// be several minima.
#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <nlopt.h>
#include <quadric/quadric.hpp>

#include "alternate.hpp"
#include "ipopt_peer.hpp"

namespace {

namespace qd = quadric;

double most_seconds = 20.0;
constexpr int most_iterations = 100000;
constexpr double goal_share = 1e-6;
/// A run that takes less is repeated, in turns with the others.
constexpr double repeated_below = 0.5;
constexpr int turns = 3;
/// Values that differ by less, beside 1 and themselves, are those of one minimum.
constexpr double same_value = 1e-6;

// ---- Problems

struct Task {
  std::string name;
  qd::Objective f;
  qd::Bounds box;
  qd::Vector start;
  double goal = 0.0;  // of the projected gradient
};

/// A square of m × m points, with zeros around it.
struct Grid {
  qd::Index m;

  qd::Index size() const { return m * m; }
  double h() const { return 1.0 / static_cast<double>(m + 1); }
  double at(qd::Index i) const { return static_cast<double>(i + 1) * h(); }
  template <class X>
  qd::ScalarOf<X> value(const X& u, qd::Index i, qd::Index j) const {
    using T = qd::ScalarOf<X>;
    return i < 0 || j < 0 || i >= m || j >= m ? T(0.0) : T(u[i * m + j]);
  }
  /// ½ Σ |∇u|² h² + Σ term(u, i, j), with weight(i, j) of the squares.
  template <class X, class Weight, class Term>
  qd::ScalarOf<X> energy(const X& u, const Weight& weight, const Term& term) const {
    using T = qd::ScalarOf<X>;
    T sum(0.0);
    for (qd::Index i = 0; i <= m; ++i) {
      for (qd::Index j = 0; j <= m; ++j) {
        const T here = value(u, i, j), a = here - value(u, i - 1, j), b = here - value(u, i, j - 1);
        const auto [down, right] = weight(i, j);
        sum += 0.5 * (down * a * a + right * b * b) + term(here, i, j);
      }
    }
    return sum;
  }
  qd::Vector fill(const std::function<double(qd::Index, qd::Index)>& entry) const {
    qd::Vector v(size());
    for (qd::Index i = 0; i < m; ++i)
      for (qd::Index j = 0; j < m; ++j) v[i * m + j] = entry(i, j);
    return v;
  }
};

constexpr auto even = [](qd::Index, qd::Index) { return std::pair(1.0, 1.0); };

/// The elastic-plastic torsion of a bar (Moré & Toraldo 1991): |u| is at most the distance to the edge.
Task torsion(qd::Index m) {
  const Grid grid{m};
  const double load = 5.0 * grid.h() * grid.h();
  const qd::Vector distance = grid.fill([&](qd::Index i, qd::Index j) {
    return grid.h() * static_cast<double>(std::min(std::min(i + 1, m - i), std::min(j + 1, m - j)));
  });
  const auto f = [=](const auto& u) {
    return grid.energy(u, even, [=](const auto& here, qd::Index, qd::Index) { return -load * here; });
  };
  return {"torsion", f, qd::Bounds(qd::Point(-distance), qd::Point(distance)), distance};
}

/// A membrane over an obstacle, pulled up (the same, with the obstacle of the MINPACK-2 collection).
Task obstacle(qd::Index m) {
  const Grid grid{m};
  const double load = grid.h() * grid.h();
  const qd::Vector ground = grid.fill([&](qd::Index i, qd::Index j) {
    const double bump = std::sin(9.2 * grid.at(i)) * std::sin(9.3 * grid.at(j));
    return bump * bump * bump;
  });
  const auto f = [=](const auto& u) {
    return grid.energy(u, even, [=](const auto& here, qd::Index, qd::Index) { return -load * here; });
  };
  return {"obstacle", f, qd::Bounds::at_least(qd::Point(ground)), ground.cwiseMax(0.0)};
}

/// The pressure in a journal bearing of eccentricity 0.1, which is not negative.
Task bearing(qd::Index m) {
  const Grid grid{m};
  const double pi = std::acos(-1.0), eccentricity = 0.1, length = 20.0;
  const double dx = 2.0 * pi * grid.h(), dy = length * grid.h();
  const auto film = [=](double row) { return std::pow(1.0 + eccentricity * std::cos(row * dx), 3.0); };
  const auto weight = [=](qd::Index i, qd::Index) {
    const double row = static_cast<double>(i);
    return std::pair(film(row + 0.5) * dy / dx, film(row + 1.0) * dx / dy);
  };
  const auto f = [=](const auto& u) {
    return grid.energy(u, weight, [=](const auto& here, qd::Index i, qd::Index) {
      return -eccentricity * std::sin(static_cast<double>(i + 1) * dx) * dx * dy * here;
    });
  };
  const qd::Vector start = grid.fill(
      [&](qd::Index i, qd::Index) { return std::max(0.0, std::sin(static_cast<double>(i + 1) * dx)); });
  return {"bearing", f, qd::Bounds::at_least(qd::Point(qd::Vector::Zero(grid.size()))), start};
}

/// A chain of Rosenbrock's functions; every third variable is kept from what its neighbours make of it.
Task rosenbrock(qd::Index m) {
  const qd::Index n = m * m;
  qd::Vector lower = qd::Vector::Constant(n, -2.0), upper = qd::Vector::Constant(n, 2.0), start(n);
  for (qd::Index i = 0; i < n; ++i) {
    if (i % 3 == 2) lower[i] = 0.9;
    start[i] = i % 2 == 0 ? -1.2 : 0.5;
  }
  const auto f = [](const auto& x) {
    using T = qd::ScalarOf<decltype(x)>;
    T sum(0.0);
    for (qd::Index i = 0; i + 1 < x.size(); ++i) {
      const T a = 1.0 - x[i], b = x[i + 1] - x[i] * x[i];
      sum += a * a + 100.0 * b * b;
    }
    return sum;
  };
  return {"rosenbrock", f, qd::Bounds(qd::Point(lower), qd::Point(upper)), start};
}

/// Two phases and the walls between them (Allen & Cahn), each kept from its pure state.
Task double_wells(qd::Index m) {
  const Grid grid{m};
  const double width = 0.05, strength = grid.h() * grid.h() / (4.0 * width * width);
  const auto f = [=](const auto& u) {
    return grid.energy(u, even, [=](const auto& here, qd::Index, qd::Index) {
      const auto well = here * here - 1.0;
      return strength * well * well;
    });
  };
  const qd::Vector bound = grid.fill([&](qd::Index i, qd::Index) { return 0.6 + 0.6 * grid.at(i); });
  const qd::Vector start = grid.fill([&](qd::Index i, qd::Index j) {
    return 0.5 * std::sin(9.0 * grid.at(i) + 1.0) * std::sin(8.0 * grid.at(j) + 2.0);
  });
  return {"double_wells", f, qd::Bounds(qd::Point(-bound), qd::Point(bound)), start};
}

// ---- Solvers

struct Outcome {
  std::string status;
  qd::Index iterations = 0;
  qd::Counts counts;
  qd::Vector x;
  double seconds = 0.0, value = 0.0, gradient = 0.0;  // the gradient is projected
};

/// The limit on seconds is one on processor time, for everybody.
class LimitTime final : public qd::Observer {
 public:
  bool iterated(const qd::Iteration&, const qd::Vector&) override {
    return (static_cast<double>(std::clock()) - spent_at_start_) / CLOCKS_PER_SEC <= most_seconds;
  }

 private:
  double spent_at_start_ = static_cast<double>(std::clock());
};

Outcome by_quadric(const qd::Solver& solver, const Task& task) {
  qd::Result result =
      solver.run(qd::Problem(task.f).with_bounds(task.box), task.start, {std::make_shared<LimitTime>()});
  return {.status = std::string(to_string(result.status)),
          .iterations = result.iterations,
          .counts = result.counts,
          .x = std::move(result.x)};
}

qd::Stopping stopping(const Task& task) {
  return {.max_iterations = most_iterations, .gradient_norm = task.goal};
}

Outcome ipopt(const Task& task) {
  Ipopt::SmartPtr<bench::IpoptObjective> objective =
      new bench::IpoptObjective(task.f, task.start, task.goal, task.box);
  Ipopt::SmartPtr<Ipopt::IpoptApplication> application = new Ipopt::IpoptApplication();
  application->Options()->SetIntegerValue("print_level", 0);
  application->Options()->SetStringValue("sb", "yes");
  application->Options()->SetIntegerValue("max_iter", most_iterations);
  application->Options()->SetNumericValue("max_cpu_time", most_seconds);
  application->Options()->SetNumericValue("bound_relax_factor", 0.0);
  application->Options()->SetNumericValue("tol", 1e-14);  // the goal is tested by the callback
  application->Options()->SetNumericValue("acceptable_tol", 1e-14);
  application->Initialize();
  const Ipopt::ApplicationReturnStatus status =
      application->OptimizeTNLP(Ipopt::SmartPtr<Ipopt::TNLP>(Ipopt::GetRawPtr(objective)));
  return {.status = objective->reached() ? "goal" : "code " + std::to_string(status),
          .iterations = objective->iterations(),
          .counts = objective->counts(),
          .x = objective->solution()};
}

struct Nlopt {
  const Task& task;
  nlopt_opt optimizer = nullptr;
  Outcome outcome = {};
  qd::Vector x = {}, g = {};
  double spent_at_start = static_cast<double>(std::clock());

  static double evaluate(unsigned n, const double* x, double* g, void* self) {
    auto& run = *static_cast<Nlopt*>(self);
    run.x = Eigen::Map<const qd::Vector>(x, static_cast<qd::Index>(n));
    const double value = run.task.f.gradient(run.x, run.g);
    ++run.outcome.counts.gradients;
    if (g != nullptr) Eigen::Map<qd::Vector>(g, static_cast<qd::Index>(n)) = run.g;
    const double seconds = (static_cast<double>(std::clock()) - run.spent_at_start) / CLOCKS_PER_SEC;
    const bool goal =
        run.task.box.contain(run.x) && bench::projected_gradient(run.task.box, run.x, run.g) <= run.task.goal;
    if (goal) run.outcome.x = run.x;
    if (goal || seconds > most_seconds) nlopt_force_stop(run.optimizer);
    return value;
  }
};

Outcome nlopt(nlopt_algorithm algorithm, const Task& task) {
  const auto n = static_cast<unsigned>(task.start.size());
  Nlopt run{.task = task};
  run.optimizer = nlopt_create(algorithm, n);
  nlopt_set_min_objective(run.optimizer, &Nlopt::evaluate, &run);
  nlopt_set_lower_bounds(run.optimizer, task.box.lower().data());
  nlopt_set_upper_bounds(run.optimizer, task.box.upper().data());
  nlopt_set_vector_storage(run.optimizer, 10);
  qd::Vector x = task.start;
  double value = 0.0;
  const nlopt_result code = nlopt_optimize(run.optimizer, x.data(), &value);
  nlopt_destroy(run.optimizer);
  run.outcome.status = run.outcome.x.size() > 0    ? "goal"
                       : code == NLOPT_FORCED_STOP ? "limit"
                                                   : "code " + std::to_string(code);
  if (run.outcome.x.size() == 0) run.outcome.x = std::move(x);
  run.outcome.iterations = run.outcome.counts.gradients;  // it tells of no others
  return run.outcome;
}

struct Solver {
  std::string name;
  std::function<Outcome(const Task&)> run;
};

const std::vector<Solver>& solvers() {
  static const std::vector<Solver> list = {
      {"newton", [](const Task& t) { return by_quadric(qd::Newton{.stop = stopping(t)}, t); }},
      {"matrix-free", [](const Task& t) { return by_quadric(qd::MatrixFreeNewton{.stop = stopping(t)}, t); }},
      {"lbfgs", [](const Task& t) { return by_quadric(qd::Lbfgs{.stop = stopping(t)}, t); }},
      {"Ipopt", ipopt},
      {"NLopt_LBFGS", [](const Task& t) { return nlopt(NLOPT_LD_LBFGS, t); }},
      {"NLopt_TNewton", [](const Task& t) { return nlopt(NLOPT_LD_TNEWTON_PRECOND_RESTART, t); }},
      {"NLopt_MMA", [](const Task& t) { return nlopt(NLOPT_LD_MMA, t); }}};
  return list;
}

// ---- Measuring

/// What each solver leaves; the time is the median over the turns.
std::map<std::string, Outcome> run_all(const Task& task) {
  std::map<std::string, Outcome> outcomes;
  std::map<std::string, std::vector<double>> samples;
  for (int turn = 0; turn < turns; ++turn) {
    for (const Solver& solver : solvers()) {
      if (turn > 0 && samples[solver.name].front() > repeated_below) continue;
      Outcome outcome;
      samples[solver.name].push_back(bench::seconds([&] { outcome = solver.run(task); }));
      if (turn > 0) continue;
      qd::Vector g;
      outcome.value = task.f.gradient(outcome.x, g);
      outcome.gradient = bench::projected_gradient(task.box, outcome.x, g);
      outcomes[solver.name] = std::move(outcome);
    }
  }
  for (auto& [name, outcome] : outcomes) outcome.seconds = bench::median(samples[name]);
  return outcomes;
}

/// A ratio for each peer that reached the goal too, at the same minimum.
void report(const Task& task, qd::Index asked, const std::map<std::string, Outcome>& outcomes) {
  const Outcome& ours = outcomes.at("newton");
  const auto at_goal = [&](const Outcome& outcome) { return outcome.gradient <= 1.001 * task.goal; };
  const auto is_same = [&](const Outcome& outcome) {
    return std::abs(outcome.value - ours.value) <= same_value * (1.0 + std::abs(ours.value));
  };
  double lowest = ours.value;
  for (const auto& [name, outcome] : outcomes) lowest = std::fmin(lowest, outcome.value);
  for (const Solver& solver : solvers()) {
    const Outcome& outcome = outcomes.at(solver.name);
    const qd::Index held = ((outcome.x - task.box.lower()).array() <= 1e-9).count() +
                           ((task.box.upper() - outcome.x).array() <= 1e-9).count();
    std::printf("%-13s %6ld %-14s %-20s %6ld %6ld %6ld %5ld %6ld %9.3f %10.2e %14.7e %9.1e %6ld\n",
                task.name.c_str(), static_cast<long>(task.start.size()), solver.name.c_str(),
                outcome.status.c_str(), static_cast<long>(outcome.iterations),
                static_cast<long>(outcome.counts.values), static_cast<long>(outcome.counts.gradients),
                static_cast<long>(outcome.counts.hessians), static_cast<long>(outcome.counts.products),
                outcome.seconds, outcome.value - lowest, outcome.value, outcome.gradient,
                static_cast<long>(held));
  }
  for (const Solver& solver : solvers()) {
    const Outcome& outcome = outcomes.at(solver.name);
    if (solver.name != "newton" && at_goal(ours) && at_goal(outcome) && is_same(outcome))
      bench::print_ratio("bounds_" + task.name + "_" + std::to_string(asked), solver.name,
                         outcome.seconds / ours.seconds);
  }
  std::fflush(stdout);
}

void run_task(Task task, qd::Index asked) {
  task.box.place(task.start);
  qd::Vector g;
  qd::SparseMatrix H;
  task.f.sparse_hessian(task.start, g, H);  // records
  task.goal = goal_share * bench::projected_gradient(task.box, task.start, g);
  report(task, asked, run_all(task));
}

}  // namespace

int main(int count, char** arguments) {
  bench::stay_on_one_thread(arguments);
  std::vector<qd::Index> sizes;
  std::vector<std::string> names;
  for (const std::string& argument : std::vector<std::string>(arguments + 1, arguments + count)) {
    const bool number = std::isdigit(static_cast<unsigned char>(argument.front())) != 0;
    if (argument.starts_with("seconds=")) {
      most_seconds = std::stod(argument.substr(8));
    } else if (number) {
      sizes.push_back(static_cast<qd::Index>(std::stod(argument)));
    } else {
      names.push_back(argument);
    }
  }
  if (sizes.empty()) sizes = {1000, 10000, 90000};
  std::printf("%-13s %6s %-14s %-20s %6s %6s %6s %5s %6s %9s %10s %14s %9s %6s\n", "problem", "n", "solver",
              "status", "iter", "f", "g", "H", "Hv", "seconds", "f - best", "f", "|Pg|inf", "held");
  const std::map<std::string, std::function<Task(qd::Index)>> problems = {{"torsion", torsion},
                                                                          {"obstacle", obstacle},
                                                                          {"bearing", bearing},
                                                                          {"rosenbrock", rosenbrock},
                                                                          {"double_wells", double_wells}};
  for (const qd::Index n : sizes) {
    const auto side = static_cast<qd::Index>(std::lround(std::sqrt(static_cast<double>(n))));
    for (const auto& [name, problem] : problems) {
      const bool asked =
          names.empty() || std::any_of(names.begin(), names.end(), [&name = name](const auto& part) {
            return name.find(part) != std::string::npos;
          });
      if (asked) run_task(problem(side), n);
    }
  }
}
