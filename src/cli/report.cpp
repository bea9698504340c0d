#include "cli/report.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iostream>
#include <numeric>
#include <system_error>

#include <unistd.h>

#include "quadric/base/misuse.hpp"

#include "base/text.hpp"

namespace quadric::cli {

namespace {

namespace fs = std::filesystem;

/// Parts of a unit vector below this come from rounding.
constexpr double negligible_part = 1e-9;
constexpr std::size_t most_terms = 8;

std::string at(const std::vector<std::string>& names, Index j) { return names[static_cast<std::size_t>(j)]; }

void require_writable(const Output& output) {
  const auto refuse = [&](const std::string& why) {
    misuse(output.option + ": cannot write '" + output.path.string() + "': " + why);
  };
  std::error_code ignored;
  if (fs::is_directory(output.path, ignored) || !output.path.has_filename()) refuse("it is a folder");
  const fs::path parent = output.path.has_parent_path() ? output.path.parent_path() : fs::path(".");
  if (!fs::is_directory(parent, ignored)) refuse("there is no folder '" + parent.string() + "'");
  const bool exists = fs::exists(output.path, ignored);
  const bool replaced = !exists || fs::is_regular_file(output.path, ignored);
  if (replaced && ::access(parent.c_str(), W_OK | X_OK) != 0)
    refuse("the folder '" + parent.string() + "' is read-only");
  if (exists && ::access(output.path.c_str(), W_OK) != 0) refuse("no permission");
}

bool same_file(const fs::path& a, const fs::path& b) {
  std::error_code error;
  return a.lexically_normal() == b.lexically_normal() || (fs::equivalent(a, b, error) && !error);
}

}  // namespace

void require_writable(const std::vector<Output>& outputs, const fs::path& input) {
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (outputs[i].path.empty()) continue;
    require_writable(outputs[i]);
    if (!input.empty() && same_file(outputs[i].path, input)) {
      misuse(outputs[i].option + ": '" + input.string() + "' is the data, which would be overwritten");
    }
    for (std::size_t k = 0; k < i; ++k) {
      if (outputs[k].path.empty() || !same_file(outputs[i].path, outputs[k].path)) continue;
      if (fs::exists(outputs[i].path) && !fs::is_regular_file(outputs[i].path))
        continue;  // for example /dev/null
      misuse(outputs[k].option + " and " + outputs[i].option + " write to the same file '" +
             outputs[i].path.string() + "'");
    }
  }
}

void print(const std::string& text) {
  std::cout << text << (text.ends_with('\n') ? "" : "\n") << std::flush;
  if (!std::cout) misuse("cannot write the report to stdout");
}

std::string describe_direction(const std::vector<std::string>& names, const Vector& direction) {
  std::vector<Index> terms;
  for (Index j = 0; j < direction.size(); ++j) {
    if (std::abs(direction[j]) > negligible_part) terms.push_back(j);
  }
  if (terms.size() == 1) return std::string(direction[terms[0]] < 0.0 ? "-" : "").append(at(names, terms[0]));
  const bool shortened = terms.size() > most_terms;
  if (shortened) {
    std::stable_sort(terms.begin(), terms.end(),
                     [&](Index a, Index b) { return std::abs(direction[a]) > std::abs(direction[b]); });
    terms.resize(most_terms);
  }
  std::string text;
  for (const Index j : terms) {
    const bool negative = direction[j] < 0.0;
    text += text.empty() ? (negative ? "-" : "") : (negative ? " - " : " + ");
    text.append(text::number(std::abs(direction[j]), 3)).append(" ").append(at(names, j));
  }
  return text + (shortened ? " + …" : "");
}

std::string describe_point(const std::vector<std::string>& names, const Vector& x) {
  std::string text;
  for (Index j = 0; j < x.size(); ++j)
    text.append(j == 0 ? "" : ", ").append(at(names, j)).append(" = ").append(text::number(x[j] + 0.0, 10));
  return text;
}

}  // namespace quadric::cli
