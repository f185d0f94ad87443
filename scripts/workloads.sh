#!/usr/bin/env bash
# reports/workloads.md: what a training step of each network costs on each machine, 8 bits and floats.
# use: scripts/workloads.sh [--hardware edge,base,server] [NETWORK...]      all of them by default
# Results are kept in runs/workloads; one that was made by the present build of octet is not made again.
# OCTET names another octet.
set -euo pipefail
cd "$(dirname "$0")/.."
exec python3 -B reports/workloads.py --octet "${OCTET:-build/octet}" --runs runs/workloads --out reports/workloads.md "$@"
