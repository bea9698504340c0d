#include "quadric/problem/expression.hpp"

#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <numbers>
#include <random>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "quadric/base/misuse.hpp"

#include "base/nearest_name.hpp"
#include "io/csv.hpp"

namespace quadric {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

double value(std::string_view text) {
  return Expression::parse(text).bind({}).evaluate(std::vector<double>{});
}

double value(std::string_view text, double x) {
  return Expression::parse(text).bind({"x"}).evaluate(std::vector<double>{x});
}

std::string complaint(std::string_view text, const std::vector<std::string>& parameters = {},
                      const std::vector<std::string>& data = {}) {
  try {
    Expression::parse(text).bind(parameters, data);
  } catch (const Misuse& error) {
    return error.what();
  }
  return "no complaint";
}

// The column under which the caret of a message stands, counted from 0 in the text above it.
std::size_t caret(const std::string& message) {
  const std::size_t line = message.rfind('\n');
  return message.size() - 1 - (line + 1) - 2;  // less the margin
}

// A scalar with the least that an expression may ask for; it counts the products made.
struct Tiny {
  explicit Tiny(double x = 0.0, double slope = 0.0) : value(x), derivative(slope) {}
  double value, derivative;
  static inline int products = 0;

  friend Tiny operator-(const Tiny& a) { return Tiny(-a.value, -a.derivative); }
  friend Tiny operator+(const Tiny& a, const Tiny& b) {
    return Tiny(a.value + b.value, a.derivative + b.derivative);
  }
  friend Tiny operator-(const Tiny& a, const Tiny& b) { return a + (-b); }
  friend Tiny operator*(const Tiny& a, const Tiny& b) {
    ++products;
    return Tiny(a.value * b.value, a.derivative * b.value + a.value * b.derivative);
  }
  friend Tiny operator/(const Tiny& a, const Tiny& b) {
    const double quotient = a.value / b.value;
    return Tiny(quotient, (a.derivative - quotient * b.derivative) / b.value);
  }
  friend Tiny operator+(const Tiny& a, double s) { return a + Tiny(s); }
  friend Tiny operator-(const Tiny& a, double s) { return a - Tiny(s); }
  friend Tiny operator-(double s, const Tiny& a) { return Tiny(s) - a; }
  friend Tiny operator*(const Tiny& a, double s) { return Tiny(a.value * s, a.derivative * s); }
  friend Tiny operator/(const Tiny& a, double s) { return Tiny(a.value / s, a.derivative / s); }
  friend Tiny operator/(double s, const Tiny& a) { return Tiny(s) / a; }
  friend bool operator<(const Tiny& a, const Tiny& b) { return a.value < b.value; }
  friend bool operator>(const Tiny& a, const Tiny& b) { return a.value > b.value; }
  friend bool operator==(const Tiny& a, const Tiny& b) { return a.value == b.value; }
  friend Tiny exp(const Tiny& a) { return Tiny(std::exp(a.value), std::exp(a.value) * a.derivative); }
  friend Tiny log(const Tiny& a) { return Tiny(std::log(a.value), a.derivative / a.value); }
  friend Tiny sin(const Tiny& a) { return Tiny(std::sin(a.value), std::cos(a.value) * a.derivative); }
  friend Tiny cos(const Tiny& a) { return Tiny(std::cos(a.value), -std::sin(a.value) * a.derivative); }
  friend Tiny sqrt(const Tiny& a) {
    return Tiny(std::sqrt(a.value), 0.5 / std::sqrt(a.value) * a.derivative);
  }
  friend Tiny pow(const Tiny& a, const Tiny& b) { return exp(b * log(a)); }
};

TEST(Expression, FollowsTheRulesOfArithmetic) {
  EXPECT_EQ(value("1+2*3"), 7.0);
  EXPECT_EQ(value("(1+2)*3"), 9.0);
  EXPECT_EQ(value("10-3-2"), 5.0);
  EXPECT_EQ(value("16/4/2"), 2.0);
  EXPECT_EQ(value("2^3^2"), 512.0);
  EXPECT_EQ(value("2**3**2"), 512.0);
  EXPECT_EQ(value("2^-1"), 0.5);
  EXPECT_EQ(value("-2^2"), -4.0);
  EXPECT_EQ(value("(-2)^2"), 4.0);
  EXPECT_EQ(value("2^-2^2"), 0.0625);
  EXPECT_EQ(value("2*-3"), -6.0);
  EXPECT_EQ(value("1--1"), 2.0);
  EXPECT_EQ(value("--+-1"), -1.0);
  EXPECT_EQ(value(" 1 +\t2\n* 3 "), 7.0);
  EXPECT_EQ(value("-x^2", 3.0), -9.0);
  EXPECT_EQ(value("x-x/x*x", 3.0), 0.0);
}

TEST(Expression, ReadsNumbers) {
  EXPECT_EQ(value("1.5"), 1.5);
  EXPECT_EQ(value(".5"), 0.5);
  EXPECT_EQ(value("1."), 1.0);
  EXPECT_EQ(value("1e-3"), 1e-3);
  EXPECT_EQ(value("2.5E+3"), 2500.0);
  EXPECT_EQ(value("1e-310"), 1e-310);
  EXPECT_EQ(value("0.1"), 0.1);
}

TEST(Expression, KnowsItsFunctions) {
  const double x = 0.7;
  const std::vector<std::pair<const char*, double>> table = {{"exp(x)", std::exp(x)},
                                                             {"expm1(x)", std::expm1(x)},
                                                             {"log(x)", std::log(x)},
                                                             {"ln(x)", std::log(x)},
                                                             {"log10(x)", std::log10(x)},
                                                             {"log2(x)", std::log2(x)},
                                                             {"log1p(x)", std::log1p(x)},
                                                             {"sqrt(x)", std::sqrt(x)},
                                                             {"cbrt(x)", std::cbrt(x)},
                                                             {"sin(x)", std::sin(x)},
                                                             {"cos(x)", std::cos(x)},
                                                             {"tan(x)", std::tan(x)},
                                                             {"asin(x)", std::asin(x)},
                                                             {"acos(x)", std::acos(x)},
                                                             {"atan(x)", std::atan(x)},
                                                             {"atan2(x,2)", std::atan2(x, 2.0)},
                                                             {"atan2(2,x)", std::atan2(2.0, x)},
                                                             {"sinh(x)", std::sinh(x)},
                                                             {"cosh(x)", std::cosh(x)},
                                                             {"tanh(x)", std::tanh(x)},
                                                             {"asinh(x)", std::asinh(x)},
                                                             {"acosh(x+1)", std::acosh(x + 1)},
                                                             {"atanh(x)", std::atanh(x)},
                                                             {"abs(-x)", x},
                                                             {"erf(x)", std::erf(x)},
                                                             {"erfc(x)", std::erfc(x)},
                                                             {"gamma(x)", std::tgamma(x)},
                                                             {"tgamma(x)", std::tgamma(x)},
                                                             {"lgamma(x)", std::lgamma(x)},
                                                             {"min(x,1)", x},
                                                             {"max(x,1)", 1.0},
                                                             {"min(2,x,1)", x},
                                                             {"max(x,3,2)", 3.0},
                                                             {"hypot(x,1)", std::hypot(x, 1.0)},
                                                             {"pow(x,1.5)", std::pow(x, 1.5)},
                                                             {"pow(2,x)", std::pow(2.0, x)},
                                                             {"x^x", std::pow(x, x)},
                                                             {"sq(x)", x * x},
                                                             {"square(x+1)", (x + 1) * (x + 1)},
                                                             {"hypot(x,2,3)", std::hypot(x, 2.0, 3.0)}};
  for (const auto& [text, expected] : table) {
    EXPECT_DOUBLE_EQ(value(text, x), expected) << text;
    const auto on_data = Expression::parse(text).bind({}, {"x"});
    EXPECT_DOUBLE_EQ(on_data.evaluate(std::vector<double>{}, std::array{x}), expected) << text << " on data";
    const auto wide = Expression::parse(text).bind({"x"}).evaluate(std::vector<long double>{0.7L});
    static_assert(std::is_same_v<decltype(wide), const long double>);
    EXPECT_NEAR(static_cast<double>(wide), expected, 1e-14) << text << " in long double";
  }
}

TEST(Expression, RaisesToWholePowersExactly) {
  for (int n = -9; n <= 9; ++n) {
    for (const double x : {-1.7, -2.0, 3.0, 0.4}) {
      EXPECT_DOUBLE_EQ(value("x^(" + std::to_string(n) + ")", x), std::pow(x, n)) << x << '^' << n;
    }
  }
  EXPECT_EQ(value("x^3", -2.0), -8.0);
  EXPECT_EQ(value("x^3.0", -2.0), -8.0);
  EXPECT_EQ(value("(-2)^3"), -8.0);
  EXPECT_TRUE(std::isnan(value("x^0.5", -2.0)));
  EXPECT_EQ(Expression::parse("x^7").bind({"x"}).evaluate(std::array{Tiny(-2.0, 1.0)}).derivative, 448.0);
  EXPECT_EQ(Expression::parse("x^-3").bind({"x"}).evaluate(std::array{Tiny(-2.0, 1.0)}).derivative,
            -3.0 / 16.0);
}

TEST(Expression, LetsANotANumberThrough) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const char* text : {"min(x,1)", "min(1,x)", "max(x,1)", "max(1,x)", "max(0,1,x)"}) {
    EXPECT_TRUE(std::isnan(value(text, nan))) << text;
  }
}

