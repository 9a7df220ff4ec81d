#!/usr/bin/env bash
# Makes a Python environment in DIR with what requirements.txt pins: use DIR/bin/python.
#
# usage: install.sh DIR
#
# Does nothing when DIR already holds what requirements.txt asks for. A venv cannot be
# moved once made, so it is made in place; DIR/.complete is written last, and a DIR
# without it is made anew.
set -euo pipefail

die() { echo "python/install.sh: $*" >&2; exit 1; }

[ $# -eq 1 ] || die "usage: install.sh DIR"
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
mkdir -p "$(dirname "$1")"
dir=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
wanted=$(sha256sum <"$here/requirements.txt")

complete() {
  [ -f "$dir/.complete" ] && [ "$(cat "$dir/.complete")" = "$wanted" ] &&
    "$dir/bin/python" -c '' 2>/dev/null # the interpreter it was made from is still there
}

if complete; then exit 0; fi
exec 9>"$dir.lock"
flock 9
if complete; then exit 0; fi # another process did it while we waited

python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
  die "python3 of 3.11 or newer not found: install it (apt-get install python3 python3-venv)"
if [ -e "$dir" ] && [ ! -f "$dir/.complete" ] && [ ! -f "$dir/.partial" ]; then
  die "$dir exists and was not made by this script: remove it or give another DIR"
fi

echo "python: installing into $dir" >&2
rm -rf "$dir"
mkdir "$dir"
touch "$dir/.partial"
python3 -m venv "$dir" || die "could not make a venv: apt-get install python3-venv"
"$dir/bin/python" -m pip install --quiet --disable-pip-version-check --only-binary :all: \
  -r "$here/requirements.txt" >&2 ||
  die "pip could not install requirements.txt (see above): check that pip reaches its index, then run this again"
"$dir/bin/python" -c 'import deltalake, duckdb, pandas, polars, pyarrow' ||
  die "the packages installed but do not import (see above)"
printf '%s\n' "$wanted" >"$dir/.complete"
rm "$dir/.partial"
