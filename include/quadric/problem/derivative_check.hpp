#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "quadric/base/types.hpp"
#include "quadric/derivatives/traced.hpp"
#include "quadric/problem/callables.hpp"
#include "quadric/problem/objective.hpp"
#include "quadric/problem/residuals.hpp"

namespace quadric {

/// The derivatives that a check compares.
enum class DerivativePart : std::uint8_t {
  Gradient,          ///< ∂f/∂xⱼ, as the row 0 of a 1 × n matrix
  Hessian,           ///< ∂²f/∂xᵢ∂xⱼ, n × n
  HessianProduct,    ///< (∇²f v)ᵢ against the reference, n × 1
  ProductOfHessian,  ///< (∇²f v)ᵢ against the Hessian of the same provider, n × 1
  Jacobian,          ///< ∂rᵢ/∂xⱼ, m × n
  WeightedHessian,   ///< Σ wₖ ∂²rₖ/∂xᵢ∂xⱼ with random weights wₖ, n × n
};
/// `gradient`, `hessian`, `hessian_product`, ...
std::string_view to_string(DerivativePart part);

enum class Agreement : std::uint8_t {
  Agrees,
  Wrong,       ///< the difference is beyond what errors explain
  NotDecided,  ///< the reference is too uncertain to tell
  NotFinite,   ///< the derivative is infinite or not a number where the function is finite
};
/// `agrees`, `wrong`, `not_decided`, `not_finite`.
std::string_view to_string(Agreement agreement);

/// One entry of one derivative at one point.
struct CheckedEntry {
  DerivativePart part = DerivativePart::Gradient;
  Index row = 0, column = 0;    ///< as `part` says
  std::size_t point = 0;        ///< which of `DerivativeCheck::points`
  double value = 0.0;           ///< by the provider that is checked
  double reference = 0.0;       ///< by the other; NaN where there is none
  double expected_error = 0.0;  ///< of the difference of the two: infinite where nothing is known
  Agreement agreement = Agreement::Agrees;
  std::string remark = {};  ///< "sign flipped", "twice the reference", ...; else empty

  double difference() const noexcept { return value - reference; }
};

/// What a check is to do.
struct CheckOptions {
  std::vector<std::string> names = {};           ///< of the variables (n); default x0, x1, …
  std::vector<std::string> residual_names = {};  ///< of the residuals (m); default r0, r1, …
  /// At how many points: the one given and random ones near it, because a derivative may be right at one
  /// point by accident. At least 1.
  int points = 3;
  /// How far the random points are at most, as a share of each variable's size (of 1 where it is 0).
  double spread = 0.1;
  std::uint64_t seed = 1;  ///< of the random points, weights and directions
  /// An entry is wrong when the difference is above this times the expected error; at least 1.
  double factor = 10.0;
  /// An entry is decided only where an error of this share of its size (of its row's size, where it is
  /// nothing but rounding) would have been found; between 0 and 1. An error below 1e-9 times this of the
  /// largest entry of its row is not looked for.
  double resolution = 1e-3;
  bool second_order = true;  ///< also Hessians and their products
  /// The residuals whose half sum of squares the objective is, if it is one: lets a Hessian that is JᵀJ only
  /// be recognized.
  std::optional<Residuals> residuals = {};
  /// Says which elementary operation at x makes a derivative infinite or not a number; empty when none does.
  /// Set by itself where a generic callable is checked.
  std::function<std::string(const Vector& x)> explain = {};
};

/// What a check found.
struct DerivativeCheck {
  std::string provider;                     ///< whose derivatives were checked
  std::string reference;                    ///< against what
  std::vector<std::string> names;           ///< of the variables (n)
  std::vector<std::string> residual_names;  ///< of the residuals (m); empty for an objective
  std::vector<Vector> points;               ///< where; the one given first
  std::vector<CheckedEntry> entries;        ///< all, whatever their agreement
  std::vector<std::string> findings;        ///< mistakes that the evidence names, a sentence each
  std::vector<std::string> notes;           ///< what could not be checked, a sentence each

  std::size_t count(Agreement agreement) const;
  /// Some entry is wrong or not finite, or a Hessian is not symmetric.
  bool failed() const;
  /// Every entry agrees, at the point given and at the others.
  bool passed() const;
  /// "∂f/∂x1", "∂r3/∂b2", "∂²f/∂x0∂x1", "(∇²f v)[x1]".
  std::string name(const CheckedEntry& entry) const;
  /// The entries that do not agree, the worst first, those that are not decided last.
  std::vector<CheckedEntry> worst() const;
  /// What is wrong in one sentence, naming at most three entries; empty unless `failed`.
  std::string sentence() const;
  /// For a person: counts, findings and a table of at most `rows` entries, the worst first.
  std::string summary(std::size_t rows = 12) const;
};
std::ostream& operator<<(std::ostream& out, const DerivativeCheck& check);

/// Checks gradient, Hessian and Hessian-vector product of f, entry by entry, against differences of order 8
/// whose errors are estimated from the noise of the function (Moré & Wild 2011): of the values for the
/// gradient; for second derivatives of the gradient, where that was found right and is no difference itself,
/// else of the values. Some 100 evaluations of f a variable for the first, some 100 gradients a variable (or
/// 50 n² values) for the second.
///
/// A point that is empty or not finite, a function that is not finite there, names that do not match and
/// options out of range throw `Misuse`; what f throws at the point passes. A random point where f can not be
/// evaluated is passed over. Reentrant as far as f is.
DerivativeCheck check_derivatives(const Objective& f, const Point& x, const CheckOptions& options = {});
/// The same of two providers for one function: what the first says against what the second says. The error
/// expected is the rounding of either, measured beside x, and that of differences where one is made of them.
DerivativeCheck check_derivatives(const Objective& f, const Objective& reference, const Point& x,
                                  const CheckOptions& options = {});

/// Checks the Jacobian of r, and its weighted Hessian with random weights, likewise.
DerivativeCheck check_derivatives(const Residuals& r, const Point& x, const CheckOptions& options = {});
DerivativeCheck check_derivatives(const Residuals& r, const Residuals& reference, const Point& x,
                                  const CheckOptions& options = {});

/// Checks what quadric makes of a callable: an objective, where it returns a number, else residuals. Of a
/// generic one the check also says which elementary operation made a derivative infinite or not a number; for
/// this the callable is instantiated once more, on `Traced`.
///
///     auto f = [](const auto& x) { using std::sqrt; return sqrt(x[0]) * x[1]; };
///     std::cout << check_derivatives(f, {0.0, 1.0});   // … sqrt(0): its first derivative is inf
template <class F>
requires(!std::is_convertible_v<const F&, std::shared_ptr<const ObjectiveSource>> &&
         !std::is_same_v<F, Objective> && !std::is_same_v<F, Residuals>) DerivativeCheck
    check_derivatives(const F& f, const Point& x, CheckOptions options = {}) {
  if constexpr (callables::GenericScalar<F> || callables::GenericVector<F>) {
    if (!options.explain) options.explain = [&f](const Vector& at) { return explain_non_finite(f, at); };
  }
  constexpr bool is_objective = callables::GenericScalar<F> || callables::ScalarOfDoubles<F> ||
                                callables::WithGradient<F> || std::is_same_v<F, SuppliedObjective> ||
                                detail::is_differenced<F>;
  if constexpr (is_objective) {
    return check_derivatives(Objective(f), x, options);
  } else {
    return check_derivatives(Residuals(f), x, options);
  }
}

}  // namespace quadric
