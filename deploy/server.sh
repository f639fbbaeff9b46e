#!/usr/bin/env bash
# The server part of deploy.sh. deploy.sh runs it on the server over ssh, as root, without installing it. The usage of deploy.sh
# describes what it does.
#
#   server.sh look NAME LISTEN URL                        prints facts about the server as name=value
#   server.sh deploy NAME SHA256 BYTES LISTEN URL WHO     standard input: a tar archive with release.tar.gz and orion.env, both optional
#   server.sh rollback URL WHO
#   server.sh status | history
#   server.sh check-settings FILE                         runs on the machine of deploy.sh; checks whether FILE can be sent, or prints why not
set -euo pipefail
umask 022
export LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
cd /

home=/opt/orion
releases=$home/releases
incoming=$home/incoming
settings=/etc/orion/orion.env
history=$home/deployments.ndjson
units=/etc/systemd/system
keep=5

# Completes the current step even if the ssh client has disconnected.
trap '' HUP PIPE
say() { printf '%s\n' "$*" 2>/dev/null || true; }
say_lines() { sed 's/^/    /' 2>/dev/null || true; }

# ---- Facts -----------------------------------------------------------------------------------------------------------------------

current() { basename "$(readlink "$home/current" 2>/dev/null)" 2>/dev/null || true; }
# The last verified release. A release that an interrupted run has activated is not verified.
proven() {
  local name
  name=$(sed -nE 's/.*"version":"([^"]*)","commit":"([^"]*)".*"outcome":"(deployed|rolled back)".*/\1-\2/p' $history 2>/dev/null | tail -n 1)
  if [[ -n $name && -d $releases/$name ]]; then echo "$name"; else current; fi
}
previous() { basename "$(readlink "$home/previous" 2>/dev/null)" 2>/dev/null || true; }
# If an interrupted run has activated an unverified release, the target is the last verified one.
rollback_target() { if [[ $(current) == "$(proven)" ]]; then previous; else proven; fi; }
free_bytes() { df -P -B1 "$1" 2>/dev/null | awk 'NR == 2 { print $4 }'; }
# Time since boot. The system clock can change during a wait, and bash's SECONDS follows it.
milliseconds() {
  local up
  read -r up _ </proc/uptime
  echo $((10#${up/./} * 10))
}

# A line in the settings that sets the port, with or without quotes.
port_line="^[[:space:]]*(export[[:space:]]+)?PORT[[:space:]]*=[[:space:]]*['\"]?([0-9]+)['\"]?[[:space:]]*(#.*)?\$"

# Removes a byte order mark, which Orion ignores.
text_of() { sed "1s/^$(printf '\357\273\277')//" "$1"; } # FILE

port() { # FILE
  local said=
  [[ ! -f $1 ]] || said=$(text_of "$1" | sed -nE "s/$port_line/\\2/p" | tail -n 1)
  echo $((10#${said:-3002}))
}

# Orion accepts more forms of such a file (docs/settings.md). This script supports only a plain form of PORT.
check_settings() { # FILE
  local lines plain
  # Detects UTF-16 like Orion: by its byte order mark, or by zero bytes, which UTF-8 text does not contain.
  if [[ $(head -c 2 "$1" | od -An -tx1 | tr -d ' ') == @(fffe|feff) || $(tr -d '\000' <"$1" | wc -c) -ne $(wc -c <"$1") ]]; then
    reason='the settings are UTF-16: save them as UTF-8'
    return 1
  elif command -v iconv >/dev/null && ! iconv -f UTF-8 -t UTF-8 "$1" >/dev/null 2>&1; then
    reason='the settings are not UTF-8: save them as UTF-8'
    return 1
  fi
  lines=$(text_of "$1" | grep -cE '^[^#A-Za-z]*(export[[:space:]]+)?PORT[[:space:]]*[=:]' || true)
  plain=$(text_of "$1" | grep -cE "$port_line" || true)
  ((lines == plain)) && return
  reason='PORT in the settings must be written as PORT=3002'
  return 1
}

listen_address() { # the current address
  local said
  said=$(sed -nE 's/^ListenStream=(.+):[0-9]+$/\1/p' "$units/orion.socket.d/listen.conf" 2>/dev/null || true)
  echo "${said:-127.0.0.1}"
}

# The address under which this server reaches itself, in the form of a URL.
own_address() {
  case $1 in
    0.0.0.0) echo 127.0.0.1 ;;
    '[::]') echo '[::1]' ;;
    *) echo "$1" ;;
  esac
}

# shellcheck disable=SC2016 # The variables are arguments of the inner shell.
probe='exec 3<>"/dev/tcp/$1/$2" && printf "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n" "$3" >&3 &&
  read -r _ status _ <&3 && printf %s "$status"'
status_of() { # PATH; prints nothing if there is no response
  timeout 10 bash -c "$probe" probe "$(own_address "$listen" | tr -d '[]')" "$port" "$1" 2>/dev/null || true
}

wait_ready() { # SECONDS
  local end=$(($(milliseconds) + $1 * 1000))
  until [[ $(status_of /health/ready) == 200 ]]; do
    (($(milliseconds) < end)) || return 1
    sleep .1
  done
}

look() { # NAME [LISTEN URL]
  local name=$1 tool
  for tool in systemctl flock runuser tar gzip sha256sum; do
    command -v "$tool" >/dev/null || { say "error=$tool is missing on the server. The server must run Debian or Ubuntu with systemd."; return; }
  done
  [[ -d /run/systemd/system ]] || { say 'error=systemd does not run on the server.'; return; }
  listen=${2:-$(listen_address)} url=${3:-}
  can_verify || { say "error=$reason."; return; }
  say "machine=$(uname -m)"
  say "settings=$([[ -f $settings ]] && echo yes || echo no)"
  say "shipped=$([[ -n $name && -d $releases/$name ]] && echo yes || echo no)"
  say "current=$(current)"
  say "before=$(rollback_target)"
  say "free=$(free_bytes "$([[ -d $home ]] && echo $home || echo /opt)")"
  say "listen=$(listen_address)"
  say "certificates=$([[ -s /etc/ssl/certs/ca-certificates.crt ]] && echo yes || echo no)"
}

# ---- Deployment history ----------------------------------------------------------------------------------------------------------

# Keeps only printable ASCII without quotes and backslashes.
json_text() { printf '%s' "$1" | tr '\n' ' ' | tr -cd '\040-\176' | tr -d '\\"' | cut -c 1-300; }

record() { # OUTCOME REASON
  local list='' check reason=null took=$(($(milliseconds) - began)) line
  for check in "${checks[@]}"; do list+="${list:+,}\"$check\""; done
  [[ -z $2 ]] || reason="\"$(json_text "$2")\""
  line='{"id":"%s","version":"%s","commit":"%s","who":"%s","startedAt":"%s","seconds":%d.%03d,"checks":[%s],"outcome":"%s","reason":%s,'
  # shellcheck disable=SC2059 # The variable is the format.
  printf "$line\"probes\":%d,\"requestsRefused\":%d}\n" \
    "$id" "$(json_text "$version")" "$(json_text "$commit")" "$(json_text "$who")" "$started_at" $((took / 1000)) $((took % 1000)) \
    "$list" "$1" "$reason" "$probes" "$refused" 2>/dev/null >>"$history" || say 'The deployment could not be recorded: the disk is full.'
  # Only Orion can read who deploys, and from where.
  chmod 640 "$history" || true
  chgrp orion "$history" || true
} 2>/dev/null

begin() { # NAME WHO NOT-DONE
  who=$2 not_done=$3 checks=() probes=0 refused=0 prober='' swapped='' staged=''
  version=${1%-*} commit=${1##*-}
  id=$(date -u +%Y%m%dT%H%M%SZ)-$(od -An -N3 -tx1 /dev/urandom | tr -d ' \n')
  started_at=$(date -u +%Y-%m-%dT%H:%M:%SZ) began=$(milliseconds) began_at=$EPOCHSECONDS
  output=$(mktemp /run/orion-deploy.XXXXXX)
  probed=$(mktemp /run/orion-probes.XXXXXX)
  trap 'stop_probing; rm -rf "$output" "$probed" "$incoming/$id"' EXIT
}

passed() {
  checks+=("$1")
  say "  $1${2:+: $2}"
}

acquire_lock() {
  # Only root can open the lock file.
  (umask 077 && : >>/run/orion-deploy.lock)
  chmod 600 /run/orion-deploy.lock
  exec 9>/run/orion-deploy.lock
  flock -n 9 && return
  say 'Another deployment is in progress; waiting for it to finish.'
  flock -w 180 9 || { say 'It does not finish. Its process holds /run/orion-deploy.lock (find it with fuser or lsof).'; exit 1; }
}

# Sends requests continuously while the process is replaced, to detect requests without a response.
start_probing() {
  [[ $(status_of /health/live) == 200 ]] || return 0
  (
    trap - HUP PIPE
    while kill -0 $$ 2>/dev/null; do
      if [[ $(status_of /health/live) == 200 ]]; then echo answered; else echo failed; fi
      sleep .1
    done >"$probed"
  ) 9>&- </dev/null >/dev/null 2>&1 &
  prober=$!
}

stop_probing() {
  [[ -n $prober ]] || return 0
  kill "$prober" 2>/dev/null || true
  wait "$prober" 2>/dev/null || true
  prober=''
  probes=$(wc -l <"$probed") refused=$(grep -c failed "$probed" || true)
}

# ---- Steps -----------------------------------------------------------------------------------------------------------------------

folder() { # PATH MODE OWNER
  [[ -d $1 ]] || say "  created the folder $1 ($3, $2)"
  install -d -m "$2" -o "${3%:*}" -g "${3#*:}" "$1"
}

create_folders() {
  getent group orion >/dev/null || { groupadd --system orion && say '  created the group orion'; } || return 1
  getent passwd orion >/dev/null || {
    useradd --system --gid orion --home-dir /var/lib/orion --no-create-home --shell /usr/sbin/nologin orion && say '  created the user orion'
  } || return 1
  folder $home 0755 root:root && folder $releases 0755 root:root && folder $incoming 0700 root:root &&
    folder /etc/orion 0750 root:orion && folder /var/lib/orion 0700 orion:orion && folder /var/backups/orion 0700 orion:orion
}

receive() { # NAME SHA256 BYTES
  local name=$1 sum=$2 bytes=$3 free left
  # Removes remnants of interrupted runs, but not files that another run is still receiving.
  for left in "$incoming"/*; do
    [[ ! -d $left || -n $(find "$left" -mmin -120 -print -quit) ]] || rm -rf "$left"
  done
  free=$(free_bytes $incoming)
  # Space for the archive, and about three times as much for the unpacked files.
  if ((free < bytes * 4 + (64 << 20))); then
    reason="not enough disk space on the server: $((free >> 20)) MiB free in $incoming, $(((bytes * 4 >> 20) + 64)) MiB needed"
    return 1
  fi
  mkdir -m 700 "$incoming/$id"
  tar -x --no-same-owner -C "$incoming/$id" -f - 2>/dev/null || { reason='the transfer was interrupted'; return 1; }
  cat >/dev/null
  [[ -n $sum ]] || return 0
  (cd "$incoming/$id" && sha256sum --quiet -c <<<"$sum  release.tar.gz") >/dev/null 2>&1 || { reason='the checksum of the received archive is wrong'; return 1; }
  passed shipped "$name, $((bytes >> 20)) MiB"
}

unpack() { # NAME: unpacks a release completely, or not at all
  local to=$incoming/$id/release
  [[ -f $incoming/$id/release.tar.gz && ! -d $releases/$1 ]] || return 0
  mkdir "$to" && tar -xz --no-same-owner -C "$to" -f "$incoming/$id/release.tar.gz" && chmod 755 "$to" &&
    touch -d @0 "$to" && sync -f "$to" && mv -T "$to" "$releases/$1"
}

orion_of() { # RELEASE SETTINGS ARGUMENT…: runs the command line of this release, with the account of the service
  local release=$1 file=$2
  shift 2
  ORION_ENV_FILE=$file "$releases/$release/bin/orion" "$@" >"$output" 2>&1
}

doctor() { # RELEASE SETTINGS [--before-migrating]
  local code=0
  orion_of "$1" "$2" doctor "${@:3}" || code=$?
  # Code 1 means warnings, which the operator may accept, or that the command did not run.
  if ((code > 1)) || ! grep -q '^pass ' "$output"; then
    reason='orion doctor found problems with the settings, the database or the machine'
    return 1
  fi
  passed doctor "$( ((code == 0)) && echo passed || echo 'passed, with warnings (orion doctor)')"
}

migrate() { # RELEASE SETTINGS
  local backup
  orion_of "$1" "$2" migrate || { reason='orion migrate failed'; return 1; }
  backup=$(sed -n 's/^backup //p' "$output")
  [[ -z $backup ]] || passed backup "$backup"
  passed migrate "$(tail -n 1 "$output")"
}

# The units belong to a release, and a rollback restores them. A unit that only the newer release has remains, but has no effect.
install_units() { # RELEASE
  local from=$releases/$1/systemd unit changed='' socket=''
  for unit in "$from"/*; do
    unit=${unit##*/}
    cmp -s "$from/$unit" "$units/$unit" && continue
    if [[ -e $units/$unit ]]; then say "  updated $unit"; else say "  created $unit"; fi
    install -m 644 "$from/$unit" "$units/$unit" || return 1
    changed=1
    [[ $unit != orion.socket ]] || socket=1
  done
  if [[ $(cat $units/orion.socket.d/listen.conf 2>/dev/null) != "$(listen_conf)" ]]; then
    mkdir -p $units/orion.socket.d && listen_conf >$units/orion.socket.d/listen.conf || return 1
    changed=1 socket=1
  fi
  ln -sfn $home/current/bin/orion /usr/local/bin/orion || return 1
  [[ -z $changed ]] || systemctl daemon-reload || return 1
  systemctl enable --quiet orion.socket orion.service orion-backup.timer >/dev/null 2>&1 || return 1
  if [[ -n $socket ]] && systemctl is-active --quiet orion.socket; then
    say "  reopening the port on $listen:$port: connections are rejected for a moment"
    systemctl stop orion.service orion.socket || return 1
  fi
  return 0
}

listen_conf() { printf '[Socket]\nListenStream=\nListenStream=%s:%s\n' "$listen" "$port"; }

point_to() { ln -sfn "releases/$2" "$home/$1.new" && mv -T "$home/$1.new" "$home/$1"; }

restart() {
  systemctl reset-failed orion.service orion.socket 2>/dev/null || true
  timeout 120 systemctl start orion.socket orion-backup.timer >"$output" 2>&1 && {
    timeout 30 systemctl restart orion.service >"$output" 2>&1 || {
      # Kills a process that hangs during startup.
      systemctl kill --signal KILL orion.service 2>/dev/null
      return 1
    }
  }
}

# Tokens are sent over plain HTTP only to this machine.
can_verify() {
  [[ -z $url && $(own_address "$listen") != 127.* && $(own_address "$listen") != '[::1]' ]] || return 0
  reason="Orion listens only on $listen, which cannot be verified over plain HTTP: specify the public address with --url"
  return 1
}

verify() { # RELEASE
  orion_of "$1" $settings verify "${url:-http://$(own_address "$listen"):$port}" || { reason='orion verify failed'; return 1; }
  passed verify "$(tail -n 1 "$output")"
}

activate() { # RELEASE: installs the units, changes the link, restarts the process and verifies it; $reason is set on failure
  install_units "$1" || { reason='the systemd units could not be installed'; return 1; }
  point_to current "$1" || { reason='the link current could not be changed'; return 1; }
  restart || { reason="$(systemctl is-active --quiet orion.socket && echo orion.service || echo orion.socket) did not start"; return 1; }
  passed restart
  wait_ready 30 || { reason='/health/ready did not return 200 within 30 s'; return 1; }
  passed ready
  verify "$1"
}

# Restores the previous release and settings, then shows the output of the failed release.
restore() { # RELEASE
  local start took failed_at=$EPOCHSECONDS said failing
  start=$(milliseconds) said=$(tail -n 15 "$output")
  if [[ -n $swapped ]]; then
    # A rename needs no disk space.
    if [[ -e $settings.before ]]; then mv -T $settings.before $settings; else rm -f $settings; fi
    port=$(port $settings)
  fi
  listen=$listened
  # A process that does not stop must not delay the previous release.
  failing=$(systemctl show --property MainPID --value orion.service)
  (
    sleep 5
    [[ $failing == 0 || $(systemctl show --property MainPID --value orion.service) != "$failing" ]] || kill -KILL "$failing"
  ) 9>&- >/dev/null 2>&1 &
  if [[ -z $1 ]]; then
    systemctl disable --quiet --now orion.service orion.socket orion-backup.timer 2>/dev/null || true
    rm -f $home/current
    say "There is no previous release: Orion is stopped."
  elif install_units "$1" && point_to current "$1" && restart && wait_ready 15; then
    took=$(($(milliseconds) - start))
    say "$1 is back, after $((took / 1000)).$((took % 1000 / 100)) s."
  else
    say "$1 DID NOT START AGAIN. See: journalctl --unit orion.service"
  fi
  say_lines <<<"$said"
  journalctl --sync 2>/dev/null || true
  journalctl --quiet --no-pager --output cat --unit orion.service --unit orion.socket \
    --since "@$began_at" --until "@$((failed_at + 1))" 2>/dev/null |
    tail -n 15 | cut -c 1-400 | say_lines || true
}

abort() { # before anything was changed
  stop_probing
  # Without the lock, the file may belong to another deployment.
  [[ -z $staged ]] || rm -f "$staged"
  record failed "$reason"
  [[ ! -s $output ]] || tail -n 20 "$output" | say_lines
  say "$not_done: $reason. The running release was not changed."
  exit 1
}

prune() {
  local name kept=0
  # Ordered by the time of the last activation; failed releases are removed first.
  while read -r name; do
    kept=$((kept + 1))
    ((kept <= keep)) || [[ $name == "$(current)" || $name == "$(previous)" ]] || rm -rf "${releases:?}/$name"
  done < <(ls -1t $releases)
}

# ---- Commands --------------------------------------------------------------------------------------------------------------------

deploy() {
  local name=$1 sum=$2 bytes=$3 before listened
  url=$5 reason=''
  begin "$name" "$6" 'NOT DEPLOYED'
  create_folders || { reason='the user and folders could not be created'; abort; }
  # The transfer does not need the lock.
  receive "$name" "$sum" "$bytes" || abort
  acquire_lock
  listened=$(listen_address) before=$(proven)
  listen=${4:-$listened} port=$(port $settings)
  # Removes the remnant of an interrupted run.
  rm -f $settings.new
  can_verify || abort
  unpack "$name" 2>"$output" || { reason="the release could not be unpacked: $(tail -n 1 "$output")"; abort; }
  [[ -d $releases/$name ]] || { reason="$name is not on the server"; abort; }

  local file=$settings
  if [[ -f $incoming/$id/orion.env ]]; then
    file=$settings.new staged=$settings.new
    install -m 640 -o root -g orion "$incoming/$id/orion.env" $file || { reason='not enough disk space for the settings'; abort; }
    check_settings $file || abort
  fi
  [[ -f $file ]] || { reason="there are no settings in $settings"; abort; }
  rm -rf "${incoming:?}/$id"
  doctor "$name" "$file" --before-migrating || abort
  migrate "$name" "$file" || abort
  if [[ $file != "$settings" && -f $settings ]]; then
    cp -p $settings $settings.before || { reason='not enough disk space for the settings'; abort; }
  fi

  start_probing
  # From here on, a failure restores the previous release and settings.
  if [[ $file != "$settings" ]]; then
    [[ -f $settings ]] || rm -f $settings.before
    mv -T $file $settings
    swapped=1
  fi
  port=$(port $settings)
  switch_release "$name" "$before" deployed
  [[ -n $before ]] || ! systemctl start --no-block orion-backup.service || say 'The first backup is being created: journalctl --unit orion-backup'
}

rollback() {
  local target before listened
  acquire_lock
  target=$(rollback_target) before=$(proven) listened=$(listen_address)
  listen=$listened port=$(port $settings) url=$1 reason=''
  [[ -n $target && -d $releases/$target ]] || { say 'There is no previous release on the server.'; exit 1; }
  begin "$target" "$2" 'NOT ROLLED BACK'
  can_verify || abort
  say "From $(current) to $target:"
  doctor "$target" $settings || abort
  start_probing
  switch_release "$target" "$before" 'rolled back'
}

# Replaces the running release, or restores it if the new one fails.
switch_release() { # RELEASE BEFORE OUTCOME
  if ! activate "$1"; then
    restore "$2"
    stop_probing
    record failed "$reason"
    say "$not_done: $reason."
    exit 1
  fi
  stop_probing
  [[ -z $2 || $2 == "$1" ]] || point_to previous "$2"
  touch "$releases/$1"
  prune
  record "$3" ''
  finish "$1"
}

finish() {
  local took=$(($(milliseconds) - began)) asked=''
  ((probes == 0)) || asked="; of $probes requests in the meantime, $refused failed"
  say "$1 is running, after $((took / 1000)).$((took % 1000 / 100)) s on the server$asked."
}

describe_backups() {
  local files
  files=$(find /var/backups/orion -maxdepth 1 -name 'orion-*' -printf '%TY-%Tm-%Td %TH:%TM %f\n' 2>/dev/null | sort)
  [[ -n $files ]] || { echo "none; the last run: $(systemctl show --property Result --value orion-backup.service)"; return; }
  echo "$(wc -l <<<"$files"), the newest $(tail -n 1 <<<"$files"); the last run: $(systemctl show --property Result --value orion-backup.service)"
}

status() {
  listen=$(listen_address) port=$(port $settings)
  if [[ -z $(current) ]]; then say 'Orion is not deployed here.'; exit 1; fi
  say "release:   $(current)$([[ -z $(previous) ]] || echo " (previous: $(previous))")"
  say "service:   $(systemctl is-active orion.service || true), since $(systemctl show --property ActiveEnterTimestamp --value orion.service)"
  say "port:      $listen:$port, $(systemctl is-active orion.socket || true)"
  local ready; ready=$(status_of /health/ready)
  say "ready:     ${ready:-no response}"
  say "backups:   $(describe_backups)"
  say "deployed:  $(tail -n 1 $history 2>/dev/null || echo never)"
  [[ $ready == 200 ]]
}

show_history() {
  [[ -x $home/current/app/orion ]] || { say 'Orion is not deployed here.'; [[ ! -f $history ]] || cat $history; exit 0; }
  # Older releases do not have this command.
  /usr/local/bin/orion deployments --file $history 2>/dev/null || cat $history
}

command=${1:?}
shift
case $command in
  look | deploy | rollback | status) "$command" "$@" ;;
  history) show_history ;;
  check-settings) check_settings "$1" || { echo "$reason"; exit 1; } ;;
esac
