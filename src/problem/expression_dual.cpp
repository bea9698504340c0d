// Expressions on the scalars of first derivatives: slow to compile, hence once and here.
#include "quadric/derivatives/automatic.hpp"
#include "quadric/problem/expression_program.hpp"

namespace quadric::expressions {

template Dual<double, 2> evaluate(const Program&, const Dual<double, 2>*, const double*, const double*,
                                  Dual<double, 2>*);
template Dual<double, 4> evaluate(const Program&, const Dual<double, 4>*, const double*, const double*,
                                  Dual<double, 4>*);
template Dual<double, 8> evaluate(const Program&, const Dual<double, 8>*, const double*, const double*,
                                  Dual<double, 8>*);

}  // namespace quadric::expressions
