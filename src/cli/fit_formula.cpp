#include "cli/fit_formula.hpp"

#include "quadric/base/misuse.hpp"

#include "base/text.hpp"
#include "cli/names.hpp"

namespace quadric::cli {

namespace {

/// The formula of columns that the option of this name says, once it is known to be one.
std::string column_formula(const std::string& option, const std::string& text, const CsvTable& table) {
  const Expression expression = read_formula(option, text);
  try {
    expression.bind({}, table.names());
  } catch (const Misuse& error) {
    misuse(option + ": " + error.what());
  }
  return text;
}

std::string default_response(const CsvTable& table) { return table.has("y") ? "y" : table.names().back(); }

}  // namespace

Formula make_formula(const FormulaTexts& texts, const CsvTable& table, const Assignments& start) {
  require_matching_names("--model", read_formula("--model", texts.model), start, table.names(),
                         table.source());
  if (table.rows() < start.values.size()) {
    misuse(table.source() + ": " + text::count(start.values.size(), "parameter") + " can not be told from " +
           text::count(table.rows(), "observation"));
  }
  Formula formula{.model = texts.model,
                  .parameters = start.names,
                  .columns = table.names(),
                  .data = table.observations(table.names())};
  const std::string response = texts.response.empty() ? default_response(table) : texts.response;
  formula.response = column_formula("--response", response, table);
  if (!texts.weights.empty()) formula.weights = column_formula("--weights", texts.weights, table);
  return formula;
}

}  // namespace quadric::cli
