#!/usr/bin/env bash
# The server's side of deploy.sh, which runs it there over ssh, as root; it does not stay. What it does is in deploy.sh's usage.
#
#   server.sh look NAME LISTEN URL                        facts about the server, as name=value
#   server.sh deploy NAME SHA256 BYTES LISTEN URL WHO     standard input: a tar of release.tar.gz and orion.env, either of which may be missing
#   server.sh rollback URL WHO
#   server.sh status | history
#   server.sh check-settings FILE                         on the machine of deploy.sh: whether FILE can be sent; else says why not
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

# Whoever sent this may be gone, and what has begun is still ended well.
trap '' HUP PIPE
say() { printf '%s\n' "$*" 2>/dev/null || true; }
say_lines() { sed 's/^/    /' 2>/dev/null || true; }

# ---- Facts -----------------------------------------------------------------------------------------------------------------------

current() { basename "$(readlink "$home/current" 2>/dev/null)" 2>/dev/null || true; }
# The last one that was proven: what a run that was cut off has put in place is none.
proven() {
  local name
  name=$(sed -nE 's/.*"version":"([^"]*)","commit":"([^"]*)".*"outcome":"(deployed|rolled back)".*/\1-\2/p' $history 2>/dev/null | tail -n 1)
  if [[ -n $name && -d $releases/$name ]]; then echo "$name"; else current; fi
}
previous() { basename "$(readlink "$home/previous" 2>/dev/null)" 2>/dev/null || true; }
# What a run that was cut off has put in place was never proven: then it is the last one that was.
rollback_target() { if [[ $(current) == "$(proven)" ]]; then previous; else proven; fi; }
free_bytes() { df -P -B1 "$1" 2>/dev/null | awk 'NR == 2 { print $4 }'; }
# Since the machine started: the clock may be set while something is waited for, and bash's SECONDS follows it.
milliseconds() {
  local up
  read -r up _ </proc/uptime
  echo $((10#${up/./} * 10))
}

# A line of the settings that says the port, with or without quotes.
port_line="^[[:space:]]*(export[[:space:]]+)?PORT[[:space:]]*=[[:space:]]*['\"]?([0-9]+)['\"]?[[:space:]]*(#.*)?\$"

# As Orion reads the file, a byte-order mark in front of it does not count.
text_of() { sed "1s/^$(printf '\357\273\277')//" "$1"; } # FILE

port() { # FILE
  local said=
  [[ ! -f $1 ]] || said=$(text_of "$1" | sed -nE "s/$port_line/\\2/p" | tail -n 1)
  echo $((10#${said:-3002}))
}

# Orion reads such a file by more rules than these (docs/settings.md); what only it would understand is asked to be plain.
check_settings() { # FILE
  local lines plain
  # As Orion tells it: a byte-order mark of UTF-16, or a zero in each pair of bytes; text in UTF-8 has no zeros.
  if [[ $(head -c 2 "$1" | od -An -tx1 | tr -d ' ') == @(fffe|feff) || $(tr -d '\000' <"$1" | wc -c) -ne $(wc -c <"$1") ]]; then
    reason='the settings are UTF-16, as some Windows programs save them: save them as UTF-8'
    return 1
  elif command -v iconv >/dev/null && ! iconv -f UTF-8 -t UTF-8 "$1" >/dev/null 2>&1; then
    reason='the settings are not UTF-8: save them as UTF-8'
    return 1
  fi
  lines=$(text_of "$1" | grep -cE '^[^#A-Za-z]*(export[[:space:]]+)?PORT[[:space:]]*[=:]' || true)
  plain=$(text_of "$1" | grep -cE "$port_line" || true)
  ((lines == plain)) && return
  reason='PORT in the settings is to be written as PORT=3002'
  return 1
}

listen_address() { # where it listened until now
  local said
  said=$(sed -nE 's/^ListenStream=(.+):[0-9]+$/\1/p' "$units/orion.socket.d/listen.conf" 2>/dev/null || true)
  echo "${said:-127.0.0.1}"
}

# An address to reach this server by from itself, as a URL has it.
own_address() {
  case $1 in
    0.0.0.0) echo 127.0.0.1 ;;
    '[::]') echo '[::1]' ;;
    *) echo "$1" ;;
  esac
}

# shellcheck disable=SC2016 # Its own shell's arguments.
probe='exec 3<>"/dev/tcp/$1/$2" && printf "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n" "$3" >&3 &&
  read -r _ status _ <&3 && printf %s "$status"'
status_of() { # PATH; prints nothing where there is no answer
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
    command -v "$tool" >/dev/null || { say "error=$tool is missing on the server: it must be a Debian or Ubuntu with systemd."; return; }
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

# ---- The record ------------------------------------------------------------------------------------------------------------------

# Printable ASCII without what ends a JSON string.
json_text() { printf '%s' "$1" | tr '\n' ' ' | tr -cd '\040-\176' | tr -d '\\"' | cut -c 1-300; }

record() { # OUTCOME REASON
  local list='' check reason=null took=$(($(milliseconds) - began)) line
  for check in "${checks[@]}"; do list+="${list:+,}\"$check\""; done
  [[ -z $2 ]] || reason="\"$(json_text "$2")\""
  line='{"id":"%s","version":"%s","commit":"%s","who":"%s","startedAt":"%s","seconds":%d.%03d,"checks":[%s],"outcome":"%s","reason":%s,'
  # shellcheck disable=SC2059 # The line is the format.
  printf "$line\"probes\":%d,\"requestsRefused\":%d}\n" \
    "$id" "$(json_text "$version")" "$(json_text "$commit")" "$(json_text "$who")" "$started_at" $((took / 1000)) $((took % 1000)) \
    "$list" "$1" "$reason" "$probes" "$refused" 2>/dev/null >>"$history" || say 'There was no room for the record of it.'
  # Who deploys, and from where, is nobody's affair but Orion's.
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

take_turn() {
  # Nobody else may hold it.
  (umask 077 && : >>/run/orion-deploy.lock)
  chmod 600 /run/orion-deploy.lock
  exec 9>/run/orion-deploy.lock
  flock -n 9 && return
  say 'Another deployment is under way; waiting for its end.'
  flock -w 180 9 || { say 'It does not end; its process holds /run/orion-deploy.lock (fuser, lsof).'; exit 1; }
}

# Asks all the time while the process is exchanged, so that a request that gets no answer is known.
start_probing() {
  [[ $(status_of /health/live) == 200 ]] || return 0
  (
    trap - HUP PIPE
    while kill -0 $$ 2>/dev/null; do
      if [[ $(status_of /health/live) == 200 ]]; then echo answered; else echo refused; fi
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
  probes=$(wc -l <"$probed") refused=$(grep -c refused "$probed" || true)
}

# ---- Steps -----------------------------------------------------------------------------------------------------------------------

folder() { # PATH MODE OWNER
  [[ -d $1 ]] || say "  made the folder $1 ($3, $2)"
  install -d -m "$2" -o "${3%:*}" -g "${3#*:}" "$1"
}

make_places() {
  getent group orion >/dev/null || { groupadd --system orion && say '  made the group orion'; } || return 1
  getent passwd orion >/dev/null || {
    useradd --system --gid orion --home-dir /var/lib/orion --no-create-home --shell /usr/sbin/nologin orion && say '  made the user orion'
  } || return 1
  folder $home 0755 root:root && folder $releases 0755 root:root && folder $incoming 0700 root:root &&
    folder /etc/orion 0750 root:orion && folder /var/lib/orion 0700 orion:orion && folder /var/backups/orion 0700 orion:orion
}

receive() { # NAME SHA256 BYTES
  local name=$1 sum=$2 bytes=$3 free left
  # What a run that was cut off has left, and nothing that another one is still receiving.
  for left in "$incoming"/*; do
    [[ ! -d $left || -n $(find "$left" -mmin -120 -print -quit) ]] || rm -rf "$left"
  done
  free=$(free_bytes $incoming)
  # The archive, and about three times as much unpacked.
  if ((free < bytes * 4 + (64 << 20))); then
    reason="no room on the server: $((free >> 20)) MiB free at $incoming, $(((bytes * 4 >> 20) + 64)) MiB wanted"
    return 1
  fi
  mkdir -m 700 "$incoming/$id"
  tar -x --no-same-owner -C "$incoming/$id" -f - 2>/dev/null || { reason='the transfer broke off'; return 1; }
  cat >/dev/null
  [[ -n $sum ]] || return 0
  (cd "$incoming/$id" && sha256sum --quiet -c <<<"$sum  release.tar.gz") >/dev/null 2>&1 || { reason='what arrived is not what was sent'; return 1; }
  passed shipped "$name, $((bytes >> 20)) MiB"
}

unpack() { # NAME: a release is there whole, or not at all
  local to=$incoming/$id/release
  [[ -f $incoming/$id/release.tar.gz && ! -d $releases/$1 ]] || return 0
  mkdir "$to" && tar -xz --no-same-owner -C "$to" -f "$incoming/$id/release.tar.gz" && chmod 755 "$to" &&
    touch -d @0 "$to" && sync -f "$to" && mv -T "$to" "$releases/$1"
}

orion_of() { # RELEASE SETTINGS ARGUMENT…: that release's command line, as the service's account
  local release=$1 file=$2
  shift 2
  ORION_ENV_FILE=$file "$releases/$release/bin/orion" "$@" >"$output" 2>&1
}

doctor() { # RELEASE SETTINGS [--before-migrating]
  local code=0
  orion_of "$1" "$2" doctor "${@:3}" || code=$?
  # 1 is a warning, which the operator may want so; or it did not run at all.
  if ((code > 1)) || ! grep -q '^pass ' "$output"; then
    reason='orion doctor: the settings, the database or the machine are not as Orion needs them'
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

# The units belong to a release, and go back with it; one that only the newer release has stays, and does nothing.
install_units() { # RELEASE
  local from=$releases/$1/systemd unit changed='' socket=''
  for unit in "$from"/*; do
    unit=${unit##*/}
    cmp -s "$from/$unit" "$units/$unit" && continue
    if [[ -e $units/$unit ]]; then say "  renewed $unit"; else say "  made $unit"; fi
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
    say "  the port is opened anew, on $listen:$port: clients are refused for a moment"
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
      # One that hangs at its start gets no more time.
      systemctl kill --signal KILL orion.service 2>/dev/null
      return 1
    }
  }
}

# Over plain HTTP a token goes to this machine alone.
can_verify() {
  [[ -z $url && $(own_address "$listen") != 127.* && $(own_address "$listen") != '[::1]' ]] || return 0
  reason="Orion is to listen on $listen alone, where it is not verified over plain HTTP: say its public address with --url"
  return 1
}

verify() { # RELEASE
  orion_of "$1" $settings verify "${url:-http://$(own_address "$listen"):$port}" || { reason='orion verify failed'; return 1; }
  passed verify "$(tail -n 1 "$output")"
}

take_in() { # RELEASE: units, link, process, and the proof; $reason says what failed
  install_units "$1" || { reason='the systemd units could not be installed'; return 1; }
  point_to current "$1" || { reason='the link current could not be renamed'; return 1; }
  restart || { reason="$(systemctl is-active --quiet orion.socket && echo orion.service || echo orion.socket) did not start"; return 1; }
  passed restart
  wait_ready 30 || { reason='/health/ready did not answer with 200 within 30 s'; return 1; }
  passed ready
  verify "$1"
}

# The release and the settings from before; then what the failed one had to say.
go_back() { # RELEASE
  local start took failed_at=$EPOCHSECONDS said failing
  start=$(milliseconds) said=$(tail -n 15 "$output")
  if [[ -n $swapped ]]; then
    # A rename wants no room.
    if [[ -e $settings.before ]]; then mv -T $settings.before $settings; else rm -f $settings; fi
    port=$(port $settings)
  fi
  listen=$listened
  # One that does not stop when it is asked to must not hold the one before up.
  failing=$(systemctl show --property MainPID --value orion.service)
  (
    sleep 5
    [[ $failing == 0 || $(systemctl show --property MainPID --value orion.service) != "$failing" ]] || kill -KILL "$failing"
  ) 9>&- >/dev/null 2>&1 &
  if [[ -z $1 ]]; then
    systemctl disable --quiet --now orion.service orion.socket orion-backup.timer 2>/dev/null || true
    rm -f $home/current
    say "There is no release before: Orion is stopped."
  elif install_units "$1" && point_to current "$1" && restart && wait_ready 15; then
    took=$(($(milliseconds) - start))
    say "$1 is back, after $((took / 1000)).$((took % 1000 / 100)) s."
  else
    say "$1 DID NOT COME BACK. See: journalctl --unit orion.service"
  fi
  say_lines <<<"$said"
  journalctl --sync 2>/dev/null || true
  journalctl --quiet --no-pager --output cat --unit orion.service --unit orion.socket \
    --since "@$began_at" --until "@$((failed_at + 1))" 2>/dev/null |
    tail -n 15 | cut -c 1-400 | say_lines || true
}

refuse() { # before anything was touched
  stop_probing
  # Before its turn there may be another deployment's.
  [[ -z $staged ]] || rm -f "$staged"
  record failed "$reason"
  [[ ! -s $output ]] || tail -n 20 "$output" | say_lines
  say "$not_done: $reason. What runs was not touched."
  exit 1
}

prune() {
  local name kept=0
  # By the time at which they last took over; one that failed goes first.
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
  make_places || { reason='user and folders could not be made'; refuse; }
  # Others need not wait for a transfer.
  receive "$name" "$sum" "$bytes" || refuse
  take_turn
  listened=$(listen_address) before=$(proven)
  listen=${4:-$listened} port=$(port $settings)
  # What a run that was cut off has left.
  rm -f $settings.new
  can_verify || refuse
  unpack "$name" 2>"$output" || { reason="the release could not be unpacked: $(tail -n 1 "$output")"; refuse; }
  [[ -d $releases/$name ]] || { reason="$name is not on the server"; refuse; }

  local file=$settings
  if [[ -f $incoming/$id/orion.env ]]; then
    file=$settings.new staged=$settings.new
    install -m 640 -o root -g orion "$incoming/$id/orion.env" $file || { reason='there is no room for the settings'; refuse; }
    check_settings $file || refuse
  fi
  [[ -f $file ]] || { reason="there are no settings in $settings"; refuse; }
  rm -rf "${incoming:?}/$id"
  doctor "$name" "$file" --before-migrating || refuse
  migrate "$name" "$file" || refuse
  if [[ $file != "$settings" && -f $settings ]]; then
    cp -p $settings $settings.before || { reason='there is no room for the settings'; refuse; }
  fi

  start_probing
  # From here on what was there before is put back where something fails.
  if [[ $file != "$settings" ]]; then
    [[ -f $settings ]] || rm -f $settings.before
    mv -T $file $settings
    swapped=1
  fi
  port=$(port $settings)
  exchange "$name" "$before" deployed
  [[ -n $before ]] || ! systemctl start --no-block orion-backup.service || say 'The first backup is being made: journalctl --unit orion-backup'
}

rollback() {
  local target before listened
  take_turn
  target=$(rollback_target) before=$(proven) listened=$(listen_address)
  listen=$listened port=$(port $settings) url=$1 reason=''
  [[ -n $target && -d $releases/$target ]] || { say 'There is no release before this one on the server.'; exit 1; }
  begin "$target" "$2" 'NOT ROLLED BACK'
  can_verify || refuse
  say "From $(current) to $target:"
  doctor "$target" $settings || refuse
  start_probing
  exchange "$target" "$before" 'rolled back'
}

# Puts a release in the place of the one before, or ends with that one back.
exchange() { # RELEASE BEFORE OUTCOME
  if ! take_in "$1"; then
    go_back "$2"
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
  ((probes == 0)) || asked="; of $probes requests meanwhile $refused were refused"
  say "$1 is running, after $((took / 1000)).$((took % 1000 / 100)) s on the server$asked."
}

backups_said() {
  local files
  files=$(find /var/backups/orion -maxdepth 1 -name 'orion-*' -printf '%TY-%Tm-%Td %TH:%TM %f\n' 2>/dev/null | sort)
  [[ -n $files ]] || { echo "none; the last run: $(systemctl show --property Result --value orion-backup.service)"; return; }
  echo "$(wc -l <<<"$files"), the newest $(tail -n 1 <<<"$files"); the last run: $(systemctl show --property Result --value orion-backup.service)"
}

status() {
  listen=$(listen_address) port=$(port $settings)
  if [[ -z $(current) ]]; then say 'Orion is not deployed here.'; exit 1; fi
  say "release:   $(current)$([[ -z $(previous) ]] || echo " (before: $(previous))")"
  say "service:   $(systemctl is-active orion.service || true), since $(systemctl show --property ActiveEnterTimestamp --value orion.service)"
  say "port:      $listen:$port, $(systemctl is-active orion.socket || true)"
  local ready; ready=$(status_of /health/ready)
  say "ready:     ${ready:-no answer}"
  say "backups:   $(backups_said)"
  say "deployed:  $(tail -n 1 $history 2>/dev/null || echo never)"
  [[ $ready == 200 ]]
}

show_history() {
  [[ -x $home/current/app/orion ]] || { say 'Orion is not deployed here.'; [[ ! -f $history ]] || cat $history; exit 0; }
  # A release from before this command has none.
  /usr/local/bin/orion deployments --file $history 2>/dev/null || cat $history
}

command=${1:?}
shift
case $command in
  look | deploy | rollback | status) "$command" "$@" ;;
  history) show_history ;;
  check-settings) check_settings "$1" || { echo "$reason"; exit 1; } ;;
esac
