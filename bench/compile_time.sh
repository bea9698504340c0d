#!/usr/bin/env bash
# How long a user's file takes to compile: one lambda minimized with quadric.hpp, beside Ceres' hello world.
# Processor time, median of alternating runs; CXX chooses the compiler (default g++). The last line is
# `ratio compile_time ceres VALUE`: Ceres' time over ours, above 1 is faster.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat >"$work/quadric.cpp" <<'CPP'
#include <iostream>
#include <quadric/quadric.hpp>
int main() {
  const auto rosenbrock = [](const auto& x) {
    const auto a = 1.0 - x[0];
    const auto b = x[1] - x[0] * x[0];
    return a * a + 100.0 * b * b;
  };
  std::cout << quadric::minimize(rosenbrock, {-1.2, 1.0}).summary() << "\n";
}
CPP
cat >"$work/ceres.cpp" <<'CPP'
#include <iostream>
#include <ceres/ceres.h>
struct CostFunctor {
  template <class T>
  bool operator()(const T* x, T* residual) const {
    residual[0] = 10.0 - x[0];
    return true;
  }
};
int main() {
  double x = 0.5;
  ceres::Problem problem;
  problem.AddResidualBlock(new ceres::AutoDiffCostFunction<CostFunctor, 1, 1>(new CostFunctor), nullptr, &x);
  ceres::Solver::Options options;
  ceres::Solver::Summary summary;
  ceres::Solve(options, &problem, &summary);
  std::cout << summary.BriefReport() << "\n";
}
CPP

TIMEFORMAT=%U
for _ in 1 2 3 4 5; do
  for name in quadric ceres; do
    { time "${CXX:-g++}" -std=c++20 -O3 -DNDEBUG -Iinclude -isystem /usr/include/eigen3 -c "$work/$name.cpp" \
      -o "$work/$name.o"; } 2>>"$work/$name.times"
  done
done
median() { sort -n "$work/$1.times" | sed -n 3p; }
for name in quadric ceres; do
  printf '%-8s %6.2f s\n' "$name" "$(median "$name")"
done
awk -v ours="$(median quadric)" -v peer="$(median ceres)" 'BEGIN { printf "ratio compile_time ceres %.2f\n", peer / ours }'