TEST(Expression, ListsItsNamesInOrder) {
  const Expression model = Expression::parse("b2*exp(-b1*x)+pi*b2+e*_c3");
  EXPECT_THAT(model.names(), ElementsAre("b2", "b1", "x", "_c3"));
  EXPECT_EQ(model.text(), "b2*exp(-b1*x)+pi*b2+e*_c3");
}

TEST(Expression, TakesPiAndEAsConstantsUnlessBound) {
  EXPECT_EQ(value("pi"), std::numbers::pi);
  EXPECT_EQ(value("e"), std::numbers::e);
  const auto bound = Expression::parse("e*pi").bind({"e"}, {"pi"});
  EXPECT_EQ(bound.evaluate(std::array{3.0}, std::array{5.0}), 15.0);
  EXPECT_EQ(Expression::parse("gamma*x").bind({"gamma", "x"}).evaluate(std::array{2.0, 3.0}), 6.0);
}

TEST(Expression, BindsNamesToPlaces) {
  const auto model = Expression::parse("b1*(1-exp(-b2*x))").bind({"unused", "b2", "b1"}, {"y", "x"});
  const double expected = 2.0 * (1 - std::exp(-0.5 * 3.0));
  EXPECT_EQ(model.evaluate(std::array{9.0, 0.5, 2.0}, std::array{8.0, 3.0}), expected);
  EXPECT_EQ(model.evaluate(Point{9.0, 0.5, 2.0}, std::array{8.0, 3.0}), expected);
  EXPECT_EQ(model.evaluate(Vector(Point{9.0, 0.5, 2.0}), std::array{8.0, 3.0}), expected);
  Matrix strided(2, 3);
  strided << 9.0, 0.5, 2.0, 0.0, 0.0, 0.0;
  EXPECT_EQ(model.evaluate(strided.row(0), std::array{8.0, 3.0}), expected);
  EXPECT_THAT(model.parameters(), ElementsAre("unused", "b2", "b1"));
  EXPECT_THAT(model.data(), ElementsAre("y", "x"));
  EXPECT_THROW(model.evaluate(std::array{1.0}, std::array{8.0, 3.0}), Misuse);
  EXPECT_THROW(model.evaluate(std::array{9.0, 0.5, 2.0}), Misuse);
}

