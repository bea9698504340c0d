#!/usr/bin/env bash
# Installs the Debian packages that are missing: scripts/setup.sh [build] [check] [docs] [bench], all but docs when none is named.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

groups=("$@")
((${#groups[@]})) || groups=(build check bench)
for group in "${groups[@]}"; do
  grep -q "^$group " scripts/packages.txt || { echo "No group '$group' in scripts/packages.txt" >&2; exit 2; }
done
install_packages "${groups[@]}"
