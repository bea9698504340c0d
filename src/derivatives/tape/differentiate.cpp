#include "derivatives/tape/differentiate.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "derivatives/tape/partials_of_operation.hpp"

namespace quadric::formula {

namespace {

/// A condition between symbols: the node is 1 where it holds, else 0.
struct Mask {
  Id id;
};
Mask operator&&(const Mask& a, const Mask& b);

/// A formula as a number, with which the table of partials is asked for the formulas of derivatives.
class Symbol {
 public:
  Symbol() : Symbol(0.0) {}
  Symbol(double value) : id_(graph_->literal(value)) {}  // NOLINT: a number is a formula
  /// An `Id` is an integer, and so are the numbers that the table writes as T(1): hence a name of its own.
  static Symbol of(Id id) {
    Symbol symbol;
    symbol.id_ = id;
    return symbol;
  }

  Id id() const { return id_; }
  static Graph& graph() { return *graph_; }

  friend Symbol operator-(const Symbol& a) { return Symbol::of(graph().negate(a.id_)); }
  friend Symbol operator+(const Symbol& a, const Symbol& b) { return Symbol::of(graph().add(a.id_, b.id_)); }
  friend Symbol operator-(const Symbol& a, const Symbol& b) {
    return Symbol::of(graph().subtract(a.id_, b.id_));
  }
  friend Symbol operator*(const Symbol& a, const Symbol& b) {
    return Symbol::of(graph().multiply(a.id_, b.id_));
  }
  friend Symbol operator/(const Symbol& a, const Symbol& b) {
    return Symbol::of(graph().divide(a.id_, b.id_));
  }
  Symbol& operator+=(const Symbol& b) { return *this = *this + b; }

  friend Mask operator<(const Symbol& a, const Symbol& b) { return {graph().less(a.id_, b.id_)}; }
  friend Mask operator>(const Symbol& a, const Symbol& b) { return b < a; }
  friend Mask operator==(const Symbol& a, const Symbol& b) { return {graph().equal(a.id_, b.id_)}; }
  friend Symbol select(const Mask& mask, const Symbol& a, const Symbol& b) {
    return Symbol::of(graph().select(mask.id, a.id_, b.id_));
  }

