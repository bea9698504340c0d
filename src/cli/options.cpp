#include "cli/options.hpp"

#include <sstream>

#include <CLI/CLI.hpp>

#include "quadric/base/misuse.hpp"
#include "quadric/solvers/minimize.hpp"

#include "base/nearest_name.hpp"
#include "base/text.hpp"
#include "cli/numbers.hpp"
#include "cli/version.hpp"

namespace quadric::cli {

namespace {

constexpr const char* about =
    "Second-order optimization with a certificate: where a run stops, the eigenvalues of the Hessian say "
    "whether it is a\n"
    "minimum, a saddle or a valley.";

constexpr const char* exit_codes =
    "Exit code: 0 solved; 1 ran, but not solved; 2 misuse, with the reason on stderr.";

constexpr const char* formulas =
    "Formulas: + - * / ^ or **, parentheses, numbers, names, pi, e, and exp log log10 log2 sqrt cbrt sin cos "
    "tan asin\n"
    "acos atan atan2 sinh cosh tanh abs erf gamma lgamma pow min max hypot ...; quote them from the shell.\n";

constexpr const char* examples =
    "Examples:\n"
    "  quadric fit data.csv --model \"b1*(1-exp(-b2*x))\" --start b1=500,b2=1e-4\n"
    "  quadric minimize --function \"100*(y-x^2)^2+(1-x)^2\" --start x=-1.2,y=1\n"
    "  quadric analyze --function \"(x^2-1)^2/4+y^2/2\" --at x=0,y=0\n"
    "  quadric check --function \"exp(-x)*y^2\" --at x=1,y=2\n"
    "  quadric compare --suite nist --solvers newton,gauss-newton,ceres-lm\n"
    "'quadric VERB --help' shows the options of a verb.\n";

constexpr const char* fit_examples =
    "Examples:\n"
    "  quadric fit data.csv --model \"b1*(1-exp(-b2*x))\" --start b1=500,b2=1e-4\n"
    "  quadric fit data.csv --model \"b1-b2*x\" --response \"log(y)\" --start b1=1,b2=0.1 --json fit.json\n"
    "  quadric fit data.csv --model \"a*exp(-t/tau)\" --start a=1,tau=10 --weights \"1/sigma^2\" --log-level "
    "info\n"
    "  quadric fit data.csv --model \"b1+b2*x\" --start b1=0,b2=1 --loss huber:1.5\n"
    "  quadric fit data.csv --model \"b1*sin(b2*x)\" --start b1=1,b2=1 --starts 50 --box b1=0:5,b2=0:20\n"
    "  quadric fit data.csv --model \"a*exp(-k*x)+c\" --start a=1,k=0.1 --fix c=0 --log-scale k\n"
    "  quadric fit data.csv --model \"a*exp(-k*x)+b*exp(-l*x)\" --start a=1,k=0.1,b=1 --tie \"l=2*k\"\n"
    "The names in --start (and --fix and --tie) are the parameters; every other name in the model is a "
    "column of the file.\n";

constexpr const char* minimize_examples =
    "Examples:\n"
    "  quadric minimize --function \"100*(y-x^2)^2+(1-x)^2\" --start x=-1.2,y=1\n"
    "  quadric minimize --function \"(x^2-1)^2/4+y^2/2\" --start x=0,y=0 --stop-at-saddle\n"
    "  quadric minimize --function \"100*(y-x^2)^2+(1-x)^2\" --start x=-1.2,y=1 --bounds x=:0.5,y=0:2\n"
    "  quadric minimize --function \"x^4+y^2\" --start x=1,y=1 --solver gradient-descent --trace "
    "trace.jsonl\n";

constexpr const char* analyze_examples =
    "Examples:\n"
    "  quadric analyze --function \"(x^2-1)^2/4+y^2/2\" --at x=0,y=0\n"
    "  quadric analyze --function \"x^2+3*x*y+y^2\" --at x=1,y=-1 --json analysis.json\n";

constexpr const char* check_examples =
    "Compares, entry by entry, at the point and at random points near it:\n"
    "  automatic          gradient or Jacobian by first-order, Hessian by second-order dual numbers\n"
    "  nested automatic   gradient by second-order, Hessian columns by nested dual numbers\n"
    "  complex step       first derivatives by complex arithmetic, where the formula has it\n"
    "  differences        of order 8, with estimated errors\n"
    "Examples:\n"
    "  quadric check --function \"exp(-x)*y^2\" --at x=1,y=2\n"
    "  quadric check data.csv --model \"b1*(1-exp(-b2*x))\" --at b1=500,b2=1e-4 --json check.json\n";

constexpr const char* compare_examples =
    "Examples:\n"
    "  quadric compare --suite nist --solvers newton,gauss-newton,gradient-descent,ceres-lm\n"
    "  quadric compare --suite nist,mgh,saddles --solvers all --report report.html\n"
    "  quadric compare --suite mgh --starts x1,x10 --solvers all --threads 0 --markdown mgh.md\n"
    "  quadric compare --suite large --solvers newton,lbfgs --tolerances 1e-4,1e-8\n"
    "  quadric compare --function \"100*(y-x^2)^2+(1-x)^2\" --start x=-1.2,y=1 --solvers all --report "
    "valley.html\n"
    "  quadric compare --data data.csv --model \"b1*(1-exp(-b2*x))\" --start b1=500,b2=1e-4 --solvers all\n"
    "  quadric compare --problems mine.json --json comparison.json\n"
    "  quadric compare --library ./mine.so --solvers newton,lbfgs,ipopt\n"
    "A list of problems, with paths from its own folder:\n"
    "  {\"problems\": [{\"name\": \"valley\", \"function\": \"100*(y-x^2)^2+(1-x)^2\", \"start\": {\"x\": "
    "-1.2, "
    "\"y\": 1},\n"
    "                 \"minima\": [0], \"bounds\": {\"x\": [null, 2]}},\n"
    "                {\"name\": \"decay\", \"data\": \"decay.csv\", \"model\": \"a*exp(-k*t)\", "
    "\"response\": "
    "\"y\",\n"
    "                 \"starts\": {\"near\": {\"a\": 1, \"k\": 1}, \"far\": {\"a\": 9, \"k\": 3}}, "
    "\"solution\": "
    "{\"a\": 2, \"k\": 0.5}}]}\n";

std::string compare_limits() {
  return "Unless told otherwise a run may take " + std::to_string(default_evaluations) + " evaluations and " +
         text::number(default_seconds) +
         " s.\nA false success is a saddle, a maximum, or a point whose gradient is not zero, that a solver "
         "called a "
         "solution.\n";
}

constexpr const char* replay_examples =
    "Examples:\n"
    "  quadric minimize --function \"x^4+y^2\" --start x=1,y=1 --trace run.jsonl\n"
    "  quadric replay run.jsonl\n"
    "  quadric replay run.jsonl --log-level debug\n"
    "  quadric replay run.json --explain\n"
    "A trace whose last line breaks off, as that of a run that was killed, is told up to there.\n"
    "Exit code: 0 told; 2 misuse, with the reason on stderr.";

constexpr const char* diff_examples =
    "Examples:\n"
    "  quadric diff newton.jsonl gauss-newton.jsonl\n"
    "  quadric diff before.jsonl after.jsonl --tolerance 0 --json difference.json\n"
    "Names the first iteration that differs and the first quantity in it, in the order in which an iteration "
    "makes them,\n"
    "and what that says of the two runs. Times do not count.\n"
    "Exit code: 0 the same; 1 they part; 2 misuse, with the reason on stderr.";

std::string solver_list() {
  std::string list;
  for (const std::string& name : solver_names()) list += (list.empty() ? "" : ", ") + name;
  return list;
}

/// The command line as CLI11 knows it, and the places where it puts what it reads.
class CommandLine {
 public:
  CommandLine() : app_(about, "quadric") {
    app_.set_version_flag("--version", version_text(), "Print version, compiler and instruction set");
    app_.set_help_flag("-h,--help", "Print this help");
    app_.require_subcommand(1);
    app_.footer(std::string(examples) + exit_codes);
    add_fit();
    add_minimize();
    add_analyze();
    add_check();
    add_compare();
    add_replay();
    add_diff();
    app_.add_subcommand("manual", "Write the manual pages and bash completion into a folder")
        ->group("")
        ->add_option("FOLDER", manual_.folder)
        ->required();
    for (CLI::App* verb : app_.get_subcommands(nullptr)) refuse_options_as_values(verb);
  }

