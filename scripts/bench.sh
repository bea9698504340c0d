#!/usr/bin/env bash
# Builds and runs benchmarks: scripts/bench.sh [NAME...] runs bench/NAME.cpp, all of them when none is named.
# The last lines are `ratio NAME PEER VALUE`: the peer's time over ours, above 1 is faster.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

names=("$@")
if ((${#names[@]} == 0)); then
  for source in bench/*.cpp; do
    [[ ! -e "$source" ]] || names+=("$(basename "$source" .cpp)")
  done
fi
if ((${#names[@]} == 0)); then
  echo "There are no benchmarks in bench/" >&2
  exit 1
fi
for name in "${names[@]}"; do
  [[ -e "bench/$name.cpp" ]] || { echo "There is no bench/$name.cpp" >&2; exit 2; }
done

install_packages build bench
cmake -S . -B build/bench -G Ninja -DCMAKE_BUILD_TYPE=Release -DQUADRIC_BUILD_BENCH=ON \
  -DQUADRIC_BUILD_TESTS=OFF -DQUADRIC_BUILD_EXAMPLES=OFF -DQUADRIC_BUILD_CLI=OFF
cmake --build build/bench --target "${names[@]/#/bench_}"

log=build/bench/output.txt
: >"$log"
for name in "${names[@]}"; do
  printf '\n==== %s\n' "$name"
  "build/bench/bench/bench_$name" | tee -a "$log"
done

compiler=$(sed -n 's/^CMAKE_CXX_COMPILER:[^=]*=//p' build/bench/CMakeCache.txt)
printf '\nmachine  %s, %s cores\n' "$(lscpu | sed -n 's/^Model name: *//p' | head -n 1)" "$(nproc)"
printf 'compiler %s\n' "$("$compiler" --version | head -n 1)"
grep '^ratio ' "$log" || echo "No ratio was reported"
