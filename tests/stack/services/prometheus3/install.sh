#!/usr/bin/env bash
# Builds the promtool of Prometheus 3, which Debian does not have yet, into DIR/promtool.
#
# usage: install.sh DIR
#
# Does nothing when DIR already holds what go.mod pins. DIR/.complete is written last.
set -euo pipefail

die() { echo "prometheus3/install.sh: $*" >&2; exit 1; }

[ $# -eq 1 ] || die "usage: install.sh DIR"
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
mkdir -p "$1"
dir=$(cd "$1" && pwd)
wanted=$(cat "$here/go.mod" "$here/go.sum" | sha256sum)

complete() { [ "$(cat "$dir/.complete" 2>/dev/null)" = "$wanted" ]; }

if complete; then exit 0; fi
exec 9>"$dir.lock"
flock 9
if complete; then exit 0; fi # another process did it while we waited

command -v go >/dev/null || die "go not found: install a Go as new as go.mod asks for"
echo "prometheus3: building promtool into $dir, which takes minutes" >&2
(cd "$here" && go build -mod=readonly -trimpath -ldflags='-s -w' -o "$dir/promtool" github.com/prometheus/prometheus/cmd/promtool) ||
  die "promtool was not built (see above): check that go reaches its module proxy, then run this again"
printf '%s\n' "$wanted" >"$dir/.complete"
