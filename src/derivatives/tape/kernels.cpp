#include "derivatives/tape/kernels.hpp"

#include <atomic>
#include <cmath>

#include "derivatives/tape/kernel_levels.hpp"

namespace quadric::formula {

namespace {

std::atomic<const KernelLevel*> forced{nullptr};

const KernelLevel& best_level() {
  const KernelLevel* best = &level_plain;
  for (const KernelLevel& level : kernel_levels()) {
    if (level.runs_here()) best = &level;
  }
  return *best;
}

template <class F>
void map(const F& f, double* target, const double* a, std::size_t lanes) {
  for (std::size_t lane = 0; lane < lanes; ++lane) target[lane] = f(a[lane]);
}

}  // namespace

const HandlerTable& KernelLevel::for_lanes(std::size_t lanes) const {
  switch (lanes) {
    case 8:
      return lanes_8;
    case 16:
      return lanes_16;
    case 32:
      return lanes_32;
    case 64:
      return lanes_64;
    default:
      return one_lane;
  }
}

std::vector<Step> bind(const Program& program, std::size_t lanes) {
  const HandlerTable& handlers = kernel_level().for_lanes(lanes);
  const auto offset = [lanes](std::uint32_t slot) { return static_cast<std::uint32_t>(slot * lanes); };
  const auto handler = [&](Code code) { return handlers[static_cast<std::size_t>(code)]; };
  std::vector<Step> steps;
  steps.reserve(program.code.size() + 1);
  for (const Instruction& i : program.code) {
    steps.push_back(
        {handler(i.code), offset(i.target), offset(i.a), offset(i.b), offset(i.c), i.literal, i.operation});
  }
  steps.push_back({handler(Code::Stop), 0, 0, 0, 0, 0.0, Operation::Variable});
  return steps;
}

const std::vector<KernelLevel>& kernel_levels() {
  static const std::vector<KernelLevel> levels{
      level_plain,
#ifdef QUADRIC_X86_LEVELS
      level_avx2,
      level_avx512,
#endif
  };
  return levels;
}

const KernelLevel& kernel_level() {
  static const KernelLevel& best = best_level();
  const KernelLevel* chosen = forced.load(std::memory_order_relaxed);
  return chosen ? *chosen : best;
}

bool force_kernel_level(std::string_view name) {
  if (name.empty()) {
    forced = nullptr;
    return true;
  }
  for (const KernelLevel& level : kernel_levels()) {
    if (name != level.name || !level.runs_here()) continue;
    forced = &level;
    return true;
  }
  return false;
}

void call_lanes(Operation operation, double* target, const double* a, const double* b, std::size_t lanes) {
  switch (operation) {  // the frequent ones without a switch in each lane
    case Operation::Exponential:
      return map([](double x) { return std::exp(x); }, target, a, lanes);
    case Operation::Logarithm:
      return map([](double x) { return std::log(x); }, target, a, lanes);
    case Operation::Sine:
      return map([](double x) { return std::sin(x); }, target, a, lanes);
    case Operation::Cosine:
      return map([](double x) { return std::cos(x); }, target, a, lanes);
    case Operation::HyperbolicTangent:
      return map([](double x) { return std::tanh(x); }, target, a, lanes);
    default:
      for (std::size_t lane = 0; lane < lanes; ++lane) target[lane] = evaluate(operation, a[lane], b[lane]);
  }
}

}  // namespace quadric::formula
