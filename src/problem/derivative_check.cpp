#include "quadric/problem/derivative_check.hpp"

#include <algorithm>
#include <cmath>
#include <exception>
#include <limits>
#include <memory>
#include <random>
#include <utility>

#include "quadric/base/misuse.hpp"
#include "quadric/problem/problem.hpp"

#include "base/text.hpp"
#include "problem/derivative_diagnosis.hpp"
#include "problem/line_derivatives.hpp"

namespace quadric {

namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();
constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();
/// Rounding that an entry computed in closed form has at least, in units of its size.
constexpr double least_rounding = 8.0 * epsilon;
/// Standard deviations of a measured noise that count as its size.
constexpr double deviations = 4.0;
/// Where noise is measured: nine points so far apart, as a share of each variable's size.
constexpr double noise_spacing = 0x1p-30;
/// Error granted to derivatives that are differences of fixed steps themselves, as a share of the largest
/// entry of the row: beside a singularity they are no better, which is no mistake.
constexpr double error_of_differences = 1e-5;
constexpr double error_of_differences_of_differences = 1e-3;

/// Below this share of the largest entry of its row (times the resolution) no error matters.
constexpr double negligible_in_row = 1e-9;

/// Runs an evaluation; false where the function threw. A `Misuse` passes.
template <class Evaluation>
bool attempt(const Evaluation& evaluation) {
  try {
    evaluation();
    return true;
  } catch (const Misuse&) {
    throw;
  } catch (...) {
    return false;
  }
}

/// |xⱼ|, or 1 where that is 0.
Vector sizes_of(const Vector& x) {
  return x.unaryExpr([](double c) { return c == 0.0 ? 1.0 : std::abs(c); });
}

/// The same numbers on every machine.
class Random {
 public:
  explicit Random(std::uint64_t seed) : bits_(seed) {}
  /// In [-1, 1).
  double symmetric() { return 2.0 * static_cast<double>(bits_() >> 11U) * 0x1p-53 - 1.0; }
  /// Of magnitude ½ to 1, of either sign.
  double sizable() {
    const double u = symmetric();
    return u < 0.0 ? 0.5 * u - 0.5 : 0.5 * u + 0.5;
  }
  Vector sizable(Index n) {
    Vector v(n);
    for (Index j = 0; j < n; ++j) v[j] = sizable();
    return v;
  }

