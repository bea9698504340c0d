#include "cli/numbers.hpp"

#include <charconv>
#include <cmath>
#include <system_error>

#include "quadric/base/misuse.hpp"

namespace quadric::cli {

namespace {

/// What is wrong with the text as a number of type T; empty when nothing is.
template <class T>
std::string read(std::string_view text, T& value) {
  if (text.size() > 1 && text.front() == '+' && text[1] != '-') text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::invalid_argument || end != text.data() + text.size()) return "is not a number";
  return error == std::errc::result_out_of_range ? "is out of range" : "";
}

[[noreturn]] void refuse(const std::string& option, std::string_view text, const std::string& why,
                         const std::string& name) {
  misuse(option + ": '" + std::string(text) + "' " + why + (name.empty() ? "" : " (" + name + ")"));
}

}  // namespace

double read_finite(const std::string& option, std::string_view text, const std::string& name) {
  double value = 0.0;
  if (const std::string why = read(text, value); !why.empty()) refuse(option, text, why, name);
  if (!std::isfinite(value)) refuse(option, text, "is not a finite number", name);
  return value;
}

double read_positive(const std::string& option, std::string_view text) {
  const double value = read_finite(option, text);
  if (!(value > 0.0)) refuse(option, text, "is not above 0", {});
  return value;
}

Index read_count(const std::string& option, std::string_view text) {
  Index value = 0;
  if (!read(text, value).empty() || value < 0)
    refuse(option, text, "is not a whole number of at least 0", {});
  return value;
}

}  // namespace quadric::cli
