#include "quadric/solvers/lbfgs.hpp"

#include <algorithm>
#include <utility>

#include "quadric/base/misuse.hpp"

#include "solvers/assemble.hpp"
#include "solvers/first_order/secant_direction.hpp"

namespace quadric {

namespace {

/// B from the latest pairs (s, y), all with sᵀy > 0, so that B is positive definite.
class LbfgsDirection final : public SecantDirection {
 public:
  explicit LbfgsDirection(Index memory) : memory_(memory), bends_(memory), share_(memory) {}

  std::string_view name() const override { return "lbfgs"; }

  void restart() override {
    SecantDirection::restart();
    known_ = 0;
  }

  void remember(Memory& memory) override {
    SecantDirection::remember(memory);
    memory.option("memory", static_cast<double>(memory_));
    memory.item("pairs", known_);
    memory.item("newest", newest_);
    remember_columns(memory, "steps", steps_);
    remember_columns(memory, "changes", changes_);
    Vector bends = bends_.head(known_);
    memory.item("bends", bends);
    if (memory.reading()) bends_.head(known_) = bends;
  }

 private:
  /// The columns in use are the first ones.
  void remember_columns(Memory& memory, const std::string& name, Matrix& columns) const {
    Matrix used = known_ == 0 ? Matrix() : Matrix(columns.leftCols(memory.reading() ? 0 : known_));
    memory.item(name, used);
    if (!memory.reading() || known_ == 0) return;
    columns.resize(used.rows(), memory_);
    columns.leftCols(known_) = used;
  }

  void choose(const LocalModel& model) override {
    if (bends_up()) keep_pair();
    if (known_ == 0) return steepest(model);
    Vector step = solve(-model.gradient);
    if (model.slope(step) < 0.0) return set_step(model, std::move(step));
    known_ = 0;  // rounding took the definiteness
    steepest(model);
  }

  void keep_pair() {
    if (known_ == 0) {
      steps_.resize(last_step().size(), memory_);
      changes_.resize(last_step().size(), memory_);
      newest_ = memory_ - 1;
    }
    newest_ = (newest_ + 1) % memory_;
    known_ = std::min(known_ + 1, memory_);
    steps_.col(newest_) = last_step();
    changes_.col(newest_) = gradient_change();
    bends_[newest_] = last_step().dot(gradient_change());
  }

  /// The column of the pair that is so many pairs older than the newest.
  Index column(Index age) const { return (newest_ + memory_ - age) % memory_; }

  /// B⁻¹ q by the two loops of Nocedal (1980), with B₀ = (yᵀy / sᵀy) I of the newest pair (Shanno & Phua
  /// 1978).
  Vector solve(Vector q) {
    for (Index age = 0; age < known_; ++age) {
      const auto s = steps_.col(column(age)), y = changes_.col(column(age));
      share_[age] = s.dot(q) / bends_[column(age)];
      q -= share_[age] * y;
    }
    q *= bends_[newest_] / changes_.col(newest_).squaredNorm();
    for (Index age = known_ - 1; age >= 0; --age) {
      const auto s = steps_.col(column(age)), y = changes_.col(column(age));
      q += (share_[age] - y.dot(q) / bends_[column(age)]) * s;
    }
    return q;
  }

  Index memory_;
  Index known_ = 0;
  Index newest_ = 0;        ///< column of the newest pair
  Matrix steps_, changes_;  ///< n × memory each, one pair a column
  Vector bends_;            ///< sᵀy of each pair (memory)
  Vector share_;            ///< of each pair in the first loop (memory)
};

}  // namespace

std::shared_ptr<const Method> method(const Lbfgs& options) {
  if (options.memory < 1) misuse("lbfgs: the memory must hold at least one pair");
  return assemble(
      "lbfgs", [memory = options.memory] { return std::make_unique<LbfgsDirection>(memory); }, options.step,
      options.stop, options.at_saddle);
}

}  // namespace quadric