 private:
  std::mt19937_64 bits_;
};

/// A matrix of derivatives with what is known of its errors.
struct Estimate {
  Matrix value, error, size;
  void resize(Index rows, Index columns) {
    value = Matrix::Constant(rows, columns, unknown);
    error = Matrix::Constant(rows, columns, infinity);
    size = Matrix::Zero(rows, columns);
  }
};

using VectorFunction = std::function<void(const Vector&, Vector&)>;
using MatrixFunction = std::function<void(const Vector&, Matrix&)>;

/// The line t ↦ f(x + t v).
LineFunction along(const VectorFunction& f, const Vector& x, const Vector& v) {
  return [&f, x, v](double t, Vector& values) { return attempt([&] { f(x + t * v, values); }); };
}

/// The derivative of f: Rⁿ → Rᵐ (m × n) by differences, a line a variable.
Estimate difference_jacobian(const VectorFunction& f, const Vector& x, Index rows) {
  Estimate result;
  result.resize(rows, x.size());
  for (Index j = 0; j < x.size(); ++j) {
    const LineDerivatives line = differentiate_line(along(f, x, Vector::Unit(x.size(), j)), steps_at(x[j]));
    if (line.first.size() != rows) continue;
    result.value.col(j) = line.first;
    result.error.col(j) = line.first_error;
    result.size.col(j) = line.first_size;
  }
  return result;
}

/// Steps along v, which moves every variable by about its size.
LineSteps steps_along(const Vector& x, const Vector& v) {
  double rounding = 0.0;
  for (Index j = 0; j < x.size(); ++j) {
    if (v[j] != 0.0) rounding = std::max(rounding, epsilon * std::abs(x[j] / v[j]));
  }
  return {.largest = 0.0625, .smallest = 1e-9, .rounding_of_t = rounding};
}

/// Of two estimates of Hᵢⱼ, as the derivative of gᵢ by xⱼ and of gⱼ by xᵢ, the better one.
void symmetrize(Estimate& hessian) {
  for (Index i = 0; i < hessian.value.rows(); ++i) {
    for (Index j = 0; j < i; ++j) {
      const bool keep = hessian.error(i, j) <= hessian.error(j, i);
      const Index a = keep ? i : j, b = keep ? j : i;
      hessian.value(b, a) = hessian.value(a, b);
      hessian.error(b, a) = hessian.error(a, b);
    }
  }
}

/// The Hessian of f: Rⁿ → R from its values: second derivatives along the axes and, by polarization, along
/// the diagonals between them.
Estimate hessian_from_values(const VectorFunction& f, const Vector& x) {
  const Index n = x.size();
  const Vector s = sizes_of(x);
  Estimate result;
  result.resize(n, n);
  const auto second_along = [&](const Vector& v, const LineSteps& steps) {
    const LineDerivatives line = differentiate_line(along(f, x, v), steps);
    struct Second {
      double value = unknown, error = infinity, size = 0.0;
    } second;
    if (line.second.size() == 1) second = {line.second[0], line.second_error[0], line.second_size[0]};
    return second;
  };
  for (Index j = 0; j < n; ++j) {
    const auto second = second_along(Vector::Unit(n, j), steps_at(x[j]));
    result.value(j, j) = second.value;
    result.error(j, j) = second.error;
    result.size(j, j) = second.size;
  }
  for (Index i = 0; i < n; ++i) {
    for (Index j = 0; j < i; ++j) {
      Vector v = Vector::Zero(n);
      v[i] = s[i];
      v[j] = s[j];
      LineSteps steps = steps_along(x, v);
      steps.largest *= std::max(1.0, std::min(1.0 / s[i], 1.0 / s[j]));
      const auto second = second_along(v, steps);
      const double area = 2.0 * s[i] * s[j];
      const double ii = s[i] * s[i], jj = s[j] * s[j];
      result.value(i, j) = result.value(j, i) =
          (second.value - ii * result.value(i, i) - jj * result.value(j, j)) / area;
      result.error(i, j) = result.error(j, i) =
          (second.error + ii * result.error(i, i) + jj * result.error(j, j)) / area;
      result.size(i, j) = result.size(j, i) = second.size / area;
    }
  }
  return result;
}

/// The size that matters where an entry is nothing but rounding: the largest of its row, per unit of
/// variable.
double size_in_row(const Matrix& size, const Vector& s, Index i, Index j) {
  double largest = 0.0;
  for (Index k = 0; k < size.cols(); ++k) {
    if (std::isfinite(size(i, k))) largest = std::max(largest, size(i, k) * s[k] / s[j]);
  }
  return largest;
}

/// Rounding of every entry of a matrix function near x, and `relative` of the largest entry of each row;
/// `columns` are the sizes of what the columns differentiate by.
Matrix error_of_provider(const MatrixFunction& derivative, const Vector& x, const Matrix& value,
                         const Vector& columns, double relative, Random& random) {
  const VectorFunction flat = [&](const Vector& at, Vector& entries) {
    Matrix M;
    derivative(at, M);
    entries = M.reshaped();
  };
  const Vector direction = sizes_of(x).cwiseProduct(random.sizable(x.size()));
  const Vector noise = measure_noise(along(flat, x, direction), noise_spacing);
  Matrix error = least_rounding * value.cwiseAbs();
  if (noise.size() == value.size()) error += deviations * noise.reshaped(value.rows(), value.cols());
  if (relative > 0.0) {
    for (Index i = 0; i < value.rows(); ++i) {
      for (Index j = 0; j < value.cols(); ++j)
        error(i, j) += relative * size_in_row(value.cwiseAbs(), columns, i, j);
    }
  }
  return error.unaryExpr([](double e) { return std::isfinite(e) ? e : 0.0; });
}

bool is_differenced(const std::string& source) { return source.find("differences") != std::string::npos; }
double first_order_error(const Provider& provider) {
  return is_differenced(provider.first) ? error_of_differences : 0.0;
}
double second_order_error(const Provider& provider) {
  const bool differenced = is_differenced(provider.second) || is_differenced(provider.first);
  return differenced ? error_of_differences_of_differences : 0.0;
}

/// What the checks of objectives and of residuals share: the points, and what becomes of a block.
class Checker {
 public:
  Checker(const Vector& x, const CheckOptions& options, std::string provider, std::string reference)
      : options_(options), random_(options.seed) {
    require_point(x, "the point of the check");
    require_options(x);
    report_.provider = std::move(provider);
    report_.reference = std::move(reference);
    report_.names = options.names;
    for (Index j = 0; report_.names.size() < static_cast<std::size_t>(x.size()); ++j)
      report_.names.push_back(text::numbered("x", j));
    report_.points.push_back(x);
  }
  virtual ~Checker() = default;