 private:
  friend class OpenGraph;
  static inline thread_local Graph* graph_ = nullptr;
  Id id_;
};

/// The graph that symbols of this thread write to, until it goes out of scope.
class OpenGraph {
 public:
  explicit OpenGraph(Graph& graph) { Symbol::graph_ = &graph; }
  ~OpenGraph() { Symbol::graph_ = nullptr; }
  OpenGraph(const OpenGraph&) = delete;
  OpenGraph& operator=(const OpenGraph&) = delete;
};

Mask operator&&(const Mask& a, const Mask& b) { return {Symbol::graph().both(a.id, b.id)}; }

Symbol apply(Operation operation, const Symbol& x) {
  return Symbol::of(Symbol::graph().apply(operation, x.id()));
}
Symbol apply(Operation operation, const Symbol& x, const Symbol& y) {
  return Symbol::of(Symbol::graph().apply(operation, x.id(), y.id()));
}

Symbol abs(const Symbol& x) { return apply(Operation::Absolute, x); }
Symbol sqrt(const Symbol& x) { return apply(Operation::SquareRoot, x); }
Symbol cbrt(const Symbol& x) { return apply(Operation::CubeRoot, x); }
Symbol exp(const Symbol& x) { return apply(Operation::Exponential, x); }
Symbol exp2(const Symbol& x) { return apply(Operation::Exponential2, x); }
Symbol expm1(const Symbol& x) { return apply(Operation::ExponentialMinus1, x); }
Symbol log(const Symbol& x) { return apply(Operation::Logarithm, x); }
Symbol log2(const Symbol& x) { return apply(Operation::Logarithm2, x); }
Symbol log10(const Symbol& x) { return apply(Operation::Logarithm10, x); }
Symbol log1p(const Symbol& x) { return apply(Operation::Logarithm1Plus, x); }
Symbol sin(const Symbol& x) { return apply(Operation::Sine, x); }
Symbol cos(const Symbol& x) { return apply(Operation::Cosine, x); }
Symbol tan(const Symbol& x) { return apply(Operation::Tangent, x); }
Symbol asin(const Symbol& x) { return apply(Operation::ArcSine, x); }
Symbol acos(const Symbol& x) { return apply(Operation::ArcCosine, x); }
Symbol atan(const Symbol& x) { return apply(Operation::ArcTangent, x); }
Symbol sinh(const Symbol& x) { return apply(Operation::HyperbolicSine, x); }
Symbol cosh(const Symbol& x) { return apply(Operation::HyperbolicCosine, x); }
Symbol tanh(const Symbol& x) { return apply(Operation::HyperbolicTangent, x); }
Symbol asinh(const Symbol& x) { return apply(Operation::AreaSine, x); }
Symbol acosh(const Symbol& x) { return apply(Operation::AreaCosine, x); }
Symbol atanh(const Symbol& x) { return apply(Operation::AreaTangent, x); }
Symbol bell(const Symbol& x) { return apply(Operation::Bell, x); }
Symbol erf(const Symbol& x) { return apply(Operation::ErrorFunction, x); }
Symbol erfc(const Symbol& x) { return apply(Operation::ComplementaryErrorFunction, x); }
Symbol tgamma(const Symbol& x) { return apply(Operation::Gamma, x); }
Symbol lgamma(const Symbol& x) { return apply(Operation::LogarithmOfGamma, x); }
Symbol polygamma(int n, const Symbol& x) { return apply(Operation::Polygamma, x, static_cast<double>(n)); }
Symbol pow(const Symbol& x, const Symbol& y) { return apply(Operation::Power, x, y); }
Symbol hypot(const Symbol& x, const Symbol& y) { return apply(Operation::Length, x, y); }
Symbol atan2(const Symbol& y, const Symbol& x) { return apply(Operation::Angle, y, x); }

/// What the chain rule needs of a node: the active operands (each once), and the derivatives by them, the
/// second ones as packed lower triangle. Linear nodes have no `second`.
struct Local {
  int count = 0;
  std::array<Id, 2> operand{};
  std::array<Id, 2> first{};
  bool curved = false;
  std::array<Id, 3> second{};
};

template <class Partials>
Local local_of(const Node& node, const Partials& f, bool with_second) {
  Local local{.count = static_cast<int>(f.first.size()), .operand = {node.a, node.b}};
  for (std::size_t k = 0; k < f.first.size(); ++k) local.first[k] = f.first[k].id();
  if (!with_second) return local;
  const auto second = f.second();
  for (std::size_t k = 0; k < second.size(); ++k) local.second[k] = second[k].id();
  local.curved = true;
  return local;
}

/// x^p for a literal p. The table's quotients, which save a call of pow where one looks at a single number,
/// need a branch; here powers are formulas that others share.
Local local_of_power(const Node& node, double p, bool with_second) {
  const Symbol x = Symbol::of(node.a);
  return local_of(node,
                  partials_of::unary<Symbol>(Symbol::of(node.a), p * pow(x, Symbol(p - 1.0)),
                                             [&] { return p * (p - 1.0) * pow(x, Symbol(p - 2.0)); }),
                  with_second);
}

/// x^y, both of them formulas.
Local local_of_general_power(const Node& node, bool with_second) {
  const Symbol x = Symbol::of(node.a), y = Symbol::of(node.b), zero(0.0);
  const Symbol value = pow(x, y), rate = log(x), lower = pow(x, y - 1.0);
  const Mask at_zero = x == zero;
  const Symbol by_y = select(at_zero && y > zero, zero, value * rate);
  const auto second = [&] {
    return std::array<Symbol, 3>{y * (y - 1.0) * pow(x, y - 2.0),
                                 select(at_zero && y > Symbol(1.0), zero, lower * (1.0 + y * rate)),
                                 select(at_zero && y > zero, zero, by_y * rate)};
  };
  return local_of(node, partials(value, std::array<Symbol, 2>{y * lower, by_y}, second), with_second);
}

/// The derivatives of a node by its operands, whether those are active or not.
Local local_derivatives(Graph& graph, Id id, bool with_second) {
  const Node node = graph[id];
  const Symbol zero(0.0), one(1.0), two(2.0);
  const auto linear = [&](const Symbol& by_a, const Symbol& by_b) {
    return Local{.count = 2, .operand = {node.a, node.b}, .first = {by_a.id(), by_b.id()}};
  };
  if (node.kind == Kind::Reciprocal) {
    const Symbol inverse = Symbol::of(id);
    return local_of(node,
                    partials_of::unary<Symbol>(inverse, -(inverse * inverse),
                                               [&] { return 2.0 * (inverse * inverse) * inverse; }),
                    with_second);
  }
  if (node.kind == Kind::Select) {
    return {.count = 2,
            .operand = {node.b, node.c},
            .first = {graph.select(node.a, one.id(), zero.id()), graph.select(node.a, zero.id(), one.id())}};
  }
  if (node.kind != Kind::Apply) return {};
  const Symbol a = Symbol::of(node.a);
  switch (node.operation) {
    case Operation::Add:
      return linear(one, one);
    case Operation::Subtract:
      return linear(one, -one);
    case Operation::Multiply:
      return local_of(node,
                      partials(zero, std::array<Symbol, 2>{Symbol::of(node.b), a},
                               [&] {
                                 return std::array<Symbol, 3>{zero, one, zero};
                               }),
                      with_second);
    case Operation::Power:
      if (graph.is_literal(node.b)) return local_of_power(node, graph[node.b].literal, with_second);
      if (graph.is_literal(node.a)) {
        Local local =
            local_of(Node{.a = node.b},
                     partials_of::power_of_constant(graph[node.a].literal)(Symbol::of(node.b)), with_second);
        return local;
      }
      return local_of_general_power(node, with_second);
    case Operation::Angle:
      return local_of(node, partials_of::angle(a, Symbol::of(node.b)), with_second);
    case Operation::Length:
      return local_of(node, partials_of::length(a, Symbol::of(node.b)), with_second);
    case Operation::Minimum: {
      const Mask takes_b = Symbol::of(node.b) < a;
      return linear(select(takes_b, zero, one), select(takes_b, one, zero));
    }
    case Operation::Maximum: {
      const Mask takes_b = a < Symbol::of(node.b);
      return linear(select(takes_b, zero, one), select(takes_b, one, zero));
    }
    case Operation::Modulus:
      return linear(one, -apply(Operation::Truncate, a / Symbol::of(node.b)));
    case Operation::Remainder:
      return linear(one, -apply(Operation::RoundToEven, a / Symbol::of(node.b)));
    case Operation::Polygamma:
      return local_of(node, partials_of::polygamma_of_order(static_cast<int>(graph[node.b].literal))(a),
                      with_second);
    case Operation::Negate:
      return {.count = 1, .operand = {node.a}, .first = {(-one).id()}};
    default:
      return with_unary_partials(
          node.operation, [&](const auto& f) { return local_of(node, f(a), with_second); },
          [] { return Local{}; });
  }
}

/// Whether each of the first `count` nodes depends on a variable.
std::vector<bool> active_nodes(const Graph& graph, Id count) {
  std::vector<bool> active(static_cast<std::size_t>(count), false);
  const auto is_active = [&](Id id) { return id >= 0 && active[static_cast<std::size_t>(id)]; };
  for (Id id = 0; id < count; ++id) {
    const Node& node = graph[id];
    active[static_cast<std::size_t>(id)] =
        node.kind == Kind::Variable ||
        (!graph.is_leaf(id) && (is_active(node.a) || is_active(node.b) || is_active(node.c)));
  }
  return active;
}

/// The derivatives of a node by its active operands, an operand that stands twice counted once.
Local active_derivatives(Graph& graph, Id id, const std::vector<bool>& active, bool with_second) {
  Local local = local_derivatives(graph, id, with_second);
  const auto is_active = [&](int k) {
    return active[static_cast<std::size_t>(local.operand[static_cast<std::size_t>(k)])];
  };
  if (local.count == 2 && local.operand[0] == local.operand[1]) {
    local.count = 1;
    local.first[0] = graph.add(local.first[0], local.first[1]);
    if (local.curved) {
      const Id twist = graph.multiply(graph.literal(2.0), local.second[1]);
      local.second[0] = graph.add(graph.add(local.second[0], twist), local.second[2]);
    }
  } else if (local.count == 2 && !is_active(0)) {
    local.count = 1;
    local.operand[0] = local.operand[1];
    local.first[0] = local.first[1];
    local.second[0] = local.second[2];
  } else if (local.count == 2 && !is_active(1)) {
    local.count = 1;
  }
  if (local.count == 1 && !is_active(0)) local.count = 0;
  return local;
}

/// Sums of formulas by node, 0 where nothing was added.
class Adjoints {
 public:
  Adjoints(Graph& graph, Id count)
      : graph_(graph), of_(static_cast<std::size_t>(count), graph.literal(0.0)) {}
  void add(Id node, Id amount) { of(node) = graph_.add(of(node), amount); }
  Id& of(Id node) { return of_[static_cast<std::size_t>(node)]; }