TEST(Expression, ReturnsALoneLeaf) {
  EXPECT_EQ(Expression::parse("4").bind({"x"}).evaluate(std::array{Tiny(2.0, 1.0)}).value, 4.0);
  EXPECT_EQ(Expression::parse("x").bind({"x"}).evaluate(std::array{Tiny(2.0, 1.0)}).derivative, 1.0);
  EXPECT_EQ(
      Expression::parse("(t)").bind({"x"}, {"t"}).evaluate(std::array{Tiny(2.0, 1.0)}, std::array{7.0}).value,
      7.0);
}

TEST(Expression, DoesInDoubleWhatDependsOnDataAlone) {
  const auto model = Expression::parse("b*cos(2*pi*x*x/12)*x*x").bind({"b"}, {"x"});
  EXPECT_EQ(model.prepared_size(), 4U);  // (2 pi x) x / 12 and its cosine
  Tiny::products = 0;
  const Tiny result = model.evaluate(std::array{Tiny(2.0, 1.0)}, std::array{3.0});
  EXPECT_EQ(Tiny::products, 0);
  EXPECT_NEAR(result.derivative, std::cos(1.5 * std::numbers::pi) * 9.0, 1e-14);

  std::array<double, 4> prepared{};
  model.prepare(std::array{3.0}, prepared);
  EXPECT_EQ(model.evaluate_prepared(std::array{Tiny(2.0, 1.0)}, std::array{3.0}, prepared).value,
            result.value);
  EXPECT_THROW(model.prepare(std::array{3.0}, std::span(prepared).first(2)), Misuse);
}

