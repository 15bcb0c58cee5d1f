#!/usr/bin/env bash
# Runs inside the machine of package_test.sh, and says what holds and what does not.
set -uo pipefail

readonly config=/etc/signinwatch/signinwatch.yaml state=/var/lib/signinwatch
readonly drop_in=/etc/systemd/system/signinwatch.service.d/test.conf
failed=0

# check WHAT COMMAND...: passes if the command does.
check() {
  local what=$1
  shift
  if "$@" >/tmp/said 2>&1; then
    echo "ok      $what"
  else
    echo "FAILED  $what: $*"
    sed 's/^/          /' /tmp/said
    failed=$((failed + 1))
  fi
}

property() { systemctl show -P "$1" signinwatch; }
is() { [ "$1" = "$2" ] || { echo "it is '$1', not '$2'"; return 1; }; }
within() {
  local seconds=$1 i
  shift
  for ((i = 0; i < seconds * 10; i++)); do
    "$@" && return 0
    sleep 0.1
  done
  return 1
}
# get PATH: the reply with its headers.
get() {
  exec 3<>/dev/tcp/127.0.0.1/9532 || return 1
  printf 'GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n' "$1" >&3
  timeout 5 cat <&3
  exec 3>&-
}
says() { get "$1" 2>/dev/null | grep -E "$2"; }
ended() { is "$(property ActiveState)" "$1"; }
differs() { [ "$(property "$2")" != "$1" ] && [ "$(property "$2")" != 0 ]; }
fails() { ! "$@"; }
journal() { journalctl -u signinwatch -o cat --since "@$1"; }
journal_says() { journalctl --sync; journal "$1" | grep -E "$2"; }
# Its exit code says that the unit has failed.
status_says() { systemctl status --no-pager -l signinwatch >/tmp/status; grep -F "$1" /tmp/status; }
now() { date +%s; }
mode() { is "$(stat -c '%a %U %G' "$1")" "$2"; }

echo "-- after the installation"
check "it is not enabled" is "$(systemctl is-enabled signinwatch)" disabled
check "it does not run" is "$(property ActiveState)" inactive
check "the configuration is for root and the daemon" mode $config "640 root signinwatch"
check "its folder too" mode /etc/signinwatch "750 root signinwatch"
check "the configuration is valid" signinwatch check-config $config
check "the unit is fine" systemd-analyze verify --man=no signinwatch.service
check "the unit is closed enough" \
  systemd-analyze security --no-pager --threshold=15 signinwatch.service

echo "-- not configured"
begin=$(now)
systemctl start signinwatch
check "it fails" within 10 ended failed
check "as bad configuration" is "$(property ExecMainStatus)" 2
check "it says what is missing" journal_says "$begin" 'EVENTHUBS_CONNECTION_STRING: not set'
sleep 7 # longer than RestartSec
check "it is not tried again" is "$(property NRestarts)" 0

echo "-- a cluster that is not there"
cat >$config <<'YAML'
kafka: {brokers: '127.0.0.1:1', topics: [signins]}
sinks: [{name: archive, type: file, path: /var/lib/signinwatch/tickets.jsonl}]
YAML
check "the mode is what it was" mode $config "640 root signinwatch"
check "it is enabled and started" systemctl enable --now signinwatch
check "it is healthy" within 20 says /-/healthy ' 200 '
check "it is not ready" says /-/ready ' 503 '
check "it says why" says /-/ready 'No Kafka broker is connected'
check "it is not root" is "$(stat -c %U "/proc/$(property MainPID)")" signinwatch
check "state is its own" mode $state "700 signinwatch signinwatch"
check "the store too" mode $state/signinwatch.db "600 signinwatch signinwatch"
for metric in process_start_time_seconds process_open_fds process_resident_memory_bytes; do
  check "there is $metric" says /metrics "^$metric [0-9]"
done
check "people can look at tickets" \
  setpriv --reuid=signinwatch --regid=signinwatch --clear-groups \
  signinwatch tickets list --config $config

check "the doctor has its secrets and its user" \
  eval 'signinwatch-doctor; [ $? -le 1 ] && signinwatch-doctor | grep -E "^(ok|warn) +store"'
check "all documents are there" test -f /usr/share/doc/signinwatch/docs/first-hour.md

