#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

#include "derivatives/tape/graph.hpp"
#include "derivatives/tape/kernels.hpp"
#include "derivatives/tape/program.hpp"
#include "derivatives/tape/projection.hpp"

namespace quadric::formula {

/// What a program of a term computes.
enum class Wanted : std::uint8_t {
  Outputs,            ///< the outputs
  Jacobian,           ///< the outputs and their first derivatives
  Gradient,           ///< s and ∇s, for the weighted sum s of the outputs
  Hessian,            ///< s, ∇s and ∇²s
  Curvature,          ///< ∇²s
  Product,            ///< ∇²s v
  JacobianProduct,    ///< the derivative of each output along v
  SecondDirectional,  ///< the second derivative of each output along v
};
inline constexpr std::size_t kinds_of_programs = 8;

/// A derivative by two things: (output, variable) or (variable, variable).
struct Entry {
  std::int32_t row;
  std::int32_t column;
};

/// A program with the meaning of its results: first `values` of them, then one for each entry of the three
/// lists.
struct TermProgram {
  Program program;
  std::size_t lanes = 1;
  std::vector<Step> steps = {};
  std::uint32_t values = 0;
  std::vector<Entry> jacobian = {};
  std::vector<std::int32_t> gradient = {};
  std::vector<Entry> hessian = {};  ///< row >= column

  std::uint32_t first_derivative() const { return program.first_result() + values; }
  std::uint32_t first_second_derivative() const {
    return first_derivative() + static_cast<std::uint32_t>(jacobian.size() + gradient.size());
  }
};

/// The point, and what else an evaluation reads.
struct TermInputs {
  const double* x = nullptr;
  const double* direction = nullptr;  ///< of the derivatives along a direction
  const double* weights = nullptr;    ///< by number of output, of a weighted sum of outputs
};

/// All terms of one structure: formulas, and the instances they are applied to. Once built it only compiles
/// programs when they are first asked for; thread safe.
class TermClass {
 public:
  /// What the instances are applied to, in tiles of 64 instances, the last one filled up by repetition: tile
  /// by tile, within a tile row by row, a row being one variable (parameter) of all its instances.
  struct Instances {
    static constexpr std::size_t tile = 64;

    std::size_t count = 0;
    std::int32_t variables = 0;
    std::int32_t parameters = 0;
    std::vector<std::int32_t> variable = {};      ///< tiles × variables × 64
    std::vector<bool> is_shared = {};             ///< variable k is the same in all instances
    std::vector<double> parameter = {};           ///< tiles × parameters × 64
    std::vector<std::int32_t> first_output = {};  ///< tiles × 64

    std::size_t padded() const { return (count + tile - 1) / tile * tile; }
    /// The numbers of variable k from this instance on, up to the end of its tile.
    const std::int32_t* variables_from(std::size_t k, std::size_t instance) const {
      return &variable[place(k, instance, static_cast<std::size_t>(variables))];
    }
    const double* parameters_from(std::size_t p, std::size_t instance) const {
      return &parameter[place(p, instance, static_cast<std::size_t>(parameters))];
    }
    bool shares(std::int32_t k) const { return is_shared[static_cast<std::size_t>(k)]; }

   private:
    static std::size_t place(std::size_t row, std::size_t instance, std::size_t rows) {
      return (instance / tile * rows + row) * tile + instance % tile;
    }
  };

  /// `weighted`: sums of outputs take their weights from the inputs of an evaluation; otherwise they are 1.
  TermClass(Instances instances, Graph graph, std::vector<Id> outputs, bool weighted);

  const Instances& instances() const { return instances_; }
  std::size_t outputs() const { return outputs_.size(); }
  /// Throws `TooManyFormulas` (differentiate.hpp) where second derivatives can not be written out.
  const TermProgram& program(Wanted wanted) const;
  /// Where the second derivatives live.
  const CurvatureRange& range() const;
  /// The number of formulas that the outputs need.
  std::size_t formulas() const { return static_cast<std::size_t>(graph_.size()); }

  /// Refuses second derivatives of more formulas than this. Only before the first program is asked for.
  void limit_formulas(std::size_t most) { most_formulas_ = static_cast<Id>(most); }
  /// Whether that can not happen: two nodes of the term interact once at most, and each time they do takes
  /// few formulas.
  bool surely_has_hessian() const { return 8 * formulas() * formulas() <= std::size_t(most_formulas_); }

 private:
  std::unique_ptr<const TermProgram> compile_program(Wanted wanted) const;

  Instances instances_;
  bool weighted_;
  /// More would take longer to compile than to do without.
  Id most_formulas_ = 2'000'000;
  std::vector<Id> outputs_;
  std::unique_ptr<std::mutex> mutex_ = std::make_unique<std::mutex>();
  Graph graph_;
  mutable std::array<std::unique_ptr<const TermProgram>, kinds_of_programs> programs_;
  mutable std::unique_ptr<const CurvatureRange> range_;
};

/// Room for the slots of a program, taken over from an earlier one on the same thread, so that evaluations
/// ask for no memory after the first.
class Slots {
 public:
  Slots();
  ~Slots();
  Slots(const Slots&) = delete;
  Slots& operator=(const Slots&) = delete;
  Slots(Slots&&) = default;
  Slots& operator=(Slots&&) = default;

  /// At least this many numbers, of any value, aligned to whole vectors.
  double* reserve(std::size_t numbers);

 private:
  static std::vector<std::vector<double>>& spares();

  std::vector<double> storage_;
};

/// Runs a program over the instances [first, last), first a multiple of its lanes, and calls
/// `consume(first instance, number of instances, results)` for each block, its results row by row, `lanes`
/// apart.
template <class Consume>
void for_each_block(const TermClass& terms, const TermProgram& compiled, const TermInputs& inputs,
                    std::size_t first, std::size_t last, Slots& storage, Consume&& consume);

/// The same over all instances, blocks evaluated by several threads but consumed in their order on the
/// calling one. `transform(results, number of instances, rows)` returns where the `rows` rows are
/// that a block hands on: its results themselves, or `rows`, which it may fill.
template <class Transform, class Consume>
void for_each_block_in_order(const TermClass& terms, const TermProgram& compiled, const TermInputs& inputs,
                             std::size_t threads, std::size_t rows, const Transform& transform,
                             const Consume& consume);

}  // namespace quadric::formula

#include "derivatives/tape/term_blocks.inc"
