#!/bin/sh
# Changes one character of the rounding in a copy of the RTL; the requantise bench, built against
# the copy, must fail. Each mutation is undone before the next; the unchanged copy must pass.
#   mutation_test.sh RTL_DIR SOURCE_DIR WORK_DIR MODEL_LIBRARIES [SANITIZER_FLAG]
# CXX and VERILATOR come from the environment.
set -eu
rtl=$1
source=$2
work=$3
model=$4
sanitize=${5:-}
cxx=${CXX:-g++}
copy=$work/rtl
mkdir -p "$work"
rm -rf "$copy" "$work/bench.o"
mkdir "$copy"
cp -rL "$rtl/." "$copy"  # files, even where rtl is a link

fail_build() {
  cat "$work/build.log"
  echo "FAIL mutation: the bench does not build"
  exit 1
}

# Verilates the copy and runs the bench. A mutation leaves the top's ports, and so the header that
# the bench includes, as they are: the bench itself is compiled once.
build_and_run() {
  "${VERILATOR:-verilator}" --cc --build -O3 --x-assign fast --x-initial fast -Mdir "$work/build" \
    -y "$copy/requantise" "$copy/requantise/requantise.sv" --prefix Vrequantise \
    -CFLAGS "-O1 -w $sanitize" -MAKEFLAGS "CXX=$cxx LINK=$cxx" >"$work/build.log" 2>&1 || fail_build
  if [ ! -e "$work/bench.o" ]; then
    root=$(awk '$1 == "VERILATOR_ROOT" { print $3 }' "$work/build/Vrequantise.mk")
    $cxx -std=c++20 -O1 -w $sanitize -I"$source" -I"$work/build" -I"$root/include" -c \
      "$source/tests/cosim/requantise_bench.cpp" -o "$work/bench.o" >"$work/build.log" 2>&1 || fail_build
    for part in verilated verilated_threads; do  # Verilator's run time
      [ ! -e "$work/$part.o" ] || continue
      $cxx -std=c++20 -O1 -w $sanitize -I"$work/build" -I"$root/include" -I"$root/include/vltstd" -c \
        "$root/include/$part.cpp" -o "$work/$part.o" >"$work/build.log" 2>&1 || fail_build
    done
  fi
  # shellcheck disable=SC2086  # several libraries
  $cxx $sanitize -o "$work/requantise_bench" "$work/bench.o" "$work"/build/*.a "$work"/verilated*.o \
    $model -pthread >"$work/build.log" 2>&1 || fail_build
  "$work/requantise_bench" --quick
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
