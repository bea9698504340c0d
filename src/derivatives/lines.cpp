#include "derivatives/lines.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

namespace quadric::differences {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr int most_rounds = 16;
/// A step between these parts of the best one is good enough.
constexpr double too_short = 1.0 / 16.0;
constexpr double too_long = 2.0;
/// A shape that lasts for as many steps is resolved by them.
constexpr double resolved = 4.0;
/// The longest steps of an extrapolation, as a power of two over those of the stencil.
constexpr int most_doublings = 8;

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

double power_of_two(double step) { return std::exp2(std::round(std::log2(step))); }

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

/// The step that moves no variable by more than its limit.
template <class Limit>
double step_within(const Piece& piece, const Limit& limit) {
  double step = infinity;
  for (const auto& [j, length] : piece.direction) step = std::min(step, limit(j) / std::abs(length));
  return step;
}

double first_guess(const Sampler& sampler, const Piece& piece, Order order) {
  const double relative = order == Order::First ? 0.3 * std::pow(sampler.relative_noise(), 1.0 / 5.0)
                                                : 1.2 * std::pow(sampler.relative_noise(), 1.0 / 6.0);
  return power_of_two(relative * step_within(piece, [&](Index j) { return sampler.lengths()[j]; }));
}

Move together(const std::vector<Piece>& pieces) {
  Move move;
  for (const Piece& piece : pieces) {
    for (const auto& [j, length] : piece.direction) move.emplace_back(j, piece.step * length);
  }
  return move;
}

/// How many components change their shape within a few steps, so that their errors can not be told; then the
/// sum of errors over noise.
using Badness = std::pair<Index, double>;
constexpr Badness worst{std::numeric_limits<Index>::max(), infinity};

/// The readings of all components in the best stencil so far, per piece.
class Line {
 public:
  Line(Sampler& sampler, std::vector<Piece> pieces, const Owner& owner, Order order)
      : sampler_(sampler),
        pieces_(std::move(pieces)),
        order_(order),
        components_(pieces_.size()),
        best_(pieces_) {
    const Index m = sampler_.center().size();
    for (Index i = 0; i < m; ++i) {
      if (const Index p = owner(i); p >= 0) components_[at(p)].push_back(i);
    }
    for (Piece& piece : pieces_) {
      if (piece.step == 0.0) piece.step = first_guess(sampler_, piece, order_);
    }
    result_ = {.derivative = Vector::Constant(m, not_a_number),
               .error = Vector::Constant(m, infinity),
               .noise = Vector::Zero(m),
               .side = std::vector<int>(pieces_.size(), 0),
               .step = std::vector<double>(pieces_.size(), not_a_number)};
    lengths_ = Vector::Constant(m, infinity);
    near_.assign(2, Vector::Zero(m));
    badness_.assign(pieces_.size(), worst);
    left_.assign(pieces_.size(), infinity);
    left_fourth_ = Vector::Zero(m);
  }

  /// Measures, corrects the steps and measures again until they fit, at most so many times in all.
  void measure(int rounds) {
    for (int round = 0; round < rounds; ++round) {
      const Stencil stencil = sample(sampler_, together(pieces_));
      if (!stencil.finite) return;
      for (Piece& piece : pieces_) piece.step *= stencil.shrunk;
      const Vector noise = sampler_.noise(stencil.largest, stencil.fourth);
      bool fits = true;
      for (std::size_t p = 0; p < pieces_.size(); ++p) {
        const double advice = read_piece(p, stencil, noise);
        fits = follow(p, advice, stencil) && fits;
      }
      if (fits) return;
    }
  }

  /// Adds longer and longer steps, as long as the functions keep their shape over them.
  void extrapolate() {
    const int side = result_.side.front();
    if (std::ranges::any_of(result_.side, [=](int s) { return s != side; })) return;
    if (std::ranges::any_of(badness_, [](const Badness& b) { return b == worst; })) return;
    if (side != 0 && order_ == Order::Second) return;
    const Move move = together(best_);
    std::vector<Vector> differences = near_;  // at steps 1, 2, 4, …
    Vector above, below;
    for (double k = 4.0; k <= farthest(); k *= 2.0) {
      if (side == 0) {
        if (!sampler_.at(move, k, above) || !sampler_.at(move, -k, below)) break;
        differences.emplace_back(
            order_ == Order::First
                ? Vector((above - below) / (2.0 * k))
                : Vector(((above - sampler_.center()) + (below - sampler_.center())) / (k * k)));
      } else {
        if (!sampler_.at(move, side * k, above)) break;
        differences.emplace_back((above - sampler_.center()) / (side * k));
      }
    }
    for (Index i = 0; i < result_.derivative.size(); ++i) refine(i, differences, side);
  }

  LineDerivatives result() && { return std::move(result_); }

