#include "problem/derivative_diagnosis.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

#include "base/text.hpp"

namespace quadric {

namespace {

/// Beside its error an entry fits a pattern when it is this near.
constexpr double pattern_tolerance = 1e-5;
/// Of a variable's or residual's entries so many must be wrong for "throughout" to be said.
constexpr Index fewest_for_a_pattern = 2;
constexpr Index most_searched_for_swaps = 60;

struct Factor {
  double value;
  const char* remark;    ///< of one entry
  const char* sentence;  ///< of several: "... have the wrong sign"
};
constexpr std::array factors{
    Factor{-1.0, "sign flipped", "have the wrong sign"},
    Factor{2.0, "twice the reference", "are twice what they should be"},
    Factor{0.5, "half the reference", "are half of what they should be"},
    Factor{-2.0, "-2 times the reference", "are -2 times what they should be"},
    Factor{-0.5, "-1/2 times the reference", "are -1/2 times what they should be"},
    Factor{0.0, "missing: it is 0", "are missing: they are 0"},
};

double tolerance(const DerivativeBlock& block, const CheckOptions& options, Index i, Index j) {
  return options.factor * block.error(i, j) + pattern_tolerance * std::abs(block.reference(i, j));
}

/// Whether the value at (i, j) is c times the reference at (k, l), which is not itself zero within its error.
bool matches(const DerivativeBlock& block, const CheckOptions& options, Index i, Index j, double c, Index k,
             Index l) {
  const double slack = tolerance(block, options, i, j) + std::abs(c) * tolerance(block, options, k, l);
  return std::abs(block.value(i, j) - c * block.reference(k, l)) <= slack;
}

bool is_plainly_nonzero(const DerivativeBlock& block, const CheckOptions& options, Index i, Index j) {
  return std::abs(block.reference(i, j)) > 4.0 * options.factor * block.error(i, j);
}

const Factor* factor_of(const DerivativeBlock& block, const CheckOptions& options, Index i, Index j) {
  if (!is_plainly_nonzero(block, options, i, j)) return nullptr;
  for (const Factor& factor : factors) {
    if (matches(block, options, i, j, factor.value, i, j)) return &factor;
  }
  return nullptr;
}

using Place = std::pair<Index, Index>;

/// The one factor that explains all the wrong entries, if there is one.
const Factor* common_factor(const DerivativeBlock& block, const CheckOptions& options,
                            const std::vector<Place>& wrong) {
  const Factor* common = nullptr;
  for (const auto& [i, j] : wrong) {
    const Factor* factor = factor_of(block, options, i, j);
    if (factor == nullptr || (common != nullptr && factor != common)) return nullptr;
    common = factor;
  }
  return common;
}

/// Another number that all the wrong entries are off by, where there are enough of them to tell.
std::optional<double> common_ratio(const DerivativeBlock& block, const CheckOptions& options,
                                   const std::vector<Place>& wrong) {
  if (wrong.size() < 3) return std::nullopt;
  const auto [i0, j0] = wrong.front();
  if (!is_plainly_nonzero(block, options, i0, j0)) return std::nullopt;
  const double ratio = block.value(i0, j0) / block.reference(i0, j0);
  for (const auto& [i, j] : wrong) {
    if (!is_plainly_nonzero(block, options, i, j) || !matches(block, options, i, j, ratio, i, j))
      return std::nullopt;
  }
  return ratio;
}

std::string plural(DerivativePart part) {
  switch (part) {
    case DerivativePart::Gradient:
      return "entries of the gradient";
    case DerivativePart::Hessian:
      return "entries of the Hessian";
    case DerivativePart::HessianProduct:
    case DerivativePart::ProductOfHessian:
      return "entries of the Hessian-vector product";
    case DerivativePart::Jacobian:
      return "entries of the Jacobian";
    case DerivativePart::WeightedHessian:
      return "entries of the weighted Hessian";
  }
  return "entries";
}

std::string singular(DerivativePart part) { return plural(part).substr(std::string("entries of ").size()); }

bool is_hessian(DerivativePart part) {
  return part == DerivativePart::Hessian || part == DerivativePart::WeightedHessian;
}

class Diagnosis {
 public:
  Diagnosis(const DerivativeBlock& block, const std::vector<CheckedEntry>& entries,
            const CheckOptions& options, const DerivativeNames& names)
      : block_(block), options_(options), names_(names) {
    for (const CheckedEntry& entry : entries) {
      if (entry.agreement == Agreement::Wrong) wrong_.emplace_back(entry.row, entry.column);
      if (is_plainly_nonzero(block, options, entry.row, entry.column)) ++nonzero_;
    }
    for (const auto& [i, j] : wrong_) {
      rows_.insert(i);
      columns_.insert(j);
    }
  }