TEST(Expression, ComputesEqualPartsOnce) {
  const auto model = Expression::parse("sin(a*b)*cos(a*b)+sin(a*b)").bind({"a", "b"});
  Tiny::products = 0;
  model.evaluate(std::array{Tiny(2.0, 1.0), Tiny(3.0)});
  EXPECT_EQ(Tiny::products, 2);
}

TEST(Expression, NamesTheFunctionThatAScalarLacks) {
  const auto model = Expression::parse("erf(a)").bind({"a"});
  try {
    model.evaluate(std::array{Tiny(1.0)});
    FAIL();
  } catch (const Misuse& error) {
    EXPECT_THAT(error.what(), HasSubstr("'erf'"));
  }
}

TEST(Expression, EvaluatesLargeExpressions) {
  std::string chain = "x", product = "x";
  for (int i = 2; i <= 20000; ++i) chain += "+x";
  EXPECT_EQ(value(chain, 0.5), 10000.0);
  std::string nested;  // keeps more values alive than fit on the stack
  for (int i = 1; i <= 150; ++i) nested += "(x+" + std::to_string(i) + ")*(" + (i == 150 ? "x" : "1+");
  EXPECT_TRUE(std::isfinite(value(nested + std::string(150, ')'), 1e-3)));
  const auto model = Expression::parse(nested + std::string(150, ')')).bind({"x"});
  EXPECT_EQ(model.evaluate(std::array{1e-3L}), model.evaluate(std::vector<long double>{1e-3L}));
}

TEST(Expression, IsEvaluatedByManyThreads) {
  const auto model = Expression::parse("lgamma(x)+exp(-x*t)").bind({"x"}, {"t"});
  std::array<double, 4> results{};
  {
    std::vector<std::jthread> threads;
    for (double& result : results) {
      threads.emplace_back([&model, &result] {
        for (int i = 0; i < 1000; ++i) result += model.evaluate(std::array{2.5}, std::array{0.1 * i});
      });
    }
  }
  for (const double result : results) EXPECT_EQ(result, results[0]);
}

// Certified by the U.S. National Institute of Standards and Technology.
TEST(Expression, ReproducesTheNistResiduals) {
  const std::filesystem::path folder = QUADRIC_SOURCE_DIR "/examples/data/nist";
  const auto problems = nlohmann::json::parse(std::ifstream(folder / "certified.json"));
  ASSERT_EQ(problems.size(), 27U);
  for (const auto& problem : problems) {
    const std::string name = problem["name"];
    SCOPED_TRACE(name);
    const CsvTable table = read_csv(folder / problem["file"].get<std::string>());
    const auto model = Expression::parse(problem["model"].get<std::string>())
                           .bind(problem["parameters"].get<std::vector<std::string>>(), table.names());
    const auto response = Expression::parse(problem["response"].get<std::string>()).bind({}, table.names());
    const auto b = problem["certified"].get<std::vector<double>>();
    const Matrix rows = table.observations(table.names());
    ASSERT_EQ(rows.cols(), problem["observations"].get<Index>());
    long double sum = 0.0L;
    for (Index i = 0; i < rows.cols(); ++i) {
      const std::span<const double> row(rows.col(i).data(), static_cast<std::size_t>(rows.rows()));
      const double r = response.evaluate(std::vector<double>{}, row) - model.evaluate(b, row);
      sum += static_cast<long double>(r) * r;
    }
    const double certified = problem["residual_sum_of_squares"];
    if (name == "Lanczos1") {
      EXPECT_LT(static_cast<double>(sum), 1e-20);  // below the rounding of the printed parameters
    } else {
      EXPECT_NEAR(static_cast<double>(sum), certified, 1e-8 * certified);
    }
  }
}

