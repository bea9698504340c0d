#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "derivatives/tape/program.hpp"

namespace quadric::formula {

struct CurvatureRange;
struct Step;

/// Executes a step and those after it; returns the step to go on with, or null at the end.
using Handler = const Step* (*)(const Step* step, double* slots);
using HandlerTable = std::array<Handler, number_of_codes>;

/// An instruction ready to run on some number of lanes. Operands are offsets from the first slot; slot s of
/// lane l is at s * lanes + l.
struct Step {
  Handler handler;
  std::uint32_t target;
  std::uint32_t a;
  std::uint32_t b;
  std::uint32_t c;
  double literal;
  Operation operation;
};

/// The same steps compiled for one instruction set.
struct KernelLevel {
  const char* name;  ///< "plain", "avx2", "avx512"
  bool (*runs_here)();
  HandlerTable one_lane;
  HandlerTable lanes_8;
  HandlerTable lanes_16;
  HandlerTable lanes_32;
  HandlerTable lanes_64;
  /// `project` of projection.hpp, with what negative eigenvalues are multiplied by to be added again; returns
  /// the bits of the matrices that it could not finish.
  std::uint64_t (*project)(const CurvatureRange& range, std::size_t lanes, std::size_t count, double multiple,
                           double* triangles);

  const HandlerTable& for_lanes(std::size_t lanes) const;
};

/// The code of a program for 1, 8, 16, 32 or 64 lanes, at the level in force.
std::vector<Step> bind(const Program& program, std::size_t lanes);

inline void run(const std::vector<Step>& steps, double* slots) {
  for (const Step* step = steps.data(); step;) step = step->handler(step, slots);
}

/// All levels that were built, the plainest first; not all of them need run on this machine.
const std::vector<KernelLevel>& kernel_levels();
/// The best level that this machine runs, or the one that `force_kernel_level` chose.
const KernelLevel& kernel_level();
/// Makes programs that are bound from now on run at the level of this name (false: not built, or not for this
/// machine); an empty name returns to the best. For tests and benchmarks.
bool force_kernel_level(std::string_view name);

}  // namespace quadric::formula
