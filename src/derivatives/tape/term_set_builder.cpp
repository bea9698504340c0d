#include <algorithm>
#include <numeric>
#include <utility>

#include "derivatives/tape/guard.hpp"
#include "derivatives/tape/term_builder.hpp"
#include "derivatives/tape/term_set.hpp"

// How a recorded function is taken apart into a set of terms.

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

}  // namespace quadric::formula
