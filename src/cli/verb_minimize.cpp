#include <optional>

#include <nlohmann/json.hpp>

#include "quadric/base/misuse.hpp"
#include "quadric/engine/checkpoint.hpp"

#include "cli/assignments.hpp"
#include "cli/function_problem.hpp"
#include "cli/json_output.hpp"
#include "cli/report.hpp"
#include "cli/run.hpp"
#include "cli/starts.hpp"
#include "cli/verbs.hpp"
#include "engine/run_json.hpp"

namespace quadric::cli {

int run_verb(const MinimizeCommand& command) {
  const Watch watch(command.run, command.output);
  const Assignments start = read_assignments("--start", command.start);
  Problem problem = function_problem(command.function, start);
  problem.with_bounds(read_bounds(command.bounds, start));
  std::optional<Checkpoint> from;
  if (!command.run.resume.empty()) from = Checkpoint::read(command.run.resume);
  const Choice choice =
      from ? make_solver(*from, command.run) : make_solver(problem, start.values, command.run);
  require_writable({{"--json", command.output.json},
                    {"--trace", command.run.trace},
                    {"--checkpoint", command.run.checkpoint}});

  if (from && command.starts.starts) misuse("--resume: goes on with one run; leave --starts out");
  const auto searched = search(problem, start, command.starts, command.run, choice.solver);
  const Vector& best = searched ? searched->best_start : start.values;
  watch.say(choice);
  Result result = from ? choice.solver.resume(problem, *from, watch.observers())
                       : choice.solver.run(problem, best, watch.observers());
  complete(result, choice.why);
  nlohmann::ordered_json json = run_json(result);
  print((searched ? describe(searched->found, start) : "") + result.summary() +
        explain_run(command.run, result, problem, json));
  if (searched) json["multistart"] = search_json(searched->found, start);
  save(command.output.json, json);
  watch.close();
  return result.converged() ? ExitCode::solved : ExitCode::not_solved;
}

}  // namespace quadric::cli
