#include "quadric/solvers/multistart.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <memory>
#include <mutex>
#include <numeric>
#include <optional>
#include <random>
#include <thread>
#include <utility>

#include "quadric/base/misuse.hpp"

#include "base/for_each_index.hpp"
#include "base/text.hpp"

namespace quadric {

namespace {

using Clock = std::chrono::steady_clock;

/// A variable counts as zero where it is this share of the range of its starts.
constexpr double zero_share = 1e-3;

/// When the search as a whole ends.
class Limits {
 public:
  explicit Limits(const Multistart& options) : options_(options), start_(Clock::now()) {}

  double seconds() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }
  bool time_is_up() const { return seconds() >= options_.max_seconds; }
  bool is_stopped() const { return options_.token.stop_requested(); }
  /// How runs end that the search ends; empty where it goes on.
  std::optional<Status> reached() const {
    if (is_stopped()) return Status::StoppedByUser;
    if (time_is_up()) return Status::TimeLimit;
    return std::nullopt;
  }

 private:
  const Multistart& options_;
  Clock::time_point start_;
};

/// Ends a run where the search ends.
class EndWithSearch final : public Observer {
 public:
  explicit EndWithSearch(const Limits& limits) : limits_(limits) {}
  bool iterated(const Iteration& /*iteration*/, const Vector& /*x*/) override {
    ended_ = limits_.reached();
    return !ended_;
  }
  const std::optional<Status>& ended() const { return ended_; }

 private:
  const Limits& limits_;
  std::optional<Status> ended_;
};

/// How one run ended: `result` unless something was thrown or it was not begun.
struct Ended {
  std::optional<Result> result = {};
  Status status = Status::EvaluationFailed;
  std::string reason = {};
};

std::string end_of_search(Status status) {
  return status == Status::TimeLimit ? "the time of the search was up" : "the search was stopped";
}

using Make = std::function<Problem()>;

Ended run_from(const Make& make, const Vector& start, Index number, const Solver& solver,
               const Multistart& options, const Limits& limits) {
  if (const auto status = limits.reached()) return {{}, *status, end_of_search(*status) + " before this run"};
  Ended end;
  try {
    const auto watch = std::make_shared<EndWithSearch>(limits);
    Observers observers = options.observers ? options.observers(number) : Observers{};
    observers.push_back(watch);
    Result result = solver.run(make(), start, observers);
    if (result.status == Status::StoppedByUser && watch->ended()) {
      result.status = *watch->ended();
      result.reason = end_of_search(result.status);
    }
    end.status = result.status;
    end.reason = result.reason;
    end.result = std::move(result);
  } catch (const std::exception& error) {
    end.reason = error.what();
  } catch (...) {
    end.reason = "something was thrown that is not a std::exception";
  }
  return end;
}

bool is_critical(Status status) {
  return status == Status::Converged || status == Status::SaddlePoint || status == Status::UndecidedCurvature;
}

/// Says whether two runs ended at one point.
class Sameness {
 public:
  Sameness(const std::vector<Vector>& starts, const std::vector<Ended>& ends, double tolerance)
      : tolerance_(tolerance) {
    Vector low = starts.front(), high = low;
    for (const Vector& start : starts) {
      low = low.cwiseMin(start);
      high = high.cwiseMax(start);
    }
    zero_ = zero_share * (high - low);
    for (const Ended& end : ends) {
      if (!end.result || end.result->trace.empty()) continue;
      const double fall = end.result->trace.front().value - end.result->value;
      if (std::isfinite(fall)) fall_ = std::max(fall_, fall);
    }
  }

  bool operator()(const Result& a, const Result& b) const {
    const double value = std::max({std::abs(a.value), std::abs(b.value), fall_});
    if (!(std::abs(a.value - b.value) <= tolerance_ * value)) return false;
    const auto size = a.x.array().abs().max(b.x.array().abs()).max(zero_.array());
    return ((a.x - b.x).array().abs() <= tolerance_ * size).all();
  }

 private:
  double tolerance_;
  double fall_ = 0.0;
  Vector zero_;
};

/// Sorts the runs' ends into points and failures, the same for the same ends.
Multistarted sort_out(std::vector<Ended> ends, const std::vector<Vector>& starts, double tolerance) {
  const Sameness same(starts, ends, tolerance);
  Multistarted found{.starts = static_cast<Index>(starts.size())};
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < ends.size(); ++i) {
    if (ends[i].result && is_critical(ends[i].status)) {
      order.push_back(i);
    } else {
      found.failures.push_back({static_cast<Index>(i), ends[i].status, ends[i].reason});
    }
  }
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const Result &first = *ends[a].result, &second = *ends[b].result;
    if (first.converged() != second.converged()) return first.converged();
    return first.value < second.value;
  });
  for (const std::size_t i : order) {
    const auto point = std::find_if(found.points.begin(), found.points.end(), [&](const FoundPoint& known) {
      return same(known.result, *ends[i].result);
    });
    const auto number = static_cast<Index>(i);
    if (point != found.points.end()) {
      point->starts.push_back(number);
    } else {
      found.points.push_back(
          {.result = std::move(*ends[i].result), .starts = {number}, .best_start = number});
    }
  }
  for (FoundPoint& point : found.points) std::sort(point.starts.begin(), point.starts.end());
  return found;
}

