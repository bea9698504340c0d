#pragma once

#include <array>

#include "quadric/base/types.hpp"

#include "derivatives/sampler.hpp"

namespace quadric::differences {

/// Values of a function on a line through x at equal steps: -2, -1, 1, 2 where it is finite on both sides,
/// else 1, 2, 3, 4 on one. Everything is measured in steps: derivatives are those with respect to their
/// number.
struct Stencil {
  int side = 0;                  ///< 0: both; ±1: the sign of the nodes
  double shrunk = 1.0;           ///< the steps are this part of those asked for
  bool finite = false;           ///< false where no part of the steps gave finite values
  std::array<Vector, 4> values;  ///< at -2, -1, 1, 2 or at side · (1, 2, 3, 4), less the value at x
  Vector largest;                ///< largest magnitude of each component
  Vector fourth;                 ///< magnitude of the fourth difference of each component
};

/// Samples F on x + k · move; where the values are not finite, on one side or on shorter steps.
Stencil sample(Sampler& sampler, const Move& move);

enum class Order { First, Second };

/// What a stencil says about one component.
struct Reading {
  double derivative = 0.0;  ///< first or second, per step
  double error = 0.0;       ///< noise, and what the formula cuts off
  double length = 0.0;      ///< steps over which the function changes its shape; infinity when none is seen
  double advice = 1.0;      ///< the best step over the present one
  bool says_something = false;  ///< false where the values differ by no more than noise
};

/// Reads component i of a stencil whose values have the given noise. The formulas are those of error O(h⁴);
/// a formula of lower order on the same points shows the next derivative.
Reading read(const Stencil& stencil, Index i, double noise, Order order);

/// A derivative extrapolated to steps of length 0 from differences at steps that double (Ridders 1982),
/// longest first. Each entry of the tableau has the error that the last refinements suggest and the noise
/// that the weights amplify; the entry with the least is kept.
class Tableau {
 public:
  /// `growth` is the factor by which the leading error falls when the step is halved: 4 for central
  /// differences, 2 for one-sided ones.
  explicit Tableau(double growth) : growth_(growth) {}
  void add(double difference, double noise);
  double derivative() const { return best_; }
  double error() const { return error_; }

 private:
  static constexpr std::size_t levels = 12;
  double growth_;
  std::size_t size_ = 0;
  std::array<double, levels> row_{}, noise_{};
  double best_ = 0.0;
  double error_ = 0.0;
};

}  // namespace quadric::differences
