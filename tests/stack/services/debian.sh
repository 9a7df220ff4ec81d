#!/usr/bin/env bash
# Installs the Debian packages the tests and the build need, those that are missing.
#
# usage: debian.sh
#
# Needs root only when something is missing. No service is started: while packages are
# installed a policy-rc.d forbids it, and whatever policy-rc.d was there comes back
# afterwards. Services that came with this installation are not enabled for the next
# boot either; the tests start prometheus and alertmanager themselves.
set -euo pipefail

die() { echo "debian.sh: $*" >&2; exit 1; }

packages=(
  prometheus prometheus-alertmanager # with promtool and amtool
  gcc g++ make perl pkg-config cmake # vendored OpenSSL (perl), librdkafka, zstd, aws-lc
  valgrind                           # counts instructions
  chromium fonts-noto-cjk            # draws dashboards, Chinese included
  zlib1g-dev                         # librdkafka links the system zlib
)
# Checks the types of dashboards. Where there is one already it is as good, and Debian's brings much with it.
command -v node >/dev/null && command -v npm >/dev/null || packages+=(nodejs npm)
policy=/usr/sbin/policy-rc.d
saved=$policy.chunfeng-saved

command -v dpkg-query >/dev/null ||
  die "this is not Debian: install by other means what these packages hold: ${packages[*]}"

missing=()
for package in "${packages[@]}"; do
  state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$state" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0
[ "$(id -u)" -eq 0 ] || die "missing packages: ${missing[*]}; run this once as root: sudo $0"

# An empty $saved says that there was no policy-rc.d.
restore() {
  if [ -s "$saved" ]; then
    mv -f "$saved" "$policy"
  elif [ -e "$saved" ]; then
    rm -f "$policy" "$saved"
  fi
}

exec 9>/run/chunfeng-debian.lock
flock 9
restore # what a killed run left behind
trap restore EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

if [ -e "$policy" ]; then cp -a "$policy" "$saved"; else : >"$saved"; fi
printf '#!/bin/sh\nexit 101\n' >"$policy.chunfeng-new"
chmod 755 "$policy.chunfeng-new"
mv -f "$policy.chunfeng-new" "$policy"

echo "debian: installing ${missing[*]}" >&2
export DEBIAN_FRONTEND=noninteractive
apt=(apt-get -q -y -o DPkg::Lock::Timeout=300)
"${apt[@]}" update >&2 || die "apt-get update failed (see above): check the sources and the network"
"${apt[@]}" install --no-install-recommends "${missing[@]}" >&2 ||
  die "apt-get install failed (see above): mend that, then run this again"

for package in "${missing[@]}"; do
  case $package in
  prometheus | prometheus-alertmanager)
    if command -v systemctl >/dev/null; then systemctl --quiet disable "$package" >&2 || true; fi
    ;;
  esac
done
