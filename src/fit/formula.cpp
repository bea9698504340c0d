#include "quadric/fit/formula.hpp"

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

/// A formula of columns alone at every observation (m); `what` names it in the message about a non-finite
/// value.
Vector evaluate(const std::string& text, const Formula& formula, const std::string& what) {
  const BoundExpression bound = Expression::parse(text).bind({}, formula.columns);
  Vector values(formula.data.cols());
  for (Index i = 0; i < values.size(); ++i) {
    values[i] = bound.evaluate(std::span<const double>{}, column(formula.data, i));
    if (!std::isfinite(values[i])) {
      misuse("the " + what + " '" + text + "' is not finite at observation " + std::to_string(i + 1));
    }
  }
  return values;
}

/// The weight of every observation, ones where there are none.
Vector weights_of(const Formula& formula) {
  if (formula.weights.empty()) return Vector::Ones(formula.data.cols());
  const Vector weights = evaluate(formula.weights, formula, "weight");
  for (Index i = 0; i < weights.size(); ++i) {
    if (weights[i] < 0.0) misuse("the weight of observation " + std::to_string(i + 1) + " is negative");
  }
  return weights;
}

/// What the residuals read at every evaluation; shared by all copies.
struct Table {
  BoundExpression model;
  Matrix data;
  Matrix prepared;  ///< what depends on the data alone: values × observations
  Vector observed;
  Vector root_weight;
};

}  // namespace

FormulaFit bind(const Formula& formula) {
  if (static_cast<Index>(formula.columns.size()) != formula.data.rows()) {
    misuse("a formula names " + std::to_string(formula.columns.size()) + " columns, but its data has " +
           std::to_string(formula.data.rows()));
  }
  const BoundExpression model = Expression::parse(formula.model).bind(formula.parameters, formula.columns);
  const Vector observed = evaluate(formula.response, formula, "response");
  Matrix prepared(static_cast<Index>(model.prepared_size()), formula.data.cols());
  for (Index i = 0; i < formula.data.cols(); ++i) {
    model.prepare(column(formula.data, i), {prepared.data() + i * prepared.rows(), model.prepared_size()});
  }
  const Vector weights = weights_of(formula);
  const auto table = std::make_shared<const Table>(
      Table{model, formula.data, std::move(prepared), observed, weights.cwiseSqrt()});
  const auto residual = [table](const auto& b, Index i) {
    const auto predicted =
        table->model.evaluate_prepared(b, column(table->data, i), column(table->prepared, i));
    return table->root_weight[i] * (predicted - table->observed[i]);
  };
  return {.residuals = pointwise(observed.size(), residual), .observations = {observed, weights}};
}

}  // namespace quadric
