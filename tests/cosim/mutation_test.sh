#!/bin/sh
# Changes one character of the rounding in a copy of the RTL; the requantise bench, built against the copy,
# must fail. Each mutation is undone before the next; the unchanged copy must pass.
#   mutation_test.sh RTL_DIR SOURCE_DIR WORK_DIR MODEL_LIBRARIES [SANITIZER_FLAG]
# CXX and VERILATOR come from the environment.
set -eu
rtl=$1
source=$2
work=$3
model=$4
sanitize=${5:-}
copy=$work/rtl
mkdir -p "$work"
rm -rf "$copy"
cp -r "$rtl" "$copy"

build_and_run() {
  "${VERILATOR:-verilator}" --cc --exe --build -O3 --x-assign fast --x-initial fast -Mdir "$work/build" \
    -y "$copy/requantise" "$copy/requantise/requantise.sv" --prefix Vrequantise -o requantise_bench \
    "$source/tests/cosim/requantise_bench.cpp" $model \
    -CFLAGS "-std=c++20 -O1 -w -I$source $sanitize" -LDFLAGS "-pthread $sanitize" -MAKEFLAGS "CXX=${CXX:-g++} LINK=${CXX:-g++}" \
    >"$work/build.log" 2>&1 || {
    cat "$work/build.log"
    echo "FAIL mutation: the bench does not build"
    exit 1
  }
  "$work/build/requantise_bench" --quick
}

# mutate FILE FROM TO: FROM and TO differ in one character, and FROM is there exactly once.
mutate() {
  file=$copy/requantise/$1
  cp "$rtl/requantise/$1" "$file"
  found=$(grep -cF -- "$2" "$file" || true)
  if [ "$found" != 1 ]; then
    echo "FAIL mutation: '$2' is in $1 $found times, not once"
    exit 1
  fi
  from=$(printf '%s' "$2" | sed 's/[][\.*^$/]/\\&/g')
  to=$(printf '%s' "$3" | sed 's/[\&/]/\\&/g')
  sed -i "s/$from/$to/" "$file"
  changed=$(cmp -l "$rtl/requantise/$1" "$file" 2>/dev/null | wc -l)
  if [ "$changed" != 1 ] || [ "$(wc -c <"$rtl/requantise/$1")" != "$(wc -c <"$file")" ]; then
    echo "FAIL mutation: $changed characters of $1 changed, not one"
    exit 1
  fi
  if answer=$(build_and_run); then
    echo "$answer"
    echo "FAIL mutation: '$2' became '$3' in $1 and nothing saw it"
    exit 1
  fi
  case $answer in
    "FAIL requantise: first mismatch"*) echo "seen: $1: '$2' became '$3': $answer" ;;
    *)
      echo "$answer"
      echo "FAIL mutation: the bench did not report a mismatch"
      exit 1
      ;;
  esac
  cp "$rtl/requantise/$1" "$file"
}

mutate srdhm.sv "64'sh0000_0000_4000_0000" "64'sh0000_0000_4000_0001"
mutate srdhm.sv "product_i + HALF" "product_i - HALF"
mutate rdbpot.sv "exponent_i) >> 1;" "exponent_i) >> 2;"
mutate requantise_stochastic.sv "+ 6'd31" "+ 6'd30"
mutate requantise.sv "sum < 0;" "sum < 1;"
build_and_run
echo "PASS mutation: 5 changed characters seen"
