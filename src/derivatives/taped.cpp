#include "quadric/derivatives/taped.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <mutex>
#include <optional>
#include <utility>

#include <Eigen/SparseCore>

#include "derivatives/tape/differentiate.hpp"
#include "derivatives/tape/sparse.hpp"
#include "derivatives/tape/swept_tape.hpp"
#include "derivatives/tape/term_set.hpp"

namespace quadric {

using formula::entries_of, formula::fill_dense, formula::fill_symmetric;
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

/// From this share of entries on that may be other than zero, a Hessian has few zeros.
constexpr double filled_share = 0.3;
/// Rounding moves a function as if each variable had changed by so much of itself.
constexpr double rounded_variable = 16.0 * std::numeric_limits<double>::epsilon();

/// What rounding may do to a function with this gradient at x: much more than to its value where terms
/// cancel.
double rounding_of(const Vector& x, const Vector& g) {
  return rounded_variable * x.cwiseAbs().dot(g.cwiseAbs());
}

/// With the second order besides, which is what is left where residuals vanish.
double rounding_of(const Vector& x, const Vector& g, const Matrix& H) {
  double second = 0.0;
  for (Index j = 0; j < x.size(); ++j) second += std::abs(x[j]) * H.col(j).cwiseAbs().dot(x.cwiseAbs());
  return rounding_of(x, g) + rounded_variable * rounded_variable * second;
}
double rounding_of(const Vector& x, const Vector& g, const SparseMatrix& lower) {
  double second = 0.0;
  for (Index j = 0; j < x.size(); ++j) {
    double below = 0.0;
    for (SparseMatrix::InnerIterator entry(lower, j); entry; ++entry)
      below += (entry.row() == j ? 1.0 : 2.0) * std::abs(entry.value() * x[entry.row()]);
    second += std::abs(x[j]) * below;
  }
  return rounding_of(x, g) + rounded_variable * rounded_variable * second;
}

/// Paths that turn out good for one point only, until the function is given up.
constexpr int patience = 3;

}  // namespace

/// One recorded path of the function: as terms, or as a tape that is swept as a whole, or as both where the
/// second derivatives of the terms may be too long to be written out. Immutable.
class Taped::State {
 public:
  using Of = TermSet::Of;

  State(Tape tape, Of of)
      : variables_(tape.variables), only_here_(tape.only_here), terms_(TermSet::from(tape, of)) {
    if (!terms_ || !terms_->surely_has_hessian()) {
      swept_ = std::make_unique<const sweeps::SweptTape>(std::move(tape));
    }
  }

  bool fits(const Vector& x) const {
    if (only_here_ || x.size() != variables_) return false;
    return terms_ ? terms_->same_path(x) : swept_->same_path(x);
  }
  bool only_here() const { return only_here_; }
  const std::optional<TermSet>& terms() const { return terms_; }
  const sweeps::SweptTape& swept() const { return *swept_; }

  /// The terms, where their second derivatives can be written out, else null: the first question tries.
  const TermSet* terms_with_hessian() const {
    if (!terms_) return nullptr;
    std::call_once(tried_, [this] {
      try {
        terms_->hessian_pattern();
        compiled_ = true;
      } catch (const formula::TooManyFormulas&) {
        if (!swept_) throw;
      }
    });
    return compiled_ ? &*terms_ : nullptr;
  }

  bool has_full_hessian() const {
    std::call_once(measured_, [this] {
      const double n = variables_, all = 0.5 * n * (n + 1.0);
      const Index entries = swept_ ? swept_->count_hessian_entries() : terms_->hessian_pattern().entries();
      full_ = static_cast<double>(entries) >= filled_share * all;
    });
    return full_;
  }

  std::string describe() const {
    if (!terms_) return "tape of " + std::to_string(swept_->tape().nodes.size()) + " operations";
    return "tape of " + std::to_string(terms_->instances()) + " terms in " +
           std::to_string(terms_->classes()) + (terms_->classes() == 1 ? " structure" : " structures");
  }

 private:
  std::int32_t variables_;
  bool only_here_;
  std::optional<TermSet> terms_;
  std::unique_ptr<const sweeps::SweptTape> swept_;
  mutable std::once_flag tried_;
  mutable bool compiled_ = false;
  mutable std::once_flag measured_;
  mutable bool full_ = false;
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
  /// function's own, and `rounding` by what was computed does not explain it, the function reads data that
  /// have changed, and is recorded once more.
  template <class Evaluate, class Rounding>
  bool checked(const Vector& x, double value, const Evaluate& evaluate, const Rounding& rounding) {
    auto state = at(x, State::Of::Sum);
    if (!state) return false;
    const double replayed = evaluate(*state);
    if (agree(replayed, value) || std::abs(replayed - value) <= rounding()) return true;
    state = record(x, State::Of::Sum);
    if (!state) return false;
    evaluate(*state);
    return true;
  }

