#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "quadric/base/types.hpp"
#include "quadric/derivatives/tape.hpp"

#include "derivatives/tape/shapes.hpp"
#include "derivatives/tape/term_class.hpp"

namespace quadric::formula {

/// Where the entries of a sparse matrix are, compressed by columns; rows ascend within a column.
struct Pattern {
  Index rows = 0;
  std::vector<std::int32_t> column_starts = {0};
  std::vector<std::int32_t> row = {};

  Index columns() const { return static_cast<Index>(column_starts.size()) - 1; }
  Index entries() const { return static_cast<Index>(row.size()); }
};

/// A recorded function taken apart into terms of few different structures, which are evaluated many at a
/// time: a sum of terms and a linear rest, or a list of outputs. Thread safe.
class TermSet {
 public:
  enum class Of {
    Sum,      ///< the sum of the results of the tapes
    Outputs,  ///< each result on its own; weights of outputs come with each evaluation
  };
  class Builder;
  /// The results of one tape; empty where they share so much, or differ so much, that taking them apart does
  /// not pay.
  static std::optional<TermSet> from(const Tape& tape, Of of);

  /// Whether every question that the recorded evaluation asked has the same answer at x.
  bool same_path(const Vector& x) const;

  // Of a sum.
  double value(const Vector& x) const;
  double gradient(const Vector& x, Vector& g) const;
  /// The lower triangle of the Hessian, diagonal always included, to as many entries as `hessian_pattern` has
  /// and in its order.
  double hessian(const Vector& x, Vector& g, double* entries) const;
  /// The same with the Hessian of each instance projected to a positive semidefinite one (projection.hpp), in
  /// the order of `projected_pattern`.
  double projected_hessian(const Vector& x, Vector& g, double* entries, bool absolute) const;
  void hessian_product(const Vector& x, const Vector& v, Vector& product) const;

  // Of outputs.
  Index output_count() const { return output_count_; }
  void values(const Vector& x, Vector& r) const;
  /// J in the order of `jacobian_pattern`.
  void jacobian(const Vector& x, Vector& r, double* entries) const;
  /// J v.
  void jacobian_product(const Vector& x, const Vector& v, Vector& product) const;
  /// Jᵀw.
  void weighted_gradient(const Vector& x, const Vector& w, Vector& g) const;
  /// The lower triangle of Σ wᵢ ∇²rᵢ in the order of `hessian_pattern`.
  void weighted_hessian(const Vector& x, const Vector& w, double* entries) const;
  void weighted_hessian_product(const Vector& x, const Vector& w, const Vector& v, Vector& product) const;
  /// vᵀ∇²rᵢ v for each i.
  void second_directional(const Vector& x, const Vector& v, Vector& second) const;

  const Pattern& hessian_pattern() const;
  const Pattern& projected_pattern() const { return projected_assembly().pattern; }
  const Pattern& jacobian_pattern() const;
  Index variables() const { return variables_; }

  std::size_t classes() const { return classes_.size(); }
  std::size_t instances() const;
  /// Whether the second derivatives of all terms can be written out for sure; else asking for them may throw
  /// `TooManyFormulas` (differentiate.hpp).
  bool surely_has_hessian() const;

 private:
  /// Where the results of a class go in the array of a matrix's entries.
  struct Places {
    std::vector<std::size_t> own;           ///< the results that each instance has a place of its own for
    std::vector<std::int32_t> of_instance;  ///< these places, instance by instance
    std::vector<std::pair<std::size_t, std::int32_t>>
        shared;  ///< (result, place) of those that all add up in one
  };
  /// A sparse matrix, and how blocks of results come into it.
  struct Assembly {
    Pattern pattern;
    std::vector<Places> places;  ///< by class

    /// Adds the results of a block of class c (row by row, `lanes` apart) to the entries.
    void scatter(std::size_t c, std::size_t first, std::size_t count, std::size_t lanes,
                 const double* results, double* entries) const;
    /// Writes them, where each place has one source.
    void store(std::size_t c, std::size_t first, std::size_t count, std::size_t lanes, const double* results,
               double* entries) const;
  };
  /// Questions of one structure, with their predicates and recorded answers by instance.
  struct Questions {
    TermClass operands;
    std::vector<Guard> guards;
  };
  struct Lazy {
    std::mutex mutex;
    std::unique_ptr<const Assembly> hessian, projected, jacobian;
  };

  TermSet() = default;
  template <class Entries, class TargetOf, class Shared>
  std::unique_ptr<const Assembly> assemble(Index rows, const Entries& entries_of, bool with_diagonal,
                                           const TargetOf& target_of, const Shared& is_shared) const;
  const Assembly& hessian_assembly(Wanted wanted) const;
  const Assembly& projected_assembly() const;
  const Assembly& jacobian_assembly() const;
  double start_sum(const Vector& x, Vector& g) const;
  double add_sums(Wanted wanted, const TermInputs& inputs, Vector* g, double* entries) const;
  void collect_outputs(Wanted wanted, const TermInputs& inputs, Vector& r) const;

  Index variables_ = 0;
  std::size_t threads_ = 1;
  Index output_count_ = 0;
  double constant_ = 0.0;
  std::vector<std::pair<std::int32_t, double>> linear_;  ///< (variable, coefficient)
  std::vector<TermClass> classes_;
  std::vector<Questions> questions_;
  std::unique_ptr<Lazy> lazy_ = std::make_unique<Lazy>();
};

/// Makes a set of terms from one tape or from many small ones.
class TermSet::Builder {
 public:
  struct Options {
    std::size_t operations;  ///< of all terms together, at most
    std::size_t formulas;    ///< that are compiled, in all structures, at most
    /// Each tape is one element of a sum, whose terms stay together.
    bool tapes_are_elements = false;
    std::size_t threads = 1;  ///< of an evaluation; the results do not depend on it
  };
  /// `variables`: of the function.
  Builder(Index variables, Of of, Options options);

  /// Adds the results of a tape whose variable i is the function's variable `numbers[i]` (empty: i), with its
  /// guards. False where the limit is passed.
  bool add(const Tape& tape, std::span<const std::int32_t> numbers = {});
  /// The set; empty where it has too many structures.
  std::optional<TermSet> finish();

 private:
  bool add_parts(const Tape& tape, std::span<const std::int32_t> numbers);
  bool add_outputs(const Tape& tape);

  TermSet set_;
  Of of_;
  Options options_;
  ShapeFinder finder_;
  ShapeFinder guard_finder_;
  std::vector<double> factors_;            ///< of a sum: by term
  std::vector<std::size_t> element_ends_;  ///< of a sum of elements: by tape, the number of terms so far
  std::vector<std::size_t> ends_;          ///< of outputs: by group, the number of the output after its last
  std::vector<Guard> guards_;
};

}  // namespace quadric::formula
