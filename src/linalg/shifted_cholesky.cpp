#include "linalg/shifted_cholesky.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <new>
#include <optional>
#include <utility>
#include <vector>

#include <cholmod.h>
#include <Eigen/Cholesky>

#include "linalg/one_thread.hpp"
#include "linalg/simplicial_cholesky.hpp"

// Of OpenBLAS, whose headers not every compiler finds.
extern "C" void dpotrf_(const char* triangle, const int* n, double* A, const int* stride, int* info);

namespace quadric::linalg {

namespace {

/// Up to so many variables a plain loop factors a dense matrix for a fraction of what blocks take.
constexpr Index few = 16;
/// From so many variables on the BLAS factors a dense matrix faster.
constexpr Index worthwhile_blas = 128;
/// A matrix fills up where its factorization takes more multiplications.
constexpr double most_work = 4e9;
/// Up to so many variables even a full matrix takes less.
constexpr Index never_filling = 2000;
/// Multiplications an entry of the factor, from which on supernodes are faster (the CHOLMOD user guide, § 7).
constexpr double worthwhile_supernodes = 40.0;
/// Supernodes are merged up to these sizes as long as zeros make up no more than these shares: on meshes in
/// the plane the BLAS takes two thirds of the time that it takes for CHOLMOD's own, smaller ones.
constexpr std::array<std::size_t, 3> merged_sizes = {8, 24, 48};
constexpr std::array<double, 3> merged_zeros = {0.8, 0.15, 0.05};

/// The places of a matrix's entries.
struct Places {
  std::vector<int> start, row;

  static Places of(const SparseMatrix& A) {
    return {{A.outerIndexPtr(), A.outerIndexPtr() + A.cols() + 1},
            {A.innerIndexPtr(), A.innerIndexPtr() + A.nonZeros()}};
  }
  bool are_of(const SparseMatrix& A) const {
    return start.size() == static_cast<std::size_t>(A.cols() + 1) &&
           std::equal(start.begin(), start.end(), A.outerIndexPtr()) &&
           row.size() == static_cast<std::size_t>(A.nonZeros()) &&
           std::equal(row.begin(), row.end(), A.innerIndexPtr());
  }
};

/// CHOLMOD's settings and memory.
struct Workspace {
  cholmod_common common;

  Workspace() {
    cholmod_start(&common);
    common.print = 0;
    common.error_handler = nullptr;
    common.quick_return_if_not_posdef = 1;
    common.supernodal_switch = worthwhile_supernodes;
    std::copy(merged_sizes.begin(), merged_sizes.end(), common.nrelax);
    std::copy(merged_zeros.begin(), merged_zeros.end(), common.zrelax);
  }
  ~Workspace() { cholmod_finish(&common); }
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;
};

/// CHOLMOD's view of a lower triangle.
cholmod_sparse view_of(SparseMatrix& lower) {
  cholmod_sparse view{};
  view.nrow = view.ncol = static_cast<std::size_t>(lower.cols());
  view.nzmax = static_cast<std::size_t>(lower.nonZeros());
  view.p = lower.outerIndexPtr();
  view.i = lower.innerIndexPtr();
  view.x = lower.valuePtr();
  view.stype = -1;
  view.itype = CHOLMOD_INT;
  view.xtype = CHOLMOD_REAL;
  view.dtype = CHOLMOD_DOUBLE;
  view.sorted = 1;
  view.packed = 1;
  return view;
}

/// A factor of CHOLMOD's, symbolic or numeric.
class CholmodFactor {
 public:
  explicit CholmodFactor(std::shared_ptr<Workspace> workspace, cholmod_factor* factor)
      : workspace_(std::move(workspace)), factor_(factor) {
    if (factor_ == nullptr) throw std::bad_alloc();
  }
  ~CholmodFactor() { cholmod_free_factor(&factor_, &workspace_->common); }
  CholmodFactor(const CholmodFactor&) = delete;
  CholmodFactor& operator=(const CholmodFactor&) = delete;
  cholmod_factor* get() const { return factor_; }

 private:
  std::shared_ptr<Workspace> workspace_;
  cholmod_factor* factor_;
};

/// What the factors of all matrices of one pattern share: the simplicial pattern or, where supernodes are
/// worth it, CHOLMOD's symbolic factor of the permuted matrix.
struct Analysis {
  Places places;
  std::optional<SimplicialPattern> simplicial;
  std::vector<int> place;   ///< of each variable in the order of elimination
  SparseMatrix permuted;    ///< the places of the lower triangle in that order
  std::vector<Index> from;  ///< number of the entry that each of its entries is
  std::unique_ptr<CholmodFactor> symbolic;
  double work = 0.0;  ///< multiplications of a factorization, where it has fill

