#pragma once

#include "quadric/derivatives/partials.hpp"
#include "quadric/derivatives/tape.hpp"

namespace quadric {

/// Calls `body(f)` with the entry f of the table of partials that an operation of one argument stands for.
/// The operations that are linear, piecewise linear or piecewise constant have none: `otherwise()`.
template <class Body, class Otherwise>
decltype(auto) with_unary_partials(Operation operation, Body&& body, Otherwise&& otherwise) {
  namespace p = partials_of;
  switch (operation) {
    case Operation::SquareRoot:
      return body(p::square_root);
    case Operation::CubeRoot:
      return body(p::cube_root);
    case Operation::Exponential:
      return body(p::exponential);
    case Operation::Exponential2:
      return body(p::exponential_base_2);
    case Operation::ExponentialMinus1:
      return body(p::exponential_minus_1);
    case Operation::Logarithm:
      return body(p::logarithm);
    case Operation::Logarithm2:
      return body(p::logarithm_base_2);
    case Operation::Logarithm10:
      return body(p::logarithm_base_10);
    case Operation::Logarithm1Plus:
      return body(p::logarithm_of_1_plus);
    case Operation::Sine:
      return body(p::sine);
    case Operation::Cosine:
      return body(p::cosine);
    case Operation::Tangent:
      return body(p::tangent);
    case Operation::ArcSine:
      return body(p::arc_sine);
    case Operation::ArcCosine:
      return body(p::arc_cosine);
    case Operation::ArcTangent:
      return body(p::arc_tangent);
    case Operation::HyperbolicSine:
      return body(p::hyperbolic_sine);
    case Operation::HyperbolicCosine:
      return body(p::hyperbolic_cosine);
    case Operation::HyperbolicTangent:
      return body(p::hyperbolic_tangent);
    case Operation::AreaSine:
      return body(p::area_sine);
    case Operation::AreaCosine:
      return body(p::area_cosine);
    case Operation::AreaTangent:
      return body(p::area_tangent);
    case Operation::Bell:
      return body(p::gaussian_bell);
    case Operation::ErrorFunction:
      return body(p::error_function);
    case Operation::ComplementaryErrorFunction:
      return body(p::complementary_error_function);
    case Operation::Gamma:
      return body(p::gamma);
    case Operation::LogarithmOfGamma:
      return body(p::logarithm_of_gamma);
    case Operation::Absolute:
      return body(p::absolute);
    default:
      return otherwise();
  }
}

}  // namespace quadric
