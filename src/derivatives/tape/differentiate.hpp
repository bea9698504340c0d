#pragma once

#include <span>
#include <stdexcept>
#include <vector>

#include "derivatives/tape/graph.hpp"

/// Derivatives of formulas, as formulas: they are added to the same graph, where common parts are shared.
namespace quadric::formula {

/// A formula of a sum to be differentiated, Σ seedᵢ formulaᵢ.
struct Seeded {
  Id formula;
  Id seed;
};

/// ∂/∂x_k of Σ seedᵢ formulaᵢ for each of the `variables`, in reverse mode: a literal 0 where it does not
/// depend on x_k.
std::vector<Id> gradient(Graph& graph, std::span<const Seeded> sum, std::int32_t variables);

/// Thrown where the second derivatives of a term have more formulas than is worth while.
class TooManyFormulas : public std::length_error {
 public:
  using std::length_error::length_error;
};

/// A second derivative that is not identically zero.
struct HessianEntry {
  std::int32_t row;
  std::int32_t column;  ///< <= row
  Id formula;
};

/// The lower triangle of ∂²/∂x_k∂x_l of Σ seedᵢ formulaᵢ, row by row, by edge-pushing: second-order adjoints
/// are carried back along non-linear interactions only (Gower & Mello, A new framework for the computation of
/// Hessians, Optimization Methods & Software 27, 2012). Throws `TooManyFormulas` where the graph would have
/// more than `limit` of them, or the interactions between its nodes take as long.
std::vector<HessianEntry> hessian(Graph& graph, std::span<const Seeded> sum, Id limit);

/// The derivative of each formula along the direction, whose components are the leaves of kind Direction
/// (forward mode).
std::vector<Id> along_direction(Graph& graph, std::span<const Id> formulas);

}  // namespace quadric::formula