  /// The first pattern that explains every wrong entry.
  std::string sentence(const std::optional<Matrix>& gauss_newton) const {
    if (wrong_.empty()) return "";
    if (gauss_newton && block_.part == DerivativePart::Hessian && equals(*gauss_newton)) {
      return "the Hessian is JᵀJ only: the part Σ rᵢ ∇²rᵢ is missing";
    }
    if (block_.part == DerivativePart::WeightedHessian && block_.value.isZero(0.0)) {
      return "the weighted Hessian is zero throughout: second derivatives of the residuals are missing, so "
             "that the Hessian is JᵀJ only";
    }
    if (is_transposed())
      return "the Jacobian is transposed: its rows must be residuals, its columns variables";
    if (std::string swapped = swaps(); !swapped.empty()) return swapped;
    return pattern_of_place();
  }

 private:
  bool equals(const Matrix& other) const {
    for (Index j = 0; j < other.cols(); ++j) {
      for (Index i = 0; i < other.rows(); ++i) {
        const double slack = tolerance(block_, options_, i, j) + pattern_tolerance * std::abs(other(i, j));
        if (!(std::abs(block_.value(i, j) - other(i, j)) <= slack)) return false;
      }
    }
    return true;
  }

  /// The value at every place is the reference where `map` sends the place.
  template <class Map>
  bool is_rearranged(const Map& map) const {
    for (Index j = 0; j < block_.value.cols(); ++j) {
      for (Index i = 0; i < block_.value.rows(); ++i) {
        const auto [k, l] = map(i, j);
        if (!matches(block_, options_, i, j, 1.0, k, l)) return false;
      }
    }
    return true;
  }

  bool is_transposed() const {
    return block_.part == DerivativePart::Jacobian && block_.value.rows() == block_.value.cols() &&
           wrong_.size() >= 2 && is_rearranged([](Index i, Index j) {
             return Place{j, i};
           });
  }

  static Index exchanged(Index i, Index a, Index b) { return i == a ? b : i == b ? a : i; }

  std::string swaps() const {
    const bool product =
        block_.part == DerivativePart::HessianProduct || block_.part == DerivativePart::ProductOfHessian;
    if (block_.value.rows() > most_searched_for_swaps || block_.value.cols() > most_searched_for_swaps)
      return "";
    for (const Index a : columns_) {
      for (const Index b : columns_) {
        if (b <= a) continue;
        const std::string both = variable(a) + " and " + variable(b);
        if (is_hessian(block_.part)) {
          const auto relabelled = [&](Index i, Index j) {
            return Place{exchanged(i, a, b), exchanged(j, a, b)};
          };
          if (is_rearranged(relabelled))
            return "the variables " + both + " are swapped in " + singular(block_.part);
        }
        const auto columns = [&](Index i, Index j) { return Place{i, exchanged(j, a, b)}; };
        if (!is_rearranged(columns)) continue;
        if (block_.part == DerivativePart::Gradient)
          return "the entries of " + both + " are swapped in the gradient";
        return "the columns of " + both + " are swapped in " + singular(block_.part);
      }
    }
    for (const Index a : rows_) {
      for (const Index b : rows_) {
        if (b <= a || !is_rearranged([&](Index i, Index j) { return Place{exchanged(i, a, b), j}; }))
          continue;
        return (product ? "the entries of " : "the rows of ") + row(a) + " and " + row(b) +
               " are swapped in " + singular(block_.part);
      }
    }
    return "";
  }

  /// Where the wrong entries lie, and by what factor they are wrong.
  std::string pattern_of_place() const {
    const Factor* factor = common_factor(block_, options_, wrong_);
    const std::optional<double> ratio = factor ? std::nullopt : common_ratio(block_, options_, wrong_);
    std::string how;
    if (factor != nullptr) how = factor->sentence;
    if (ratio) how = "are " + text::number(*ratio, 5) + " times what they should be";
    const auto count = static_cast<Index>(wrong_.size());
    if (count == nonzero_ && count > 1 && !how.empty()) return "all " + plural(block_.part) + " " + how;
    if (count < fewest_for_a_pattern) return "";
    if (rows_.size() == 1 && block_.value.rows() > 1 && !is_hessian(block_.part)) {
      const Index i = *rows_.begin();
      const std::string place = "the row of " + row(i) + " in " + singular(block_.part);
      if (count == nonzero_in_row(i))
        return place + " is wrong throughout" + (how.empty() ? "" : ": its entries " + how);
      return "all wrong entries of " + singular(block_.part) + " are in the row of " + row(i);
    }
    if (columns_.size() == 1 && block_.value.cols() > 1 && !is_hessian(block_.part)) {
      return "only the derivatives by " + variable(*columns_.begin()) + " are wrong in " +
             singular(block_.part) + (how.empty() ? ": a term may be missing" : ": they " + how);
    }
    if (is_hessian(block_.part)) {
      for (Index k = 0; k < block_.value.cols(); ++k) {
        const bool all = std::all_of(wrong_.begin(), wrong_.end(),
                                     [k](const Place& at) { return at.first == k || at.second == k; });
        if (all && block_.value.cols() > 2) {
          return "all wrong entries of " + singular(block_.part) + " belong to " + variable(k) +
                 (how.empty() ? ": a term may be missing" : ": they " + how);
        }
      }
    }
    return how.empty() ? ""
                       : text::number(static_cast<double>(count)) + " " + plural(block_.part) + " " + how;
  }

