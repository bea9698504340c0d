// Ceres' cost function on the installed library.
#include <quadric/interop/ceres.hpp>
#include <quadric/solvers/gauss_newton.hpp>
#include <quadric/solvers/minimize.hpp>

struct Line {
  template <typename T>
  bool operator()(const T* const p, T* residuals) const {
    for (int i = 0; i < 3; ++i) residuals[i] = p[0] + p[1] * T(i) - T(2 * i + 1);
    return true;
  }
};

int main() {
  const quadric::Result result =
      quadric::least_squares(quadric::ceres_functor<3, 2>(Line{}), {0.0, 0.0}, quadric::GaussNewton{});
  return result.converged() && (result.x - quadric::Vector{{1.0, 2.0}}).norm() < 1e-8 ? 0 : 1;
}
