#!/usr/bin/env bash
# Installs what is missing, builds everything and runs every test. Arguments go to ctest.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/install.sh scripts/packages.txt scripts/packages-test.txt
cmake --preset dev >/dev/null
cmake --build --preset dev
ctest --preset dev -j "$(nproc)" "$@"
