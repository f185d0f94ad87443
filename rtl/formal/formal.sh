#!/bin/sh
# Proves, for every input, that rdbpot.sv is gemmlowp's RoundingDivideByPOT; and that the proof can
# fail: with a changed rounding constant it does.
#   formal.sh RTL_DIR
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "$1"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# proof FILE WIDTH: 0 if FILE's rdbpot equals the reference at this width.
proof() {
  yosys -q -p "read_verilog -sv $1 $here/rdbpot_gemmlowp.sv
    chparam -set W $2 rdbpot rdbpot_gemmlowp; proc; opt_clean
    miter -equiv -flatten -make_assert rdbpot rdbpot_gemmlowp miter
    hierarchy -top miter; sat -verify -prove-asserts -timeout 100 miter" >"$work/log" 2>&1
}

for width in 32 33; do
  if ! proof requantise/rdbpot.sv $width; then
    cat "$work/log"
    echo "FAIL formal rdbpot: $width bits"
    exit 1
  fi
done
sed 's/exponent_i) >> 1;/exponent_i) >> 2;/' requantise/rdbpot.sv >"$work/rdbpot.sv"
if cmp -s requantise/rdbpot.sv "$work/rdbpot.sv" || proof "$work/rdbpot.sv" 32; then
  echo "FAIL formal rdbpot: a changed constant was not seen"
  exit 1
fi
echo "PASS formal rdbpot: equal to gemmlowp's for every input, 32 and 33 bits"
