#!/usr/bin/env bash
# Builds the documentation site in build/docs/html from docs/*.md, the examples and the comments in the public headers,
# and checks its links.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

install_packages docs
rm -rf build/docs
mkdir -p build/docs
version=$(sed -n 's/^project(quadric VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
{ cat docs/Doxyfile; echo "PROJECT_NUMBER = $version"; } | doxygen - 2>build/docs/warnings.txt
if [[ -s build/docs/warnings.txt ]]; then
  cat build/docs/warnings.txt >&2
  exit 1
fi
# Doxygen knows pages, but neither places in them nor the sources as they are.
cp -r examples build/docs/html/examples
sed -i -E 's|href="([a-z]+)\.md#|href="md_docs_\1.html#|g; s|href="\.\./examples/|href="examples/|g' build/docs/html/*.html
scripts/check_links.sh README.md CHANGELOG.md CONTRIBUTING.md docs build/docs/html
echo "The site begins at build/docs/html/index.html"
