#include "quadric/problem/bounds.hpp"

#include <limits>

#include <Eigen/SparseCore>
#include <gtest/gtest.h>

#include "quadric/base/misuse.hpp"
#include "quadric/problem/problem.hpp"

#include "problem/face.hpp"

namespace quadric {
namespace {

constexpr double inf = Bounds::none;

std::string complaint(const Point& lower, const Point& upper) {
  try {
    Bounds(lower, upper);
  } catch (const Misuse& misuse) {
    return misuse.what();
  }
  return "";
}

TEST(Bounds, ContainTheirEdges) {
  const Bounds box({0.0, -inf}, {1.0, 2.0});
  EXPECT_TRUE(box.contain(Point{0.0, 2.0}));
  EXPECT_TRUE(box.contain(Point{0.5, -1e300}));
  EXPECT_FALSE(box.contain(Point{-1e-300, 0.0}));
  EXPECT_FALSE(box.contain(Point{0.5, 2.1}));
  EXPECT_FALSE(box.contain(Point{std::numeric_limits<double>::quiet_NaN(), 0.0}));
  EXPECT_TRUE(Bounds().contain(Point{1e300}));
}

TEST(Bounds, PlaceTheNearestPoint) {
  const Bounds box({0.0, -inf, 1.0}, {1.0, 2.0, 1.0});
  Vector x = Point{-3.0, 7.0, 0.0};
  box.place(x);
  EXPECT_EQ(x, Vector(Point{0.0, 2.0, 1.0}));
  Vector inside = Point{0.25, -8.0, 1.0};
  box.place(inside);
  EXPECT_EQ(inside, Vector(Point{0.25, -8.0, 1.0}));
  Vector near = Point{1.0 - 1e-16, 2.0 + 4e-16, 1.0};
  box.place(near);
  EXPECT_EQ(near, Vector(Point{1.0, 2.0, 1.0}));
}

TEST(Bounds, HoldWhatWouldLeave) {
  const Bounds box({0.0, 0.0, 3.0}, {1.0, 1.0, 3.0});
  EXPECT_TRUE(box.hold(0, 0.0, 1.0));
  EXPECT_FALSE(box.hold(0, 0.0, -1.0));
  EXPECT_FALSE(box.hold(0, 0.0, 0.0));
  EXPECT_FALSE(box.hold(0, 0.5, 1.0));
  EXPECT_TRUE(box.hold(1, 1.0, -1.0));
  EXPECT_FALSE(box.hold(1, 1.0, 1.0));
  EXPECT_TRUE(box.hold(2, 3.0, 0.0));
}

TEST(Bounds, RefuseWhatIsNoBox) {
  EXPECT_NE(complaint({0.0}, {1.0, 2.0}).find("1 lower bound, but 2 upper ones"), std::string::npos);
  EXPECT_NE(complaint({0.0, 2.0}, {1.0, 1.0}).find("2 and 1 of the variable at index 1"), std::string::npos);
  EXPECT_NE(complaint({std::numeric_limits<double>::quiet_NaN()}, {1.0}).find("no number"),
            std::string::npos);
  EXPECT_NE(complaint({inf}, {inf}).find("no number"), std::string::npos);
  EXPECT_NE(complaint({-inf}, {-inf}).find("no number"), std::string::npos);
  EXPECT_EQ(complaint({-inf, 1.0}, {inf, 1.0}), "");
  EXPECT_THROW(require_size(Bounds::at_least({0.0}), 2), Misuse);
  EXPECT_NO_THROW(require_size(Bounds(), 2));
}

/// The quadric on a face is that of the function on the face.
TEST(Face, RestrictsFunctionAndQuadricAlike) {
  const Objective f = [](const auto& x) {
    using std::sin;
    return x[0] * x[0] * x[1] + sin(x[2]) * x[0] + x[3] * x[3] * x[1];
  };
  const Vector x = Point{0.3, -0.7, 1.1, 2.0};
  const Face face(4, {0, 3});
  const Objective part = face.restrict(f, x);
  Vector g, y = Point{0.3, 2.0}, Hv;
  Matrix H;
  SparseMatrix lower;
  EXPECT_EQ(part.hessian(y, g, H), f.value(x));
  const double c = std::sin(1.1);
  EXPECT_NEAR(g[0], 2.0 * 0.3 * -0.7 + c, 1e-15);
  EXPECT_NEAR(g[1], 2.0 * 2.0 * -0.7, 1e-15);
  EXPECT_NEAR(H(0, 0), -1.4, 1e-15);
  EXPECT_NEAR(H(1, 1), -1.4, 1e-15);
  EXPECT_EQ(H(0, 1), 0.0);
  part.hessian_product(y, Point{1.0, 2.0}, Hv);
  EXPECT_TRUE(Hv.isApprox(H * Vector(Point{1.0, 2.0})));
  part.sparse_hessian(y, g, lower);
  EXPECT_TRUE(Matrix(lower).isApprox(H));

  const Objective middle = face.restrict(f, x);
  LocalModel model;
  model.x = x;
  model.objective = &f;
  model.fill_hessian();
  EXPECT_TRUE(face.restrict(model).hessian.isApprox(H));
  EXPECT_EQ(face.extend(Point{5.0, 6.0}), Vector(Point{5.0, 0.0, 0.0, 6.0}));
  EXPECT_EQ(face.extend(Vector()).size(), 0);
}

TEST(Face, RestrictsASparseTriangle) {
  Matrix full(4, 4);
  full << 1, 2, 0, 4, 2, 5, 6, 0, 0, 6, 8, 9, 4, 0, 9, 10;
  const SparseMatrix lower = Matrix(full.triangularView<Eigen::Lower>()).sparseView();
  const SparseMatrix part = Face(4, {0, 2, 3}).restrict(lower);
  Matrix expected(3, 3);
  expected << 1, 0, 0, 0, 8, 0, 4, 9, 10;
  EXPECT_EQ(Matrix(part), expected);
}

}  // namespace
}  // namespace quadric
