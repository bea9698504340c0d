#pragma once

#include <cstdint>
#include <vector>

#include "quadric/base/types.hpp"
#include "quadric/derivatives/coloring.hpp"
#include "quadric/derivatives/tape.hpp"

#include "derivatives/tape/sweeps.hpp"
#include "derivatives/tape/term_set.hpp"

namespace quadric::sweeps {

/// A sparse matrix of derivatives and the sweeps of eight directions that it is read from: columns (or rows)
/// of one color share a direction, and each entry stands alone in some sum
/// (quadric/derivatives/coloring.hpp). Immutable. Throws `std::length_error` where there are more entries
/// than a sparse matrix can number.
class Compression {
 public:
  /// The lower triangle of the Hessian of a weighted sum of the results, by a star coloring; where the
  /// pattern is too dense for that, each column has a direction of its own.
  static Compression of_hessian(const Tape& tape);
  /// The Jacobian of the results, by columns or by rows, whichever have fewer colors.
  static Compression of_jacobian(const Tape& tape);

  const formula::Pattern& pattern() const { return pattern_; }
  /// Whether rows share directions, for sweeps that go backwards from the results.
  bool by_rows() const { return by_rows_; }
  std::size_t sweeps() const { return starts_.size() - 1; }

  /// Adds 1 to the lanes of the variables (results) for each direction of a sweep that they are part of.
  void seed(std::size_t sweep, Lanes<width>& lanes) const;
  /// Takes the entries that a sweep has left in the lanes of the results or variables.
  void read(std::size_t sweep, const Lanes<width>& lanes, double* entries) const;

 private:
  struct Place {
    Operand node;
    Index color;
  };
  struct Read {
    std::int32_t entry;
    std::int32_t from;  ///< of the lanes' numbers
  };

  Compression(formula::Pattern pattern, bool by_rows, std::vector<Place> seeds, Index colors,
              const std::vector<Place>& place_of_entry);

  formula::Pattern pattern_;
  bool by_rows_;
  std::vector<Place> seeds_;
  std::vector<std::size_t> starts_;  ///< by sweep: its first read
  std::vector<Read> reads_;
};

}  // namespace quadric::sweeps
