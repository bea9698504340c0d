#include "cli/fit_formula.hpp"

#include <array>
#include <string_view>
#include <utility>

#include "quadric/base/misuse.hpp"

#include "base/text.hpp"
#include "cli/items.hpp"
#include "cli/names.hpp"
#include "cli/numbers.hpp"

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

template <class L>
Loss loss_of(double scale) {
  return Loss(L{scale});
}

constexpr std::array<std::pair<std::string_view, Loss (*)(double)>, 5> losses = {
    {{"huber", loss_of<Huber>},
     {"soft-l1", loss_of<SoftL1>},
     {"cauchy", loss_of<Cauchy>},
     {"arctan", loss_of<Arctan>},
     {"tukey", loss_of<Tukey>}}};

std::string default_response(const CsvTable& table) { return table.has("y") ? "y" : table.names().back(); }

}  // namespace

Formula make_formula(const FormulaTexts& texts, const CsvTable& table, const Assignments& start,
                     const std::vector<std::string>& used_elsewhere, std::optional<Index> free) {
  require_matching_names("--model", read_formula("--model", texts.model), start, table.names(),
                         table.source(), used_elsewhere);
  const Index sought = free.value_or(start.values.size());
  if (table.rows() < sought) {
    misuse(table.source() + ": " + text::count(sought, "parameter") + " can not be told from " +
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

Loss read_loss(const std::string& text) {
  const std::string option = "--loss";
  const std::size_t colon = text.find(':');
  const std::string_view name = trimmed(std::string_view(text).substr(0, colon));
  for (const auto& [known, make] : losses) {
    if (name != known) continue;
    if (colon == std::string::npos)
      misuse(option + ": '" + text + "' lacks a scale; write " + text + ":SCALE");
    return make(read_positive(option, trimmed(std::string_view(text).substr(colon + 1))));
  }
  misuse(option + ": '" + std::string(name) +
         "' is no loss; write huber, soft-l1, cauchy, arctan or tukey, with :SCALE");
}

}  // namespace quadric::cli
