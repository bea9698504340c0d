#!/usr/bin/env bash
# Builds and tests everything: scripts/test.sh [STAGE...]
#
#   release      g++, warnings as errors, tests
#   asan-ubsan   clang++ with sanitizers and assertions, warnings as errors, tests
#   format       clang-format on every source
#
# Only when named: clang (clang++ without sanitizers) and debug (g++ without optimization).
#
# A stage that fails does not stop the ones after it. The last line is `N passed, N failed`, over all stages; a stage
# that fails without a failing test (it does not build, it is not formatted) counts as one failure.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

stages=("$@")
((${#stages[@]})) || stages=(release asan-ubsan format)
for stage in "${stages[@]}"; do
  case "$stage" in
    release | debug | clang | asan-ubsan | format) ;;
    *) sed -n '2,/^set/s/^# \{0,1\}//p' scripts/test.sh >&2; exit 2 ;;
  esac
done
install_packages build check
mkdir -p build

# Only what `&&` chains: errexit is off inside a condition.
run_stage() {
  local stage=$1 log=$2
  if [[ "$stage" == format ]]; then
    scripts/format.sh --check
    return
  fi
  cmake --preset "$stage" && cmake --build --preset "$stage" &&
    ctest --preset "$stage" --parallel "$(nproc)" 2>&1 | tee "$log"
}

passed=0 failed=0 failed_stages=() summary=
for stage in "${stages[@]}"; do
  printf '\n==== %s (%s compile jobs)\n' "$stage" "$CMAKE_BUILD_PARALLEL_LEVEL"
  log=build/ctest-$stage.log
  : >"$log"
  started=$SECONDS
  if run_stage "$stage" "$log"; then verdict=ok; else verdict=FAILED; fi

  # ctest says "P% tests passed, F tests failed out of T"; skipped tests are in T, and did not pass.
  read -r stage_passed stage_failed < <(awk '
    /\*\*\*Skipped/ { ++skipped }
    / tests failed out of [0-9]+$/ { failed = $4; total = $NF }
    END { print total - failed - skipped, failed + 0 }' "$log")
  if [[ $verdict == FAILED ]]; then
    failed_stages+=("$stage")
    ((stage_failed)) || stage_failed=1
  fi
  passed=$((passed + stage_passed)) failed=$((failed + stage_failed))
  summary+="==== $stage: $verdict in $((SECONDS - started)) s"$'\n'
  summary+=$(sed -n '/ tests failed out of [0-9]*$/,${/./p}' "$log")$'\n'
done

printf '\n==== summary\n%s' "$summary" | cat -s
((${#failed_stages[@]} == 0)) || echo "Failed stages: ${failed_stages[*]}"
echo "$passed passed, $failed failed"
((${#failed_stages[@]} == 0))
