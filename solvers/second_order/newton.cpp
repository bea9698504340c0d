#include "quadric/solvers/newton.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "quadric/base/misuse.hpp"

#include "curvature/symmetric_hessian.hpp"
#include "linalg/quadratic.hpp"
#include "linalg/symmetric_spectrum.hpp"
#include "solvers/assemble.hpp"
#include "solvers/second_order/directions.hpp"
#include "solvers/variable_scaling.hpp"

namespace quadric {

namespace {

/// While the quadric has no bottom, an unrestricted step knows no length of its own: it grows by this factor.
constexpr double growth = 2.0;

/// Squares of entries up to this share of the product of their diagonal entries are below it whatever
/// rounding does.
constexpr double surely_below = 0.999999;

/// |Bᵢᵢ|, 0 where the sparse matrix has no such entry.
double diagonal_size(const SparseMatrix& lower, Index i) {
  const int first = lower.outerIndexPtr()[i];
  const bool there = first < lower.outerIndexPtr()[i + 1] && lower.innerIndexPtr()[first] == i;
  return there ? std::abs(lower.valuePtr()[first]) : 0.0;
}

/// Where |Bᵢⱼ| > √|Bᵢᵢ Bⱼⱼ|, as no semidefinite matrix has it, raises the product of the sizes of the
/// variables to |Bᵢⱼ|: by the one that counts less over the size of x, until both count the same. `di` and
/// `dj` are the roots of the diagonal entries.
void raise_for_entry(double entry, Index i, double di, Index j, double dj, const Vector& x, Vector& sizes) {
  const bool has_size = x[i] != 0.0 && x[j] != 0.0;
  const double xi = has_size ? std::abs(x[i]) : 1.0, xj = has_size ? std::abs(x[j]) : 1.0;
  const bool i_counts_less = di * xi < dj * xj;
  const Index less = i_counts_less ? i : j, more = i_counts_less ? j : i;
  const double even = std::sqrt(entry) * std::sqrt(i_counts_less ? xi / xj : xj / xi);
  const double top = std::max(i_counts_less ? dj : di, even);
  sizes[more] = std::max(sizes[more], top);
  sizes[less] = std::max(sizes[less], entry / top);
}

/// In one pass.
void raise_sizes(const SparseMatrix& lower, const Vector& x, Vector& sizes) {
  const int *const start = lower.outerIndexPtr(), *const row = lower.innerIndexPtr();
  for (Index j = 0; j < lower.cols(); ++j) {
    const double size = diagonal_size(lower, j), root = std::sqrt(size);
    sizes[j] = std::max(sizes[j], root);
    for (int p = start[j]; p < start[j + 1]; ++p) {
      const Index i = row[p];
      if (i == j) continue;
      const double entry = std::abs(lower.valuePtr()[p]), other = diagonal_size(lower, i);
      if (entry * entry < surely_below * (size * other)) continue;
      const double other_root = std::sqrt(other);
      if (entry > other_root * root) raise_for_entry(entry, i, other_root, j, root, x, sizes);
    }
  }
}

/// Raises `sizes` (n) to what makes the variables comparable: √|Bᵢᵢ|, or more where entries besides the
/// diagonal are larger. A diagonal entry that happens to vanish would let its variable go anywhere.
void raise_sizes(const linalg::Symmetric& B, const Vector& x, Vector& sizes) {
  if (B.is_sparse()) return raise_sizes(B.unscaled(), x, sizes);
  const Vector roots = B.dense().diagonal().cwiseAbs().cwiseSqrt();
  sizes = sizes.cwiseMax(roots);
  B.for_each_entry([&](Index i, Index j, double value) {
    const double entry = std::abs(value);
    if (i != j && entry > roots[i] * roots[j]) raise_for_entry(entry, i, roots[i], j, roots[j], x, sizes);
  });
}

/// Up to this many variables all eigenvalues are computed for |B|.
constexpr Index largest_saddle_free = 2000;
/// Magnitudes of eigenvalues below this share of the largest count as this much.
constexpr double least_magnitude = 1e-14;

/// Replaces the eigenvalues of B by their magnitudes; returns the lowest one.
double take_magnitudes(linalg::Symmetric& B) {
  if (B.size() > largest_saddle_free) {
    misuse("saddle-free Newton needs all eigenvalues of the Hessian, which is too much work for " +
           std::to_string(B.size()) +
           " variables: MatrixFreeNewton with a line search takes their magnitudes where the gradient leads");
  }
  Matrix lower = Matrix::Zero(B.size(), B.size());
  B.for_each_entry([&](Index i, Index j, double value) { lower(i, j) = value; });
  const auto [values, vectors] = linalg::symmetric_spectrum(lower);
  const double largest = values.cwiseAbs().maxCoeff();
  const Vector magnitudes = values.cwiseAbs().cwiseMax(largest > 0.0 ? least_magnitude * largest : 1.0);
  B = linalg::Symmetric(Matrix(vectors * magnitudes.asDiagonal() * vectors.transpose()));
  return values[0];
}

class NewtonDirection final : public Direction {
 public:
  explicit NewtonDirection(bool saddle_free) : saddle_free_(saddle_free) {}

