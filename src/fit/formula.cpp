#include "quadric/fit/formula.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <span>
#include <utility>

#include "quadric/base/misuse.hpp"
#include "quadric/problem/expression.hpp"
#include "quadric/problem/pointwise.hpp"

namespace quadric {

namespace {

std::span<const double> column(const Matrix& matrix, Index j) {
  return {matrix.data() + j * matrix.rows(), static_cast<std::size_t>(matrix.rows())};
}

/// A formula of columns alone at every row of data (k); `what` names it in the message about a non-finite
/// value.
Vector evaluate(const std::string& text, const Formula& formula, const Matrix& data,
                const std::string& what) {
  const BoundExpression bound = Expression::parse(text).bind({}, formula.columns);
  Vector values(data.cols());
  for (Index i = 0; i < values.size(); ++i) {
    values[i] = bound.evaluate(std::span<const double>{}, column(data, i));
    if (!std::isfinite(values[i])) {
      misuse("the " + what + " '" + text + "' is not finite at observation " + std::to_string(i + 1));
    }
  }
  return values;
}

void require_columns(const Formula& formula, const Matrix& data) {
  if (static_cast<Index>(formula.columns.size()) != data.rows()) {
    misuse("a formula names " + std::to_string(formula.columns.size()) + " columns, but its data has " +
           std::to_string(data.rows()));
  }
}

/// A model at rows of data, which its copies share.
class ModelRows {
 public:
  ModelRows(const Formula& formula, const Matrix& data)
      : model_(Expression::parse(formula.model).bind(formula.parameters, formula.columns)),
        data_(data),
        prepared_(static_cast<Index>(model_.prepared_size()), data.cols()) {
    for (Index i = 0; i < data.cols(); ++i)
      model_.prepare(column(data_, i), {prepared_.data() + i * prepared_.rows(), model_.prepared_size()});
  }

  template <class P>
  ScalarOf<P> operator()(const P& b, Index i) const {
    return model_.evaluate_prepared(b, column(data_, i), column(prepared_, i));
  }

 private:
  BoundExpression model_;
  Matrix data_;
  Matrix prepared_;  ///< what depends on the data alone: values × rows
};

/// What the residuals read at every evaluation; shared by all copies.
struct Table {
  ModelRows model;
  Vector observed;
  Vector root_weight;
};

}  // namespace

FormulaFit bind(const Formula& formula) {
  require_columns(formula, formula.data);
  const ModelRows model(formula, formula.data);
  const Vector observed = evaluate(formula.response, formula, formula.data, "response");
  const Vector weights = weights_at(formula, formula.data);
  const auto table = std::make_shared<const Table>(Table{model, observed, weights.cwiseSqrt()});
  const auto residual = [table](const auto& b, Index i) {
    return table->root_weight[i] * (table->model(b, i) - table->observed[i]);
  };
  return {.residuals = pointwise(observed.size(), residual), .observations = {observed, weights}};
}

std::vector<std::string> predictors(const Formula& formula) {
  const std::vector<std::string> used = Expression::parse(formula.model).names();
  std::vector<std::string> found;
  for (const std::string& name : formula.columns)
    if (std::ranges::find(used, name) != used.end()) found.push_back(name);
  return found;
}

Vector predictor_values(const Formula& formula, const std::string& name) {
  const auto found = std::ranges::find(formula.columns, name);
  if (found == formula.columns.end()) misuse("there is no column '" + name + "'");
  return formula.data.row(found - formula.columns.begin());
}

Residuals model_curve(const Formula& formula, const Matrix& data) {
  require_columns(formula, data);
  const auto model = std::make_shared<const ModelRows>(formula, data);
  return pointwise(data.cols(), [model](const auto& b, Index i) { return (*model)(b, i); });
}

Vector weights_at(const Formula& formula, const Matrix& data) {
  require_columns(formula, data);
  if (formula.weights.empty()) return Vector::Ones(data.cols());
  const Vector weights = evaluate(formula.weights, formula, data, "weight");
  for (Index i = 0; i < weights.size(); ++i) {
    if (weights[i] < 0.0) misuse("the weight of observation " + std::to_string(i + 1) + " is negative");
  }
  return weights;
}

}  // namespace quadric
