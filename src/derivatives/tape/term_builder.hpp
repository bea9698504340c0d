#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "derivatives/tape/shapes.hpp"
#include "derivatives/tape/term_class.hpp"

namespace quadric::formula {

/// Collects groups of terms and makes one `TermClass` of all groups with the same shapes on the same
/// combination of variables.
class ClassBuilder {
 public:
  /// The structure that the instances of a class have in common.
  struct Key {
    std::vector<std::int32_t> shapes;
    std::vector<std::int32_t> variables;  ///< of each shape in turn, numbered within the group
    auto operator<=>(const Key&) const = default;
  };

  explicit ClassBuilder(const Occurrences& found) : found_(found) {}

  /// The terms first … last - 1 as one instance, with a factor for each root of each (empty: 1). Returns the
  /// number of the class.
  std::size_t add(std::size_t first, std::size_t last, std::span<const double> factors,
                  std::int32_t first_output);

  /// What the class computes: the sum of all roots, or each root on its own.
  enum class Outputs { Sum, Each };
  std::vector<TermClass> take(Outputs outputs, bool weighted);

 private:
  struct Collected {
    Key key;
    std::int32_t variables = 0;
    bool has_factors = false;
    std::vector<std::int32_t> variable;  ///< instance by instance
    std::vector<double> parameter;       ///< instance by instance: factors, then constants
    std::vector<std::int32_t> first_output;
  };
  std::size_t class_of(std::span<const double> factors);
  TermClass finish(const Collected& collected, Outputs outputs, bool weighted) const;

  const Occurrences& found_;
  std::map<Key, std::size_t> numbers_;
  std::vector<Collected> collected_;
  Key key_;                              ///< of the group at hand
  std::vector<std::int32_t> variables_;  ///< of the group at hand
  std::size_t last_ = 0;
};

}  // namespace quadric::formula
