#include <cmath>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "quadric/derivatives/automatic.hpp"
#include "quadric/problem/expression.hpp"

namespace quadric {
namespace {

TEST(ExpressionDerivatives, AreExactToSecondOrder) {
  const auto model = Expression::parse("100*(y-x^2)^2+(1-x)^2").bind({"x", "y"});
  const auto f = [&](const auto& x) { return model.evaluate(x); };
  Vector g;
  Matrix H;
  EXPECT_DOUBLE_EQ(automatic::hessian(f, Vector(Point{-1.2, 1.0}), g, H), 24.2);
  EXPECT_NEAR(g[0], -215.6, 1e-11);
  EXPECT_NEAR(g[1], -88.0, 1e-12);
  EXPECT_NEAR(H(0, 0), 1330.0, 1e-10);
  EXPECT_NEAR(H(1, 0), 480.0, 1e-11);
  EXPECT_NEAR(H(1, 1), 200.0, 1e-12);
  Vector Hv;
  automatic::hessian_product(f, Vector(Point{-1.2, 1.0}), Vector(Point{1.0, 0.0}), Hv);
  EXPECT_NEAR(Hv[1], 480.0, 1e-11);
}

TEST(ExpressionDerivatives, ExistForEveryFunction) {
  for (const char* text :
       {"exp(x)",  "expm1(x)", "log(x)",     "log10(x)", "log2(x)",  "log1p(x)",   "sqrt(x)",   "cbrt(x)",
        "sin(x)",  "cos(x)",   "tan(x)",     "asin(x)",  "acos(x)",  "atan(x)",    "sinh(x)",   "cosh(x)",
        "tanh(x)", "asinh(x)", "acosh(x+1)", "atanh(x)", "abs(x)",   "gamma(x)",   "lgamma(x)", "sq(x)",
        "erf(x)",  "erfc(x)",  "atan2(x,2)", "min(x,1)", "max(x,1)", "hypot(x,2)", "x^1.5",     "2^x",
        "x^x",     "x^-3",     "1/x",        "x/3",      "3-x",      "x^5"}) {
    const auto model = Expression::parse(text).bind({"x"});
    const double x = 0.4, h = 1e-3;
    const auto at = [&](double t) { return static_cast<double>(model.evaluate(std::vector<double>{t})); };
    const double slope = (8 * (at(x + h) - at(x - h)) - (at(x + 2 * h) - at(x - 2 * h))) / (12 * h);
    Vector g;
    automatic::gradient([&](const auto& v) { return model.evaluate(v); }, Vector(Point{x}), g);
    EXPECT_NEAR(g[0], slope, 1e-8 * (1 + std::abs(slope))) << text;
  }
}

TEST(ExpressionDerivatives, AgreeWithDifferencesOnTheNistModels) {
  const auto problems =
      nlohmann::json::parse(std::ifstream(QUADRIC_SOURCE_DIR "/examples/data/nist/certified.json"));
  for (const auto& problem : problems) {
    SCOPED_TRACE(problem["name"].get<std::string>());
    const auto names = problem["parameters"].get<std::vector<std::string>>();
    const std::string text = problem["model"];
    const bool two = text.find("x1") != std::string::npos;
    const auto model = Expression::parse(text).bind(
        names, two ? std::vector<std::string>{"x1", "x2"} : std::vector<std::string>{"x"});
    const std::vector<double> data(two ? 2 : 1, 1.25);
    const auto b = problem["certified"].get<std::vector<double>>();
    const Vector x = Eigen::Map<const Vector>(b.data(), static_cast<Index>(b.size()));
    const auto f = [&](const auto& v) { return model.evaluate(v, data); };
    Vector g;
    EXPECT_EQ(automatic::gradient(f, x, g), f(x));
    for (Index k = 0; k < x.size(); ++k) {
      const auto at = [&](long double step) {
        std::vector<long double> moved(b.begin(), b.end());
        moved[static_cast<std::size_t>(k)] += step;
        return f(moved);
      };
      const long double h = 1e-4L * std::abs(x[k]);
      const auto slope = static_cast<double>((8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h));
      const auto noise = static_cast<double>(1e-18L * std::abs(at(0.0L)) / h);
      EXPECT_NEAR(g[k], slope, 1e-8 * std::abs(slope) + noise) << names[static_cast<std::size_t>(k)];
    }
  }
}

}  // namespace
}  // namespace quadric
