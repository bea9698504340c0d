#include "derivatives/tape/term_set.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "derivatives/tape/guard.hpp"
#include "derivatives/tape/projection.hpp"

namespace quadric::formula {

namespace {

/// The sum of some numbers, as eight sums of each eighth number.
double sum_of(const double* numbers, std::size_t count) {
  std::array<double, 8> partial{};
  std::size_t e = 0;
  for (; e + 8 <= count; e += 8) {
    for (std::size_t k = 0; k < 8; ++k) partial[k] += numbers[e + k];
  }
  for (std::size_t k = 0; e < count; ++e, ++k) partial[k] += numbers[e];
  return ((partial[0] + partial[1]) + (partial[2] + partial[3])) +
         ((partial[4] + partial[5]) + (partial[6] + partial[7]));
}

constexpr auto as_they_are = [](const double* results, std::size_t, double*) { return results; };

/// Adds a block's first derivatives to the gradient.
void scatter_gradient(const TermProgram& compiled, const TermClass::Instances& instances, std::size_t first,
                      std::size_t count, const double* results, double* g) {
  for (const std::int32_t k : compiled.gradient) {
    const std::int32_t* numbers = instances.variables_from(static_cast<std::size_t>(k), first);
    if (instances.shares(k)) {
      g[numbers[0]] += sum_of(results, count);
    } else {
      for (std::size_t e = 0; e < count; ++e) g[numbers[e]] += results[e];
    }
    results += compiled.lanes;
  }
}

}  // namespace

std::size_t TermSet::instances() const {
  return std::accumulate(
      classes_.begin(), classes_.end(), std::size_t{0},
      [](std::size_t sum, const TermClass& terms) { return sum + terms.instances().count; });
}

bool TermSet::surely_has_hessian() const {
  return std::all_of(classes_.begin(), classes_.end(),
                     [](const TermClass& terms) { return terms.surely_has_hessian(); });
}

bool TermSet::same_path(const Vector& x) const {
  Slots storage;
  for (const Questions& questions : questions_) {
    const TermClass& operands = questions.operands;
    const TermProgram& compiled = operands.program(Wanted::Outputs);
    bool same = true;
    for_each_block(operands, compiled, {.x = x.data()}, 0, operands.instances().count, storage,
                   [&](std::size_t first, std::size_t count, const double* a) {
                     for (std::size_t e = 0; e < count; ++e) {
                       const Guard& guard = questions.guards[first + e];
                       same = same && answer(guard.predicate, a[e], a[compiled.lanes + e]) == guard.answer;
                     }
                   });
    if (!same) return false;
  }
  return true;
}

double TermSet::add_sums(Wanted wanted, const TermInputs& inputs, Vector* g, double* entries) const {
  double total = 0.0;
  const Assembly* assembly = entries ? &hessian_assembly(wanted) : nullptr;
  for (std::size_t c = 0; c < classes_.size(); ++c) {
    const TermClass& terms = classes_[c];
    const TermProgram& compiled = terms.program(wanted);
    const TermClass::Instances& instances = terms.instances();
    for_each_block_in_order(terms, compiled, inputs, threads_, compiled.program.results, as_they_are,
                            [&](std::size_t first, std::size_t count, const double* result) {
                              const std::size_t lanes = compiled.lanes;
                              if (compiled.values > 0) total += sum_of(result, count);
                              result += compiled.values * lanes;
                              scatter_gradient(compiled, instances, first, count, result,
                                               g ? g->data() : nullptr);
                              result += compiled.gradient.size() * lanes;
                              if (assembly) assembly->scatter(c, first, count, lanes, result, entries);
                            });
  }
  return total;
}

double TermSet::value(const Vector& x) const {
  double total = constant_;
  for (const auto& [variable, coefficient] : linear_) total += coefficient * x[variable];
  Slots storage;
  for (const TermClass& terms : classes_) {
    const TermProgram& compiled = terms.program(Wanted::Outputs);
    for_each_block(
        terms, compiled, {.x = x.data()}, 0, terms.instances().count, storage,
        [&](std::size_t, std::size_t count, const double* result) { total += sum_of(result, count); });
  }
  return total;
}

/// The linear rest.
double TermSet::start_sum(const Vector& x, Vector& g) const {
  g.setZero(variables_);
  double total = constant_;
  for (const auto& [variable, coefficient] : linear_) {
    total += coefficient * x[variable];
    g[variable] += coefficient;
  }
  return total;
}

double TermSet::gradient(const Vector& x, Vector& g) const {
  const double rest = start_sum(x, g);
  return rest + add_sums(Wanted::Gradient, {.x = x.data()}, &g, nullptr);
}

double TermSet::hessian(const Vector& x, Vector& g, double* entries) const {
  const double rest = start_sum(x, g);
  std::fill_n(entries, hessian_assembly(Wanted::Hessian).pattern.entries(), 0.0);
  return rest + add_sums(Wanted::Hessian, {.x = x.data()}, &g, entries);
}

double TermSet::projected_hessian(const Vector& x, Vector& g, double* entries, bool absolute) const {
  double total = start_sum(x, g);
  const Assembly& assembly = projected_assembly();
  std::fill_n(entries, assembly.pattern.entries(), 0.0);
  for (std::size_t c = 0; c < classes_.size(); ++c) {
    const TermClass& terms = classes_[c];
    const TermProgram& compiled = terms.program(Wanted::Hessian);
    const std::size_t lanes = compiled.lanes;
    const auto K = static_cast<std::size_t>(terms.instances().variables);
    const std::size_t before = 1 + compiled.gradient.size(), entries_of_one = K * (K + 1) / 2;
    const CurvatureRange& range = terms.range();
    const auto projected = [&](const double* results, std::size_t count, double* rows) {
      std::copy_n(results, before * lanes, rows);
      results += before * lanes;
      double* triangles = rows + before * lanes;
      std::fill_n(triangles, entries_of_one * lanes, 0.0);
      for (const auto& [row, column] : compiled.hessian) {
        const auto at = static_cast<std::size_t>(row * (row + 1) / 2 + column);
        std::copy_n(results, lanes, triangles + at * lanes);
        results += lanes;
      }
      project(range, lanes, count, absolute, triangles);
      return static_cast<const double*>(rows);
    };
    for_each_block_in_order(terms, compiled, {.x = x.data()}, threads_, before + entries_of_one, projected,
                            [&](std::size_t first, std::size_t count, const double* rows) {
                              total += sum_of(rows, count);
                              scatter_gradient(compiled, terms.instances(), first, count, rows + lanes,
                                               g.data());
                              assembly.scatter(c, first, count, lanes, rows + before * lanes, entries);
                            });
  }
  return total;
}

void TermSet::hessian_product(const Vector& x, const Vector& v, Vector& product) const {
  product.setZero(variables_);
  add_sums(Wanted::Product, {.x = x.data(), .direction = v.data()}, &product, nullptr);
}

void TermSet::collect_outputs(Wanted wanted, const TermInputs& inputs, Vector& r) const {
  r.resize(output_count_);
  Slots storage;
  for (const TermClass& terms : classes_) {
    const TermProgram& compiled = terms.program(wanted);
    const std::vector<std::int32_t>& rows = terms.instances().first_output;
    for_each_block(terms, compiled, inputs, 0, terms.instances().count, storage,
                   [&](std::size_t first, std::size_t count, const double* result) {
                     for (std::uint32_t j = 0; j < compiled.values; ++j, result += compiled.lanes) {
                       for (std::size_t e = 0; e < count; ++e)
                         r[rows[first + e] + static_cast<Index>(j)] = result[e];
                     }
                   });
  }
}

void TermSet::values(const Vector& x, Vector& r) const {
  collect_outputs(Wanted::Outputs, {.x = x.data()}, r);
}

void TermSet::jacobian_product(const Vector& x, const Vector& v, Vector& product) const {
  collect_outputs(Wanted::JacobianProduct, {.x = x.data(), .direction = v.data()}, product);
}

void TermSet::second_directional(const Vector& x, const Vector& v, Vector& second) const {
  collect_outputs(Wanted::SecondDirectional, {.x = x.data(), .direction = v.data()}, second);
}

void TermSet::jacobian(const Vector& x, Vector& r, double* entries) const {
  r.resize(output_count_);
  const Assembly& assembly = jacobian_assembly();
  Slots storage;
  for (std::size_t c = 0; c < classes_.size(); ++c) {
    const TermClass& terms = classes_[c];
    const TermProgram& compiled = terms.program(Wanted::Jacobian);
    const TermClass::Instances& instances = terms.instances();
    for_each_block(terms, compiled, {.x = x.data()}, 0, instances.count, storage,
                   [&](std::size_t first, std::size_t count, const double* result) {
                     for (std::uint32_t j = 0; j < compiled.values; ++j, result += compiled.lanes) {
                       for (std::size_t e = 0; e < count; ++e) {
                         r[instances.first_output[first + e] + static_cast<Index>(j)] = result[e];
                       }
                     }
                     assembly.store(c, first, count, compiled.lanes, result, entries);
                   });
  }
}

void TermSet::weighted_gradient(const Vector& x, const Vector& w, Vector& g) const {
  g.setZero(variables_);
  add_sums(Wanted::Gradient, {.x = x.data(), .weights = w.data()}, &g, nullptr);
}

void TermSet::weighted_hessian(const Vector& x, const Vector& w, double* entries) const {
  std::fill_n(entries, hessian_assembly(Wanted::Curvature).pattern.entries(), 0.0);
  add_sums(Wanted::Curvature, {.x = x.data(), .weights = w.data()}, nullptr, entries);
}

void TermSet::weighted_hessian_product(const Vector& x, const Vector& w, const Vector& v,
                                       Vector& product) const {
  product.setZero(variables_);
  add_sums(Wanted::Product, {.x = x.data(), .direction = v.data(), .weights = w.data()}, &product, nullptr);
}

void TermSet::Assembly::scatter(std::size_t c, std::size_t first, std::size_t count, std::size_t lanes,
                                const double* results, double* entries) const {
  const Places& to = places[c];
  const std::size_t own = to.own.size();
  const std::int32_t* place = to.of_instance.data() + first * own;
  for (std::size_t e = 0; e < count; ++e, place += own) {
    for (std::size_t i = 0; i < own; ++i) entries[place[i]] += results[to.own[i] * lanes + e];
  }
  for (const auto& [h, target] : to.shared) entries[target] += sum_of(results + h * lanes, count);
}

void TermSet::Assembly::store(std::size_t c, std::size_t first, std::size_t count, std::size_t lanes,
                              const double* results, double* entries) const {
  const Places& to = places[c];
  const std::size_t own = to.own.size();
  const std::int32_t* place = to.of_instance.data() + first * own;
  for (std::size_t e = 0; e < count; ++e, place += own) {
    for (std::size_t i = 0; i < own; ++i) entries[place[i]] = results[to.own[i] * lanes + e];
  }
}

}  // namespace quadric::formula
