#include "linalg/shifted_cholesky.hpp"

#include <algorithm>
#include <vector>

#include <Eigen/Cholesky>
#include <Eigen/CholmodSupport>
#include <Eigen/SparseCholesky>

namespace quadric::linalg {

namespace {

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

}  // namespace

struct ShiftedCholesky::Factors {
  const Symmetric* A = nullptr;
  Matrix shifted;
  Eigen::LLT<Matrix> dense;
  Places places;
  std::unique_ptr<Eigen::SimplicialLLT<SparseMatrix, Eigen::Lower>> simplicial;
  std::unique_ptr<Eigen::CholmodSupernodalLLT<SparseMatrix, Eigen::Lower>> supernodal;

  void analyze(const SparseMatrix& lower) {
    places = Places::of(lower);
    simplicial.reset();
    supernodal.reset();
    if (lower.nonZeros() > entries_of_chains * lower.cols()) {
      supernodal = std::make_unique<Eigen::CholmodSupernodalLLT<SparseMatrix, Eigen::Lower>>();
      supernodal->cholmod().print = 0;
      supernodal->analyzePattern(lower);
      if (supernodal->cholmod().fl >= worthwhile_supernodes * supernodal->cholmod().lnz) return;
      supernodal.reset();
    }
    simplicial = std::make_unique<Eigen::SimplicialLLT<SparseMatrix, Eigen::Lower>>();
    simplicial->analyzePattern(lower);
  }
};

ShiftedCholesky::ShiftedCholesky() : factors_(std::make_unique<Factors>()) {}
ShiftedCholesky::~ShiftedCholesky() = default;
ShiftedCholesky::ShiftedCholesky(ShiftedCholesky&&) noexcept = default;
ShiftedCholesky& ShiftedCholesky::operator=(ShiftedCholesky&&) noexcept = default;

void ShiftedCholesky::reset(const Symmetric& A) {
  factors_->A = &A;
  if (A.is_sparse() && !factors_->places.are_of(A.lower())) factors_->analyze(A.lower());
}

bool ShiftedCholesky::factor(double shift) {
  Factors& f = *factors_;
  if (!f.A->is_sparse()) {
    f.shifted = f.A->dense();
    f.shifted.diagonal().array() += shift;
    f.dense.compute(f.shifted);
    return f.dense.info() == Eigen::Success;
  }
  const auto factorize = [&](auto& solver) {
    solver.setShift(shift);
    solver.factorize(f.A->lower());
    return solver.info() == Eigen::Success;
  };
  return f.supernodal ? factorize(*f.supernodal) : factorize(*f.simplicial);
}

Vector ShiftedCholesky::solve(const Vector& b) const {
  const Factors& f = *factors_;
  if (!f.A->is_sparse()) return f.dense.solve(b);
  if (f.supernodal) return f.supernodal->solve(b);
  return f.simplicial->solve(b);
}

}  // namespace quadric::linalg
