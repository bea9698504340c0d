// Functions of many variables, each written as one plain loop in one lambda: recording, value, gradient,
// product with the Hessian and sparse Hessian, in nanoseconds a variable; beside ADOL-C's tape (with our
// coloring: its packaged sparse driver aborts), colored differences of the gradient, and `elements` for the
// same sum. Peers take turns and must agree.
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <vector>

#include <adolc/adolc.h>
#include <adolc/adolc_sparse.h>
#include <Eigen/SparseCore>
#include <quadric/derivatives/coloring.hpp>
#include <quadric/derivatives/differences.hpp>
#include <quadric/quadric.hpp>

#include "alternate.hpp"

namespace {

namespace qd = quadric;
using qd::Index, qd::Vector;

constexpr auto extended_rosenbrock = [](const auto& x) {
  qd::ScalarOf<decltype(x)> sum(0.0);
  for (Index i = 0; i + 1 < x.size(); i += 2) {
    const auto a = 1.0 - x[i], b = x[i + 1] - x[i] * x[i];
    sum += a * a + 100.0 * b * b;
  }
  return sum;
};
constexpr auto chained_rosenbrock = [](const auto& x) {
  qd::ScalarOf<decltype(x)> sum(0.0);
  for (Index i = 0; i + 1 < x.size(); ++i) {
    const auto a = 1.0 - x[i], b = x[i + 1] - x[i] * x[i];
    sum += a * a + 100.0 * b * b;
  }
  return sum;
};
constexpr auto broyden_tridiagonal = [](const auto& x) {
  using T = qd::ScalarOf<decltype(x)>;
  T sum(0.0);
  const Index n = x.size();
  for (Index i = 0; i < n; ++i) {
    T r = (3.0 - 2.0 * x[i]) * x[i] + 1.0;
    if (i > 0) r -= x[i - 1];
    if (i + 1 < n) r -= 2.0 * x[i + 1];
    sum += r * r;
  }
  return sum;
};
/// The mean squared error of a network with one hidden layer of n / 4 units, on 32 samples of two inputs.
constexpr auto network_loss = [](const auto& x) {
  using std::tanh;
  using T = qd::ScalarOf<decltype(x)>;
  const Index units = x.size() / 4;
  T loss(0.0);
  for (int s = 0; s < 32; ++s) {
    const double u = std::cos(0.7 * s), v = std::sin(1.3 * s), target = u * v;
    T output(0.0);
    for (Index k = 0; k < units; ++k)
      output += x[4 * k + 3] * tanh(x[4 * k] * u + x[4 * k + 1] * v + x[4 * k + 2]);
    const T error = output - target;
    loss += error * error;
  }
  return loss / 32.0;
};

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "the peers disagree: %s\n", what);
  std::exit(1);
}
double distance(const Vector& a, const Vector& b) {
  return (a - b).cwiseAbs().maxCoeff() / std::max(1.0, b.cwiseAbs().maxCoeff());
}

/// ADOL-C's tape of the same lambda.
template <class F>
class AdolcTape {
 public:
  AdolcTape(const F& f, const Vector& x) : n_(static_cast<int>(x.size())) { trace(f, x); }

  void trace(const F& f, const Vector& x) const {
    trace_on(0);
    qd::VectorOf<adouble> active(n_);
    for (int i = 0; i < n_; ++i) active[i] <<= x[i];
    adouble sum = f(active);
    double value = 0.0;
    sum >>= value;
    trace_off();
  }
  void gradient(const Vector& x, Vector& g) const {
    g.resize(n_);
    ::gradient(0, n_, x.data(), g.data());
  }
  void product(const Vector& x, const Vector& v, Vector& Hv) const {
    Hv.resize(n_);
    ::hess_vec(0, n_, const_cast<double*>(x.data()), const_cast<double*>(v.data()), Hv.data());
  }

 private:
  int n_;
};

struct Timing {
  std::map<std::string, double> seconds;
  double at(const std::string& name) const { return seconds.at(name); }
};

