#!/usr/bin/env bash
# reports/workloads.md: what a training step of each network costs on each machine, 8 bits and floats.
# use: scripts/workloads.sh [--rates] [--hardware edge,base,server] [NETWORK...]      all of them by default
# --rates: all steps by rates, in seconds; otherwise only those that would take tens of minutes.
# Results are kept in runs/workloads; one that was made by the present build of octet is not made again.
# OCTET names another octet.
set -euo pipefail
cd "$(dirname "$0")/.."
exec python3 -B reports/workloads.py --octet "${OCTET:-build/octet}" --runs runs/workloads --out reports/workloads.md "$@"