 private:
  Graph& graph_;
  std::vector<Id> of_;
};

/// The symmetric matrix of second-order adjoints between nodes, sparse.
class Interactions {
 public:
  Interactions(Graph& graph, Id count) : graph_(graph), rows_(static_cast<std::size_t>(count)) {}

  void add(Id p, Id q, Id amount) {
    if (graph_.is_literal(amount, 0.0)) return;
    place(p, q, amount);
    if (p != q) place(q, p, amount);
  }
  /// The row of a node, which is taken out of the matrix.
  std::map<Id, Id> take(Id node) {
    std::map<Id, Id> row;
    row.swap(rows_[static_cast<std::size_t>(node)]);
    for (const auto& [other, weight] : row) {
      if (other != node) rows_[static_cast<std::size_t>(other)].erase(node);
    }
    return row;
  }
  const std::map<Id, Id>& row(Id node) const { return rows_[static_cast<std::size_t>(node)]; }
  /// How many entries were placed or added to so far.
  std::size_t work() const noexcept { return work_; }

 private:
  void place(Id p, Id q, Id amount) {
    ++work_;
    const auto [entry, is_new] = rows_[static_cast<std::size_t>(p)].try_emplace(q, amount);
    if (!is_new) entry->second = graph_.add(entry->second, amount);
  }

