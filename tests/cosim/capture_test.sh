#!/bin/sh
# Captures, written and read back: each bench that takes captures must check the example's, see a
# wrong value in it, and refuse a file that was cut short.
#   capture_test.sh CAPTURE_EXAMPLE BENCH_DIR
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$1" "$folder"
for unit in requantise mac_array range_bn; do
  file=$folder/example.$unit.capture
  answer=$("$2/${unit}_bench" --quick --capture "$folder")
  echo "$answer"
  case $answer in
    *" 0 captured"*) echo "FAIL capture: $unit read nothing" && exit 1 ;;
  esac
  cp "$file" "$folder/whole"
  # The last value before the closing line is an expected result.
  size=$(wc -c <"$file")
  printf '\125\252' | dd of="$file" bs=1 seek=$((size - 6)) conv=notrunc status=none
  if answer=$("$2/${unit}_bench" --quick --capture "$folder"); then
    echo "FAIL capture: $unit did not see a wrong value" && exit 1
  fi
  echo "$answer"
  head -c 200 "$folder/whole" >"$file"
  if answer=$("$2/${unit}_bench" --quick --capture "$folder"); then
    echo "FAIL capture: $unit read a file that was cut short" && exit 1
  fi
  echo "$answer"
  cp "$folder/whole" "$file"
done
echo "PASS capture"