  Index nonzero_in_row(Index i) const {
    Index count = 0;
    for (Index j = 0; j < block_.value.cols(); ++j)
      count += is_plainly_nonzero(block_, options_, i, j) ? 1 : 0;
    return count;
  }

  std::string variable(Index j) const { return names_.variables[static_cast<std::size_t>(j)]; }
  std::string row(Index i) const {
    return block_.part == DerivativePart::Jacobian ? names_.residuals[static_cast<std::size_t>(i)]
                                                   : variable(i);
  }

  const DerivativeBlock& block_;
  const CheckOptions& options_;
  const DerivativeNames& names_;
  std::vector<Place> wrong_;
  std::set<Index> rows_, columns_;
  Index nonzero_ = 0;
};

Agreement agreement_of(const DerivativeBlock& block, const CheckOptions& options, Index i, Index j) {
  const double value = block.value(i, j), reference = block.reference(i, j);
  if (!std::isfinite(value)) return Agreement::NotFinite;
  const double reference_error = block.reference_error(i, j);
  if (!std::isfinite(reference) || !std::isfinite(reference_error)) return Agreement::NotDecided;
  const double margin = options.factor * block.error(i, j);
  if (std::abs(value - reference) > margin) return Agreement::Wrong;
  const double uncertainty = options.factor * reference_error;
  const bool decided = !block.estimated || uncertainty <= options.resolution * block.size(i, j);
  return decided ? Agreement::Agrees : Agreement::NotDecided;
}

}  // namespace

std::vector<CheckedEntry> judge(const DerivativeBlock& block, const CheckOptions& options) {
  std::vector<CheckedEntry> entries;
  for (Index i = 0; i < block.value.rows(); ++i) {
    for (Index j = 0; j < block.value.cols(); ++j) {
      CheckedEntry entry{.part = block.part,
                         .row = i,
                         .column = j,
                         .point = block.point,
                         .value = block.value(i, j),
                         .reference = block.reference(i, j),
                         .expected_error = block.error(i, j),
                         .agreement = agreement_of(block, options, i, j)};
      if (entry.agreement == Agreement::Wrong) {
        if (const Factor* factor = factor_of(block, options, i, j)) entry.remark = factor->remark;
      } else if (entry.agreement == Agreement::NotFinite) {
        entry.remark = "not finite";
      } else if (entry.agreement == Agreement::NotDecided) {
        entry.remark = "not decided";
      }
      entries.push_back(std::move(entry));
    }
  }
  return entries;
}

std::vector<std::string> diagnose(const DerivativeBlock& block, const std::vector<CheckedEntry>& entries,
                                  const CheckOptions& options, const DerivativeNames& names,
                                  const std::optional<Matrix>& gauss_newton) {
  const bool whole = block.value.allFinite() && block.reference.allFinite() && block.error.allFinite();
  if (!whole) return {};
  std::string sentence = Diagnosis(block, entries, options, names).sentence(gauss_newton);
  if (sentence.empty()) return {};
  return {std::move(sentence)};
}

std::string describe_asymmetry(const Matrix& H, const Matrix& tolerance, const DerivativeNames& names) {
  struct Pair {
    Index i, j;
    double difference;
  };
  std::vector<Pair> pairs;
  bool lower_only = true, upper_only = true;
  for (Index i = 0; i < H.rows(); ++i) {
    for (Index j = 0; j < i; ++j) {
      const double difference = std::abs(H(i, j) - H(j, i));
      if (!(difference > tolerance(i, j) + tolerance(j, i))) continue;
      pairs.push_back({i, j, difference});
      lower_only = lower_only && H(j, i) == 0.0;
      upper_only = upper_only && H(i, j) == 0.0;
    }
  }
  if (pairs.empty()) return "";
  std::stable_sort(pairs.begin(), pairs.end(),
                   [](const Pair& a, const Pair& b) { return a.difference > b.difference; });
  std::string sentence = "the Hessian is not symmetric: ";
  constexpr std::size_t most = 3;
  for (std::size_t k = 0; k < pairs.size() && k < most; ++k) {
    const auto& [i, j, difference] = pairs[k];
    const std::string& a = names.variables[static_cast<std::size_t>(i)];
    const std::string& b = names.variables[static_cast<std::size_t>(j)];
    sentence.append(k == 0 ? "" : ", ").append("(").append(a).append(", ").append(b).append(") is ");
    sentence.append(text::number(H(i, j))).append(", but (").append(b).append(", ").append(a).append(") is ");
    sentence.append(text::number(H(j, i)));
  }
  if (pairs.size() > most) sentence += ", and " + std::to_string(pairs.size() - most) + " pairs more";
  if (pairs.size() > 1 || H.rows() == 2) {
    if (lower_only) sentence += "; only its lower triangle is filled";
    if (upper_only) sentence += "; only its upper triangle is filled";
  }
  return sentence;
}

}  // namespace quadric
