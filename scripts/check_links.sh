#!/usr/bin/env bash
# Checks the links of pages to each other, without a network: scripts/check_links.sh FOLDER_OR_FILE...
#
# Every local link in the .md and .html files given (or below the folders given) must lead to a file that exists and,
# where it names a place within a page, to one that the page has. Other sites are passed over.
set -euo pipefail
(($#)) || { echo "usage: scripts/check_links.sh FOLDER_OR_FILE..." >&2; exit 2; }

find "$@" -type f '(' -name '*.md' -o -name '*.html' ')' -print0 | sort -z | xargs -0r awk '
  # "a/./b/../c" → "a/c"
  function normal(path,    parts, n, i, kept, m, result) {
    n = split(path, parts, "/")
    m = 0
    for (i = 1; i <= n; ++i) {
      if (parts[i] == "." || (parts[i] == "" && i > 1)) continue
      if (parts[i] == ".." && m > 0 && kept[m] != "..") --m
      else kept[++m] = parts[i]
    }
    result = kept[1]
    for (i = 2; i <= m; ++i) result = result "/" kept[i]
    return result
  }
  function link(target,    path, place, folder) {
    if (target ~ /^([a-z][a-z0-9+.-]*:|\/\/)/ || target == "" || target ~ /^javascript/) return
    place = ""
    path = target
    if (match(path, /#/)) { place = substr(path, RSTART + 1); path = substr(path, 1, RSTART - 1) }
    sub(/\?.*$/, "", path)
    folder = FILENAME
    if (!sub(/\/[^\/]*$/, "", folder)) folder = "."
    path = path == "" ? normal(FILENAME) : normal(path ~ /^\// ? path : folder "/" path)
    ++links
    from[links] = FILENAME ":" FNR
    to[links] = path
    at[links] = place
    shown[links] = target
  }
  function slug(heading) {
    heading = tolower(heading)
    gsub(/`/, "", heading)
    gsub(/[][(){}.,:;!?"\/&*+=<>@#%^|~]/, "", heading)
    gsub(/\047/, "", heading)
    gsub(/ /, "-", heading)
    return heading
  }
  FNR == 1 { page = normal(FILENAME); read[page] = 1; fenced = 0; is_html = FILENAME ~ /\.html$/ }
  !is_html && /^ *```/ { fenced = !fenced; next }
  !is_html && fenced { next }
  {
    line = $0
    if (!is_html && match(line, /^#+ +/)) places[page "#" slug(substr(line, RLENGTH + 1))] = 1
    rest = line
    while (match(rest, /(id|name)="[^"]*"/)) {
      place = substr(rest, RSTART, RLENGTH)
      rest = substr(rest, RSTART + RLENGTH)
      gsub(/^(id|name)="|"$/, "", place)
      places[page "#" place] = 1
    }
    rest = line
    while (match(rest, /(href|src)="[^"]*"/)) {
      target = substr(rest, RSTART, RLENGTH)
      rest = substr(rest, RSTART + RLENGTH)
      gsub(/^(href|src)="|"$/, "", target)
      link(target)
    }
    if (!is_html) {
      rest = line
      gsub(/`[^`]*`/, "", rest)
      while (match(rest, /\]\([^() ]+\)/)) {
        target = substr(rest, RSTART + 2, RLENGTH - 3)
        rest = substr(rest, RSTART + RLENGTH)
        link(target)
      }
    }
  }
  END {
    for (i = 1; i <= links; ++i) {
      path = to[i]
      if (!(path in known)) known[path] = (path in read) || system("test -e \"" path "\"") == 0
      why = ""
      if (!known[path]) why = "there is no such file"
      else if (at[i] != "" && (path in read) && !((path "#" at[i]) in places)) why = "the page has no such place"
      if (why != "") { print from[i] ": " shown[i] ": " why; ++broken }
    }
    print links + 0 " local links, " broken + 0 " broken"
    exit broken > 0 || links == 0
  }'
