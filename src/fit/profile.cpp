#include "quadric/fit/profile.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>

#include <boost/math/tools/toms748_solve.hpp>
#include <fmt/format.h>

#include "quadric/base/misuse.hpp"
#include "quadric/solvers/gauss_newton.hpp"

#include "fit/distributions.hpp"
#include "fit/free_parameters.hpp"
#include "fit/in_parameters.hpp"

namespace quadric {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
/// A parameter that has gone so many times its size or standard error has no end on this side.
constexpr double far = 1e6;
constexpr int most_strides = 60;
/// A stride is at most so many times the way so far.
constexpr double longest_stride = 3.0;
/// A value so much smaller than the linear interval is taken for 0.
constexpr double negligible_size = 1e-3;
/// Bits of the ends of an interval.
constexpr int precision = 30;
constexpr std::uintmax_t most_trials = 60;
/// A sum of squares is lower than that of the fit by more than its rounding, relative.
constexpr double lower = 1e-8;

class Profiler {
 public:
  /// `scaled`: the variable is a parameter on another scale, where 0 and its size mean nothing.
  Profiler(const Problem& problem, const Fit& fit, Index i, double level, bool scaled)
      : problem_(problem),
        fit_(fit),
        i_(i),
        scaled_(scaled),
        quantile_(student_quantile(level, static_cast<double>(fit.degrees_of_freedom))),
        free_(free_parameters(fit.result)) {}

  Profile run() {
    profile_.points.push_back({.value = estimate(), .tau = 0.0, .x = fit_.result.x});
    const double low = end(-1.0), high = end(1.0);
    profile_.interval = {low, high};
    std::sort(profile_.points.begin(), profile_.points.end(),
              [](const ProfilePoint& a, const ProfilePoint& b) { return a.value < b.value; });
    return std::move(profile_);
  }

 private:
  double estimate() const { return fit_.result.x[i_]; }

  double bound(double side) const {
    if (problem_.bounds().empty()) return side * infinity;
    return side < 0.0 ? problem_.bounds().lower()[i_] : problem_.bounds().upper()[i_];
  }

  /// The end of the interval below (−1) or above (1) the estimate.
  double end(double side) {
    from_ = fit_.result.x;
    failed_ = false;
    const double size = scaled_ ? 1.0 : std::max(std::abs(estimate()), std::numeric_limits<double>::min());
    const double error = fit_.standard_error[i_];
    double stride = std::isfinite(error) && error > 0.0 ? quantile_ * error : 0.1 * size;
    const double first = stride;
    const double farthest =
        scaled_ ? std::max(longest_stride * stride, std::log(far)) : far * std::max(stride, size);
    double inner = estimate(), inner_tau = 0.0;
    for (int count = 0; count < most_strides; ++count) {
      // What has a meaning on one side of 0 alone, such as a scale, is halved on the way there.
      if (!scaled_ && side * inner < 0.0 && std::abs(inner) > negligible_size * first)
        stride = std::min(stride, 0.5 * std::abs(inner));
      double value = inner + side * stride;
      const bool at_bound = side * (value - bound(side)) >= 0.0;
      if (at_bound) value = bound(side);
      const double reached = tau(value, side);
      if (failed_) return unknown;
      if (reached >= quantile_) return between(inner, inner_tau, value, reached, side);
      if (at_bound) return bound(side);
      const double gone = side * (value - estimate());
      if (gone > farthest) return side * infinity;
      // As far as τ would take if it went on like this, and a little farther.
      const double slope = (reached - inner_tau) / stride;
      stride = slope > 0.0 ? std::min(1.1 * (quantile_ - reached) / slope, longest_stride * gone)
                           : longest_stride * gone;
      inner = value;
      inner_tau = reached;
    }
    profile_.remark = "no end was found in " + std::to_string(most_strides) + " fits";
    return unknown;
  }

  double between(double inner, double inner_tau, double outer, double outer_tau, double side) {
    if (outer_tau == quantile_) return outer;
    const auto miss = [&](double value) { return failed_ ? 0.0 : tau(value, side) - quantile_; };
    const boost::math::tools::eps_tolerance<double> close(precision);
    std::uintmax_t trials = most_trials;
    const bool swapped = inner > outer;
    const double a = swapped ? outer : inner, b = swapped ? inner : outer;
    const double miss_a = (swapped ? outer_tau : inner_tau) - quantile_;
    const double miss_b = (swapped ? inner_tau : outer_tau) - quantile_;
    const auto found = boost::math::tools::toms748_solve(miss, a, b, miss_a, miss_b, close, trials);
    return failed_ ? unknown : 0.5 * (found.first + found.second);
  }

  /// |τ| of the best fit with the parameter at this value.
  double tau(double value, double side) {
    Vector x = best_with(value);
    if (failed_) return unknown;
    Vector r;
    problem_.residuals()->value(x, r);
    const double excess = r.squaredNorm() - fit_.residual_sum_of_squares;
    if (excess < -lower * fit_.residual_sum_of_squares) {
      failed_ = true;
      profile_.remark = fmt::format(
          "a better fit was found on the way: sum of squares {:.10g} at {} = {:.10g}, against {:.10g}",
          r.squaredNorm(), fit_.result.names[static_cast<std::size_t>(i_)], value,
          fit_.residual_sum_of_squares);
      return unknown;
    }
    const double reached = std::sqrt(std::max(0.0, excess)) / fit_.residual_standard_deviation;
    profile_.points.push_back({.value = value, .tau = side * reached, .x = x});
    from_ = std::move(x);
    return reached;
  }

