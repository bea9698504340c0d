#include "fit/distributions.hpp"

#include <boost/math/distributions/fisher_f.hpp>
#include <boost/math/distributions/students_t.hpp>

namespace quadric {

double student_quantile(double probability, double freedom) {
  return boost::math::quantile(boost::math::students_t(freedom), 0.5 + 0.5 * probability);
}

double fisher_quantile(double probability, double freedom_above, double freedom_below) {
  return boost::math::quantile(boost::math::fisher_f(freedom_above, freedom_below), probability);
}

}  // namespace quadric
