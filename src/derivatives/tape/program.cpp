#include "derivatives/tape/program.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace quadric::formula {

namespace {

constexpr std::uint32_t unplaced = std::numeric_limits<std::uint32_t>::max();

/// An instruction whose operands are still formulas (-1: none).
struct Plan {
  Code code = Code::Copy;
  Operation operation = Operation::Variable;
  std::array<Id, 3> operands{-1, -1, -1};
  double literal = 0.0;
};

/// Decides for every formula that the results need which instruction computes it.
class Selection {
 public:
  Selection(const Graph& graph, std::span<const Id> results)
      : graph_(graph),
        uses_(static_cast<std::size_t>(graph.size()), 0),
        is_result_(static_cast<std::size_t>(graph.size()), false) {
    for (const Id id : results) is_result_[static_cast<std::size_t>(id)] = true;
    count_uses(results);
  }

  Plan plan(Id id) const {
    const Node& node = graph_[id];
    Plan plan{.operation = node.operation, .operands = {node.a, node.b, node.c}};
    switch (node.kind) {
      case Kind::Reciprocal:
        plan.code = Code::Reciprocal;
        break;
      case Kind::Less:
        plan.code = Code::Less;
        break;
      case Kind::LessOrEqual:
        plan.code = Code::LessOrEqual;
        break;
      case Kind::Equal:
        plan.code = Code::Equal;
        break;
      case Kind::Both:
        plan.code = Code::Both;
        break;
      case Kind::Select:
        plan.code = Code::Select;
        break;
      default:
        plan_operation(node, plan);
    }
    return plan;
  }

 private:
  void count_uses(std::span<const Id> results) {
    std::vector<Id> open(results.begin(), results.end());
    std::vector<bool> seen(static_cast<std::size_t>(graph_.size()), false);
    while (!open.empty()) {
      const Id id = open.back();
      open.pop_back();
      if (seen[static_cast<std::size_t>(id)] || graph_.is_leaf(id)) continue;
      seen[static_cast<std::size_t>(id)] = true;
      const Node& node = graph_[id];
      for (const Id operand : {node.a, node.b, node.c}) {
        if (operand < 0) continue;
        ++uses_[static_cast<std::size_t>(operand)];
        open.push_back(operand);
      }
    }
  }

  /// A product that only the sum at hand uses, so that both are one instruction.
  bool can_take_up(Id id) const {
    const Node& node = graph_[id];
    return node.kind == Kind::Apply && node.operation == Operation::Multiply &&
           uses_[static_cast<std::size_t>(id)] == 1 && !is_result_[static_cast<std::size_t>(id)];
  }

  void take_up(Plan& plan, Id product, Id rest, Code plain, Code with_literal, double sign) const {
    const Node& factors = graph_[product];
    if (graph_.is_literal(factors.a)) {
      plan.code = with_literal;
      plan.literal = sign * graph_[factors.a].literal;
      plan.operands = {factors.b, -1, rest};
    } else {
      plan.code = plain;
      plan.operands = {factors.a, factors.b, rest};
    }
  }

  void plan_operation(const Node& node, Plan& plan) const {
    const bool literal_a = graph_.is_literal(node.a);
    switch (node.operation) {
      case Operation::Add:
        if (can_take_up(node.b))
          return take_up(plan, node.b, node.a, Code::MultiplyAdd, Code::MultiplyLiteralAdd, 1.0);
        if (can_take_up(node.a))
          return take_up(plan, node.a, node.b, Code::MultiplyAdd, Code::MultiplyLiteralAdd, 1.0);
        plan.code = Code::Add;
        if (literal_a) return with_literal(plan, Code::AddLiteral, node.a, node.b);
        if (graph_.is_literal(node.b)) return with_literal(plan, Code::AddLiteral, node.b, node.a);
        return;
      case Operation::Subtract:
        if (can_take_up(node.b)) {
          return take_up(plan, node.b, node.a, Code::SubtractProduct, Code::MultiplyLiteralAdd, -1.0);
        }
        if (can_take_up(node.a)) {
          return take_up(plan, node.a, node.b, Code::MultiplySubtract, Code::MultiplyLiteralSubtract, 1.0);
        }
        plan.code = Code::Subtract;
        if (literal_a) return with_literal(plan, Code::LiteralMinus, node.a, node.b);
        if (graph_.is_literal(node.b)) {
          with_literal(plan, Code::AddLiteral, node.b, node.a);
          plan.literal = -plan.literal;
        }
        return;
      case Operation::Multiply:
        plan.code = Code::Multiply;
        if (literal_a) return with_literal(plan, Code::MultiplyLiteral, node.a, node.b);
        return;
      case Operation::Negate:
        plan.code = Code::Negate;
        return;
      case Operation::SquareRoot:
        plan.code = Code::SquareRoot;
        return;
      case Operation::Absolute:
        plan.code = Code::Absolute;
        return;
      case Operation::Minimum:
        plan.code = Code::Minimum;
        return;
      case Operation::Maximum:
        plan.code = Code::Maximum;
        return;
      default:
        plan.code = is_binary(node.operation) ? Code::CallBinary : Code::Call;
    }
  }

  void with_literal(Plan& plan, Code code, Id literal, Id operand) const {
    plan.code = code;
    plan.literal = graph_[literal].literal;
    plan.operands = {operand, -1, -1};
  }

