#include "quadric/problem/objective.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <Eigen/SparseCore>

#include "quadric/base/misuse.hpp"
#include "quadric/derivatives/differences.hpp"

#include "problem/at_last_point.hpp"

namespace quadric {

namespace {

void expect_shape(const char* what, Index rows, Index columns, Index n, bool square) {
  if (rows == n && columns == (square ? n : 1)) return;
  misuse(std::string(what) + " of a function of " + std::to_string(n) + " variables is " +
         std::to_string(rows) + " x " + std::to_string(columns) + ", but must be " + std::to_string(n) +
         " x " + std::to_string(square ? n : 1));
}

/// Up to this many variables a Hessian takes fewer values than differences of differenced gradients along one
/// direction.
constexpr Index cheaper_whole = 30;

using Triplets = std::vector<Eigen::Triplet<double, int>>;

/// The lower triangle, its diagonal always included; returns the relative asymmetry in the largest entries.
double take_lower(const Matrix& H, SparseMatrix& lower) {
  Triplets entries;
  double difference = 0.0;
  for (Index j = 0; j < H.cols(); ++j) {
    for (Index i = j; i < H.rows(); ++i) {
      const double value = H(i, j) == H(j, i) ? H(i, j) : 0.5 * (H(i, j) + H(j, i));
      difference = std::max(difference, std::abs(H(i, j) - H(j, i)));
      if (i == j || value != 0.0) entries.emplace_back(static_cast<int>(i), static_cast<int>(j), value);
    }
  }
  lower.resize(H.rows(), H.cols());
  lower.setFromTriplets(entries.begin(), entries.end());
  return difference > 0.0 ? difference / H.cwiseAbs().maxCoeff() : 0.0;
}

/// The same of a matrix that may hold its lower triangle alone.
double take_lower(const SparseMatrix& H, SparseMatrix& lower) {
  const Index n = H.rows();
  SparseMatrix zeros(n, n);
  zeros.setIdentity();
  zeros.coeffs().setZero();
  bool has_upper = false;
  for (Index j = 0; j < n && !has_upper; ++j) {
    for (SparseMatrix::InnerIterator entry(H, j); entry; ++entry) has_upper = has_upper || entry.row() < j;
  }
  if (!has_upper) {
    lower = H + zeros;
    return 0.0;
  }
  const SparseMatrix mirrored = H.transpose();
  const SparseMatrix difference = H - mirrored;
  const double gap = difference.nonZeros() > 0 ? difference.coeffs().abs().maxCoeff() : 0.0;
  SparseMatrix symmetric = H + zeros;
  if (gap > 0.0) symmetric = 0.5 * (symmetric + mirrored);
  lower = symmetric.triangularView<Eigen::Lower>();
  return gap > 0.0 ? gap / H.coeffs().abs().maxCoeff() : 0.0;
}

/// Analytic where a piece was supplied, central differences elsewhere.
class SuppliedSource final : public ObjectiveSource {
 public:
  SuppliedSource(std::shared_ptr<const SuppliedObjective> pieces, bool serves_one_run)
      : shared_(std::move(pieces)), pieces_(*shared_), serves_one_run_(serves_one_run) {
    if (!pieces_.value) misuse("an objective needs a value function");
  }

  std::shared_ptr<const ObjectiveSource> for_one_run() const override {
    return std::make_shared<const SuppliedSource>(shared_, true);
  }

  double value(const Vector& x) const override {
    const double f = pieces_.value(x);
    if (serves_one_run_) value_.keep(x, f);
    return f;
  }

  double gradient(const Vector& x, Vector& g) const override { return fill_gradient(x, g); }

  double hessian(const Vector& x, Vector& g, Matrix& H) const override {
    fill_hessian(x, H);
    return fill_gradient(x, g);
  }

  double sparse_hessian(const Vector& x, Vector& g, SparseMatrix& H) const override {
    asymmetry_.keep(x, fill_sparse_hessian(x, H));
    return fill_gradient(x, g);
  }

  void hessian_product(const Vector& x, const Vector& v, Vector& Hv) const override {
    if (pieces_.hessian_product) {
      Hv = pieces_.hessian_product(x, v);
      expect_shape("the Hessian-vector product", Hv.rows(), Hv.cols(), x.size(), false);
    } else if (pieces_.sparse_hessian) {
      Hv = at_hand(sparse_hessian_, x, [&](SparseMatrix& H) { fill_sparse_hessian(x, H); })
               ->selfadjointView<Eigen::Lower>() *
           v;
    } else if (pieces_.hessian) {
      Hv = *at_hand(hessian_, x, [&](Matrix& H) { fill_hessian(x, H); }) * v;
    } else if (!pieces_.gradient && x.size() <= cheaper_whole) {
      Matrix H;
      difference_hessian(x, H);
      Hv = H * v;
    } else {
      Hv = differences::hessian_product(gradient_function(), x, v, second_options()).derivative;
    }
  }