void require_options(const Multistart& options) {
  if (options.threads < 0)
    misuse("multistart: the number of threads is " + std::to_string(options.threads) +
           "; 0 means one a core");
  if (!(options.tolerance >= 0.0) || !std::isfinite(options.tolerance))
    misuse("multistart: the tolerance " + text::number(options.tolerance) +
           " is not a finite number of at least 0");
  if (!(options.max_seconds >= 0.0))
    misuse("multistart: max_seconds is " + text::number(options.max_seconds) + ", not at least 0");
}

void require_starts(const std::vector<Vector>& starts) {
  if (starts.empty()) misuse("multistart: there is no start");
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const std::string what = text::numbered("start ", static_cast<Index>(i));
    require_point(starts[i], what);
    if (starts[i].size() != starts.front().size())
      misuse("multistart: " + what + " has " + text::count(starts[i].size(), "coordinate") +
             ", start 0 has " + std::to_string(starts.front().size()));
  }
}

void require_fit(const Problem& problem, const std::vector<Vector>& starts, const Solver& solver) {
  require_size(problem.bounds(), starts.front().size());
  if (solver.needs_residuals() && !problem.residuals())
    misuse("multistart: " + solver.name() + " needs residuals, and the problem has none");
}

Multistarted search(const Make& make, const std::vector<Vector>& starts, const Solver& solver,
                    const Multistart& options) {
  const Limits limits(options);
  const auto threads = static_cast<std::size_t>(
      options.threads > 0 ? options.threads
                          : std::max(1, static_cast<int>(std::thread::hardware_concurrency())));
  std::vector<Ended> ends(starts.size());
  for_each_index(starts.size(), threads, [&](std::size_t i) {
    ends[i] = run_from(make, starts[i], static_cast<Index>(i), solver, options, limits);
  });
  Multistarted found = sort_out(std::move(ends), starts, options.tolerance);
  found.seconds = limits.seconds();
  return found;
}

}  // namespace

Multistarted multistart(const Problem& problem, const std::vector<Vector>& starts, const Solver& solver,
                        const Multistart& options) {
  require_options(options);
  require_starts(starts);
  require_fit(problem, starts, solver);
  return search([&problem] { return problem; }, starts, solver, options);
}

Multistarted multistart_each(const std::function<Problem()>& make, const std::vector<Vector>& starts,
                             const Solver& solver, const Multistart& options) {
  require_options(options);
  require_starts(starts);
  if (!make) misuse("multistart: the function that makes problems is empty");
  require_fit(make(), starts, solver);
  std::mutex mutex;
  const Make one_at_a_time = [&] {
    const std::lock_guard lock(mutex);
    return make();
  };
  return search(one_at_a_time, starts, solver, options);
}

std::vector<Vector> latin_hypercube(const Bounds& box, Index count, std::uint64_t seed) {
  if (box.empty()) misuse("latin_hypercube: the box has no variables");
  if (count < 1) misuse("latin_hypercube: " + std::to_string(count) + " points; there must be at least 1");
  for (Index j = 0; j < box.size(); ++j) {
    if (!std::isfinite(box.lower()[j]) || !std::isfinite(box.upper()[j]))
      misuse("latin_hypercube: the box is open in variable " + std::to_string(j) +
             "; both of its ends must be finite");
  }
  std::mt19937_64 random(seed);
  // The library's distributions and shuffles differ between platforms.
  const auto uniform = [&random] { return std::ldexp(static_cast<double>(random() >> 11U), -53); };
  std::vector<Vector> points(static_cast<std::size_t>(count), Vector(box.size()));
  std::vector<Index> cells(points.size());
  for (Index j = 0; j < box.size(); ++j) {
    std::iota(cells.begin(), cells.end(), Index{0});
    for (std::size_t i = cells.size(); i > 1; --i)
      std::swap(cells[i - 1], cells[static_cast<std::size_t>(uniform() * static_cast<double>(i))]);
    const double low = box.lower()[j], high = box.upper()[j];
    for (std::size_t i = 0; i < points.size(); ++i) {
      const double share = (static_cast<double>(cells[i]) + uniform()) / static_cast<double>(count);
      points[i][j] = std::clamp(low * (1.0 - share) + high * share, low, high);
    }
  }
  return points;
}

std::string Multistarted::summary() const {
  std::string text =
      text::count(starts, "start") + ", " + text::count(Index(points.size()), "critical point");
  for (const FoundPoint& point : points) {
    text += "\n  " + text::count(point.count(), "start") + ": f = " + text::number(point.result.value, 10) +
            " at " + text::point(point.result.x) + ", " + point.result.critical_point.describe();
  }
  std::map<std::string, Index> reasons;
  for (const FailedStart& failure : failures)
    ++reasons[std::string(to_string(failure.status)) + ", " + failure.reason];
  for (const auto& [reason, count] : reasons)
    text += "\n  " + text::count(count, "start") + " failed: " + reason;
  return text;
}

}  // namespace quadric
