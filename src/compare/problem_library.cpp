#include "quadric/compare/problem_library.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <stdexcept>
#include <utility>

#include <dlfcn.h>

#include "quadric/base/misuse.hpp"
#include "quadric/compare/suites.hpp"

namespace quadric {

namespace {

using Entry = const quadric_problem* (*)(long);
/// Keeps the library open.
using Handle = std::shared_ptr<void>;

constexpr const char* entry_point = "quadric_problem_at";

std::string last_error() {
  const char* text = ::dlerror();  // NOLINT: of this thread, with glibc
  return text != nullptr ? text : "unknown error";
}

Handle open(const std::filesystem::path& library) {
  // A bare name would be looked for in the system's folders.
  const std::filesystem::path path = std::filesystem::absolute(library);
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) misuse("there is no library '" + library.string() + "'");
  void* handle = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) misuse("cannot open the library '" + library.string() + "': " + last_error());
  return {handle, [](void* open) { ::dlclose(open); }};
}

Vector copied(const double* values, long count) {
  return Eigen::Map<const Vector>(values, static_cast<Index>(count));
}

[[noreturn]] void refused(const char* what) {
  throw std::runtime_error(std::string(what) + " returned an error: it can not be evaluated at this point");
}

/// The functions of a problem, which is alive while its library is.
Objective objective_of(const quadric_problem& given, const Handle& handle) {
  const quadric_problem* problem = &given;
  SuppliedObjective pieces;
  pieces.value = [problem, handle](const Vector& x) {
    double f = std::numeric_limits<double>::quiet_NaN();
    if (problem->value(x.data(), &f, problem->user) != 0) refused("value");
    return f;
  };
  pieces.gradient = [problem, handle](const Vector& x) -> Vector {
    Vector g = Vector::Constant(x.size(), std::numeric_limits<double>::quiet_NaN());
    if (problem->gradient(x.data(), g.data(), problem->user) != 0) refused("gradient");
    return g;
  };
  if (given.hessian != nullptr) {
    pieces.hessian = [problem, handle](const Vector& x) -> Matrix {
      Matrix H = Matrix::Constant(x.size(), x.size(), std::numeric_limits<double>::quiet_NaN());
      if (problem->hessian(x.data(), H.data(), problem->user) != 0) refused("hessian");
      return H;
    };
  }
  return pieces;
}

/// Throws unless the problem has all that it needs; the version comes first, as all else depends on it.
void require_whole(const quadric_problem& given) {
  if (given.version != QUADRIC_PROBLEM_VERSION)
    misuse("it is of version " + std::to_string(given.version) +
           " of quadric/compare/problem_library.h, but this quadric knows version " +
           std::to_string(QUADRIC_PROBLEM_VERSION) + ": build the library again with its header");
  if (given.variables < 1)
    misuse("it has " + std::to_string(given.variables) + " variables; there must be at least 1");
  if (given.start == nullptr) misuse("it has no start");
  if (given.value == nullptr || given.gradient == nullptr)
    misuse(std::string("it has no ") + (given.value == nullptr ? "value" : "gradient"));
  if (given.minima_count < 0 || (given.minima_count > 0 && given.minima == nullptr))
    misuse("its minima_count does not fit its minima");
}

Case case_of(const quadric_problem& given, const Handle& handle) {
  require_whole(given);
  Case item{.problem = given.name != nullptr ? given.name : "problem",
            .start = "x0",
            .function = Problem(objective_of(given, handle)),
            .from = copied(given.start, given.variables)};
  require_point(item.from, "its start");
  if (given.lower != nullptr || given.upper != nullptr) {
    const Vector open = Vector::Constant(item.from.size(), Bounds::none);
    item.function.with_bounds(
        Bounds(Point(given.lower != nullptr ? copied(given.lower, given.variables) : Vector(-open)),
               Point(given.upper != nullptr ? copied(given.upper, given.variables) : open)));
  }
  if (given.minima_count > 0) item.minima.assign(given.minima, given.minima + given.minima_count);
  return item;
}

}  // namespace

std::vector<Case> library_problems(const std::filesystem::path& library) {
  const Handle handle = open(library);
  const auto entry = reinterpret_cast<Entry>(::dlsym(handle.get(), entry_point));
  if (entry == nullptr)
    misuse("the library '" + library.string() + "' has no function '" + entry_point +
           "': see quadric/compare/problem_library.h, and declare it extern \"C\" in C++");
  std::vector<Case> cases;
  for (long number = 0;; ++number) {
    const quadric_problem* given = entry(number);
    if (given == nullptr) break;
    try {
      cases.push_back(case_of(*given, handle));
    } catch (const Misuse& error) {
      misuse("the library '" + library.string() + "', problem " + std::to_string(number) + ": " +
             error.what());
    }
  }
  if (cases.empty())
    misuse("the library '" + library.string() + "' gives no problem: quadric_problem_at(0) is null");
  return cases;
}

}  // namespace quadric