  Command parse(int argc, const char* const* argv) {
    try {
      app_.parse(argc, argv);
    } catch (const CLI::Success& asked) {  // --help, --version
      std::ostringstream text;
      app_.exit(asked, text, text);
      return Text{text.str()};
    } catch (const CLI::ParseError& error) {
      explain(error);
    }
    return command();
  }

 private:
  void add_fit() {
    CLI::App* verb = app_.add_subcommand("fit", "Fit a model to the columns of a CSV file by least squares");
    verb->add_option("DATA", fit_.data, "CSV file: a line of column names, then lines of numbers")
        ->required();
    verb->add_option("--model", fit_.model, "Formula of parameters and columns")
        ->type_name("FORMULA")
        ->required();
    verb->add_option(
            "--response", fit_.response,
            "Formula of columns that the model is to match; default: the column y, else the last column")
        ->type_name("FORMULA");
    verb->add_option("--start", fit_.start,
                     "Where to start: NAME=VALUE,NAME=VALUE; its names are the parameters")
        ->type_name("NAME=VALUE,...")
        ->required();
    add_bounds(verb, fit_.bounds);
    add_parameters(verb, fit_.parameters);
    add_starts(verb, fit_.starts);
    verb->add_option("--weights", fit_.weights,
                     "Column, or formula of columns, that weighs each squared residual")
        ->type_name("COLUMN");
    verb->add_option(
            "--loss", fit_.loss,
            "Lets residuals beyond SCALE count less than their square: huber, soft-l1, cauchy, arctan "
            "or tukey; of weighted residuals where there are weights")
        ->type_name("NAME:SCALE");
    verb->add_option(
            "--intervals", fit_.intervals,
            "Of the parameters, at 95 %: linear, from the Jacobian alone; or profile, which fits the "
            "other parameters anew for each end; default: profile where that is no long work")
        ->check(CLI::IsMember({"linear", "profile"}))
        ->type_name("KIND");
    verb->add_option("--report", fit_.report,
                     "File for a page in HTML: data, curve and bands, residuals, profiles, convergence; it "
                     "opens without a network")
        ->type_name("FILE");
    add_solver(verb, fit_.run, "default: gauss-newton-hybrid");
    add_run(verb, fit_.run);
    add_watch(verb, fit_.run);
    add_output(verb, fit_.output);
    verb->footer(std::string(fit_examples) + formulas + exit_codes);
  }

