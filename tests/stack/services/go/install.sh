#!/usr/bin/env bash
# Builds into DIR what comes as Go modules: the promtool of Prometheus 3, which Debian does not have yet, and what loads a compose file
# and a Dockerfile as Docker does.
#
# usage: install.sh DIR
#
# Does nothing when DIR already holds what the modules pin. DIR/.complete is written last.
set -euo pipefail

die() { echo "go/install.sh: $*" >&2; exit 1; }

[ $# -eq 1 ] || die "usage: install.sh DIR"
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
mkdir -p "$1"
dir=$(cd "$1" && pwd)
wanted=$(cat "$here"/*/go.mod "$here"/*/go.sum "$here"/*/*.go | sha256sum)

complete() { [ "$(cat "$dir/.complete" 2>/dev/null)" = "$wanted" ]; }

if complete; then exit 0; fi
exec 9>"$dir.lock"
flock 9
if complete; then exit 0; fi # another process did it while we waited

command -v go >/dev/null || die "go not found: install a Go as new as go.mod asks for"
build() { # MODULE PACKAGE
  echo "go: building $1 into $dir" >&2
  (cd "$here/$1" && go build -mod=readonly -trimpath -ldflags='-s -w' -o "$dir/$1" "$2") ||
    die "$1 was not built (see above): check that go reaches its module proxy, then run this again"
}
build containers .
echo "go: the next one takes minutes" >&2
build promtool github.com/prometheus/prometheus/cmd/promtool
printf '%s\n' "$wanted" >"$dir/.complete"
