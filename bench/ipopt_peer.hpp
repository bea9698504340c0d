#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

// Ipopt's headers ask their own configuration whether there is a <cstddef>; Debian's leaves that open.
#define HAVE_CSTDDEF
#include <IpIpoptApplication.hpp>
#include <IpIpoptCalculatedQuantities.hpp>
#include <IpIpoptData.hpp>
#include <IpSolveStatistics.hpp>
#include <IpTNLP.hpp>
#undef HAVE_CSTDDEF

#include <quadric/quadric.hpp>

namespace bench {

/// ‖x − P(x − g)‖∞ with the projection P into the box: what is left of the gradient g within bounds; ‖g‖∞
/// where there are none.
inline double projected_gradient(const quadric::Bounds& box, const quadric::Vector& x,
                                 const quadric::Vector& g) {
  if (box.empty()) return g.lpNorm<Eigen::Infinity>();
  const quadric::Vector moved = (x - g).cwiseMax(box.lower()).cwiseMin(box.upper());
  return (x - moved).lpNorm<Eigen::Infinity>();
}

/// An objective without constraints, or within bounds, as Ipopt asks for it, with the exact sparse Hessian.
class IpoptObjective final : public Ipopt::TNLP {
 public:
  using Index = Ipopt::Index;
  using Number = Ipopt::Number;

  IpoptObjective(const quadric::Objective& f, const quadric::Vector& start, double goal,
                 quadric::Bounds box = {})
      : f_(f), box_(std::move(box)), x_(start), goal_(goal) {
    quadric::Vector g;
    f_.sparse_hessian(start, g, lower_);
    lower_.makeCompressed();
  }

  quadric::Vector solution() const { return x_; }
  quadric::Counts counts() const { return counts_; }
  Index iterations() const { return iterations_; }
  bool reached() const { return reached_; }

  bool get_nlp_info(Index& n, Index& m, Index& jacobian_entries, Index& hessian_entries,
                    IndexStyleEnum& style) override {
    n = static_cast<Index>(x_.size());
    m = jacobian_entries = 0;
    hessian_entries = static_cast<Index>(lower_.nonZeros());
    style = C_STYLE;
    return true;
  }
  bool get_bounds_info(Index n, Number* lower, Number* upper, Index, Number*, Number*) override {
    for (Index i = 0; i < n; ++i) {
      // Beyond 1e19 there is no bound, to Ipopt.
      lower[i] = box_.empty() ? -2e19 : std::max(-2e19, box_.lower()[i]);
      upper[i] = box_.empty() ? 2e19 : std::min(2e19, box_.upper()[i]);
    }
    return true;
  }
  bool get_starting_point(Index n, bool, Number* x, bool, Number*, Number*, Index, bool, Number*) override {
    Eigen::Map<quadric::Vector>(x, n) = x_;
    return true;
  }
  bool eval_f(Index n, const Number* x, bool, Number& value) override {
    ++counts_.values;
    value = f_.value(Eigen::Map<const quadric::Vector>(x, n));
    return std::isfinite(value);
  }
  bool eval_grad_f(Index n, const Number* x, bool, Number* gradient) override {
    ++counts_.gradients;
    latest_ = Eigen::Map<const quadric::Vector>(x, n);
    f_.gradient(latest_, g_);
    Eigen::Map<quadric::Vector>(gradient, n) = g_;
    return g_.allFinite();
  }
  bool eval_g(Index, const Number*, bool, Index, Number*) override { return true; }
  bool eval_jac_g(Index, const Number*, bool, Index, Index, Index*, Index*, Number*) override { return true; }
  bool eval_h(Index n, const Number* x, bool, Number factor, Index, const Number*, bool, Index entries,
              Index* rows, Index* columns, Number* values) override {
    if (values == nullptr) {
      Index k = 0;
      for (int j = 0; j < lower_.outerSize(); ++j) {
        for (quadric::SparseMatrix::InnerIterator entry(lower_, j); entry; ++entry, ++k) {
          rows[k] = static_cast<Index>(entry.row());
          columns[k] = j;
        }
      }
      return true;
    }
    ++counts_.hessians;
    f_.sparse_hessian(Eigen::Map<const quadric::Vector>(x, n), g_, lower_);
    if (lower_.nonZeros() != entries) return false;
    Eigen::Map<quadric::Vector>(values, entries) =
        factor * Eigen::Map<const quadric::Vector>(lower_.valuePtr(), entries);
    return true;
  }
  /// Stops as soon as the goal is reached, which Ipopt tests in its own scaling.
  bool intermediate_callback(Ipopt::AlgorithmMode, Index iteration, Number, Number, Number, Number, Number,
                             Number, Number, Number, Index, const Ipopt::IpoptData*,
                             Ipopt::IpoptCalculatedQuantities*) override {
    iterations_ = iteration;
    reached_ = projected_gradient(box_, latest_, g_) <= goal_;
    return !reached_;
  }
  void finalize_solution(Ipopt::SolverReturn, Index n, const Number* x, const Number*, const Number*, Index,
                         const Number*, const Number*, Number, const Ipopt::IpoptData*,
                         Ipopt::IpoptCalculatedQuantities*) override {
    x_ = Eigen::Map<const quadric::Vector>(x, n);
  }

 private:
  quadric::Objective f_;
  quadric::Bounds box_;
  quadric::Vector x_, latest_, g_;
  quadric::SparseMatrix lower_;
  double goal_;
  quadric::Counts counts_;
  Index iterations_ = 0;
  bool reached_ = false;
};

}  // namespace bench