  void add_minimize() {
    CLI::App* verb = app_.add_subcommand("minimize", "Minimize a function of the names in --start");
    verb->add_option("--function", minimize_.function, "Formula of the names in --start")
        ->type_name("FORMULA")
        ->required();
    verb->add_option("--start", minimize_.start, "Where to start: NAME=VALUE,NAME=VALUE")
        ->type_name("NAME=VALUE,...")
        ->required();
    add_bounds(verb, minimize_.bounds);
    add_starts(verb, minimize_.starts);
    add_solver(verb, minimize_.run, "default: newton; those that need residuals can not be used here");
    add_run(verb, minimize_.run);
    add_watch(verb, minimize_.run);
    add_checkpoint(verb, minimize_.run);
    add_output(verb, minimize_.output);
    verb->footer(std::string(minimize_examples) + formulas + exit_codes);
  }

  void add_analyze() {
    CLI::App* verb = app_.add_subcommand(
        "analyze", "Say what a point of a function is: certificate, spectrum, recommended steps");
    verb->add_option("--function", analyze_.function, "Formula of the names in --at")
        ->type_name("FORMULA")
        ->required();
    verb->add_option("--at", analyze_.at, "The point: NAME=VALUE,NAME=VALUE")
        ->type_name("NAME=VALUE,...")
        ->required();
    add_output(verb, analyze_.output);
    verb->footer(std::string(analyze_examples) + formulas +
                 "Exit code: 0 the point was classified; 1 undecided; 2 misuse, with the reason on stderr.");
  }

