#!/usr/bin/env bash
# clang-tidy over the compile database of a build folder.
# use: scripts/lint.sh [BUILD] [FILE...]      BUILD: build; FILE: part of a path (default: all)
set -euo pipefail
cd "$(dirname "$0")/.."

tool=$(command -v clang-tidy-14 || command -v clang-tidy) ||
  { echo "lint.sh: clang-tidy is missing (Debian: clang-tidy-14)" >&2; exit 1; }
build=${1:-build}
shift || true
[ -f "$build/compile_commands.json" ] ||
  { echo "lint.sh: $build/compile_commands.json: not there; configure a build first" >&2; exit 1; }

# Our own sources of the database, once each: generated and verilated code is not ours.
pattern=$(IFS='|'; echo "${*:-}")
sed -n 's/^ *"file": "\(.*\)",\{0,1\}$/\1/p' "$build/compile_commands.json" | sort -u |
  { grep -F "$PWD/" || true; } | { grep -vF "/$build/" || true; } | { grep -E "$pattern" || true; } |
  xargs -r -n 1 -P "$(nproc)" "$tool" -p "$build" --quiet 2> >(grep -v ' warnings\? generated' >&2)