  Graph& graph_;
  std::vector<std::map<Id, Id>> rows_;
  std::size_t work_ = 0;
};

/// An interaction between two nodes that is carried on takes the time of so many formulas.
constexpr std::size_t interaction_cost = 3;

Id last_of(std::span<const Seeded> sum) {
  Id last = -1;
  for (const Seeded& part : sum) last = std::max(last, part.formula);
  return last;
}

/// Carries the second-order adjoints of a node over to its operands.
void push(Graph& graph, Interactions& interactions, Id node, const Local& local, Id adjoint) {
  for (const auto& [p, weight] : interactions.take(node)) {
    for (std::size_t j = 0; j < static_cast<std::size_t>(local.count); ++j) {
      const Id passed = graph.multiply(local.first[j], weight);
      if (p == node) {
        for (std::size_t k = 0; k <= j; ++k) {
          interactions.add(local.operand[j], local.operand[k], graph.multiply(local.first[k], passed));
        }
      } else {
        const bool meets = p == local.operand[j];
        interactions.add(p, local.operand[j], meets ? graph.multiply(graph.literal(2.0), passed) : passed);
      }
    }
  }
  if (!local.curved) return;
  for (std::size_t j = 0, at = 0; j < static_cast<std::size_t>(local.count); ++j) {
    for (std::size_t k = 0; k <= j; ++k, ++at) {
      interactions.add(local.operand[j], local.operand[k], graph.multiply(adjoint, local.second[at]));
    }
  }
}

}  // namespace

std::vector<Id> gradient(Graph& graph, std::span<const Seeded> sum, std::int32_t variables) {
  const OpenGraph open(graph);
  const Id count = last_of(sum) + 1;
  const std::vector<bool> active = active_nodes(graph, count);
  Adjoints adjoints(graph, count);
  for (const Seeded& part : sum) adjoints.add(part.formula, part.seed);

  std::vector<Id> result(static_cast<std::size_t>(variables), graph.literal(0.0));
  for (Id id = count; id-- > 0;) {
    const Id adjoint = adjoints.of(id);
    if (!active[static_cast<std::size_t>(id)] || graph.is_literal(adjoint, 0.0)) continue;
    if (graph[id].kind == Kind::Variable) {
      result[static_cast<std::size_t>(graph[id].a)] = adjoint;
      continue;
    }
    const Local local = active_derivatives(graph, id, active, false);
    for (std::size_t k = 0; k < static_cast<std::size_t>(local.count); ++k) {
      adjoints.add(local.operand[k], graph.multiply(adjoint, local.first[k]));
    }
  }
  return result;
}

std::vector<HessianEntry> hessian(Graph& graph, std::span<const Seeded> sum, Id limit) {
  const OpenGraph open(graph);
  const Id count = last_of(sum) + 1;
  const std::vector<bool> active = active_nodes(graph, count);
  Adjoints adjoints(graph, count);
  Interactions interactions(graph, count);
  for (const Seeded& part : sum) adjoints.add(part.formula, part.seed);

  std::vector<Id> variables;
  for (Id id = count; id-- > 0;) {
    if (!active[static_cast<std::size_t>(id)]) continue;
    if (graph[id].kind == Kind::Variable) {
      variables.push_back(id);
      continue;
    }
    const Id adjoint = adjoints.of(id);
    if (graph.is_literal(adjoint, 0.0) && interactions.row(id).empty()) continue;
    if (graph.size() > limit || interactions.work() > static_cast<std::size_t>(limit) / interaction_cost)
      throw TooManyFormulas("the second derivatives have too many formulas");
    const Local local = active_derivatives(graph, id, active, true);
    push(graph, interactions, id, local, adjoint);
    for (std::size_t k = 0; k < static_cast<std::size_t>(local.count); ++k) {
      adjoints.add(local.operand[k], graph.multiply(adjoint, local.first[k]));
    }
  }

  std::vector<HessianEntry> entries;
  for (const Id id : variables) {
    for (const auto& [other, weight] : interactions.row(id)) {
      if (graph[id].a >= graph[other].a && !graph.is_literal(weight, 0.0)) {
        entries.push_back({graph[id].a, graph[other].a, weight});
      }
    }
  }
  std::sort(entries.begin(), entries.end(), [](const HessianEntry& a, const HessianEntry& b) {
    return a.row != b.row ? a.row < b.row : a.column < b.column;
  });
  return entries;
}

std::vector<Id> along_direction(Graph& graph, std::span<const Id> formulas) {
  const OpenGraph open(graph);
  Id count = 0;
  for (const Id id : formulas) count = std::max(count, id + 1);
  std::vector<bool> needed(static_cast<std::size_t>(count), false);
  for (const Id id : formulas) needed[static_cast<std::size_t>(id)] = true;
  const std::vector<bool> active = active_nodes(graph, count);
  for (Id id = count; id-- > 0;) {
    if (!needed[static_cast<std::size_t>(id)] || graph.is_leaf(id)) continue;
    const Node& node = graph[id];
    for (const Id operand : {node.a, node.b, node.c}) {
      if (operand >= 0) needed[static_cast<std::size_t>(operand)] = true;
    }
  }

  std::vector<Id> tangent(static_cast<std::size_t>(count), graph.literal(0.0));
  for (Id id = 0; id < count; ++id) {
    const auto at = static_cast<std::size_t>(id);
    if (!needed[at] || !active[at]) continue;
    if (graph[id].kind == Kind::Variable) {
      tangent[at] = graph.direction(graph[id].a);
      continue;
    }
    const Local local = active_derivatives(graph, id, active, false);
    for (std::size_t k = 0; k < static_cast<std::size_t>(local.count); ++k) {
      const Id moved = tangent[static_cast<std::size_t>(local.operand[k])];
      tangent[at] = graph.add(tangent[at], graph.multiply(local.first[k], moved));
    }
  }
  std::vector<Id> result;
  for (const Id id : formulas) result.push_back(tangent[static_cast<std::size_t>(id)]);
  return result;
}

}  // namespace quadric::formula