  /// The minimizer over all other parameters, from the nearest one known.
  Vector best_with(double value) {
    const Index n = from_.size();
    Vector start = from_;
    start[i_] = value;
    if (free_.size() == 1) return start;
    Vector low = Vector::Constant(n, -infinity), high = Vector::Constant(n, infinity);
    if (!problem_.bounds().empty()) {
      low = problem_.bounds().lower();
      high = problem_.bounds().upper();
    }
    low[i_] = high[i_] = value;
    // The others follow as the linear model has it, where it can be evaluated.
    const Vector followed = start + follow(value - from_[i_]);
    for (const Vector& from : {followed, start}) {
      const Result result =
          Solver(GaussNewton{.hybrid = true})
              .run(Problem(problem_).with_bounds(Bounds(Point(low), Point(high))), Point(from));
      if (!result.trace.empty()) return result.x;
    }
    failed_ = true;
    profile_.remark = fmt::format("the function can not be evaluated at {} = {:.10g}",
                                  fit_.result.names[static_cast<std::size_t>(i_)], value);
    return start;
  }

  Vector follow(double change) const {
    Vector step = change * fit_.covariance.col(i_) / fit_.covariance(i_, i_);
    for (double& entry : step) entry = std::isfinite(entry) ? entry : 0.0;
    step[i_] = 0.0;
    return step;
  }

  const Problem& problem_;
  const Fit& fit_;
  Index i_;
  bool scaled_;
  double quantile_;
  std::vector<Index> free_;
  Vector from_;          ///< the last best fit
  bool failed_ = false;  ///< the end that is looked for can not be found
  Profile profile_;
};

/// A profile of a variable as one of the parameter on this scale.
Profile of_parameter(Profile of_variable, const Parametrization& by, const Scale& scale) {
  Profile found = std::move(of_variable);
  found.interval = {scale.to_parameter(found.interval.low), scale.to_parameter(found.interval.high)};
  for (ProfilePoint& point : found.points) {
    point.value = scale.to_parameter(point.value);
    point.x = by.parameters(point.x);
  }
  return found;
}

Profile without_profile(const std::string& why) { return {.interval = {unknown, unknown}, .remark = why}; }

Profile profile_of_free(const Problem& problem, const Fit& fit, Index i, double level) {
  const std::vector<Index> free = free_parameters(fit.result);
  if (std::find(free.begin(), free.end(), i) == free.end())
    return without_profile("a bound holds the parameter");
  const Parametrization& by = fit.parametrization;
  if (by.is_identity()) return Profiler(problem, fit, i, level, false).run();
  for (const Index j : by.free()) {
    if (!by.scale(j).contains(fit.result.x[j]))
      return without_profile(fit.result.names[static_cast<std::size_t>(j)] + " is at an end of its scale");
  }
  const Problem of_variables = parametrized(problem, by);
  const Fit variables = in_variables(fit);
  const auto k = std::find(by.free().begin(), by.free().end(), i) - by.free().begin();
  const Scale& scale = by.scale(i);
  return of_parameter(Profiler(of_variables, variables, k, level, !scale.is_linear()).run(), by, scale);
}

/// The value of a tied parameter where one that it follows has this one.
double follow(const Fit& fit, Index tied, Index source, double value) {
  const Parametrization own = fit.parametrization.unscaled();
  Vector at = fit.result.x;
  at[source] = value;
  return own.parameters(own.variables(at))[tied];
}

/// Profiles are the same however a model is parametrized: what follows one parameter, in one direction, has
/// the image of its profile.
Profile profile_of_tied(const Problem& problem, const Fit& fit, Index i, double level) {
  const std::vector<Index> sources = fit.parametrization.sources(i);
  const auto name = [&fit](Index j) { return fit.result.names[static_cast<std::size_t>(j)]; };
  if (sources.empty()) return without_profile("it follows from what is fixed");
  if (sources.size() > 1) {
    std::string all;
    for (const Index j : sources) all += (all.empty() ? "" : ", ") + name(j);
    return without_profile("it follows several parameters (" + all + "), and has linear intervals only");
  }
  Profile found = profile_of_free(problem, fit, sources.front(), level);
  if (found.points.empty()) return found;
  const double low = follow(fit, i, sources.front(), found.interval.low);
  const double high = follow(fit, i, sources.front(), found.interval.high);
  const bool falls = high < low;
  for (ProfilePoint& point : found.points) {
    point.value = point.x[i];
    point.tau = falls ? -point.tau : point.tau;
  }
  if (falls) std::reverse(found.points.begin(), found.points.end());
  found.interval = falls ? Interval{high, low} : Interval{low, high};
  const auto rises = [](const ProfilePoint& a, const ProfilePoint& b) { return a.value < b.value; };
  if (!std::is_sorted(found.points.begin(), found.points.end(), rises))
    return without_profile("it rises and falls as " + name(sources.front()) + " rises");
  return found;
}

}  // namespace

Profile profile(const Problem& problem, const Fit& fit, Index i, double level) {
  if (!problem.residuals()) misuse("a profile needs a problem with residuals");
  if (!(level > 0.0 && level < 1.0)) misuse("the level of a profile must lie between 0 and 1");
  if (i < 0 || i >= fit.result.x.size()) {
    misuse("there is no parameter " + std::to_string(i) + " among " + std::to_string(fit.result.x.size()));
  }
  if (fit.robust) {
    return without_profile(
        "the residuals count by a loss, and no sum of squares tells how far a parameter may go");
  }
  const Parametrization::Role role = fit.parametrization.role(i);
  if (role == Parametrization::Role::Fixed) return without_profile("it is fixed");
  if (!(fit.residual_standard_deviation > 0.0))
    return without_profile("there is no residual variance to compare with");
  if (role == Parametrization::Role::Tied) return profile_of_tied(problem, fit, i, level);
  return profile_of_free(problem, fit, i, level);
}

}  // namespace quadric