template <class F>
void measure(const std::string& name, const F& f, Index n, bool sparse) {
  std::mt19937 random(1);
  std::uniform_real_distribution<double> uniform(-0.1, 0.1);
  Vector x(n), v(n);
  for (Index i = 0; i < n; ++i)
    x[i] = (i % 2 == 0 ? -1.2 : 1.0) * (name == "network" ? 0.1 : 1.0) + uniform(random);
  for (double& entry : v) entry = uniform(random);

  const qd::Objective tape = qd::taped(f);
  const AdolcTape<F> adolc(f, x);
  Vector g, Hv, adolc_g, adolc_Hv;
  qd::SparseMatrix H;
  double sum = 0.0;  // keeps the values from being optimized away
  tape.gradient(x, g);
  tape.hessian_product(x, v, Hv);
  adolc.gradient(x, adolc_g);
  adolc.product(x, v, adolc_Hv);
  require(distance(g, adolc_g) < 1e-10, "gradients");
  require(distance(Hv, adolc_Hv) < 1e-10, "products with the Hessian");

  std::map<std::string, std::function<void()>> peers{
      {"value", [&] { sum += f(x); }},
      {"record",
       [&] {
         Vector unused;
         qd::Objective(qd::taped(f)).gradient(x, unused);
       }},
      {"gradient", [&] { tape.gradient(x, g); }},
      {"product", [&] { tape.hessian_product(x, v, Hv); }},
      {"adolc record", [&] { adolc.trace(f, x); }},
      {"adolc gradient", [&] { adolc.gradient(x, adolc_g); }},
      {"adolc product", [&] { adolc.product(x, v, adolc_Hv); }},
  };
  // The colored peers compute one product (one pair of gradients at least) for each color.
  qd::Pattern pattern;
  qd::Coloring coloring;
  qd::Matrix seeds, products;
  if (sparse) {
    tape.sparse_hessian(x, g, H);
    pattern = qd::symmetric_pattern(qd::make_pattern(H));
    coloring = qd::star_coloring(pattern);
    seeds = qd::seed_matrix(coloring);
    products.resize(n, seeds.cols());
    const auto by_colors = [&] {
      for (Index c = 0; c < seeds.cols(); ++c) {
        Vector column;
        adolc.product(x, seeds.col(c), column);
        products.col(c) = column;
      }
      return qd::recover_symmetric(pattern, coloring, products);
    };
    const qd::SparseMatrix full = H.selfadjointView<Eigen::Lower>();
    require((by_colors() - full).norm() < 1e-9 * full.norm(), "Hessians");
    peers["hessian"] = [&] { tape.sparse_hessian(x, g, H); };
    peers["adolc hessian"] = [by_colors] { by_colors(); };
    if (n <= 10'000) {
      peers["differences hessian"] = [&] {
        const auto gradient = [&](const Vector& at, Vector& slope) { tape.gradient(at, slope); };
        qd::differences::sparse_hessian(gradient, x, pattern, coloring);
      };
    }
  }
  const int turns = n >= 1'000'000 ? 3 : 7;
  const Timing time{bench::alternate(peers, turns)};
  require(std::isfinite(sum), "values");
  const double per = 1e9 / static_cast<double>(n);
  std::printf("%-12s %8td  value %6.2f  record %7.1f  gradient %7.2f (%.1f x)  product %7.2f (%.1f x)",
              name.c_str(), n, time.at("value") * per, time.at("record") * per, time.at("gradient") * per,
              time.at("gradient") / time.at("value"), time.at("product") * per,
              time.at("product") / time.at("value"));
  if (sparse) std::printf("  hessian %7.2f", time.at("hessian") * per);
  std::printf("\n%-12s %8s                record %7.1f  gradient %7.2f         product %7.2f        ",
              "  adol-c", "", time.at("adolc record") * per, time.at("adolc gradient") * per,
              time.at("adolc product") * per);
  if (sparse) {
    std::printf("  hessian %7.2f", time.at("adolc hessian") * per);
    if (n <= 10'000) std::printf(", by differences %.2f", time.at("differences hessian") * per);
  }
  std::printf("\n");
  const std::string label = name + "/" + std::to_string(n);
  for (const std::string what : {"record", "gradient", "product", "hessian"}) {
    if (what == "hessian" && !sparse) continue;
    bench::print_ratio(label + "/" + what, "adol-c", time.at("adolc " + what) / time.at(what));
  }
  if (sparse && n <= 10'000) {
    bench::print_ratio(label + "/hessian", "differences",
                       time.at("differences hessian") / time.at("hessian"));
  }
}

/// The loop in one lambda beside the same sum declared element by element.
void compare_with_elements(Index n) {
  const auto term = [](const auto& x) {
    const auto a = 1.0 - x[0], b = x[1] - x[0] * x[0];
    return a * a + 100.0 * b * b;
  };
  const qd::Elements sum = qd::elements<2>(
      n - 1,
      [](Index e) {
        return std::array{e, e + 1};
      },
      term);
  const qd::Objective loop = qd::taped(chained_rosenbrock);
  const Vector x = Vector::Constant(n, -1.0) + 0.1 * Vector::Random(n);
  Vector g;
  qd::SparseMatrix H, other;
  sum.hessian(x, g, H);
  loop.sparse_hessian(x, g, other);
  require((H - other).norm() <= 1e-12 * H.norm(), "elements and the loop");
  const auto time = bench::alternate(
      {{"elements", [&] { sum.hessian(x, g, H); }}, {"loop", [&] { loop.sparse_hessian(x, g, other); }}}, 7);
  std::printf("chained Rosenbrock, %td: f + g + H as one loop %.2f, by elements %.2f ns a variable\n", n,
              1e9 * time.at("loop") / static_cast<double>(n),
              1e9 * time.at("elements") / static_cast<double>(n));
  bench::print_ratio("chained/" + std::to_string(n) + "/hessian", "elements",
                     time.at("elements") / time.at("loop"));
}

}  // namespace

int main() {
  std::printf("nanoseconds a variable; (k x): times the cost of the value\n");
  for (const Index n : {1'000, 10'000, 100'000, 1'000'000}) {
    measure("extended", extended_rosenbrock, n, true);
    measure("chained", chained_rosenbrock, n, true);
    measure("broyden", broyden_tridiagonal, n, true);
  }
  for (const Index n : {1'000, 10'000}) measure("network", network_loss, n, false);
  compare_with_elements(100'000);
}
