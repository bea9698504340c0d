#include "quadric/problem/expression_program.hpp"

#include <bit>
#include <map>
#include <numbers>
#include <optional>
#include <tuple>
#include <unordered_map>

#include "quadric/base/misuse.hpp"
#include "quadric/problem/expression.hpp"

#include "base/nearest_name.hpp"
#include "problem/expression_tree.hpp"

namespace quadric {
namespace expressions {

double log_gamma(double x) {
#ifdef __GLIBC__
  int sign = 0;
  return ::lgamma_r(x, &sign);
#else
  return std::lgamma(x);
#endif
}

double integer_power(double x, int n) {
  switch (n) {
    case -2:
      return 1.0 / (x * x);
    case -1:
      return 1.0 / x;
    case 0:
      return 1.0;
    case 1:
      return x;
    case 2:
      return x * x;
    case 3:
      return x * x * x;
    case 4:
      return (x * x) * (x * x);
    default:
      return std::pow(x, n);
  }
}

void prepare(const Program& program, const double* data, double* prepared) {
  const std::array<const double*, 3> banks{program.constants.data(), data, prepared};
  const auto number = [&](Operand at) { return banks[static_cast<std::size_t>(at.bank) - 2][at.index]; };
  for (const Instruction& step : program.prepare) {
    double& target = prepared[step.target];
    if (step.operation == Operation::IntegerPower) {
      target = integer_power(number(step.a), step.exponent);
    } else if (step.operation < Operation::Exp && step.operation != Operation::Negate) {
      target = apply(step.operation, number(step.a), number(step.b));
    } else {
      target = apply(step.operation, number(step.a));
    }
  }
}

namespace {

// Makes a program of a tree: places for the names, constants folded, equal sub-expressions merged, work on
// data alone set apart from work on parameters.
class Compiler {
 public:
  Compiler(const Tree& tree, const std::vector<std::string>& parameters, const std::vector<std::string>& data)
      : tree_(tree) {
    program_.parameters = parameters;
    program_.data = data;
    place(parameters, Bank::Parameter);
    place(data, Bank::Data);
  }

  Program compile() {
    std::vector<Operand> values;
    values.reserve(tree_.nodes.size());
    for (const Node& node : tree_.nodes) values.push_back(translate(node, values));
    program_.result = values.back();
    assign_slots();
    return std::move(program_);
  }

 private:
  using Key = std::tuple<Operation, Operand, Operand, std::int32_t>;

  void place(const std::vector<std::string>& names, Bank bank) {
    for (std::uint32_t i = 0; i < names.size(); ++i) {
      const bool is_new = places_.try_emplace(names[i], Operand{bank, i}).second;
      if (!is_new)
        misuse("the name '" + names[i] + "' is listed twice; a parameter or column needs a name of its own");
    }
  }

  Operand translate(const Node& node, const std::vector<Operand>& values) {
    switch (node.operation) {
      case Operation::Constant:
        return constant(node.value);
      case Operation::Name:
        return find(node.a);
      case Operation::Negate:
        return unary(node.operation, values[node.a]);
      default:
        break;
    }
    if (node.operation >= Operation::Exp) return unary(node.operation, values[node.a]);
    return binary(node.operation, values[node.a], values[node.b]);
  }

  Operand constant(double value) {
    const auto next = static_cast<std::uint32_t>(program_.constants.size());
    const auto [found, is_new] = constants_.try_emplace(std::bit_cast<std::uint64_t>(value), next);
    if (is_new) program_.constants.push_back(value);
    return {Bank::Constant, found->second};
  }

  Operand find(std::uint32_t number) {
    const std::string& name = tree_.names[number];
    if (const auto found = places_.find(name); found != places_.end()) return found->second;
    if (name == "pi") return constant(std::numbers::pi);
    if (name == "e") return constant(std::numbers::e);
    unknown(number);
  }

  [[noreturn]] void unknown(std::uint32_t number) const {
    const std::string& name = tree_.names[number];
    std::string sentence = "the expression uses the unknown name '" + name + "'";
    if (find_function(name) != nullptr) {
      sentence += ", which is a function: write " + name + "(...)";
    } else {
      std::vector<std::string> known = program_.parameters;
      known.insert(known.end(), program_.data.begin(), program_.data.end());
      const std::string listed = list(known);
      for (const std::string& function : function_names()) known.push_back(function);
      sentence += did_you_mean(name, known);
      if (!listed.empty()) sentence += (sentence.back() == '?' ? " Known: " : "; known: ") + listed;
    }
    fail_at(tree_.text, tree_.positions[number], sentence);
  }

  static std::string list(const std::vector<std::string>& names) {
    constexpr std::size_t most = 20;
    std::string text;
    for (std::size_t i = 0; i < std::min(names.size(), most); ++i) text += (i > 0 ? ", " : "") + names[i];
    return names.size() > most ? text + ", ..." : text;
  }

  double value(Operand at) const { return program_.constants[at.index]; }

  Operand unary(Operation operation, Operand a) {
    if (a.bank == Bank::Constant) return constant(apply(operation, value(a)));
    return emit({.operation = operation, .a = a}, a.is_double());
  }

  Operand binary(Operation operation, Operand a, Operand b) {
    if (operation == Operation::Power) {
      if (const auto exponent = whole(b)) return integer_power_of(a, *exponent);
    }
    if (a.bank == Bank::Constant && b.bank == Bank::Constant)
      return constant(apply(operation, value(a), value(b)));
    if (a.is_double() != b.is_double()) return mixed(operation, a, b);
    return emit({.operation = operation, .a = a, .b = b}, a.is_double());
  }

