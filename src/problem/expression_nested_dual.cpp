// Expressions on the scalars of Hessian-vector products: slow to compile, hence once and here.
#include "quadric/derivatives/automatic.hpp"
#include "quadric/problem/expression_program.hpp"

namespace quadric::expressions {

template Dual<Dual<double, 2>, 1> evaluate(const Program&, const Dual<Dual<double, 2>, 1>*, const double*,
                                           const double*, Dual<Dual<double, 2>, 1>*);
template Dual<Dual<double, 4>, 1> evaluate(const Program&, const Dual<Dual<double, 4>, 1>*, const double*,
                                           const double*, Dual<Dual<double, 4>, 1>*);
template Dual<Dual<double, 8>, 1> evaluate(const Program&, const Dual<Dual<double, 8>, 1>*, const double*,
                                           const double*, Dual<Dual<double, 8>, 1>*);

}  // namespace quadric::expressions
