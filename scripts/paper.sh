#!/usr/bin/env bash
# The paper's experiments, rerun: reports/paper.md and its figures.
# use: scripts/paper.sh [--quick] [--only N] [--list]
#   (nothing)  ResNet-20 on CIFAR-10, 37 trainings, about 5 hours on 2 cores: reports/paper.md
#   --quick    fashion-cnn, 12 trainings of one epoch, minutes, to try the script: runs/paper-quick
#   --only N   the trainings of claim N alone; the report still tells of all that have run
#   --list     the trainings and their hours, and nothing else
# Results are kept in reports/paper/results. A training whose result is there is not repeated, wherever
# it was made, and one that was cut short goes on where it was (runs/paper), so the script can be stopped
# at any time and called again. Only the short trainings with --analyse begin anew: their angles are of
# the whole run. OCTET names another octet.
set -euo pipefail
cd "$(dirname "$0")/.."

octet=${OCTET:-build/octet}
tier=() only=() list=
runs=runs/paper out=reports
while [ $# -gt 0 ]; do
  case $1 in
    --quick) tier=(--quick) runs=runs/paper-quick out=runs/paper-quick ;;
    --only) [ $# -gt 1 ] || { echo "paper.sh: --only: found nothing, expected a claim's number" >&2; exit 2; }
            only=(--only "$2"); shift ;;
    --list) list=1 ;;
    *) echo "paper.sh: found '$1', expected --quick, --only N or --list" >&2; exit 2 ;;
  esac
  shift
done

plan=$(python3 -B reports/paper.py list "${tier[@]}" "${only[@]}")
python3 -B reports/paper.py hours "${tier[@]}" "${only[@]}"
if [ -n "$list" ]; then
  echo "$plan"
  exit 0
fi

keep() { python3 -B reports/paper.py keep "${tier[@]}" "$runs" "$out"; }
report() { python3 -B reports/paper.py report "${tier[@]}" "$out"; }

keep
count=$(wc -l <<<"$plan")
number=0
while IFS=$'\t' read -r name arguments; do
  number=$((number + 1))
  if [ -f "$out/paper/results/$name.json" ]; then
    echo "$number/$count $name: is there"
    continue
  fi
  echo "$number/$count $name"
  read -ra words <<<"$arguments"
  "$octet" "${words[@]}" --out "$runs/$name" </dev/null
  # After each, so that a set that is cut short has its report.
  keep
  report
done <<<"$plan"
report
echo "Report: $out/paper.md"
