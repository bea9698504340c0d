#pragma once

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "quadric/base/types.hpp"
#include "quadric/derivatives/automatic.hpp"
#include "quadric/problem/residuals.hpp"

namespace quadric {

/// Residuals rᵢ(x) = f(x, i), i = 0 … m−1, each a scalar of its own: a row of the Jacobian is written as soon
/// as its residual is known, so that no vector of dual numbers is ever held. f is generic in the scalar of x.
template <class F>
class PointwiseResiduals final : public AutomaticResidualSource {
 public:
  PointwiseResiduals(Index count, F f)
      : AutomaticResidualSource(Differentiation::Chosen), count_(count), f_(std::move(f)) {}

  void value(const Vector& x, Vector& r) const override {
    r.resize(count_);
    for (Index i = 0; i < count_; ++i) r[i] = static_cast<double>(f_(x, i));
  }

 private:
  void forward_jacobian(const Vector& x, Vector& r, Matrix& J) const override {
    const Index n = x.size();
    r.resize(count_);
    J.resize(count_, n);
    automatic::with_directions(n, [&](auto directions) {
      constexpr int N = directions;
      using T = Dual<double, N>;
      automatic::Constants<T> workspace(x);
      VectorOf<T>& variables = workspace.values();
      for (Index first = 0; first < n; first += N) {
        const Index width = std::min<Index>(N, n - first);
        for (Index k = 0; k < width; ++k) variables[first + k].gradient[static_cast<std::size_t>(k)] = 1.0;
        for (Index i = 0; i < count_; ++i) {
          const T component = f_(std::as_const(variables), i);
          r[i] = component.value;
          for (Index k = 0; k < width; ++k) J(i, first + k) = component.gradient[static_cast<std::size_t>(k)];
        }
        for (Index k = 0; k < width; ++k) variables[first + k].gradient[static_cast<std::size_t>(k)] = 0.0;
      }
    });
  }

  void forward_weighted_hessian(const Vector& x, const Vector& w, Matrix& S) const override {
    automatic::Workspace<double> g(x.size());
    automatic::hessian(weighted_sum(w), x, g.values(), S);
  }

  void forward_weighted_hessian_product(const Vector& x, const Vector& w, const Vector& v,
                                        Vector& Sv) const override {
    automatic::hessian_product(weighted_sum(w), x, v, Sv);
  }

  void forward_second_directional(const Vector& x, const Vector& v, Vector& second) const override {
    automatic::second_directional([this](const auto& variables) { return this->all(variables); }, x, v,
                                  second);
  }

  void record_at(const Vector& x, Tape& tape) const override {
    record([this](const auto& variables) { return this->all(variables); }, x, tape,
           [&tape](const auto& results) {
             for (const Recorded& result : results) tape.results.push_back(result.operand());
           });
  }

  template <class X>
  std::vector<ScalarOf<X>> all(const X& variables) const {
    std::vector<ScalarOf<X>> results;
    for (Index i = 0; i < count_; ++i) results.push_back(f_(variables, i));
    return results;
  }
  auto weighted_sum(const Vector& w) const {
    return [this, &w](const auto& variables) {
      ScalarOf<decltype(variables)> sum(0.0);
      for (Index i = 0; i < count_; ++i) sum += w[i] * f_(variables, i);
      return sum;
    };
  }

  Index count_;
  F f_;
};

/// Residuals from m = `count` calls of `f(x, i)`.
template <class F>
Residuals pointwise(Index count, F f) {
  return Residuals(std::shared_ptr<const ResidualSource>(
      std::make_shared<const PointwiseResiduals<F>>(count, std::move(f))));
}

}  // namespace quadric
