#!/usr/bin/env bash
# The whole story of deploy/deploy.sh, against a real server with systemd.
#
#   tests/deploy.sh DEST [URL]
#
# DEST is the server, as ssh takes it, as root (SSH_CONFIG=FILE is passed as ssh -F FILE). It must be one to throw away, without Orion, or
# with that of an earlier run, which is removed. Its PostgreSQL is used where it has one, else SQLite. URL is where its port 3002 is
# reached from here; its own address, unless it is said. Needs the .NET SDK, Node and what deploy.sh needs.
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
  [[ -z $name ]] || { echo "not ok - $name (it broke off)"; failed=$((failed + 1)); }
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

# A check is a name and a command; what it had to say is shown where it fails.
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

# ---- A server without Orion, and releases to deploy ------------------------------------------------------------------------------

if there test -e /opt/orion -o -e /etc/orion; then
  there test -e /etc/orion-test-server || { echo "Orion is on $dest already, and not by this test: it must be a server to throw away." >&2; exit 1; }
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
# The load comes over plain HTTP, from one address.
REQUIRE_HTTPS=false
RATE_LIMIT_MAX_REQUESTS=10000000
# What waits for the next process comes all at once.
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

# Another release of the same code, or one that something was done to.
mkdir "$work/release"
tar -xzf "$first_archive" -C "$work/release"
variant() { # COMMIT [COMMAND that changes the folder it works in]
  cp -al "$work/release" "$work/$1"
  (cd "$work/$1" && rm RELEASE && printf 'version=%s\ncommit=%s\nrid=%s\n' "$version" "$1" "$rid" >RELEASE && "${@:2}")
  tar -C "$work/$1" -cf - . | gzip -1 >"$work/$1.tar.gz"
  rm -rf "${work:?}/$1"
}
does_not_start() { rm app/Orion.Api && printf '#!/bin/sh\necho "broken on purpose" >&2\nexit 1\n' >app/Orion.Api && chmod 755 app/Orion.Api; }
# It starts, and takes nobody's tokens.
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

# ---- The first time --------------------------------------------------------------------------------------------------------------

untouched() { there '! test -e /opt/orion && ! test -e /etc/orion && ! getent passwd orion'; }
check 'without settings it refuses before anything is touched' fails deploy --archive "$first_archive"
check '… and says which option is missing' says '--env-file'
check '… and has touched nothing' untouched
deploy --archive "$first_archive" --env-file "$work/good.env" --dry-run || true
check 'a dry run says what would be done' says 'would make user, folders and systemd units'
check '… and has touched nothing' untouched
check 'wrong settings are found before the service is there' fails deploy --archive "$first_archive" --env-file "$work/wrong.env" --listen 0.0.0.0
check '… by the doctor, who says what is wrong' says 'ALLOWED_ORIGINS'
check '… and are not kept' there '! test -e /etc/orion/orion.env'

begun=$SECONDS
check 'the first deployment, from nothing to verified' deploy --archive "$first_archive" --env-file "$work/good.env" --listen 0.0.0.0
echo "# first deployment: $((SECONDS - begun)) s, $(($(wc -c <"$first_archive") >> 20)) MiB shipped; $(tail -n 1 "$work/out")"
check '… says what it made' says 'made orion.socket'
check '… runs' runs "$first"
check 'the settings are root:orion, 0640' is "$(there "stat -c '%U:%G %a' /etc/orion/orion.env")" 'root:orion 640'
check 'no release holds the settings' there "test -d /opt/orion/releases && ! grep -rq '$secret' /opt/orion"
check 'the service runs as orion' is "$(there "ps -o user= -p $(process_id)")" orion
exposure_of() { there "systemd-analyze security $1 --no-pager" | sed -nE 's/.*exposure level for .*: ([0-9.]+).*/\1/p'; }
exposure=$(exposure_of orion.service)
echo "# exposure of orion.service: $exposure"
check 'its exposure is 2.0 or better' at_most "$exposure" 2.0
check "the backup's exposure, too" at_most "$(exposure_of orion-backup.service)" 2.0
check 'the backup runs as the timer runs it' there systemctl start orion-backup.service
check '… and leaves files for orion alone' is "$(there "stat -c '%U %a' /var/backups/orion/orion-* | sort -u")" 'orion 600'
check '… and comes every day' there systemctl is-active --quiet orion-backup.timer
check 'the command line is there, with the settings' there "orion users list | grep -q owner@example.com"

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
check 'an update under 500 requests/s' deploy --archive "$work/aaaaaaaaaaaa.tar.gz"
echo "# $(tail -n 1 "$work/out")"
stop_load
check '… answers every one' answered_all
check '… runs' runs "$second"
check '… and has asked by itself meanwhile, and was answered' says ' requests meanwhile 0 were refused'

start_load 200
check 'a release that does not start ends with 1' fails deploy --archive "$work/000000000001.tar.gz" --env-file "$work/other.env"
stop_load
echo "# $(grep 'is back' "$work/out" || echo 'not back')"
back() { at_most "$(sed -nE 's/.* is back, after ([0-9.]+) s.*/\1/p' "$work/out")" 15; }
check '… says why' says 'orion.service did not start'
check '… with the last lines of the log' says 'broken on purpose'
check '… and the one before is back within 15 s' back
check '… without a request lost' answered_all
check '… and runs' runs "$second"
check '… with the settings from before' is "$(there sha256sum /etc/orion/orion.env | cut -d ' ' -f 1)" "$(sha256sum "$work/good.env" | cut -d ' ' -f 1)"