  DerivativeCheck run() {
    const Vector x = report_.points.front();
    require_finite_value(x);
    check_here(x);
    for (int k = 1; k < options_.points; ++k) {
      const Vector near = beside(x);
      if (!finite_value(near)) {
        note("a random point beside the one given was passed over: the function is not finite there");
        continue;
      }
      report_.points.push_back(near);
      check_here(near);
    }
    return std::move(report_);
  }

 protected:
  /// Whether the function can be evaluated at x.
  virtual bool finite_value(const Vector& x) = 0;
  virtual void require_finite_value(const Vector& x) = 0;
  virtual void check_point(const Vector& x) = 0;

  std::size_t point() const { return report_.points.size() - 1; }
  DerivativeNames names() const { return {report_.names, report_.residual_names}; }

  /// Judges a block, keeps its entries and says what they show. True where no entry is wrong or not finite.
  bool add(DerivativeBlock block, const Vector& columns, const std::optional<Matrix>& gauss_newton = {}) {
    settle_sizes(block, columns);
    std::vector<CheckedEntry> entries = judge(block, options_);
    for (std::string& sentence : diagnose(block, entries, options_, names(), gauss_newton))
      find(std::move(sentence));
    bool fine = true;
    for (CheckedEntry& entry : entries) {
      fine = fine && entry.agreement != Agreement::Wrong && entry.agreement != Agreement::NotFinite;
      report_.entries.push_back(std::move(entry));
    }
    return fine;
  }

  void find(std::string sentence) {
    if (!sentence.empty() && !contains(report_.findings, sentence))
      report_.findings.push_back(std::move(sentence));
  }
  void note(std::string sentence) {
    if (!contains(report_.notes, sentence)) report_.notes.push_back(std::move(sentence));
  }

  const CheckOptions& options_;
  DerivativeCheck report_;
  Random random_;

 private:
  static bool contains(const std::vector<std::string>& list, const std::string& sentence) {
    return std::find(list.begin(), list.end(), sentence) != list.end();
  }

  void require_options(const Vector& x) const {
    const auto n = static_cast<std::size_t>(x.size());
    if (!options_.names.empty() && options_.names.size() != n) {
      misuse("the check has " + std::to_string(options_.names.size()) + " names, but the point has " +
             std::to_string(n) + " coordinates");
    }
    if (options_.points < 1) misuse("a check needs at least one point");
    if (!(options_.spread >= 0.0) || !std::isfinite(options_.spread))
      misuse("the spread of a check's points must be finite and at least 0");
    if (!(options_.factor >= 1.0) || !std::isfinite(options_.factor))
      misuse("the factor of a check must be at least 1: it multiplies the error to be expected");
    if (!(options_.resolution > 0.0 && options_.resolution <= 1.0))
      misuse("the resolution of a check must be above 0 and at most 1");
  }

  Vector beside(const Vector& x) {
    const Vector s = sizes_of(x);
    Vector near = x;
    for (Index j = 0; j < x.size(); ++j) near[j] += options_.spread * s[j] * random_.symmetric();
    return near;
  }

  void check_here(const Vector& x) {
    const std::size_t before = report_.count(Agreement::NotFinite);
    check_point(x);
    if (report_.count(Agreement::NotFinite) == before || !options_.explain) return;
    std::string why;
    attempt([&] { why = options_.explain(x); });
    if (!why.empty()) find("at " + text::point(x) + ", " + why);
  }