  bool has_full_hessian(const Vector&) const override {
    return !pieces_.sparse_hessian && !(pieces_.gradient && pieces_.differencing.pattern);
  }

  Provider provider() const override {
    Provider provider{.first = pieces_.gradient ? "analytic" : "differences", .second = "analytic"};
    if (has_second_derivatives()) return provider;
    provider.second = !pieces_.gradient              ? "differences"
                      : pieces_.differencing.pattern ? "colored differences of the gradient"
                                                     : "differences of the gradient";
    provider.second_error =
        pieces_.gradient ? differences::hessian_error_from_gradient : differences::hessian_error_from_values;
    return provider;
  }

  double hessian_error(const Vector& x) const override {
    if (has_second_derivatives()) return provider().second_error;
    return error_.at(x, [&] {
      Matrix H;
      return difference_hessian(x, H);
    });
  }

  double hessian_asymmetry(const Vector& x) const override {
    return asymmetry_.at(x, [&] {
      SparseMatrix H;
      return fill_sparse_hessian(x, H);
    });
  }

 private:
  bool has_second_derivatives() const {
    return pieces_.hessian || pieces_.sparse_hessian || pieces_.hessian_product;
  }

  /// The lower triangle of the symmetric part; returns the relative asymmetry.
  double fill_sparse_hessian(const Vector& x, SparseMatrix& lower) const {
    if (pieces_.sparse_hessian) {
      const SparseMatrix H = pieces_.sparse_hessian(x);
      expect_shape("the Hessian", H.rows(), H.cols(), x.size(), true);
      return take_lower(H, lower);
    }
    Matrix H;
    fill_hessian(x, H);
    return take_lower(H, lower);
  }

  /// Returns the value.
  double fill_gradient(const Vector& x, Vector& g) const {
    if (!pieces_.gradient) {
      auto estimate = differences::gradient(pieces_.value, x, pieces_.differencing.options);
      g = std::move(estimate.derivative);
      return estimate.value;
    }
    g = gradient_.at(x, [&] {
      Vector made;
      fill_given_gradient(x, made);
      if (serves_one_run_) gradient_.keep(x, made);
      return made;
    });
    return value_.at(x, [&] { return value(x); });
  }

  void fill_given_gradient(const Vector& x, Vector& g) const {
    g = pieces_.gradient(x);
    expect_shape("the gradient", g.rows(), g.cols(), x.size(), false);
  }

  /// What a Hessian or a product is differenced from when only values and gradients are at hand.
  differences::VectorFunction gradient_function() const {
    if (pieces_.gradient) return [this](const Vector& x, Vector& g) { fill_given_gradient(x, g); };
    return [this](const Vector& x, Vector& g) { fill_gradient(x, g); };
  }

  /// The noise given is that of values, not of gradients.
  differences::Options second_options() const {
    differences::Options options = pieces_.differencing.options;
    options.noise = 0.0;
    return options;
  }

  void fill_hessian(const Vector& x, Matrix& H) const {
    const Index n = x.size();
    if (pieces_.hessian) {
      H = pieces_.hessian(x);
      expect_shape("the Hessian", H.rows(), H.cols(), n, true);
    } else if (pieces_.sparse_hessian) {
      const SparseMatrix sparse = pieces_.sparse_hessian(x);
      expect_shape("the Hessian", sparse.rows(), sparse.cols(), n, true);
      H = sparse;
      const bool lower_alone = H.triangularView<Eigen::StrictlyUpper>().toDenseMatrix().isZero(0.0);
      if (lower_alone) H = Matrix(H.selfadjointView<Eigen::Lower>());
    } else if (pieces_.hessian_product) {
      H.resize(n, n);
      for (Index j = 0; j < n; ++j) H.col(j) = pieces_.hessian_product(x, Vector::Unit(n, j));
    } else {
      difference_hessian(x, H);
    }
  }

