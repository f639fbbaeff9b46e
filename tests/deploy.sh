#!/usr/bin/env bash
# Tests deploy/deploy.sh against a real server with systemd.
#
#   tests/deploy.sh DEST [URL]
#
# DEST is the ssh destination of the server, as root (SSH_CONFIG=FILE passes ssh -F FILE). It must be a disposable server without Orion,
# or with the installation of an earlier run, which is removed. If PostgreSQL runs there, the tests use it, otherwise SQLite. URL is the
# address of port 3002 from this machine; by default, the server's own address. Needs the .NET SDK, Node and the requirements of deploy.sh.
# The last line is "N passed, N failed, N skipped".
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
dest=${1:?usage: tests/deploy.sh DEST [URL]} url=${2:-}
passed=0 failed=0 name=''

work=$(mktemp -d)
closing() {
  local code=$?
  [[ -z ${load:-} ]] || kill "$load" 2>/dev/null || true
  [[ -z $name ]] || { echo "not ok - $name (interrupted)"; failed=$((failed + 1)); }
  rm -rf "$work"
  echo "$passed passed, $failed failed, 0 skipped"
  [[ $code -eq 0 && $failed -eq 0 && $passed -gt 0 ]] || exit 1
}
trap closing EXIT

real_ssh=$(command -v ssh)
there() { "$real_ssh" ${SSH_CONFIG:+-F "$SSH_CONFIG"} -o BatchMode=yes "$dest" "$@" </dev/null; }
deploy() { bash deploy/deploy.sh "$dest" "$@" >"$work/out" 2>&1; }
deploy_by_sudo() {
  there 'id deployer >/dev/null 2>&1 || useradd --create-home --shell /bin/sh deployer; echo "deployer ALL=(ALL) NOPASSWD: ALL" >/etc/sudoers.d/deployer
    mkdir -p ~deployer/.ssh && cp ~/.ssh/authorized_keys ~deployer/.ssh/ && chown -R deployer ~deployer/.ssh'
  bash deploy/deploy.sh "deployer@${dest#*@}" "$@" >"$work/out" 2>&1
}

# check NAME COMMAND…: prints the output of the command if it fails.
check() {
  name=$1
  shift
  if "$@" >"$work/check" 2>&1; then
    echo "ok - $name"
    passed=$((passed + 1))
  else
    echo "not ok - $name"
    failed=$((failed + 1))
    sed 's/^/    # /' "$work/out" "$work/check" | cut -c 1-160 | tail -n 30
  fi
  name=''
}
says() { grep -qF -- "$1" "$work/out"; }
fails() { ! "$@"; }
runs() { [[ $(there readlink /opt/orion/current) == "releases/$1" ]] && is_ready; }
is_ready() { deploy_status && grep -q '^ready: *200' "$work/status"; }
deploy_status() { bash deploy/deploy.sh "$dest" --status >"$work/status" 2>&1; }
process_id() { there systemctl show --property MainPID --value orion.service; }
is() { [[ $1 == "$2" ]] || { echo "$1 is not $2"; return 1; }; }
at_most() { awk -v a="$1" -v b="$2" 'BEGIN { exit !(a != "" && a + 0 <= b) }' || { echo "'$1' is more than $2"; return 1; }; }

# ---- Prepare the server and the releases -----------------------------------------------------------------------------------------

if there test -e /opt/orion -o -e /etc/orion; then
  there test -e /etc/orion-test-server || { echo "Orion is already installed on $dest, and not by this test. Use a disposable server." >&2; exit 1; }
  there 'systemctl disable --quiet --now orion.service orion.socket orion-backup.timer 2>/dev/null; umount /opt/orion/incoming 2>/dev/null
    rm -rf /opt/orion /etc/orion /var/lib/orion /var/backups/orion /usr/local/bin/orion /etc/systemd/system/orion* /run/systemd/system/orion*
    systemctl daemon-reload; userdel orion 2>/dev/null; true'
fi
there touch /etc/orion-test-server

secret=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')
database=sqlite:orion.db
if there 'command -v psql >/dev/null && systemctl is-active --quiet postgresql'; then
  password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  there "cd / && runuser -u postgres -- psql -q -c 'DROP DATABASE IF EXISTS orion_core' -c 'DROP ROLE IF EXISTS orion' \
    -c \"CREATE ROLE orion LOGIN CREATEDB PASSWORD '$password'\" -c 'CREATE DATABASE orion_core OWNER orion'" 2>/dev/null
  database=postgresql://orion:$password@127.0.0.1:5432/orion_core
