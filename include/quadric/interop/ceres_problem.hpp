#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include <ceres/ceres.h>

#include "quadric/base/misuse.hpp"
#include "quadric/base/types.hpp"
#include "quadric/interop/ceres_functions.hpp"
#include "quadric/interop/ceres_quiet.hpp"
#include "quadric/interop/ceres_refusals.hpp"
#include "quadric/problem/residuals.hpp"

namespace quadric::detail {

/// The parameter blocks of a problem that are not constant, in Ceres' order.
inline std::vector<double*> variable_blocks(const ceres::Problem& problem) {
  std::vector<double*> blocks;
  problem.GetParameterBlocks(&blocks);
  std::erase_if(blocks, [&problem](const double* block) { return problem.IsParameterBlockConstant(block); });
  return blocks;
}

/// Calls `visit(block, size, first)` for each variable block, `first` being its place in x; returns n.
template <class Visit>
Index for_each_block(const ceres::Problem& problem, const std::vector<double*>& blocks, Visit&& visit) {
  Index first = 0;
  for (double* block : blocks) {
    const Index size = problem.ParameterBlockSize(block);
    visit(block, size, first);
    first += size;
  }
  return first;
}

/// ρ(‖r‖²) as a sum of squares: turns the rows r of a residual block and their Jacobian into c r, c =
/// √(ρ(s)/s), s = ‖r‖², whose square is ρ(s) and whose Jacobian is c J + (ρ′ − c²)/c · u uᵀJ with u = r/√s.
/// (Ceres' own correction, Triggs et al. 1999, matches the gradient but not the value, and serves one
/// Gauss-Newton step only.)
template <class Rows, class Jacobian>
void robustify(const ceres::LossFunction& loss, Rows&& r, Jacobian* J) {
  const double s = r.squaredNorm();
  std::array<double, 3> rho{};
  loss.Evaluate(s, rho.data());
  const double c = std::sqrt(s > 0.0 ? rho[0] / s : rho[1]);
  if (J) {
    const double bend = s > 0.0 && c > 0.0 ? (rho[1] - c * c) / c : 0.0;
    const Vector u = s > 0.0 ? Vector(r / std::sqrt(s)) : Vector::Zero(r.size());
    const Eigen::RowVectorXd along = u.transpose() * *J;
    *J = c * *J + bend * (u * along);
  }
  r *= c;
}

/// A whole problem. Ceres evaluates it at the values in the user's parameter blocks, so each evaluation puts
/// x there and gives the former values back, under a lock.
class CeresProblemResiduals final : public CeresResiduals {
 public:
  explicit CeresProblemResiduals(std::shared_ptr<ceres::Problem> problem) : problem_(std::move(problem)) {
    if (!problem_) misuse("from_ceres was given a null problem");
    blocks_ = variable_blocks(*problem_);
    if (blocks_.empty())
      misuse("the Ceres problem has no parameter block to vary: all are constant, or it has none");
    size_ = for_each_block(*problem_, blocks_,
                           [this](double* block, Index size, Index) { require_plain(block, size); });
    problem_->GetResidualBlocks(&residual_blocks_);
    if (residual_blocks_.empty()) misuse("the Ceres problem has no residual block");
  }

 private:
  void require_plain(const double* block, Index size) const {
    if (problem_->HasManifold(block)) {
      misuse(
          "a parameter block of the Ceres problem has a manifold or local parameterization, which from_ceres "
          "does "
          "not support yet: write the problem in free coordinates, or hold the block constant");
    }
    constexpr double unbounded = std::numeric_limits<double>::max();
    for (int i = 0; i < static_cast<int>(size); ++i) {
      if (problem_->GetParameterLowerBound(block, i) > -unbounded ||
          problem_->GetParameterUpperBound(block, i) < unbounded) {
        misuse(
            "a parameter block of the Ceres problem has bounds, which from_ceres does not support: remove "
            "them, or "
            "write the parameter as a function of a free one");
      }
    }
  }

  /// The user's parameter blocks hold x as long as this lives.
  class Placed {
   public:
    Placed(const CeresProblemResiduals& owner, const Vector& x) : owner_(owner), former_(x.size()) {
      owner_.visit([this, &x](double* block, Index size, Index first) {
        former_.segment(first, size) = Eigen::Map<Vector>(block, size);
        Eigen::Map<Vector>(block, size) = x.segment(first, size);
      });
    }
    ~Placed() {
      owner_.visit([this](double* block, Index size, Index first) {
        Eigen::Map<Vector>(block, size) = former_.segment(first, size);
      });
    }
    Placed(const Placed&) = delete;
    Placed& operator=(const Placed&) = delete;

   private:
    const CeresProblemResiduals& owner_;
    Vector former_;
  };

  template <class Visit>
  void visit(Visit&& visitor) const {
    for_each_block(*problem_, blocks_, std::forward<Visit>(visitor));
  }

  void evaluate(const Vector& x, Vector& r, Matrix* J) const override {
    require_size(x, size_, "the Ceres problem");
    ceres::Problem::EvaluateOptions options;
    options.parameter_blocks = blocks_;
    options.residual_blocks = residual_blocks_;
    options.apply_loss_function = false;
    std::vector<double> residuals;
    ceres::CRSMatrix sparse;
    {
      const std::lock_guard lock(mutex_);
      const QuietCeres quiet;
      const Placed placed(*this, x);
      if (!problem_->Evaluate(options, nullptr, &residuals, nullptr, J ? &sparse : nullptr))
        refused("ceres::Problem");
    }
    r = Eigen::Map<const Vector>(residuals.data(), static_cast<Index>(residuals.size()));
    if (J) unpack(sparse, *J);
    apply_losses(r, J);
  }

  static void unpack(const ceres::CRSMatrix& sparse, Matrix& J) {
    J.setZero(sparse.num_rows, sparse.num_cols);
    for (std::size_t i = 0; i < static_cast<std::size_t>(sparse.num_rows); ++i) {
      for (auto k = static_cast<std::size_t>(sparse.rows[i]);
           k < static_cast<std::size_t>(sparse.rows[i + 1]); ++k) {
        J(static_cast<Index>(i), sparse.cols[k]) = sparse.values[k];
      }
    }
  }

  void apply_losses(Vector& r, Matrix* J) const {
    Index first = 0;
    for (const auto& block : residual_blocks_) {
      const Index m = problem_->GetCostFunctionForResidualBlock(block)->num_residuals();
      if (const ceres::LossFunction* loss = problem_->GetLossFunctionForResidualBlock(block)) {
        auto rows = J ? std::optional(J->middleRows(first, m)) : std::nullopt;
        robustify(*loss, r.segment(first, m), rows ? &*rows : nullptr);
      }
      first += m;
    }
  }

  std::shared_ptr<ceres::Problem> problem_;
  std::vector<double*> blocks_;
  std::vector<ceres::ResidualBlockId> residual_blocks_;
  Index size_ = 0;
  mutable std::mutex mutex_;
};

}  // namespace quadric::detail
