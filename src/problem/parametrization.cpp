#include "quadric/problem/parametrization.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "quadric/base/misuse.hpp"
#include "quadric/problem/expression.hpp"

#include "base/nearest_name.hpp"
#include "base/text.hpp"

namespace quadric {

namespace {

std::size_t place(Index i) { return static_cast<std::size_t>(i); }

/// Whole in every digit that matters, without those that do not.
std::string plain(double value) { return text::number(value, 15); }

/// b of its variable; of either sign the branch that keeps its digits.
template <class T>
T on_scale(const Scale& scale, const T& u) {
  using std::exp;
  if (scale.kind == Scale::Kind::Linear) return u;
  if (scale.kind == Scale::Kind::Log) return exp(u);
  const double width = scale.high - scale.low;
  if (u < 0.0) {
    const T e = exp(u);
    return scale.low + width * e / (1.0 + e);
  }
  const T e = exp(-u);
  return scale.high - width * e / (1.0 + e);
}

/// What a map reads at every evaluation; its copies share it.
struct MapTable {
  struct Free {
    std::size_t parameter;
    Scale scale;
  };
  struct Tie {
    std::size_t parameter;
    BoundExpression formula;
  };
  Vector fixed;             ///< n: values of fixed parameters, else 0
  std::vector<Free> free;   ///< p
  std::vector<Tie> ties{};  ///< each after those that it reads
};

template <class U>
std::vector<ScalarOf<U>> evaluate(const MapTable& table, const U& u) {
  using T = ScalarOf<U>;
  std::vector<T> theta;
  theta.reserve(static_cast<std::size_t>(table.fixed.size()));
  for (const double value : table.fixed) theta.push_back(T(value));
  for (std::size_t k = 0; k < table.free.size(); ++k)
    theta[table.free[k].parameter] = on_scale<T>(table.free[k].scale, u[static_cast<Index>(k)]);
  for (const MapTable::Tie& tie : table.ties) theta[tie.parameter] = tie.formula.evaluate(theta);
  return theta;
}

std::string range(const Scale& scale) {
  return scale.kind == Scale::Kind::Log ? "above 0"
                                        : "between " + plain(scale.low) + " and " + plain(scale.high);
}

}  // namespace

bool Scale::contains(double parameter) const {
  switch (kind) {
    case Kind::Log:
      return parameter > 0.0;
    case Kind::Logit:
      return parameter > low && parameter < high;
    case Kind::Linear:
      break;
  }
  return true;
}

double Scale::to_variable(double parameter) const {
  switch (kind) {
    case Kind::Log:
      return std::log(parameter);
    case Kind::Logit:
      return std::log((parameter - low) / (high - parameter));
    case Kind::Linear:
      break;
  }
  return parameter;
}

double Scale::to_parameter(double variable) const { return on_scale(*this, variable); }

double Scale::slope(double parameter) const {
  switch (kind) {
    case Kind::Log:
      return parameter;
    case Kind::Logit:
      return (parameter - low) * (high - parameter) / (high - low);
    case Kind::Linear:
      break;
  }
  return 1.0;
}

std::string Scale::describe() const {
  switch (kind) {
    case Kind::Log:
      return "log";
    case Kind::Logit:
      return "logit " + plain(low) + ":" + plain(high);
    case Kind::Linear:
      break;
  }
  return "linear";
}

Parametrization::Parametrization(std::vector<std::string> names)
    : names_(std::move(names)), parameters_(names_.size()) {
  if (names_.empty()) misuse("a parametrization needs the names of its parameters");
  for (auto name = names_.begin(); name != names_.end(); ++name) {
    if (std::find(names_.begin(), name, *name) != name)
      misuse("the parameter '" + *name + "' is given twice");
  }
  for (Index i = 0; i < size(); ++i) free_.push_back(i);
}

const Parametrization::Parameter& Parametrization::at(Index i) const {
  static const Parameter untouched_one;
  return parameters_.empty() ? untouched_one : parameters_.at(place(i));
}

Parametrization::Parameter& Parametrization::untouched(const std::string& name) {
  const auto found = std::find(names_.begin(), names_.end(), name);
  if (found == names_.end()) misuse("there is no parameter '" + name + "'" + did_you_mean(name, names_));
  Parameter& parameter = parameters_[static_cast<std::size_t>(found - names_.begin())];
  if (parameter.role == Role::Fixed) misuse("'" + name + "' is fixed already");
  if (parameter.role == Role::Tied) misuse("'" + name + "' is tied already");
  if (!parameter.scale.is_linear())
    misuse("'" + name + "' is free, on a " + parameter.scale.describe() + " scale");
  return parameter;
}

Parametrization& Parametrization::fix(const std::string& name, double value) {
  Parameter& parameter = untouched(name);
  if (!std::isfinite(value)) misuse("'" + name + "' can not be fixed at a value that is not finite");
  parameter.role = Role::Fixed;
  parameter.value = value;
  settle();
  return *this;
}

Parametrization& Parametrization::tie(const std::string& name, const std::string& formula) {
  Parameter& parameter = untouched(name);
  Expression::parse(formula).bind(names_);
  parameter.role = Role::Tied;
  parameter.formula = formula;
  try {
    settle();
  } catch (...) {
    parameter = {};
    throw;
  }
  return *this;
}

Parametrization& Parametrization::log_scale(const std::string& name) {
  untouched(name).scale = {.kind = Scale::Kind::Log};
  settle();
  return *this;
}

Parametrization& Parametrization::logit_scale(const std::string& name, double low, double high) {
  Parameter& parameter = untouched(name);
  if (!(std::isfinite(low) && std::isfinite(high) && low < high))
    misuse("the logit scale of '" + name + "' needs two finite ends, the lower first");
  parameter.scale = {.kind = Scale::Kind::Logit, .low = low, .high = high};
  settle();
  return *this;
}

bool Parametrization::has_scales() const {
  return std::any_of(parameters_.begin(), parameters_.end(),
                     [](const Parameter& parameter) { return !parameter.scale.is_linear(); });
}

std::vector<Index> Parametrization::operands(Index i) const {
  const Expression expression = Expression::parse(formula(i));
  std::vector<Index> found;
  for (Index j = 0; j < size(); ++j) {
    const std::vector<std::string>& used = expression.names();
    if (std::find(used.begin(), used.end(), names_[place(j)]) != used.end()) found.push_back(j);
  }
  return found;
}

std::vector<Index> Parametrization::sources(Index i) const {
  if (role(i) == Role::Free) return {i};
  std::vector<Index> found;
  if (role(i) == Role::Fixed) return found;
  for (const Index operand : operands(i)) {
    const std::vector<Index> more = sources(operand);
    found.insert(found.end(), more.begin(), more.end());
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

/// Each tied parameter after those that its formula reads: a walk in depth.
std::vector<Index> Parametrization::order_of_ties() const {
  enum class State : std::uint8_t { New, Open, Done };
  std::vector<State> states(names_.size(), State::New);
  std::vector<Index> order, way;
  const auto visit = [&](const auto& self, Index i) -> void {
    if (role(i) != Role::Tied || states[place(i)] == State::Done) return;
    way.push_back(i);
    if (states[place(i)] == State::Open) {
      std::string circle;
      for (auto step = std::find(way.begin(), way.end(), i); step != way.end(); ++step)
        circle += (circle.empty() ? "" : " → ") + names_[place(*step)];
      misuse("ties go round in a circle: " + circle);
    }
    states[place(i)] = State::Open;
    for (const Index operand : operands(i)) self(self, operand);
    way.pop_back();
    states[place(i)] = State::Done;
    order.push_back(i);
  };
  for (Index i = 0; i < size(); ++i) visit(visit, i);
  return order;
}

void Parametrization::settle() {
  const std::vector<Index> ties = order_of_ties();
  free_.clear();
  MapTable table{.fixed = Vector::Zero(size()), .free = {}};
  for (Index i = 0; i < size(); ++i) {
    if (role(i) == Role::Fixed) table.fixed[i] = fixed_value(i);
    if (role(i) != Role::Free) continue;
    free_.push_back(i);
    table.free.push_back({.parameter = place(i), .scale = scale(i)});
  }
  for (const Index i : ties)
    table.ties.push_back({.parameter = place(i), .formula = Expression::parse(formula(i)).bind(names_)});
  map_.reset();
  if (free_.size() == names_.size() && !has_scales()) return;
  const auto shared = std::make_shared<const MapTable>(std::move(table));
  map_ = Residuals([shared](const auto& u) { return evaluate(*shared, u); });
}

std::vector<std::string> Parametrization::variable_names() const {
  std::vector<std::string> variables;
  for (const Index i : free_) {
    const std::string& name = names_[place(i)];
    switch (scale(i).kind) {
      case Scale::Kind::Linear:
        variables.push_back(name);
        break;
      case Scale::Kind::Log:
        variables.push_back(std::string("log(").append(name).append(")"));
        break;
      case Scale::Kind::Logit:
        variables.push_back(std::string("logit(").append(name).append(")"));
        break;
    }
  }
  return variables;
}

Vector Parametrization::parameters(const Vector& variables) const {
  if (is_identity()) return variables;
  if (variables.size() != static_cast<Index>(free_.size())) {
    misuse("a parametrization has " + text::count(static_cast<Index>(free_.size()), "variable") +
           ", but the point has " + text::count(variables.size(), "coordinate"));
  }
  Vector theta;
  map_->value(variables, theta);
  return theta;
}

Vector Parametrization::variables(const Vector& parameters) const {
  if (is_identity()) return parameters;
  if (parameters.size() != size()) {
    misuse("a parametrization has " + text::count(size(), "parameter") + ", but the point has " +
           text::count(parameters.size(), "coordinate"));
  }
  Vector u(static_cast<Index>(free_.size()));
  for (std::size_t k = 0; k < free_.size(); ++k) {
    const Index i = free_[k];
    if (!scale(i).contains(parameters[i])) {
      misuse("'" + names_[place(i)] + "' = " + plain(parameters[i]) + " has no place on its " +
             scale(i).describe() + " scale: it must be " + range(scale(i)));
    }
    u[static_cast<Index>(k)] = scale(i).to_variable(parameters[i]);
  }
  return u;
}

Bounds Parametrization::variable_bounds(const Bounds& bounds) const {
  if (is_identity() || bounds.empty()) return bounds;
  require_size(bounds, size());
  Vector low(static_cast<Index>(free_.size())), high = low;
  Index k = 0;
  for (Index i = 0; i < size(); ++i) {
    const double l = bounds.lower()[i], h = bounds.upper()[i];
    const std::string& name = names_[place(i)];
    if (role(i) == Role::Fixed && !(fixed_value(i) >= l && fixed_value(i) <= h))
      misuse("'" + name + "' is fixed at " + plain(fixed_value(i)) + ", outside of its bounds");
    if (role(i) == Role::Tied && (l != -Bounds::none || h != Bounds::none)) {
      misuse("the bounds of '" + name + "' can not be kept, as it is tied: " + name + " = " + formula(i) +
             "; bound what it is tied to");
    }
    if (role(i) != Role::Free) continue;
    for (const double end : {l, h}) {
      if (std::isfinite(end) && !scale(i).contains(end)) {
        misuse("'" + name + "' is on a " + scale(i).describe() + " scale, and its bound " + plain(end) +
               " is not " + range(scale(i)) + "; leave that side open");
      }
    }
    low[k] = std::isfinite(l) ? scale(i).to_variable(l) : l;
    high[k++] = std::isfinite(h) ? scale(i).to_variable(h) : h;
  }
  return Bounds(Point(low), Point(high));
}

Parametrization Parametrization::unscaled() const {
  Parametrization same = *this;
  for (Parameter& parameter : same.parameters_) parameter.scale = {};
  same.settle();
  return same;
}

std::string Parametrization::describe() const {
  std::string text;
  const auto add = [&text](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
  for (Index i = 0; i < size(); ++i) {
    const std::string& name = names_[place(i)];
    if (role(i) == Role::Fixed) add(name + " = " + plain(fixed_value(i)) + " is fixed");
    if (role(i) == Role::Tied) add(name + " = " + formula(i) + " is tied");
    if (!scale(i).is_linear()) add(name + " is on a " + scale(i).describe() + " scale");
  }
  return text;
}

}  // namespace quadric