TEST(ExpressionComplaint, PointsAtWhatItCannotRead) {
  const std::vector<std::tuple<const char*, std::size_t, const char*>> table = {
      {"1+", 2, "but the expression ends here"},
      {"1+*2", 2, "expected a number, a name or '('"},
      {"b1*(1-exp(-b2*x)", 3, "this '(' is never closed"},
      {"exp(1", 3, "this '(' is never closed"},
      {"(1+2))", 5, "this ')' closes no '('"},
      {"()", 1, "expected a number"},
      {"2x", 1, "to multiply, write '*'"},
      {"(1 2)", 3, "expected an operator or ')'; to multiply"},
      {"exp(1 2)", 6, "expected an operator, ',' or ')'"},
      {"1,2", 1, "a ',' stands only between the arguments"},
      {"(1,2)", 2, "a ',' stands only between the arguments"},
      {"x $ y", 2, "expected an operator or the end"},
      {"2*1e999", 2, "out of the range"},
      {"1+1e-999", 2, "out of the range"},
      {"2*sin(x,y)", 2, "'sin' takes 1 argument, not 2"},
      {"atan2(1)", 0, "'atan2' takes 2 arguments, not 1"},
      {"min(1)", 0, "'min' takes 2 or 3 arguments, not 1"},
      {"1+exp()", 2, "'exp' takes 1 argument, not 0"},
      {"max(1,2,3,4)", 0, "'max' takes 2 or 3 arguments, not 4"},
      {"max(1,)", 6, "expected a number"},
      {"1+sine(x)", 2, "there is no function 'sine'; did you mean 'sin'?"},
      {"1+Exp(x)", 2, "did you mean 'exp'?"},
      {"b2(x+1)", 0, "there is no function 'b2'; to multiply, write '*' before the '('"},
      {"1e5.2", 3, "to multiply"},
      {"x***2", 3, "expected a number"},
      {"\xC3\xA9*2", 0, "expected a number"},
      {"2\xC3\x97"
       "3",
       1, "expected an operator"},
      {"2*x y", 4, "expected an operator"},
  };
  for (const auto& [text, column, part] : table) {
    const std::string message = complaint(text, {"x", "y", "b1", "b2"});
    EXPECT_THAT(message, AllOf(StartsWith("cannot read the expression: "), HasSubstr(part),
                               HasSubstr(std::string("\n  ") + text + "\n")));
    EXPECT_EQ(caret(message), column) << message;
  }
}

TEST(ExpressionComplaint, CountsCharactersAndNotBytes) {
  EXPECT_EQ(complaint("1+\t2 \xC3\xA9"),
            "cannot read the expression: expected an operator or the end of the expression\n"
            "  1+ 2 \xC3\xA9\n       ^");
  EXPECT_THAT(complaint("1+\xFF\xFE"), AllOf(HasSubstr("  1+??"), Not(HasSubstr("\xFF"))));
}

TEST(ExpressionComplaint, ShowsOnlyTheNeighbourhoodInALongText) {
  std::string text = "x";
  for (int i = 0; i < 5000; ++i) text += "+x";
  const std::string message = complaint(text + "$" + text, {"x"});
  EXPECT_LT(message.size(), 400U);
  const std::size_t last = message.rfind('\n'), above = message.rfind('\n', last - 1);
  EXPECT_EQ(message[above + (message.size() - 1 - last)], '$') << message;
}

TEST(ExpressionComplaint, NamesUnknownNames) {
  const std::string near = complaint("b1*(1-exp(-b3*x))", {"b1", "b2"}, {"x", "y"});
  EXPECT_THAT(near, AllOf(HasSubstr("unknown name 'b3'; did you mean 'b1'?"), HasSubstr("b1, b2, x, y")));
  EXPECT_EQ(caret(near), 11U);
  EXPECT_THAT(complaint("rat*x", {"rate"}, {"x"}), HasSubstr("did you mean 'rate'?"));
  EXPECT_THAT(complaint("frequency*x", {"b"}, {"x"}),
              AllOf(HasSubstr("unknown name 'frequency'; known: b, x"), Not(HasSubstr("did you mean"))));
  EXPECT_THAT(complaint("sin*x", {"x"}), HasSubstr("'sin', which is a function: write sin(...)"));
  EXPECT_THAT(complaint("x", {"x", "x"}), HasSubstr("'x' is listed twice"));
  EXPECT_THAT(complaint("x", {"x"}, {"x"}), HasSubstr("'x' is listed twice"));
}

