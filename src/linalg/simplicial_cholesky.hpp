#pragma once

#include <optional>
#include <vector>

#include "linalg/symmetric.hpp"

namespace quadric::linalg {

/// What the factors without supernodes of all sparse matrices of one pattern share: the order of elimination
/// and the places of the factor's entries. Never changes once it is made.
class SimplicialPattern {
 public:
  /// `order[k]` is the variable that is eliminated as number k (n).
  SimplicialPattern(const SparseMatrix& lower, const std::vector<int>& order);
  /// In the order of the variables, or from the last to the first, where one of them leaves next to no fill,
  /// as of chains, bands, blocks and arrowheads: neighbours then stay neighbours in memory. Else nothing.
  static std::optional<SimplicialPattern> without_fill(const SparseMatrix& lower);

  Index size() const noexcept { return size_; }

 private:
  friend class SimplicialCholesky;

  /// How the factor is held.
  enum class Held {
    Listed,       ///< with lists of its own
    FirstToLast,  ///< at the places of the matrix: A = L D Lᵀ in the order of the variables, without any fill
    LastToFirst,  ///< the same with A = Lᵀ D L
  };

  SimplicialPattern() = default;
  void take(const SparseMatrix& lower, std::vector<int> place);
  bool count(std::size_t most_entries, double most_work_an_entry);
  bool is_of_the_matrix(const SparseMatrix& lower) const;
  void list();
  void drop_lists();

  Index size_ = 0;
  Held held_ = Held::Listed;
  // What follows is empty where it is not listed.
  std::vector<int> place_;  ///< of each variable in the order of elimination
  bool in_order_ = false;   ///< place_[i] == i
  /// The matrix below its diagonal, permuted, by rows: column, and number of the entry in the original.
  std::vector<Index> entry_start_, entry_from_;
  std::vector<int> entry_column_;
  std::vector<Index> diagonal_from_;  ///< number of the entry, −1 where there is none
  std::vector<int> parent_;           ///< in the elimination tree; −1: a root
  /// The factor below its diagonal: its rows by columns, and its columns by rows, both ascending.
  std::vector<Index> column_start_, row_start_;
  std::vector<int> row_of_, column_of_;
};

/// The factors L D Lᵀ of A + σI: for matrices whose columns have few entries in L, where the overhead of
/// blocks would not pay. Where there is no fill the lists of the matrix itself serve, which are read along
/// with it: at a million variables every list more takes as long as the arithmetic. Not thread safe.
class SimplicialCholesky {
 public:
  /// Takes A, of this pattern; both must stay as they are while it is used.
  void reset(const SimplicialPattern& pattern, const Symmetric& A);
  /// Whether A + σI is numerically positive definite: all of D is positive.
  bool factor(double shift);
  /// (A + σI)⁻¹ b (n).
  Vector solve(const Vector& b) const;
  /// Replaces b by it.
  void solve_in_place(Vector& b) const;

 private:
  bool factor_rows(double shift);
  bool factor_first_to_last(double shift);
  bool factor_last_to_first(double shift);
  void solve_listed(double* x) const;
  void solve_first_to_last(double* x) const;
  void solve_last_to_first(double* x) const;

  const SimplicialPattern* pattern_ = nullptr;
  const SparseMatrix* A_ = nullptr;
  const double* s_ = nullptr;  ///< its scaling, in the order of elimination; null: ones
  Vector permuted_scaling_;
  Vector row_;  ///< zeros between two rows
  std::vector<int> filled_;
  /// The factor below its diagonal, and the inverse of D; where the factor has the places of the matrix,
  /// `L_` holds the latter on its diagonal.
  std::vector<double> L_, inverse_D_;
  mutable Vector permuted_;
};

}  // namespace quadric::linalg