check 'a release that starts and fails verify ends with 1' fails deploy --archive "$work/000000000002.tar.gz"
echo "# $(grep 'is back' "$work/out" || echo 'not back')"
check '… says so' says 'orion verify failed'
check '… and the one before is back within 15 s' back
check '… and runs' runs "$second"

# ---- What else goes wrong --------------------------------------------------------------------------------------------------------

process=$(process_id)
check 'a wrong setting ends with 1' fails deploy --archive "$work/bbbbbbbbbbbb.tar.gz" --env-file "$work/wrong.env"
check '… says which' says 'ALLOWED_ORIGINS'
check '… and the process goes on untouched' is "$(process_id)" "$process"
check '… with its settings' is "$(there sha256sum /etc/orion/orion.env | cut -d ' ' -f 1)" "$(sha256sum "$work/good.env" | cut -d ' ' -f 1)"

there 'rm -rf /opt/orion/releases/*-bbbbbbbbbbbb; mount -t tmpfs -o size=20m tmpfs /opt/orion/incoming'
check 'a full disk ends with 1' fails deploy --archive "$work/bbbbbbbbbbbb.tar.gz"
check '… says so' says 'no room on the server'
check '… and the process goes on untouched' is "$(process_id)" "$process"
there umount /opt/orion/incoming

# An ssh that dies: in the middle of what it sends, or once everything has been sent.
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
check 'an ssh that dies while it sends' fails deploy_with_dying_ssh sending --archive "$work/bbbbbbbbbbbb.tar.gz"
check '… leaves the process as it was' is "$(process_id)" "$process"
check '… and no half release' there "! test -e '/opt/orion/releases/$third'"
check '… and run again, it completes' deploy --archive "$work/bbbbbbbbbbbb.tar.gz"
check '… and runs' runs "$third"
check 'an ssh that dies when all is sent' fails deploy_with_dying_ssh sent --archive "$work/cccccccccccc.tar.gz"
check '… and run again, it completes' deploy --archive "$work/cccccccccccc.tar.gz"
check '… and runs' runs "$fourth"

process=$(process_id)
there kill -KILL "$process"
comes_back() { for _ in $(seq 100); do is_ready && return; sleep .2; done; return 1; }
check 'a process that was killed comes back by itself' comes_back
# A shorter watchdog than the real one's, so that this need not wait for it.
there "mkdir -p /run/systemd/system/orion.service.d
  printf '[Service]\nWatchdogSec=3\nTimeoutAbortSec=2\n' >/run/systemd/system/orion.service.d/test.conf
  systemctl daemon-reload && systemctl restart orion"
process=$(process_id)
sleep 5
check 'the watchdog leaves one alone that lives' is "$(process_id)" "$process"
there kill -STOP "$process"
was_replaced() { for _ in $(seq 60); do [[ $(process_id) != "$process" && $(process_id) != 0 ]] && comes_back && return; sleep .5; done; return 1; }
check '… and replaces one that hangs' was_replaced
there 'rm -rf /run/systemd/system/orion.service.d && systemctl daemon-reload && systemctl restart orion'

check 'an address of another machine ends with 1' fails deploy --current --listen 192.0.2.1 --url http://127.0.0.1:3002
check '… and is given up again' runs "$fourth"

# ---- Back, and the record --------------------------------------------------------------------------------------------------------

start_load 500
check 'a rollback under 500 requests/s' deploy --rollback
stop_load
check '… answers every one' answered_all
check '… runs the one before' runs "$third"
check '… and forth again' deploy --rollback
check '… runs' runs "$fourth"
check 'one more release' deploy --archive "$work/dddddddddddd.tar.gz"
# HTTPS is required now, as it is by default.
check '… and once more with other settings, by somebody who may sudo' deploy_by_sudo --current --env-file "$work/other.env" --url http://127.0.0.1:3002
check '… without anything to ship' fails says shipped
check '… has them' is "$(there sha256sum /etc/orion/orion.env | cut -d ' ' -f 1)" "$(sha256sum "$work/other.env" | cut -d ' ' -f 1)"
check 'five releases stay' at_most "$(there 'ls /opt/orion/releases | wc -l')" 5
check '… the running one among them' runs "$fifth"
check 'the history' deploy --history
check '… has what was deployed' says "cccccccccccc"
check '… and what failed' says "failed"
check '… and who' says "$(id -un)@"
check 'orion deployments reads it there' there "orion deployments --json | grep -q '\"outcome\": *\"rolled back\"'"
each_is_json() { there cat /opt/orion/deployments.ndjson | node -e '
  const lines = require("fs").readFileSync(0, "utf8").trim().split("\n").map((line) => JSON.parse(line))
  const outcomes = lines.map((line) => line.outcome)
  if (lines.some((line) => !(line.seconds > 0) || !line.id || !line.commit)) throw new Error("incomplete")
  if (outcomes.filter((outcome) => outcome === "failed").length < 6) throw new Error(outcomes.join())'; }
check '… each line of it is JSON, good or bad' each_is_json
check 'no secret is in the journal' there "journalctl --quiet >/run/journal && test -s /run/journal && ! grep -q '$secret' /run/journal"
check 'no secret is in the units, nor was in the commands that ran' there "! grep -rq '$secret' /etc/systemd/system /var/log/auth.log 2>/dev/null"
