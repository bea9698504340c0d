#include "derivatives/tape/graph.hpp"

#include <bit>
#include <cmath>
#include <functional>
#include <utility>

#include "quadric/derivatives/elementary.hpp"

namespace quadric::formula {

bool Node::operator==(const Node& other) const {
  return kind == other.kind && operation == other.operation && a == other.a && b == other.b && c == other.c &&
         std::bit_cast<std::uint64_t>(literal) == std::bit_cast<std::uint64_t>(other.literal);
}

std::size_t Graph::Hash::operator()(const Node& node) const {
  std::uint64_t hash = std::bit_cast<std::uint64_t>(node.literal);
  const auto mix = [&hash](std::uint64_t part) {
    hash = (hash ^ part) * 0x9E3779B97F4A7C15U;
    hash ^= hash >> 29U;
  };
  mix(static_cast<std::uint64_t>(node.kind) << 8U | static_cast<std::uint64_t>(node.operation));
  mix(static_cast<std::uint64_t>(static_cast<std::uint32_t>(node.a)) << 32U |
      static_cast<std::uint32_t>(node.b));
  mix(static_cast<std::uint32_t>(node.c));
  return static_cast<std::size_t>(hash);
}

Id Graph::intern(const Node& node) {
  const auto [place, is_new] = ids_.try_emplace(node, size());
  if (is_new) nodes_.push_back(node);
  return place->second;
}

Id Graph::literal(double value) { return intern({.kind = Kind::Literal, .literal = value}); }

bool Graph::is_negation(Id id) const {
  return (*this)[id].kind == Kind::Apply && (*this)[id].operation == Operation::Negate;
}

Id Graph::add(Id a, Id b) {
  if (is_literal(a) && is_literal(b)) return literal((*this)[a].literal + (*this)[b].literal);
  if (is_literal(a, 0.0)) return b;
  if (is_literal(b, 0.0)) return a;
  if (is_negation(b)) return subtract(a, (*this)[b].a);
  if (is_negation(a)) return subtract(b, (*this)[a].a);
  if (a > b) std::swap(a, b);
  return intern({.kind = Kind::Apply, .operation = Operation::Add, .a = a, .b = b});
}

Id Graph::subtract(Id a, Id b) {
  if (is_literal(a) && is_literal(b)) return literal((*this)[a].literal - (*this)[b].literal);
  if (is_literal(a, 0.0)) return negate(b);
  if (is_literal(b, 0.0)) return a;
  if (is_negation(b)) return add(a, (*this)[b].a);
  if (is_negation(a)) return negate(add((*this)[a].a, b));
  return intern({.kind = Kind::Apply, .operation = Operation::Subtract, .a = a, .b = b});
}

Id Graph::negate(Id a) {
  const Node node = (*this)[a];
  if (is_literal(a)) return literal(-node.literal);
  if (node.kind == Kind::Apply) {
    if (node.operation == Operation::Negate) return node.a;
    if (node.operation == Operation::Subtract) return subtract(node.b, node.a);
    if (node.operation == Operation::Multiply && is_literal(node.a)) return multiply(negate(node.a), node.b);
  }
  return intern({.kind = Kind::Apply, .operation = Operation::Negate, .a = a});
}

Id Graph::multiply(Id a, Id b) {
  if (is_literal(b)) std::swap(a, b);
  if (is_literal(a)) {
    const double factor = (*this)[a].literal;
    if (is_literal(b)) return literal(factor * (*this)[b].literal);
    if (factor == 0.0) return a;
    if (factor == 1.0) return b;
    if (factor == -1.0) return negate(b);
    if (is_negation(b)) return multiply(literal(-factor), (*this)[b].a);
    const Node node = (*this)[b];
    if (node.kind == Kind::Apply && node.operation == Operation::Multiply && is_literal(node.a)) {
      return multiply(literal(factor * (*this)[node.a].literal), node.b);
    }
    return intern({.kind = Kind::Apply, .operation = Operation::Multiply, .a = a, .b = b});
  }
  if (is_negation(a) && is_negation(b)) return multiply((*this)[a].a, (*this)[b].a);
  if (is_negation(a)) return negate(multiply((*this)[a].a, b));
  if (is_negation(b)) return negate(multiply(a, (*this)[b].a));
  if (a > b) std::swap(a, b);
  return intern({.kind = Kind::Apply, .operation = Operation::Multiply, .a = a, .b = b});
}

Id Graph::reciprocal(Id a) {
  const Node node = (*this)[a];
  if (is_literal(a)) return literal(1.0 / node.literal);
  if (is_negation(a)) return negate(reciprocal(node.a));
  return intern({.kind = Kind::Reciprocal, .a = a});
}

Id Graph::divide(Id a, Id b) { return multiply(a, reciprocal(b)); }

Id Graph::condition(Kind kind, Id a, Id b) {
  if (is_literal(a) && is_literal(b)) {
    const double x = (*this)[a].literal, y = (*this)[b].literal;
    const bool holds = kind == Kind::Less          ? x < y
                       : kind == Kind::LessOrEqual ? x <= y
                       : kind == Kind::Equal       ? x == y
                                                   : x != 0.0 && y != 0.0;
    return literal(holds ? 1.0 : 0.0);
  }
  return intern({.kind = kind, .a = a, .b = b});
}

Id Graph::select(Id mask, Id a, Id b) {
  if (a == b) return a;
  if (is_literal(mask)) return (*this)[mask].literal != 0.0 ? a : b;
  return intern({.kind = Kind::Select, .a = mask, .b = a, .c = b});
}

Id Graph::apply(Operation operation, Id a, Id b) {
  switch (operation) {
    case Operation::Add:
      return add(a, b);
    case Operation::Subtract:
      return subtract(a, b);
    case Operation::Multiply:
      return multiply(a, b);
    case Operation::Divide:
      return divide(a, b);
    case Operation::Negate:
      return negate(a);
    default:
      break;
  }
  if (is_literal(a) && (b < 0 || is_literal(b))) {
    return literal(evaluate(operation, (*this)[a].literal, b < 0 ? 0.0 : (*this)[b].literal));
  }
  return intern({.kind = Kind::Apply, .operation = operation, .a = a, .b = b});
}

double evaluate(Operation operation, double a, double b) {
  switch (operation) {
    case Operation::Variable:
      return a;
    case Operation::Add:
      return a + b;
    case Operation::Subtract:
      return a - b;
    case Operation::Multiply:
      return a * b;
    case Operation::Divide:
      return a / b;
    case Operation::Power:
      return std::pow(a, b);
    case Operation::Angle:
      return std::atan2(a, b);
    case Operation::Length:
      return std::hypot(a, b);
    case Operation::Minimum:
      return b < a ? b : a;
    case Operation::Maximum:
      return a < b ? b : a;
    case Operation::Modulus:
      return std::fmod(a, b);
    case Operation::Remainder:
      return std::remainder(a, b);
    case Operation::Polygamma:
      return polygamma(static_cast<int>(b), a);
    case Operation::Negate:
      return -a;
    case Operation::Absolute:
      return std::abs(a);
    case Operation::SquareRoot:
      return std::sqrt(a);
    case Operation::CubeRoot:
      return std::cbrt(a);
    case Operation::Exponential:
      return std::exp(a);
    case Operation::Exponential2:
      return std::exp2(a);
    case Operation::ExponentialMinus1:
      return std::expm1(a);
    case Operation::Logarithm:
      return std::log(a);
    case Operation::Logarithm2:
      return std::log2(a);
    case Operation::Logarithm10:
      return std::log10(a);
    case Operation::Logarithm1Plus:
      return std::log1p(a);
    case Operation::Sine:
      return std::sin(a);
    case Operation::Cosine:
      return std::cos(a);
    case Operation::Tangent:
      return std::tan(a);
    case Operation::ArcSine:
      return std::asin(a);
    case Operation::ArcCosine:
      return std::acos(a);
    case Operation::ArcTangent:
      return std::atan(a);
    case Operation::HyperbolicSine:
      return std::sinh(a);
    case Operation::HyperbolicCosine:
      return std::cosh(a);
    case Operation::HyperbolicTangent:
      return std::tanh(a);
    case Operation::AreaSine:
      return std::asinh(a);
    case Operation::AreaCosine:
      return std::acosh(a);
    case Operation::AreaTangent:
      return std::atanh(a);
    case Operation::Bell:
      return bell(a);
    case Operation::ErrorFunction:
      return std::erf(a);
    case Operation::ComplementaryErrorFunction:
      return std::erfc(a);
    case Operation::Gamma:
      return std::tgamma(a);
    case Operation::LogarithmOfGamma:
      return std::lgamma(a);
    case Operation::Floor:
      return std::floor(a);
    case Operation::Ceiling:
      return std::ceil(a);
    case Operation::Round:
      return std::round(a);
    case Operation::Truncate:
      return std::trunc(a);
    case Operation::RoundToEven:
      return std::rint(a);
  }
  return 0.0;
}

}  // namespace quadric::formula
