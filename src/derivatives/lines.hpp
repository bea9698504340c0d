#pragma once

#include <functional>
#include <vector>

#include "quadric/base/types.hpp"

#include "derivatives/stencil.hpp"

namespace quadric::differences {

/// Variables that move together in fixed proportion: a single one, or a direction. Several pieces move at the
/// same time where the components of F tell them apart.
struct Piece {
  Move direction;
  double step = 0.0;  ///< a power of two; 0 is replaced by a guess
};

/// Derivatives along the pieces of one line, per component, those with respect to the step of its piece.
struct LineDerivatives {
  Vector derivative, error;
  Vector noise;
  std::vector<int> side;     ///< of the stencil, per piece
  std::vector<double> step;  ///< per piece
};

/// The piece that component i depends on; -1 for none, or for several at once.
using Owner = std::function<Index(Index)>;

struct Effort {
  bool extrapolate = false;
  bool adapt = true;  ///< false: the steps are kept, unless the function is not finite there
};

/// First or second derivative of every component along its piece. The step of each piece is adapted until
/// none of its components, in the median, asks for another one. NaN with an infinite error where no finite
/// values were found, and for components that no piece owns.
LineDerivatives differentiate(Sampler& sampler, std::vector<Piece> pieces, const Owner& owner, Order order,
                              const Effort& effort);

}  // namespace quadric::differences