  void add_check() {
    CLI::App* verb = app_.add_subcommand(
        "check", "Compare the derivatives of a function or a fit by every provider with every other");
    verb->add_option("DATA", check_.data, "CSV file, to check the residuals of a fit");
    verb->add_option("--function", check_.function, "Formula of the names in --at")->type_name("FORMULA");
    verb->add_option("--model", check_.model, "With DATA: formula of parameters and columns")
        ->type_name("FORMULA");
    verb->add_option("--response", check_.response, "With DATA: as in fit")->type_name("FORMULA");
    verb->add_option("--weights", check_.weights, "With DATA: as in fit")->type_name("COLUMN");
    verb->add_option("--at", check_.at, "The point: NAME=VALUE,NAME=VALUE")
        ->type_name("NAME=VALUE,...")
        ->required();
    verb->add_option_function<std::string>(
            "--points",
            [this](const std::string& text) {
              check_.points = read_count("--points", text);
              if (check_.points < 1) misuse("--points: '" + text + "' is not at least 1");
            },
            "At how many points: the one given, the others at random near it; default: 3")
        ->type_name("N");
    add_output(verb, check_.output);
    verb->footer(
        std::string(check_examples) + formulas +
        "Exit code: 0 all agree; 1 some derivative is wrong, not finite or not decided; 2 misuse, with "
        "the reason on stderr.");
  }

  void add_compare() {
    CLI::App* verb = app_.add_subcommand(
        "compare", "Run solvers on suites of problems whose answers are known, or on your own problems");
    add_compared_problems(verb);
    verb->add_option(
            "--solvers", compare_.solvers,
            "Names separated by commas, or all; default: newton,gauss-newton-hybrid,ceres-lm. Names: " +
                solver_list())
        ->type_name("NAME,...");
    verb->add_option("--tolerances", compare_.tolerances,
                     "Relative errors of parameters or value at which solved problems are counted; default: "
                     "1e-3,1e-6,1e-9")
        ->type_name("T,...");
    verb->add_option_function<std::string>(
            "--threads",
            [this](const std::string& text) { compare_.threads = read_count("--threads", text); },
            "Runs at a time, 0 for one a core; with one alone, the default, times can be compared; nothing "
            "else "
            "depends on it, unless --max-seconds ends a run")
        ->type_name("N");
    add_run(verb, compare_.run, "Most seconds of a run");
    verb->add_option(
            "--report", compare_.report,
            "File for a page in HTML: which solver to take, profiles, failures, convergence, paths; it "
            "opens without a network")
        ->type_name("FILE");
    verb->add_option("--markdown", compare_.markdown, "File for the tables in Markdown")->type_name("FILE");
    verb->add_flag("--progress", compare_.run.progress,
                   "Show how many runs are done, where stderr is a terminal and there is no log");
    verb->add_flag("--no-traces", compare_.no_traces,
                   "Leave the iterations of each run out of --json, of which they are nearly all");
    add_output(verb, compare_.output);
    verb->footer(std::string(compare_examples) + compare_limits() +
                 "Exit code: 0 every run solved; 1 some run not solved, or Ctrl-C, which keeps what was run; "
                 "2 misuse, "
                 "with the reason on stderr.");
  }

