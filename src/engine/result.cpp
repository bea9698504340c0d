#include "quadric/engine/result.hpp"

#include "base/text.hpp"

namespace quadric {

std::string Result::summary() const {
  std::string text = solver + ": " + std::string(to_string(status)) + " after " +
                     text::count(iterations, "iteration") + " (" + reason + ").\n";
  if (!choice.empty()) text += "  chosen because " + choice + "\n";
  text += "  value " + text::number(value, 10) + ", ‖gradient‖ " + text::number(gradient_norm, 3) + ", at ";
  constexpr std::size_t longest = 8;
  for (std::size_t i = 0; i < names.size() && i < longest; ++i) {
    text += (i == 0 ? "" : ", ") + names[i] + " = " + text::number(x[static_cast<Index>(i)], 10);
  }
  if (names.size() > longest) text += ", …";
  text += "\n  certificate: " + critical_point.describe() + "\n  derivatives: " + provider.describe() + "; " +
          text::count(counts.values, "value") + ", " + text::count(counts.gradients, "gradient") + ", " +
          text::count(counts.hessians, "Hessian") + ", " + text::count(counts.products, "product") + "; " +
          text::number(seconds, 3) + " s";
  return text;
}

}  // namespace quadric
