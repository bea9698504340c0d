#pragma once

#include <limits>

#include <Eigen/Core>

#include "quadric/derivatives/dual.hpp"
#include "quadric/derivatives/elementary.hpp"
#include "quadric/derivatives/second_dual.hpp"

/// Dual numbers as scalars of Eigen's matrices: `x.dot(y)`, `A * x` with A of doubles, norms, inverses,
/// rotations. Expressions that mix dual numbers with constants spend no derivative work on the constants.

namespace Eigen {

template <quadric::Differentiable D>
struct NumTraits<D> {
  using Real = D;
  using NonInteger = D;
  using Nested = D;
  using Literal = double;

  enum {
    IsComplex = 0,
    IsInteger = 0,
    IsSigned = 1,
    RequireInitialization = 1,
    ReadCost = D::directions * NumTraits<typename D::Scalar>::ReadCost,
    AddCost = D::directions * NumTraits<typename D::Scalar>::AddCost,
    MulCost = 2 * D::directions * NumTraits<typename D::Scalar>::MulCost,
  };

  static D epsilon() { return std::numeric_limits<D>::epsilon(); }
  static D dummy_precision() { return NumTraits<double>::dummy_precision(); }
  static D highest() { return std::numeric_limits<D>::max(); }
  static D lowest() { return std::numeric_limits<D>::lowest(); }
  static D infinity() { return std::numeric_limits<D>::infinity(); }
  static D quiet_NaN() { return std::numeric_limits<D>::quiet_NaN(); }
  static int digits10() { return NumTraits<double>::digits10(); }
  static int max_digits10() { return std::numeric_limits<double>::max_digits10; }
  static int min_exponent() { return std::numeric_limits<double>::min_exponent; }
  static int max_exponent() { return std::numeric_limits<double>::max_exponent; }
};

template <quadric::Differentiable D, class S, class Operation>
requires quadric::ConstantFor<S, typename D::Scalar>
struct ScalarBinaryOpTraits<D, S, Operation> {
  using ReturnType = D;
};
template <class S, quadric::Differentiable D, class Operation>
requires quadric::ConstantFor<S, typename D::Scalar>
struct ScalarBinaryOpTraits<S, D, Operation> {
  using ReturnType = D;
};

namespace internal {

/// Large products of a matrix of dual numbers with one of constants, either way, are evaluated entry by
/// entry: Eigen 3.4's blocked kernel would accumulate them in the type without derivatives. (Constants times
/// a dual vector, the common case, keep Eigen's kernel.)
template <class Lhs, class Rhs>
requires(quadric::Differentiable<typename Lhs::Scalar> !=
         quadric::Differentiable<typename Rhs::Scalar>) struct generic_product_impl<Lhs, Rhs, DenseShape,
                                                                                    DenseShape, GemmProduct>
    : generic_product_impl<Lhs, Rhs, DenseShape, DenseShape, CoeffBasedProductMode> {
};
template <class Lhs, class Rhs>
requires(quadric::Differentiable<typename Lhs::Scalar> &&
         !quadric::Differentiable<typename Rhs::Scalar>) struct generic_product_impl<Lhs, Rhs, DenseShape,
                                                                                     DenseShape, GemvProduct>
    : generic_product_impl<Lhs, Rhs, DenseShape, DenseShape, CoeffBasedProductMode> {
};

}  // namespace internal

}  // namespace Eigen