  void add_compared_problems(CLI::App* verb) {
    verb->add_option(
            "--suite", compare_.suites,
            "Names separated by commas: nist (27 regressions, each from two starts), mgh (the 35 problems of "
            "More, Garbow & Hillstrom, each from 1, 10 and 100 times its start), saddles (functions "
            "with known saddles, started on and beside them), large (functions of 1000 variables)")
        ->type_name("NAME,...");
    verb->add_option("--function", compare_.function, "Formula of the names in --start, to be minimized")
        ->type_name("FORMULA");
    verb->add_option("--model", compare_.model,
                     "With --data FILE: formula of parameters and columns, to be fitted")
        ->type_name("FORMULA");
    verb->add_option("--response", compare_.response, "With --model: as in fit")->type_name("FORMULA");
    verb->add_option("--weights", compare_.weights, "With --model: as in fit")->type_name("COLUMN");
    verb->add_option("--start", compare_.start, "With --function or --model: NAME=VALUE,NAME=VALUE")
        ->type_name("NAME=VALUE,...");
    verb->add_option("--problems", compare_.problems, "JSON file that lists problems, see below")
        ->type_name("FILE");
    verb->add_option("--library", compare_.libraries,
                     "Shared library with the entry point of quadric/compare/problem_library.h")
        ->type_name("FILE");
    verb->add_option(
            "--data", compare_.data,
            "With --model: CSV file; else the folder that holds the suites' data, default: the project's own")
        ->type_name("PATH");
    verb->add_option("--starts", compare_.starts,
                     "Only these starts, by their names in the table: x1,x10 of mgh, ridge of saddles")
        ->type_name("NAME,...");
    verb->add_option("--only", compare_.only, "Only problems whose name contains one of these texts")
        ->type_name("NAME,...");
  }

  void add_replay() {
    CLI::App* verb = app_.add_subcommand("replay", "Tell a run again from its trace, as its log would have");
    verb->add_option("TRACE", replay_.trace, "File of --trace, or of --json, which holds the trace too")
        ->required();
    verb->add_flag("--explain", replay_.explain,
                   "Say besides why the run stopped and what held it back, as far as its record shows it");
    verb->add_option("--json", replay_.output.json, "File for the trace as one JSON object")
        ->type_name("FILE");
    verb->add_option(
            "--log-level", replay_.output.log_level,
            "How much to tell, on stdout: info, a line an iteration and what happened (the default), "
            "or debug, the numbers behind it")
        ->type_name("LEVEL");
    verb->footer(replay_examples);
  }

  void add_diff() {
    CLI::App* verb = app_.add_subcommand("diff", "Say where two runs part, and why, from their traces");
    verb->add_option("A", diff_.first, "File of --trace or --json of the first run")->required();
    verb->add_option("B", diff_.second, "File of --trace or --json of the second run")->required();
    verb->add_option_function<std::string>(
            "--tolerance",
            [this](const std::string& text) {
              diff_.tolerance = text == "0" ? 0.0 : read_positive("--tolerance", text);
            },
            "How far numbers may differ, as a share of the larger one; default: 1e-6")
        ->type_name("T");
    add_output(verb, diff_.output);
    verb->footer(diff_examples);
  }

  void add_bounds(CLI::App* verb, std::string& bounds) {
    verb->add_option("--bounds", bounds,
                     "Ranges to stay within: NAME=LOW:HIGH,NAME=LOW:,NAME=:HIGH; a side left out is open")
        ->type_name("NAME=LOW:HIGH,...");
  }

  void add_parameters(CLI::App* verb, ParameterOptions& options) {
    verb->add_option("--fix", options.fix,
                     "Parameters to hold: at their start, or NAME=VALUE, which needs no start")
        ->type_name("NAME[=VALUE],...");
    verb->add_option("--tie", options.tie,
                     "A parameter as a formula of others, which needs no start, such as l=2*k; or a quantity "
                     "that the model "
                     "lacks, such as half=log(2)/k, for its error; may be given several times")
        ->allow_extra_args(false)
        ->type_name("NAME=FORMULA");
    verb->add_option(
            "--log-scale", options.log_scale,
            "Parameters above 0 that the solver sees the logarithms of; errors, bounds and intervals "
            "stay those of the parameters")
        ->type_name("NAME,...");
    verb->add_option("--logit", options.logit, "The same for parameters between two values")
        ->type_name("NAME=LOW:HIGH,...");
  }

