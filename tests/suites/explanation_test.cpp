#include "quadric/engine/explanation.hpp"

#include <iostream>
#include <map>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "quadric/engine/probe.hpp"
#include "quadric/solvers/minimize.hpp"

#include "suites/planted_faults.hpp"

/// Twelve faults planted in ten problems: what `explain` says first.
namespace quadric::suites {
namespace {

std::string first_of(const Explanation& explanation) {
  return explanation.causes.empty() ? "none" : std::string(to_string(explanation.causes.front().kind));
}

struct Tally {
  int by_record = 0, by_probing = 0;
  std::map<CauseKind, int> of_kind;  ///< by probing
  std::string misses;
};

Tally tell(const std::vector<SoundProblem>& problems) {
  Tally tally;
  int variant = 0;
  for (const SoundProblem& sound : problems) {
    const Result solved = solve(sound.problem, sound.start, {});
    EXPECT_TRUE(solved.converged() || sound.said != "none") << sound.name << ": " << solved.summary();
    const std::string said = solved.converged() ? "none" : sound.said;
    EXPECT_EQ(first_of(solved.explain()), said) << sound.name << ": " << solved.explain();
    EXPECT_EQ(first_of(explain(solved, sound.problem)), said)
        << sound.name << ": " << explain(solved, sound.problem);
    for (const PlantedFault& fault : plant_faults(sound, solved.x, variant++)) {
      const Result result = fault.solver.run(fault.problem, fault.start);
      const Explanation record = result.explain(), probing = explain(result, fault.problem);
      const std::string planted(to_string(fault.kind));
      if (first_of(record) == planted) ++tally.by_record;
      const bool right = first_of(probing) == planted;
      tally.by_probing += right ? 1 : 0;
      tally.of_kind[fault.kind] += right ? 1 : 0;
      if (right && first_of(record) == planted) continue;
      tally.misses += fmt::format("{:<30} {:<16} record {:<16} probing {:<16} {}\n", sound.name, planted,
                                  first_of(record), first_of(probing), result.summary().substr(0, 220));
    }
  }
  tally.misses += fmt::format("first cause right: {} of 120 by the record, {} of 120 by probing\n",
                              tally.by_record, tally.by_probing);
  return tally;
}

void expect_told(const Tally& tally) {
  std::cout << tally.misses;
  EXPECT_GE(tally.by_record, 108) << tally.misses;
  EXPECT_GE(tally.by_probing, 108) << tally.misses;
  for (const auto& [kind, right] : tally.of_kind) EXPECT_GE(right, 8) << to_string(kind);
}

TEST(Explanation, NamesFaultsPlantedInTenProblems) { expect_told(tell(sound_problems())); }
TEST(Explanation, NamesFaultsPlantedInTenOtherProblems) { expect_told(tell(other_sound_problems())); }

}  // namespace
}  // namespace quadric::suites
