#pragma once

#include <string>
#include <vector>

#include "quadric/base/types.hpp"
#include "quadric/fit/fit.hpp"
#include "quadric/problem/residuals.hpp"

namespace quadric {

/// A fit written as formulas over columns of data, as on the command line.
struct Formula {
  std::string model;                    ///< for example "b1*(1-exp(-b2*x))"
  std::string response = "y";           ///< a formula of columns alone, for example "log(y)"
  std::vector<std::string> parameters;  ///< names in the order of the start
  std::vector<std::string> columns;     ///< names of the rows of `data`
  Matrix data;                          ///< columns × observations: one observation a column of the matrix
  std::string weights =
      {};  ///< a formula of columns, ≥ 0: the square of a residual counts so often; or empty
};

/// What a formula asks for: residuals √w (model − response) and the values that they compare with.
struct FormulaFit {
  Residuals residuals;
  Observations observations;  ///< the response and the weight of each (m)
};

/// Binds the formulas to their data. Throws `Misuse` for a formula that can not be read, a name that is
/// neither parameter nor column, a response or weight that is not finite, a negative weight.
FormulaFit bind(const Formula& formula);

/// The columns that the model depends on, in their order.
std::vector<std::string> predictors(const Formula& formula);

/// The column of this name (m). Throws `Misuse` if there is none.
Vector predictor_values(const Formula& formula, const std::string& name);

/// The model alone at rows of data (columns × k, as `Formula::data`): k values as a function of the
/// parameters, for `bands`. Throws `Misuse` as `bind`.
Residuals model_curve(const Formula& formula, const Matrix& data);

/// The weights of observations at rows of data (k): ones where the formula has none. Throws `Misuse` as
/// `bind`.
Vector weights_at(const Formula& formula, const Matrix& data);

}  // namespace quadric
