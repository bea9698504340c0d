#include "derivatives/tape/projection.hpp"

#include <array>
#include <cstddef>
#include <limits>
#include <random>
#include <vector>

#include <Eigen/Eigenvalues>
#include <Eigen/QR>
#include <gtest/gtest.h>

#include "quadric/base/types.hpp"

#include "derivatives/tape/kernels.hpp"

namespace quadric::formula {
namespace {

CurvatureRange everything(std::size_t n) {
  CurvatureRange range{.variables = n, .rank = n};
  for (std::size_t i = 0; i < n; ++i) {
    range.entries.push_back({1.0, static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(i)});
    range.start.push_back(i + 1);
  }
  return range;
}

/// Lower triangles, entry by entry, one matrix a lane.
class Lanes {
 public:
  explicit Lanes(const std::vector<Matrix>& matrices)
      : rows_(matrices[0].rows()), lanes_(matrices.size()), numbers_(size() * lanes_ + 8) {
    for (std::size_t l = 0; l < lanes_; ++l) {
      std::size_t k = 0;
      for (Index i = 0; i < rows_; ++i) {
        for (Index j = 0; j <= i; ++j) data()[k++ * lanes_ + l] = matrices[l](i, j);
      }
    }
  }
  double* data() {
    const auto address = reinterpret_cast<std::uintptr_t>(numbers_.data());
    return numbers_.data() + (64 - address % 64) % 64 / sizeof(double);
  }
  Matrix matrix(std::size_t lane) {
    Matrix A(rows_, rows_);
    std::size_t k = 0;
    for (Index i = 0; i < rows_; ++i) {
      for (Index j = 0; j <= i; ++j) A(i, j) = A(j, i) = data()[k++ * lanes_ + lane];
    }
    return A;
  }

 private:
  std::size_t size() const { return static_cast<std::size_t>(rows_ * (rows_ + 1) / 2); }

  Index rows_;
  std::size_t lanes_;
  std::vector<double> numbers_;
};

/// Symmetric matrices with eigenvalues of every sign and size, some of them 0, some equal.
Matrix random_matrix(Index n, std::mt19937& random) {
  std::normal_distribution<double> normal;
  const Matrix Q =
      Eigen::HouseholderQR<Matrix>(Matrix::NullaryExpr(n, n, [&] { return normal(random); })).householderQ();
  static constexpr std::array<double, 8> values{-1.0, 0.0, 1.0, 1e-3, -1e-3, 3.0, -1e-7, 1e-7};
  const Vector spectrum = Vector::NullaryExpr(
      n, [&] { return random() % 3 == 0 ? values[random() % values.size()] : std::abs(normal(random)); });
  return Q * spectrum.asDiagonal() * Q.transpose();
}

TEST(Projection, AgreesWithAnEigendecompositionAtEveryKernelLevel) {
  std::mt19937 random(7);
  for (const KernelLevel& level : kernel_levels()) {
    if (!force_kernel_level(level.name)) continue;
    for (const std::size_t n : {1U, 2U, 3U, 4U, 5U, 6U, 7U, 8U, 9U, 12U}) {
      const CurvatureRange range = everything(n);
      for (const double scale : {1.0, 1e-30, 1e30}) {
        for (const bool absolute : {false, true}) {
          std::vector<Matrix> given;
          for (int l = 0; l < 16; ++l) given.push_back(scale * random_matrix(static_cast<Index>(n), random));
          Lanes lanes(given);
          project(range, 16, 16, absolute, lanes.data());
          for (std::size_t l = 0; l < given.size(); ++l) {
            const Eigen::SelfAdjointEigenSolver<Matrix> spectrum(given[l]);
            const Vector values = absolute ? Vector(spectrum.eigenvalues().cwiseAbs())
                                           : Vector(spectrum.eigenvalues().cwiseMax(0.0));
            const Matrix expected =
                spectrum.eigenvectors() * values.asDiagonal() * spectrum.eigenvectors().transpose();
            EXPECT_LE((lanes.matrix(l) - expected).norm(), 1e-11 * given[l].norm())
                << level.name << ", " << n << " rows, lane " << l;
          }
        }
      }
    }
  }
  force_kernel_level("");
}

TEST(Projection, LeavesSemidefiniteAndNonFiniteMatricesAsTheyAre) {
  std::mt19937 random(3);
  std::vector<Matrix> given(8, Matrix::Zero(3, 3));
  for (std::size_t l = 1; l < 6; ++l) {
    const Matrix root = random_matrix(3, random);
    given[l] = root * root.transpose();
  }
  given[6](0, 0) = std::numeric_limits<double>::infinity();
  Lanes lanes(given);
  project(everything(3), 8, 8, false, lanes.data());
  for (std::size_t l = 0; l < 7; ++l)
    EXPECT_EQ(lanes.matrix(l), Matrix(given[l].selfadjointView<Eigen::Lower>()));
}

// (x0 - x2)² exp(p (x1 - x3)) + 2 x0: the second derivatives live on the two differences.
TEST(CurvatureRange, IsSpannedByTheLinearFormsThatOtherOperationsRead) {
  Graph graph;
  const Id along = graph.subtract(graph.variable(0), graph.variable(2));
  const Id across = graph.subtract(graph.variable(1), graph.variable(3));
  const Id bent =
      graph.multiply(graph.multiply(along, along),
                     graph.apply(Operation::Exponential, graph.multiply(graph.parameter(0), across)));
  const std::array outputs{bent};
  const CurvatureRange range = curvature_range(graph, outputs, 4);
  EXPECT_EQ(range.rank, 2U);
  Matrix Q = Matrix::Zero(4, 2);
  for (const auto& entry : range.entries) Q(entry.row, entry.column) = entry.value;
  EXPECT_LT((Q.transpose() * Q - Matrix::Identity(2, 2)).norm(), 1e-15);
  EXPECT_LT((Q.transpose() * Vector{{1.0, 0.0, 1.0, 0.0}}).norm(), 1e-15);
  EXPECT_LT((Q.transpose() * Vector{{0.0, 1.0, 0.0, 1.0}}).norm(), 1e-15);
}

TEST(CurvatureRange, IsEverythingWhereEachVariableIsReadAlone) {
  Graph graph;
  const Id product = graph.multiply(graph.variable(0), graph.variable(1));
  const CurvatureRange range = curvature_range(graph, std::array{product}, 2);
  EXPECT_EQ(range.rank, 2U);
}

TEST(CurvatureRange, IsEmptyForALinearFunction) {
  Graph graph;
  const Id sum = graph.add(graph.variable(0), graph.variable(1));
  EXPECT_EQ(curvature_range(graph, std::array{sum}, 2).rank, 0U);
}

}  // namespace
}  // namespace quadric::formula
