#!/usr/bin/env bash
# Runs one Kafka node (KRaft, broker and controller together) on loopback.
#
# usage: start.sh DIR DATA PORT
#   DIR   what install.sh filled
#   DATA  the node's data; formatted on first use, kept as it is afterwards
#   PORT  the listener, 127.0.0.1:PORT; the controller takes PORT+1
#
# The broker replaces this shell (exec), so the caller's child process is the broker
# itself: SIGTERM stops it in order, SIGKILL is a crash. Start again with the same DATA
# and the same PORT to recover from either.
#
# Readiness is the caller's to see, and the port alone does not show it: wait until
# 127.0.0.1:PORT accepts a connection, then repeat an admin call (create the topic that
# is needed, or describe the cluster) until it succeeds. After SIGKILL also wait until
# the metadata shows a leader for each partition.
set -euo pipefail

die() { echo "kafka/start.sh: $*" >&2; exit 1; }

[ $# -eq 3 ] || die "usage: start.sh DIR DATA PORT"
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
port=$3
if ! [[ $port =~ ^[1-9][0-9]{0,4}$ ]] || ((port > 65534)); then
  die "PORT must be 1 to 65534 (the controller takes PORT+1), not '$port'"
fi
[ -f "$1/.complete" ] || die "no Kafka in $1: run $here/install.sh $1"
lib=$(cd "$1" && pwd)/lib
mkdir -p "$2"
data=$(cd "$2" && pwd)
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
command -v "$java" >/dev/null ||
  die "$java not found: install a JDK 17 (apt-get install openjdk-17-jre-headless) or set JAVA_HOME"

if [ -f "$data/port" ] && [ "$(cat "$data/port")" != "$port" ]; then
  die "$data was formatted for port $(cat "$data/port"): start with that port, or with a new DATA"
fi

mkdir -p "$data/tmp"
cat >"$data/server.properties" <<EOF
process.roles=broker,controller
node.id=1
listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$((port + 1))
controller.listener.names=CONTROLLER
controller.quorum.bootstrap.servers=127.0.0.1:$((port + 1))
log.dirs=$data/log

auto.create.topics.enable=false
num.partitions=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
group.initial.rebalance.delay.ms=0

# Test data is dated 2022: take any timestamp, delete nothing, do not roll by age.
log.message.timestamp.before.max.ms=9223372036854775807
log.message.timestamp.after.max.ms=9223372036854775807
log.retention.ms=-1
log.retention.bytes=-1
log.roll.ms=9223372036854775807

# After SIGKILL the new process is let in only when the old one's session has run out
# (9 s by default).
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500

# Fits a 512 MB heap.
log.cleaner.dedupe.buffer.size=8388608
EOF

jvm=(-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Djava.awt.headless=true
  -Djava.net.preferIPv4Stack=true "-Djava.io.tmpdir=$data/tmp"
  "-Dlog4j2.configurationFile=$here/log4j2.xml" -cp "$lib/*")

# `port` is written last, so a format that was cut short is done again.
if [ ! -f "$data/port" ]; then
  rm -rf "$data/log"
  "$java" -Xmx256m "${jvm[@]}" kafka.tools.StorageTool format --standalone \
    --cluster-id Y2h1bmZlbmctdGVzdHMtMQ --config "$data/server.properties" \
    >"$data/format.out" 2>&1 || {
    cat "$data/format.out" >&2
    die "could not format $data/log (see above)"
  }
  echo "$port" >"$data/port.part"
  mv "$data/port.part" "$data/port"
fi

exec "$java" -Xms512m -Xmx512m -XX:+ExitOnOutOfMemoryError "${jvm[@]}" kafka.Kafka "$data/server.properties"
