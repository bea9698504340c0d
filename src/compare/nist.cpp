#include <fstream>

#include <nlohmann/json.hpp>

#include "quadric/base/misuse.hpp"
#include "quadric/compare/suites.hpp"
#include "quadric/fit/formula.hpp"

#include "io/csv.hpp"

namespace quadric {

namespace {

nlohmann::json read_index(const std::filesystem::path& file) {
  std::ifstream stream(file);
  if (!stream) misuse("cannot read '" + file.string() + "', the list of the NIST problems");
  try {
    return nlohmann::json::parse(stream);
  } catch (const nlohmann::json::exception& error) {
    misuse("'" + file.string() + "' is not valid JSON: " + error.what());
  }
}

Vector numbers(const nlohmann::json& list) {
  const auto values = list.get<std::vector<double>>();
  return Eigen::Map<const Vector>(values.data(), static_cast<Index>(values.size()));
}

void append_cases(const nlohmann::json& entry, const std::filesystem::path& folder,
                  std::vector<Case>& cases) {
  const CsvTable table = read_csv(folder / entry.at("file").get<std::string>());
  const FormulaFit fit = bind({.model = entry.at("model").get<std::string>(),
                               .response = entry.at("response").get<std::string>(),
                               .parameters = entry.at("parameters").get<std::vector<std::string>>(),
                               .columns = table.names(),
                               .data = table.observations(table.names())});
  Problem problem(fit.residuals);
  problem.with_names(entry.at("parameters").get<std::vector<std::string>>());
  for (const std::string start : {"1", "2"}) {
    cases.push_back({.problem = entry.at("name").get<std::string>(),
                     .start = start,
                     .function = problem,
                     .from = numbers(entry.at("start" + start)),
                     .certified = numbers(entry.at("certified"))});
  }
}

}  // namespace

std::vector<Case> nist_suite(const std::filesystem::path& folder) {
  const std::filesystem::path file = folder / "certified.json";
  const nlohmann::json index = read_index(file);
  std::vector<Case> cases;
  try {
    for (const auto& entry : index) append_cases(entry, folder, cases);
  } catch (const nlohmann::json::exception& error) {
    misuse("'" + file.string() + "' lacks what a problem needs: " + error.what());
  }
  return cases;
}

}  // namespace quadric
