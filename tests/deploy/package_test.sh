#!/usr/bin/env bash
# The Debian package on a fresh machine that boots systemd: install, start, reload, upgrade, a bad
# configuration, a crash, remove, purge. By hand, since it needs root, debootstrap, systemd-nspawn and
# a mirror of Debian:
#
#   ./dev package
#   tests/deploy/package_test.sh build/release/*.deb
#
# The machine is made anew each time from a tree that is kept in $PACKAGE_TEST_CACHE.
set -euo pipefail

deb=$(readlink -f "${1:?usage: package_test.sh DEB [SUITE]}")
suite=${2:-bookworm}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${PACKAGE_TEST_CACHE:-/var/tmp/signinwatch-package-test}
readonly deb suite here cache
readonly boot_timeout_s=400

[ "$(id -u)" = 0 ] || { echo "package_test.sh: it needs root" >&2; exit 2; }

# A minimal machine with systemd.
base=$cache/$suite
if [ ! -e "$base/complete" ]; then
  rm -rf "$base"
  mkdir -p "$cache"
  debootstrap --variant=minbase --include=ca-certificates "$suite" "$base" http://deb.debian.org/debian
  cp /etc/resolv.conf "$base/etc/resolv.conf"
  echo '127.0.0.1 localhost' >"$base/etc/hosts"
  chroot "$base" apt-get update -qq
  DEBIAN_FRONTEND=noninteractive chroot "$base" \
    apt-get install -qq -y --no-install-recommends systemd systemd-sysv dbus
  touch "$base/complete"
fi

root=$(mktemp -d "$cache/machine.XXXXXX")
trap 'rm -rf "$root"' EXIT
cp -a "$base/." "$root"
cp "$deb" "$root/root/signinwatch.deb"
# The same with a later version, to upgrade to.
dpkg-deb -R "$deb" "$root/root/newer"
sed -i 's/^Version: .*/&+newer/' "$root/root/newer/DEBIAN/control"
dpkg-deb -b "$root/root/newer" "$root/root/newer.deb" >/dev/null
cp "$here/package_test_inside.sh" "$root/root/inside.sh"

echo "== install ${deb##*/} on $suite"
DEBIAN_FRONTEND=noninteractive chroot "$root" \
  apt-get install -qq -y --no-install-recommends /root/signinwatch.deb
chroot "$root" signinwatch --version

cat >"$root/etc/systemd/system/inside.service" <<'UNIT'
[Unit]
After=multi-user.target
[Service]
Type=oneshot
ExecStart=-/bin/bash /root/inside.sh
StandardOutput=file:/root/result
StandardError=inherit
ExecStopPost=/bin/systemctl poweroff --no-block
[Install]
WantedBy=graphical.target
UNIT
chroot "$root" systemctl -q enable inside.service
chroot "$root" systemctl -q set-default graphical.target

echo "== boot it"
timeout "$boot_timeout_s" systemd-nspawn -q -D "$root" --register=no --keep-unit --private-network -b \
  >"$cache/boot.log" 2>&1 || true
cat "$root/root/result"
# The machine's exit code says nothing: its last line does.
grep -qx 'all passed' "$root/root/result"
