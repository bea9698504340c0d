#include "quadric/problem/elements.hpp"

#include <algorithm>
#include <limits>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include <Eigen/SparseCore>

#include "quadric/base/misuse.hpp"

#include "derivatives/tape/sparse.hpp"
#include "derivatives/tape/term_set.hpp"

namespace quadric {

using formula::TermSet;

class Elements::Source final : public ObjectiveSource {
 public:
  Source(Index count, Term term, ElementOptions options)
      : count_(count), term_(std::move(term)), options_(std::move(options)) {
    if (count < 0) misuse("a sum over elements needs a count that is not negative");
    if (options_.fixed.size() != options_.values.size()) {
      misuse("there are " + std::to_string(options_.fixed.size()) + " fixed variables, but values for " +
             std::to_string(options_.values.size()));
    }
    if (options_.threads < 0) misuse("a number of threads can not be negative");
    threads_ = options_.threads > 0 ? static_cast<std::size_t>(options_.threads)
                                    : std::max<std::size_t>(1, std::thread::hardware_concurrency());
    number_unknowns();
  }

  Index count() const { return count_; }

  double value(const Vector& x) const override { return terms(x)->value(x); }
  double gradient(const Vector& x, Vector& g) const override { return terms(x)->gradient(x, g); }
  double hessian(const Vector& x, Vector& g, Matrix& H) const override {
    const auto set = terms(x);
    Vector entries(set->hessian_pattern().entries());
    const double f = set->hessian(x, g, entries.data());
    formula::fill_symmetric(set->hessian_pattern(), entries, H);
    return f;
  }
  double sparse_hessian(const Vector& x, Vector& g, SparseMatrix& H) const override {
    const auto set = terms(x);
    return set->hessian(x, g, formula::entries_of(H, set->hessian_pattern()));
  }
  double projected_hessian(const Vector& x, Vector& g, SparseMatrix& H, Projection projection) const {
    const auto set = terms(x);
    return set->projected_hessian(x, g, formula::entries_of(H, set->projected_pattern()),
                                  projection == Projection::Absolute);
  }
  void hessian_product(const Vector& x, const Vector& v, Vector& product) const override {
    terms(x)->hessian_product(x, v, product);
  }
  bool has_full_hessian(const Vector&) const override { return false; }
  Provider provider() const override {
    Provider provider{.first = "elements", .second = "elements"};
    const std::lock_guard lock(mutex_);
    if (set_) {
      provider.method = std::to_string(count_) + " elements of " + std::to_string(set_->classes()) +
                        (set_->classes() == 1 ? " structure" : " structures");
    }
    return provider;
  }

  void refresh() const {
    const std::lock_guard lock(mutex_);
    set_ = nullptr;
  }

 private:
  /// Which unknown a variable is; below 0: ~position among the fixed ones.
  void number_unknowns() {
    for (std::size_t i = 0; i < options_.fixed.size(); ++i) {
      const Index variable = options_.fixed[i];
      if (variable < 0 || variable > std::numeric_limits<std::int32_t>::max()) {
        misuse("there is no variable " + std::to_string(variable) + " to fix");
      }
      const auto at = static_cast<std::size_t>(variable);
      if (fixed_.size() <= at) fixed_.resize(at + 1, -1);
      if (fixed_[at] >= 0) misuse("variable " + std::to_string(variable) + " is fixed twice");
      fixed_[at] = static_cast<std::int32_t>(i);
    }
    shift_.reserve(fixed_.size());
    std::int32_t before = 0;
    for (const std::int32_t position : fixed_) {
      shift_.push_back(before);
      if (position >= 0) ++before;
    }
  }

  std::shared_ptr<const TermSet> terms(const Vector& x) const {
    std::shared_ptr<const TermSet> set;
    {
      const std::lock_guard lock(mutex_);
      set = set_;
      if (set && only_here_) set = nullptr;
    }
    if (set && set->variables() == x.size() && set->same_path(x)) return set;
    return record_all(x);
  }

  std::shared_ptr<const TermSet> record_all(const Vector& x) const {
    constexpr std::size_t any = std::numeric_limits<std::size_t>::max();
    TermSet::Builder builder(
        x.size(), TermSet::Of::Sum,
        {.operations = any, .formulas = any, .tapes_are_elements = true, .threads = threads_});
    std::vector<std::int32_t> numbers, unknowns;
    std::vector<Recorded> local;
    Tape tape;
    bool only_here = false;
    for (Index e = 0; e < count_; ++e) {
      numbers.clear();
      term_.variables(e, numbers);
      tape.clear();
      local.clear();
      unknowns.clear();
      for (const std::int32_t number : numbers) local.push_back(variable(x, number, e, unknowns, tape));
      const Recording recording(tape);
      term_.record(e, local, tape);
      only_here = only_here || tape.only_here;
      builder.add(tape, unknowns);
    }
    auto set = std::make_shared<const TermSet>(*builder.finish());
    const std::lock_guard lock(mutex_);
    set_ = set;
    only_here_ = only_here;
    return set;
  }

  Recorded variable(const Vector& x, std::int32_t number, Index e, std::vector<std::int32_t>& unknowns,
                    Tape& tape) const {
    const auto total = x.size() + static_cast<Index>(options_.fixed.size());
    if (number < 0 || number >= total) {
      misuse("element " + std::to_string(e) + " has variable " + std::to_string(number) + ", but there are " +
             std::to_string(total));
    }
    const auto at = static_cast<std::size_t>(number);
    if (at < fixed_.size() && fixed_[at] >= 0) return options_.values[static_cast<std::size_t>(fixed_[at])];
    const std::int32_t shift =
        at < shift_.size() ? shift_[at] : static_cast<std::int32_t>(options_.fixed.size());
    const std::int32_t unknown = number - shift;
    const auto known = std::find(unknowns.begin(), unknowns.end(), unknown);
    if (known != unknowns.end()) return {x[unknown], static_cast<Operand>(known - unknowns.begin())};
    unknowns.push_back(unknown);
    return {x[unknown], tape.append_variable()};
  }

  Index count_;
  Term term_;
  ElementOptions options_;
  std::size_t threads_ = 1;
  std::vector<std::int32_t> fixed_;  ///< by variable, up to the last fixed one: its position, or -1
  std::vector<std::int32_t> shift_;  ///< by variable, as far: how many fixed ones stand before it
  mutable std::mutex mutex_;
  mutable std::shared_ptr<const TermSet> set_;
  mutable bool only_here_ = false;
};

Elements::Elements(Index count, Term term, ElementOptions options)
    : source_(std::make_shared<const Source>(count, std::move(term), std::move(options))) {}

Index Elements::count() const noexcept { return source_->count(); }
double Elements::value(const Vector& x) const { return source_->value(x); }
double Elements::gradient(const Vector& x, Vector& g) const { return source_->gradient(x, g); }
double Elements::hessian(const Vector& x, Vector& g, SparseMatrix& H) const {
  return source_->sparse_hessian(x, g, H);
}
double Elements::projected_hessian(const Vector& x, Vector& g, SparseMatrix& H, Projection projection) const {
  return source_->projected_hessian(x, g, H, projection);
}
void Elements::hessian_product(const Vector& x, const Vector& v, Vector& product) const {
  source_->hessian_product(x, v, product);
}
void Elements::refresh() const { source_->refresh(); }
std::shared_ptr<const ObjectiveSource> Elements::source() const { return source_; }

}  // namespace quadric
