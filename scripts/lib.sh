# Sourced by the other scripts: goes to the root of the repository and defines what they share.
# shellcheck shell=bash
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

# install_packages GROUP... installs the packages of these groups (scripts/packages.txt) that are missing.
install_packages() {
  local group package as_root=() missing=()
  for group in "$@"; do
    while read -r package; do
      [[ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" == installed ]] || missing+=("$package")
    done < <(awk -v group="$group" '$1 == group { print $2 }' scripts/packages.txt)
  done
  ((${#missing[@]})) || return 0

  if ! command -v apt-get >/dev/null; then
    echo "There is no apt-get here. Install what these Debian packages hold: ${missing[*]}" >&2
    return 1
  fi
  if ((EUID != 0)); then
    if ! command -v sudo >/dev/null; then
      echo "Missing packages, and neither root nor sudo to install them. As root: apt-get install ${missing[*]}" >&2
      return 1
    fi
    as_root=(sudo)
  fi
  echo "Installing ${missing[*]}"
  "${as_root[@]}" apt-get update -q
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "${missing[@]}"
}

# As many compilers at once as there are cores, and 2 GB of free memory for each.
build_jobs() {
  local cores memory limit
  cores=$(nproc)
  memory=$(awk '/^MemAvailable:/ { print int($2 / 1024) }' /proc/meminfo)
  limit=$(cat /sys/fs/cgroup/memory.max 2>/dev/null || echo max)
  if [[ "$limit" != max ]] && ((limit / 1048576 < memory)); then memory=$((limit / 1048576)); fi
  local jobs=$((memory / 2048))
  if ((jobs > cores)); then jobs=$cores; fi
  if ((jobs < 1)); then jobs=1; fi
  echo "$jobs"
}
export CMAKE_BUILD_PARALLEL_LEVEL="${CMAKE_BUILD_PARALLEL_LEVEL:-$(build_jobs)}"

# A clone elsewhere finds what this one compiled.
export CCACHE_BASEDIR="${CCACHE_BASEDIR:-$PWD}" CCACHE_NOHASHDIR="${CCACHE_NOHASHDIR:-1}"

# All sources that follow .clang-format, separated by NUL.
formatted_sources() {
  find include src solvers tests examples bench -type f '(' -name '*.hpp' -o -name '*.cpp' ')' -print0 | sort -z
}
