#!/usr/bin/env bash
# Builds the Debian packages quadric, libquadricN.M and libquadric-dev, and leaves them in build/release/packages.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

install_packages build check
cmake --preset release
cmake --build --preset release --target quadric_shared quadric_program quadric_manual
(cd build/release && cpack -G DEB)
ls -l build/release/packages/*.deb
