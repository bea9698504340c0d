#include "derivatives/tape/sweeps.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <vector>

#include "quadric/derivatives/elementary.hpp"

#include "derivatives/tape/graph.hpp"
#include "derivatives/tape/guard.hpp"
#include "derivatives/tape/partials_of_operation.hpp"

namespace quadric::sweeps {

namespace {

/// A value with the derivatives by the two operands, in any numbers.
template <class T>
struct LinearizedIn {
  T value;
  T by_a;
  T by_b;
};

template <class T, class Partials>
LinearizedIn<T> of(const Partials& f) {
  if constexpr (std::tuple_size_v<decltype(f.first)> == 1) {
    return {f.value, f.first[0], T(0.0)};
  } else {
    return {f.value, f.first[0], f.first[1]};
  }
}

template <class T>
LinearizedIn<T> power(const TapeNode& node, const T& a, const T& b) {
  if (node.b < 0) return of<T>(partials_of::real_power(value_of(b))(a));
  if (node.a < 0) {
    const auto f = partials_of::power_of_constant(value_of(a))(b);
    return {f.value, T(0.0), f.first[0]};
  }
  return of<T>(partials_of::power(a, b));
}

template <class T>
LinearizedIn<T> linearize_in(const TapeNode& node, const T& a, const T& b) {
  using std::fmod, std::remainder;
  const T zero(0.0), one(1.0);
  const auto chosen = [&](bool takes_b) {
    return LinearizedIn<T>{takes_b ? b : a, takes_b ? zero : one, takes_b ? one : zero};
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
            return LinearizedIn<T>{T(formula::evaluate(node.operation, value_of(a), 0.0)), zero, zero};
          });
  }
}

double constant(const Tape& tape, Operand operand) {
  return tape.constants[static_cast<std::size_t>(~operand)];
}

std::size_t index(Operand operand) { return static_cast<std::size_t>(operand); }

/// Calls body() where the nodes are not known to this order at x, the variables being set.
template <class Body>
void linearize_once(const Tape& tape, const Vector& x, int order, Workspace& at, const Body& body) {
  if (at.order == order && is_linearized_at(x, at)) return;
  at.order = 0;
  at.x = x;
  at.node.resize(tape.nodes.size());
  for (std::int32_t i = 0; i < tape.variables; ++i) at.node[index(i)] = {x[i], 0.0, 0.0};
  body();
  at.order = order;
}

bool has_second(const TapeNode& node) { return is_binary(node.operation) && node.b >= 0; }

bool is_zero(const Curvature& c) { return c.by_aa == 0.0 && c.by_ab == 0.0 && c.by_bb == 0.0; }

}  // namespace

double value(const Tape& tape, Operand operand, const Workspace& at) {
  return operand >= 0 ? at.node[index(operand)].value : constant(tape, operand);
}

/// By their bits: 1 / x differs at 0 and -0.
bool is_linearized_at(const Vector& x, const Workspace& at) {
  return at.order > 0 && at.x.size() == x.size() &&
         std::equal(x.begin(), x.end(), at.x.begin(), [](double a, double b) {
           return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
         });
}

void linearize(const Tape& tape, const Vector& x, Workspace& at) {
  linearize_once(tape, x, 1, at, [&] {
    for (std::size_t i = index(tape.variables); i < tape.nodes.size(); ++i) {
      const TapeNode& node = tape.nodes[i];
      const auto f = linearize_in<double>(node, value(tape, node.a, at),
                                          is_binary(node.operation) ? value(tape, node.b, at) : 0.0);
      at.node[i] = {f.value, node.a >= 0 ? f.by_a : 0.0, has_second(node) ? f.by_b : 0.0};
    }
  });
}

/// Second derivatives are those of the first ones by dual numbers, whose directions are the operands.
void linearize_twice(const Tape& tape, const Vector& x, Workspace& at) {
  using T = Dual<double, 2>;
  const auto operand = [&](Operand o, int direction) {
    return o >= 0 ? T::variable(at.node[index(o)].value, direction) : T(constant(tape, o));
  };
  linearize_once(tape, x, 2, at, [&] {
    at.curvature.resize(tape.nodes.size());
    for (std::size_t i = index(tape.variables); i < tape.nodes.size(); ++i) {
      const TapeNode& node = tape.nodes[i];
      const auto f =
          linearize_in<T>(node, operand(node.a, 0), is_binary(node.operation) ? operand(node.b, 1) : T(0.0));
      const bool with_a = node.a >= 0, with_b = has_second(node);
      at.node[i] = {f.value.value, with_a ? f.by_a.value : 0.0, with_b ? f.by_b.value : 0.0};
      at.curvature[i] = {with_a ? f.by_a.gradient[0] : 0.0, with_a && with_b ? f.by_b.gradient[0] : 0.0,
                         with_b ? f.by_b.gradient[1] : 0.0};
    }
  });
}

bool same_path(const Tape& tape, const Workspace& at) {
  return std::all_of(tape.guards.begin(), tape.guards.end(), [&](const Guard& guard) {
    return answer(guard.predicate, value(tape, guard.a, at), value(tape, guard.b, at)) == guard.answer;
  });
}

