#include "quadric/compare/suites.hpp"

#include "quadric/base/misuse.hpp"

#include "compare/data_folder.hpp"

namespace quadric {

std::vector<std::string> suite_names() { return {"nist", "mgh", "saddles", "large"}; }

std::vector<Case> suite(const std::string& name, const std::filesystem::path& data) {
  const std::filesystem::path folder = data.empty() ? data_folder() : data;
  const auto named = [&name](std::vector<Case> cases) {
    for (Case& item : cases) item.suite = name;
    return cases;
  };
  if (name == "nist") return named(nist_suite(folder / "nist"));
  if (name == "mgh") return named(mgh_suite());
  if (name == "saddles") return named(saddle_suite());
  if (name == "large") return named(large_suite());
  std::string sentence = "there is no suite '" + name + "': the suites are";
  for (const std::string& known : suite_names()) sentence += " " + known;
  misuse(sentence);
}

}  // namespace quadric
