#include "derivatives/tape/sweeps.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "quadric/derivatives/elementary.hpp"

#include "derivatives/tape/graph.hpp"
#include "derivatives/tape/guard.hpp"
#include "derivatives/tape/partials_of_operation.hpp"

namespace quadric::sweeps {

namespace {

/// A value with the derivatives by the two operands.
template <class T>
struct Linearized {
  T value;
  T by_a;
  T by_b;
};

template <class T, class Partials>
Linearized<T> of(const Partials& f) {
  if constexpr (std::tuple_size_v<decltype(f.first)> == 1) {
    return {f.value, f.first[0], T(0.0)};
  } else {
    return {f.value, f.first[0], f.first[1]};
  }
}

template <class T>
Linearized<T> power(const TapeNode& node, const T& a, const T& b) {
  if (node.b < 0) return of<T>(partials_of::real_power(value_of(b))(a));
  if (node.a < 0) {
    const auto f = partials_of::power_of_constant(value_of(a))(b);
    return {f.value, T(0.0), f.first[0]};
  }
  return of<T>(partials_of::power(a, b));
}

template <class T>
Linearized<T> linearize(const TapeNode& node, const T& a, const T& b) {
  using std::fmod, std::remainder;
  const T zero(0.0), one(1.0);
  const auto chosen = [&](bool takes_b) {
    return Linearized<T>{takes_b ? b : a, takes_b ? zero : one, takes_b ? one : zero};
  };
  switch (node.operation) {
    case Operation::Add:
      return {a + b, one, one};
    case Operation::Subtract:
      return {a - b, one, T(-1.0)};
    case Operation::Multiply:
      return {a * b, b, a};
    case Operation::Divide: {
      const T quotient = a / b, inverse = 1.0 / b;
      return {quotient, inverse, -quotient * inverse};
    }
    case Operation::Power:
      return power(node, a, b);
    case Operation::Angle:
      return of<T>(partials_of::angle(a, b));
    case Operation::Length:
      return of<T>(partials_of::length(a, b));
    case Operation::Minimum:
      return chosen(b < a);
    case Operation::Maximum:
      return chosen(a < b);
    case Operation::Modulus:
      return {fmod(a, b), one, T(-std::trunc(value_of(a) / value_of(b)))};
    case Operation::Remainder:
      return {remainder(a, b), one, T(-std::rint(value_of(a) / value_of(b)))};
    case Operation::Polygamma:
      return of<T>(partials_of::polygamma_of_order(static_cast<int>(value_of(b)))(a));
    case Operation::Negate:
      return {-a, T(-1.0), zero};
    default:
      return with_unary_partials(
          node.operation, [&](const auto& f) { return of<T>(f(a)); },
          [&] {
            return Linearized<T>{T(formula::evaluate(node.operation, value_of(a), 0.0)), zero, zero};
          });
  }
}

/// The forward sweep at one point: the values and partial derivatives of all nodes.
template <class T>
class Linearization {
 public:
  template <class Variable>
  Linearization(const Tape& tape, const Variable& variable) : tape_(tape), nodes_(tape.nodes.size()) {
    for (std::int32_t i = 0; i < tape.variables; ++i) nodes_[static_cast<std::size_t>(i)].value = variable(i);
    for (std::size_t i = static_cast<std::size_t>(tape.variables); i < nodes_.size(); ++i) {
      const TapeNode& node = tape.nodes[i];
      nodes_[i] = linearize<T>(node, value(node.a), is_binary(node.operation) ? value(node.b) : T(0.0));
    }
  }

  T value(Operand operand) const {
    return operand >= 0 ? nodes_[static_cast<std::size_t>(operand)].value
                        : T(tape_.constants[static_cast<std::size_t>(~operand)]);
  }