TEST(ExpressionComplaint, RefusesWhatIsEmptyOrTooDeep) {
  EXPECT_THAT(complaint(""), HasSubstr("the expression is empty"));
  EXPECT_THAT(complaint(" \t\n"), HasSubstr("the expression is empty"));
  std::string powers = "2";
  for (int i = 0; i < 10000; ++i) powers += "^2";
  std::string calls;
  for (int i = 0; i < 10000; ++i) calls += "exp(";
  for (const std::string& text : {std::string(10000, '(') + "1" + std::string(10000, ')'),
                                  std::string(10000, '('), std::string(10000, '-') + "1", powers, calls}) {
    EXPECT_THAT(complaint(text), HasSubstr("nested more than"));
  }
  EXPECT_EQ(value(std::string(150, '(') + "1" + std::string(150, ')')), 1.0);
}

TEST(ExpressionComplaint, NeverBreaksOnRandomText) {
  std::mt19937 random(20240607);
  const auto pick = [&](std::size_t count) {
    return std::uniform_int_distribution<std::size_t>(0, count - 1)(random);
  };
  const std::array<std::string, 4> seeds{"b1*(1-exp(-b2*x))", "-x^2**3/(1+.5e-3*sin(2*pi*x/12))",
                                         "max(1,min(x,b2,3),hypot(x,1))", "b1/((1+exp(b2-b3*x))^(1/b4))"};
  const std::string letters = "0123456789.eE+-*/^(),, xb_ sincospow\t\n";
  int parsed = 0;
  for (int trial = 0; trial < 20000; ++trial) {
    std::string text = trial % 5 == 0 ? "" : seeds[pick(seeds.size())];
    const std::size_t edits = 1 + pick(text.empty() ? 60 : 4);
    for (std::size_t k = 0; k < edits; ++k) {
      const char c = pick(20) == 0 ? static_cast<char>(pick(256)) : letters[pick(letters.size())];
      const std::size_t at = pick(text.size() + 1);
      if (at < text.size() && pick(2) == 0) {
        pick(3) == 0 ? text.erase(at, 1 + pick(4)) : text.replace(at, 1, 1, c);
      } else {
        text.insert(at, 1, c);
      }
    }
    try {
      const Expression expression = Expression::parse(text);
      const auto bound = expression.bind(expression.names());
      bound.evaluate(std::vector<double>(expression.names().size(), 0.5));
      ++parsed;
    } catch (const Misuse&) {
    }
  }
  EXPECT_GT(parsed, 1000);
}

TEST(NearestName, FindsWhatWasMeant) {
  const std::vector<std::string> solvers{"newton", "gauss-newton", "gradient-descent", "levenberg-marquardt"};
  EXPECT_EQ(nearest_name("newtno", solvers), "newton");
  EXPECT_EQ(nearest_name("Newton", solvers), "newton");
  EXPECT_EQ(nearest_name("gaussnewton", solvers), "gauss-newton");
  EXPECT_EQ(nearest_name("levenberg-marquart", solvers), "levenberg-marquardt");
  EXPECT_EQ(nearest_name("simplex", solvers), std::nullopt);
  EXPECT_EQ(nearest_name("", solvers), std::nullopt);
  EXPECT_EQ(nearest_name("x", {}), std::nullopt);
  const std::vector<std::string> names{"a", "b2", "b1"};
  EXPECT_EQ(nearest_name("b3", names), "b2");
  EXPECT_EQ(nearest_name("c", names), std::nullopt);
  EXPECT_EQ(did_you_mean("B1", names), "; did you mean 'b1'?");
  EXPECT_EQ(did_you_mean("zzz", names), "");
}

}  // namespace
}  // namespace quadric
