#!/usr/bin/env bash
# Puts into DIR what package-lock.json pins: Grafana's own types of dashboards, and the compiler that checks them.
#
# usage: install.sh DIR
#
# Does nothing when DIR already holds that. DIR/.complete is written last.
set -euo pipefail

die() { echo "grafana/install.sh: $*" >&2; exit 1; }

[ $# -eq 1 ] || die "usage: install.sh DIR"
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
mkdir -p "$1"
dir=$(cd "$1" && pwd)
wanted=$(cat "$here/package.json" "$here/package-lock.json" | sha256sum)

complete() { [ "$(cat "$dir/.complete" 2>/dev/null)" = "$wanted" ]; }

if complete; then exit 0; fi
exec 9>"$dir.lock"
flock 9
if complete; then exit 0; fi # another process did it while we waited

command -v npm >/dev/null || die "npm not found: install it (apt-get install nodejs npm)"
echo "grafana: installing into $dir" >&2
cp "$here/package.json" "$here/package-lock.json" "$dir/"
(cd "$dir" && npm ci --no-audit --no-fund --ignore-scripts >&2) ||
  die "npm could not install package-lock.json (see above): check that npm reaches its registry, then run this again"
printf '%s\n' "$wanted" >"$dir/.complete"
