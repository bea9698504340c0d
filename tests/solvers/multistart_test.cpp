#include "quadric/solvers/multistart.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <memory>
#include <set>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include <Eigen/SparseCore>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quadric/base/misuse.hpp"
#include "quadric/engine/observer.hpp"
#include "quadric/solvers/gauss_newton.hpp"
#include "quadric/solvers/newton.hpp"

namespace quadric {
namespace {

using ::testing::HasSubstr;

/// Himmelblau (1972): four minima of value 0, a maximum and four saddles.
const auto himmelblau = [](const auto& x) {
  const auto a = x[0] * x[0] + x[1] - 11.0;
  const auto b = x[0] + x[1] * x[1] - 7.0;
  return a * a + b * b;
};
const std::array<std::array<double, 2>, 4> himmelblau_minima = {{{3.0, 2.0},
                                                                 {-2.805118086952745, 3.131312518250573},
                                                                 {-3.779310253377747, -3.283185991286170},
                                                                 {3.584428340330492, -1.848126526964404}}};

/// Many variables, a tape with two structures, many minima.
const auto wells = [](const auto& x) {
  using std::exp;
  ScalarOf<decltype(x)> sum(0.0);
  for (Index i = 0; i < 20; ++i) {
    const auto well = x[i] * x[i] - 1.0;
    sum += well * well + 0.1 * x[i];
    if (i > 0) sum += 0.3 * x[i] * x[i - 1] * exp(-x[i] * x[i]);
  }
  return sum;
};

Bounds cube(Index n, double size) {
  return Bounds(Point(Vector::Constant(n, -size)), Point(Vector::Constant(n, size)));
}

Problem problem_of(const auto& f) { return Problem(Objective(f)); }

/// The same runs, points, certificates and failures, bit for bit.
void expect_equal(const Multistarted& a, const Multistarted& b) {
  EXPECT_EQ(a.starts, b.starts);
  ASSERT_EQ(a.points.size(), b.points.size());
  for (std::size_t i = 0; i < a.points.size(); ++i) {
    const FoundPoint &p = a.points[i], &q = b.points[i];
    EXPECT_EQ(p.starts, q.starts);
    EXPECT_EQ(p.best_start, q.best_start);
    EXPECT_TRUE(p.result.x == q.result.x) << p.result.x.transpose() << " and " << q.result.x.transpose();
    EXPECT_EQ(p.result.value, q.result.value);
    EXPECT_EQ(p.result.iterations, q.result.iterations);
    EXPECT_EQ(p.result.critical_point.lambda_min, q.result.critical_point.lambda_min);
    EXPECT_EQ(p.result.critical_point.lambda_max, q.result.critical_point.lambda_max);
    ASSERT_EQ(p.result.trace.size(), q.result.trace.size());
    for (std::size_t k = 0; k < p.result.trace.size(); ++k)
      EXPECT_EQ(p.result.trace[k].value, q.result.trace[k].value);
  }
  ASSERT_EQ(a.failures.size(), b.failures.size());
  for (std::size_t i = 0; i < a.failures.size(); ++i) {
    EXPECT_EQ(a.failures[i].start, b.failures[i].start);
    EXPECT_EQ(a.failures[i].status, b.failures[i].status);
    EXPECT_EQ(a.failures[i].reason, b.failures[i].reason);
  }
}

TEST(Multistart, FindsAllMinimaAndCountsTheirStarts) {
  const auto starts = latin_hypercube(cube(2, 5.0), 40, 1);
  const Multistarted found = multistart(problem_of(himmelblau), starts, Newton{});
  EXPECT_EQ(found.starts, 40);
  EXPECT_TRUE(found.converged());
  ASSERT_EQ(found.points.size(), 4U) << found.summary();
  std::set<Index> seen;
  for (const FoundPoint& point : found.points) {
    EXPECT_TRUE(point.result.critical_point.is_minimum());
    seen.insert(point.starts.begin(), point.starts.end());
  }
  EXPECT_EQ(seen.size() + found.failures.size(), 40U);
  for (const auto& [x, y] : himmelblau_minima) {
    int times = 0;
    for (const FoundPoint& point : found.points)
      times += std::hypot(point.result.x[0] - x, point.result.x[1] - y) < 1e-9 ? 1 : 0;
    EXPECT_EQ(times, 1) << x << ", " << y;
  }
  EXPECT_THAT(found.summary(), HasSubstr("40 starts, 4 critical points"));
}

TEST(Multistart, GivesTheSameBitsOnAnyNumberOfThreads) {
  const auto starts = latin_hypercube(cube(20, 2.0), 24, 3);
  const auto by = [&](int threads) {
    // A new problem each time, so that no tape is there before the threads ask for it.
    return multistart(problem_of(taped(wells)), starts, Newton{}, {.threads = threads});
  };
  const Multistarted alone = by(1);
  EXPECT_GT(alone.points.size(), 5U);
  for (const int threads : {2, 5, 24}) expect_equal(by(threads), alone);
  const Multistarted each =
      multistart_each([] { return problem_of(taped(wells)); }, starts, Newton{}, {.threads = 3});
  expect_equal(each, alone);
}

TEST(Multistart, SharesResidualsAmongThreads) {
  const Residuals residuals([](const auto& x) {
    using std::exp, std::sin;
    using T = ScalarOf<decltype(x)>;
    std::vector<T> r;
    for (int i = 0; i < 30; ++i) {
      const double t = 0.1 * i;
      r.push_back(x[0] * exp(-x[1] * t) * sin(x[2] * t) + x[3] -
                  2.0 * std::exp(-0.5 * t) * std::sin(3.0 * t));
    }
    for (int i = 4; i < 20; ++i) r.push_back(x[i] * x[i] - 1.0);
    return r;
  });
  Vector low = Vector::Constant(20, 0.5), high = Vector::Constant(20, 4.0);
  const auto starts = latin_hypercube(Bounds(Point(low), Point(high)), 12, 5);
  const Multistarted alone = multistart(residuals, starts, GaussNewton{}, {.threads = 1});
  ASSERT_TRUE(alone.converged());
  expect_equal(multistart(residuals, starts, GaussNewton{}, {.threads = 4}), alone);
}

/// The order in which derivatives are first asked for, which threads decide, leaves no trace in their bits.
TEST(Multistart, DerivativesDoNotDependOnWhatWasAskedBefore) {
  const auto f = [](const auto& x) {
    using std::exp, std::sin, std::tanh;
    ScalarOf<decltype(x)> sum(0.0);
    for (Index i = 0; i < 18; ++i) {
      const auto wave = sin(x[i] * x[i + 1]) * exp(x[i] - x[i + 2] * x[i + 2]);
      const auto share = x[i + 1] * x[i + 2] / (1.0 + x[i + 1] * x[i + 1] + wave * wave);
      sum += wave * share * share + tanh(wave * x[i] + share) * exp(share * x[i + 2]);
    }
    return sum;
  };
  const Vector x = latin_hypercube(cube(20, 2.0), 1, 8).front(), v = Vector::LinSpaced(20, -1.0, 2.0);
  const auto derivatives = [&](std::array<int, 3> order) {
    const Objective objective = taped(f);
    Vector g, at_hessian, product;
    SparseMatrix H;
    for (const int which : order) {
      if (which == 0) objective.gradient(x, g);
      if (which == 1) objective.sparse_hessian(x, at_hessian, H);
      if (which == 2) objective.hessian_product(x, v, product);
    }
    std::vector<double> all(H.valuePtr(), H.valuePtr() + H.nonZeros());
    for (const Vector& more : {g, at_hessian, product}) all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  std::array<int, 3> order = {0, 1, 2};
  const std::vector<double> first = derivatives(order);
  while (std::next_permutation(order.begin(), order.end()))
    EXPECT_EQ(derivatives(order), first) << order[0] << order[1] << order[2];
}

/// Two wells, seen in other units of x and f: the runs still end at two points.
TEST(Multistart, TellsPointsApartInAnyUnits) {
  for (const double of_x : {1e-8, 1.0, 1e8}) {
    for (const double of_f : {1e-12, 1.0, 1e12}) {
      const auto f = [of_x, of_f](const auto& x) {
        const auto u = x[0] / of_x, w = x[1] / of_x;
        return of_f * ((u * u - 1.0) * (u * u - 1.0) + w * w);
      };
      const auto starts = latin_hypercube(cube(2, 2.0 * of_x), 10, 1);
      const Multistarted found = multistart(problem_of(f), starts, Newton{});
      EXPECT_EQ(found.points.size(), 2U) << of_x << " " << of_f << "\n" << found.summary();
    }
  }
}

TEST(Multistart, ReturnsSaddlesAfterMinima) {
  const auto f = [](const auto& x) { return 0.25 * (x[0] * x[0] - 1.0) * (x[0] * x[0] - 1.0) + x[1] * x[1]; };
  const std::vector<Vector> starts = {Point{0.0, 0.0}, Point{0.9, 0.5}, Point{0.0, 0.0}, Point{-1.2, 0.0}};
  const Multistarted found = multistart(problem_of(f), starts, Newton{.at_saddle = AtSaddle::Stop});
  ASSERT_EQ(found.points.size(), 3U) << found.summary();
  EXPECT_EQ(found.points[2].result.status, Status::SaddlePoint);
  EXPECT_EQ(found.points[2].starts, (std::vector<Index>{0, 2}));
  EXPECT_EQ(found.points[2].result.critical_point.index, 1);
}

TEST(Multistart, WhatARunThrowsIsItsFailure) {
  const Problem problem = problem_of([](const auto& x) {
    if (x[0] > 8.0) misuse("beyond the table");
    if (x[0] > 4.0) throw std::runtime_error("no such point");
    return (x[0] - 1.0) * (x[0] - 1.0);
  });
  const std::vector<Vector> starts = {Point{0.0}, Point{5.0}, Point{9.0}, Point{2.0}, Point{3.0}};
  Multistart options{.threads = 2};
  options.observers = [](Index start) -> Observers {
    if (start == 3) throw 42;
    return {};
  };
  const Multistarted found = multistart(problem, starts, Newton{}, options);
  ASSERT_EQ(found.points.size(), 1U);
  EXPECT_EQ(found.points[0].starts, (std::vector<Index>{0, 4}));
  ASSERT_EQ(found.failures.size(), 3U);
  EXPECT_EQ(found.failures[0].start, 1);
  EXPECT_EQ(found.failures[0].status, Status::EvaluationFailed);
  EXPECT_THAT(found.failures[0].reason, HasSubstr("no such point"));
  EXPECT_THAT(found.failures[1].reason, HasSubstr("beyond the table"));
  EXPECT_EQ(found.failures[2].start, 3);
  EXPECT_THAT(found.failures[2].reason, HasSubstr("not a std::exception"));
}

/// Falls for ever, a little at every iteration.
const auto endless = [](const auto& x) {
  using std::sqrt;
  return -sqrt(sqrt(1.0 + x[0] * x[0]));
};

TEST(Multistart, AStopEndsRunsUnderWayAndBeginsNoOthers) {
  std::stop_source stop;
  Multistart options{.threads = 1, .token = stop.get_token()};
  options.observers = [&](Index start) -> Observers {
    return {make_observer([&stop, start](const Iteration& iteration) {
      if (start == 1 && iteration.iteration == 2) stop.request_stop();
    })};
  };
  const Multistarted found =
      multistart(problem_of(himmelblau), std::vector<Vector>(4, Vector(Point{1.0, 1.0})), Newton{}, options);
  ASSERT_EQ(found.points.size(), 1U);
  EXPECT_EQ(found.points[0].starts, (std::vector<Index>{0}));
  ASSERT_EQ(found.failures.size(), 3U);
  for (const FailedStart& failure : found.failures) EXPECT_EQ(failure.status, Status::StoppedByUser);
  EXPECT_THAT(found.failures[0].reason, ::testing::Not(HasSubstr("before this run")));
  EXPECT_THAT(found.failures[1].reason, HasSubstr("before this run"));
}

TEST(Multistart, TheTimeLimitEndsRunsThatWouldGoOn) {
  const std::vector<Vector> starts(3, Vector(Point{1.0}));
  const Problem slow = problem_of([](const auto& x) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    return endless(x);
  });
  const Newton patient{.stop = {.max_iterations = 1'000'000'000, .lowest_value = -1e300}};
  const Multistarted cut = multistart(slow, starts, patient, {.threads = 2, .max_seconds = 0.05});
  ASSERT_EQ(cut.failures.size(), 3U) << cut.summary();
  for (const FailedStart& failure : cut.failures) EXPECT_EQ(failure.status, Status::TimeLimit);

  const Multistarted none =
      multistart(problem_of(himmelblau), {Point{1.0, 1.0}}, Newton{}, {.max_seconds = 0.0});
  EXPECT_TRUE(none.points.empty());
  ASSERT_EQ(none.failures.size(), 1U);
  EXPECT_EQ(none.failures[0].status, Status::TimeLimit);
}

TEST(Multistart, RefusesMisuse) {
  const Problem problem = problem_of(himmelblau);
  const auto message = [](const auto& call) -> std::string {
    try {
      call();
    } catch (const Misuse& error) {
      return error.what();
    }
    return "";
  };
  const std::vector<Vector> good = {Point{1.0, 1.0}};
  EXPECT_THAT(message([&] { multistart(problem, {}, Newton{}); }), HasSubstr("no start"));
  EXPECT_THAT(message([&] {
                multistart(problem, {Point{1.0, 1.0}, Point{1.0}}, Newton{});
              }),
              HasSubstr("start 1 has 1 coordinate"));
  EXPECT_THAT(message([&] { multistart(problem, {Point{1.0, NAN}}, Newton{}); }), HasSubstr("start 0"));
  EXPECT_THAT(message([&] { multistart(problem, good, Newton{}, {.threads = -1}); }), HasSubstr("threads"));
  EXPECT_THAT(message([&] { multistart(problem, good, Newton{}, {.tolerance = -1.0}); }),
              HasSubstr("tolerance"));
  EXPECT_THAT(message([&] { multistart(problem, good, Newton{}, {.max_seconds = NAN}); }),
              HasSubstr("max_seconds"));
  EXPECT_THAT(message([&] { multistart(problem, good, GaussNewton{}); }), HasSubstr("needs residuals"));
  EXPECT_THAT(message([&] { multistart_each({}, good, Newton{}); }), HasSubstr("empty"));
  EXPECT_THAT(message([&] { latin_hypercube(Bounds::at_least({0.0}), 3); }), HasSubstr("open in variable 0"));
  EXPECT_THAT(message([&] { latin_hypercube(cube(2, 1.0), 0); }), HasSubstr("at least 1"));
  EXPECT_THAT(message([&] { latin_hypercube(Bounds(), 3); }), HasSubstr("no variables"));
}

TEST(LatinHypercube, HasOnePointInEveryRangeOfEveryVariable) {
  const Bounds box({-3.0, 0.0, 7.0}, {5.0, 1e-6, 7.0});
  const Index count = 17;
  const auto points = latin_hypercube(box, count, 9);
  ASSERT_EQ(points.size(), 17U);
  for (Index j = 0; j < 2; ++j) {
    std::set<Index> cells;
    for (const Vector& x : points) {
      EXPECT_TRUE(box.contain(x));
      const double share = (x[j] - box.lower()[j]) / (box.upper()[j] - box.lower()[j]);
      cells.insert(static_cast<Index>(share * static_cast<double>(count)));
    }
    EXPECT_EQ(cells.size(), 17U) << "variable " << j;
  }
  for (const Vector& x : points) EXPECT_EQ(x[2], 7.0);
}

TEST(LatinHypercube, FollowsItsSeed) {
  EXPECT_EQ(latin_hypercube(cube(3, 1.0), 5, 2), latin_hypercube(cube(3, 1.0), 5, 2));
  EXPECT_NE(latin_hypercube(cube(3, 1.0), 5, 2), latin_hypercube(cube(3, 1.0), 5, 3));
}

}  // namespace
}  // namespace quadric
