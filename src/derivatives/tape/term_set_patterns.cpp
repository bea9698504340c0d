#include <algorithm>
#include <numeric>
#include <utility>

#include "derivatives/tape/term_set.hpp"

// Where the results of a set of terms belong in sparse matrices.

namespace quadric::formula {

namespace {

/// An entry (row, column) of a matrix that some instance of a class contributes to.
struct Target {
  std::int32_t row;
  std::int32_t column;
};

/// Collects the entries of a sparse matrix, and says then where each is.
class PatternBuilder {
 public:
  PatternBuilder(Index rows, Index columns) : counts_(static_cast<std::size_t>(columns) + 1, 0) {
    pattern_.rows = rows;
  }

  void count(const Target& target) { ++counts_[static_cast<std::size_t>(target.column) + 1]; }
  /// After all were counted.
  void start() {
    std::partial_sum(counts_.begin(), counts_.end(), counts_.begin());
    raw_.resize(counts_.back());
    next_ = counts_;
  }
  void add(const Target& target) { raw_[next_[static_cast<std::size_t>(target.column)]++] = target.row; }
  /// After all were added.
  void finish() {
    const std::size_t columns = counts_.size() - 1;
    pattern_.column_starts.assign(columns + 1, 0);
    for (std::size_t j = 0; j < columns; ++j) {
      const auto first = raw_.begin() + static_cast<std::ptrdiff_t>(counts_[j]);
      const auto last = raw_.begin() + static_cast<std::ptrdiff_t>(counts_[j + 1]);
      std::sort(first, last);
      pattern_.row.insert(pattern_.row.end(), first, std::unique(first, last));
      pattern_.column_starts[j + 1] = static_cast<std::int32_t>(pattern_.row.size());
    }
    raw_ = {};
  }
  std::int32_t place(const Target& target) const {
    const auto j = static_cast<std::size_t>(target.column);
    const auto first = pattern_.row.begin() + pattern_.column_starts[j];
    const auto last = pattern_.row.begin() + pattern_.column_starts[j + 1];
    return static_cast<std::int32_t>(std::lower_bound(first, last, target.row) - pattern_.row.begin());
  }
  Pattern take() { return std::move(pattern_); }

 private:
  std::vector<std::size_t> counts_, next_;
  std::vector<std::int32_t> raw_;
  Pattern pattern_;
};

/// Where in the lower triangle of the Hessian an instance's derivative by two of its variables belongs.
constexpr auto lower_triangle = [](const TermClass::Instances& instances, const Entry& entry, std::size_t e) {
  const std::int32_t i = *instances.variables_from(static_cast<std::size_t>(entry.row), e);
  const std::int32_t j = *instances.variables_from(static_cast<std::size_t>(entry.column), e);
  return Target{std::max(i, j), std::min(i, j)};
};

}  // namespace

/// Places the entries of all classes in one matrix. `target(instances, entry, instance)` is where an entry
/// belongs; entries that `shared(instances, entry)` go to the same place from all instances.
template <class Entries, class TargetOf, class Shared>
std::unique_ptr<const TermSet::Assembly> TermSet::assemble(Index rows, const Entries& entries_of,
                                                           bool with_diagonal, const TargetOf& target_of,
                                                           const Shared& is_shared) const {
  auto assembly = std::make_unique<Assembly>();
  assembly->places.resize(classes_.size());
  PatternBuilder builder(rows, variables_);
  const auto for_each_target = [&](auto&& own, auto&& shared) {
    for (std::size_t c = 0; c < classes_.size(); ++c) {
      const TermClass::Instances& instances = classes_[c].instances();
      const std::vector<Entry>& entries = entries_of(c);
      Places& to = assembly->places[c];
      for (const auto& [h, unused] : to.shared) shared(target_of(instances, entries[h], 0));
      for (std::size_t e = 0; e < instances.count; ++e) {
        for (const std::size_t h : to.own) own(to, target_of(instances, entries[h], e));
      }
    }
    for (std::int32_t j = 0; with_diagonal && j < static_cast<std::int32_t>(variables_); ++j)
      shared(Target{j, j});
  };
  for (std::size_t c = 0; c < classes_.size(); ++c) {
    const std::vector<Entry>& entries = entries_of(c);
    for (std::size_t h = 0; h < entries.size(); ++h) {
      if (is_shared(classes_[c].instances(), entries[h])) {
        assembly->places[c].shared.emplace_back(h, 0);
      } else {
        assembly->places[c].own.push_back(h);
      }
    }
  }
  const auto count = [&](const Target& target) { builder.count(target); };
  const auto add = [&](const Target& target) { builder.add(target); };
  for_each_target([&](const Places&, const Target& target) { count(target); }, count);
  builder.start();
  for_each_target([&](const Places&, const Target& target) { add(target); }, add);
  builder.finish();
  for_each_target([&](Places& to, const Target& target) { to.of_instance.push_back(builder.place(target)); },
                  [](const Target&) {});
  for (std::size_t c = 0; c < classes_.size(); ++c) {
    const std::vector<Entry>& entries = entries_of(c);
    for (auto& [h, place] : assembly->places[c].shared) {
      place = builder.place(target_of(classes_[c].instances(), entries[h], 0));
    }
  }
  assembly->pattern = builder.take();
  return assembly;
}

/// The entries of the second derivatives are the same for a sum and for a weighted sum of outputs.
const TermSet::Assembly& TermSet::hessian_assembly(Wanted wanted) const {
  const std::lock_guard lock(lazy_->mutex);
  if (!lazy_->hessian) {
    lazy_->hessian = assemble(
        variables_, [&](std::size_t c) -> const auto& { return classes_[c].program(wanted).hessian; }, true,
        lower_triangle,
        [](const TermClass::Instances& instances, const Entry& entry) {
          return instances.shares(entry.row) && instances.shares(entry.column);
        });
  }
  return *lazy_->hessian;
}

const TermSet::Assembly& TermSet::projected_assembly() const {
  const std::lock_guard lock(lazy_->mutex);
  if (!lazy_->projected) {
    std::vector<std::vector<Entry>> triangles(classes_.size());
    for (std::size_t c = 0; c < classes_.size(); ++c) {
      for (std::int32_t i = 0; i < classes_[c].instances().variables; ++i) {
        for (std::int32_t j = 0; j <= i; ++j) triangles[c].push_back({i, j});
      }
    }
    lazy_->projected = assemble(
        variables_, [&](std::size_t c) -> const auto& { return triangles[c]; }, true, lower_triangle,
        [](const TermClass::Instances&, const Entry&) { return false; });
  }
  return *lazy_->projected;
}

const TermSet::Assembly& TermSet::jacobian_assembly() const {
  const std::lock_guard lock(lazy_->mutex);
  if (!lazy_->jacobian) {
    lazy_->jacobian = assemble(
        output_count_,
        [&](std::size_t c) -> const auto& { return classes_[c].program(Wanted::Jacobian).jacobian; }, false,
        [](const TermClass::Instances& instances, const Entry& entry, std::size_t e) {
          return Target{instances.first_output[e] + entry.row,
                        *instances.variables_from(static_cast<std::size_t>(entry.column), e)};
        },
        [](const TermClass::Instances&, const Entry&) { return false; });
  }
  return *lazy_->jacobian;
}

const Pattern& TermSet::hessian_pattern() const {
  return hessian_assembly(output_count_ > 0 ? Wanted::Curvature : Wanted::Hessian).pattern;
}
const Pattern& TermSet::jacobian_pattern() const { return jacobian_assembly().pattern; }

}  // namespace quadric::formula
