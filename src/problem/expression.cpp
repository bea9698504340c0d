#include "quadric/problem/expression.hpp"

#include <algorithm>
#include <charconv>
#include <unordered_map>

#include <tao/pegtl.hpp>

#include "quadric/base/misuse.hpp"

#include "base/nearest_name.hpp"
#include "problem/expression_tree.hpp"

namespace quadric {
namespace {

using namespace expressions;
namespace pegtl = tao::pegtl;

constexpr int deepest_nesting = 200;

// Builds the tree while the text is read: operands wait on a stack, open parentheses on another.
class Builder {
 public:
  explicit Builder(std::string_view text) { tree_->text = text; }

  void number(std::string_view digits, std::size_t position) {
    Node node;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), node.value);
    if (error == std::errc::result_out_of_range) {
      fail(position, "the number " + excerpt(digits) + " is out of the range of double precision");
    }
    if (error != std::errc() || end != digits.data() + digits.size()) fail(position, "expected a number");
    push(node);
  }

  void name(std::string_view name, std::size_t position) {
    name_ = name;
    name_position_ = position;
  }

  void variable() {
    const auto [found, is_new] = numbers_.try_emplace(name_, static_cast<std::uint32_t>(numbers_.size()));
    if (is_new) {
      tree_->names.push_back(name_);
      tree_->positions.push_back(name_position_);
      if (!is_constant_name(name_)) tree_->free_names.push_back(name_);
    }
    push({.operation = Operation::Name, .a = found->second});
  }

  void open_group(std::size_t position) { open_.push_back({.position = position}); }

  void open_call(std::size_t position) {
    const Function* function = find_function(name_);
    if (function == nullptr) unknown_function();
    open_.push_back({.position = position, .function = function, .name = name_position_});
  }

  void argument() { ++open_.back().arguments; }

  void close_group() { open_.pop_back(); }

  void close_call() {
    const Open call = open_.back();
    open_.pop_back();
    if (call.arguments < call.function->least_arguments || call.arguments > call.function->most_arguments) {
      wrong_arguments(call);
    }
    const Operation operation = call.function->operation;
    if (operation == Operation::IntegerPower) {  // square
      push({.operation = Operation::Constant, .value = 2.0});
      binary(Operation::Power);
    } else if (call.arguments == 1) {
      unary(operation);
    } else {
      for (int k = 1; k < call.arguments; ++k) binary(operation);
    }
  }

  void unary(Operation operation) {
    const std::uint32_t a = pop();
    push({.operation = operation, .a = a});
  }

  void binary(Operation operation) {
    const std::uint32_t b = pop();
    const std::uint32_t a = pop();
    push({.operation = operation, .a = a, .b = b});
  }

  void enter(std::size_t position) {
    if (++depth_ > deepest_nesting) {
      fail(position, "nested more than " + std::to_string(deepest_nesting) + " deep; split the expression");
    }
  }
  void leave() { --depth_; }

  [[noreturn]] void no_operand(std::size_t position) const {
    const bool at_end = position >= text().size();
    fail(position,
         std::string("expected a number, a name or '('") + (at_end ? ", but the expression ends here" : ""));
  }

  [[noreturn]] void no_end(std::size_t position) const {
    if (text()[position] == ')') fail(position, "this ')' closes no '('");
    if (text()[position] == ',') fail(position, "a ',' stands only between the arguments of a function");
    fail(position, "expected an operator or the end of the expression" + product_hint(position));
  }

  [[noreturn]] void no_close(std::size_t position) const {
    if (position >= text().size()) fail(open_.back().position, "this '(' is never closed");
    if (text()[position] == ',') fail(position, "a ',' stands only between the arguments of a function");
    const std::string among =
        open_.back().function != nullptr ? "an operator, ',' or ')'" : "an operator or ')'";
    fail(position, "expected " + among + product_hint(position));
  }

  std::shared_ptr<const Tree> tree() const { return tree_; }

 private:
  struct Open {
    std::size_t position = 0;
    const Function* function = nullptr;
    std::size_t name = 0;
    int arguments = 0;
  };

  const std::string& text() const { return tree_->text; }

  [[noreturn]] void fail(std::size_t position, const std::string& sentence) const {
    fail_at(text(), position, "cannot read the expression: " + sentence);
  }

  [[noreturn]] void unknown_function() const {
    const std::string hint = did_you_mean(name_, function_names());
    fail(name_position_, "there is no function '" + excerpt(name_) + "'" +
                             (hint.empty() ? "; to multiply, write '*' before the '('" : hint));
  }

  [[noreturn]] void wrong_arguments(const Open& call) const {
    const auto& [name, operation, least, most] = *call.function;
    std::string takes = std::to_string(least);
    if (most > least) takes += " or " + std::to_string(most);
    takes += most == 1 ? " argument" : " arguments";
    fail(call.name, "'" + std::string(name) + "' takes " + takes + ", not " + std::to_string(call.arguments));
  }

