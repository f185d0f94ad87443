#!/usr/bin/env bash
# reports/validation.md: published figures of chips beside what octet says of their hardware files.
# use: scripts/validation.sh [CHIP...]      all of them by default
# OCTET names another octet.
set -euo pipefail
cd "$(dirname "$0")/.."
exec python3 -B reports/validation.py --octet "${OCTET:-build/octet}" --runs runs/validation --out reports/validation.md "$@"
