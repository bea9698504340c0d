#include "io/csv.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <fstream>
#include <iterator>
#include <optional>
#include <system_error>
#include <unordered_set>
#include <utility>

#include "quadric/base/misuse.hpp"

#include "base/nearest_name.hpp"

namespace quadric {
namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// A field as messages show it: in quotes, short, and printable.
std::string in_quotes(std::string_view field) {
  constexpr std::size_t longest = 40;
  std::string shown(field.substr(0, longest));
  for (char& c : shown) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
  }
  return "'" + shown + (field.size() > longest ? "...'" : "'");
}

std::string joined(const std::vector<std::string>& names) {
  constexpr std::size_t most = 20;
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), most); ++i) text += (i > 0 ? ", " : "") + names[i];
  return names.size() > most ? text + ", ..." : text;
}

std::string counted(std::size_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

enum class NumberFault { None, NotANumber, NotFinite, OutOfRange };

NumberFault read_number(std::string_view field, double& value) {
  if (field.size() > 1 && field[0] == '+' && field[1] != '-' && field[1] != '+') field.remove_prefix(1);
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
  if (error == std::errc::invalid_argument || end != field.data() + field.size())
    return NumberFault::NotANumber;
  if (error == std::errc::result_out_of_range) return NumberFault::OutOfRange;
  return std::isfinite(value) ? NumberFault::None : NumberFault::NotFinite;
}

// Reads line after line, and knows where it is when something is wrong.
class CsvReader {
 public:
  CsvReader(std::string_view text, std::string_view source) : rest_(text), source_(source) {
    if (rest_.substr(0, 3) == "\xEF\xBB\xBF") rest_.remove_prefix(3);
  }

  CsvTable read() {
    if (!next_line()) misuse(source_ + ": is empty; expected a line of column names, then lines of numbers");
    read_header();
    while (next_line()) read_row();
    if (columns_.front().empty())
      misuse(source_ + ": has a line of column names but no rows of numbers below it");
    std::vector<Vector> columns;
    for (const auto& column : columns_) {
      columns.emplace_back(Eigen::Map<const Vector>(column.data(), static_cast<Index>(column.size())));
    }
    return {source_, std::move(names_), std::move(columns)};
  }

 private:
  [[noreturn]] void fail(const std::string& sentence) const {
    misuse(source_ + ":" + std::to_string(line_number_) + ": " + sentence);
  }

  [[noreturn]] void fail_in_column(std::size_t k, const std::string& sentence) const {
    const std::string name = k < names_.size() && !names_[k].empty() ? " (" + in_quotes(names_[k]) + ")" : "";
    fail("column " + std::to_string(k + 1) + name + ": " + sentence);
  }

  // The next line with content. An empty one is allowed before the names and after the numbers, where nothing
  // can be missing.
  bool next_line() {
    std::size_t empty_line = 0;
    while (!rest_.empty()) {
      const std::size_t end = std::min(rest_.find('\n'), rest_.size());
      line_ = rest_.substr(0, end);
      rest_.remove_prefix(std::min(end + 1, rest_.size()));
      ++line_number_;
      if (!line_.empty() && line_.back() == '\r') line_.remove_suffix(1);
      const std::string_view content = trimmed(line_);
      if (content.empty() && empty_line == 0) empty_line = line_number_;
      if (content.empty() || content.front() == '#') continue;
      if (empty_line > 0 && !columns_.empty() && !columns_.front().empty()) {
        line_number_ = empty_line;
        fail("an empty line between rows of numbers; remove it, or make it a comment with '#'");
      }
      return true;
    }
    return false;
  }

  void split() {
    fields_.clear();
    std::size_t at = 0;
    while (true) {
      at = std::min(line_.find_first_not_of(" \t", at), line_.size());
      if (at < line_.size() && line_[at] == '"') {
        at = split_quoted(at);
      } else {
        const std::size_t end = std::min(line_.find(',', at), line_.size());
        fields_.emplace_back(trimmed(line_.substr(at, end - at)));
        at = end;
      }
      if (at >= line_.size()) return;
      ++at;  // the comma
    }
  }

  // Takes the quoted field that starts at `at`; returns where the comma after it, or the line's end, is.
  std::size_t split_quoted(std::size_t at) {
    std::string field;
    for (++at; at < line_.size(); ++at) {
      if (line_[at] == '"') {
        if (at + 1 >= line_.size() || line_[at + 1] != '"') break;
        ++at;
      }
      field += line_[at];
    }
    if (at >= line_.size()) fail_in_column(fields_.size(), "the quote is not closed on this line");
    const std::size_t next = std::min(line_.find_first_not_of(" \t", at + 1), line_.size());
    if (next < line_.size() && line_[next] != ',') {
      fail_in_column(fields_.size(), "expected a comma after the quoted field " + in_quotes(field));
    }
    fields_.emplace_back(trimmed(field));
    return next;
  }

  void read_header() {
    split();
    double ignored = 0.0;
    const bool all_numbers = std::all_of(fields_.begin(), fields_.end(), [&](const std::string& field) {
      return read_number(field, ignored) != NumberFault::NotANumber;
    });
    if (all_numbers)
      fail("the file has no header line; the first line must name the columns, for example x,y");
    std::unordered_set<std::string> seen;
    for (std::size_t k = 0; k < fields_.size(); ++k) {
      if (fields_[k].empty()) fail_in_column(k, "the name is empty");
      if (!seen.insert(fields_[k]).second)
        fail_in_column(k, "the name " + in_quotes(fields_[k]) + " appears twice");
    }
    names_ = fields_;
    columns_.resize(names_.size());
  }

  void read_row() {
    split();
    if (fields_.size() != names_.size()) {
      fail(counted(fields_.size(), "field") + ", but the header has " + counted(names_.size(), "column") +
           " (" + joined(names_) + ")");
    }
    for (std::size_t k = 0; k < fields_.size(); ++k) columns_[k].push_back(number(k));
  }

  double number(std::size_t k) const {
    const std::string& field = fields_[k];
    if (field.empty()) fail_in_column(k, "the field is empty; every row needs a number in every column");
    double value = 0.0;
    switch (read_number(field, value)) {
      case NumberFault::None:
        return value;
      case NumberFault::NotFinite:
        fail_in_column(k, in_quotes(field) + " is not a finite number");
      case NumberFault::OutOfRange:
        fail_in_column(k, in_quotes(field) + " is out of the range of double precision");
      case NumberFault::NotANumber:
        break;
    }
    const bool other_separator = field.find_first_of(";\t") != std::string::npos;
    fail_in_column(k, in_quotes(field) + " is not a number" +
                          (other_separator ? "; fields are separated by commas" : ""));
  }

  std::string_view rest_, line_;
  std::size_t line_number_ = 0;
  std::string source_;
  std::vector<std::string> fields_, names_;
  std::vector<std::vector<double>> columns_;
};

[[noreturn]] void cannot_read(const std::filesystem::path& path, const std::error_code& why) {
  misuse("cannot read '" + path.string() + "': " + why.message());
}

}  // namespace

