#!/usr/bin/env bash
# Installs everything the tests run beside chunfeng, and prints where each thing is,
# one `name=path` a line.
#
# usage: install.sh
#   CHUNFENG_SERVICES  the cache folder (default /var/tmp/chunfeng/services)
#
# Can be run before every test: it is quick when all is there.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
mkdir -p "${CHUNFENG_SERVICES:=/var/tmp/chunfeng/services}"
cache=$(cd "$CHUNFENG_SERVICES" && pwd)

"$here/debian.sh"
"$here/kafka/install.sh" "$cache/kafka"
"$here/python/install.sh" "$cache/python"
"$here/grafana/install.sh" "$cache/grafana"
"$here/go/install.sh" "$cache/go"

echo "kafka=$cache/kafka"
echo "kafka_start=$here/kafka/start.sh"
echo "python=$cache/python/bin/python"
echo "grafana=$cache/grafana"
echo "promtool_3=$cache/go/promtool"
echo "containers=$cache/go/containers"
for tool in prometheus promtool prometheus-alertmanager amtool chromium node; do
  path=$(command -v "$tool") || { echo "install.sh: $tool is not in PATH though its package is installed" >&2; exit 1; }
  echo "${tool//-/_}=$path"
done
