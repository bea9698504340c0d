#!/usr/bin/env bash
# Writes docs/gallery.md from examples/*.cpp and what the programs print: scripts/gallery.sh [--check] [FOLDER]
#
# FOLDER holds the built examples (default: build/release/examples). With --check nothing is written: the page must have
# each example's story, code and output as they are now, but for what varies between machines: the numbers in the output
# and the advice of a comparison, which weighs times.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

check=
if [[ "${1:-}" == --check ]]; then
  check=yes
  shift
fi
programs=${1:-build/release/examples}

# In the order of the page; an example that is not listed fails.
order=(minimize_a_lambda leave_a_saddle stay_within_bounds start_many_times watch_a_run interrupt_and_resume
  catch_a_wrong_derivative explain_a_failure fit_a_model trust_an_interval fit_with_outliers eliminate_linear_parameters
  sum_over_elements solve_a_long_chain newton_without_a_hessian compare_solvers bring_a_ceres_functor)
for source in examples/*.cpp; do
  name=$(basename "$source" .cpp)
  [[ " ${order[*]} " == *" $name "* ]] || { echo "scripts/gallery.sh: where does $source go? Add it to the list" >&2; exit 1; }
done

page=$(mktemp)
trap 'rm -f "$page"' EXIT
{
  echo '# Gallery'
  echo
  echo 'Short programs, each with one story, compiled and run by the tests. `scripts/gallery.sh` writes this page from'
  echo 'their sources and from what they print.'
  echo
  for name in "${order[@]}"; do
    title=${name//_/ }
    title=${title//ceres/Ceres}
    title=${title//newton/Newton}
    title=${title//hessian/Hessian}
    anchor=${name//_/-}
    echo "- [${title^}](#$anchor)"
  done
  for name in "${order[@]}"; do
    source=examples/$name.cpp
    title=${name//_/ }
    title=${title//ceres/Ceres}
    title=${title//newton/Newton}
    title=${title//hessian/Hessian}
    # The place by name, as pages that are made of this one do not all name headings alike.
    printf '\n<a id="%s"></a>\n\n## %s\n\n' "${name//_/-}" "${title^}"
    sed -n '/^\/\//!q; s/^\/\/ \{0,1\}//p' "$source"
    printf '\n```cpp\n'
    sed '1,/^#include/{/^\/\//d}' "$source"
    # shellcheck disable=SC2016
    printf '```\n\n[examples/%s.cpp](../examples/%s.cpp) prints\n\n```text\n' "$name" "$name"
    output=$("$programs/$name") || { echo "$programs/$name failed" >&2; exit 1; }
    printf '%s\n```\n' "$output"
  done
} >"$page"

# Without the outputs' numbers, and without the paragraph of advice, whose words and breaks follow the times.
masked() {
  awk '/^```text/ { output = 1 } /^```$/ { output = 0 }
       output && /^  On these problems take / { advice = 1 } advice && / (solves|fails) |^```|^$/ { advice = 0 } advice { next }
       output { gsub(/[-+]?[0-9]+(\.[0-9]+)?(e[-+]?[0-9]+)?/, "#"); gsub(/[ #]+/, " ") } { print }' "$1"
}
if [[ -z "$check" ]]; then
  cp "$page" docs/gallery.md
elif ! diff <(masked docs/gallery.md) <(masked "$page"); then
  echo "docs/gallery.md is not what the examples are and print now; run scripts/gallery.sh" >&2
  exit 1
fi