  /// The reverse sweep: the adjoints of all nodes for the weighted sum of the results.
  std::vector<T> adjoints(const Vector& w) const {
    std::vector<T> adjoint(nodes_.size(), T(0.0));
    const auto add = [&](Operand operand, const T& amount) {
      if (operand >= 0) adjoint[static_cast<std::size_t>(operand)] += amount;
    };
    for (std::size_t i = 0; i < tape_.results.size(); ++i) {
      add(tape_.results[i], T(w.size() > 0 ? w[static_cast<Index>(i)] : 1.0));
    }
    for (std::size_t i = nodes_.size(); i-- > static_cast<std::size_t>(tape_.variables);) {
      const TapeNode& node = tape_.nodes[i];
      if (adjoint[i] == T(0.0) && is_untouched(adjoint[i])) continue;
      add(node.a, adjoint[i] * nodes_[i].by_a);
      if (is_binary(node.operation)) add(node.b, adjoint[i] * nodes_[i].by_b);
    }
    return adjoint;
  }

 private:
  static bool is_untouched(double) { return true; }
  template <int N>
  static bool is_untouched(const Dual<double, N>& x) {
    return std::all_of(x.gradient.begin(), x.gradient.end(), [](double slope) { return slope == 0.0; });
  }

  const Tape& tape_;
  std::vector<Linearized<T>> nodes_;
};

}  // namespace

double gradient(const Tape& tape, const Vector& x, const Vector& w, Vector& g) {
  const Linearization<double> at_x(tape, [&](std::int32_t i) { return x[i]; });
  const std::vector<double> adjoint = at_x.adjoints(w);
  g = Eigen::Map<const Vector>(adjoint.data(), tape.variables);
  double sum = 0.0;
  for (std::size_t i = 0; i < tape.results.size(); ++i) {
    sum += at_x.value(tape.results[i]) * (w.size() > 0 ? w[static_cast<Index>(i)] : 1.0);
  }
  return sum;
}

void hessian_product(const Tape& tape, const Vector& x, const Vector& w, const Vector& v, Vector& product) {
  using T = Dual<double, 1>;
  const Linearization<T> at_x(tape, [&](std::int32_t i) { return T(x[i], std::array{v[i]}); });
  const std::vector<T> adjoint = at_x.adjoints(w);
  product.resize(tape.variables);
  for (std::int32_t i = 0; i < tape.variables; ++i)
    product[i] = adjoint[static_cast<std::size_t>(i)].gradient[0];
}

void hessian(const Tape& tape, const Vector& x, const Vector& w, Matrix& H) {
  constexpr int width = 8;
  using T = Dual<double, width>;
  const std::int32_t n = tape.variables;
  H.resize(n, n);
  for (std::int32_t first = 0; first < n; first += width) {
    const std::int32_t columns = std::min(width, n - first);
    const Linearization<T> at_x(tape, [&](std::int32_t i) {
      return i >= first && i < first + columns ? T::variable(x[i], i - first) : T(x[i]);
    });
    const std::vector<T> adjoint = at_x.adjoints(w);
    for (std::int32_t i = 0; i < n; ++i) {
      for (std::int32_t k = 0; k < columns; ++k) {
        H(i, first + k) = adjoint[static_cast<std::size_t>(i)].gradient[static_cast<std::size_t>(k)];
      }
    }
  }
  for (std::int32_t j = 0; j < n; ++j) {
    for (std::int32_t i = 0; i < j; ++i) H(i, j) = H(j, i);
  }
}

void values(const Tape& tape, const Vector& x, Vector& results) {
  const Linearization<double> at_x(tape, [&](std::int32_t i) { return x[i]; });
  results.resize(static_cast<Index>(tape.results.size()));
  for (std::size_t i = 0; i < tape.results.size(); ++i)
    results[static_cast<Index>(i)] = at_x.value(tape.results[i]);
}

bool same_path(const Tape& tape, const Vector& x) {
  if (tape.guards.empty()) return true;
  const Linearization<double> at_x(tape, [&](std::int32_t i) { return x[i]; });
  return std::all_of(tape.guards.begin(), tape.guards.end(), [&](const Guard& guard) {
    return answer(guard.predicate, at_x.value(guard.a), at_x.value(guard.b)) == guard.answer;
  });
}

}  // namespace quadric::sweeps
