#include "linalg/column_products.hpp"

#include <cmath>
#include <cstdlib>
#include <limits>

#include <gtest/gtest.h>

#include "linalg/sums.hpp"

namespace quadric::linalg {
namespace {

TEST(ColumnProducts, AreThoseOfAnyNumberOfRowsAndColumns) {
  std::srand(3);
  for (const Index columns : {1, 2, 3, 4, 7, 8, 32, 33}) {
    for (const Index rows : {1, 2, 3, 4, 5, 8, 13, 64, 101}) {
      const Matrix A = Matrix::Random(rows, columns);
      Matrix products;
      column_products(A, products);
      const Eigen::Matrix<long double, Eigen::Dynamic, Eigen::Dynamic> wide = A.cast<long double>();
      const Matrix expected = (wide.transpose() * wide).cast<double>();
      const Matrix error = (products - expected).triangularView<Eigen::Lower>();
      EXPECT_LE(error.cwiseAbs().maxCoeff(), 1e-14 * static_cast<double>(rows)) << rows << " x " << columns;
    }
  }
}

TEST(ColumnProducts, CarryWhatIsNotFinite) {
  Matrix A = Matrix::Ones(5, 3), products;
  A(4, 1) = std::numeric_limits<double>::quiet_NaN();
  column_products(A, products);
  EXPECT_TRUE(std::isnan(products(1, 1)) && std::isnan(products(1, 0)) && std::isnan(products(2, 1)));
  EXPECT_EQ(products(2, 0), 5.0);
}

TEST(Sums, NormsNeitherOverflowNorUnderflow) {
  const Vector v{{3.0, 4.0}};
  for (const double size : {1e-300, 1e-150, 1.0, 1e150, 1e300})
    EXPECT_NEAR(norm(Vector(size * v)) / size, 5.0, 1e-14) << size;
  EXPECT_EQ(norm(Vector::Zero(2)), 0.0);
}

TEST(Sums, TellWhatIsFinite) {
  Vector v = Vector::Constant(9, std::numeric_limits<double>::max());
  EXPECT_TRUE(all_finite(v));
  for (const double wrong :
       {std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity(),
        std::numeric_limits<double>::quiet_NaN()}) {
    v[8] = wrong;
    EXPECT_FALSE(all_finite(v));
  }
}

}  // namespace
}  // namespace quadric::linalg
