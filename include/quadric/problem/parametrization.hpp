#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quadric/base/types.hpp"
#include "quadric/problem/bounds.hpp"
#include "quadric/problem/objective.hpp"
#include "quadric/problem/problem.hpp"
#include "quadric/problem/residuals.hpp"

namespace quadric {

/// The scale on which a solver sees a free parameter: as it is, its logarithm, or log((b − low) / (high −
/// b)).
struct Scale {
  enum class Kind : std::uint8_t { Linear, Log, Logit };
  Kind kind = Kind::Linear;
  double low = 0.0, high = 1.0;  ///< of a logit scale

  bool is_linear() const noexcept { return kind == Kind::Linear; }
  /// Whether the parameter can have this value: any, above 0, or between low and high.
  bool contains(double parameter) const;
  double to_variable(double parameter) const;
  double to_parameter(double variable) const;
  /// d parameter / d variable, where the parameter has this value; positive.
  double slope(double parameter) const;
  /// "log" or "logit 0:1"; "linear".
  std::string describe() const;
};

/// How the n parameters of a model follow from the p ≤ n variables that a solver finds: each parameter is
/// free, on a scale of its own, fixed at a value, or tied to others by a formula.
///
///     Parametrization by({"b1", "b2", "b3", "b4"});
///     by.fix("b3", 2.5).tie("b4", "2*b1").log_scale("b2");    // of b1 and log(b2)
///     Result r = least_squares(parametrized(residuals, by), by.variables(start));
///     Vector b = by.parameters(r.x);
///
/// Made with the exact first and second derivatives of what it says. A value type; const functions are thread
/// safe. A name that is none of the parameters throws `Misuse`, as does a second say on a parameter.
class Parametrization {
 public:
  enum class Role : std::uint8_t { Free, Fixed, Tied };

  /// All parameters, of any number, are free and on their own scale.
  Parametrization() = default;
  /// The same for parameters of these names. `Misuse`: none, or one twice.
  explicit Parametrization(std::vector<std::string> names);

  /// Holds a parameter at a finite value.
  Parametrization& fix(const std::string& name, double value);
  /// Makes a parameter a formula of others (see `Expression`), which may be tied themselves. `Misuse` for a
  /// formula that can not be read, and for ties that go round in a circle.
  Parametrization& tie(const std::string& name, const std::string& formula);
  /// A free parameter that is above 0.
  Parametrization& log_scale(const std::string& name);
  /// A free parameter between two finite values.
  Parametrization& logit_scale(const std::string& name, double low, double high);

  /// Every parameter is free and on its own scale: nothing is said.
  bool is_identity() const noexcept { return !map_; }
  /// Some free parameter is on another scale than its own.
  bool has_scales() const;
  /// n.
  Index size() const noexcept { return static_cast<Index>(names_.size()); }
  const std::vector<std::string>& names() const noexcept { return names_; }
  Role role(Index i) const { return at(i).role; }
  double fixed_value(Index i) const { return at(i).value; }
  const std::string& formula(Index i) const { return at(i).formula; }  ///< of a tied one
  const Scale& scale(Index i) const { return at(i).scale; }            ///< linear unless free
  /// The free parameters (p), in increasing order.
  const std::vector<Index>& free() const noexcept { return free_; }
  /// The free parameters that a parameter follows, itself if it is free, in increasing order.
  std::vector<Index> sources(Index i) const;
  /// Names of the variables (p): "b1", "log(b2)", "logit(b3)".
  std::vector<std::string> variable_names() const;

  /// θ(u) (n) of the variables (p).
  Vector parameters(const Vector& variables) const;
  /// The variables (p) of parameters (n), of which the free ones are read. `Misuse`, by name, for a value
  /// that its scale does not have.
  Vector variables(const Vector& parameters) const;
  /// Bounds of the parameters (n) as those of the variables (p). `Misuse`, by name: a tied parameter has
  /// bounds, a fixed one is outside of them, or a bound is outside of a scale.
  Bounds variable_bounds(const Bounds& bounds) const;
  /// u ↦ θ (n) with its derivatives. Only of a parametrization that says something.
  const Residuals& map() const { return *map_; }
  /// The same roles, every free parameter on its own scale.
  Parametrization unscaled() const;
  /// What it says, such as "b3 = 2.5 is fixed, b4 = 2*b1 is tied, b2 is on a log scale"; may be empty.
  std::string describe() const;

 private:
  struct Parameter {
    Role role = Role::Free;
    double value = 0.0;
    std::string formula = {};
    Scale scale = {};
  };

  const Parameter& at(Index i) const;
  /// The parameters in the formula of a tied one.
  std::vector<Index> operands(Index i) const;
  /// The one of this name, which nothing was said of yet.
  Parameter& untouched(const std::string& name);
  std::vector<Index> order_of_ties() const;
  void settle();

  std::vector<std::string> names_;
  std::vector<Parameter> parameters_;
  std::vector<Index> free_;
  std::optional<Residuals> map_;
};

/// A function of parameters as one of the variables: the chain rule to the second order. `Misuse` where no
/// parameter is free.
Residuals parametrized(const Residuals& of_parameters, const Parametrization& by);
Objective parametrized(const Objective& of_parameters, const Parametrization& by);
/// A problem, its bounds being those of the parameters, with the names of the variables.
Problem parametrized(const Problem& of_parameters, const Parametrization& by);

}  // namespace quadric
