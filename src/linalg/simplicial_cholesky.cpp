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

/// Sums of what came before: from counts in [1, n] to starts in [0, n].
void accumulate(std::vector<Index>& counts) {
  std::partial_sum(counts.begin(), counts.end(), counts.begin());
}

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

}  // namespace

SimplicialPattern::SimplicialPattern(const SparseMatrix& lower, const std::vector<int>& order) {
  std::vector<int> place(order.size());
  for (std::size_t k = 0; k < order.size(); ++k) place[at(order[k])] = static_cast<int>(k);
  take(lower, std::move(place));
  count(std::numeric_limits<std::size_t>::max(), std::numeric_limits<double>::infinity());
  list();
}

std::optional<SimplicialPattern> SimplicialPattern::without_fill(const SparseMatrix& lower) {
  const auto most = static_cast<std::size_t>(next_to_no_fill * static_cast<double>(lower.nonZeros()));
  std::vector<int> place(at(lower.cols()));
  std::iota(place.begin(), place.end(), 0);
  for (int attempt = 0; attempt < 2; ++attempt) {
    SimplicialPattern pattern;
    pattern.take(lower, place);
    if (pattern.count(most, most_work_an_entry)) {
      pattern.list();
      return pattern;
    }
    std::reverse(place.begin(), place.end());
  }
  return std::nullopt;
}

/// Sorts the entries of the permuted matrix into rows.
void SimplicialPattern::take(const SparseMatrix& lower, std::vector<int> place) {
  const Index n = lower.cols();
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

void SimplicialCholesky::reset(const SimplicialPattern& pattern, const Symmetric& A) {
  const Index n = pattern.size();
  pattern_ = &pattern;
  values_ = A.unscaled().valuePtr();
  scaling_ = A.scaling();
  for (Index i = 0; i < scaling_.size(); ++i) scaling_[pattern.place_[at(i)]] = A.scaling()[i];
  row_.setZero(n);
  filled_.resize(at(n));
  inverse_D_.resize(at(n));
  L_.resize(pattern.row_of_.size());
}

bool SimplicialCholesky::factor(double shift) {
  const SimplicialPattern& of = *pattern_;
  const Index n = of.size();
  const bool scaled = scaling_.size() > 0;
  const Index *const column_start = of.column_start_.data(), *const row_start = of.row_start_.data(),
                     *const entry_start = of.entry_start_.data(), *const entry_from = of.entry_from_.data();
  const int *const row_of = of.row_of_.data(), *const column_of = of.column_of_.data(),
                   *const entry_column = of.entry_column_.data();
  const double *const values = values_, *const s = scaling_.data();
  double *const row = row_.data(), *const L = L_.data(), *const inverse = inverse_D_.data();
  int* const filled = filled_.data();
  std::fill(filled_.begin(), filled_.end(), 0);
  for (Index i = 0; i < n; ++i) {
    const double si = scaled ? s[i] : 1.0;
    const Index diagonal = of.diagonal_from_[at(i)];
    double d = shift;
    if (diagonal >= 0) d += values[diagonal] * (si * si);
    for (Index e = entry_start[i]; e < entry_start[i + 1]; ++e) {
      const int k = entry_column[e];
      row[k] = scaled ? values[entry_from[e]] * (si * s[k]) : values[entry_from[e]];
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

Vector SimplicialCholesky::solve(const Vector& b) const {
  const SimplicialPattern& of = *pattern_;
  const Index n = of.size();
  const Index* const column_start = of.column_start_.data();
  const int *const row_of = of.row_of_.data(), *const place = of.place_.data();
  const double *const L = L_.data(), *const inverse = inverse_D_.data();
  Vector permuted(n);
  double* const x = permuted.data();
  for (Index i = 0; i < n; ++i) x[place[i]] = b[i];
  for (Index j = 0; j < n; ++j) {
    const double xj = x[j];
    for (Index p = column_start[j]; p < column_start[j + 1]; ++p) x[row_of[p]] -= L[p] * xj;
  }
  for (Index j = n - 1; j >= 0; --j) {
    double xj = x[j] * inverse[j];
    for (Index p = column_start[j]; p < column_start[j + 1]; ++p) xj -= L[p] * x[row_of[p]];
    x[j] = xj;
  }
  if (of.in_order_) return permuted;
  Vector solution(n);
  for (Index i = 0; i < n; ++i) solution[i] = x[place[i]];
  return solution;
}

}  // namespace quadric::linalg
