#!/bin/sh
# Holds one top module of the RTL against the three tools: Verilator's lint with every warning on,
# Icarus's elaboration, Yosys's checks. Any complaint fails.
#   lint.sh RTL_DIR TOP
set -eu
cd "$1"
top=$2
files=$(grep -v '^//' files.f)
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# Constructs that one of the three tools rejects or gets wrong in silence.
if grep -nE "(^|[^a-z_])(import |return[ ;]|foreach|interface |int unsigned|signed'\(|inside \{|'\{)" $files; then
  echo "FAIL lint $top: the lines above use a construct outside the subset"
  exit 1
fi
if ! verilator --lint-only -Wall --top-module "$top" $files >"$log" 2>&1; then
  cat "$log"
  echo "FAIL lint $top: verilator"
  exit 1
fi
# "sorry: constant selects": Icarus waits for the whole vector where one bit is read; the result is
# the same.
if ! iverilog -g2012 -Wall -Wno-timescale -s "$top" -o /dev/null $files >"$log" 2>&1 ||
  grep -v 'sorry: constant selects in always_' "$log"; then
  cat "$log"
  echo "FAIL lint $top: iverilog"
  exit 1
fi
# "Replacing memory": the nets between the array's elements are an unpacked array, meant as wires.
if ! yosys -q -p "read_verilog -sv $(echo $files); hierarchy -check -top $top; proc; opt; check -assert" \
  >"$log" 2>&1 || grep -v 'Replacing memory' "$log"; then
  cat "$log"
  echo "FAIL lint $top: yosys"
  exit 1
fi
echo "PASS lint $top: verilator, iverilog, yosys"
