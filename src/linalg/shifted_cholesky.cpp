#include "linalg/shifted_cholesky.hpp"

#include <algorithm>
#include <vector>

#include <Eigen/Cholesky>
#include <Eigen/CholmodSupport>
#include <Eigen/SparseCholesky>

// Of libgomp and OpenBLAS, whose headers not every compiler finds.
extern "C" {
int omp_get_max_active_levels();
void omp_set_max_active_levels(int levels);
int openblas_get_num_threads();
void openblas_set_num_threads(int threads);
}

namespace quadric::linalg {

namespace {

/// While it lives, CHOLMOD and the BLAS below it work in the caller's thread. Their threads wait for one
/// another by spinning: with one core taken by something else a factorization of order 500 takes 70 times as
/// long, and with none taken twice as long.
class OneThread {
 public:
  OneThread() {
    omp_set_max_active_levels(0);
    openblas_set_num_threads(1);
  }
  ~OneThread() {
    omp_set_max_active_levels(levels_);
    openblas_set_num_threads(blas_threads_);
  }
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

 private:
  int levels_ = omp_get_max_active_levels();
  int blas_threads_ = openblas_get_num_threads();
};

/// Entries of the lower triangle a column, from which on the fill is looked at: chains and trees have none.
constexpr Index entries_of_chains = 2;
/// Multiplications an entry of the factor, from which on supernodes are faster (the CHOLMOD user guide, § 7).
constexpr double worthwhile_supernodes = 40.0;

/// The places of a matrix's entries.
struct Places {
  std::vector<int> start, row;

  bool operator==(const Places&) const = default;
  static Places of(const SparseMatrix& A) {
    return {{A.outerIndexPtr(), A.outerIndexPtr() + A.cols() + 1},
            {A.innerIndexPtr(), A.innerIndexPtr() + A.nonZeros()}};
  }
  bool are_of(const SparseMatrix& A) const {
    return std::equal(start.begin(), start.end(), A.outerIndexPtr(), A.outerIndexPtr() + A.cols() + 1) &&
           std::equal(row.begin(), row.end(), A.innerIndexPtr(), A.innerIndexPtr() + A.nonZeros());
  }
};

/// Eigen's factors without supernodes. Its ordering is applied here: each matrix of one pattern is then a
/// pass over the entries, where Eigen would sort them anew.
class PermutedCholesky {
 public:
  void analyze(const SparseMatrix& lower) {
    Eigen::AMDOrdering<int>()(lower.selfadjointView<Eigen::Lower>(), inverse_);
    order_ = inverse_.inverse();
    const auto& place = order_.indices();
    std::vector<Eigen::Triplet<double, int>> numbered;
    numbered.reserve(static_cast<std::size_t>(lower.nonZeros()));
    for_each_place(lower, [&](Index entry, Index i, Index j) {
      const auto [low, high] = std::minmax(place[i], place[j]);
      numbered.emplace_back(low, high, static_cast<double>(entry));
    });
    permuted_.resize(lower.rows(), lower.cols());
    permuted_.setFromTriplets(numbered.begin(), numbered.end());
    from_.resize(static_cast<std::size_t>(permuted_.nonZeros()));
    std::transform(permuted_.valuePtr(), permuted_.valuePtr() + permuted_.nonZeros(), from_.begin(),
                   [](double entry) { return static_cast<Index>(entry); });
    factors_.analyzePattern(permuted_);
  }

  void fill(const SparseMatrix& lower) {
    const double* values = lower.valuePtr();
    std::transform(from_.begin(), from_.end(), permuted_.valuePtr(),
                   [values](Index entry) { return values[entry]; });
  }

  bool factor(double shift) {
    factors_.setShift(shift);
    factors_.factorize(permuted_);
    return factors_.info() == Eigen::Success;
  }

  Vector solve(const Vector& b) const {
    Vector x = order_ * b;
    factors_.matrixL().solveInPlace(x);
    factors_.matrixU().solveInPlace(x);
    return inverse_ * x;
  }

 private:
  /// f(number of the entry, row, column).
  template <class F>
  static void for_each_place(const SparseMatrix& A, const F& f) {
    Index entry = 0;
    for (Index j = 0; j < A.cols(); ++j) {
      for (SparseMatrix::InnerIterator place(A, j); place; ++place) f(entry++, place.row(), j);
    }
  }

  Eigen::PermutationMatrix<Eigen::Dynamic, Eigen::Dynamic, int> order_, inverse_;
  SparseMatrix permuted_;    ///< the upper triangle of the permuted matrix
  std::vector<Index> from_;  ///< the entry of the matrix that each of its entries is
  Eigen::SimplicialLLT<SparseMatrix, Eigen::Upper, Eigen::NaturalOrdering<int>> factors_;
};

}  // namespace

struct ShiftedCholesky::Factors {
  const Symmetric* A = nullptr;
  Matrix shifted;
  Eigen::LLT<Matrix> dense;
  Places places;
  PermutedCholesky simplicial;
  std::unique_ptr<Eigen::CholmodSupernodalLLT<SparseMatrix, Eigen::Lower>> supernodal;

  void analyze(const SparseMatrix& lower) {
    places = Places::of(lower);
    supernodal.reset();
    if (lower.nonZeros() > entries_of_chains * lower.cols()) {
      supernodal = std::make_unique<Eigen::CholmodSupernodalLLT<SparseMatrix, Eigen::Lower>>();
      supernodal->cholmod().print = 0;
      supernodal->analyzePattern(lower);
      if (supernodal->cholmod().fl >= worthwhile_supernodes * supernodal->cholmod().lnz) return;
      supernodal.reset();
    }
    simplicial.analyze(lower);
  }
};

ShiftedCholesky::ShiftedCholesky() : factors_(std::make_unique<Factors>()) {}
ShiftedCholesky::~ShiftedCholesky() = default;
ShiftedCholesky::ShiftedCholesky(ShiftedCholesky&&) noexcept = default;
ShiftedCholesky& ShiftedCholesky::operator=(ShiftedCholesky&&) noexcept = default;

void ShiftedCholesky::reset(const Symmetric& A) {
  factors_->A = &A;
  if (!A.is_sparse()) return;
  if (!factors_->places.are_of(A.lower())) factors_->analyze(A.lower());
  if (!factors_->supernodal) factors_->simplicial.fill(A.lower());
}

bool ShiftedCholesky::factor(double shift) {
  Factors& f = *factors_;
  if (!f.A->is_sparse()) {
    f.shifted = f.A->dense();
    f.shifted.diagonal().array() += shift;
    f.dense.compute(f.shifted);
    return f.dense.info() == Eigen::Success;
  }
  if (!f.supernodal) return f.simplicial.factor(shift);
  const OneThread serial;
  f.supernodal->setShift(shift);
  f.supernodal->factorize(f.A->lower());
  return f.supernodal->info() == Eigen::Success;
}

Vector ShiftedCholesky::solve(const Vector& b) const {
  const Factors& f = *factors_;
  if (!f.A->is_sparse()) return f.dense.solve(b);
  if (f.supernodal) {
    const OneThread serial;
    return f.supernodal->solve(b);
  }
  return f.simplicial.solve(b);
}

}  // namespace quadric::linalg
