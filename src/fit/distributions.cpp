#include "fit/distributions.hpp"

#include <cmath>

#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/fisher_f.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>

namespace quadric {

namespace math = boost::math;

double student_quantile(double probability, double freedom) {
  return math::quantile(math::students_t(freedom), 0.5 + 0.5 * probability);
}

double fisher_quantile(double probability, double freedom_above, double freedom_below) {
  return math::quantile(math::fisher_f(freedom_above, freedom_below), probability);
}

double normal_quantile(double probability) { return math::quantile(math::normal(), probability); }

double student_beyond(double t, double freedom) {
  return 2.0 * math::cdf(math::complement(math::students_t(freedom), std::abs(t)));
}

double normal_above(double z) { return math::cdf(math::complement(math::normal(), z)); }

double chi_squared_above(double value, double freedom) {
  return math::cdf(math::complement(math::chi_squared(freedom), value));
}

}  // namespace quadric
