#include "derivatives/tape/swept_tape.hpp"

#include <utility>

#include <Eigen/SparseCore>

#include "derivatives/tape/compression.hpp"
#include "derivatives/tape/dependence.hpp"
#include "derivatives/tape/sparse.hpp"

namespace quadric::sweeps {

/// A workspace that no other thread has until this is gone.
class SweptTape::Lease {
 public:
  explicit Lease(const SweptTape& owner) : owner_(owner) {
    const std::lock_guard lock(owner_.mutex_);
    if (owner_.idle_.empty()) return;
    workspace_ = std::move(owner_.idle_.back());
    owner_.idle_.pop_back();
  }
  ~Lease() {
    const std::lock_guard lock(owner_.mutex_);
    owner_.idle_.push_back(std::move(workspace_));
  }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  Workspace& operator*() const { return *workspace_; }

 private:
  const SweptTape& owner_;
  std::unique_ptr<Workspace> workspace_ = std::make_unique<Workspace>();
};

namespace {

template <int N>
void make_room(Lanes<N>& lanes, const Tape& tape) {
  const auto nodes = static_cast<Index>(tape.nodes.size());
  if (lanes.cols() != nodes) lanes.setZero(N, nodes);
}

double weighted_sum(const Tape& tape, const Vector& w, const Workspace& at) {
  double sum = 0.0;
  for (std::size_t i = 0; i < tape.results.size(); ++i) {
    sum += value(tape, tape.results[i], at) * (w.size() > 0 ? w[static_cast<Index>(i)] : 1.0);
  }
  return sum;
}

void copy_results(const Tape& tape, const Workspace& at, Vector& r) {
  r.resize(static_cast<Index>(tape.results.size()));
  for (std::size_t i = 0; i < tape.results.size(); ++i) {
    r[static_cast<Index>(i)] = value(tape, tape.results[i], at);
  }
}

}  // namespace

SweptTape::SweptTape(Tape tape) : tape_(std::move(tape)) {}
SweptTape::~SweptTape() = default;

bool SweptTape::same_path(const Vector& x) const {
  if (tape_.guards.empty()) return true;
  const Lease at(*this);
  if (!is_linearized_at(x, *at)) linearize(tape_, x, *at);
  return sweeps::same_path(tape_, *at);
}

void SweptTape::values(const Vector& x, Vector& r) const {
  const Lease at(*this);
  linearize(tape_, x, *at);
  copy_results(tape_, *at, r);
}

double SweptTape::gradient(const Vector& x, const Vector& w, Vector& g) const {
  const Lease at(*this);
  linearize(tape_, x, *at);
  reverse(tape_, w, *at);
  g = Eigen::Map<const Vector>((*at).adjoint.data(), tape_.variables);
  return weighted_sum(tape_, w, *at);
}

void SweptTape::hessian_product(const Vector& x, const Vector& w, const Vector& v, Vector& product) const {
  const Lease lease(*this);
  Workspace& at = *lease;
  linearize_twice(tape_, x, at);
  reverse(tape_, w, at);
  make_room(at.one_tangent, tape_);
  make_room(at.one_adjoint_tangent, tape_);
  at.one_tangent.leftCols(tape_.variables) = v.transpose().array();
  forward_tangents(tape_, at, at.one_tangent);
  reverse_over_tangents(tape_, at, at.one_tangent, at.one_adjoint_tangent);
  auto result = at.one_adjoint_tangent.leftCols(tape_.variables);
  product = result.transpose();
  result.setZero();
}

double SweptTape::hessian_entries(const Vector& x, const Vector& w, Vector& g, double* entries) const {
  const Compression& compression = hessian_compression();
  const Lease lease(*this);
  Workspace& at = *lease;
  linearize_twice(tape_, x, at);
  reverse(tape_, w, at);
  g = Eigen::Map<const Vector>(at.adjoint.data(), tape_.variables);
  make_room(at.tangent, tape_);
  make_room(at.adjoint_tangent, tape_);
  for (std::size_t sweep = 0; sweep < compression.sweeps(); ++sweep) {
    at.tangent.leftCols(tape_.variables).setZero();
    compression.seed(sweep, at.tangent);
    forward_tangents(tape_, at, at.tangent);
    reverse_over_tangents(tape_, at, at.tangent, at.adjoint_tangent);
    compression.read(sweep, at.adjoint_tangent, entries);
    at.adjoint_tangent.leftCols(tape_.variables).setZero();
  }
  return weighted_sum(tape_, w, at);
}

double SweptTape::hessian(const Vector& x, const Vector& w, Vector& g, Matrix& H) const {
  const formula::Pattern& pattern = hessian_compression().pattern();
  Vector entries(pattern.entries());
  const double sum = hessian_entries(x, w, g, entries.data());
  formula::fill_symmetric(pattern, entries, H);
  return sum;
}

double SweptTape::hessian(const Vector& x, const Vector& w, Vector& g, SparseMatrix& H) const {
  return hessian_entries(x, w, g, formula::entries_of(H, hessian_compression().pattern()));
}

void SweptTape::jacobian_entries(const Vector& x, Vector& r, double* entries) const {
  const Compression& compression = jacobian_compression();
  const Lease lease(*this);
  Workspace& at = *lease;
  linearize(tape_, x, at);
  copy_results(tape_, at, r);
  Lanes<width>& lanes = compression.by_rows() ? at.adjoint_tangent : at.tangent;
  make_room(lanes, tape_);
  for (std::size_t sweep = 0; sweep < compression.sweeps(); ++sweep) {
    lanes.leftCols(tape_.variables).setZero();
    compression.seed(sweep, lanes);
    if (compression.by_rows()) {
      reverse_adjoints(tape_, at, lanes);
    } else {
      forward_tangents(tape_, at, lanes);
    }
    compression.read(sweep, lanes, entries);
  }
  if (compression.by_rows()) lanes.leftCols(tape_.variables).setZero();
}

void SweptTape::jacobian(const Vector& x, Vector& r, Matrix& J) const {
  const formula::Pattern& pattern = jacobian_compression().pattern();
  Vector entries(pattern.entries());
  jacobian_entries(x, r, entries.data());
  formula::fill_dense(pattern, entries, J);
}

void SweptTape::jacobian(const Vector& x, Vector& r, SparseMatrix& J) const {
  jacobian_entries(x, r, formula::entries_of(J, jacobian_compression().pattern()));
}

void SweptTape::second_directional(const Vector& x, const Vector& v, Vector& second) const {
  const Lease at(*this);
  linearize_twice(tape_, x, *at);
  sweeps::second_directional(tape_, *at, v, second);
}

Index SweptTape::count_hessian_entries() const {
  const auto pattern = hessian_pattern(tape_);
  const Index n = tape_.variables;
  return pattern ? pattern->entries() : n * (n + 1) / 2;
}

const Compression& SweptTape::hessian_compression() const {
  std::call_once(asked_hessian_,
                 [this] { hessian_ = std::make_unique<const Compression>(Compression::of_hessian(tape_)); });
  return *hessian_;
}

const Compression& SweptTape::jacobian_compression() const {
  std::call_once(asked_jacobian_, [this] {
    jacobian_ = std::make_unique<const Compression>(Compression::of_jacobian(tape_));
  });
  return *jacobian_;
}

}  // namespace quadric::sweeps
