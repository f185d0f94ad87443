#!/usr/bin/env bash
# From nothing to a trained network and its cost: installs what is missing, builds a release, trains
# fashion-cnn in 8 bits on Fashion-MNIST and runs the step on the modelled machine.
# Arguments go to `octet train`, for example: scripts/quickstart.sh --seed 2
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/install.sh scripts/packages.txt
log=build-quickstart.log
build() {
  { [ -f build/build.ninja ] || cmake --preset release; } && cmake --build build --target octet
}
build >"$log" 2>&1 || { tail -n 30 "$log" >&2; echo "quickstart.sh: the build failed: $log" >&2; exit 1; }
exec build/octet train fashion-cnn "$@"
