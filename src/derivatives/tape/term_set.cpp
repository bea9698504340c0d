#include "derivatives/tape/term_set.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "derivatives/tape/guard.hpp"
#include "derivatives/tape/projection.hpp"
#include "derivatives/tape/term_builder.hpp"

namespace quadric::formula {

namespace {

/// All terms together may have this many times the operations of the tape before it is no use to take it
/// apart.
constexpr std::size_t allowed_repetition = 4;
/// Formulas that are compiled at most, in all classes.
constexpr std::size_t allowed_formulas = 200'000;
/// Formulas of the second derivatives of a term, for each of its first 100 instances: beyond, sweeps over the
/// whole tape are as fast, and need not be compiled.
constexpr std::size_t allowed_second_derivatives = 20'000;
/// Terms of a sum, or outputs, that are joined into one instance at most.
constexpr std::size_t largest_group = 16;

/// A part of a sum: factor × the node.
struct Part {
  Operand node;
  double factor;
};

/// A sum written out: what is not itself a sum, a multiple, or a variable.
struct LinearSplit {
  double constant = 0.0;
  std::vector<std::pair<std::int32_t, double>> linear;
  std::vector<Part> parts;  ///< in the order of the tape
};

LinearSplit split(const Tape& tape) {
  LinearSplit result;
  const auto constant = [&](Operand operand) { return tape.constants[static_cast<std::size_t>(~operand)]; };
  std::vector<double> factor(tape.nodes.size(), 0.0);
  const auto pass = [&](Operand operand, double amount) {
    if (operand < 0) {
      result.constant += amount * constant(operand);
    } else {
      factor[static_cast<std::size_t>(operand)] += amount;
    }
  };
  for (const Operand root : tape.results) pass(root, 1.0);
  for (std::size_t at = tape.nodes.size(); at-- > 0;) {
    const double amount = factor[at];
    if (amount == 0.0) continue;
    const TapeNode& node = tape.nodes[at];
    if (node.operation == Operation::Variable) {
      result.linear.emplace_back(static_cast<std::int32_t>(at), amount);
    } else if (node.operation == Operation::Add) {
      pass(node.a, amount);
      pass(node.b, amount);
    } else if (node.operation == Operation::Subtract) {
      pass(node.a, amount);
      pass(node.b, -amount);
    } else if (node.operation == Operation::Negate) {
      pass(node.a, -amount);
    } else if (node.operation == Operation::Multiply && node.a < 0) {
      pass(node.b, amount * constant(node.a));
    } else if (node.operation == Operation::Multiply && node.b < 0) {
      pass(node.a, amount * constant(node.b));
    } else if (node.operation == Operation::Divide && node.b < 0) {
      pass(node.a, amount / constant(node.b));
    } else {
      result.parts.push_back({static_cast<Operand>(at), amount});
    }
  }
  std::reverse(result.parts.begin(), result.parts.end());
  return result;
}

/// Whether every element of a stands in b.
bool is_subset(std::span<const std::int32_t> a, std::span<const std::int32_t> b) {
  return a.size() <= b.size() && std::all_of(a.begin(), a.end(), [&](std::int32_t element) {
           return std::find(b.begin(), b.end(), element) != b.end();
         });
}

/// Joins consecutive terms that one pass of the function's loop made: equally frequent, of different shapes,
/// and on the same variables. They then share the reading of these and each other's formulas.
class Grouping {
 public:
  explicit Grouping(const Occurrences& found) : found_(found) {}

  /// The end of the group that starts with this term.
  std::size_t end_of_group(std::size_t first) {
    std::span<const std::int32_t> widest = found_.variables_of(found_.terms[first]);
    std::size_t next = first + 1;
    while (next < found_.terms.size() && next - first < largest_group && widest.size() <= 16) {
      const Occurrence& term = found_.terms[next];
      const std::span<const std::int32_t> own = found_.variables_of(term);
      if (frequency(next) != frequency(first) || occurs(term.shape, first, next)) break;
      if (own.size() > 16 || !(is_subset(own, widest) || is_subset(widest, own))) break;
      if (own.size() > widest.size()) widest = own;
      ++next;
    }
    return next;
  }

 private:
  std::int32_t frequency(std::size_t term) const {
    return found_.frequency[static_cast<std::size_t>(found_.terms[term].shape)];
  }
  bool occurs(std::int32_t shape, std::size_t first, std::size_t last) const {
    for (std::size_t t = first; t < last; ++t) {
      if (found_.terms[t].shape == shape) return true;
    }
    return false;
  }

