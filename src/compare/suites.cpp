#include "quadric/base/misuse.hpp"
#include "quadric/compare/comparison.hpp"

#include "compare/data_folder.hpp"

namespace quadric {

std::vector<std::string> suite_names() { return {"nist", "mgh", "saddles", "large"}; }

std::vector<Case> suite(const std::string& name, const std::filesystem::path& data) {
  const std::filesystem::path folder = data.empty() ? data_folder() : data;
  if (name == "nist") return nist_suite(folder / "nist");
  if (name == "mgh") return mgh_suite();
  if (name == "saddles") return saddle_suite();
  if (name == "large") return large_suite();
  std::string sentence = "there is no suite '" + name + "': the suites are";
  for (const std::string& known : suite_names()) sentence += " " + known;
  misuse(sentence);
}

}  // namespace quadric
