#!/usr/bin/env bash
# clang-format over all C++ that git tracks or would track. --check changes nothing and fails, with
# the places, where it would.
set -euo pipefail
cd "$(dirname "$0")/.."

tool=$(command -v clang-format-14 || command -v clang-format) ||
  { echo "format.sh: clang-format is missing (Debian: clang-format-14)" >&2; exit 1; }
case "${1:-}" in
  "") how=(-i) ;;
  --check) how=(--dry-run --Werror) ;;
  *) echo "use: scripts/format.sh [--check]" >&2; exit 2 ;;
esac
git ls-files -z -co --exclude-standard -- '*.cpp' '*.hpp' '*.inc' |
  while IFS= read -r -d '' file; do [ -e "$file" ] && printf '%s\0' "$file"; done |
  xargs -0 -r "$tool" "${how[@]}" --style=file
