#pragma once

#include <memory>
#include <utility>
#include <vector>

#include <ceres/ceres.h>

#include "quadric/base/types.hpp"
#include "quadric/interop/ceres_functions.hpp"
#include "quadric/interop/ceres_functor.hpp"
#include "quadric/interop/ceres_problem.hpp"
#include "quadric/interop/ceres_refusals.hpp"
#include "quadric/problem/objective.hpp"
#include "quadric/problem/residuals.hpp"

/// Ceres' functions as ours, as they are:
///
///     struct Reading {  // a functor as Ceres' manual writes it
///       template <class T>
///       bool operator()(const T* b, T* r) const { r[0] = y - exp(b[0] * t); return true; }
///       double t, y;
///     };
///     ceres_functor<1, 1>(Reading{1.0, 2.0});          // Residuals with our exact second derivatives
///     from_ceres(new ceres::AutoDiffCostFunction<Reading, 1, 1>(new Reading{1.0, 2.0}));  // Residuals
///     from_ceres(new ceres::AutoDiffFirstOrderFunction<Energy, 4>(new Energy));           // Objective
///     least_squares(from_ceres(problem), ceres_point(problem));  // a whole ceres::Problem
///
/// The way back, Ceres as a solver of our problems, is quadric/solvers/ceres_solver.hpp.
///
/// First derivatives are those of the Ceres object (provider "ceres"); second derivatives are central
/// differences of them. Where an `Evaluate` returns false, `std::runtime_error` is thrown, which costs a
/// solver a shorter step and not the run.
namespace quadric {

namespace detail {

/// A pointer that owns what it points to, or not.
template <class T>
std::shared_ptr<T> shared_as(T* pointer, ceres::Ownership ownership) {
  if (ownership == ceres::TAKE_OWNERSHIP) return std::shared_ptr<T>(pointer);
  return std::shared_ptr<T>(pointer, [](const T*) {});
}

}  // namespace detail

/// Residuals of a Ceres cost function (m = num_residuals, n = sum of parameter_block_sizes): its parameter
/// blocks are consecutive parts of x. J is Ceres', row-major blocks turned into m × n; one `Evaluate` gives r
/// and J together. A point of another size throws `Misuse`. Thread safe as far as the cost function's
/// `Evaluate` is, which Ceres demands too. A `std::unique_ptr` converts.
inline Residuals from_ceres(std::shared_ptr<const ceres::CostFunction> cost) {
  return Residuals(std::shared_ptr<const ResidualSource>(
      std::make_shared<const detail::CeresCostResiduals>(std::move(cost))));
}
/// The same of a plain pointer: owned from now on, as by `ceres::Problem`, unless told otherwise.
inline Residuals from_ceres(const ceres::CostFunction* cost,
                            ceres::Ownership ownership = ceres::TAKE_OWNERSHIP) {
  return from_ceres(detail::shared_as(cost, ownership));
}

/// Objective of a Ceres first-order function: value and gradient are Ceres', the Hessian is differences of
/// the gradient. Otherwise as for a cost function.
inline Objective from_ceres(std::shared_ptr<const ceres::FirstOrderFunction> function) {
  return Objective(std::shared_ptr<const ObjectiveSource>(
      std::make_shared<const detail::CeresObjective>(std::move(function))));
}
inline Objective from_ceres(const ceres::FirstOrderFunction* function,
                            ceres::Ownership ownership = ceres::TAKE_OWNERSHIP) {
  return from_ceres(detail::shared_as(function, ownership));
}

/// Residuals of a whole Ceres problem: m = NumResiduals; x holds the parameter blocks in the order of
/// `GetParameterBlocks`, those held constant left out (`ceres_point` gives the start, `write_back` stores the
/// answer).
///
/// A loss function ρ is applied so that ½‖r‖² is Ceres' cost, ½ Σ ρ(‖rᵢ‖²): the rows of a residual block are
/// scaled by √(ρ(s)/s). Manifolds, local parameterizations and bounds throw `Misuse`; so does a problem with
/// nothing to vary.
///
/// Blocks and constancy are read once: do not change the problem's structure afterwards. An evaluation writes
/// to the user's parameter blocks and gives the former values back; evaluations of one Residuals and its
/// copies take turns by a lock, but nothing else may use the problem or its blocks meanwhile.
inline Residuals from_ceres(std::shared_ptr<ceres::Problem> problem) {
  return Residuals(std::shared_ptr<const ResidualSource>(
      std::make_shared<const detail::CeresProblemResiduals>(std::move(problem))));
}
/// The same of a problem that the caller keeps alive.
inline Residuals from_ceres(ceres::Problem& problem) {
  return from_ceres(detail::shared_as(&problem, ceres::DO_NOT_TAKE_OWNERSHIP));
}

/// The values in the parameter blocks of a problem that are not constant (n), in the order of
/// `from_ceres(problem)`.
inline Vector ceres_point(const ceres::Problem& problem) {
  const std::vector<double*> blocks = detail::variable_blocks(problem);
  Vector x(detail::for_each_block(problem, blocks, [](double*, Index, Index) {}));
  detail::for_each_block(problem, blocks, [&x](const double* block, Index size, Index first) {
    x.segment(first, size) = Eigen::Map<const Vector>(block, size);
  });
  return x;
}

/// Stores x (n) in the parameter blocks that `ceres_point` reads. Another size throws `Misuse`.
inline void write_back(const ceres::Problem& problem, const Vector& x) {
  const std::vector<double*> blocks = detail::variable_blocks(problem);
  const Index n = detail::for_each_block(problem, blocks, [](double*, Index, Index) {});
  detail::require_size(x, n, "the Ceres problem");
  detail::for_each_block(problem, blocks, [&x](double* block, Index size, Index first) {
    Eigen::Map<Vector>(block, size) = x.segment(first, size);
  });
}

}  // namespace quadric
