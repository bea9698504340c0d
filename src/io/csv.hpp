#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "quadric/base/types.hpp"

namespace quadric {

/// Named columns of finite numbers, all of the same length. A value type; reading it is thread-safe.
class CsvTable {
 public:
  /// `columns` and `names` are of one size, at least one; all columns have the same length. `source` names
  /// the table in messages.
  CsvTable(std::string source, std::vector<std::string> names, std::vector<Vector> columns);

  const std::string& source() const noexcept { return source_; }
  const std::vector<std::string>& names() const noexcept { return names_; }
  Index rows() const noexcept { return columns_.front().size(); }
  Index columns() const noexcept { return static_cast<Index>(columns_.size()); }

  bool has(std::string_view name) const noexcept;
  /// Throws `Misuse` if there is no such column, saying which name is nearest.
  const Vector& column(std::string_view name) const;
  const Vector& column(Index number) const { return columns_[static_cast<std::size_t>(number)]; }

  /// The columns named, one a row of the result (names × rows): a row of the file lies contiguously in
  /// memory, as `BoundExpression` reads it. Throws as `column`.
  Matrix observations(const std::vector<std::string>& names) const;

 private:
  std::string source_;
  std::vector<std::string> names_;
  std::vector<Vector> columns_;
};

/// Reads comma separated numbers below one line of names.
///
/// Fields may be quoted (`"a b"`, `""` for a quote) and have spaces around them; lines that start with `#`
/// are comments; lines end in LF or CRLF; a UTF-8 byte order mark is skipped. Numbers are read the same in
/// every locale: `7.4E0`,
/// `.591`, `+1`. Throws `Misuse` that names source, line and column for whatever is not a finite number or
/// does not fit the header, for a missing header, and for a table without rows.
CsvTable parse_csv(std::string_view text, std::string_view source_name);

/// `parse_csv` of a file's content. Throws `Misuse` also if the file can not be read.
CsvTable read_csv(const std::filesystem::path& path);

}  // namespace quadric