  /// An entry that is nothing but rounding is measured by the largest of its row, and none by less than what
  /// is rounding there.
  void settle_sizes(DerivativeBlock& block, const Vector& columns) const {
    Matrix sizes = block.size.cwiseMax(block.value.cwiseAbs());
    for (Index i = 0; i < sizes.rows(); ++i) {
      for (Index j = 0; j < sizes.cols(); ++j) {
        if (std::isfinite(block.reference(i, j)))
          sizes(i, j) = std::max(sizes(i, j), std::abs(block.reference(i, j)));
      }
    }
    block.size = sizes;
    for (Index i = 0; i < sizes.rows(); ++i) {
      for (Index j = 0; j < sizes.cols(); ++j) {
        const double own_error = block.error(i, j) - block.reference_error(i, j);
        const bool rounding = std::abs(block.value(i, j)) <= options_.factor * own_error &&
                              std::abs(block.reference(i, j)) <= options_.factor * block.error(i, j);
        const double in_row = size_in_row(sizes, columns, i, j);
        block.size(i, j) = std::max(sizes(i, j), rounding ? in_row : negligible_in_row * in_row);
      }
    }
  }
};

DerivativeBlock block_of(DerivativePart part, std::size_t point, Matrix value, const Matrix& own_error,
                         Estimate reference, bool estimated) {
  DerivativeBlock block;
  block.part = part;
  block.point = point;
  block.value = std::move(value);
  block.estimated = estimated;
  block.error = reference.error + own_error;
  block.reference = std::move(reference.value);
  block.reference_error = std::move(reference.error);
  block.size = std::move(reference.size);
  return block;
}

/// Which pairs of a Hessian differ by more than the provider's own error.
std::string asymmetry(const Matrix& H, const Matrix& own_error, const CheckOptions& options,
                      const DerivativeNames& names) {
  if (!H.allFinite()) return "";
  const Vector root = H.diagonal().cwiseAbs().cwiseSqrt();
  const Matrix tolerance = options.factor * (own_error + least_rounding * root * root.transpose());
  return describe_asymmetry(H, tolerance, names);
}

class ObjectiveChecker final : public Checker {
 public:
  ObjectiveChecker(const Objective& f, const Objective* other, const Vector& x, const CheckOptions& options)
      : Checker(x, options, f.provider().describe(),
                other ? other->provider().describe() : "differences with estimated errors"),
        f_(f),
        other_(other) {}

 private:
  void require_finite_value(const Vector& x) override {
    if (double value = f_.value(x); !std::isfinite(value)) {
      const std::string why = options_.explain ? options_.explain(x) : "";
      misuse("the function is " + text::number(value) + " at the point of the check, x = " + text::point(x) +
             (why.empty() ? "" : ": " + why));
    }
  }
  bool finite_value(const Vector& x) override {
    double value = unknown;
    return attempt([&] { value = f_.value(x); }) && std::isfinite(value);
  }

  void check_point(const Vector& x) override {
    const Vector s = sizes_of(x);
    const bool right = check_gradient(x, s);
    if (!options_.second_order) return;
    const bool by_gradient = right && !is_differenced(f_.provider().first);
    check_hessian(x, s, by_gradient);
    check_product(x, s, by_gradient);
  }

  static MatrixFunction gradient_of(const Objective& f) {
    return [&f](const Vector& at, Matrix& row) {
      Vector g;
      f.gradient(at, g);
      row = g.transpose();
    };
  }
  static MatrixFunction hessian_of(const Objective& f) {
    return [&f](const Vector& at, Matrix& H) {
      Vector g;
      f.hessian(at, g, H);
    };
  }
  VectorFunction values() const {
    return [this](const Vector& at, Vector& values) { values = Vector::Constant(1, f_.value(at)); };
  }
  VectorFunction gradients() const {
    return [this](const Vector& at, Vector& g) { f_.gradient(at, g); };
  }

  /// What another provider says, with its rounding.
  Estimate said_by_other(const MatrixFunction& derivative, const Vector& x, const Vector& s,
                         double relative) {
    Estimate reference;
    derivative(x, reference.value);
    reference.error = error_of_provider(derivative, x, reference.value, s, relative, random_);
    reference.size = reference.value.cwiseAbs();
    return reference;
  }

  bool check_gradient(const Vector& x, const Vector& s) {
    Matrix value;
    gradient_of(f_)(x, value);
    const Matrix own =
        error_of_provider(gradient_of(f_), x, value, s, first_order_error(f_.provider()), random_);
    Estimate reference =
        other_ ? said_by_other(gradient_of(*other_), x, s, first_order_error(other_->provider()))
               : difference_jacobian(values(), x, 1);
    const std::size_t before = report_.entries.size();
    const bool right =
        add(block_of(DerivativePart::Gradient, point(), value, own, std::move(reference), !other_), s);
    undecided_.assign(static_cast<std::size_t>(x.size()), false);
    for (std::size_t k = before; k < report_.entries.size(); ++k) {
      const CheckedEntry& entry = report_.entries[k];
      undecided_[static_cast<std::size_t>(entry.column)] = entry.agreement == Agreement::NotDecided;
    }
    return right;
  }

  /// What is a difference of an entry of the gradient that is not known to be right decides nothing.
  void distrust(Estimate& reference) const {
    for (Index i = 0; i < reference.error.rows(); ++i) {
      if (undecided_[static_cast<std::size_t>(i)]) reference.error.row(i).setConstant(infinity);
    }
  }

