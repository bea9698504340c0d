#include "quadric/derivatives/taped.hpp"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <optional>
#include <utility>

#include <Eigen/SparseCore>

#include "derivatives/tape/differentiate.hpp"
#include "derivatives/tape/sparse.hpp"
#include "derivatives/tape/sweeps.hpp"
#include "derivatives/tape/term_set.hpp"

namespace quadric {

using formula::entries_of, formula::fill_dense, formula::fill_symmetric, formula::Pattern;
using formula::TermSet;

namespace {

/// A vector that keeps its memory for the next one of its purpose on the same thread.
template <int purpose>
class Scratch {
 public:
  Scratch() : values(std::move(kept())) {}
  ~Scratch() { kept() = std::move(values); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  Vector values;

 private:
  static Vector& kept() {
    static thread_local Vector spare;
    return spare;
  }
};
using Replayed = Scratch<0>;
using Entries = Scratch<1>;

/// Paths that turn out good for one point only, until the function is given up.
constexpr int patience = 3;

}  // namespace

/// One recorded path of the function. Immutable.
class Taped::State {
 public:
  using Of = TermSet::Of;

  State(Tape tape, Of of) : tape_(std::move(tape)), terms_(TermSet::from(tape_, of)) {
    if (terms_) tape_ = {.variables = tape_.variables, .only_here = tape_.only_here};
  }

  bool fits(const Vector& x) const {
    if (tape_.only_here || x.size() != tape_.variables) return false;
    return terms_ ? terms_->same_path(x) : sweeps::same_path(tape_, x);
  }
  bool only_here() const { return tape_.only_here; }
  const std::optional<TermSet>& terms() const { return terms_; }
  const Tape& tape() const { return tape_; }

  /// Whether the second derivatives of the terms could be written out: the first question tries.
  bool has_compiled_hessian() const {
    if (!terms_) return false;
    std::call_once(tried_, [this] {
      try {
        terms_->hessian_pattern();
        compiled_ = true;
      } catch (const formula::TooManyFormulas&) {
        compiled_ = false;
      }
    });
    return compiled_;
  }

  /// The sum with its gradient and dense Hessian.
  double hessian(const Vector& x, Vector& g, Matrix& H) const {
    if (!terms_) {
      sweeps::hessian(tape_, x, {}, H);
      return sweeps::gradient(tape_, x, {}, g);
    }
    if (has_compiled_hessian()) {
      const Pattern& pattern = terms_->hessian_pattern();
      Entries entries;
      entries.values.resize(pattern.entries());
      const double sum = terms_->hessian(x, g, entries.values.data());
      fill_symmetric(pattern, entries.values, H);
      return sum;
    }
    const Index n = x.size();
    H.resize(n, n);
    Vector column;
    for (Index j = 0; j < n; ++j) {
      terms_->hessian_product(x, Vector::Unit(n, j), column);
      H.col(j) = column;
    }
    H = 0.5 * (H + H.transpose()).eval();
    return terms_->gradient(x, g);
  }

  std::string describe() const {
    if (!terms_) return "tape of " + std::to_string(tape_.nodes.size()) + " operations";
    return "tape of " + std::to_string(terms_->instances()) + " terms in " +
           std::to_string(terms_->classes()) + (terms_->classes() == 1 ? " structure" : " structures");
  }

 private:
  Tape tape_;  ///< without its nodes where the terms say it all
  std::optional<TermSet> terms_;
  mutable std::once_flag tried_;
  mutable bool compiled_ = false;
};

/// Keeps the last path, and decides when to record another.
class Taped::Keeper {
 public:
  explicit Keeper(Record record) : record_(std::move(record)) {}

  /// The path at x; null where there is none to rely on.
  std::shared_ptr<const State> at(const Vector& x, State::Of of) {
    if (auto last = kept(); last && last->fits(x)) return last;
    return record(x, of);
  }
  /// As above, `evaluate` computing what is asked for and returning the tape's value: where that is not the
  /// function's own, the function reads data that have changed, and is recorded once more.
  template <class Evaluate>
  bool checked(const Vector& x, double value, const Evaluate& evaluate) {
    auto state = at(x, State::Of::Sum);
    if (!state) return false;
    if (agree(evaluate(*state), value)) return true;
    state = record(x, State::Of::Sum);
    if (!state) return false;
    evaluate(*state);
    return true;
  }

  /// Writes the entries of the Jacobian to `place(pattern)` and returns the path they belong to; null where
  /// the tape can not serve.
  template <class Place>
  std::shared_ptr<const State> jacobian(const Vector& x, const Vector& r, const Place& place) {
    auto state = at(x, State::Of::Outputs);
    if (!state || !state->terms()) return nullptr;
    Replayed scratch;
    Vector& replayed = scratch.values;
    state->terms()->jacobian(x, replayed, place(state->terms()->jacobian_pattern()));
    if (agree(replayed, r)) return state;
    state = record(x, State::Of::Outputs);
    if (!state || !state->terms()) return nullptr;
    state->terms()->jacobian(x, replayed, place(state->terms()->jacobian_pattern()));
    return state;
  }

  /// The path at x whose results are those that the function returned.
  std::shared_ptr<const State> with_results(const Vector& x, const Vector& r) {
    auto state = at(x, State::Of::Outputs);
    if (!state) return nullptr;
    Replayed scratch;
    Vector& replayed = scratch.values;
    if (state->terms()) {
      state->terms()->values(x, replayed);
    } else {
      sweeps::values(state->tape(), x, replayed);
    }
    return agree(replayed, r) ? state : record(x, State::Of::Outputs);
  }

