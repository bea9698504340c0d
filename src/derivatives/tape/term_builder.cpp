#include "derivatives/tape/term_builder.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace quadric::formula {

namespace {

/// A table with a row for each instance, in the tiles of `TermClass::Instances`; `rows` are those of the
/// tiles.
template <class T, class Number>
void fill_tiles(std::vector<T>& tiles, std::size_t rows, std::size_t count, const Number& number) {
  constexpr std::size_t tile = TermClass::Instances::tile;
  for (std::size_t first = 0; first < count; first += tile) {
    for (std::size_t row = 0; row < rows; ++row) {
      for (std::size_t e = first; e < first + tile; ++e) tiles.push_back(number(std::min(e, count - 1), row));
    }
  }
}

/// Parameters as formulas: what is the same in all instances becomes a literal, and equal rows become one.
std::vector<Id> parameters_of(Graph& graph, const std::vector<double>& by_instance, std::size_t rows,
                              TermClass::Instances& instances) {
  const auto bits = [&](std::size_t instance, std::size_t row) {
    return std::bit_cast<std::uint64_t>(by_instance[instance * rows + row]);
  };
  const auto equal_rows = [&](std::size_t a, std::size_t b) {
    for (std::size_t e = 0; e < instances.count; ++e) {
      if (bits(e, a) != bits(e, b)) return false;
    }
    return true;
  };
  const auto is_uniform = [&](std::size_t row) {
    for (std::size_t e = 1; e < instances.count; ++e) {
      if (bits(e, row) != bits(0, row)) return false;
    }
    return true;
  };
  std::vector<std::size_t> kept_rows;
  std::multimap<std::uint64_t, std::size_t> kept;  // by the first instance's bits
  std::vector<Id> formula_of(rows);
  for (std::size_t row = 0; row < rows; ++row) {
    if (is_uniform(row)) {
      formula_of[row] = graph.literal(by_instance[row]);
      continue;
    }
    const auto [first, last] = kept.equal_range(bits(0, row));
    const auto equal =
        std::find_if(first, last, [&](const auto& other) { return equal_rows(other.second, row); });
    if (equal != last) {
      formula_of[row] = formula_of[equal->second];
      continue;
    }
    kept.emplace(bits(0, row), row);
    formula_of[row] = graph.parameter(instances.parameters++);
    kept_rows.push_back(row);
  }
  fill_tiles(instances.parameter, kept_rows.size(), instances.count,
             [&](std::size_t e, std::size_t row) { return by_instance[e * rows + kept_rows[row]]; });
  return formula_of;
}

}  // namespace

std::size_t ClassBuilder::add(std::size_t first, std::size_t last, std::span<const double> factors,
                              std::int32_t first_output) {
  key_.shapes.clear();
  key_.variables.clear();
  variables_.clear();
  for (std::size_t t = first; t < last; ++t) {
    const Occurrence& term = found_.terms[t];
    key_.shapes.push_back(term.shape);
    const std::span<const std::int32_t> own = found_.variables_of(term);
    if (first + 1 == last) {
      variables_.assign(own.begin(), own.end());
      break;
    }
    for (const std::int32_t variable : own) {
      const auto place = std::find(variables_.begin(), variables_.end(), variable);
      key_.variables.push_back(static_cast<std::int32_t>(place - variables_.begin()));
      if (place == variables_.end()) variables_.push_back(variable);
    }
  }
  const std::size_t number = class_of(factors);
  Collected& collected = collected_[number];
  collected.variable.insert(collected.variable.end(), variables_.begin(), variables_.end());
  collected.parameter.insert(collected.parameter.end(), factors.begin(), factors.end());
  for (std::size_t t = first; t < last; ++t) {
    const std::span<const double> constants = found_.constants_of(found_.terms[t]);
    collected.parameter.insert(collected.parameter.end(), constants.begin(), constants.end());
  }
  collected.first_output.push_back(first_output);
  return number;
}

/// The class of the key at hand, which mostly is the last one.
std::size_t ClassBuilder::class_of(std::span<const double> factors) {
  if (last_ < collected_.size() && collected_[last_].key == key_) return last_;
  const auto [place, is_new] = numbers_.try_emplace(key_, collected_.size());
  last_ = place->second;
  if (is_new) {
    collected_.push_back({.key = key_,
                          .variables = static_cast<std::int32_t>(variables_.size()),
                          .has_factors = !factors.empty(),
                          .variable = {},
                          .parameter = {},
                          .first_output = {}});
  }
  return last_;
}

std::vector<TermClass> ClassBuilder::take(Outputs outputs, bool weighted) {
  std::vector<TermClass> classes;
  classes.reserve(collected_.size());
  for (Collected& collected : collected_) {
    classes.push_back(finish(collected, outputs, weighted));
    collected = {};
  }
  return classes;
}

TermClass ClassBuilder::finish(const Collected& collected, Outputs outputs, bool weighted) const {
  TermClass::Instances instances{.count = collected.first_output.size(), .variables = collected.variables};
  const auto K = static_cast<std::size_t>(collected.variables);
  const auto variable = [&](std::size_t e, std::size_t k) { return collected.variable[e * K + k]; };
  instances.variable.reserve(K * instances.padded());
  fill_tiles(instances.variable, K, instances.count, variable);
  instances.is_shared.assign(K, true);
  for (std::size_t e = 0; e < instances.count; ++e) {
    for (std::size_t k = 0; k < K; ++k) {
      if (variable(e, k) != collected.variable[k]) instances.is_shared[k] = false;
    }
  }
  instances.first_output = collected.first_output;
  instances.first_output.resize(instances.padded(), collected.first_output.back());

  Graph graph;
  const std::size_t rows = collected.parameter.size() / instances.count;
  const std::vector<Id> parameters = parameters_of(graph, collected.parameter, rows, instances);
  std::vector<Id> roots;
  std::size_t factor = 0;
  std::size_t constants = 0;
  if (collected.has_factors) {
    for (const std::int32_t shape : collected.key.shapes) {
      constants += found_.shapes[static_cast<std::size_t>(shape)].roots.size();
    }
  }
  std::size_t mapped = 0;
  std::vector<std::int32_t> identity(K);
  for (std::size_t k = 0; k < K; ++k) identity[k] = static_cast<std::int32_t>(k);
  for (const std::int32_t number : collected.key.shapes) {
    const Shape& shape = found_.shapes[static_cast<std::size_t>(number)];
    const std::span<const std::int32_t> variables =
        collected.key.variables.empty()
            ? std::span<const std::int32_t>(identity)
            : std::span(collected.key.variables).subspan(mapped, static_cast<std::size_t>(shape.variables));
    mapped += static_cast<std::size_t>(shape.variables);
    const auto count = static_cast<std::size_t>(shape.constants);
    for (const Id root : build(graph, shape, variables, std::span(parameters).subspan(constants, count))) {
      roots.push_back(collected.has_factors ? graph.multiply(parameters[factor++], root) : root);
    }
    constants += count;
  }
  if (outputs == Outputs::Sum) {
    Id sum = roots.front();
    for (std::size_t k = 1; k < roots.size(); ++k) sum = graph.add(sum, roots[k]);
    roots = {sum};
  }
  return TermClass(std::move(instances), std::move(graph), std::move(roots), weighted);
}

}  // namespace quadric::formula
