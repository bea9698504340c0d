#include <string>

#include "quadric/solvers/back_ends.hpp"

#include "solvers/backends/library.hpp"

namespace quadric {

bool has_back_end(std::string_view library) {
  for (const char* built : {"ceres"
#ifdef QUADRIC_WITH_MINPACK
                            ,
                            "minpack"
#endif
#ifdef QUADRIC_WITH_GSL
                            ,
                            "gsl"
#endif
#ifdef QUADRIC_WITH_NLOPT
                            ,
                            "nlopt"
#endif
#ifdef QUADRIC_WITH_LIBLBFGS
                            ,
                            "liblbfgs"
#endif
#ifdef QUADRIC_WITH_IPOPT
                            ,
                            "ipopt"
#endif
       }) {
    if (library == built) return true;
  }
  return false;
}

}  // namespace quadric