  void add_starts(CLI::App* verb, StartOptions& options) {
    const auto add = [verb](const char* name, std::optional<Index>& place, Index least, const char* help) {
      verb->add_option_function<std::string>(
              name,
              [name, &place, least](const std::string& text) {
                const Index count = read_count(name, text);
                if (count < least)
                  misuse(std::string(name) + ": '" + text + "' is not at least " + std::to_string(least));
                place = count;
              },
              help)
          ->type_name("N");
    };
    add("--starts", options.starts, 1,
        "Runs from so many starts, --start and points of the box, and reports all critical points found");
    verb->add_option(
            "--box", options.box,
            "With --starts: ranges to draw starts from (a Latin hypercube); names left out stay as in "
            "--start")
        ->type_name("NAME=LOW:HIGH,...");
    add("--threads", options.threads, 1,
        "With --starts: runs at a time, which changes nothing in the results; default: one a core");
    add("--seed", options.seed, 0, "With --starts: of the random starts; default: 1");
  }

  void add_solver(CLI::App* verb, RunOptions& run, const std::string& hint) {
    verb->add_option("--solver", run.solver, "One of " + solver_list() + "; " + hint)->type_name("NAME");
  }

  void add_run(
      CLI::App* verb, RunOptions& run,
      const std::string& seconds_help = "Most seconds of a run; with --starts, of all runs together") {
    verb->add_option_function<std::string>(
            "--max-iterations",
            [&run](const std::string& text) { run.max_iterations = read_count("--max-iterations", text); },
            "Most iterations of a run")
        ->type_name("N");
    verb->add_option_function<std::string>(
            "--max-evaluations",
            [&run](const std::string& text) { run.max_evaluations = read_count("--max-evaluations", text); },
            "Most evaluations of a run: values, gradients, Hessians and products together")
        ->type_name("N");
    verb->add_option_function<std::string>(
            "--max-seconds",
            [&run](const std::string& text) { run.max_seconds = read_positive("--max-seconds", text); },
            seconds_help)
        ->type_name("S");
  }

  void add_watch(CLI::App* verb, RunOptions& run) {
    verb->add_flag("--stop-at-saddle", run.stop_at_saddle,
                   "End at a proven saddle or maximum instead of leaving it");
    verb->add_flag("--audit", run.audit,
                   "Check the derivatives on the way, and end the run where one is wrong");
    verb->add_flag("--explain", run.explain,
                   "Say why the run stopped, what held it back and what to try, after a look at the function "
                   "around its point");
    verb->add_flag("--progress", run.progress,
                   "Show how far the run is while it lasts, where stderr is a terminal and there is no log");
    verb->add_option("--trace", run.trace, "File for the trace: one JSON object a line, an iteration each")
        ->type_name("FILE");
  }

  void add_checkpoint(CLI::App* verb, RunOptions& run) {
    verb->add_option("--checkpoint", run.checkpoint,
                     "File for the state of the run, written every 10 s and when it ends")
        ->type_name("FILE");
    verb->add_option("--resume", run.resume,
                     "Go on from this checkpoint, with its solver; limits count from the first start")
        ->type_name("FILE");
  }

  void add_output(CLI::App* verb, OutputOptions& output) {
    verb->add_option("--json", output.json, "File for the result as one JSON object")->type_name("FILE");
    verb->add_option("--log-level", output.log_level,
                     "What to log to stderr: trace, debug, info, warn, error or off (the default)")
        ->type_name("LEVEL");
  }