  std::string product_hint(std::size_t position) const {
    const char next = text()[position];
    const bool operand = next == '(' || next == '_' || next == '.' || (next >= '0' && next <= '9') ||
                         (next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z');
    return operand ? "; to multiply, write '*'" : "";
  }

  static std::string excerpt(std::string_view word) {
    return word.size() <= 40 ? std::string(word) : std::string(word.substr(0, 40)) + "...";
  }

  void push(const Node& node) {
    operands_.push_back(static_cast<std::uint32_t>(tree_->nodes.size()));
    tree_->nodes.push_back(node);
  }

  std::uint32_t pop() {
    const std::uint32_t top = operands_.back();
    operands_.pop_back();
    return top;
  }

  std::shared_ptr<Tree> tree_ = std::make_shared<Tree>();
  std::unordered_map<std::string, std::uint32_t> numbers_;
  std::vector<std::uint32_t> operands_;
  std::vector<Open> open_;
  std::string name_;
  std::size_t name_position_ = 0;
  int depth_ = 0;
};

// The grammar. Every choice is made by the next character, so nothing is read twice and no action is taken
// back.
namespace grammar {

using namespace pegtl;  // NOLINT: the words of the grammar

struct spaces : star<space> {};
struct enter : success {};
struct leave : success {};
struct sum;
struct signed_term;

struct exponent : opt<one<'e', 'E'>, opt<one<'+', '-'>>, plus<digit>> {};
struct digits : sor<seq<plus<digit>, opt<one<'.'>, star<digit>>>, seq<one<'.'>, plus<digit>>> {};
struct number : seq<digits, exponent> {};

struct name : identifier {};
struct open_call : one<'('> {};
struct close_call : one<')'> {};
struct argument : seq<sum> {};
struct arguments : seq<argument, star<if_must<one<','>, spaces, argument>>> {};
struct no_arguments : at<one<')'>> {};
struct call : if_must<open_call, spaces, sor<no_arguments, arguments>, close_call> {};
struct variable : success {};
struct named : seq<name, spaces, sor<call, variable>> {};

struct open_group : one<'('> {};
struct close_group : one<')'> {};
struct group : if_must<open_group, spaces, sum, close_group> {};

struct operand : sor<number, named, group> {};
struct power_sign : sor<one<'^'>, string<'*', '*'>> {};
struct raised : if_must<power_sign, spaces, signed_term> {};
struct power : seq<must<operand>, spaces, opt<raised>> {};

struct negated : if_must<one<'-'>, spaces, signed_term> {};
struct plain : if_must<one<'+'>, spaces, signed_term> {};
struct signed_term : seq<enter, sor<negated, plain, power>, leave> {};

struct multiplied : if_must<one<'*'>, spaces, signed_term> {};
struct divided : if_must<one<'/'>, spaces, signed_term> {};
struct product : seq<signed_term, star<sor<multiplied, divided>>> {};

struct added : if_must<one<'+'>, spaces, product> {};
struct subtracted : if_must<one<'-'>, spaces, product> {};
struct sum : seq<product, star<sor<added, subtracted>>> {};

struct end : eof {};
struct expression : must<spaces, sum, end> {};

}  // namespace grammar

template <class Rule>
struct Action : pegtl::nothing<Rule> {};

template <auto Method>
struct Simply {
  static void apply0(Builder& builder) { (builder.*Method)(); }
};

template <auto Method>
struct WithPosition {
  template <class Input>
  static void apply(const Input& in, Builder& builder) {
    (builder.*Method)(static_cast<std::size_t>(in.begin() - in.input().begin()));
  }
};

template <auto Method>
struct WithText {
  template <class Input>
  static void apply(const Input& in, Builder& builder) {
    (builder.*Method)(in.string_view(), static_cast<std::size_t>(in.begin() - in.input().begin()));
  }
};

template <Operation operation>
struct Combining {
  static void apply0(Builder& builder) { builder.binary(operation); }
};

struct Negating {
  static void apply0(Builder& builder) { builder.unary(Operation::Negate); }
};

// clang-format off
template <> struct Action<grammar::enter> : WithPosition<&Builder::enter> {};
template <> struct Action<grammar::leave> : Simply<&Builder::leave> {};
template <> struct Action<grammar::number> : WithText<&Builder::number> {};
template <> struct Action<grammar::name> : WithText<&Builder::name> {};
template <> struct Action<grammar::variable> : Simply<&Builder::variable> {};
template <> struct Action<grammar::open_call> : WithPosition<&Builder::open_call> {};
template <> struct Action<grammar::argument> : Simply<&Builder::argument> {};
template <> struct Action<grammar::close_call> : Simply<&Builder::close_call> {};
template <> struct Action<grammar::open_group> : WithPosition<&Builder::open_group> {};
template <> struct Action<grammar::close_group> : Simply<&Builder::close_group> {};
template <> struct Action<grammar::raised> : Combining<Operation::Power> {};
template <> struct Action<grammar::negated> : Negating {};
template <> struct Action<grammar::multiplied> : Combining<Operation::Multiply> {};
template <> struct Action<grammar::divided> : Combining<Operation::Divide> {};
template <> struct Action<grammar::added> : Combining<Operation::Add> {};
template <> struct Action<grammar::subtracted> : Combining<Operation::Subtract> {};
// clang-format on

template <class Rule>
struct Control : pegtl::normal<Rule> {
  template <class Input>
  [[noreturn]] static void raise(const Input& in, Builder& builder) {
    const auto position = static_cast<std::size_t>(in.current() - in.begin());
    if constexpr (std::is_same_v<Rule, grammar::close_group> || std::is_same_v<Rule, grammar::close_call>) {
      builder.no_close(position);
    } else if constexpr (std::is_same_v<Rule, grammar::end>) {
      builder.no_end(position);
    } else {
      builder.no_operand(position);
    }
  }
};

}  // namespace

Expression Expression::parse(std::string_view text) {
  if (text.find_first_not_of(" \t\r\n\v\f") == std::string_view::npos) {
    misuse("the expression is empty; write a formula such as b1*(1-exp(-b2*x))");
  }
  Builder builder(text);
  pegtl::memory_input<pegtl::tracking_mode::lazy, pegtl::eol::lf_crlf, const char*> input(text.data(),
                                                                                          text.size(), "");
  pegtl::parse<grammar::expression, Action, Control>(input, builder);
  return Expression(builder.tree());
}

const std::string& Expression::text() const noexcept { return tree_->text; }

const std::vector<std::string>& Expression::names() const noexcept { return tree_->free_names; }

}  // namespace quadric