  const Occurrences& found_;
};

/// The number of consecutive results from `first` on that share operations.
std::vector<std::size_t> ends_of_sharing_groups(const Tape& tape) {
  std::vector<std::int32_t> owner(tape.nodes.size(), -1);
  std::vector<std::size_t> ends;
  std::vector<Operand> open;
  std::int32_t group = 0;
  std::size_t size = 0;
  for (std::size_t i = 0; i < tape.results.size(); ++i) {
    bool shares = false;
    const auto reach = [&](Operand operand) {
      if (operand < tape.variables) return;
      std::int32_t& by = owner[static_cast<std::size_t>(operand)];
      if (by == group) shares = true;
      if (by >= 0) return;  // taken by this or an earlier group
      by = group + 1;
      open.push_back(operand);
    };
    reach(tape.results[i]);
    std::vector<Operand> reached;
    while (!open.empty()) {
      const Operand at = open.back();
      open.pop_back();
      reached.push_back(at);
      const TapeNode& node = tape.nodes[static_cast<std::size_t>(at)];
      reach(node.a);
      if (is_binary(node.operation)) reach(node.b);
    }
    if (i > 0 && shares && size < largest_group) {
      for (const Operand at : reached) owner[static_cast<std::size_t>(at)] = group;
      ++size;
      ends.back() = i + 1;
    } else {
      ++group;
      size = 1;
      ends.push_back(i + 1);
    }
  }
  return ends;
}

std::size_t total_formulas(const std::vector<TermClass>& classes) {
  return std::accumulate(classes.begin(), classes.end(), std::size_t{0},
                         [](std::size_t sum, const TermClass& terms) { return sum + terms.formulas(); });
}

/// An entry (row, column) of a matrix that some instance of a class contributes to.
struct Target {
  std::int32_t row;
  std::int32_t column;
};

/// Collects the entries of a sparse matrix, and says then where each is.
class PatternBuilder {
 public:
  PatternBuilder(Index rows, Index columns) : counts_(static_cast<std::size_t>(columns) + 1, 0) {
    pattern_.rows = rows;
  }

  void count(const Target& target) { ++counts_[static_cast<std::size_t>(target.column) + 1]; }
  /// After all were counted.
  void start() {
    std::partial_sum(counts_.begin(), counts_.end(), counts_.begin());
    raw_.resize(counts_.back());
    next_ = counts_;
  }
  void add(const Target& target) { raw_[next_[static_cast<std::size_t>(target.column)]++] = target.row; }
  /// After all were added.
  void finish() {
    const std::size_t columns = counts_.size() - 1;
    pattern_.column_starts.assign(columns + 1, 0);
    for (std::size_t j = 0; j < columns; ++j) {
      const auto first = raw_.begin() + static_cast<std::ptrdiff_t>(counts_[j]);
      const auto last = raw_.begin() + static_cast<std::ptrdiff_t>(counts_[j + 1]);
      std::sort(first, last);
      pattern_.row.insert(pattern_.row.end(), first, std::unique(first, last));
      pattern_.column_starts[j + 1] = static_cast<std::int32_t>(pattern_.row.size());
    }
    raw_ = {};
  }
  std::int32_t place(const Target& target) const {
    const auto j = static_cast<std::size_t>(target.column);
    const auto first = pattern_.row.begin() + pattern_.column_starts[j];
    const auto last = pattern_.row.begin() + pattern_.column_starts[j + 1];
    return static_cast<std::int32_t>(std::lower_bound(first, last, target.row) - pattern_.row.begin());
  }
  Pattern take() { return std::move(pattern_); }