  /// As above for results one by one: `evaluate` writes those of the tape to its last argument.
  template <class Evaluate>
  bool checked(const Vector& x, const Vector& r, const Evaluate& evaluate) {
    auto state = at(x, State::Of::Outputs);
    if (!state) return false;
    Replayed replayed;
    evaluate(*state, replayed.values);
    if (agree(replayed.values, r)) return true;
    state = record(x, State::Of::Outputs);
    if (!state) return false;
    evaluate(*state, replayed.values);
    return true;
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
      state->swept().values(x, replayed);
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
  return keeper_->checked(
      x, value,
      [&](const State& state) {
        return state.terms() ? state.terms()->gradient(x, g) : state.swept().gradient(x, {}, g);
      },
      [&] { return rounding_of(x, g); });
}

bool Taped::hessian(const Vector& x, double value, Vector& g, Matrix& H) const {
  return keeper_->checked(
      x, value,
      [&](const State& state) {
        const TermSet* terms = state.terms_with_hessian();
        if (!terms) return state.swept().hessian(x, {}, g, H);
        Entries entries;
        entries.values.resize(terms->hessian_pattern().entries());
        const double sum = terms->hessian(x, g, entries.values.data());
        fill_symmetric(terms->hessian_pattern(), entries.values, H);
        return sum;
      },
      [&] { return rounding_of(x, g, H); });
}

bool Taped::hessian(const Vector& x, double value, Vector& g, SparseMatrix& H) const {
  return keeper_->checked(
      x, value,
      [&](const State& state) {
        const TermSet* terms = state.terms_with_hessian();
        if (!terms) return state.swept().hessian(x, {}, g, H);
        return terms->hessian(x, g, entries_of(H, terms->hessian_pattern()));
      },
      [&] { return rounding_of(x, g, H); });
}

bool Taped::hessian_product(const Vector& x, const Vector& v, Vector& product) const {
  const auto state = keeper_->at(x, State::Of::Sum);
  if (!state) return false;
  if (state->terms()) {
    state->terms()->hessian_product(x, v, product);
  } else {
    state->swept().hessian_product(x, {}, v, product);
  }
  return true;
}

bool Taped::has_full_hessian(const Vector& x) const {
  const auto state = keeper_->at(x, State::Of::Sum);
  return !state || state->has_full_hessian();
}

bool Taped::jacobian(const Vector& x, const Vector& r, Matrix& J) const {
  return keeper_->checked(x, r, [&](const State& state, Vector& replayed) {
    if (!state.terms()) return state.swept().jacobian(x, replayed, J);
    const formula::Pattern& pattern = state.terms()->jacobian_pattern();
    Entries entries;
    entries.values.resize(pattern.entries());
    state.terms()->jacobian(x, replayed, entries.values.data());
    fill_dense(pattern, entries.values, J);
  });
}

bool Taped::jacobian(const Vector& x, const Vector& r, SparseMatrix& J) const {
  return keeper_->checked(x, r, [&](const State& state, Vector& replayed) {
    if (!state.terms()) return state.swept().jacobian(x, replayed, J);
    state.terms()->jacobian(x, replayed, entries_of(J, state.terms()->jacobian_pattern()));
  });
}

bool Taped::weighted_hessian(const Vector& x, const Vector& r, const Vector& w, Matrix& S) const {
  const auto state = keeper_->with_results(x, r);
  if (!state) return false;
  if (const TermSet* terms = state->terms_with_hessian()) {
    Entries entries;
    entries.values.resize(terms->hessian_pattern().entries());
    terms->weighted_hessian(x, w, entries.values.data());
    fill_symmetric(terms->hessian_pattern(), entries.values, S);
  } else {
    Vector g;
    state->swept().hessian(x, w, g, S);
  }
  return true;
}

bool Taped::weighted_hessian(const Vector& x, const Vector& r, const Vector& w, SparseMatrix& S) const {
  const auto state = keeper_->with_results(x, r);
  if (!state) return false;
  if (const TermSet* terms = state->terms_with_hessian()) {
    terms->weighted_hessian(x, w, entries_of(S, terms->hessian_pattern()));
  } else {
    Vector g;
    state->swept().hessian(x, w, g, S);
  }
  return true;
}

bool Taped::weighted_hessian_product(const Vector& x, const Vector& w, const Vector& v,
                                     Vector& product) const {
  const auto state = keeper_->at(x, State::Of::Outputs);
  if (!state) return false;
  if (state->terms()) {
    state->terms()->weighted_hessian_product(x, w, v, product);
  } else {
    state->swept().hessian_product(x, w, v, product);
  }
  return true;
}

bool Taped::second_directional(const Vector& x, const Vector& v, Vector& second) const {
  const auto state = keeper_->at(x, State::Of::Outputs);
  if (!state) return false;
  if (state->terms()) {
    state->terms()->second_directional(x, v, second);
  } else {
    state->swept().second_directional(x, v, second);
  }
  return true;
}

std::string Taped::describe() const {
  const auto state = keeper_->kept();
  return state ? state->describe() : std::string();
}

}  // namespace quadric