fi
cat >"$work/good.env" <<ENV
ORION_SHARED_JWT_SECRET=$secret
JWT_ISSUER=https://chat.example.com
AUTHORIZED_USER_EMAIL=owner@example.com
ALLOWED_ORIGINS=https://chat.example.com
DATABASE_URL=$database
# The load test uses plain HTTP from one address.
REQUIRE_HTTPS=false
RATE_LIMIT_MAX_REQUESTS=10000000
# All waiting connections are accepted at once.
MAX_CONNECTIONS=4000
ENV
sed 's/^ALLOWED_ORIGINS=.*/ALLOWED_ORIGINS=*/' "$work/good.env" >"$work/wrong.env"
sed '/^REQUIRE_HTTPS=/d' "$work/good.env" >"$work/other.env"
: >"$work/out"

case $(there uname -m) in aarch64) rid=linux-arm64 ;; *) rid=linux-x64 ;; esac
echo "# publishing"
first_archive=$(bash deploy/publish.sh "$rid" "$work")
name_of() { bash deploy/publish.sh --name | sed -n "s/^$1=//p"; }
version=$(name_of version)
first=$version-$(name_of commit)

# Creates another release from the same code, optionally modified.
mkdir "$work/release"
tar -xzf "$first_archive" -C "$work/release"
variant() { # COMMIT [COMMAND that modifies the current folder]
  cp -al "$work/release" "$work/$1"
  (cd "$work/$1" && rm RELEASE && printf 'version=%s\ncommit=%s\nrid=%s\n' "$version" "$1" "$rid" >RELEASE && "${@:2}")
  tar -C "$work/$1" -cf - . | gzip -1 >"$work/$1.tar.gz"
  rm -rf "${work:?}/$1"
}
does_not_start() { rm app/Orion.Api && printf '#!/bin/sh\necho "broken on purpose" >&2\nexit 1\n' >app/Orion.Api && chmod 755 app/Orion.Api; }
# Starts, but rejects all tokens.
fails_verify() {
  mv app/Orion.Api app/Orion.Api.real &&
    printf '#!/bin/sh\nexec env JWT_ISSUER=https://other.example.com /opt/orion/current/app/Orion.Api.real\n' >app/Orion.Api && chmod 755 app/Orion.Api
}
variant aaaaaaaaaaaa true
variant bbbbbbbbbbbb true
variant cccccccccccc true
variant dddddddddddd true
variant 000000000001 does_not_start
variant 000000000002 fails_verify
second=$version-aaaaaaaaaaaa third=$version-bbbbbbbbbbbb fourth=$version-cccccccccccc fifth=$version-dddddddddddd

# ---- First deployment ------------------------------------------------------------------------------------------------------------

untouched() { there '! test -e /opt/orion && ! test -e /etc/orion && ! getent passwd orion'; }
check 'without settings it fails before it changes anything' fails deploy --archive "$first_archive"
check '… and names the missing option' says '--env-file'
check '… and has changed nothing' untouched
deploy --archive "$first_archive" --env-file "$work/good.env" --dry-run || true
check 'a dry run shows what would be done' says 'would create the user, folders and systemd units'
check '… and has changed nothing' untouched
check 'invalid settings are detected before the service is installed' fails deploy --archive "$first_archive" --env-file "$work/wrong.env" --listen 0.0.0.0
check '… by the doctor, which names the setting' says 'ALLOWED_ORIGINS'
check '… and are not kept' there '! test -e /etc/orion/orion.env'

begun=$SECONDS
check 'the first deployment, from nothing to verified' deploy --archive "$first_archive" --env-file "$work/good.env" --listen 0.0.0.0
echo "# first deployment: $((SECONDS - begun)) s, $(($(wc -c <"$first_archive") >> 20)) MiB shipped; $(tail -n 1 "$work/out")"
check '… reports what it creates' says 'created orion.socket'
check '… runs' runs "$first"
check 'the settings are root:orion, 0640' is "$(there "stat -c '%U:%G %a' /etc/orion/orion.env")" 'root:orion 640'
check 'no release contains the settings' there "test -d /opt/orion/releases && ! grep -rq '$secret' /opt/orion"
check 'the service runs as orion' is "$(there "ps -o user= -p $(process_id)")" orion
exposure_of() { there "systemd-analyze security $1 --no-pager" | sed -nE 's/.*exposure level for .*: ([0-9.]+).*/\1/p'; }
exposure=$(exposure_of orion.service)
echo "# exposure of orion.service: $exposure"
check 'its exposure is 2.0 or better' at_most "$exposure" 2.0
check 'the exposure of the backup is 2.0 or better' at_most "$(exposure_of orion-backup.service)" 2.0
check 'the backup service runs' there systemctl start orion-backup.service
check '… and creates files that only orion can read' is "$(there "stat -c '%U %a' /var/backups/orion/orion-* | sort -u")" 'orion 600'
check '… and the daily timer is active' there systemctl is-active --quiet orion-backup.timer
check 'the command line uses the settings' there "orion users list | grep -q owner@example.com"

