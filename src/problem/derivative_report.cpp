#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "quadric/problem/derivative_check.hpp"

#include "base/text.hpp"

namespace quadric {

namespace {

/// How bad an entry is: the larger, the earlier it is told. First derivatives come before second ones, which
/// may be wrong for no other reason.
double badness(const CheckedEntry& entry) {
  const bool first = entry.part == DerivativePart::Gradient || entry.part == DerivativePart::Jacobian;
  const double order = first ? 10.0 : 0.0;
  switch (entry.agreement) {
    case Agreement::NotFinite:
      return order + 5.0;
    case Agreement::Wrong: {
      const double size = std::max(std::abs(entry.value), std::abs(entry.reference));
      return order + 1.0 + std::abs(entry.difference()) / size;
    }
    default:
      return 0.0;
  }
}

/// Columns as wide as they must be; bytes that only continue a character have no width.
std::size_t width(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

using Row = std::array<std::string, 7>;

std::string aligned(const std::vector<Row>& rows) {
  std::array<std::size_t, 7> widths{};
  for (const Row& row : rows) {
    for (std::size_t k = 0; k < row.size(); ++k) widths[k] = std::max(widths[k], width(row[k]));
  }
  std::string table;
  for (const Row& row : rows) {
    std::string line = "  ";
    for (std::size_t k = 0; k < row.size(); ++k) {
      const std::string blanks(widths[k] - width(row[k]), ' ');
      line += k == 0 || k + 1 == row.size() ? row[k] + blanks : blanks + row[k];
      line += "  ";
    }
    table += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return table;
}

std::string count_of_entries(std::size_t n) { return std::to_string(n) + (n == 1 ? " entry" : " entries"); }

}  // namespace

std::string_view to_string(DerivativePart part) {
  switch (part) {
    case DerivativePart::Gradient:
      return "gradient";
    case DerivativePart::Hessian:
      return "hessian";
    case DerivativePart::HessianProduct:
      return "hessian_product";
    case DerivativePart::ProductOfHessian:
      return "product_of_hessian";
    case DerivativePart::Jacobian:
      return "jacobian";
    case DerivativePart::WeightedHessian:
      return "weighted_hessian";
  }
  return "unknown";
}

std::string_view to_string(Agreement agreement) {
  switch (agreement) {
    case Agreement::Agrees:
      return "agrees";
    case Agreement::Wrong:
      return "wrong";
    case Agreement::NotDecided:
      return "not_decided";
    case Agreement::NotFinite:
      return "not_finite";
  }
  return "unknown";
}

std::size_t DerivativeCheck::count(Agreement agreement) const {
  return static_cast<std::size_t>(
      std::count_if(entries.begin(), entries.end(),
                    [&](const CheckedEntry& entry) { return entry.agreement == agreement; }));
}

bool DerivativeCheck::failed() const {
  return count(Agreement::Wrong) > 0 || count(Agreement::NotFinite) > 0 || !findings.empty();
}

bool DerivativeCheck::passed() const { return !failed() && count(Agreement::NotDecided) == 0; }

std::string DerivativeCheck::name(const CheckedEntry& entry) const {
  const auto variable = [&](Index j) { return names[static_cast<std::size_t>(j)]; };
  switch (entry.part) {
    case DerivativePart::Gradient:
      return "∂f/∂" + variable(entry.column);
    case DerivativePart::Hessian:
      return "∂²f/∂" + variable(entry.row) + "∂" + variable(entry.column);
    case DerivativePart::HessianProduct:
    case DerivativePart::ProductOfHessian:
      return "(∇²f v)[" + variable(entry.row) + "]";
    case DerivativePart::Jacobian: {
      const std::string& residual = residual_names[static_cast<std::size_t>(entry.row)];
      const bool words = residual.find(' ') != std::string::npos;
      return (words ? "∂(" + residual + ")/∂" : "∂" + residual + "/∂") + variable(entry.column);
    }
    case DerivativePart::WeightedHessian:
      return "Σwₖ∂²rₖ/∂" + variable(entry.row) + "∂" + variable(entry.column);
  }
  return "";
}

std::vector<CheckedEntry> DerivativeCheck::worst() const {
  std::vector<CheckedEntry> bad;
  for (const CheckedEntry& entry : entries) {
    if (entry.agreement != Agreement::Agrees) bad.push_back(entry);
  }
  std::stable_sort(bad.begin(), bad.end(),
                   [](const CheckedEntry& a, const CheckedEntry& b) { return badness(a) > badness(b); });
  return bad;
}

std::string DerivativeCheck::sentence() const {
  if (!failed()) return "";
  const std::size_t wrong = count(Agreement::Wrong) + count(Agreement::NotFinite);
  std::string text;
  if (wrong > 0) {
    text = count_of_entries(wrong) + " of the derivatives (" + provider + ") " + (wrong == 1 ? "is" : "are") +
           " wrong: ";
    constexpr std::size_t most = 3;
    const std::vector<CheckedEntry> bad = worst();
    for (std::size_t k = 0; k < std::min(most, wrong); ++k) {
      const CheckedEntry& entry = bad[k];
      text.append(k == 0 ? "" : ", ").append(name(entry)).append(" is ");
      text += text::number(entry.value);
      if (std::isfinite(entry.reference)) text += ", but should be " + text::number(entry.reference);
      if (entry.agreement == Agreement::Wrong && !entry.remark.empty()) text += " (" + entry.remark + ")";
    }
    if (wrong > most) text += ", …";
  }
  for (const std::string& finding : findings) text += (text.empty() ? "" : "; ") + finding;
  return text;
}

std::string DerivativeCheck::summary(std::size_t rows) const {
  const std::size_t wrong = count(Agreement::Wrong), infinite = count(Agreement::NotFinite);
  const std::size_t open = count(Agreement::NotDecided);
  std::string text = provider + " against " + reference + " at ";
  text +=
      text::count(static_cast<Index>(points.size()), "point") + ": of " + count_of_entries(entries.size());
  const auto add = [&text](const char* before, std::size_t n, const char* what) {
    text.append(before).append(std::to_string(n)).append(" ").append(what);
  };
  add(" ", count(Agreement::Agrees), "agree");
  add(", ", wrong, "wrong");
  if (infinite > 0) add(", ", infinite, "not finite");
  add(", ", open, "not decided\n");
  for (const std::string& finding : findings) text += "  " + finding + "\n";
  const std::vector<CheckedEntry> bad = worst();
  if (!bad.empty() && rows > 0) {
    std::vector<Row> table{{"entry", "value", "reference", "difference", "expected error", "at", ""}};
    for (std::size_t k = 0; k < std::min(rows, bad.size()); ++k) {
      const CheckedEntry& entry = bad[k];
      const bool known = std::isfinite(entry.reference) && std::isfinite(entry.expected_error);
      table.push_back(
          {name(entry), text::number(entry.value, 10), known ? text::number(entry.reference, 10) : "-",
           known ? text::number(entry.difference(), 3) : "-",
           std::isfinite(entry.expected_error) ? text::number(entry.expected_error, 2) : "-",
           entry.point == 0 ? "x" : text::numbered("x + p", static_cast<Index>(entry.point)), entry.remark});
    }
    text += aligned(table);
    if (bad.size() > rows) text += "  and " + count_of_entries(bad.size() - rows) + " more\n";
  }
  for (const std::string& note : notes) text += "  " + note + "\n";
  text.pop_back();
  return text;
}

std::ostream& operator<<(std::ostream& out, const DerivativeCheck& check) { return out << check.summary(); }

}  // namespace quadric
