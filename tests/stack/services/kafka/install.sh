#!/usr/bin/env bash
# Fetches the Kafka broker named in pom.xml, with its runtime dependencies, into DIR/lib.
#
# usage: install.sh DIR
#
# Does nothing when DIR already holds what pom.xml asks for. The jars are fetched
# into a folder beside DIR and moved into place only when all of them are there.
set -euo pipefail

die() { echo "kafka/install.sh: $*" >&2; exit 1; }

[ $# -eq 1 ] || die "usage: install.sh DIR"
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
mkdir -p "$(dirname "$1")"
dir=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
wanted=$(sha256sum <"$here/pom.xml")

complete() { [ -f "$dir/.complete" ] && [ "$(cat "$dir/.complete")" = "$wanted" ]; }

if complete; then exit 0; fi
exec 9>"$dir.lock"
flock 9
if complete; then exit 0; fi # another process did it while we waited

command -v mvn >/dev/null || die "mvn not found: install Maven and a JDK 17 (apt-get install maven)"
if [ -e "$dir" ] && [ ! -f "$dir/.complete" ]; then
  die "$dir exists and was not made by this script: remove it or give another DIR"
fi

part=$dir.part
rm -rf "$part"
mkdir "$part"
echo "kafka: fetching into $dir" >&2
mvn -B -q -f "$here/pom.xml" dependency:copy-dependencies \
  -DincludeScope=runtime -DoutputDirectory="$part/lib" >&2 ||
  die "Maven could not fetch the jars (see above): check that mvn reaches its repository, then run this again"
ls "$part"/lib/kafka_2.13-*.jar >/dev/null || die "Maven fetched no broker jar: check $here/pom.xml"
printf '%s\n' "$wanted" >"$part/.complete"
rm -rf "$dir"
mv "$part" "$dir"