  const Graph& graph_;
  std::vector<std::uint32_t> uses_;
  std::vector<bool> is_result_;
};

struct Step {
  Id id;
  Plan plan;
};

/// The formulas to compute, each after its operands, in the order in which the results ask for them.
std::vector<Step> depth_first(const Graph& graph, const Selection& selection, std::span<const Id> results) {
  std::vector<Step> steps;
  std::vector<bool> entered(static_cast<std::size_t>(graph.size()), false);
  struct Frame {
    Step step;
    std::size_t next;
  };
  std::vector<Frame> stack;
  const auto enter = [&](Id id) {
    if (id < 0 || graph.is_leaf(id) || entered[static_cast<std::size_t>(id)]) return;
    entered[static_cast<std::size_t>(id)] = true;
    stack.push_back({{id, selection.plan(id)}, 0});
  };
  for (const Id result : results) {
    enter(result);
    while (!stack.empty()) {
      Frame& frame = stack.back();
      if (frame.next < 3) {
        enter(frame.step.plan.operands[frame.next++]);
      } else {
        steps.push_back(frame.step);
        stack.pop_back();
      }
    }
  }
  return steps;
}

/// Gives slots to the formulas in the order of the steps.
Program place(const Graph& graph, const std::vector<Step>& steps, std::span<const Id> results,
              Program program) {
  std::vector<std::uint32_t> slot(static_cast<std::size_t>(graph.size()), unplaced);
  std::vector<std::size_t> last_use(static_cast<std::size_t>(graph.size()), 0);
  const auto at = [](Id id) { return static_cast<std::size_t>(id); };

  const auto place_leaf = [&](Id id) {
    if (id < 0 || !graph.is_leaf(id) || slot[at(id)] != unplaced) return;
    const Node& node = graph[id];
    const auto index = static_cast<std::uint32_t>(node.a);
    if (node.kind == Kind::Variable) slot[at(id)] = index;
    if (node.kind == Kind::Parameter) slot[at(id)] = program.first_parameter() + index;
    if (node.kind == Kind::Direction) slot[at(id)] = program.first_direction() + index;
    if (node.kind == Kind::Literal) {
      slot[at(id)] = program.first_literal() + static_cast<std::uint32_t>(program.literals.size());
      program.literals.push_back(node.literal);
    }
  };
  for (std::size_t k = 0; k < steps.size(); ++k) {
    for (const Id operand : steps[k].plan.operands) {
      place_leaf(operand);
      if (operand >= 0) last_use[at(operand)] = k;
    }
  }
  for (const Id id : results) place_leaf(id);

  program.results = static_cast<std::uint32_t>(results.size());
  std::uint32_t next = program.first_result() + program.results;
  for (std::size_t k = 0; k < results.size(); ++k) {
    if (slot[at(results[k])] == unplaced)
      slot[at(results[k])] = program.first_result() + static_cast<std::uint32_t>(k);
  }
  const std::uint32_t first_temporary = next;
  std::vector<std::uint32_t> free;
  program.code.reserve(steps.size());
  for (std::size_t k = 0; k < steps.size(); ++k) {
    const auto& [id, plan] = steps[k];
    std::array<std::uint32_t, 3> operands{};
    for (std::size_t i = 0; i < 3; ++i) {
      if (plan.operands[i] >= 0) operands[i] = slot[at(plan.operands[i])];
    }
    for (std::size_t i = 0; i < 3; ++i) {
      const Id operand = plan.operands[i];
      if (operand < 0 || last_use[at(operand)] != k || slot[at(operand)] < first_temporary) continue;
      if (std::find(plan.operands.begin(), plan.operands.begin() + static_cast<std::ptrdiff_t>(i), operand) ==
          plan.operands.begin() + static_cast<std::ptrdiff_t>(i)) {
        free.push_back(slot[at(operand)]);
      }
    }
    if (slot[at(id)] == unplaced) {
      if (free.empty()) {
        slot[at(id)] = next++;
      } else {
        slot[at(id)] = free.back();
        free.pop_back();
      }
    }
    program.code.push_back(
        {plan.code, plan.operation, slot[at(id)], operands[0], operands[1], operands[2], plan.literal});
  }
  // A result that is a leaf, or the same formula as an earlier one.
  for (std::size_t k = 0; k < results.size(); ++k) {
    const std::uint32_t own = program.first_result() + static_cast<std::uint32_t>(k);
    if (slot[at(results[k])] != own) {
      program.code.push_back({Code::Copy, Operation::Variable, own, slot[at(results[k])], 0, 0, 0.0});
    }
  }
  program.slots = next;
  return program;
}

}  // namespace

Program compile(const Graph& graph, std::span<const Id> results, std::uint32_t variables,
                std::uint32_t parameters, std::uint32_t directions) {
  const Selection selection(graph, results);
  const Program empty{.variables = variables, .parameters = parameters, .directions = directions};
  std::vector<Step> steps = depth_first(graph, selection, results);
  Program by_results = place(graph, steps, results, empty);
  std::sort(steps.begin(), steps.end(), [](const Step& a, const Step& b) { return a.id < b.id; });
  Program by_age = place(graph, steps, results, empty);
  return by_age.slots < by_results.slots ? by_age : by_results;
}

}  // namespace quadric::formula
