#!/usr/bin/env bash
# Octet's training step against PyTorch float32 on this machine, run in turns: resnet-20 and
# fashion-cnn, batch 128, 2 threads. Under 4 minutes once built; leave the machine alone meanwhile.
# Writes runs/bench/result.json. Arguments go to scripts/bench.py: scripts/bench.sh --rounds 3
set -euo pipefail
cd "$(dirname "$0")/.."

load=$(cut -d ' ' -f 1 /proc/loadavg)  # before the build adds to it
scripts/install.sh scripts/packages.txt scripts/packages-bench.txt
log=build-bench.log
build() {
  { [ -f build/build.ninja ] || cmake --preset release; } && cmake --build build --target octet
}
build >"$log" 2>&1 || { tail -n 30 "$log" >&2; echo "bench.sh: the build failed: $log" >&2; exit 1; }

# glibc keeps the large buffers of a step for the next one instead of asking the kernel for zeroed
# pages each time; octet does the same by itself.
export MALLOC_MMAP_THRESHOLD_=4294967296
export MALLOC_TRIM_THRESHOLD_=17179869184
export MALLOC_TOP_PAD_=67108864
exec /usr/bin/python3 -B scripts/bench.py --load "$load" "$@"
