#include "solvers/first_order/barzilai_borwein.hpp"

#include "solvers/first_order/secant_direction.hpp"

namespace quadric {

namespace {

class BarzilaiBorweinDirection final : public SecantDirection {
 public:
  std::string_view name() const override { return "gradient-descent-bb"; }

 private:
  void choose(const LocalModel& model) override { steepest(model); }
};

}  // namespace

std::unique_ptr<Direction> barzilai_borwein() { return std::make_unique<BarzilaiBorweinDirection>(); }

}  // namespace quadric
