#include "quadric/problem/problem.hpp"

#include <array>
#include <charconv>
#include <cmath>

#include "quadric/base/misuse.hpp"

#include "base/text.hpp"

namespace quadric {

std::vector<std::string> Problem::names(Index n) const {
  if (!names_.empty()) {
    if (static_cast<Index>(names_.size()) != n) {
      misuse("the problem has " + std::to_string(names_.size()) + " names, but the point has " +
             std::to_string(n) + " coordinates");
    }
    return names_;
  }
  std::vector<std::string> numbered;
  numbered.reserve(static_cast<std::size_t>(n));
  std::array<char, 24> name{'x'};
  for (Index i = 0; i < n; ++i)
    numbered.emplace_back(name.data(), std::to_chars(name.data() + 1, name.data() + name.size(), i).ptr);
  return numbered;
}

void require_point(const Vector& x, const std::string& what) {
  if (x.size() == 0) misuse(what + " is empty: it needs a coordinate for each variable");
  for (Index i = 0; i < x.size(); ++i) {
    if (!std::isfinite(x[i])) {
      misuse(what + " has the non-finite coordinate " + std::to_string(x[i]) + " at index " +
             std::to_string(i));
    }
  }
}

void require_size(const Bounds& bounds, Index n) {
  if (bounds.empty() || bounds.size() == n) return;
  misuse("the problem has bounds for " + text::count(bounds.size(), "variable") + ", but the point has " +
         text::count(n, "coordinate"));
}

}  // namespace quadric
