#pragma once

#include <concepts>
#include <cstddef>
#include <iterator>
#include <memory>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "quadric/base/types.hpp"
#include "quadric/problem/expression_program.hpp"

namespace quadric {

namespace expressions {
struct Tree;

/// Scalars next to each other in memory, so that they can be read where they are.
template <class P>
concept Contiguous = requires(const P& p) {
  { p.data() } -> std::same_as<const ScalarOf<P>*>;
}
&&(std::ranges::contiguous_range<const P> || requires { requires P::InnerStrideAtCompileTime == 1; });
}  // namespace expressions

/// An expression whose names are bound to the places of two lists: parameters, of any scalar T, and data,
/// doubles.
///
///     const BoundExpression model = Expression::parse("b1*(1-exp(-b2*x))").bind({"b1", "b2"}, {"x"});
///     double y = model.evaluate(b, std::array{x});   // b: Vector, std::vector<T>, std::span<const T>,
///     Point, ...
///
/// What depends on the data alone is computed in double, and can be computed once for many evaluations:
/// `prepare`. No evaluation allocates, unless the expression is very large or T owns memory. A cheap copy;
/// evaluation is reentrant.
class BoundExpression {
 public:
  const std::vector<std::string>& parameters() const noexcept { return program_->parameters; }
  const std::vector<std::string>& data() const noexcept { return program_->data; }

  /// The value, in the scalar of the parameters. Throws `Misuse` if a list is not as long as the one bound,
  /// or if the scalar lacks a function that the expression uses. Whatever the arithmetic yields is returned,
  /// NaN included.
  template <class P>
  ScalarOf<P> evaluate(const P& parameters, std::span<const double> data = {}) const {
    check_sizes(std::size(parameters), data.size());
    expressions::Scratch<double> prepared(program_->prepare.size());
    if (prepared_size() > 0) expressions::prepare(*program_, data.data(), prepared.data());
    return run(parameters, data.data(), prepared.data());
  }

  /// How many values `prepare` writes for one row of data.
  std::size_t prepared_size() const noexcept { return program_->prepare.size(); }

  /// Computes what depends on the data alone, for `evaluate_prepared` with the same data.
  void prepare(std::span<const double> data, std::span<double> prepared) const;

  /// As `evaluate`, without computing again what depends on the data alone.
  template <class P>
  ScalarOf<P> evaluate_prepared(const P& parameters, std::span<const double> data,
                                std::span<const double> prepared) const {
    check_sizes(std::size(parameters), data.size());
    check_prepared(prepared.size());
    return run(parameters, data.data(), prepared.data());
  }

 private:
  friend class Expression;
  explicit BoundExpression(std::shared_ptr<const expressions::Program> program)
      : program_(std::move(program)) {}

  template <std::integral Size>
  void check_sizes(Size parameters, std::size_t data) const {
    const bool match =
        static_cast<std::size_t>(parameters) == program_->parameters.size() && data == program_->data.size();
    if (!match) [[unlikely]]
      throw_sizes(static_cast<std::size_t>(parameters), data);
  }
  void check_prepared(std::size_t size) const {
    if (size != prepared_size()) [[unlikely]]
      throw_prepared(size);
  }
  [[noreturn]] void throw_sizes(std::size_t parameters, std::size_t data) const;
  [[noreturn]] void throw_prepared(std::size_t size) const;

  template <class P>
  ScalarOf<P> run(const P& parameters, const double* data, const double* prepared) const {
    using T = ScalarOf<P>;
    expressions::Scratch<T> scratch(program_->scratch_slots);
    if constexpr (expressions::Contiguous<P>) {
      return expressions::evaluate<T>(*program_, parameters.data(), data, prepared, scratch.data());
    } else {
      using Size = decltype(std::size(parameters));
      expressions::Scratch<T> copies(program_->parameters.size());
      for (Size i = 0; i < std::size(parameters); ++i)
        expressions::Scratch<T>::store(copies.data() + i, T(parameters[i]));
      return expressions::evaluate<T>(*program_, copies.data(), data, prepared, scratch.data());
    }
  }

  std::shared_ptr<const expressions::Program> program_;
};

/// A formula that was read from text, as on the command line: `b1*(1-exp(-b2*x))`.
///
/// Numbers (`1`, `.5`, `2.5E+3`), names (`[A-Za-z_][A-Za-z0-9_]*`), `+ - * /`, powers `^` or `**` (to the
/// right first, and before a sign: `-x^2` is `-(x^2)`), parentheses, and the functions exp expm1 log ln log10
/// log2 log1p sqrt cbrt sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh abs erf erfc gamma tgamma
/// lgamma sq square (one argument), atan2 pow (two), min max hypot (two or three). `pi` and `e` are the
/// constants, unless bound as names. A constant whole power is computed by multiplication, and so has a value
/// for a negative base. A cheap copy.
class Expression {
 public:
  /// Throws `Misuse` for anything else, with the text and a caret under the place.
  static Expression parse(std::string_view text);

  const std::string& text() const noexcept;
  /// The names in order of their first appearance, without `pi` and `e`.
  const std::vector<std::string>& names() const noexcept;

  /// Gives every name its place. Names of the lists that the expression does not use are allowed. Throws
  /// `Misuse` for a name in neither list, saying which known name is nearest, and for one that is listed
  /// twice.
  BoundExpression bind(const std::vector<std::string>& parameters,
                       const std::vector<std::string>& data = {}) const;

  /// The first sub-expression at x (one value a parameter) and `row` (one a column of data) whose value or
  /// derivatives by the parameters are not finite though those of its operands are: "in sqrt(x - 1) at x = 1:
  /// sqrt(0): its first derivative is inf". Empty where there is none. Throws `Misuse` where a name has no
  /// value. Slow, for diagnosis; reentrant.
  std::string explain_non_finite(const std::vector<std::string>& parameters, const Vector& x,
                                 const std::vector<std::string>& data = {},
                                 std::span<const double> row = {}) const;

 private:
  explicit Expression(std::shared_ptr<const expressions::Tree> tree) : tree_(std::move(tree)) {}
  std::shared_ptr<const expressions::Tree> tree_;
};

}  // namespace quadric
