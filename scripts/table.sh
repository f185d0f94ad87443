#!/usr/bin/env bash
# The README's table: fashion-cnn in 8 bits against float32, seeds 1 to 3, accuracy and cost together.
# Runs that already left a result under runs/table are not repeated. About 20 minutes on 2 cores.
set -euo pipefail
cd "$(dirname "$0")/.."

for recipe in int8 float32; do
  for seed in 1 2 3; do
    out=runs/table/$recipe-seed$seed
    [ -f "$out/result.json" ] || build/octet train fashion-cnn --recipe "$recipe" --seed "$seed" --out "$out" >&2
  done
done
python3 scripts/table.py runs/table
