#!/bin/bash
# Whether chunfeng answers 200. The slim image has no curl; bash speaks enough HTTP for this.
#
# usage: healthcheck [PATH], /healthz unless said; the port is that of CHUNFENG_LISTEN
set -euo pipefail

listen=${CHUNFENG_LISTEN:-127.0.0.1:9898}
exec 3<>"/dev/tcp/127.0.0.1/${listen##*:}"
printf 'GET %s HTTP/1.0\r\n\r\n' "${1:-/healthz}" >&3
read -r _ status _ <&3
[ "$status" = 200 ]
