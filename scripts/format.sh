#!/usr/bin/env bash
# Formats every source in place; with --check it changes nothing and fails on a source that is not formatted.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

install_packages check
case "${1:-}" in
  '') formatted_sources | xargs -0r clang-format -i ;;
  --check) formatted_sources | xargs -0r clang-format --dry-run --Werror ;;
  *) echo "usage: scripts/format.sh [--check]" >&2; exit 2 ;;
esac
