#include "quadric/engine/audit.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>
#include <string>
#include <utility>

#include "quadric/base/misuse.hpp"
#include "quadric/problem/problem.hpp"

#include "problem/line_derivatives.hpp"

namespace quadric {

namespace {

/// A direction looks wrong where a derivative is off by this many times its error and this share of its size.
/// Generous either way: the check entry by entry has the last word.
constexpr double suspicious_errors = 10.0;
constexpr double suspicious_share = 1e-7;
/// So often suspicion may turn out unfounded before directions are no longer audited.
constexpr int most_false_suspicions = 3;
constexpr int directions_at_start = 3;

/// Three widths for values, one for gradients, in units of each variable's size.
constexpr LineSteps value_steps{.largest = 0x1p-8, .smallest = 0x1p-16};
constexpr LineSteps gradient_steps{.largest = 0x1p-12, .smallest = 0x1p-12};

bool by_differences(const std::string& source) { return source.find("differences") != std::string::npos; }

/// Whether an evaluation was possible; what the user's function throws is the run's own business.
bool attempt(const std::function<void()>& evaluation) {
  try {
    evaluation();
    return true;
  } catch (...) {
    return false;
  }
}

bool has_wrong_first(const DerivativeCheck& found) {
  return std::any_of(found.entries.begin(), found.entries.end(), [](const CheckedEntry& entry) {
    const bool first = entry.part == DerivativePart::Gradient || entry.part == DerivativePart::Jacobian;
    return first && (entry.agreement == Agreement::Wrong || entry.agreement == Agreement::NotFinite);
  });
}

class Audit final : public Observer {
 public:
  explicit Audit(const AuditDerivatives& options) : options_(options), bits_(options.seed) {
    if (options.every < 0) misuse("AuditDerivatives: every must be at least 0 iterations");
    if (options.most_variables < 0) misuse("AuditDerivatives: most_variables must be at least 0");
    options_.check.points = 1;
  }

  void started(const RunInfo& run) override {
    problem_ = run.problem;
    sentence_.clear();
    false_suspicions_ = 0;
    if (problem_ == nullptr || by_differences(problem_->provider().first)) {
      problem_ = nullptr;
      return;
    }
    options_.check.names = run.names;
    second_order_ = options_.check.second_order && !by_differences(problem_->provider().second);
    if (run.start.size() <= options_.most_variables) {
      check_entries(run.start, 0);
    } else {
      for (int k = 0; k < directions_at_start && sentence_.empty(); ++k) audit_direction(run.start, 0);
    }
  }

  bool iterated(const Iteration& iteration, const Vector& x) override {
    const bool due =
        options_.every > 0 && iteration.iteration > 0 && iteration.iteration % options_.every == 0;
    if (problem_ != nullptr && due && sentence_.empty() && false_suspicions_ < most_false_suspicions)
      audit_direction(x, iteration.iteration);
    return sentence_.empty() || !options_.stop;
  }

  Finding finding() const override {
    if (sentence_.empty()) return {};
    Events events{Event::WrongDerivative};
    if (first_are_right_) events.add(Event::WrongHessian);
    return {.sentence = sentence_, .events = events};
  }

  void finished(const Result& /*result*/) override { problem_ = nullptr; }

 private:
  void check_entries(const Vector& x, Index iteration) {
    CheckOptions check = options_.check;
    check.second_order = second_order_;
    attempt([&] {
      const DerivativeCheck found = problem_->residuals()
                                        ? check_derivatives(*problem_->residuals(), x, check)
                                        : check_derivatives(problem_->objective(), x, check);
      if (!found.failed()) return;
      sentence_ = "the audit of the derivatives at iteration ";
      sentence_.append(std::to_string(iteration)).append(" found: ").append(found.sentence());
      first_are_right_ = !has_wrong_first(found);
    });
  }

  void audit_direction(const Vector& x, Index iteration) {
    const Vector v = random_direction(x);
    bool wrong = false;
    attempt([&] { wrong = slope_is_wrong(x, v) || (second_order_ && product_is_wrong(x, v)); });
    if (!wrong) return;
    check_entries(x, iteration);
    if (sentence_.empty()) ++false_suspicions_;
  }

  Vector random_direction(const Vector& x) {
    Vector v(x.size());
    for (Index j = 0; j < x.size(); ++j) {
      const double size = x[j] == 0.0 ? 1.0 : std::abs(x[j]);
      const double part = 0.5 + static_cast<double>(bits_() >> 12U) * 0x1p-53;  // ½ to 1
      v[j] = (bits_() % 2 == 0 ? size : -size) * part;
    }
    return v;
  }

  bool slope_is_wrong(const Vector& x, const Vector& v) const {
    const Objective& f = problem_->objective();
    Vector g;
    f.gradient(x, g);
    const LineDerivatives line = differentiate_line(
        [&](double t, Vector& values) {
          return attempt([&] { values = Vector::Constant(1, f.value(x + t * v)); });
        },
        value_steps);
    if (line.first.size() != 1 || !std::isfinite(line.first_error[0])) return false;
    const double slack =
        suspicious_errors * line.first_error[0] + suspicious_share * g.cwiseAbs().dot(v.cwiseAbs());
    return !(std::abs(g.dot(v) - line.first[0]) <= slack);
  }

  bool product_is_wrong(const Vector& x, const Vector& v) const {
    const Objective& f = problem_->objective();
    Vector Hv;
    f.hessian_product(x, v, Hv);
    const LineDerivatives line = differentiate_line(
        [&](double t, Vector& g) { return attempt([&] { f.gradient(x + t * v, g); }); }, gradient_steps);
    if (line.first.size() != Hv.size()) return false;
    const double size = Hv.cwiseAbs().maxCoeff();
    for (Index j = 0; j < Hv.size(); ++j) {
      if (!std::isfinite(line.first_error[j])) continue;
      const double slack = suspicious_errors * line.first_error[j] + suspicious_share * size;
      if (!(std::abs(Hv[j] - line.first[j]) <= slack)) return true;
    }
    return false;
  }

  AuditDerivatives options_;
  std::mt19937_64 bits_;
  const Problem* problem_ = nullptr;
  bool second_order_ = true;
  int false_suspicions_ = 0;
  std::string sentence_;
  bool first_are_right_ = false;  ///< where `sentence_` says that derivatives are wrong
};

}  // namespace

std::shared_ptr<Observer> observer(const AuditDerivatives& options) {
  return std::make_shared<Audit>(options);
}

}  // namespace quadric