 private:
  /// Keeps the readings of a piece's components when they are the best so far; gives what the median
  /// component says of the step.
  double read_piece(std::size_t p, const Stencil& stencil, const Vector& noise) {
    std::vector<double> advice;
    std::vector<Reading> readings;
    Badness badness{0, 0.0};
    double growth = 1.0;
    const double units = std::pow(pieces_[p].step, order_ == Order::First ? 1.0 : 2.0);
    for (const Index i : components_[p]) {
      const Reading& reading = readings.emplace_back(read(stencil, i, noise[i], order_));
      if (reading.says_something) advice.push_back(reading.advice);
      growth = std::max(growth, reading.advice);
      if (noise[i] > 0.0) badness.second += reading.error / noise[i] / units;
      if (reading.length < resolved) ++badness.first;
    }
    if (badness < badness_[p]) {
      badness_[p] = badness;
      best_[p].step = pieces_[p].step;
      result_.side[p] = stencil.side;
      result_.step[p] = pieces_[p].step;
      for (std::size_t c = 0; c < components_[p].size(); ++c)
        keep(components_[p][c], readings[c], stencil, noise);
    }
    return advice.empty() ? growth : median(std::move(advice));
  }

  void keep(Index i, const Reading& reading, const Stencil& stencil, const Vector& noise) {
    result_.derivative[i] = reading.derivative;
    result_.error[i] = reading.error;
    result_.noise[i] = noise[i];
    lengths_[i] = reading.length;
    const auto& v = stencil.values;
    if (stencil.side != 0) {
      near_[0][i] = stencil.side * v[0][i];
      near_[1][i] = stencil.side * v[1][i] / 2.0;
    } else if (order_ == Order::First) {
      near_[0][i] = (v[2][i] - v[1][i]) / 2.0;
      near_[1][i] = (v[3][i] - v[0][i]) / 4.0;
    } else {
      near_[0][i] = v[2][i] + v[1][i];
      near_[1][i] = (v[3][i] + v[0][i]) / 4.0;
    }
  }

  /// Changes the step of a piece as advised; true when it stays.
  bool follow(std::size_t p, double advice, const Stencil& stencil) {
    if (advice >= 1.0 / too_long && advice <= 1.0 / too_short) return true;
    const double before = pieces_[p].step;
    const double limit = step_within(pieces_[p], [&](Index j) { return sampler_.reach(j); });
    double& step = pieces_[p].step;
    step = power_of_two(before * std::clamp(advice, 1e-8, 1e8));
    if (step > limit && step > before) step = std::max(before, power_of_two(limit));
    if (step < before) {
      left_[p] = before;
      for (const Index i : components_[p]) left_fourth_[i] = std::max(left_fourth_[i], stencil.fourth[i]);
    } else if (step >= 0.25 * left_[p]) {
      mistrust(p);
    }
    return step == before;
  }

  /// Long steps showed a shape that short ones do not have: it was that of plateaus, too wide to be seen as
  /// noise at close range.
  void mistrust(std::size_t p) {
    for (const Index i : components_[p]) sampler_.learn_noise(i, left_fourth_[i] / std::sqrt(70.0));
    badness_[p] = worst;
    left_[p] = infinity;
  }

  /// The longest step of an extrapolation: half the length over which the median component changes its shape,
  /// and half the magnitude of a variable, unless the stencil had to go far beyond that already.
  double farthest() const {
    std::vector<double> lengths;
    for (const auto& components : components_) {
      for (const Index i : components) lengths.push_back(lengths_[i]);
    }
    double reach = infinity;
    for (const Piece& piece : best_) {
      const double half = 0.5 * step_within(piece, [&](Index j) { return sampler_.lengths()[j]; });
      if (piece.step < 32.0 * half) reach = std::min(reach, half / piece.step);
    }
    const double length = lengths.empty() ? 0.0 : 0.5 * median(std::move(lengths));
    return std::min({length, reach, std::exp2(most_doublings)});
  }

  void refine(Index i, const std::vector<Vector>& differences, int side) {
    Tableau tableau(side == 0 ? 4.0 : 2.0);
    const bool first = order_ == Order::First;
    const double amplified = first ? (side == 0 ? std::sqrt(0.5) : std::sqrt(2.0)) : std::sqrt(6.0);
    for (std::size_t level = differences.size(); level-- > 0;) {
      const double k = std::exp2(static_cast<double>(level));
      tableau.add(differences[level][i], amplified * result_.noise[i] / (first ? k : k * k));
    }
    if (!(tableau.error() < result_.error[i])) return;
    result_.derivative[i] = tableau.derivative();
    result_.error[i] = tableau.error();
  }

  Sampler& sampler_;
  std::vector<Piece> pieces_;
  Order order_;
  std::vector<std::vector<Index>> components_;  // per piece
  std::vector<Piece> best_;
  std::vector<Badness> badness_;  // per piece
  std::vector<double> left_;      // the last step that was too long, per piece
  Vector left_fourth_;            // the largest fourth differences at such steps
  LineDerivatives result_;
  Vector lengths_;
  std::vector<Vector> near_;  // plain differences at steps 1 and 2
};

}  // namespace

LineDerivatives differentiate(Sampler& sampler, std::vector<Piece> pieces, const Owner& owner, Order order,
                              const Effort& effort) {
  Line line(sampler, std::move(pieces), owner, order);
  line.measure(effort.adapt ? most_rounds : 1);
  if (effort.extrapolate) line.extrapolate();
  return std::move(line).result();
}

}  // namespace quadric::differences