  void check_hessian(const Vector& x, const Vector& s, bool by_gradient) {
    hessian_of(f_)(x, H_);
    own_ = error_of_provider(hessian_of(f_), x, H_, s, second_order_error(f_.provider()), random_);
    find(asymmetry(H_, own_, options_, names()));
    if (other_) {
      reference_ = said_by_other(hessian_of(*other_), x, s, second_order_error(other_->provider()));
    } else if (by_gradient) {
      reference_ = difference_jacobian(gradients(), x, x.size());
      distrust(reference_);
      symmetrize(reference_);
    } else {
      reference_ = hessian_from_values(values(), x);
    }
    add(block_of(DerivativePart::Hessian, point(), H_, own_, reference_, !other_), s, gauss_newton(x));
  }

  std::optional<Matrix> gauss_newton(const Vector& x) const {
    if (!options_.residuals) return std::nullopt;
    Vector r;
    Matrix J;
    options_.residuals->jacobian(x, r, J);
    return Matrix(J.transpose() * J);
  }

  void check_product(const Vector& x, const Vector& s, bool by_gradient) {
    const Vector v = s.cwiseProduct(random_.sizable(x.size()));
    const Vector single = Vector::Ones(1);
    const MatrixFunction product = [&](const Vector& at, Matrix& column) {
      Vector Hv;
      f_.hessian_product(at, v, Hv);
      column = Hv;
    };
    Matrix value;
    product(x, value);
    Matrix own = error_of_provider(product, x, value, single, 0.0, random_);
    const Matrix magnitude = H_.cwiseAbs() * v.cwiseAbs();
    own += (second_order_error(f_.provider()) + 16.0 * least_rounding) * magnitude;
    Estimate reference;
    if (other_) {
      Vector Hv;
      other_->hessian_product(x, v, Hv);
      reference = {Hv, 2.0 * own + second_order_error(other_->provider()) * magnitude, magnitude};
    } else if (by_gradient) {
      reference.resize(x.size(), 1);
      const VectorFunction gradient = gradients();
      const LineDerivatives line = differentiate_line(along(gradient, x, v), steps_along(x, v));
      if (line.first.size() == x.size()) reference = {line.first, line.first_error, line.first_size};
      reference.size = reference.size.cwiseMax(magnitude);
      distrust(reference);
    } else {
      reference = {reference_.value * v, reference_.error * v.cwiseAbs(), reference_.size * v.cwiseAbs()};
    }
    add(block_of(DerivativePart::HessianProduct, point(), value, own, std::move(reference), !other_), single);
    Estimate consistent{H_ * v, own_ * v.cwiseAbs(), magnitude};
    add(block_of(DerivativePart::ProductOfHessian, point(), value, own, std::move(consistent), false),
        single);
  }

  const Objective& f_;
  const Objective* other_;
  std::vector<bool> undecided_;  ///< of the entries of the gradient (n)
  Matrix H_, own_;
  Estimate reference_;  ///< of the Hessian
};

class ResidualChecker final : public Checker {
 public:
  ResidualChecker(const Residuals& r, const Residuals* other, const Vector& x, const CheckOptions& options)
      : Checker(x, options, r.provider().describe(),
                other ? other->provider().describe() : "differences with estimated errors"),
        r_(r),
        other_(other) {}

 private:
  void require_finite_value(const Vector& x) override {
    Vector r;
    r_.value(x, r);
    if (r.size() == 0) misuse("the residual function returned no residuals: there is nothing to check");
    report_.residual_names = options_.residual_names;
    if (!options_.residual_names.empty() &&
        options_.residual_names.size() != static_cast<std::size_t>(r.size())) {
      misuse("the check has " + std::to_string(options_.residual_names.size()) +
             " names of residuals, but there are " + std::to_string(r.size()) + " residuals");
    }
    for (Index i = 0; report_.residual_names.size() < static_cast<std::size_t>(r.size()); ++i)
      report_.residual_names.push_back(text::numbered("r", i));
    for (Index i = 0; i < r.size(); ++i) {
      if (std::isfinite(r[i])) continue;
      const std::string why = options_.explain ? options_.explain(x) : "";
      misuse("the residual " + report_.residual_names[static_cast<std::size_t>(i)] + " is " +
             text::number(r[i]) + " at the point of the check, x = " + text::point(x) +
             (why.empty() ? "" : ": " + why));
    }
  }
  bool finite_value(const Vector& x) override {
    Vector r;
    return attempt([&] { r_.value(x, r); }) && r.allFinite();
  }

