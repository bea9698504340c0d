#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "quadric/base/types.hpp"

#include "cli/help.hpp"

namespace quadric::cli {

/// Where a verb writes besides its report.
struct OutputOptions {
  std::string json = {};          ///< file for the JSON object; empty: none
  std::string log_level = "off";  ///< trace, debug, info, warn, error or off
};

/// What rules a run.
struct RunOptions {
  std::string solver = {};                    ///< a name of `solver_names()`; empty: chosen from the problem
  std::optional<Index> max_iterations = {};   ///< at least 0
  std::optional<Index> max_evaluations = {};  ///< at least 0
  std::optional<double> max_seconds = {};     ///< positive
  bool stop_at_saddle = false;
  bool audit = false;           ///< check the derivatives on the way
  bool progress = false;        ///< show how far a run is, on a terminal
  bool explain = false;         ///< say why the run stopped and what held it back
  std::string trace = {};       ///< file for the trace, one JSON object a line; empty: none
  std::string checkpoint = {};  ///< file for the state of the run; empty: none
  std::string resume = {};      ///< checkpoint to go on from; empty: from the start
};

/// Many starts instead of one.
struct StartOptions {
  std::optional<Index> starts = {};   ///< in all, at least 1; empty: one
  std::string box = {};               ///< where they are drawn: NAME=LOW:HIGH,...
  std::optional<Index> threads = {};  ///< at least 1; empty: one a core
  std::optional<Index> seed = {};     ///< at least 0; empty: 1
};

/// What the parameters of a fit are besides free.
struct ParameterOptions {
  std::string fix = {};               ///< NAME or NAME=VALUE, ...
  std::vector<std::string> tie = {};  ///< NAME=FORMULA each
  std::string log_scale = {};         ///< NAME,...
  std::string logit = {};             ///< NAME=LOW:HIGH,...
};

struct FitCommand {
  std::string data, model, response, start, bounds, weights, loss;
  ParameterOptions parameters = {};
  std::string intervals = {};  ///< linear or profile; empty: profile where that is no long work
  std::string report = {};     ///< file for the page; empty: none
  StartOptions starts = {};
  RunOptions run = {};
  OutputOptions output = {};
};

struct MinimizeCommand {
  std::string function, start, bounds;
  StartOptions starts = {};
  RunOptions run = {};
  OutputOptions output = {};
};

struct AnalyzeCommand {
  std::string function, at;
  OutputOptions output = {};
};

/// Either a function, or the data and model of a fit.
struct CheckCommand {
  std::string function, at;
  std::string data, model, response, weights;
  Index points = 3;  ///< at least 1
  OutputOptions output = {};
};

/// Limits of each run of `compare` where none are asked for.
inline constexpr Index default_evaluations = 10000;
inline constexpr double default_seconds = 2.0;

struct CompareCommand {
  std::string suites;  ///< names of `suite_names()` separated by commas; empty: none
  std::string data;    ///< with a model the CSV file, else the folder of the suites' data
  std::string function, model, response, weights, start;  ///< a problem of one's own
  std::string problems, libraries;                        ///< files that hold some
  std::string starts, only;  ///< names of starts and problems separated by commas; empty: all
  std::string solvers =
      "newton,gauss-newton-hybrid,ceres-lm";  ///< names of `solver_names()` separated by commas, or all
  std::string tolerances = "1e-3,1e-6,1e-9";
  Index threads = 1;             ///< 0: one a core
  std::string markdown, report;  ///< files; empty: none
  bool no_traces = false;        ///< leave the iterations of each run out of the JSON
  RunOptions run = {};
  OutputOptions output = {};
};

struct ReplayCommand {
  std::string trace;
  bool explain = false;  ///< say besides why the run stopped and what held it back
  OutputOptions output = {.json = {}, .log_level = "info"};  ///< here the log is the output
};

struct DiffCommand {
  std::string first, second;
  double tolerance = 1e-6;  ///< relative, at least 0
  OutputOptions output = {};
};

/// Writes the manual and the completion that are installed; no verb for users, so `--help` does not list it.
struct ManualCommand {
  std::string folder;
  std::vector<Help> help = {};
};

/// What `--help` and `--version` ask for: a text to print.
struct Text {
  std::string text;
};

using Command = std::variant<Text, FitCommand, MinimizeCommand, AnalyzeCommand, CheckCommand, CompareCommand,
                             ReplayCommand, DiffCommand, ManualCommand>;

/// Reads a command line. Throws `Misuse` that says what is wrong with it, with the nearest known verb or
/// option where one is unknown.
Command parse_command(int argc, const char* const* argv);

}  // namespace quadric::cli