  explicit Analysis(const SparseMatrix& lower)
      : places(Places::of(lower)), simplicial(SimplicialPattern::without_fill(lower)) {
    if (simplicial) return;
    const auto workspace = std::make_shared<Workspace>();
    workspace->common.supernodal = CHOLMOD_AUTO;
    cholmod_sparse view = view_of(const_cast<SparseMatrix&>(lower));  // which CHOLMOD only reads
    const CholmodFactor ordered(workspace, cholmod_analyze(&view, &workspace->common));
    work = 0.5 * workspace->common.fl;
    const int* const order = static_cast<const int*>(ordered.get()->Perm);
    if (ordered.get()->is_super == 0) {
      simplicial.emplace(lower, std::vector<int>(order, order + lower.cols()));
      return;
    }
    permute(lower, order);
    workspace->common.nmethods = 1;
    workspace->common.method[0].ordering = CHOLMOD_NATURAL;
    workspace->common.postorder = 0;
    workspace->common.supernodal = CHOLMOD_SUPERNODAL;
    view = view_of(permuted);
    symbolic = std::make_unique<CholmodFactor>(workspace, cholmod_analyze(&view, &workspace->common));
  }

 private:
  void permute(const SparseMatrix& lower, const int* order) {
    place.resize(static_cast<std::size_t>(lower.cols()));
    for (int k = 0; k < lower.cols(); ++k) place[static_cast<std::size_t>(order[k])] = k;
    std::vector<Eigen::Triplet<double, int>> numbered;
    numbered.reserve(static_cast<std::size_t>(lower.nonZeros()));
    for (Index j = 0; j < lower.cols(); ++j) {
      for (SparseMatrix::InnerIterator entry(lower, j); entry; ++entry) {
        const auto [low, high] =
            std::minmax(place[static_cast<std::size_t>(entry.row())], place[static_cast<std::size_t>(j)]);
        numbered.emplace_back(high, low, static_cast<double>(numbered.size()));
      }
    }
    permuted.resize(lower.rows(), lower.cols());
    permuted.setFromTriplets(numbered.begin(), numbered.end());
    from.resize(static_cast<std::size_t>(permuted.nonZeros()));
    std::transform(permuted.valuePtr(), permuted.valuePtr() + permuted.nonZeros(), from.begin(),
                   [](double number) { return static_cast<Index>(number); });
  }
};

/// The analysis of a pattern; that which was asked for last in this thread is made only once while somebody
/// uses it, as a method does whose certificate factors matrices of the same pattern.
std::shared_ptr<const Analysis> analysis_of(const SparseMatrix& lower) {
  thread_local std::weak_ptr<const Analysis> last;
  std::shared_ptr<const Analysis> analysis = last.lock();
  if (!analysis || !analysis->places.are_of(lower)) {
    analysis = std::make_shared<const Analysis>(lower);
    last = analysis;
  }
  return analysis;
}

/// The factor of a dense matrix.
class DenseCholesky {
 public:
  bool factor(const Matrix& A, double shift) {
    L_ = A;
    L_.diagonal().array() += shift;
    if (L_.rows() <= few) return factor_few();
    if (L_.rows() < worthwhile_blas) {
      const Eigen::LLT<Eigen::Ref<Matrix>> in_place(L_);
      return in_place.info() == Eigen::Success;
    }
    const OneThread serial;
    const int n = static_cast<int>(L_.rows());
    int failed = 0;
    dpotrf_("L", &n, L_.data(), &n, &failed);
    return failed == 0;
  }

  template <class B>
  void solve_in_place(B& b) const {
    L_.triangularView<Eigen::Lower>().solveInPlace(b);
    L_.triangularView<Eigen::Lower>().transpose().solveInPlace(b);
  }

 private:
  bool factor_few() {
    const Index n = L_.rows();
    for (Index j = 0; j < n; ++j) {
      double* const column = L_.col(j).data();
      if (!(column[j] > 0.0)) return false;
      column[j] = std::sqrt(column[j]);
      for (Index i = j + 1; i < n; ++i) column[i] /= column[j];
      for (Index k = j + 1; k < n; ++k) {
        double* const later = L_.col(k).data();
        for (Index i = k; i < n; ++i) later[i] -= column[i] * column[k];
      }
    }
    return true;
  }

  Matrix L_;  ///< its lower triangle
};

/// CHOLMOD's supernodal factors.
class SupernodalCholesky {
 public:
  explicit SupernodalCholesky(const Analysis& analysis)
      : analysis_(analysis),
        permuted_(analysis.permuted),
        factor_(workspace_, cholmod_copy_factor(analysis.symbolic->get(), &workspace_->common)) {}
  ~SupernodalCholesky() {
    for (cholmod_dense** dense : {&x_, &y_, &e_}) cholmod_free_dense(dense, &workspace_->common);
  }
  SupernodalCholesky(const SupernodalCholesky&) = delete;
  SupernodalCholesky& operator=(const SupernodalCholesky&) = delete;

  void reset(const Symmetric& A) {
    const double* const values = A.unscaled().valuePtr();
    std::transform(analysis_.from.begin(), analysis_.from.end(), permuted_.valuePtr(),
                   [values](Index entry) { return values[entry]; });
    if (A.scaling().size() == 0) return;
    Vector d(A.size());
    for (Index i = 0; i < d.size(); ++i) d[place(i)] = A.scaling()[i];
    for (Index j = 0; j < permuted_.cols(); ++j) {
      for (SparseMatrix::InnerIterator entry(permuted_, j); entry; ++entry)
        entry.valueRef() *= d[entry.row()] * d[j];
    }
  }

