#include "quadric/engine/trace_difference.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>

#include "quadric/base/misuse.hpp"

#include "base/text.hpp"

namespace quadric {

namespace {

/// Below this share of the largest a quantity had lies rounding.
constexpr double rounding = 1e-12;

/// A quantity of an iteration, in the order in which an iteration makes them.
struct Quantity {
  const char* name;
  double (*of)(const Iteration&);
  double Iteration::*sized_by;  ///< whose largest size tells what is rounding; null: none is
  const char* why;
  bool on_path = true;  ///< runs that differ in it take other steps, or see other functions
};

const Quantity quantities[] = {
    {"rejected", [](const Iteration& i) { return static_cast<double>(i.rejected); }, nullptr,
     "before the step was taken one of them rejected other trial steps: up to here they went the same way, "
     "but a "
     "promise was judged otherwise"},
    {"trust", [](const Iteration& i) { return i.trust; }, nullptr,
     "what governs the step (radius, damping or length) is another: the step controls, or their options, "
     "differ"},
    {"step_norm", [](const Iteration& i) { return i.step_norm; }, &Iteration::step_norm,
     "from the same point the step is another: the directions differ, by another B or another way to its "
     "lowest "
     "point"},
    {"slope", [](const Iteration& i) { return i.slope; }, &Iteration::value,
     "the steps are of one length, but lead elsewhere: the directions or the gradients differ"},
    {"curvature", [](const Iteration& i) { return i.curvature; }, &Iteration::value,
     "the quadrics bend otherwise along the step (pᵀBp): another B, as of another method or provider of "
     "second "
     "derivatives"},
    {"predicted", [](const Iteration& i) { return i.predicted; }, &Iteration::value,
     "the quadrics promise another change of f along the step: another B"},
    {"lambda_min", [](const Iteration& i) { return i.lambda_min; }, &Iteration::lambda_min,
     "the lowest eigenvalue is another: the second derivatives differ across the step"},
    {"actual", [](const Iteration& i) { return i.actual; }, &Iteration::value,
     "the quadrics promised the same, but f changed otherwise: the functions differ, or f is noisy"},
    {"value", [](const Iteration& i) { return i.value; }, &Iteration::value,
     "f has another value: the functions differ, or f is noisy"},
    {"gradient_norm", [](const Iteration& i) { return i.gradient_norm; }, &Iteration::gradient_norm,
     "f is the same, but its gradient is not: derivatives by other providers, or a wrong one"},
};

double size_of(double value) { return std::isfinite(value) ? std::abs(value) : 0.0; }

bool same_bits(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

/// The largest sizes so far, by which rounding is told.
class Sizes {
 public:
  void see(const Iteration& iteration) {
    for (std::size_t k = 0; k < std::size(quantities); ++k) {
      if (quantities[k].sized_by != nullptr)
        largest_[k] = std::max(largest_[k], size_of(iteration.*quantities[k].sized_by));
    }
  }
  double rounding_of(std::size_t quantity) const { return rounding * largest_[quantity]; }

 private:
  double largest_[std::size(quantities)] = {};
};

std::string names_of(const Events& events) {
  std::string names;
  for (const Event event : events.list())
    names += (names.empty() ? "" : ", ") + std::string(to_string(event));
  return names.empty() ? "none" : names;
}

std::string why_at_start(const std::string& quantity) {
  if (quantity == "value") return "the starts or the functions are not the same";
  if (quantity == "gradient_norm")
    return "f is the same at the start, but its gradient is not: derivatives by other providers, or a wrong "
           "one";
  return "";
}

/// Whether a quantity differs: by more than the tolerance, or where that is empty in any bit.
bool differs(std::size_t quantity, const Iteration& a, const Iteration& b, const Sizes& sizes,
             std::optional<double> tolerance) {
  const double left = quantities[quantity].of(a), right = quantities[quantity].of(b);
  if (same_bits(left, right)) return false;
  if (!tolerance) return true;
  const double apart = std::abs(left - right);  // NaN where one of them is unknown: a difference
  return !(apart <= *tolerance * std::max(size_of(left), size_of(right))) &&
         !(apart <= sizes.rounding_of(quantity));
}

/// Whether they took other steps, or saw another function.
bool ways_part(const Iteration& a, const Iteration& b, const Sizes& sizes, double tolerance) {
  for (std::size_t k = 0; k < std::size(quantities); ++k) {
    if (quantities[k].on_path && differs(k, a, b, sizes, tolerance)) return true;
  }
  return false;
}

/// The first difference of two iterations.
std::optional<Parting> part_at(const Iteration& a, const Iteration& b, const Sizes& sizes,
                               std::optional<double> tolerance) {
  for (std::size_t k = 0; k < std::size(quantities); ++k) {
    if (!differs(k, a, b, sizes, tolerance)) continue;
    const Quantity& quantity = quantities[k];
    const std::string start = a.iteration == 0 ? why_at_start(quantity.name) : "";
    return Parting{.iteration = a.iteration,
                   .quantity = quantity.name,
                   .first = quantity.of(a),
                   .second = quantity.of(b),
                   .why = start.empty() ? quantity.why : start};
  }
  if (names_of(a.events) != names_of(b.events)) {
    return Parting{.iteration = a.iteration,
                   .quantity = "events",
                   .why = "the numbers are the same, but the events are not: " + names_of(a.events) +
                          " against " + names_of(b.events)};
  }
  if (a.evaluations != b.evaluations) {
    return Parting{.iteration = a.iteration,
                   .quantity = "evaluations",
                   .first = static_cast<double>(a.evaluations),
                   .second = static_cast<double>(b.evaluations),
                   .why = "they went the same way at another cost"};
  }
  return std::nullopt;
}

using Trace = std::span<const Iteration>;

/// The trace from an iteration on.
Trace from(Index iteration, Trace trace) {
  while (!trace.empty() && trace.front().iteration < iteration) trace = trace.subspan(1);
  return trace;
}

Parting part_at_end(Trace first, Trace second) {
  const bool first_is_longer = first.size() > second.size();
  const Iteration& shorter = (first_is_longer ? second : first).back();
  const Iteration& longer = (first_is_longer ? first : second).back();
  return {.iteration = shorter.iteration + 1,
          .quantity = "end",
          .why = std::string(first_is_longer ? "the second" : "the first") + " ends after iteration " +
                 std::to_string(shorter.iteration) + ", the other goes on to iteration " +
                 std::to_string(longer.iteration) +
                 ": tolerances or limits differ, or it was stopped or cut short"};
}

}  // namespace

TraceDifference trace_difference(const std::vector<Iteration>& first, const std::vector<Iteration>& second,
                                 double tolerance) {
  if (!(tolerance >= 0.0))
    misuse("the tolerance of a difference of traces must be at least 0, but is " + text::number(tolerance));
  TraceDifference found;
  if (first.empty() || second.empty()) misuse("a trace without iterations can not be compared");
  // A run that was resumed begins later.
  const Index start = std::max(first.front().iteration, second.front().iteration);
  const Trace a = from(start, first), b = from(start, second);
  Sizes sizes;
  const std::size_t common = std::min(a.size(), b.size());
  if (common == 0) misuse("the traces have no iteration in common");
  std::optional<Parting> aside;  // another trust, say, which made no difference to the step
  for (std::size_t i = 0; i < common && !found.visible; ++i) {
    sizes.see(a[i]);
    sizes.see(b[i]);
    if (!found.any) found.any = part_at(a[i], b[i], sizes, std::nullopt);
    const std::optional<Parting> here = part_at(a[i], b[i], sizes, tolerance);
    if (ways_part(a[i], b[i], sizes, tolerance)) found.visible = here;
    if (!aside) aside = here;
  }
  if (!found.visible && a.size() != b.size()) found.visible = part_at_end(a, b);
  if (!found.visible) found.visible = aside;
  if (!found.any) found.any = found.visible;
  return found;
}

}  // namespace quadric