  std::optional<std::int32_t> whole(Operand at) const {
    if (at.bank != Bank::Constant) return std::nullopt;
    const double number = value(at);
    if (number != std::trunc(number) || std::abs(number) > 1e9) return std::nullopt;
    return static_cast<std::int32_t>(number);
  }

  Operand integer_power_of(Operand a, std::int32_t exponent) {
    if (exponent == 1) return a;
    if (a.bank == Bank::Constant) return constant(integer_power(value(a), exponent));
    return emit({.operation = Operation::IntegerPower, .a = a, .exponent = exponent}, a.is_double());
  }

  Operand mixed(Operation operation, Operand a, Operand b) {
    const bool double_first = a.is_double();
    const Operand scalar = double_first ? b : a;
    const Operand number = double_first ? a : b;
    const auto emit_mixed = [&](Operation second, Operation first) {
      return emit({.operation = double_first ? first : second, .a = scalar, .b = number}, false);
    };
    switch (operation) {
      case Operation::Add:
        return emit_mixed(Operation::AddDouble, Operation::AddDouble);
      case Operation::Subtract:
        return emit_mixed(Operation::SubtractDouble, Operation::SubtractFromDouble);
      case Operation::Multiply:
        return emit_mixed(Operation::MultiplyDouble, Operation::MultiplyDouble);
      case Operation::Divide:
        return emit_mixed(Operation::DivideByDouble, Operation::DivideDouble);
      case Operation::Power:
        return emit_mixed(Operation::PowerToDouble, Operation::PowerOfDouble);
      default:
        break;
    }
    const Operand lifted = emit({.operation = Operation::Lift, .a = number}, false);
    return emit({.operation = operation, .a = double_first ? lifted : a, .b = double_first ? b : lifted},
                false);
  }

  Operand emit(Instruction step, bool of_data_alone) {
    const Key key{step.operation, step.a, step.b, step.exponent};
    if (const auto found = computed_.find(key); found != computed_.end()) return found->second;
    std::vector<Instruction>& list = of_data_alone ? program_.prepare : program_.evaluate;
    step.target = static_cast<std::uint32_t>(list.size());
    list.push_back(step);
    const Operand result{of_data_alone ? Bank::Prepared : Bank::Scratch, step.target};
    computed_.emplace(key, result);
    return result;
  }

  // Until here every instruction has a slot of its own; now slots are given back after their last use.
  void assign_slots() {
    std::vector<Instruction>& steps = program_.evaluate;
    std::vector<std::size_t> last_use(steps.size(), 0);
    const auto uses = [](Operand at, auto&& act) {
      if (at.bank == Bank::Scratch) act(at.index);
    };
    for (std::size_t i = 0; i < steps.size(); ++i) {
      for (const Operand at : {steps[i].a, steps[i].b}) uses(at, [&](std::uint32_t k) { last_use[k] = i; });
    }
    uses(program_.result, [&](std::uint32_t k) { last_use[k] = steps.size(); });

    std::vector<std::uint32_t> slot(steps.size()), free;
    for (std::size_t i = 0; i < steps.size(); ++i) {
      const Operand a = steps[i].a, b = steps[i].b;
      uses(a, [&](std::uint32_t k) { steps[i].a.index = slot[k]; });
      uses(b, [&](std::uint32_t k) { steps[i].b.index = slot[k]; });
      uses(a, [&](std::uint32_t k) {
        if (last_use[k] == i) free.push_back(slot[k]);
      });
      uses(b, [&](std::uint32_t k) {
        if (last_use[k] == i && b != a) free.push_back(slot[k]);
      });
      if (free.empty()) free.push_back(static_cast<std::uint32_t>(program_.scratch_slots++));
      slot[i] = steps[i].target = free.back();
      free.pop_back();
    }
    uses(program_.result, [&](std::uint32_t k) { program_.result.index = slot[k]; });
  }

  const Tree& tree_;
  Program program_;
  std::unordered_map<std::string, Operand> places_;
  std::unordered_map<std::uint64_t, std::uint32_t> constants_;
  std::map<Key, Operand> computed_;
};

}  // namespace
}  // namespace expressions

BoundExpression Expression::bind(const std::vector<std::string>& parameters,
                                 const std::vector<std::string>& data) const {
  expressions::Compiler compiler(*tree_, parameters, data);
  return BoundExpression(std::make_shared<const expressions::Program>(compiler.compile()));
}

void BoundExpression::prepare(std::span<const double> data, std::span<double> prepared) const {
  if (data.size() != program_->data.size()) throw_sizes(program_->parameters.size(), data.size());
  check_prepared(prepared.size());
  expressions::prepare(*program_, data.data(), prepared.data());
}

void BoundExpression::throw_sizes(std::size_t parameters, std::size_t data) const {
  misuse("the expression was bound to " + std::to_string(program_->parameters.size()) + " parameters and " +
         std::to_string(program_->data.size()) + " data columns, but is evaluated with " +
         std::to_string(parameters) + " and " + std::to_string(data));
}

void BoundExpression::throw_prepared(std::size_t size) const {
  misuse("the expression prepares " + std::to_string(prepared_size()) + " values for each row of data, not " +
         std::to_string(size));
}

}  // namespace quadric
