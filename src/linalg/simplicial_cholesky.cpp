#include "linalg/simplicial_cholesky.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

namespace quadric::linalg {

namespace {

/// Entries of the factor for each of the matrix that count as next to no fill.
constexpr double next_to_no_fill = 1.2;
/// Multiplications an entry of the factor beyond which supernodes may be faster.
constexpr double most_work_an_entry = 20.0;
/// Without lists entries are looked for: no more than this many for each multiplication.
constexpr double most_looked_at = 8.0;

/// Sums of what came before: from counts in [1, n] to starts in [0, n].
void accumulate(std::vector<Index>& counts) {
  std::partial_sum(counts.begin(), counts.end(), counts.begin());
}

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

/// Whether elimination in the order of the variables adds no entry and takes little work, the diagonal being
/// there: what a column reaches, the first column that it reaches must reach as well.
bool eliminates_without_fill(const SparseMatrix& lower) {
  const int *const start = lower.outerIndexPtr(), *const row = lower.innerIndexPtr();
  const double entries = static_cast<double>(lower.nonZeros());
  double work = 0.0, looked_at = 0.0;
  for (Index j = 0; j < lower.cols(); ++j) {
    const int first = start[j], end = start[j + 1];
    if (first == end || row[first] != j) return false;
    const double below = end - first - 1;
    work += below * below;
    for (int p = first + 1; p < end; ++p) looked_at += start[row[p] + 1] - start[row[p]];
    if (work > most_work_an_entry * entries || looked_at > most_looked_at * (work + entries)) return false;
    if (first + 2 >= end) continue;
    int to = start[row[first + 1]];
    const int last = start[row[first + 1] + 1];
    for (int p = first + 2; p < end; ++p) {
      while (to < last && row[to] < row[p]) ++to;
      if (to == last || row[to] != row[p]) return false;
    }
  }
  return true;
}

}  // namespace

SimplicialPattern::SimplicialPattern(const SparseMatrix& lower, const std::vector<int>& order) {
  std::vector<int> place(order.size());
  for (std::size_t k = 0; k < order.size(); ++k) place[at(order[k])] = static_cast<int>(k);
  take(lower, std::move(place));
  count(std::numeric_limits<std::size_t>::max(), std::numeric_limits<double>::infinity());
  list();
}

std::optional<SimplicialPattern> SimplicialPattern::without_fill(const SparseMatrix& lower) {
  if (eliminates_without_fill(lower)) {
    SimplicialPattern pattern;
    pattern.size_ = lower.cols();
    pattern.held_ = Held::FirstToLast;
    return pattern;
  }
  const auto most = static_cast<std::size_t>(next_to_no_fill * static_cast<double>(lower.nonZeros()));
  std::vector<int> place(at(lower.cols()));
  std::iota(place.begin(), place.end(), 0);
  for (int attempt = 0; attempt < 2; ++attempt) {
    SimplicialPattern pattern;
    pattern.take(lower, place);
    if (pattern.count(most, most_work_an_entry)) {
      if (attempt == 1 && pattern.is_of_the_matrix(lower)) {
        pattern.held_ = Held::LastToFirst;
        pattern.drop_lists();
      } else {
        pattern.list();
      }
      return pattern;
    }
    std::reverse(place.begin(), place.end());
  }
  return std::nullopt;
}

/// Sorts the entries of the permuted matrix into rows.
void SimplicialPattern::take(const SparseMatrix& lower, std::vector<int> place) {
  const Index n = size_ = lower.cols();
  place_ = std::move(place);
  in_order_ = true;
  for (Index i = 0; i < n && in_order_; ++i) in_order_ = place_[at(i)] == i;
  const auto for_each_entry = [&](const auto& f) {
    Index number = 0;
    for (Index j = 0; j < n; ++j) {
      for (SparseMatrix::InnerIterator entry(lower, j); entry; ++entry) {
        f(number++, std::minmax(place_[at(entry.row())], place_[at(j)]));
      }
    }
  };
  entry_start_.assign(at(n + 1), 0);
  diagonal_from_.assign(at(n), -1);
  for_each_entry([&](Index number, std::pair<int, int> place_of) {
    if (place_of.first == place_of.second) {
      diagonal_from_[at(place_of.first)] = number;
    } else {
      ++entry_start_[at(place_of.second + 1)];
    }
  });
  accumulate(entry_start_);
  entry_column_.resize(at(entry_start_.back()));
  entry_from_.resize(at(entry_start_.back()));
  std::vector<Index> next(entry_start_.begin(), entry_start_.end() - 1);
  for_each_entry([&](Index number, std::pair<int, int> place_of) {
    if (place_of.first == place_of.second) return;
    const std::size_t to = at(next[at(place_of.second)]++);
    entry_column_[to] = place_of.first;
    entry_from_[to] = number;
  });
}

/// Counts the entries of each column of the factor, along the elimination tree, which is built on the way
/// (Davis 2005, LDL). False where there are more in all than `most_entries`, the diagonal included, or where
/// they take too many multiplications.
bool SimplicialPattern::count(std::size_t most_entries, double most_work) {
  const std::size_t n = place_.size();
  parent_.assign(n, -1);
  column_start_.assign(n + 1, 0);
  std::vector<int> seen(n);
  std::size_t entries = n;
  for (std::size_t i = 0; i < n; ++i) {
    const int row = static_cast<int>(i);
    seen[i] = row;
    for (Index e = entry_start_[i]; e < entry_start_[i + 1]; ++e) {
      for (int k = entry_column_[at(e)]; seen[at(k)] != row; k = parent_[at(k)]) {
        if (parent_[at(k)] < 0) parent_[at(k)] = row;
        ++column_start_[at(k) + 1];
        seen[at(k)] = row;
        if (++entries > most_entries) return false;
      }
    }
  }
  double work = 0.0;
  for (const Index length : column_start_) work += static_cast<double>(length) * static_cast<double>(length);
  if (work > most_work * static_cast<double>(entries)) return false;
  accumulate(column_start_);
  return true;
}

/// Whether the factor has entries where the matrix has them and nowhere else, the diagonal included, and
/// those that a column shares with another are found without long searches. After `count`.
bool SimplicialPattern::is_of_the_matrix(const SparseMatrix& lower) const {
  const Index n = size();
  if (column_start_.back() + n != lower.nonZeros()) return false;
  const int *const start = lower.outerIndexPtr(), *const row = lower.innerIndexPtr();
  double looked_at = 0.0, work = 0.0;
  for (Index j = 0; j < n; ++j) {
    if (start[j] == start[j + 1] || row[start[j]] != j) return false;
    const double length = start[j + 1] - start[j];
    work += length * length;
    for (int p = start[j] + 1; p < start[j + 1]; ++p) looked_at += start[row[p] + 1] - start[row[p]];
  }
  return looked_at <= most_looked_at * work;
}

/// Lists rows by columns, for which the tree is walked again, and from these columns by rows.
void SimplicialPattern::list() {
  const std::size_t n = place_.size(), entries = at(column_start_.back());
  row_of_.resize(entries);
  column_of_.resize(entries);
  row_start_.assign(n + 1, 0);
  std::vector<Index> next(column_start_.begin(), column_start_.end() - 1);
  std::vector<int> seen(n);
  for (std::size_t i = 0; i < n; ++i) {
    const int row = static_cast<int>(i);
    seen[i] = row;
    for (Index e = entry_start_[i]; e < entry_start_[i + 1]; ++e) {
      for (int k = entry_column_[at(e)]; seen[at(k)] != row; k = parent_[at(k)]) {
        row_of_[at(next[at(k)]++)] = row;
        ++row_start_[i + 1];
        seen[at(k)] = row;
      }
    }
  }
  accumulate(row_start_);
  next.assign(row_start_.begin(), row_start_.end() - 1);
  for (std::size_t k = 0; k < n; ++k) {
    for (Index p = column_start_[k]; p < column_start_[k + 1]; ++p) {
      column_of_[at(next[at(row_of_[at(p)])]++)] = static_cast<int>(k);
    }
  }
  parent_ = {};
}

void SimplicialPattern::drop_lists() {
  const Held held = held_;
  const Index n = size_;
  *this = {};
  held_ = held;
  size_ = n;
}

void SimplicialCholesky::reset(const SimplicialPattern& pattern, const Symmetric& A) {
  const Index n = pattern.size();
  pattern_ = &pattern;
  A_ = &A.unscaled();
  s_ = A.scaling().size() > 0 ? A.scaling().data() : nullptr;
  if (pattern.held_ != SimplicialPattern::Held::Listed) {
    L_.resize(at(A_->nonZeros()));
    if (pattern.held_ == SimplicialPattern::Held::LastToFirst && row_.size() != n) row_.setZero(n);
    return;
  }
  if (s_ != nullptr && !pattern.in_order_) {
    permuted_scaling_.resize(n);
    for (Index i = 0; i < n; ++i) permuted_scaling_[pattern.place_[at(i)]] = A.scaling()[i];
    s_ = permuted_scaling_.data();
  }
  if (row_.size() != n) row_.setZero(n);
  filled_.resize(at(n));
  inverse_D_.resize(at(n));
  L_.resize(pattern.row_of_.size());
}

bool SimplicialCholesky::factor(double shift) {
  switch (pattern_->held_) {
    case SimplicialPattern::Held::FirstToLast:
      return factor_first_to_last(shift);
    case SimplicialPattern::Held::LastToFirst:
      return factor_last_to_first(shift);
    case SimplicialPattern::Held::Listed:
      break;
  }
  return factor_rows(shift);
}

/// Row by row, each by a triangular solve (Davis 2005, LDL).
bool SimplicialCholesky::factor_rows(double shift) {
  const SimplicialPattern& of = *pattern_;
  const Index n = of.size();
  const Index *const column_start = of.column_start_.data(), *const row_start = of.row_start_.data(),
                     *const entry_start = of.entry_start_.data(), *const entry_from = of.entry_from_.data();
  const int *const row_of = of.row_of_.data(), *const column_of = of.column_of_.data(),
                   *const entry_column = of.entry_column_.data();
  const double *const values = A_->valuePtr(), *const s = s_;
  double *const row = row_.data(), *const L = L_.data(), *const inverse = inverse_D_.data();
  int* const filled = filled_.data();
  std::fill(filled_.begin(), filled_.end(), 0);
  for (Index i = 0; i < n; ++i) {
    const double si = s ? s[i] : 1.0;
    const Index diagonal = of.diagonal_from_[at(i)];
    double d = shift;
    if (diagonal >= 0) d += values[diagonal] * (si * si);
    for (Index e = entry_start[i]; e < entry_start[i + 1]; ++e) {
      const int k = entry_column[e];
      row[k] = s ? values[entry_from[e]] * (si * s[k]) : values[entry_from[e]];
    }
    for (Index r = row_start[i]; r < row_start[i + 1]; ++r) {
      const int k = column_of[r];
      const double y = row[k];
      row[k] = 0.0;
      const Index end = column_start[k] + filled[k]++;
      for (Index p = column_start[k]; p < end; ++p) row[row_of[p]] -= L[p] * y;
      L[end] = y * inverse[k];
      d -= L[end] * y;
    }
    if (!(d > 0.0)) return false;
    inverse[i] = 1.0 / d;
  }
  return true;
}

/// Column by column: each one, once it is done, is subtracted from those that it reaches, which have entries
/// wherever it needs them. They are filled shortly before, while they are in the cache.
bool SimplicialCholesky::factor_first_to_last(double shift) {
  const auto n = static_cast<int>(pattern_->size());
  const int *const start = A_->outerIndexPtr(), *const row = A_->innerIndexPtr();
  const double *const values = A_->valuePtr(), *const s = s_;
  double* const L = L_.data();
  int filled = 0;
  const auto fill_up_to = [&](int last) {
    for (; filled <= last; ++filled) {
      const double sj = s ? s[filled] : 1.0;
      int p = start[filled];
      L[p] = shift + values[p] * (sj * sj);
      for (++p; p < start[filled + 1]; ++p) L[p] = s ? values[p] * (sj * s[row[p]]) : values[p];
    }
  };
  for (int j = 0; j < n; ++j) {
    const int first = start[j], end = start[j + 1];
    fill_up_to(row[end - 1]);
    const double d = L[first];
    if (!(d > 0.0)) return false;
    const double inverse = 1.0 / d;
    L[first] = inverse;
    for (int p = first + 1; p < end; ++p) {
      const double y = L[p], l = y * inverse;
      int to = start[row[p]];
      L[to] -= l * y;
      for (int q = p + 1; q < end; ++q) {
        do ++to;
        while (row[to] != row[q]);
        L[to] -= l * L[q];
      }
      L[p] = l;
    }
  }
  return true;
}

/// Column by column from the last one: each entry by a product of two columns that are done.
bool SimplicialCholesky::factor_last_to_first(double shift) {
  const int *const start = A_->outerIndexPtr(), *const row = A_->innerIndexPtr();
  const double *const values = A_->valuePtr(), *const s = s_;
  double *const L = L_.data(), *const y = row_.data();
  for (auto j = static_cast<int>(pattern_->size()) - 1; j >= 0; --j) {
    const int first = start[j], end = start[j + 1];
    const double sj = s ? s[j] : 1.0;
    double d = shift + values[first] * (sj * sj);
    for (int p = first + 1; p < end; ++p) y[row[p]] = s ? values[p] * (sj * s[row[p]]) : values[p];
    for (int p = end - 1; p > first; --p) {
      const int i = row[p];
      double yi = y[i];
      for (int q = start[i + 1] - 1; q > start[i]; --q) yi -= L[q] * y[row[q]];
      y[i] = yi;
      L[p] = yi * L[start[i]];
      d -= L[p] * yi;
    }
    for (int p = first + 1; p < end; ++p) y[row[p]] = 0.0;
    if (!(d > 0.0)) return false;
    L[first] = 1.0 / d;
  }
  return true;
}

Vector SimplicialCholesky::solve(const Vector& b) const {
  Vector solution = b;
  solve_in_place(solution);
  return solution;
}

void SimplicialCholesky::solve_in_place(Vector& b) const {
  const SimplicialPattern& of = *pattern_;
  switch (of.held_) {
    case SimplicialPattern::Held::FirstToLast:
      return solve_first_to_last(b.data());
    case SimplicialPattern::Held::LastToFirst:
      return solve_last_to_first(b.data());
    case SimplicialPattern::Held::Listed:
      break;
  }
  if (of.in_order_) return solve_listed(b.data());
  permuted_.resize(b.size());
  for (Index i = 0; i < b.size(); ++i) permuted_[of.place_[at(i)]] = b[i];
  solve_listed(permuted_.data());
  for (Index i = 0; i < b.size(); ++i) b[i] = permuted_[of.place_[at(i)]];
}

void SimplicialCholesky::solve_listed(double* x) const {
  const SimplicialPattern& of = *pattern_;
  const Index n = of.size();
  const Index* const column_start = of.column_start_.data();
  const int* const row_of = of.row_of_.data();
  const double *const L = L_.data(), *const inverse = inverse_D_.data();
  for (Index j = 0; j < n; ++j) {
    const double xj = x[j];
    for (Index p = column_start[j]; p < column_start[j + 1]; ++p) x[row_of[p]] -= L[p] * xj;
  }
  for (Index j = n - 1; j >= 0; --j) {
    double xj = x[j] * inverse[j];
    for (Index p = column_start[j]; p < column_start[j + 1]; ++p) xj -= L[p] * x[row_of[p]];
    x[j] = xj;
  }
}

void SimplicialCholesky::solve_first_to_last(double* x) const {
  const auto n = static_cast<int>(pattern_->size());
  const int *const start = A_->outerIndexPtr(), *const row = A_->innerIndexPtr();
  const double* const L = L_.data();
  for (int j = 0; j < n; ++j) {
    const double xj = x[j];
    for (int p = start[j] + 1; p < start[j + 1]; ++p) x[row[p]] -= L[p] * xj;
  }
  for (int j = n - 1; j >= 0; --j) {
    double xj = x[j] * L[start[j]];
    for (int p = start[j] + 1; p < start[j + 1]; ++p) xj -= L[p] * x[row[p]];
    x[j] = xj;
  }
}

void SimplicialCholesky::solve_last_to_first(double* x) const {
  const auto n = static_cast<int>(pattern_->size());
  const int *const start = A_->outerIndexPtr(), *const row = A_->innerIndexPtr();
  const double* const L = L_.data();
  for (int j = n - 1; j >= 0; --j) {
    double xj = x[j];
    for (int p = start[j + 1] - 1; p > start[j]; --p) xj -= L[p] * x[row[p]];
    x[j] = xj;
  }
  for (int j = 0; j < n; ++j) x[j] *= L[start[j]];
  for (int j = 0; j < n; ++j) {
    const double xj = x[j];
    for (int p = start[j] + 1; p < start[j + 1]; ++p) x[row[p]] -= L[p] * xj;
  }
}

}  // namespace quadric::linalg