  std::shared_ptr<const State> kept() const {
    const std::lock_guard lock(mutex_);
    return state_;
  }

 private:
  /// Large sums of terms that cancel may round further apart: then the tape is needlessly recorded again.
  static bool agree(double a, double b) {
    return a == b || std::abs(a - b) <= 1e-8 * std::max(std::abs(a), std::abs(b)) ||
           (std::isnan(a) && std::isnan(b));
  }

  static bool agree(const Vector& a, const Vector& b) {
    if (a.size() != b.size()) return false;
    for (Index i = 0; i < a.size(); ++i) {
      if (!agree(a[i], b[i])) return false;
    }
    return true;
  }

  std::shared_ptr<const State> record(const Vector& x, State::Of of) {
    {
      const std::lock_guard lock(mutex_);
      if (given_up_) return nullptr;
    }
    Tape tape;
    try {
      record_(x, tape);
    } catch (const TapeFull&) {
      const std::lock_guard lock(mutex_);
      given_up_ = true;
      return nullptr;
    }
    auto state = std::make_shared<const State>(std::move(tape), of);
    const std::lock_guard lock(mutex_);
    if (state->only_here() && ++disappointments_ >= patience) given_up_ = true;
    state_ = state;
    return state;
  }

  Record record_;
  mutable std::mutex mutex_;
  std::shared_ptr<const State> state_;
  int disappointments_ = 0;
  bool given_up_ = false;
};

Taped::Taped(Record record) : keeper_(std::make_shared<Keeper>(std::move(record))) {}

bool Taped::gradient(const Vector& x, double value, Vector& g) const {
  return keeper_->checked(x, value, [&](const State& state) {
    return state.terms() ? state.terms()->gradient(x, g) : sweeps::gradient(state.tape(), x, {}, g);
  });
}

bool Taped::hessian(const Vector& x, double value, Vector& g, Matrix& H) const {
  return keeper_->checked(x, value, [&](const State& state) { return state.hessian(x, g, H); });
}

bool Taped::hessian(const Vector& x, double value, Vector& g, SparseMatrix& H) const {
  return keeper_->checked(x, value, [&](const State& state) {
    if (state.has_compiled_hessian()) {
      return state.terms()->hessian(x, g, entries_of(H, state.terms()->hessian_pattern()));
    }
    Matrix dense;
    const double sum = state.hessian(x, g, dense);
    H = Matrix(dense.triangularView<Eigen::Lower>()).sparseView(0.0, 0.0);
    return sum;
  });
}

bool Taped::hessian_product(const Vector& x, const Vector& v, Vector& product) const {
  const auto state = keeper_->at(x, State::Of::Sum);
  if (!state) return false;
  if (state->terms()) {
    state->terms()->hessian_product(x, v, product);
  } else {
    sweeps::hessian_product(state->tape(), x, {}, v, product);
  }
  return true;
}

bool Taped::jacobian(const Vector& x, const Vector& r, Matrix& J) const {
  Entries entries;
  const auto state = keeper_->jacobian(x, r, [&entries](const Pattern& pattern) {
    entries.values.resize(pattern.entries());
    return entries.values.data();
  });
  if (state) fill_dense(state->terms()->jacobian_pattern(), entries.values, J);
  return state != nullptr;
}

bool Taped::jacobian(const Vector& x, const Vector& r, SparseMatrix& J) const {
  return keeper_->jacobian(x, r, [&J](const Pattern& pattern) { return entries_of(J, pattern); }) != nullptr;
}

bool Taped::weighted_hessian(const Vector& x, const Vector& r, const Vector& w, Matrix& S) const {
  const auto state = keeper_->with_results(x, r);
  if (!state) return false;
  if (!state->terms()) {
    sweeps::hessian(state->tape(), x, w, S);
    return true;
  }
  if (!state->has_compiled_hessian()) return false;
  const Pattern& pattern = state->terms()->hessian_pattern();
  Entries entries;
  entries.values.resize(pattern.entries());
  state->terms()->weighted_hessian(x, w, entries.values.data());
  fill_symmetric(pattern, entries.values, S);
  return true;
}

bool Taped::weighted_hessian(const Vector& x, const Vector& r, const Vector& w, SparseMatrix& S) const {
  const auto state = keeper_->with_results(x, r);
  if (!state || !state->has_compiled_hessian()) return false;
  state->terms()->weighted_hessian(x, w, entries_of(S, state->terms()->hessian_pattern()));
  return true;
}

bool Taped::weighted_hessian_product(const Vector& x, const Vector& w, const Vector& v,
                                     Vector& product) const {
  const auto state = keeper_->at(x, State::Of::Outputs);
  if (!state) return false;
  if (state->terms()) {
    state->terms()->weighted_hessian_product(x, w, v, product);
  } else {
    sweeps::hessian_product(state->tape(), x, w, v, product);
  }
  return true;
}

bool Taped::second_directional(const Vector& x, const Vector& v, Vector& second) const {
  const auto state = keeper_->at(x, State::Of::Outputs);
  if (!state || !state->terms()) return false;
  state->terms()->second_directional(x, v, second);
  return true;
}

std::string Taped::describe() const {
  const auto state = keeper_->kept();
  return state ? state->describe() : std::string();
}

}  // namespace quadric
