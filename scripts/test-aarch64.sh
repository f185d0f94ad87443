#!/usr/bin/env bash
# Cross-compiles the integer arithmetic for 64-bit ARM and runs its tests under qemu. Arguments go
# to ctest.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/install.sh scripts/packages-aarch64.txt
cmake --preset aarch64 >/dev/null
cmake --build --preset aarch64
ctest --preset aarch64 -j "$(nproc)" "$@"