  std::string_view name() const override { return saddle_free_ ? "newton-saddle-free" : "newton"; }
  Curvature needs() const override { return Curvature::Hessian; }
  void restart() override {
    scaling_.restart();
    stretch_ = 1.0;
    bottomless_ = false;
  }

  void prepare(const LocalModel& model) override {
    linalg::Symmetric B = symmetric_hessian(model);
    scaling_.update(B.size(), [&](Vector& sizes) { raise_sizes(B, model.x, sizes); });
    Vector inverse = scaling_.diagonal().cwiseInverse();
    scaled_gradient_ = inverse.cwiseProduct(model.gradient);
    B.scale(std::move(inverse));
    if (saddle_free_) lowest_ = take_magnitudes(B);
    if (!quadratic_ || B.is_sparse() != is_sparse_) quadratic_ = linalg::make_quadratic(B);
    is_sparse_ = B.is_sparse();
    quadratic_->reset(std::move(B), scaled_gradient_);
    if (resumed_) quadratic_->warm(std::exchange(resumed_, std::nullopt)->warmth);
    is_new_ = true;
  }

  void unrestricted(const LocalModel& model, Proposal& proposal) override {
    const bool has_bottom = quadratic_->positive_definite();
    if (std::exchange(is_new_, false)) {
      stretch_ = bottomless_ && !has_bottom ? growth * stretch_ : 1.0;
      bottomless_ = !has_bottom;
    }
    set_step(model, stretch_ * quadratic_->descent(), proposal);
    proposal.restricted = !has_bottom;
    if (proposal.restricted)
      proposal.predicted = std::min(proposal.predicted, 0.5 * model.slope(proposal.step));
  }

  void within(const LocalModel& model, double radius, Proposal& proposal) override {
    if (const Vector* inside = quadratic_->minimizer_inside(radius)) {
      set_step(model, *inside, proposal);
      proposal.restricted = false;
      return;
    }
    const auto minimizer = quadratic_->within(radius);
    set_step(model, minimizer.step, proposal);
    proposal.restricted = minimizer.at_boundary;
    if (minimizer.hard_case) proposal.events.add(Event::HardCase);
  }

  bool damped(const LocalModel& model, double damping, Proposal& proposal) override {
    const Vector step = quadratic_->damped(damping);
    if (step.size() == 0) return false;
    set_step(model, step, proposal);
    proposal.restricted = true;
    return true;
  }

  double norm(const Vector& p) const override { return scaling_.norm(p); }
  double first_radius(const LocalModel& model) const override {
    return model.gradient.cwiseQuotient(scaling_.diagonal()).norm();
  }
  double lambda_min() const override {
    if (resumed_) return resumed_->lambda_min;
    if (saddle_free_) return lowest_;
    return quadratic_ ? quadratic_->known_lambda_min().value_or(Iteration::unknown) : Iteration::unknown;
  }
  void remember(Memory& memory) override {
    scaling_.remember(memory);
    memory.item("stretch", stretch_);
    memory.item("bottomless", bottomless_);
    Resumed last{.warmth = resumed_     ? resumed_->warmth
                           : quadratic_ ? quadratic_->warmth()
                                        : linalg::Quadratic::Warmth{},
                 .lambda_min = lambda_min()};
    memory.item("lowest_vector", last.warmth.lowest);
    memory.item("last_shift", last.warmth.shift);
    memory.item("lambda_min", last.lambda_min);
    if (memory.reading()) resumed_ = std::move(last);
  }

 private:
  void set_step(const LocalModel& model, const Vector& scaled, Proposal& proposal) const {
    proposal.step = scaled.cwiseQuotient(scaling_.diagonal());
    proposal.predicted = model.predicted_change(proposal.step);
  }

  /// What an interrupted run knew from its last quadric.
  struct Resumed {
    linalg::Quadratic::Warmth warmth = {};
    double lambda_min = Iteration::unknown;
  };

  bool saddle_free_;
  double lowest_ = Iteration::unknown;  ///< eigenvalue of B, where it is saddle-free
  VariableScaling scaling_;
  Vector scaled_gradient_;  ///< of the last model; kept for its memory
  std::unique_ptr<linalg::Quadratic> quadratic_;
  std::optional<Resumed> resumed_;  ///< until the first `prepare`
  bool is_sparse_ = false;
  bool is_new_ = false;      ///< the quadric was not asked for an unrestricted step yet
  bool bottomless_ = false;  ///< the quadric has no bottom: B is not positive definite
  double stretch_ = 1.0;     ///< of an unrestricted step, growing while there is no bottom
};

}  // namespace

std::unique_ptr<Direction> newton_direction(bool saddle_free) {
  return std::make_unique<NewtonDirection>(saddle_free);
}

std::shared_ptr<const Method> method(const Newton& options) {
  return assemble(
      options.saddle_free ? "newton-saddle-free" : "newton",
      [saddle_free = options.saddle_free] { return newton_direction(saddle_free); }, options.step,
      options.stop, options.at_saddle);
}

}  // namespace quadric
