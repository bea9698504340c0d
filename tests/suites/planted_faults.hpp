#pragma once

#include <string>
#include <vector>

#include "quadric/engine/explanation.hpp"
#include "quadric/engine/solver.hpp"
#include "quadric/problem/problem.hpp"

namespace quadric::suites {

/// A problem that a run solves from its start, to plant faults in.
struct SoundProblem {
  std::string name;
  Problem problem;
  Vector start;
  /// What is said first of the sound run, should it end at a minimum that is not isolated.
  std::string said = "none";
};

/// Ten that the rules of `explain` were written with, and ten that were looked at only afterwards: of 1 to
/// 100 variables, objectives and residuals, dense and sparse, with one minimum or several.
std::vector<SoundProblem> sound_problems();
std::vector<SoundProblem> other_sound_problems();

/// A problem with one thing wrong, how it is run, and what an explanation is to say first.
struct PlantedFault {
  CauseKind kind;
  Problem problem;
  Vector start;
  Solver solver;
};

/// All twelve in one problem, from its minimizer (n). `variant` chooses among ways to plant the same fault.
std::vector<PlantedFault> plant_faults(const SoundProblem& sound, const Vector& minimizer, int variant);

}  // namespace quadric::suites
