#include "derivatives/tape/term_class.hpp"

#include <cstddef>
#include <cstdint>

#include "derivatives/tape/differentiate.hpp"

namespace quadric::formula {

namespace {

/// Slots of one block should stay in the first-level cache.
constexpr std::size_t block_bytes = 24 * 1024;

std::size_t lanes_for(const Program& program, std::size_t instances) {
  if (instances == 1) return 1;
  for (const std::size_t lanes : {std::size_t{64}, std::size_t{32}, std::size_t{16}}) {
    if (program.slots * lanes * sizeof(double) <= block_bytes && lanes < 2 * instances) return lanes;
  }
  return 8;
}

}  // namespace

TermClass::TermClass(Instances instances, Graph graph, std::vector<Id> outputs, bool weighted)
    : instances_(std::move(instances)),
      weighted_(weighted),
      outputs_(std::move(outputs)),
      graph_(std::move(graph)) {}

const TermProgram& TermClass::program(Wanted wanted) const {
  const std::lock_guard lock(*mutex_);
  auto& program = programs_[static_cast<std::size_t>(wanted)];
  if (!program) program = compile_program(wanted);
  return *program;
}

const CurvatureRange& TermClass::range() const {
  const std::lock_guard lock(*mutex_);
  if (!range_) {
    range_ = std::make_unique<const CurvatureRange>(
        curvature_range(graph_, outputs_, static_cast<std::size_t>(instances_.variables)));
  }
  return *range_;
}

std::unique_ptr<const TermProgram> TermClass::compile_program(Wanted wanted) const {
  Graph graph = graph_;  // each program on its own, so that it does not depend on what was asked for before
  auto compiled = std::make_unique<TermProgram>();
  std::vector<Id> results;
  const std::int32_t variables = instances_.variables;
  const auto count = static_cast<std::int32_t>(outputs_.size());
  const bool is_sum = wanted == Wanted::Gradient || wanted == Wanted::Hessian ||
                      wanted == Wanted::Curvature || wanted == Wanted::Product;
  std::vector<Seeded> sum;
  Id total = graph.literal(0.0);
  for (std::int32_t j = 0; is_sum && j < count; ++j) {
    const Id output = outputs_[static_cast<std::size_t>(j)];
    const Id weight = weighted_ ? graph.parameter(instances_.parameters + j) : graph.literal(1.0);
    sum.push_back({output, weight});
    total = graph.add(total, graph.multiply(weight, output));
  }
  const auto add_gradient = [&](const std::vector<Id>& formulas) {
    for (std::int32_t k = 0; k < variables; ++k) {
      const Id formula = formulas[static_cast<std::size_t>(k)];
      if (graph.is_literal(formula, 0.0)) continue;
      compiled->gradient.push_back(k);
      results.push_back(formula);
    }
  };
  const auto add_values = [&](const std::vector<Id>& formulas) {
    results.insert(results.end(), formulas.begin(), formulas.end());
    compiled->values = static_cast<std::uint32_t>(formulas.size());
  };

  switch (wanted) {
    case Wanted::Outputs:
      add_values(outputs_);
      break;
    case Wanted::Jacobian:
      add_values(outputs_);
      for (std::int32_t j = 0; j < count; ++j) {
        const Seeded output{outputs_[static_cast<std::size_t>(j)], graph.literal(1.0)};
        const std::vector<Id> row = formula::gradient(graph, std::span(&output, 1), variables);
        for (std::int32_t k = 0; k < variables; ++k) {
          if (graph.is_literal(row[static_cast<std::size_t>(k)], 0.0)) continue;
          compiled->jacobian.push_back({j, k});
          results.push_back(row[static_cast<std::size_t>(k)]);
        }
      }
      break;
    case Wanted::Gradient:
      add_values({total});
      add_gradient(formula::gradient(graph, sum, variables));
      break;
    case Wanted::Hessian:
      add_values({total});
      add_gradient(formula::gradient(graph, sum, variables));
      [[fallthrough]];
    case Wanted::Curvature:
      for (const HessianEntry& entry : formula::hessian(graph, sum, most_formulas_)) {
        compiled->hessian.push_back({entry.row, entry.column});
        results.push_back(entry.formula);
      }
      break;
    case Wanted::Product:
      add_gradient(along_direction(graph, formula::gradient(graph, sum, variables)));
      break;
    case Wanted::JacobianProduct:
      add_values(along_direction(graph, outputs_));
      break;
    case Wanted::SecondDirectional:
      add_values(along_direction(graph, along_direction(graph, outputs_)));
      break;
  }
  const bool uses_direction =
      wanted == Wanted::Product || wanted == Wanted::JacobianProduct || wanted == Wanted::SecondDirectional;
  const std::int32_t weights = is_sum && weighted_ ? count : 0;
  compiled->program = compile(graph, results, static_cast<std::uint32_t>(variables),
                              static_cast<std::uint32_t>(instances_.parameters + weights),
                              uses_direction ? static_cast<std::uint32_t>(variables) : 0);
  compiled->lanes = lanes_for(compiled->program, instances_.count);
  compiled->steps = bind(compiled->program, compiled->lanes);
  return compiled;
}

std::vector<std::vector<double>>& Slots::spares() {
  static thread_local std::vector<std::vector<double>> kept;
  return kept;
}

Slots::Slots() {
  if (spares().empty()) return;
  storage_ = std::move(spares().back());
  spares().pop_back();
}
Slots::~Slots() {
  constexpr std::size_t most_kept = 1 << 17;  // numbers
  if (!storage_.empty() && storage_.size() <= most_kept) spares().push_back(std::move(storage_));
}

double* Slots::reserve(std::size_t numbers) {
  constexpr std::size_t alignment = 64;
  const std::size_t needed = numbers + alignment / sizeof(double);
  if (storage_.size() < needed) storage_.resize(needed);
  const auto address = reinterpret_cast<std::uintptr_t>(storage_.data());
  return storage_.data() + (alignment - address % alignment) % alignment / sizeof(double);
}

}  // namespace quadric::formula
