#!/usr/bin/env bash
# Builds the program and the examples, then runs the main jobs of the command line.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

install_packages build
targets=(quadric_program)
for example in examples/*.cpp; do
  [[ ! -e "$example" ]] || targets+=("example_$(basename "$example" .cpp)")
done
cmake --preset release
cmake --build --preset release --target "${targets[@]}"

# job HIGHEST_EXIT_CODE VERB ARGUMENT... prints the command as one would type it and runs it.
job() {
  local highest=$1 code=0 argument
  shift
  printf '\n==== quadric'
  for argument in "$@"; do
    if [[ "$argument" == *[^a-zA-Z0-9_./=,:-]* ]]; then printf ' "%s"' "$argument"; else printf ' %s' "$argument"; fi
  done
  printf '\n'
  build/release/src/cli/quadric "$@" || code=$?
  if ((code > highest)); then
    echo "quadric $1 failed with exit code $code" >&2
    exit 1
  fi
}

job 0 fit examples/data/nist/Misra1a.csv --model "b1*(1-exp(-b2*x))" --start b1=500,b2=1e-4
job 0 minimize --function "100*(y-x^2)^2+(1-x)^2" --start x=-1.2,y=1
job 0 analyze --function "(x^2-1)^2/4+y^2/2" --at x=0,y=0
job 0 check --function "exp(-x)*y^2" --at x=1,y=2
# Some runs are not solved (gradient descent on NIST), which exit code 1 says.
job 1 compare --suite nist --solvers newton,gauss-newton,gradient-descent,ceres-lm
