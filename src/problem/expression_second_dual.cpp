// Expressions on the scalars of packed second derivatives: slow to compile, hence once and here.
#include "quadric/derivatives/automatic.hpp"
#include "quadric/problem/expression_program.hpp"

namespace quadric::expressions {

template SecondDual<double, 2> evaluate(const Program&, const SecondDual<double, 2>*, const double*,
                                        const double*, SecondDual<double, 2>*);
template SecondDual<double, 4> evaluate(const Program&, const SecondDual<double, 4>*, const double*,
                                        const double*, SecondDual<double, 4>*);
template SecondDual<double, 8> evaluate(const Program&, const SecondDual<double, 8>*, const double*,
                                        const double*, SecondDual<double, 8>*);

}  // namespace quadric::expressions
