#include <array>
#include <cstddef>
#include <cstdlib>

#include <gtest/gtest.h>

#include "quadric/base/types.hpp"
#include "quadric/problem/objective.hpp"
#include "quadric/problem/residuals.hpp"

// Counts what is asked of malloc, where both Eigen and operator new get their memory. Sanitizers bring a
// malloc of their own: there the evaluations run uncounted.
namespace {

thread_local int allocations = 0;

}  // namespace

#if defined(__has_feature)  // clang's way to say so
#define QUADRIC_SANITIZED __has_feature(address_sanitizer)
#elif defined(__SANITIZE_ADDRESS__)
#define QUADRIC_SANITIZED 1
#else
#define QUADRIC_SANITIZED 0
#endif

#if defined(__GLIBC__) && !QUADRIC_SANITIZED
extern "C" void* __libc_malloc(std::size_t size);
extern "C" void* malloc(std::size_t size) {
  ++allocations;
  return __libc_malloc(size);
}
constexpr bool counted = true;
#else
constexpr bool counted = false;
#endif

namespace {

using quadric::Index;
using quadric::Matrix;
using quadric::Objective;
using quadric::Residuals;
using quadric::Vector;

/// How often `work` asks for memory, after a first run.
template <class Work>
int allocations_after_the_first(const Work& work) {
  work();
  const int before = allocations;
  work();
  return allocations - before;
}

class SmallEvaluations : public testing::TestWithParam<Index> {
 protected:
  const Vector x = Vector::LinSpaced(GetParam(), 0.5, 1.5);
  Vector g, r, w;
  Matrix H, J;
};

constexpr auto chained = [](const auto& x) {
  using std::exp;
  auto sum = exp(x[0]) * x[0];
  for (Index i = 1; i < x.size(); ++i) sum += exp(x[i] * x[i - 1]) / (1.0 + x[i] * x[i]);
  return sum;
};

TEST_P(SmallEvaluations, OfAnObjectiveAskForNoMemory) {
  const Objective f = chained;
  EXPECT_EQ(allocations_after_the_first([&] { f.value(x); }), 0);
  EXPECT_EQ(allocations_after_the_first([&] { f.gradient(x, g); }), 0);
  EXPECT_EQ(allocations_after_the_first([&] { f.hessian(x, g, H); }), 0);
  EXPECT_EQ(allocations_after_the_first([&] { f.hessian_product(x, x, g); }), 0);
}

TEST_P(SmallEvaluations, OfResidualsAskForNoMemory) {
  const Residuals residuals = [](const auto& u) { return std::array{chained(u), u[0] * u[u.size() - 1]}; };
  w.setOnes(2);
  EXPECT_EQ(allocations_after_the_first([&] { residuals.value(x, r); }), 0);
  EXPECT_EQ(allocations_after_the_first([&] { residuals.jacobian(x, r, J); }), 0);
  EXPECT_EQ(allocations_after_the_first([&] { residuals.weighted_hessian(x, w, H); }), 0);
}

TEST(Allocations, AreSeen) {
  static Vector kept;
  EXPECT_EQ(allocations_after_the_first([] { kept = Vector(kept.size() + 1); }), counted ? 1 : 0);
}

INSTANTIATE_TEST_SUITE_P(Sizes, SmallEvaluations, testing::Range<Index>(1, 17));

TEST(Reentrancy, AFunctionMayDifferentiateAnotherOfTheSameSize) {
  const Objective inner = [](const auto& x) { return x[0] * x[0] * x[1]; };
  const Objective outer = [&](const auto& x) {
    Vector g;
    inner.gradient(Vector(Vector::Constant(2, 3.0)), g);
    return g[0] * x[0] + g[1] * x[1] * x[1];
  };
  Vector g;
  outer.gradient(Vector(Vector::Constant(2, 2.0)), g);
  EXPECT_EQ(g[0], 18.0);
  EXPECT_EQ(g[1], 36.0);
}

}  // namespace
