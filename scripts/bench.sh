#!/usr/bin/env bash
# Builds and runs benchmarks: scripts/bench.sh [NAME...] runs bench/NAME.cpp or .sh, all of them when none is named.
# The last lines are `ratio NAME PEER VALUE`: the peer's time over ours, above 1 is faster.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

names=("$@")
if ((${#names[@]} == 0)); then
  for source in bench/*.cpp bench/*.sh; do
    name=$(basename "$source")
    [[ ! -e "$source" ]] || names+=("${name%.*}")
  done
fi
if ((${#names[@]} == 0)); then
  echo "There are no benchmarks in bench/" >&2
  exit 1
fi
programs=()
for name in "${names[@]}"; do
  if [[ -e "bench/$name.cpp" ]]; then
    programs+=("bench_$name")
  elif [[ ! -e "bench/$name.sh" ]]; then
    echo "There is no bench/$name.cpp or bench/$name.sh" >&2
    exit 2
  fi
done

install_packages build bench
cmake -S . -B build/bench -G Ninja -DCMAKE_BUILD_TYPE=Release -DQUADRIC_BUILD_BENCH=ON \
  -DQUADRIC_BUILD_TESTS=OFF -DQUADRIC_BUILD_EXAMPLES=OFF -DQUADRIC_BUILD_CLI=OFF
((${#programs[@]} == 0)) || cmake --build build/bench --target "${programs[@]}"

log=build/bench/output.txt
: >"$log"
for name in "${names[@]}"; do
  printf '\n==== %s\n' "$name"
  if [[ -e "bench/$name.cpp" ]]; then
    (cd build/bench && "bench/bench_$name") | tee -a "$log"  # ADOL-C leaves a file where it runs
  else
    "bench/$name.sh" | tee -a "$log"
  fi
done

compiler=$(sed -n 's/^CMAKE_CXX_COMPILER:[^=]*=//p' build/bench/CMakeCache.txt)
printf '\nmachine  %s, %s cores\n' "$(lscpu | sed -n 's/^Model name: *//p' | head -n 1)" "$(nproc)"
printf 'compiler %s\n' "$("$compiler" --version | head -n 1)"
grep '^ratio ' "$log" || echo "No ratio was reported"