  /// `--function --json FILE` lacks a function; it does not have the function `--json`.
  static void refuse_options_as_values(CLI::App* verb) {
    const auto complaint = [verb](const std::string& value) {
      const bool is_option = value.starts_with("--") && verb->get_option_no_throw(value) != nullptr;
      return is_option ? "a value is missing before " + value : std::string();
    };
    for (CLI::Option* option : verb->get_options()) {
      if (option->get_items_expected_max() > 0) option->check(complaint);
    }
  }

  Command command() {
    if (app_.got_subcommand("fit")) return fit_;
    if (app_.got_subcommand("minimize")) return minimize_;
    if (app_.got_subcommand("analyze")) return analyze_;
    if (app_.got_subcommand("check")) return check_;
    if (app_.got_subcommand("compare")) return compare_;
    if (app_.got_subcommand("replay")) return replay_;
    if (app_.got_subcommand("diff")) return diff_;
    manual_.help = help_of(app_);
    return manual_;
  }

  /// Turns a complaint of CLI11 into ours. What was not understood comes before what is missing, as it is
  /// often the cause.
  [[noreturn]] void explain(const CLI::ParseError& error) {
    const std::vector<CLI::App*> chosen = app_.get_subcommands();
    const std::string verb = chosen.empty() ? "" : chosen.front()->get_name();
    const std::string help = "'quadric " + (verb.empty() ? "" : verb + " ") + "--help'";
    const std::string see = "; see " + help;
    if (dynamic_cast<const CLI::ValidationError*>(&error) != nullptr)
      misuse(verb + ": " + error.what() + see);
    for (const std::string& extra : app_.remaining(true)) {
      if (extra.starts_with("-") && extra.size() > 1)
        unknown_option(extra, chosen.empty() ? app_ : *chosen.front(), help);
      if (verb.empty()) unknown_verb(extra);
      misuse(verb + ": there is no use for the argument '" + extra + "'" + see);
    }
    if (verb.empty()) misuse("a verb is missing: " + list_of_verbs("or") + see);
    misuse(verb + ": " + error.what() + see);
  }

  [[noreturn]] void unknown_verb(const std::string& given) const {
    const std::string hint = did_you_mean(given, verbs());
    misuse("there is no verb '" + given + "'" + hint + (hint.empty() ? "; see" : " See") +
           " 'quadric --help' for " + list_of_verbs("and"));
  }

  /// Those that `--help` lists.
  std::vector<std::string> verbs() const {
    std::vector<std::string> names;
    for (const CLI::App* verb : app_.get_subcommands(nullptr)) {
      if (!verb->get_group().empty()) names.push_back(verb->get_name());
    }
    return names;
  }

  /// "fit, minimize or compare".
  std::string list_of_verbs(const std::string& last) const {
    const std::vector<std::string> names = verbs();
    std::string list = names.front();
    for (std::size_t i = 1; i < names.size(); ++i)
      list += (i + 1 == names.size() ? " " + last + " " : ", ") + names[i];
    return list;
  }

  [[noreturn]] static void unknown_option(const std::string& given, const CLI::App& app,
                                          const std::string& help) {
    std::vector<std::string> known;
    for (const CLI::Option* option : app.get_options()) {
      for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
    }
    const std::string name = given.substr(0, given.find('='));
    const std::string hint = did_you_mean(name, known);
    const std::string verb = app.get_name() == "quadric" ? "" : app.get_name() + ": ";
    misuse(verb + "there is no option '" + name + "'" + hint + (hint.empty() ? "; see " : " See ") + help);
  }

  CLI::App app_;
  FitCommand fit_;
  MinimizeCommand minimize_;
  AnalyzeCommand analyze_;
  CheckCommand check_;
  CompareCommand compare_;
  ReplayCommand replay_;
  DiffCommand diff_;
  ManualCommand manual_;
};

}  // namespace

Command parse_command(int argc, const char* const* argv) { return CommandLine().parse(argc, argv); }

}  // namespace quadric::cli
