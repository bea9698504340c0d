#pragma once

#include <array>
#include <vector>

#include "quadric/base/types.hpp"
#include "quadric/derivatives/tape.hpp"

/// Sweeps over a whole tape, number by number: what is always possible, whatever the tape looks like
/// (Griewank & Walther 2008, ch. 3 and 5). A function is linearized at a point once; after that each sweep is
/// multiplications and additions only, along several directions at once.
namespace quadric::sweeps {

/// Directions of one sweep.
inline constexpr int width = 8;
/// Numbers by direction (rows) and node of the tape (columns).
template <int N>
using Lanes = Eigen::Array<double, N, Eigen::Dynamic>;

/// An operation at a point: its value and its derivatives by its operands.
struct Linearized {
  double value;
  double by_a;
  double by_b;
};
struct Curvature {
  double by_aa;
  double by_ab;
  double by_bb;
};

/// What the sweeps over a tape write to, by node; its memory is kept from one evaluation to the next.
struct Workspace {
  Vector x = {};  ///< where `node` and, of order 2, `curvature` were found
  int order = 0;  ///< of derivatives there; 0 before the first time
  std::vector<Linearized> node = {};
  std::vector<Curvature> curvature = {};
  std::vector<double> adjoint = {};
  Lanes<width> tangent = {};
  Lanes<width> adjoint_tangent = {};  ///< 0 between evaluations
  Lanes<1> one_tangent = {};
  Lanes<1> one_adjoint_tangent = {};  ///< 0 between evaluations
};

/// Whether the last linearization was at exactly this point.
bool is_linearized_at(const Vector& x, const Workspace& at);
/// The forward sweep at x: values and first derivatives of all nodes. Nothing to do where the last one was of
/// the same order at the same point.
void linearize(const Tape& tape, const Vector& x, Workspace& at);
/// The same with second derivatives.
void linearize_twice(const Tape& tape, const Vector& x, Workspace& at);
/// The value of an operand at the point of the last linearization.
double value(const Tape& tape, Operand operand, const Workspace& at);
/// Whether every question of the recorded evaluation has the same answer there.
bool same_path(const Tape& tape, const Workspace& at);

/// The reverse sweep: the adjoints of all nodes for Σ wᵢ resultᵢ; w empty for the sum.
void reverse(const Tape& tape, const Vector& w, Workspace& at);

/// Carries tangents forward from those of the variables to all nodes.
template <int N>
void forward_tangents(const Tape& tape, const Workspace& at, Lanes<N>& tangent);
/// Carries adjoints back from those of the nodes that are not 0 to the variables, and leaves 0 elsewhere.
template <int N>
void reverse_adjoints(const Tape& tape, const Workspace& at, Lanes<N>& adjoint);
/// The derivatives of all adjoints along the directions of `tangent`, whose sweep is done: reverse mode over
/// forward mode. `adjoint_tangent` comes in as 0, and is left so but at the variables.
template <int N>
void reverse_over_tangents(const Tape& tape, const Workspace& at, const Lanes<N>& tangent,
                           Lanes<N>& adjoint_tangent);
/// The second derivatives of the results (m) along v: Taylor coefficients carried forward.
void second_directional(const Tape& tape, const Workspace& at, const Vector& v, Vector& second);

}  // namespace quadric::sweeps