  bool factor(double shift) {
    const OneThread serial;
    cholmod_sparse view = view_of(permuted_);
    std::array<double, 2> beta = {shift, 0.0};
    cholmod_factorize_p(&view, beta.data(), nullptr, 0, factor_.get(), &workspace_->common);
    return workspace_->common.status == CHOLMOD_OK && factor_.get()->minor == factor_.get()->n;
  }

  template <class Columns>
  Columns solve(const Columns& B) {
    const OneThread serial;
    Columns right(B.rows(), B.cols()), solution(B.rows(), B.cols());
    for (Index j = 0; j < B.cols(); ++j) {
      for (Index i = 0; i < B.rows(); ++i) right(place(i), j) = B(i, j);
    }
    cholmod_dense view{};
    view.nrow = view.d = static_cast<std::size_t>(B.rows());
    view.ncol = static_cast<std::size_t>(B.cols());
    view.nzmax = view.nrow * view.ncol;
    view.x = right.data();
    view.xtype = CHOLMOD_REAL;
    view.dtype = CHOLMOD_DOUBLE;
    if (cholmod_solve2(CHOLMOD_A, factor_.get(), &view, nullptr, &x_, nullptr, &y_, &e_,
                       &workspace_->common) == 0)
      throw std::bad_alloc();
    const double* x = static_cast<const double*>(x_->x);
    for (Index j = 0; j < B.cols(); ++j, x += x_->d) {
      for (Index i = 0; i < B.rows(); ++i) solution(i, j) = x[place(i)];
    }
    return solution;
  }

 private:
  Index place(Index i) const { return analysis_.place[static_cast<std::size_t>(i)]; }

  const Analysis& analysis_;
  std::shared_ptr<Workspace> workspace_ = std::make_shared<Workspace>();
  SparseMatrix permuted_;
  CholmodFactor factor_;
  cholmod_dense *x_ = nullptr, *y_ = nullptr, *e_ = nullptr;  ///< CHOLMOD's, used again
};

}  // namespace

struct ShiftedCholesky::Factors {
  const Symmetric* A = nullptr;
  DenseCholesky dense;
  std::shared_ptr<const Analysis> analysis;
  SimplicialCholesky simplicial;
  std::unique_ptr<SupernodalCholesky> supernodal;

  void take(const Symmetric& sparse) {
    if (!analysis || !analysis->places.are_of(sparse.unscaled())) {
      supernodal.reset();
      analysis = analysis_of(sparse.unscaled());
      if (!analysis->simplicial) supernodal = std::make_unique<SupernodalCholesky>(*analysis);
    }
    if (supernodal) {
      supernodal->reset(sparse);
    } else {
      simplicial.reset(*analysis->simplicial, sparse);
    }
  }
};

bool fills_up(const SparseMatrix& lower) {
  return lower.rows() > never_filling && analysis_of(lower)->work > most_work;
}

ShiftedCholesky::ShiftedCholesky() : factors_(std::make_unique<Factors>()) {}
ShiftedCholesky::~ShiftedCholesky() = default;
ShiftedCholesky::ShiftedCholesky(ShiftedCholesky&&) noexcept = default;
ShiftedCholesky& ShiftedCholesky::operator=(ShiftedCholesky&&) noexcept = default;

void ShiftedCholesky::reset(const Symmetric& A) {
  factors_->A = &A;
  if (A.is_sparse()) factors_->take(A);
}

bool ShiftedCholesky::is_dear() const {
  const Factors& f = *factors_;
  if (f.A->is_sparse()) return f.supernodal != nullptr;
  return static_cast<double>(f.A->size()) / 3.0 >= worthwhile_supernodes;
}

bool ShiftedCholesky::is_cheap() const {
  const Factors& f = *factors_;
  return f.A->is_sparse() ? f.analysis->work == 0.0 : f.A->size() <= few;
}

bool ShiftedCholesky::factor(double shift) {
  Factors& f = *factors_;
  if (f.A->is_sparse()) return f.supernodal ? f.supernodal->factor(shift) : f.simplicial.factor(shift);
  return f.dense.factor(f.A->dense(), shift);
}

Vector ShiftedCholesky::solve(const Vector& b) const {
  Vector solution = b;
  solve_in_place(solution);
  return solution;
}

void ShiftedCholesky::solve_in_place(Vector& b) const {
  const Factors& f = *factors_;
  if (!f.A->is_sparse()) {
    f.dense.solve_in_place(b);
  } else if (f.supernodal) {
    b = f.supernodal->solve(b);
  } else {
    f.simplicial.solve_in_place(b);
  }
}

Matrix ShiftedCholesky::solve_columns(const Matrix& B) const {
  const Factors& f = *factors_;
  if (f.supernodal) return f.supernodal->solve(B);
  Matrix solution = B;
  if (!f.A->is_sparse()) {
    f.dense.solve_in_place(solution);
    return solution;
  }
  for (Index j = 0; j < B.cols(); ++j) solution.col(j) = f.simplicial.solve(B.col(j));
  return solution;
}

}  // namespace quadric::linalg