CsvTable::CsvTable(std::string source, std::vector<std::string> names, std::vector<Vector> columns)
    : source_(std::move(source)), names_(std::move(names)), columns_(std::move(columns)) {
  const auto differs = [&](const Vector& column) { return column.size() != columns_.front().size(); };
  if (columns_.empty() || names_.size() != columns_.size() || std::ranges::any_of(columns_, differs)) {
    misuse("a table needs at least one column, a name for each, and columns of one length");
  }
}

bool CsvTable::has(std::string_view name) const noexcept {
  return std::find(names_.begin(), names_.end(), name) != names_.end();
}

const Vector& CsvTable::column(std::string_view name) const {
  const auto found = std::find(names_.begin(), names_.end(), name);
  if (found != names_.end()) return columns_[static_cast<std::size_t>(found - names_.begin())];
  const std::string hint = did_you_mean(name, names_);
  misuse(source_ + ": there is no column " + in_quotes(name) + hint +
         (hint.empty() ? "; the columns are " : " The columns are ") + joined(names_));
}

Matrix CsvTable::observations(const std::vector<std::string>& names) const {
  Matrix result(static_cast<Index>(names.size()), rows());
  for (Index k = 0; k < result.rows(); ++k)
    result.row(k) = column(names[static_cast<std::size_t>(k)]).transpose();
  return result;
}

CsvTable parse_csv(std::string_view text, std::string_view source_name) {
  return CsvReader(text, source_name).read();
}

CsvTable read_csv(const std::filesystem::path& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored))
    cannot_read(path, std::make_error_code(std::errc::is_a_directory));
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) cannot_read(path, {errno != 0 ? errno : EIO, std::generic_category()});
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (file.bad()) cannot_read(path, {errno != 0 ? errno : EIO, std::generic_category()});
  return parse_csv(text, path.string());
}

}  // namespace quadric