  /// Returns the relative error, and keeps it.
  double difference_hessian(const Vector& x, Matrix& H) const {
    const auto keep = [&](const auto& estimate) {
      H = Matrix(estimate.derivative);
      return error_.keep(x, H, Matrix(estimate.error));
    };
    if (!pieces_.gradient) return keep(differences::hessian(pieces_.value, x, pieces_.differencing.options));
    const auto& pattern = pieces_.differencing.pattern;
    if (pattern) return keep(differences::sparse_hessian(gradient_function(), x, *pattern, second_options()));
    return keep(differences::hessian_from_gradient(gradient_function(), x, second_options()));
  }

  template <class H>
  using LastHessian = AtLastPoint<std::shared_ptr<const H>>;

  /// The Hessian for products along several directions at one point.
  template <class H, class Fill>
  std::shared_ptr<const H> at_hand(LastHessian<H>& last, const Vector& x, const Fill& fill) const {
    return last.at(x, [&] {
      auto made = std::make_shared<H>();
      fill(*made);
      if (serves_one_run_) last.keep(x, made);
      return std::shared_ptr<const H>(made);
    });
  }

  std::shared_ptr<const SuppliedObjective> shared_;
  const SuppliedObjective& pieces_;
  /// Elsewhere values and Hessians are not kept: its owner may change the function between two questions.
  bool serves_one_run_;
  mutable AtLastPoint<double> value_;
  mutable AtLastPoint<Vector> gradient_;
  mutable LastHessian<Matrix> hessian_;
  mutable LastHessian<SparseMatrix> sparse_hessian_;
  mutable MeasuredError error_, asymmetry_;
};

}  // namespace

double ObjectiveSource::sparse_hessian(const Vector& x, Vector& g, SparseMatrix& H) const {
  Matrix dense;
  const double f = hessian(x, g, dense);
  take_lower(dense, H);
  return f;
}

AutomaticSource::AutomaticSource(Differentiation method)
    : method_(method), tape_([this](const Vector& x, Tape& tape) { record_at(x, tape); }) {}

bool AutomaticSource::uses_tape(const Vector& x, Index largest_forward) const {
  return method_ == Differentiation::Tape ||
         (method_ == Differentiation::Chosen && x.size() > largest_forward);
}

/// Where a derivative of an elementary function is infinite, dual numbers still know the directions that do
/// not move its argument; a reverse sweep does not.
bool AutomaticSource::is_usable(double f, const Vector& g) const {
  return method_ == Differentiation::Tape || g.allFinite() || !std::isfinite(f);
}

double AutomaticSource::gradient(const Vector& x, Vector& g) const {
  if (uses_tape(x, largest_forward_gradient)) {
    const double f = value(x);
    if (tape_.gradient(x, f, g) && is_usable(f, g)) return f;
  }
  return forward_gradient(x, g);
}

double AutomaticSource::hessian(const Vector& x, Vector& g, Matrix& H) const {
  if (uses_tape(x, largest_forward_hessian)) {
    const double f = value(x);
    if (tape_.hessian(x, f, g, H) && is_usable(f, g) && (H.allFinite() || method_ == Differentiation::Tape))
      return f;
  }
  return forward_hessian(x, g, H);
}

void AutomaticSource::hessian_product(const Vector& x, const Vector& v, Vector& Hv) const {
  if (uses_tape(x, largest_forward_gradient) && tape_.hessian_product(x, v, Hv)) return;
  forward_hessian_product(x, v, Hv);
}

double AutomaticSource::sparse_hessian(const Vector& x, Vector& g, SparseMatrix& H) const {
  if (method_ != Differentiation::Forward) {
    const double f = value(x);
    if (tape_.hessian(x, f, g, H)) return f;
  }
  return ObjectiveSource::sparse_hessian(x, g, H);
}

bool AutomaticSource::has_full_hessian(const Vector& x) const {
  return method_ == Differentiation::Forward || tape_.has_full_hessian(x);
}

/// One sweep of second order gives all of them, or a tape of few variables.
bool AutomaticSource::hessian_comes_with_value(const Vector& x) const {
  if (method_ == Differentiation::Forward) return x.size() <= largest_forward_hessian;
  return x.size() <= largest_forward_gradient;
}

Provider AutomaticSource::provider() const {
  return {.first = "automatic", .second = "automatic", .method = tape_.describe()};
}

std::shared_ptr<const ObjectiveSource> make_source(SuppliedObjective pieces) {
  return std::make_shared<const SuppliedSource>(std::make_shared<const SuppliedObjective>(std::move(pieces)),
                                                false);
}

}  // namespace quadric