  static MatrixFunction jacobian_of(const Residuals& r) {
    return [&r](const Vector& at, Matrix& J) {
      Vector values;
      r.jacobian(at, values, J);
    };
  }

  void check_point(const Vector& x) override {
    const Vector s = sizes_of(x);
    Matrix value;
    jacobian_of(r_)(x, value);
    const Matrix own =
        error_of_provider(jacobian_of(r_), x, value, s, first_order_error(r_.provider()), random_);
    const VectorFunction values = [this](const Vector& at, Vector& r) { r_.value(at, r); };
    Estimate reference;
    if (other_) {
      jacobian_of (*other_)(x, reference.value);
      if (reference.value.rows() != value.rows()) {
        misuse("the two providers disagree on the number of residuals: " + std::to_string(value.rows()) +
               " and " + std::to_string(reference.value.rows()));
      }
      reference.error = error_of_provider(jacobian_of(*other_), x, reference.value, s,
                                          first_order_error(other_->provider()), random_);
      reference.size = reference.value.cwiseAbs();
    } else {
      reference = difference_jacobian(values, x, value.rows());
    }
    const bool right =
        add(block_of(DerivativePart::Jacobian, point(), value, own, std::move(reference), !other_), s);
    if (options_.second_order) check_second(x, s, value.rows(), right);
  }

  void check_second(const Vector& x, const Vector& s, Index m, bool right) {
    const Vector w = random_.sizable(m);
    const auto weighted = [&w](const Residuals& r) -> MatrixFunction {
      return [&r, &w](const Vector& at, Matrix& S) { r.weighted_hessian(at, w, S); };
    };
    Matrix value;
    weighted(r_)(x, value);
    const Matrix own =
        error_of_provider(weighted(r_), x, value, s, second_order_error(r_.provider()), random_);
    find(asymmetry(value, own, options_, names()));
    Estimate reference;
    if (other_) {
      weighted (*other_)(x, reference.value);
      reference.error = error_of_provider(weighted(*other_), x, reference.value, s,
                                          second_order_error(other_->provider()), random_);
      reference.size = reference.value.cwiseAbs();
    } else if (right && !is_differenced(r_.provider().first)) {
      const VectorFunction gradient = [&](const Vector& at, Vector& g) {
        Vector r;
        Matrix J;
        r_.jacobian(at, r, J);
        g = J.transpose() * w;
      };
      reference = difference_jacobian(gradient, x, x.size());
      symmetrize(reference);
    } else {
      const VectorFunction sum = [&](const Vector& at, Vector& value_of_sum) {
        Vector r;
        r_.value(at, r);
        value_of_sum = Vector::Constant(1, w.dot(r));
      };
      reference = hessian_from_values(sum, x);
    }
    add(block_of(DerivativePart::WeightedHessian, point(), value, own, std::move(reference), !other_), s);
    const Vector v = s.cwiseProduct(random_.sizable(x.size()));
    Vector Sv;
    r_.weighted_hessian_product(x, w, v, Sv);
    const Matrix magnitude = value.cwiseAbs() * v.cwiseAbs();
    const Matrix slack = (second_order_error(r_.provider()) + 16.0 * least_rounding) * magnitude;
    Estimate consistent{value * v, own * v.cwiseAbs() + slack, magnitude};
    add(block_of(DerivativePart::ProductOfHessian, point(), Sv, slack, std::move(consistent), false),
        Vector::Ones(1));
  }

  const Residuals& r_;
  const Residuals* other_;
};

}  // namespace

DerivativeCheck check_derivatives(const Objective& f, const Point& x, const CheckOptions& options) {
  return ObjectiveChecker(f, nullptr, x, options).run();
}
DerivativeCheck check_derivatives(const Objective& f, const Objective& reference, const Point& x,
                                  const CheckOptions& options) {
  return ObjectiveChecker(f, &reference, x, options).run();
}
DerivativeCheck check_derivatives(const Residuals& r, const Point& x, const CheckOptions& options) {
  return ResidualChecker(r, nullptr, x, options).run();
}
DerivativeCheck check_derivatives(const Residuals& r, const Residuals& reference, const Point& x,
                                  const CheckOptions& options) {
  return ResidualChecker(r, &reference, x, options).run();
}

}  // namespace quadric
