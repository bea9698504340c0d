#include "derivatives/tape/projection.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>

#include "quadric/base/types.hpp"

#include "derivatives/tape/kernels.hpp"

namespace quadric::formula {

namespace {

using Form = Vector;  // coefficients of the variables; constants do not matter

/// The linear forms of a graph's nodes as far as they are the same for all instances, and those of them that
/// other operations read.
class LinearForms {
 public:
  LinearForms(const Graph& graph, std::span<const Id> formulas, Index variables)
      : graph_(graph), needed_(static_cast<std::size_t>(graph.size())), forms_(needed_.size()) {
    for (const Id formula : formulas) needed_[static_cast<std::size_t>(formula)] = true;
    for (Id id = graph.size(); id-- > 0;) {
      if (!needed_[static_cast<std::size_t>(id)] || graph.is_leaf(id)) continue;
      for_operands(id, [this](Id operand) { needed_[static_cast<std::size_t>(operand)] = true; });
    }
    for (Id id = 0; id < graph.size(); ++id) {
      if (!needed_[static_cast<std::size_t>(id)]) continue;
      Form& form = forms_[static_cast<std::size_t>(id)];
      form = linear(id, variables);
      if (form.size() > 0) continue;
      for_operands(id, [this](Id operand) {
        if (of(operand).size() > 0 && !of(operand).isZero(0.0)) read_.push_back(of(operand));
      });
    }
  }

  const std::vector<Form>& read_by_others() const { return read_; }

 private:
  const Form& of(Id id) const { return forms_[static_cast<std::size_t>(id)]; }

  template <class F>
  void for_operands(Id id, const F& f) const {
    const Node& node = graph_[id];
    for (const Id operand : {node.a, node.b, node.c}) {
      if (operand >= 0) f(operand);
    }
  }

  /// Empty where the node is not linear in the variables.
  Form linear(Id id, Index variables) const {
    const Node& node = graph_[id];
    if (node.kind == Kind::Variable) return Form::Unit(variables, node.a);
    if (graph_.is_leaf(id)) return Form::Zero(variables);
    if (node.kind != Kind::Apply) return {};
    const Form& a = of(node.a);
    if (node.operation == Operation::Negate) return -a;
    if (node.b < 0 || a.size() == 0 || of(node.b).size() == 0) return {};
    const Form& b = of(node.b);
    switch (node.operation) {
      case Operation::Add:
        return a + b;
      case Operation::Subtract:
        return a - b;
      case Operation::Multiply:
        if (graph_.is_literal(node.a)) return graph_[node.a].literal * b;
        if (graph_.is_literal(node.b)) return graph_[node.b].literal * a;
        return {};
      case Operation::Divide:
        if (graph_.is_literal(node.b)) return a / graph_[node.b].literal;
        return {};
      default:
        return {};
    }
  }

  const Graph& graph_;
  std::vector<bool> needed_;
  std::vector<Form> forms_;
  std::vector<Form> read_;
};

/// Of the space that the forms span, by Gram and Schmidt: forms of different variables stay apart.
Matrix orthonormal_basis(const std::vector<Form>& forms, Index variables) {
  Matrix Q(variables, 0);
  for (const Form& form : forms) {
    Vector rest = form / form.norm();
    if (!rest.allFinite()) return Matrix::Identity(variables, variables);
    for (int twice = 0; twice < 2; ++twice) rest -= Q * (Q.transpose() * rest);
    if (rest.norm() < 1e-8) continue;
    Q.conservativeResize(Eigen::NoChange, Q.cols() + 1);
    Q.rightCols(1) = rest.normalized();
    if (Q.cols() == variables) return Matrix::Identity(variables, variables);
  }
  return Q;
}

std::size_t packed(std::size_t i, std::size_t j) { return i * (i + 1) / 2 + j; }

void project_one(std::size_t K, std::size_t lanes, double multiple, double* triangle) {
  const auto n = static_cast<Index>(K);
  Matrix A = Matrix::Zero(n, n);
  for (std::size_t i = 0; i < K; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      A(static_cast<Index>(i), static_cast<Index>(j)) = triangle[packed(i, j) * lanes];
    }
  }
  if (!A.allFinite()) return;
  const Eigen::SelfAdjointEigenSolver<Matrix> spectrum(A);
  for (Index k = 0; k < n && spectrum.eigenvalues()[k] < 0.0; ++k) {
    const double lift = -multiple * spectrum.eigenvalues()[k];
    const auto v = spectrum.eigenvectors().col(k);
    for (std::size_t i = 0; i < K; ++i) {
      for (std::size_t j = 0; j <= i; ++j) {
        triangle[packed(i, j) * lanes] += lift * v[static_cast<Index>(i)] * v[static_cast<Index>(j)];
      }
    }
  }
}

}  // namespace

CurvatureRange curvature_range(const Graph& graph, std::span<const Id> formulas, std::size_t variables) {
  const auto n = static_cast<Index>(variables);
  const Matrix Q = orthonormal_basis(LinearForms(graph, formulas, n).read_by_others(), n);
  CurvatureRange range{.variables = variables, .rank = static_cast<std::size_t>(Q.cols())};
  for (Index i = 0; i < n; ++i) {
    for (Index c = 0; c < Q.cols(); ++c) {
      if (std::abs(Q(i, c)) < std::numeric_limits<double>::epsilon()) continue;
      range.entries.push_back({Q(i, c), static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(c)});
    }
    range.start.push_back(range.entries.size());
  }
  return range;
}

void project(const CurvatureRange& range, std::size_t lanes, std::size_t count, bool absolute,
             double* triangles) {
  const double multiple = absolute ? 2.0 : 1.0;
  std::uint64_t unfinished = ~std::uint64_t{0};
  if (lanes % 8 == 0 && range.variables <= CurvatureRange::most_variables) {
    unfinished = kernel_level().project(range, lanes, count, multiple, triangles);
  }
  for (std::size_t l = 0; l < count; ++l) {
    if (unfinished >> l & 1U) project_one(range.variables, lanes, multiple, triangles + l);
  }
}

}  // namespace quadric::formula
