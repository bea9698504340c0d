#include "derivatives/tape/swept_tape.hpp"

#include <stdexcept>
#include <thread>
#include <vector>

#include <Eigen/SparseCore>
#include <gtest/gtest.h>

#include "quadric/derivatives/automatic.hpp"
#include "quadric/derivatives/recorded.hpp"

#include "derivatives/random_function.hpp"
#include "derivatives/tape/compression.hpp"
#include "derivatives/tape/dependence.hpp"

namespace quadric {
namespace {

using reference::random_point;
using reference::RandomRecursion;
using sweeps::SweptTape;

/// The tape of a function that returns a list of numbers.
template <class F>
Tape tape_of(const F& f, const Vector& x) {
  Tape tape;
  record(f, x, tape, [&](const auto& results) {
    for (const auto& result : results) tape.results.push_back(Recorded(result).operand());
  });
  return tape;
}

Matrix full(const SparseMatrix& lower) { return Matrix(lower).selfadjointView<Eigen::Lower>(); }

double relative(const Matrix& a, const Matrix& b) {
  if (a.rows() != b.rows() || a.cols() != b.cols()) return 1.0;
  return (a - b).cwiseAbs().maxCoeff() / std::max(1.0, b.cwiseAbs().maxCoeff());
}

template <class F>
void expect_same_derivatives(const F& f, const Vector& x) {
  const SweptTape tape(tape_of(f, x));
  Vector r, expected_r;
  Matrix J, expected_J;
  SparseMatrix sparse;
  automatic::jacobian(f, x, expected_r, expected_J);
  tape.jacobian(x, r, J);
  EXPECT_LT(relative(r, expected_r), 1e-14);
  EXPECT_LT(relative(J, expected_J), 1e-10);
  tape.jacobian(x, r, sparse);
  EXPECT_EQ(Matrix(sparse), J);

  const Vector w = random_point(r.size(), 8), v = random_point(x.size(), 5);
  Vector g, expected_g, product, second, expected_second;
  Matrix H, expected_H;
  automatic::hessian(automatic::weighted_sum(f, w), x, expected_g, expected_H);
  EXPECT_NEAR(tape.gradient(x, w, g), w.dot(expected_r), 1e-12 * r.norm() * w.norm());
  EXPECT_LT(relative(g, expected_g), 1e-10);
  tape.hessian(x, w, g, H);
  EXPECT_LT(relative(g, expected_g), 1e-10);
  EXPECT_LT(relative(H, expected_H), 1e-10);
  tape.hessian(x, w, g, sparse);
  EXPECT_EQ(full(sparse), H);
  tape.hessian_product(x, w, v, product);
  EXPECT_LT(relative(product, expected_H * v), 1e-10);
  automatic::second_directional(f, x, v, expected_second);
  tape.second_directional(x, v, second);
  EXPECT_LT(relative(second, expected_second), 1e-10);
}

TEST(SweptTape, RandomRecursionsAgreeWithDualNumbers) {
  for (unsigned seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE(seed);
    const RandomRecursion f(1 + static_cast<int>(seed % 4), 3 + static_cast<int>(seed % 7), seed);
    expect_same_derivatives(f, random_point(2 + 3 * (seed % 8), seed));
  }
}

TEST(SweptTape, ResultsMayBeVariablesConstantsOrEqual) {
  const auto f = [](const auto& x) {
    using T = ScalarOf<decltype(x)>;
    const T product = x[1] * x[2];
    return std::vector<T>{x[0], T(3.0), product, product, product * x[0] + x[4] * x[4]};
  };
  expect_same_derivatives(f, random_point(6, 1));
}

// sin(z₁ + z₂) in layers: the states are a band.
struct Band {
  int layers;
  template <class X>
  std::vector<ScalarOf<X>> operator()(const X& x) const {
    using std::sin;
    std::vector<ScalarOf<X>> z;
    for (Index i = 0; i < x.size(); ++i) z.push_back(x[i]);
    for (int layer = 0; layer < layers; ++layer) {
      for (std::size_t i = z.size(); --i > 0;) z[i] += 0.3 * sin(z[i - 1]) * z[i];
    }
    for (auto& state : z) state = state * state;
    return z;
  }
};

TEST(SweptTape, BandsTakeLinearTimeAndMemory) {
  const Index n = 20'000, layers = 4;
  const Vector x = 0.2 * random_point(n, 2), v = random_point(n, 3);
  const SweptTape tape(tape_of(Band{static_cast<int>(layers)}, x));
  const auto pattern = sweeps::hessian_pattern(tape.tape());
  ASSERT_TRUE(pattern);
  const Index band = (layers + 1) * n - layers * (layers + 1) / 2;
  EXPECT_EQ(pattern->entries(), band);
  EXPECT_LE(sweeps::Compression::of_hessian(tape.tape()).sweeps(), 2U);
  EXPECT_LE(sweeps::Compression::of_jacobian(tape.tape()).sweeps(), 2U);

  Vector r, g, product;
  SparseMatrix H, J;
  tape.hessian(x, {}, g, H);
  EXPECT_EQ(H.nonZeros(), band);
  tape.hessian_product(x, {}, v, product);
  EXPECT_LT(relative(H.selfadjointView<Eigen::Lower>() * v, product), 1e-12);
  tape.jacobian(x, r, J);
  EXPECT_EQ(J.nonZeros(), band);
  EXPECT_LT(relative(J.transpose() * Vector::Ones(n), g), 1e-12);
}

/// A state that all controls enter.
constexpr auto trajectory = [](const auto& x) {
  using std::sin;
  using T = ScalarOf<decltype(x)>;
  T position(1.0), velocity(0.0), cost(0.0);
  for (Index i = 0; i < x.size(); ++i) {
    position += 0.05 * velocity;
    velocity += 0.05 * (x[i] - sin(position) - 0.1 * velocity * velocity);
    cost += position * position + 0.1 * x[i] * x[i];
  }
  return std::vector<T>{cost, position};
};

TEST(SweptTape, TrajectoriesAreDense) {
  const Vector small = random_point(30, 4);
  expect_same_derivatives(trajectory, small);

  const Index n = 300;
  const Vector x = random_point(n, 4), w{{1.0, -2.0}}, v = random_point(n, 5);
  const SweptTape tape(tape_of(trajectory, x));
  EXPECT_FALSE(sweeps::hessian_pattern(tape.tape()));
  Vector g, product;
  SparseMatrix H;
  tape.hessian(x, w, g, H);
  EXPECT_EQ(H.nonZeros(), n * (n + 1) / 2);
  tape.hessian_product(x, w, v, product);
  EXPECT_LT(relative(H.selfadjointView<Eigen::Lower>() * v, product), 1e-12);
}

TEST(SweptTape, FewResultsAreSweptByRows) {
  const Vector x = random_point(50, 1);
  const auto compression = sweeps::Compression::of_jacobian(tape_of(trajectory, x));
  EXPECT_TRUE(compression.by_rows());
  EXPECT_EQ(compression.sweeps(), 1U);
}

TEST(SweptTape, AHessianThatNothingCanHoldIsRefused) {
  const auto f = [](const auto& x) {
    const ScalarOf<decltype(x)> sum = x.sum();
    return std::vector{sum * sum};
  };
  const Vector x = Vector::Ones(66'000);
  const SweptTape tape(tape_of(f, x));
  Vector g, product;
  SparseMatrix H;
  EXPECT_THROW(tape.hessian(x, {}, g, H), std::length_error);
  tape.hessian_product(x, {}, x, product);
  EXPECT_EQ(product, Vector::Constant(x.size(), 2.0 * static_cast<double>(x.size())));
}

TEST(SweptTape, ThreadsGetTheSameBits) {
  const Vector x = 0.2 * random_point(300, 6);
  const SweptTape tape(tape_of(Band{6}, x)), alone(tape_of(Band{6}, x));
  Vector g, r;
  SparseMatrix H, J;
  alone.hessian(x, {}, g, H);
  alone.jacobian(x, r, J);
  std::vector<std::thread> threads;
  std::vector<int> differences(4, 0);
  for (int& count : differences) {
    threads.emplace_back([&] {
      for (int k = 0; k < 10; ++k) {
        Vector own_g, own_r;
        SparseMatrix own_H, own_J;
        tape.hessian(x, {}, own_g, own_H);
        tape.jacobian(x, own_r, own_J);
        if (own_g != g || own_r != r || Matrix(own_H) != Matrix(H) || Matrix(own_J) != Matrix(J)) ++count;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(differences, std::vector<int>(4, 0));
}

}  // namespace
}  // namespace quadric
