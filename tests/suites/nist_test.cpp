#include <cmath>
#include <fstream>
#include <iostream>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "quadric/compare/comparison.hpp"
#include "quadric/fit/fit.hpp"
#include "quadric/solvers/minimize.hpp"
#include "quadric/solvers/newton.hpp"

/// The NIST regressions against their certified values.
namespace quadric {
namespace {

const std::filesystem::path folder = QUADRIC_SOURCE_DIR "/examples/data/nist";

const std::vector<Case>& cases() {
  static const std::vector<Case> list = nist_suite(folder);
  return list;
}

Solver default_solver() { return choose_solver(cases().front().function, cases().front().from).solver; }

const Comparison& comparison() {
  static const Comparison runs = compare(cases(), {default_solver(), Newton{}});
  return runs;
}

double right_digits(double value, double certified) {
  return value == certified ? 16.0 : -std::log10(std::abs(value - certified) / std::abs(certified));
}

TEST(Nist, HasEveryProblemFromBothStarts) {
  ASSERT_EQ(cases().size(), 54U);
  std::set<std::string> names;
  for (const Case& item : cases()) {
    names.insert(item.problem);
    EXPECT_TRUE(item.function.residuals().has_value()) << item.problem;
    EXPECT_EQ(item.from.size(), item.certified.size()) << item.problem;
  }
  EXPECT_EQ(names.size(), 27U);
}

/// What least squares take by default, nothing tuned. As a rule all are right to nine digits; the compiler's
/// and the processor's rounding may cost some of them the last ones.
TEST(Nist, TheDefaultSolvesAllNearlyAllToNineDigits) {
  std::cout << comparison();
  int runs = 0, sharp = 0;
  for (const ComparedRun& run : comparison().runs) {
    if (run.solver != default_solver().name()) continue;
    ++runs;
    EXPECT_TRUE(run.result.converged()) << run.problem << " from " << run.start << ": " << run.result.reason;
    EXPECT_GE(run.digits, 6.0) << run.problem << " from " << run.start;
    sharp += run.digits >= 9.0 ? 1 : 0;
  }
  EXPECT_GE(sharp, 50);
  EXPECT_EQ(runs, 54);
}

/// The text with one blank where its paragraphs break a line.
std::string without_breaks(const std::string& text) {
  return std::regex_replace(text, std::regex("\\n +"), " ");
}

TEST(Nist, TheSummarySaysEveryRunThatConvergedElsewhere) {
  const std::string text = comparison().table();
  for (const std::string& solver : {default_solver().name(), Solver(Newton{}).name()}) {
    int wrong = 0;
    for (const ComparedRun& run : comparison().runs) {
      if (run.solver != solver || !run.result.converged() || run.digits >= solved_digits) continue;
      ++wrong;
      EXPECT_THAT(text, testing::HasSubstr("  " + run.problem + " from " + run.start + ", " + solver +
                                           ": converged"));
    }
    const std::string failures = wrong == 0 ? "" : std::to_string(wrong) + " converged elsewhere";
    EXPECT_THAT(without_breaks(text), testing::HasSubstr(failures));
  }
}

TEST(Nist, StandardErrorsAreTheCertifiedOnes) {
  const auto index = nlohmann::json::parse(std::ifstream(folder / "certified.json"));
  std::size_t at = 0;
  for (const auto& entry : index) {
    for (const char* start : {"1", "2"}) {
      const Case& item = cases()[at++];
      ASSERT_EQ(item.problem, entry.at("name").get<std::string>());
      SCOPED_TRACE(item.problem + " from start " + start);
      Result result = default_solver().run(item.function, item.from);
      // Its residuals are the rounding of its data (‖r‖² = 1.4e-25): no error can be had from them in double
      // precision.
      if (item.problem == "Lanczos1") continue;
      const Index m = entry.at("observations").get<Index>();
      const Fit fit =
          fit_statistics(std::move(result), *item.function.residuals(), Vector::LinSpaced(m, 0.0, 1.0));
      EXPECT_TRUE(fit.identifiability.complete());
      EXPECT_EQ(fit.degrees_of_freedom, entry.at("degrees_of_freedom").get<Index>());
      EXPECT_GE(right_digits(fit.residual_sum_of_squares, entry.at("residual_sum_of_squares")), 5.0);
      EXPECT_GE(right_digits(fit.residual_standard_deviation, entry.at("residual_standard_deviation")), 5.0);
      const auto certified = entry.at("certified_standard_deviation").get<std::vector<double>>();
      for (std::size_t j = 0; j < certified.size(); ++j) {
        EXPECT_GE(right_digits(fit.standard_error[static_cast<Index>(j)], certified[j]), 6.0)
            << "parameter " << j;
      }
    }
  }
}

/// The same on log scales, where start and answer are positive: another path, the same answer and errors.
TEST(Nist, PositiveParametersOnLogScalesAreTheCertifiedOnes) {
  const auto index = nlohmann::json::parse(std::ifstream(folder / "certified.json"));
  int fits = 0;
  for (std::size_t at = 0; at < cases().size(); ++at) {
    const Case& item = cases()[at];
    const auto& entry = index[at / 2];
    const Index n = item.from.size();
    Parametrization by(item.function.names(n));
    for (Index j = 0; j < n; ++j)
      if (item.from[j] > 0.0 && item.certified[j] > 0.0)
        by.log_scale(by.names()[static_cast<std::size_t>(j)]);
    if (by.is_identity()) continue;
    SCOPED_TRACE(item.problem + " from start " + item.start + ": " + by.describe());
    ++fits;
    const Index m = entry.at("observations").get<Index>();
    const Fit fit =
        fit_residuals(item.function, Vector(Vector::LinSpaced(m, 0.0, 1.0)), item.from, by, default_solver());
    // Far above, rates end on the plateau where both exponentials are over at once, and the certificate
    // knows.
    if (item.problem == "MGH17" && item.start == "1" && !fit.result.converged()) continue;
    EXPECT_TRUE(fit.result.converged()) << fit.result.reason;
    const auto certified = entry.at("certified_standard_deviation").get<std::vector<double>>();
    for (Index j = 0; j < n; ++j) {
      EXPECT_GE(right_digits(fit.result.x[j], item.certified[j]), 6.0) << "parameter " << j;
      if (item.problem == "Lanczos1") continue;
      EXPECT_GE(right_digits(fit.standard_error[j], certified[static_cast<std::size_t>(j)]), 5.0)
          << "parameter " << j;
    }
  }
  EXPECT_GE(fits, 50);
}

}  // namespace
}  // namespace quadric