void reverse(const Tape& tape, const Vector& w, Workspace& at) {
  at.adjoint.assign(tape.nodes.size(), 0.0);
  const auto add = [&](Operand operand, double amount) {
    if (operand >= 0) at.adjoint[index(operand)] += amount;
  };
  for (std::size_t i = 0; i < tape.results.size(); ++i) {
    add(tape.results[i], w.size() > 0 ? w[static_cast<Index>(i)] : 1.0);
  }
  for (std::size_t i = tape.nodes.size(); i-- > index(tape.variables);) {
    const TapeNode& node = tape.nodes[i];
    const double adjoint = at.adjoint[i];
    if (adjoint == 0.0) continue;
    add(node.a, adjoint * at.node[i].by_a);
    if (is_binary(node.operation)) add(node.b, adjoint * at.node[i].by_b);
  }
}

template <int N>
void forward_tangents(const Tape& tape, const Workspace& at, Lanes<N>& tangent) {
  for (std::size_t i = index(tape.variables); i < tape.nodes.size(); ++i) {
    const TapeNode& node = tape.nodes[i];
    const Linearized& f = at.node[i];
    auto to = tangent.col(static_cast<Index>(i));
    if (node.a < 0) {
      to = f.by_b * tangent.col(node.b);
    } else if (has_second(node)) {
      to = f.by_a * tangent.col(node.a) + f.by_b * tangent.col(node.b);
    } else {
      to = f.by_a * tangent.col(node.a);
    }
  }
}

template <int N>
void reverse_adjoints(const Tape& tape, const Workspace& at, Lanes<N>& adjoint) {
  for (std::size_t i = tape.nodes.size(); i-- > index(tape.variables);) {
    const TapeNode& node = tape.nodes[i];
    const Linearized& f = at.node[i];
    auto own = adjoint.col(static_cast<Index>(i));
    if ((own == 0.0).all()) continue;
    if (node.a >= 0) adjoint.col(node.a) += f.by_a * own;
    if (has_second(node)) adjoint.col(node.b) += f.by_b * own;
    own.setZero();
  }
}

template <int N>
void reverse_over_tangents(const Tape& tape, const Workspace& at, const Lanes<N>& tangent,
                           Lanes<N>& adjoint_tangent) {
  using Lane = Eigen::Array<double, N, 1>;
  for (std::size_t i = tape.nodes.size(); i-- > index(tape.variables);) {
    const TapeNode& node = tape.nodes[i];
    const Linearized& f = at.node[i];
    auto own = adjoint_tangent.col(static_cast<Index>(i));
    const double adjoint = at.adjoint[i];
    if (adjoint == 0.0 && (own == 0.0).all()) continue;
    const Lane moved = own;
    own.setZero();
    const Curvature& curvature = at.curvature[i];
    const bool with_a = node.a >= 0, with_b = has_second(node);
    if (with_a) adjoint_tangent.col(node.a) += f.by_a * moved;
    if (with_b) adjoint_tangent.col(node.b) += f.by_b * moved;
    if (adjoint == 0.0 || is_zero(curvature)) continue;
    if (with_a && with_b) {
      const Lane a = tangent.col(node.a), b = tangent.col(node.b);
      const double twist = adjoint * curvature.by_ab;
      adjoint_tangent.col(node.a) += (adjoint * curvature.by_aa) * a + twist * b;
      adjoint_tangent.col(node.b) += twist * a + (adjoint * curvature.by_bb) * b;
    } else if (with_a) {
      adjoint_tangent.col(node.a) += (adjoint * curvature.by_aa) * tangent.col(node.a);
    } else {
      adjoint_tangent.col(node.b) += (adjoint * curvature.by_bb) * tangent.col(node.b);
    }
  }
}

template void forward_tangents(const Tape&, const Workspace&, Lanes<1>&);
template void forward_tangents(const Tape&, const Workspace&, Lanes<width>&);
template void reverse_adjoints(const Tape&, const Workspace&, Lanes<width>&);
template void reverse_over_tangents(const Tape&, const Workspace&, const Lanes<1>&, Lanes<1>&);
template void reverse_over_tangents(const Tape&, const Workspace&, const Lanes<width>&, Lanes<width>&);

void second_directional(const Tape& tape, const Workspace& at, const Vector& v, Vector& second) {
  struct Taylor {
    double first, second;
  };
  std::vector<Taylor> along(tape.nodes.size());
  const auto of = [&](Operand operand) { return operand >= 0 ? along[index(operand)] : Taylor{0.0, 0.0}; };
  for (std::int32_t i = 0; i < tape.variables; ++i) along[index(i)] = {v[i], 0.0};
  for (std::size_t i = index(tape.variables); i < tape.nodes.size(); ++i) {
    const TapeNode& node = tape.nodes[i];
    const Linearized& f = at.node[i];
    const Curvature& c = at.curvature[i];
    const Taylor a = of(node.a), b = is_binary(node.operation) ? of(node.b) : Taylor{0.0, 0.0};
    along[i].first = f.by_a * a.first + f.by_b * b.first;
    along[i].second = f.by_a * a.second + f.by_b * b.second + c.by_aa * a.first * a.first +
                      2.0 * c.by_ab * a.first * b.first + c.by_bb * b.first * b.first;
  }
  second.resize(static_cast<Index>(tape.results.size()));
  for (std::size_t i = 0; i < tape.results.size(); ++i) {
    second[static_cast<Index>(i)] = of(tape.results[i]).second;
  }
}

}  // namespace quadric::sweeps
