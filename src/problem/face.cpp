#include "problem/face.hpp"

#include <memory>
#include <utility>

#include <Eigen/SparseCore>

namespace quadric {

namespace {

class FaceObjective final : public ObjectiveSource {
 public:
  FaceObjective(Face face, Objective f, Vector x)
      : face_(std::move(face)), f_(std::move(f)), x_(std::move(x)) {}

  double value(const Vector& y) const override { return f_.value(at(y)); }
  double gradient(const Vector& y, Vector& g) const override {
    Vector whole;
    const double value = f_.gradient(at(y), whole);
    g = face_.restrict(whole);
    return value;
  }
  double hessian(const Vector& y, Vector& g, Matrix& H) const override {
    Vector whole;
    Matrix B;
    const double value = f_.hessian(at(y), whole, B);
    g = face_.restrict(whole);
    H = B(face_.variables(), face_.variables());
    return value;
  }
  void hessian_product(const Vector& y, const Vector& v, Vector& Hv) const override {
    Vector whole;
    f_.hessian_product(at(y), face_.extend(v), whole);
    Hv = face_.restrict(whole);
  }
  double sparse_hessian(const Vector& y, Vector& g, SparseMatrix& H) const override {
    Vector whole;
    SparseMatrix B;
    const double value = f_.sparse_hessian(at(y), whole, B);
    g = face_.restrict(whole);
    H = face_.restrict(B);
    return value;
  }
  bool has_full_hessian(const Vector& y) const override { return f_.has_full_hessian(at(y)); }
  Provider provider() const override { return f_.provider(); }
  double hessian_error(const Vector& y) const override { return f_.hessian_error(at(y)); }
  double hessian_asymmetry(const Vector& y) const override { return f_.hessian_asymmetry(at(y)); }

 private:
  Vector at(const Vector& y) const {
    Vector x = x_;
    x(face_.variables()) = y;
    return x;
  }

  Face face_;
  Objective f_;
  Vector x_;
};

}  // namespace

Vector Face::extend(const Vector& entries) const {
  if (entries.size() == 0) return {};
  Vector v = Vector::Zero(n_);
  v(variables_) = entries;
  return v;
}

Bounds Face::restrict(const Bounds& bounds) const {
  if (bounds.empty()) return {};
  return Bounds(Point(restrict(bounds.lower())), Point(restrict(bounds.upper())));
}

SparseMatrix Face::restrict(const SparseMatrix& lower) const {
  constexpr int absent = -1;
  std::vector<int> place(static_cast<std::size_t>(n_), absent);
  for (Index k = 0; k < size(); ++k)
    place[static_cast<std::size_t>(variables_[static_cast<std::size_t>(k)])] = static_cast<int>(k);
  SparseMatrix part(size(), size());
  for (Index k = 0; k < size(); ++k) {
    part.startVec(k);
    for (SparseMatrix::InnerIterator entry(lower, variables_[static_cast<std::size_t>(k)]); entry; ++entry) {
      const int row = place[static_cast<std::size_t>(entry.row())];
      if (row != absent) part.insertBack(row, k) = entry.value();
    }
  }
  part.finalize();
  return part;
}

Objective Face::restrict(const Objective& f, const Vector& x) const {
  return Objective(
      std::static_pointer_cast<const ObjectiveSource>(std::make_shared<const FaceObjective>(*this, f, x)));
}

LocalModel Face::restrict(const LocalModel& model) const {
  LocalModel part;
  part.form = model.form;
  part.value = model.value;
  part.x = restrict(model.x);
  part.gradient = restrict(model.gradient);
  if (model.is_sparse()) {
    part.sparse_hessian = std::make_shared<SparseMatrix>(restrict(*model.sparse_hessian));
  } else {
    part.hessian = model.hessian(variables_, variables_);
  }
  return part;
}

}  // namespace quadric
