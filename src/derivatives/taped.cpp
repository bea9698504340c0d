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
      std::vector<double> entries(static_cast<std::size_t>(terms_->hessian_pattern().entries()));
      const double sum = terms_->hessian(x, g, entries.data());
      fill_symmetric(terms_->hessian_pattern(), entries, H);
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

  /// Writes the entries of the Jacobian to `place(pattern)` and returns the path they belong to; null where the
  /// tape can not serve.
  template <class Place>
  std::shared_ptr<const State> jacobian(const Vector& x, const Vector& r, const Place& place) {
    auto state = at(x, State::Of::Outputs);
    if (!state || !state->terms()) return nullptr;
    Vector replayed;
    state->terms()->jacobian(x, replayed, place(state->terms()->jacobian_pattern()));
    bool same = replayed.size() == r.size();
    for (Index i = 0; same && i < r.size(); ++i) same = agree(replayed[i], r[i]);
    if (same) return state;
    state = record(x, State::Of::Outputs);
    if (!state || !state->terms()) return nullptr;
    state->terms()->jacobian(x, replayed, place(state->terms()->jacobian_pattern()));
    return state;
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
  std::vector<double> entries;
  const auto state = keeper_->jacobian(x, r, [&entries](const Pattern& pattern) {
    entries.resize(static_cast<std::size_t>(pattern.entries()));
    return entries.data();
  });
  if (state) fill_dense(state->terms()->jacobian_pattern(), entries, J);
  return state != nullptr;
}

bool Taped::jacobian(const Vector& x, const Vector& r, SparseMatrix& J) const {
  return keeper_->jacobian(x, r, [&J](const Pattern& pattern) { return entries_of(J, pattern); }) != nullptr;
}

bool Taped::weighted_hessian(const Vector& x, const Vector& w, Matrix& S) const {
  const auto state = keeper_->at(x, State::Of::Outputs);
  if (!state) return false;
  if (!state->terms()) {
    sweeps::hessian(state->tape(), x, w, S);
    return true;
  }
  if (!state->has_compiled_hessian()) return false;
  std::vector<double> entries(static_cast<std::size_t>(state->terms()->hessian_pattern().entries()));
  state->terms()->weighted_hessian(x, w, entries.data());
  fill_symmetric(state->terms()->hessian_pattern(), entries, S);
  return true;
}

bool Taped::weighted_hessian(const Vector& x, const Vector& w, SparseMatrix& S) const {
  const auto state = keeper_->at(x, State::Of::Outputs);
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
