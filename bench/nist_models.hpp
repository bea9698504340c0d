#pragma once

#include <cmath>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <quadric/quadric.hpp>

/// The models of the NIST regressions as a user would write them: one generic function each.
namespace bench {

inline constexpr double pi = 3.14159265358979323846;

/// One predictor in x[0], in Nelson's case another in x[1].
using Predictors = std::vector<double>;

template <class Model>
quadric::Residuals compared(const Model& model, const std::vector<Predictors>& xs,
                            const std::vector<double>& ys) {
  return quadric::pointwise(static_cast<quadric::Index>(ys.size()),
                            [model, xs, ys](const auto& b, quadric::Index i) {
                              const auto at = static_cast<std::size_t>(i);
                              return model(b, xs[at]) - ys[at];
                            });
}

using MakeResiduals =
    std::function<quadric::Residuals(const std::vector<Predictors>& xs, const std::vector<double>& ys)>;

template <class Model>
MakeResiduals residuals_of(Model model) {
  return [model](const auto& xs, const auto& ys) { return compared(model, xs, ys); };
}

/// The residuals of each regression by its name.
inline std::map<std::string, MakeResiduals> nist_models() {
  using std::atan;
  using std::cos;
  using std::exp;
  using std::pow;
  using std::sin;
  const auto chwirut = [](const auto& b, const Predictors& x) {
    return exp(-b[0] * x[0]) / (b[1] + b[2] * x[0]);
  };
  const auto gauss = [](const auto& b, const Predictors& x) {
    const auto first = x[0] - b[3], second = x[0] - b[6];
    return b[0] * exp(-b[1] * x[0]) + b[2] * exp(-first * first / (b[4] * b[4])) +
           b[5] * exp(-second * second / (b[7] * b[7]));
  };
  const auto lanczos = [](const auto& b, const Predictors& x) {
    return b[0] * exp(-b[1] * x[0]) + b[2] * exp(-b[3] * x[0]) + b[4] * exp(-b[5] * x[0]);
  };
  const auto cubics = [](const auto& b, const Predictors& x) {
    const double t = x[0];
    return (b[0] + t * (b[1] + t * (b[2] + t * b[3]))) / (1.0 + t * (b[4] + t * (b[5] + t * b[6])));
  };
  return {
      {"Bennett5",
       residuals_of([](const auto& b, const Predictors& x) { return b[0] * pow(b[1] + x[0], -1.0 / b[2]); })},
      {"BoxBOD",
       residuals_of([](const auto& b, const Predictors& x) { return b[0] * (1.0 - exp(-b[1] * x[0])); })},
      {"Chwirut1", residuals_of(chwirut)},
      {"Chwirut2", residuals_of(chwirut)},
      {"DanWood", residuals_of([](const auto& b, const Predictors& x) { return b[0] * pow(x[0], b[1]); })},
      {"ENSO", residuals_of([](const auto& b, const Predictors& x) {
         const double t = 2.0 * pi * x[0];
         return b[0] + b[1] * std::cos(t / 12.0) + b[2] * std::sin(t / 12.0) + b[4] * cos(t / b[3]) +
                b[5] * sin(t / b[3]) + b[7] * cos(t / b[6]) + b[8] * sin(t / b[6]);
       })},
      {"Eckerle4", residuals_of([](const auto& b, const Predictors& x) {
         const auto distance = (x[0] - b[2]) / b[1];
         return b[0] / b[1] * exp(-0.5 * distance * distance);
       })},
      {"Gauss1", residuals_of(gauss)},
      {"Gauss2", residuals_of(gauss)},
      {"Gauss3", residuals_of(gauss)},
      {"Hahn1", residuals_of(cubics)},
      {"Kirby2", residuals_of([](const auto& b, const Predictors& x) {
         const double t = x[0];
         return (b[0] + t * (b[1] + t * b[2])) / (1.0 + t * (b[3] + t * b[4]));
       })},
      {"Lanczos1", residuals_of(lanczos)},
      {"Lanczos2", residuals_of(lanczos)},
      {"Lanczos3", residuals_of(lanczos)},
      {"MGH09", residuals_of([](const auto& b, const Predictors& x) {
         const double t = x[0];
         return b[0] * (t * t + t * b[1]) / (t * t + t * b[2] + b[3]);
       })},
      {"MGH10",
       residuals_of([](const auto& b, const Predictors& x) { return b[0] * exp(b[1] / (x[0] + b[2])); })},
      {"MGH17", residuals_of([](const auto& b, const Predictors& x) {
         return b[0] + b[1] * exp(-x[0] * b[3]) + b[2] * exp(-x[0] * b[4]);
       })},
      {"Misra1a",
       residuals_of([](const auto& b, const Predictors& x) { return b[0] * (1.0 - exp(-b[1] * x[0])); })},
      {"Misra1b", residuals_of([](const auto& b, const Predictors& x) {
         const auto base = 1.0 + 0.5 * b[1] * x[0];
         return b[0] * (1.0 - 1.0 / (base * base));
       })},
      {"Misra1c", residuals_of([](const auto& b, const Predictors& x) {
         using std::sqrt;
         return b[0] * (1.0 - 1.0 / sqrt(1.0 + 2.0 * b[1] * x[0]));
       })},
      {"Misra1d", residuals_of([](const auto& b, const Predictors& x) {
         return b[0] * b[1] * x[0] / (1.0 + b[1] * x[0]);
       })},
      {"Nelson", residuals_of([](const auto& b, const Predictors& x) {
         return b[0] - b[1] * x[0] * exp(-b[2] * x[1]);
       })},
      {"Rat42", residuals_of([](const auto& b, const Predictors& x) {
         return b[0] / (1.0 + exp(b[1] - b[2] * x[0]));
       })},
      {"Rat43", residuals_of([](const auto& b, const Predictors& x) {
         return b[0] / pow(1.0 + exp(b[1] - b[2] * x[0]), 1.0 / b[3]);
       })},
      {"Roszman1", residuals_of([](const auto& b, const Predictors& x) {
         return b[0] - b[1] * x[0] - atan(b[2] / (x[0] - b[3])) / pi;
       })},
      {"Thurber", residuals_of(cubics)},
  };
}

}  // namespace bench