# ---- Under load ------------------------------------------------------------------------------------------------------------------

if [[ -z $url ]]; then url="http://$(there hostname -I | cut -d ' ' -f 1):3002"; fi
echo "# load: $url"
start_load() {
  rm -f "$work/load.json"
  ORION_SHARED_JWT_SECRET=$secret JWT_ISSUER=https://chat.example.com USER_EMAIL=owner@example.com \
    node tests/deploy/load.mjs "$url" "$1" "$work/load.json" &
  load=$!
  sleep 3
}
stop_load() {
  sleep 3
  kill "$load" 2>/dev/null || true
  wait "$load" || true
  load=''
  echo "# under load: $(cat "$work/load.json" 2>/dev/null)"
}
of_load() { sed -nE "s/.*\"$1\":([0-9]+).*/\1/p" "$work/load.json"; }
answered_all() { is "$(of_load failed)" 0 && (($(of_load sent) > 2000)); }

start_load 500
check 'an upgrade under 500 requests/s' deploy --archive "$work/aaaaaaaaaaaa.tar.gz"
echo "# $(tail -n 1 "$work/out")"
stop_load
check '… answers every request' answered_all
check '… runs' runs "$second"
check '… and its own probes all succeeded' says ' requests in the meantime, 0 failed'

start_load 200
check 'a release that does not start ends with 1' fails deploy --archive "$work/000000000001.tar.gz" --env-file "$work/other.env"
stop_load
echo "# $(grep 'is back' "$work/out" || echo 'not back')"
back() { at_most "$(sed -nE 's/.* is back, after ([0-9.]+) s.*/\1/p' "$work/out")" 15; }
check '… reports the reason' says 'orion.service did not start'
check '… with the last lines of the log' says 'broken on purpose'
check '… and restores the previous release within 15 s' back
check '… without losing a request' answered_all
check '… and runs' runs "$second"
check '… with the previous settings' is "$(there sha256sum /etc/orion/orion.env | cut -d ' ' -f 1)" "$(sha256sum "$work/good.env" | cut -d ' ' -f 1)"

check 'a release that starts and fails verify ends with 1' fails deploy --archive "$work/000000000002.tar.gz"
echo "# $(grep 'is back' "$work/out" || echo 'not back')"
check '… reports it' says 'orion verify failed'
check '… and restores the previous release within 15 s' back
check '… and runs' runs "$second"

# ---- Other failures --------------------------------------------------------------------------------------------------------------

process=$(process_id)
check 'an invalid setting ends with 1' fails deploy --archive "$work/bbbbbbbbbbbb.tar.gz" --env-file "$work/wrong.env"
check '… names the setting' says 'ALLOWED_ORIGINS'
check '… and the process keeps running' is "$(process_id)" "$process"
check '… with its settings' is "$(there sha256sum /etc/orion/orion.env | cut -d ' ' -f 1)" "$(sha256sum "$work/good.env" | cut -d ' ' -f 1)"

there 'rm -rf /opt/orion/releases/*-bbbbbbbbbbbb; mount -t tmpfs -o size=20m tmpfs /opt/orion/incoming'
check 'a full disk ends with 1' fails deploy --archive "$work/bbbbbbbbbbbb.tar.gz"
check '… reports it' says 'not enough disk space on the server'
check '… and the process keeps running' is "$(process_id)" "$process"
there umount /opt/orion/incoming

# An ssh that dies during the transfer, or after it.
mkdir "$work/bin"
cat >"$work/bin/ssh" <<SHIM
#!/usr/bin/env bash
[[ \$* == *"'deploy'"* ]] || exec '$real_ssh' "\$@"
if [[ \$DIES == sending ]]; then head -c 5000000 | '$real_ssh' "\$@"; exit 255; fi
mkfifo '$work/said.'\$\$
'$real_ssh' "\$@" >'$work/said.'\$\$ <&0 &
ssh=\$!
while read -r line; do
  echo "\$line"
  [[ \$line != *shipped* ]] || { kill -KILL \$ssh; exit 255; }