echo "-- restart, reload, crash"
pid=$(property MainPID)
check "restart" systemctl restart signinwatch
check "another process" differs "$pid" MainPID
check "healthy again" within 20 says /-/healthy ' 200 '
pid=$(property MainPID)
check "reload" systemctl reload signinwatch
sleep 1
check "the same process" is "$(property MainPID)" "$pid"
check "healthy still" says /-/healthy ' 200 '
cp -p $config /root/good.yaml
echo 'kafka: {brokers: 7' >$config
check "a bad file is refused" fails systemctl reload signinwatch
check "and nothing happens" is "$(property MainPID)" "$pid"
cp -p /root/good.yaml $config
kill -KILL "$pid"
check "after a crash it is started again" within 20 differs "$pid" MainPID
check "healthy after a crash" within 20 says /-/healthy ' 200 '

echo "-- stop"
begin=$(now)
check "stop" systemctl stop signinwatch
check "in less than 20 s" test $(($(now) - begin)) -lt 20
check "without an error" is "$(property Result)" success

echo "-- a bad configuration"
printf 'kafka:\n  brokers: 127.0.0.1:1\n  topic: [signins]\n' >$config
begin=$(now)
systemctl start signinwatch
check "it fails" within 10 ended failed
check "it says where" journal_says "$begin" "$config:3:3: "
check "systemctl status too" status_says "$config:3:3: "
sleep 7
check "it is not tried again" is "$(property NRestarts)" 0
cp -p /root/good.yaml $config

echo "-- a secret in the environment, a file elsewhere"
install -m 0600 /dev/null /etc/signinwatch/environment
echo KAFKA_PASSWORD=secret >/etc/signinwatch/environment
install -d -o signinwatch -g signinwatch /srv/tickets
cat >$config <<'YAML'
kafka: {brokers: '127.0.0.1:1', topics: [signins], auth: plain, username: u, password: 'env:KAFKA_PASSWORD'}
sinks: [{name: archive, type: file, path: /srv/tickets/tickets.jsonl}]
YAML
mkdir -p "${drop_in%/*}"
printf '[Service]\nReadWritePaths=/srv/tickets\n' >$drop_in
systemctl daemon-reload
check "it starts" systemctl restart signinwatch
check "it is healthy" within 20 says /-/healthy ' 200 '
check "the file is there" test -e /srv/tickets/tickets.jsonl
cp -p /root/good.yaml $config

echo "-- a secret as a credential"
mkdir -p "${drop_in%/*}"
echo secret >/root/kafka-password
printf '[Service]\nLoadCredential=kafka-password:/root/kafka-password\n' >$drop_in
sed -i 's|^kafka: .*|kafka: {brokers: "127.0.0.1:1", topics: [signins], auth: plain, username: u, password: "file:/run/credentials/signinwatch.service/kafka-password"}|' $config
systemctl daemon-reload
check "it starts" systemctl restart signinwatch
check "it is healthy" within 20 says /-/healthy ' 200 '

echo "-- upgrade"
pid=$(property MainPID)
cp $config /root/before.yaml
check "a later version is installed" dpkg -i /root/newer.deb
check "another process" differs "$pid" MainPID
check "healthy after it" within 20 says /-/healthy ' 200 '
check "the configuration is kept" cmp $config /root/before.yaml
check "its mode too" mode $config "640 root signinwatch"
check "enabled still" is "$(systemctl is-enabled signinwatch)" enabled

# What the unit forbids must not be what the work needs: the daemon with a cluster in its process,
# traffic, tickets and a store.
echo "-- at work inside the unit's walls"
systemctl stop signinwatch
printf '[Service]\nType=oneshot\nRestart=no\nExecStart=\nExecStart=/usr/bin/signinwatch demo --for 15s --listen 127.0.0.1:0\n' >$drop_in
systemctl daemon-reload
begin=$(now)
check "the demonstration runs" systemctl start signinwatch
check "and finds bursts" journal_says "$begin" '^[1-9][0-9]* tickets opened'
rm $drop_in
cp -p /root/good.yaml $config
systemctl daemon-reload

echo "-- remove"
check "it starts" systemctl start signinwatch
check "it is healthy" within 20 says /-/healthy ' 200 '
check "it is removed" dpkg -r signinwatch
check "it has stopped" fails says /-/healthy ' 200 '
check "state is kept" test -s $state/signinwatch.db
check "the configuration is kept" test -s $config
check "it can not be started" fails systemctl start signinwatch

echo "-- install again, purge"
check "it is installed again" dpkg -i /root/signinwatch.deb
check "with its configuration" cmp $config /root/good.yaml
check "it is purged" dpkg -P signinwatch
check "state is away" test ! -e $state
check "what was put beside the configuration stays" is "$(ls /etc/signinwatch)" environment
check "the user stays" getent passwd signinwatch

echo
[ $failed = 0 ] && echo "all passed" || echo "$failed failed"
