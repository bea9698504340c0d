#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <ceres/ceres.h>
#include <glog/logging.h>

#include "quadric/base/misuse.hpp"
#include "quadric/base/types.hpp"
#include "quadric/derivatives/differences.hpp"
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

/// Holds back glog's messages below FATAL as long as one of these exists, on all threads: Ceres reports every
/// non-finite residual on stderr, and this library never prints. Thread safe; the level is given back
/// afterwards.
class QuietCeres {
 public:
  QuietCeres() {
    const std::lock_guard lock(state().mutex);
    if (state().depth++ == 0) state().level = std::exchange(FLAGS_minloglevel, google::GLOG_FATAL);
  }
  ~QuietCeres() {
    const std::lock_guard lock(state().mutex);
    if (--state().depth == 0) FLAGS_minloglevel = state().level;
  }
  QuietCeres(const QuietCeres&) = delete;
  QuietCeres& operator=(const QuietCeres&) = delete;

 private:
  struct State {
    std::mutex mutex;
    int depth = 0;
    int level = 0;
  };
  static State& state() {
    static State shared;
    return shared;
  }
};

inline void fill_unset(Vector& values) { values.setConstant(std::numeric_limits<double>::quiet_NaN()); }

inline void require_size(const Vector& x, Index n, const std::string& what) {
  if (x.size() == n) return;
  misuse(what + " takes " + std::to_string(n) + " variables, but the point has " + std::to_string(x.size()));
}

[[noreturn]] inline void refused(const std::string& what) {
  throw std::runtime_error(what + " returned false: it can not be evaluated at this point");
}

/// Residuals whose first derivatives are Ceres'. A derived class says how to evaluate; r, and J unless it is
/// null, are sized by it.
class CeresResiduals : public ResidualSource {
 public:
  void value(const Vector& x, Vector& r) const final { evaluate(x, r, nullptr); }
  void jacobian(const Vector& x, Vector& r, Matrix& J) const final { evaluate(x, r, &J); }
  void weighted_hessian(const Vector& x, const Vector& w, Matrix& S) const final {
    S = differences::hessian_from_gradient(weighted_gradient(w), x).derivative;
  }
  void weighted_hessian_product(const Vector& x, const Vector& w, const Vector& v, Vector& Sv) const final {
    Sv = differences::hessian_product(weighted_gradient(w), x, v).derivative;
  }
  Provider provider() const final {
    return {.first = "ceres",
            .second = "differences of the Jacobian",
            .second_error = differences::hessian_error_from_gradient};
  }

 private:
  virtual void evaluate(const Vector& x, Vector& r, Matrix* J) const = 0;

  /// x ↦ ∇(wᵀr)(x) = J(x)ᵀw; refers to this and w.
  differences::VectorFunction weighted_gradient(const Vector& w) const {
    return [this, &w](const Vector& x, Vector& g) {
      Vector r;
      Matrix J;
      evaluate(x, r, &J);
      g.noalias() = J.transpose() * w;
    };
  }
};

/// One cost function; its parameter blocks are consecutive parts of x.
class CeresCostResiduals final : public CeresResiduals {
 public:
  explicit CeresCostResiduals(std::shared_ptr<const ceres::CostFunction> cost) : cost_(std::move(cost)) {
    if (!cost_) misuse("from_ceres was given a null cost function");
    for (const auto size : cost_->parameter_block_sizes()) size_ += size;
  }

 private:
  void evaluate(const Vector& x, Vector& r, Matrix* J) const override {
    require_size(x, size_, "the Ceres cost function");
    const Index m = cost_->num_residuals();
    r.resize(m);
    fill_unset(r);
    Vector storage(J ? m * size_ : 0);
    fill_unset(storage);
    std::vector<const double*> blocks;
    std::vector<double*> jacobians;
    Index first = 0;
    for (const auto size : cost_->parameter_block_sizes()) {
      blocks.push_back(x.data() + first);
      jacobians.push_back(J ? storage.data() + m * first : nullptr);
      first += size;
    }
    if (!cost_->Evaluate(blocks.data(), r.data(), J ? jacobians.data() : nullptr))
      refused("the Ceres cost function");
    if (J) unpack(storage, *J);
  }

  /// Row-major m × nₖ blocks, one behind the other, to J (m × n).
  void unpack(const Vector& storage, Matrix& J) const {
    using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    const Index m = cost_->num_residuals();
    J.resize(m, size_);
    Index first = 0;
    for (const auto size : cost_->parameter_block_sizes()) {
      J.middleCols(first, size) = Eigen::Map<const RowMajor>(storage.data() + m * first, m, size);
      first += size;
    }
  }

  std::shared_ptr<const ceres::CostFunction> cost_;
  Index size_ = 0;
};

/// Value and gradient of a first-order function.
class CeresObjective final : public ObjectiveSource {
 public:
  explicit CeresObjective(std::shared_ptr<const ceres::FirstOrderFunction> function)
      : function_(std::move(function)) {
    if (!function_) misuse("from_ceres was given a null first-order function");
  }

  double value(const Vector& x) const override { return evaluate(x, nullptr); }
  double gradient(const Vector& x, Vector& g) const override {
    g.resize(x.size());
    fill_unset(g);
    return evaluate(x, g.data());
  }
  double hessian(const Vector& x, Vector& g, Matrix& H) const override {
    H = differences::hessian_from_gradient(gradient_function(), x).derivative;
    return gradient(x, g);
  }
  void hessian_product(const Vector& x, const Vector& v, Vector& Hv) const override {
    Hv = differences::hessian_product(gradient_function(), x, v).derivative;
  }
  Provider provider() const override {
    return {.first = "ceres",
            .second = "differences of the gradient",
            .second_error = differences::hessian_error_from_gradient};
  }