done <'$work/said.'\$\$
SHIM
chmod +x "$work/bin/ssh"
deploy_with_dying_ssh() { DIES=$1 PATH=$work/bin:$PATH deploy "${@:2}"; }
check 'an ssh that dies during the transfer ends with an error' fails deploy_with_dying_ssh sending --archive "$work/bbbbbbbbbbbb.tar.gz"
check '… and the process keeps running' is "$(process_id)" "$process"
check '… and no incomplete release remains' there "! test -e '/opt/orion/releases/$third'"
check '… and run again, it completes' deploy --archive "$work/bbbbbbbbbbbb.tar.gz"
check '… and runs' runs "$third"
check 'an ssh that dies after the transfer ends with an error' fails deploy_with_dying_ssh sent --archive "$work/cccccccccccc.tar.gz"
check '… and run again, it completes' deploy --archive "$work/cccccccccccc.tar.gz"
check '… and runs' runs "$fourth"

process=$(process_id)
there kill -KILL "$process"
comes_back() { for _ in $(seq 100); do is_ready && return; sleep .2; done; return 1; }
check 'a killed process restarts automatically' comes_back
# Shortens the watchdog interval to shorten the test.
there "mkdir -p /run/systemd/system/orion.service.d
  printf '[Service]\nWatchdogSec=3\nTimeoutAbortSec=2\n' >/run/systemd/system/orion.service.d/test.conf
  systemctl daemon-reload && systemctl restart orion"
process=$(process_id)
sleep 5
check 'the watchdog does not restart a working process' is "$(process_id)" "$process"
there kill -STOP "$process"
was_replaced() { for _ in $(seq 60); do [[ $(process_id) != "$process" && $(process_id) != 0 ]] && comes_back && return; sleep .5; done; return 1; }
check '… and restarts a hanging process' was_replaced
there 'rm -rf /run/systemd/system/orion.service.d && systemctl daemon-reload && systemctl restart orion'

check 'a listen address of another machine ends with 1' fails deploy --current --listen 192.0.2.1 --url http://127.0.0.1:3002
check '… and the previous address is restored' runs "$fourth"

# ---- Rollback and history --------------------------------------------------------------------------------------------------------

start_load 500
check 'a rollback under 500 requests/s' deploy --rollback
stop_load
check '… answers every request' answered_all
check '… runs the previous release' runs "$third"
check 'a second rollback' deploy --rollback
check '… runs' runs "$fourth"
check 'one more release' deploy --archive "$work/dddddddddddd.tar.gz"
# From here on HTTPS is required, which is the default.
check 'the same release with different settings, as a user with sudo' deploy_by_sudo --current --env-file "$work/other.env" --url http://127.0.0.1:3002
check '… transfers no release' fails says shipped
check '… and uses the new settings' is "$(there sha256sum /etc/orion/orion.env | cut -d ' ' -f 1)" "$(sha256sum "$work/other.env" | cut -d ' ' -f 1)"
check 'the server keeps five releases' at_most "$(there 'ls /opt/orion/releases | wc -l')" 5
check '… including the running one' runs "$fifth"
check 'the history' deploy --history
check '… contains successful deployments' says "cccccccccccc"
check '… and failed ones' says "failed"
check '… and their users' says "$(id -un)@"
check 'orion deployments reads it on the server' there "orion deployments --json | grep -q '\"outcome\": *\"rolled back\"'"
each_is_json() { there cat /opt/orion/deployments.ndjson | node -e '
  const lines = require("fs").readFileSync(0, "utf8").trim().split("\n").map((line) => JSON.parse(line))
  const outcomes = lines.map((line) => line.outcome)
  if (lines.some((line) => !(line.seconds > 0) || !line.id || !line.commit)) throw new Error("incomplete")
  if (outcomes.filter((outcome) => outcome === "failed").length < 6) throw new Error(outcomes.join())'; }
check '… and each line is valid JSON' each_is_json
check 'no secret is in the journal' there "journalctl --quiet >/run/journal && test -s /run/journal && ! grep -q '$secret' /run/journal"
check 'no secret is in the units or the logged commands' there "! grep -rq '$secret' /etc/systemd/system /var/log/auth.log 2>/dev/null"
