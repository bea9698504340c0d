// The 54 NIST starts, each model written as a plain lambda, solved with default options and by peers: what
// the solver around the model costs, and how many digits come out. Peers run alternately in one process;
// medians over the repetitions.
#include <cstdio>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "alternate.hpp"
#include "fit_peers.hpp"

namespace qd = quadric;

int main() {
  google::InitGoogleLogging("small_fits");
  FLAGS_minloglevel = 3;
  gsl_set_error_handler_off();
  constexpr int turns = 15;
  const std::vector<bench::Fit> list = bench::fits();
  const qd::Solver hybrid = qd::GaussNewton{.hybrid = true}, geodesic = qd::GaussNewton{.geodesic = true};
  std::map<std::string, std::vector<double>> times;  // a median a case
  std::map<std::string, int> right6, right9;
  for (const bench::Fit& fit : list) {
    std::map<std::string, qd::Vector> found;
    const qd::Problem problem(fit.residuals);
    const std::map<std::string, std::function<void()>> peers = {
        {"quadric", [&] { found["quadric"] = hybrid.run(problem, fit.start).x; }},
        {"quadric-geodesic", [&] { found["quadric-geodesic"] = geodesic.run(problem, fit.start).x; }},
        {"TinySolver", [&] { found["TinySolver"] = bench::solve_tiny(fit); }},
        {"lmder", [&] { found["lmder"] = bench::solve_minpack(fit); }},
        {"gsl-lm", [&] { found["gsl-lm"] = bench::solve_gsl(fit, gsl_multifit_nlinear_trs_lm); }},
        {"gsl-lmaccel",
         [&] { found["gsl-lmaccel"] = bench::solve_gsl(fit, gsl_multifit_nlinear_trs_lmaccel); }},
        {"gsl-dogleg", [&] { found["gsl-dogleg"] = bench::solve_gsl(fit, gsl_multifit_nlinear_trs_dogleg); }},
        {"ceres", [&] { found["ceres"] = bench::solve_ceres(fit); }}};
    for (const auto& [name, time] : bench::alternate(peers, turns)) {
      times[name].push_back(time);
      const double right = bench::digits(found[name], fit.certified);
      right6[name] += right >= 6.0;
      right9[name] += right >= 9.0;
    }
    std::printf("%-10s", fit.name.c_str());
    for (const auto& [name, medians] : times) {
      std::printf("  %s %.0f%s", name.c_str(), 1e6 * medians.back(),
                  bench::digits(found[name], fit.certified) >= 6.0 ? "" : "!");
    }
    std::printf("\n");
  }
  for (const auto& [name, medians] : times) {
    std::printf("%-16s median %7.1f us a solve, %d of %zu to 6 digits, %d to 9\n", name.c_str(),
                1e6 * bench::median(medians), right6[name], list.size(), right9[name]);
  }
  for (const std::string peer : {"TinySolver", "lmder", "gsl-lm", "gsl-lmaccel", "gsl-dogleg", "ceres"}) {
    std::vector<double> ratios;
    for (std::size_t i = 0; i < list.size(); ++i) ratios.push_back(times[peer][i] / times["quadric"][i]);
    bench::print_ratio("small_fits", peer, bench::median(ratios));
  }
}
