#include "quadric/compare/comparison.hpp"

#include "io/atomic_file.hpp"
namespace quadric {
std::string Comparison::html() const { return ""; }
void Comparison::write_html(const std::filesystem::path& file) const { write_file(file, html()); }
}  // namespace quadric
