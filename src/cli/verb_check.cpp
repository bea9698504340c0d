#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>
#include <spdlog/logger.h>

#include "quadric/base/misuse.hpp"
#include "quadric/fit/formula.hpp"
#include "quadric/problem/derivative_check.hpp"
#include "quadric/problem/expression.hpp"

#include "base/text.hpp"
#include "cli/assignments.hpp"
#include "cli/fit_formula.hpp"
#include "cli/json_output.hpp"
#include "cli/names.hpp"
#include "cli/report.hpp"
#include "cli/run.hpp"
#include "cli/verbs.hpp"
#include "io/csv.hpp"
#include "problem/complex_step.hpp"

namespace quadric::cli {

namespace {

/// Real parts that differ from the values by more than this show another branch of the continuation.
constexpr double same_branch = 1e-9;
constexpr std::size_t rows_of_a_pair = 6;

/// Someone who has derivatives of the function (F is Objective or Residuals).
template <class F>
struct Provided {
  std::string name;
  F function;
  bool second_order = true;
};

/// What is checked, and how it is called in the report.
template <class F>
struct Subject {
  std::string what;
  Assignments at;
  std::vector<Provided<F>> providers;
  CheckOptions options;
  std::string note = {};  ///< why a provider is missing
};

/// Adds the complex step if it can be taken at the point, else notes why not.
template <class F, class Add>
void add_complex_step(Subject<F>& subject, const Vector& values, const Vector& real_parts, const Add& add) {
  if ((real_parts - values).cwiseAbs().maxCoeff() <= same_branch * (1.0 + values.cwiseAbs().maxCoeff())) {
    add();
  } else {
    subject.note = "no complex step: the formula's complex values belong to another branch";
  }
}

Subject<Objective> subject_of_function(const CheckCommand& command, const Assignments& at) {
  const Expression expression = read_formula("--function", command.function);
  require_matching_names("--function", expression, at);
  const BoundExpression bound = expression.bind(at.names);
  const Objective automatic = [bound](const auto& x) { return bound.evaluate(x); };
  SuppliedObjective nested;
  nested.value = [automatic](const Vector& x) { return automatic.value(x); };
  nested.gradient = [automatic](const Vector& x) -> Vector {
    Vector g;
    Matrix H;
    automatic.hessian(x, g, H);
    return g;
  };
  nested.hessian_product = [automatic](const Vector& x, const Vector& v) -> Vector {
    Vector Hv;
    automatic.hessian_product(x, v, Hv);
    return Hv;
  };
  Subject<Objective> subject{.what = command.function,
                             .at = at,
                             .providers = {{"automatic", automatic}, {"nested automatic", nested}},
                             .options = {}};
  subject.options.explain = [expression, names = at.names](const Vector& x) {
    return expression.explain_non_finite(names, x);
  };
  const auto complex = [bound](const Vector& x, Vector& values, Matrix& J) {
    complex_step_jacobian([&](const auto& z, Index) { return bound.evaluate(z); }, 1, x, values, J);
  };
  try {
    Vector real_part;
    Matrix J;
    complex(at.values, real_part, J);
    add_complex_step(subject, Vector::Constant(1, automatic.value(at.values)), real_part, [&] {
      const auto gradient = [complex](const Vector& x) -> Vector {
        Vector values;
        Matrix row;
        complex(x, values, row);
        return row.transpose();
      };
      subject.providers.push_back({"complex step", analytic(nested.value, gradient), false});
    });
  } catch (const Misuse& error) {
    subject.note = std::string("no complex step: ") + error.what();
  }
  return subject;
}

std::span<const double> column(const Matrix& matrix, Index j) {
  return {matrix.data() + j * matrix.rows(), static_cast<std::size_t>(matrix.rows())};
}

Subject<Residuals> subject_of_fit(const CheckCommand& command, const Assignments& at) {
  const CsvTable table = read_csv(command.data);
  const Formula formula = make_formula({command.model, command.response, command.weights}, table, at);
  const FormulaFit fit = bind(formula);
  const Residuals automatic = fit.residuals;
  SuppliedResiduals nested;
  nested.value = [automatic](const Vector& x) -> Vector {
    Vector r;
    automatic.value(x, r);
    return r;
  };
  nested.jacobian = [automatic](const Vector& x) -> Matrix {
    Vector r;
    Matrix J;
    automatic.jacobian(x, r, J);
    return J;
  };
  nested.weighted_hessian = [automatic](const Vector& x, const Vector& w) -> Matrix {
    Matrix S(x.size(), x.size());
    Vector Sv;
    for (Index j = 0; j < x.size(); ++j) {
      automatic.weighted_hessian_product(x, w, Vector::Unit(x.size(), j), Sv);
      S.col(j) = Sv;
    }
    return S;
  };
  Subject<Residuals> subject{.what = command.model + " with " + table.source(),
                             .at = at,
                             .providers = {{"automatic", automatic}, {"nested automatic", nested}},
                             .options = {}};
  const Index m = fit.observations.values.size();
  for (Index i = 1; i <= m; ++i) subject.options.residual_names.push_back(text::numbered("observation ", i));
  const Expression expression = Expression::parse(formula.model);
  subject.options.explain = [expression, formula](const Vector& x) {
    for (Index i = 0; i < formula.data.cols(); ++i) {
      const std::string why =
          expression.explain_non_finite(formula.parameters, x, formula.columns, column(formula.data, i));
      if (!why.empty()) return "observation " + std::to_string(i + 1) + ", " + why;
    }
    return std::string();
  };
  // The residual is √w (model − response), and only the model depends on the parameters.
  const BoundExpression model = expression.bind(formula.parameters, formula.columns);
  const std::optional<BoundExpression> weights =
      formula.weights.empty() ? std::nullopt
                              : std::optional(Expression::parse(formula.weights).bind({}, formula.columns));
  const auto complex = [=](const Vector& x, Vector& values, Matrix& J) {
    const auto residual = [&](const auto& z, Index i) {
      const std::span<const double> row = column(formula.data, i);
      const double root = weights ? std::sqrt(weights->evaluate(std::span<const double>{}, row)) : 1.0;
      return root * (model.evaluate(z, row) - fit.observations.values[i]);
    };
    complex_step_jacobian(residual, fit.observations.values.size(), x, values, J);
  };
  try {
    Vector real_parts;
    Matrix J;
    complex(at.values, real_parts, J);
    add_complex_step(subject, nested.value(at.values), real_parts, [&] {
      const auto jacobian = [complex](const Vector& x) -> Matrix {
        Vector values;
        Matrix at_x;
        complex(x, values, at_x);
        return at_x;
      };
      subject.providers.push_back({"complex step", analytic_residuals(nested.value, jacobian), false});
    });
  } catch (const Misuse& error) {
    subject.note = std::string("no complex step: ") + error.what();
  }
  return subject;
}

/// Each provider against differences, and against each that comes after it.
template <class F>
std::vector<DerivativeCheck> check_pairs(const Subject<F>& subject) {
  std::vector<DerivativeCheck> checks;
  const auto& providers = subject.providers;
  for (std::size_t a = 0; a < providers.size(); ++a) {
    CheckOptions options = subject.options;
    options.second_order = providers[a].second_order;
    checks.push_back(check_derivatives(providers[a].function, subject.at.values, options));
    checks.back().provider = providers[a].name;
    checks.back().reference = "differences";
    for (std::size_t b = a + 1; b < providers.size(); ++b) {
      options.second_order = providers[a].second_order && providers[b].second_order;
      checks.push_back(
          check_derivatives(providers[a].function, providers[b].function, subject.at.values, options));
      checks.back().provider = providers[a].name;
      checks.back().reference = providers[b].name;
    }
  }
  return checks;
}

bool all_passed(const std::vector<DerivativeCheck>& checks) {
  return std::all_of(checks.begin(), checks.end(),
                     [](const DerivativeCheck& check) { return check.passed(); });
}

template <class F>
std::string report(const Subject<F>& subject, const std::vector<DerivativeCheck>& checks) {
  std::string text = subject.what + " at " + describe_point(subject.at.names, subject.at.values) + "\n";
  for (const DerivativeCheck& check : checks) text += check.summary(rows_of_a_pair) + "\n";
  if (!subject.note.empty()) text += subject.note + "\n";
  return text + (all_passed(checks) ? "all derivatives agree" : "not all derivatives agree");
}

nlohmann::ordered_json entry_json(const DerivativeCheck& check, const CheckedEntry& entry) {
  return {{"name", check.name(entry)},
          {"derivative", to_string(entry.part)},
          {"row", entry.row},
          {"column", entry.column},
          {"point", entry.point},
          {"value", finite_or_null(entry.value)},
          {"reference", finite_or_null(entry.reference)},
          {"difference", finite_or_null(entry.difference())},
          {"expected_error", finite_or_null(entry.expected_error)},
          {"agreement", to_string(entry.agreement)},
          {"remark", entry.remark}};
}

nlohmann::ordered_json check_json(const DerivativeCheck& check) {
  nlohmann::ordered_json points = nlohmann::ordered_json::array();
  for (const Vector& x : check.points) points.push_back(by_name(check.names, x));
  nlohmann::ordered_json entries = nlohmann::ordered_json::array();
  for (const CheckedEntry& entry : check.worst()) entries.push_back(entry_json(check, entry));
  return {{"provider", check.provider},
          {"reference", check.reference},
          {"points", points},
          {"agrees", check.count(Agreement::Agrees)},
          {"wrong", check.count(Agreement::Wrong)},
          {"not_finite", check.count(Agreement::NotFinite)},
          {"not_decided", check.count(Agreement::NotDecided)},
          {"findings", check.findings},
          {"notes", check.notes},
          {"disagreeing", entries}};
}

template <class F>
int check_subject(Subject<F> subject, const CheckCommand& command) {
  subject.options.names = subject.at.names;
  subject.options.points = static_cast<int>(command.points);
  const std::vector<DerivativeCheck> checks = check_pairs(subject);
  print(report(subject, checks));
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const DerivativeCheck& check : checks) list.push_back(check_json(check));
  save(command.output.json, {{"schema", "quadric/check/1"},
                             {"checked", subject.what},
                             {"at", by_name(subject.at.names, subject.at.values)},
                             {"agree", all_passed(checks)},
                             {"note", subject.note},
                             {"checks", list}});
  return all_passed(checks) ? ExitCode::solved : ExitCode::not_solved;
}

void require_one_subject(const CheckCommand& command) {
  if (command.data.empty() && command.function.empty())
    misuse("check: give --function, or DATA and --model; see 'quadric check --help'");
  if (!command.data.empty() && !command.function.empty())
    misuse("check: --function has no use for the data '" + command.data + "'; a fit is checked by --model");
  if (!command.data.empty() && command.model.empty()) misuse("check: --model is required beside DATA");
  if (!command.data.empty()) return;
  for (const auto& [option, text] : {std::pair{"--model", &command.model},
                                     {"--response", &command.response},
                                     {"--weights", &command.weights}}) {
    if (!text->empty()) misuse(std::string("check: ") + option + " needs DATA, a CSV file");
  }
}

}  // namespace

int run_verb(const CheckCommand& command) {
  const auto logger = make_logger(command.output.log_level);
  require_one_subject(command);
  const Assignments at = read_assignments("--at", command.at);
  require_writable({{"--json", command.output.json}}, command.data);
  logger->info("checking the derivatives of {} over {}",
               command.data.empty() ? command.function : command.model,
               text::count(at.values.size(), "variable"));
  if (command.data.empty()) return check_subject(subject_of_function(command, at), command);
  return check_subject(subject_of_fit(command, at), command);
}

}  // namespace quadric::cli