 private:
  differences::VectorFunction gradient_function() const {
    return [this](const Vector& x, Vector& g) { gradient(x, g); };
  }

  double evaluate(const Vector& x, double* g) const {
    require_size(x, function_->NumParameters(), "the Ceres first-order function");
    double f = std::numeric_limits<double>::quiet_NaN();
    if (!function_->Evaluate(x.data(), &f, g)) refused("the Ceres first-order function");
    return f;
  }

  std::shared_ptr<const ceres::FirstOrderFunction> function_;
};

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

/// A pointer that owns what it points to, or not.
template <class T>
std::shared_ptr<T> shared_as(T* pointer, ceres::Ownership ownership) {
  if (ownership == ceres::TAKE_OWNERSHIP) return std::shared_ptr<T>(pointer);
  return std::shared_ptr<T>(pointer, [](const T*) {});
}

/// Σ of the block sizes before block k.
template <int... N>
constexpr std::array<Index, sizeof...(N)> block_offsets() {
  std::array<Index, sizeof...(N)> offsets{};
  Index sum = 0;
  std::size_t k = 0;
  ((offsets[k++] = sum, sum += N), ...);
  return offsets;
}

/// Calls a Ceres functor, `functor(x₀, …, result)`, on consecutive parts of x; throws where it returns false.
template <int... N, class Functor, class X, class T>
void call_functor(const Functor& functor, const X& x, T* result) {
  constexpr Index n = (Index{0} + ... + N);
  if (x.size() != n) {
    misuse("the Ceres functor takes " + std::to_string(n) + " variables, but the point has " +
           std::to_string(x.size()));
  }
  const T* data = x.data();
  const bool done = [&]<std::size_t... K>(std::index_sequence<K...>) {
    constexpr auto offsets = block_offsets<N...>();
    return functor((data + offsets[K])..., result);
  }
  (std::make_index_sequence<sizeof...(N)>{});
  if (!done) refused("the Ceres functor");
}

/// A Ceres functor as a generic callable from a vector to its M residuals; M is ceres::DYNAMIC where known at
/// run time.
template <class Functor, int M, int... N>
class FunctorResiduals {
 public:
  FunctorResiduals(Functor functor, Index count) : functor_(std::move(functor)), count_(count) {}

  template <class T>
  VectorOf<T> operator()(const VectorOf<T>& x) const {
    VectorOf<T> r(count_);
    r.setConstant(T(std::numeric_limits<double>::quiet_NaN()));
    call_functor<N...>(functor_, x, r.data());
    return r;
  }

 private:
  Functor functor_;
  Index count_;
};

/// A Ceres functor with one result as a generic callable from a vector to a number.
template <class Functor, int N>
class FunctorObjective {
 public:
  explicit FunctorObjective(Functor functor) : functor_(std::move(functor)) {}

  template <class T>
  T operator()(const VectorOf<T>& x) const {
    T value(std::numeric_limits<double>::quiet_NaN());
    call_functor<N>(functor_, x, &value);
    return value;
  }

 private:
  Functor functor_;
};

}  // namespace detail

/// Residuals r: Rⁿ → Rᵐ of a Ceres functor, `template <class T> bool operator()(const T* x0, …, T* r) const`:
/// M residuals, parameter blocks of N values each, concatenated into x in their order. First and second
/// derivatives are exact, by our dual numbers (provider "automatic"); hence mathematical functions must be
/// called unqualified (`using std::exp; exp(x[0])`, not `ceres::exp`). Thread safe as far as the functor is.
///
///     ceres_functor<2, 2>(Rosenbrock{})       ceres_functor<1, 1, 1>(Difference{})
template <int M, int... N, class Functor>
Residuals ceres_functor(Functor functor) {
  static_assert(
      M > 0,
      "quadric: ceres_functor<M, N...>(functor) needs the number of residuals M >= 1 first; where it is "
      "known at run time only, write ceres_functor<ceres::DYNAMIC, N...>(functor, m)");
  static_assert(sizeof...(N) > 0 && ((N > 0) && ...),
                "quadric: ceres_functor<M, N...>(functor) needs the size of each parameter block, N >= 1");
  return detail::FunctorResiduals<Functor, M, N...>(std::move(functor), M);
}

/// The same where the number m of residuals is known at run time: `ceres_functor<ceres::DYNAMIC, 3>(functor,
/// m)`.
template <int M, int... N, class Functor>
Residuals ceres_functor(Functor functor, Index m) {
  static_assert(M == ceres::DYNAMIC,
                "quadric: the number of residuals is given twice: as M and as an argument");
  static_assert(sizeof...(N) > 0 && ((N > 0) && ...),
                "quadric: ceres_functor<M, N...>(functor) needs the size of each parameter block, N >= 1");
  if (m < 1) misuse("a Ceres functor needs at least one residual, not " + std::to_string(m));
  return detail::FunctorResiduals<Functor, M, N...>(std::move(functor), m);
}

/// Objective f: Rᴺ → R of a functor as `ceres::AutoDiffFirstOrderFunction` takes it, `bool operator()(const
/// T* x, T* f) const`; otherwise as `ceres_functor`.
template <int N, class Functor>
Objective ceres_objective(Functor functor) {
  static_assert(N > 0, "quadric: ceres_objective<N>(functor) needs the number of variables, N >= 1");
  return detail::FunctorObjective<Functor, N>(std::move(functor));
}

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