 private:
  std::vector<std::size_t> counts_, next_;
  std::vector<std::int32_t> raw_;
  Pattern pattern_;
};

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

/// Where in the lower triangle of the Hessian an instance's derivative by two of its variables belongs.
constexpr auto lower_triangle = [](const TermClass::Instances& instances, const Entry& entry, std::size_t e) {
  const std::int32_t i = *instances.variables_from(static_cast<std::size_t>(entry.row), e);
  const std::int32_t j = *instances.variables_from(static_cast<std::size_t>(entry.column), e);
  return Target{std::max(i, j), std::min(i, j)};
};

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

TermSet::Builder::Builder(Index variables, Of of, Options options)
    : of_(of), options_(options), finder_(options.operations), guard_finder_(options.operations) {
  set_.variables_ = variables;
  set_.threads_ = options.threads;
}

bool TermSet::Builder::add(const Tape& tape, std::span<const std::int32_t> numbers) {
  finder_.read(tape, numbers);
  if (!(of_ == Of::Sum ? add_parts(tape, numbers) : add_outputs(tape))) return false;
  guard_finder_.read(tape, numbers);
  for (const Guard& guard : tape.guards) {
    const std::array<Operand, 2> operands{guard.a, guard.b};
    if (!guard_finder_.add(operands)) return false;
    guards_.push_back(guard);
  }
  return true;
}

bool TermSet::Builder::add_parts(const Tape& tape, std::span<const std::int32_t> numbers) {
  const LinearSplit parts = split(tape);
  set_.constant_ += parts.constant;
  for (const auto& [variable, coefficient] : parts.linear) {
    set_.linear_.emplace_back(numbers.empty() ? variable : numbers[static_cast<std::size_t>(variable)],
                              coefficient);
  }
  for (const Part& part : parts.parts) {
    if (!finder_.add(std::span(&part.node, 1))) return false;
    factors_.push_back(part.factor);
  }
  element_ends_.push_back(factors_.size());
  return true;
}

bool TermSet::Builder::add_outputs(const Tape& tape) {
  const auto before = static_cast<std::size_t>(set_.output_count_);
  std::size_t first = 0;
  for (const std::size_t end : ends_of_sharing_groups(tape)) {
    if (!finder_.add(std::span(tape.results).subspan(first, end - first))) return false;
    ends_.push_back(before + end);
    first = end;
  }
  set_.output_count_ += static_cast<Index>(tape.results.size());
  return true;
}

std::optional<TermSet> TermSet::Builder::finish() {
  const Occurrences found = finder_.take();
  ClassBuilder builder(found);
  if (of_ == Of::Sum) {
    Grouping grouping(found);
    std::size_t element = 0;
    for (std::size_t first = 0; first < found.terms.size();) {
      while (element_ends_[element] <= first) ++element;
      const std::size_t end =
          options_.tapes_are_elements ? element_ends_[element] : grouping.end_of_group(first);
      builder.add(first, end, std::span(factors_).subspan(first, end - first), 0);
      first = end;
    }
    set_.classes_ = builder.take(ClassBuilder::Outputs::Sum, false);
  } else {
    std::size_t first = 0;
    for (std::size_t t = 0; t < ends_.size(); ++t) {
      builder.add(t, t + 1, {}, static_cast<std::int32_t>(first));
      first = ends_[t];
    }
    set_.classes_ = builder.take(ClassBuilder::Outputs::Each, true);
  }

  const Occurrences asked = guard_finder_.take();
  ClassBuilder guard_builder(asked);
  std::vector<std::vector<Guard>> guards;
  for (std::size_t t = 0; t < guards_.size(); ++t) {
    const std::size_t number = guard_builder.add(t, t + 1, {}, 0);
    if (number == guards.size()) guards.emplace_back();
    guards[number].push_back(guards_[t]);
  }
  std::vector<TermClass> questions = guard_builder.take(ClassBuilder::Outputs::Each, false);
  if (total_formulas(set_.classes_) + total_formulas(questions) > options_.formulas) return {};
  for (std::size_t c = 0; c < questions.size(); ++c) {
    set_.questions_.push_back({std::move(questions[c]), std::move(guards[c])});
  }
  return std::move(set_);
}

std::optional<TermSet> TermSet::from(const Tape& tape, Of of) {
  const std::size_t size = tape.nodes.size() + tape.results.size() + tape.guards.size();
  Builder builder(tape.variables, of,
                  {.operations = allowed_repetition * size, .formulas = allowed_formulas});
  if (!builder.add(tape)) return {};
  std::optional<TermSet> set = builder.finish();
  if (!set) return {};
  for (TermClass& terms : set->classes_) {
    const std::size_t instances = std::min<std::size_t>(terms.instances().count, 100);
    terms.limit_formulas(instances * allowed_second_derivatives);
  }
  return set;
}

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

/// Places the entries of all classes in one matrix. `target(instances, entry, instance)` is where an entry
/// belongs; entries that `shared(instances, entry)` go to the same place from all instances.
template <class Entries, class TargetOf, class Shared>
std::unique_ptr<const TermSet::Assembly> TermSet::assemble(Index rows, const Entries& entries_of,
                                                           bool with_diagonal, const TargetOf& target_of,
                                                           const Shared& is_shared) const {
  auto assembly = std::make_unique<Assembly>();
  assembly->places.resize(classes_.size());
  PatternBuilder builder(rows, variables_);
  const auto for_each_target = [&](auto&& own, auto&& shared) {
    for (std::size_t c = 0; c < classes_.size(); ++c) {
      const TermClass::Instances& instances = classes_[c].instances();
      const std::vector<Entry>& entries = entries_of(c);
      Places& to = assembly->places[c];
      for (const auto& [h, unused] : to.shared) shared(target_of(instances, entries[h], 0));
      for (std::size_t e = 0; e < instances.count; ++e) {
        for (const std::size_t h : to.own) own(to, target_of(instances, entries[h], e));
      }
    }
    for (std::int32_t j = 0; with_diagonal && j < static_cast<std::int32_t>(variables_); ++j)
      shared(Target{j, j});
  };
  for (std::size_t c = 0; c < classes_.size(); ++c) {
    const std::vector<Entry>& entries = entries_of(c);
    for (std::size_t h = 0; h < entries.size(); ++h) {
      if (is_shared(classes_[c].instances(), entries[h])) {
        assembly->places[c].shared.emplace_back(h, 0);
      } else {
        assembly->places[c].own.push_back(h);
      }
    }
  }
  const auto count = [&](const Target& target) { builder.count(target); };
  const auto add = [&](const Target& target) { builder.add(target); };
  for_each_target([&](const Places&, const Target& target) { count(target); }, count);
  builder.start();
  for_each_target([&](const Places&, const Target& target) { add(target); }, add);
  builder.finish();
  for_each_target([&](Places& to, const Target& target) { to.of_instance.push_back(builder.place(target)); },
                  [](const Target&) {});
  for (std::size_t c = 0; c < classes_.size(); ++c) {
    const std::vector<Entry>& entries = entries_of(c);
    for (auto& [h, place] : assembly->places[c].shared) {
      place = builder.place(target_of(classes_[c].instances(), entries[h], 0));
    }
  }
  assembly->pattern = builder.take();
  return assembly;
}

/// The entries of the second derivatives are the same for a sum and for a weighted sum of outputs.
const TermSet::Assembly& TermSet::hessian_assembly(Wanted wanted) const {
  const std::lock_guard lock(lazy_->mutex);
  if (!lazy_->hessian) {
    lazy_->hessian = assemble(
        variables_, [&](std::size_t c) -> const auto& { return classes_[c].program(wanted).hessian; }, true,
        lower_triangle,
        [](const TermClass::Instances& instances, const Entry& entry) {
          return instances.shares(entry.row) && instances.shares(entry.column);
        });
  }
  return *lazy_->hessian;
}

const TermSet::Assembly& TermSet::projected_assembly() const {
  const std::lock_guard lock(lazy_->mutex);
  if (!lazy_->projected) {
    std::vector<std::vector<Entry>> triangles(classes_.size());
    for (std::size_t c = 0; c < classes_.size(); ++c) {
      for (std::int32_t i = 0; i < classes_[c].instances().variables; ++i) {
        for (std::int32_t j = 0; j <= i; ++j) triangles[c].push_back({i, j});
      }
    }
    lazy_->projected = assemble(
        variables_, [&](std::size_t c) -> const auto& { return triangles[c]; }, true, lower_triangle,
        [](const TermClass::Instances&, const Entry&) { return false; });
  }
  return *lazy_->projected;
}

const TermSet::Assembly& TermSet::jacobian_assembly() const {
  const std::lock_guard lock(lazy_->mutex);
  if (!lazy_->jacobian) {
    lazy_->jacobian = assemble(
        output_count_,
        [&](std::size_t c) -> const auto& { return classes_[c].program(Wanted::Jacobian).jacobian; }, false,
        [](const TermClass::Instances& instances, const Entry& entry, std::size_t e) {
          return Target{instances.first_output[e] + entry.row,
                        *instances.variables_from(static_cast<std::size_t>(entry.column), e)};
        },
        [](const TermClass::Instances&, const Entry&) { return false; });
  }
  return *lazy_->jacobian;
}

const Pattern& TermSet::hessian_pattern() const {
  return hessian_assembly(output_count_ > 0 ? Wanted::Curvature : Wanted::Hessian).pattern;
}
const Pattern& TermSet::jacobian_pattern() const { return jacobian_assembly().pattern; }

}  // namespace quadric::formula
