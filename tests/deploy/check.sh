#!/usr/bin/env bash
# What can be known of the deployment without a server: the shell scripts, the systemd units, and what deploy.sh refuses by itself.
# Prints TAP. Installs shellcheck and systemd's own checker where it may.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck source=tests/tap.sh
source tests/tap.sh

missing=()
command -v shellcheck >/dev/null || missing+=(shellcheck)
command -v systemd-analyze >/dev/null || missing+=(systemd)
if [[ ${#missing[@]} -gt 0 && $(id -u) -eq 0 ]] && command -v apt-get >/dev/null; then
  echo "# installing Debian's ${missing[*]}"
  apt-get update -q >/dev/null
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" >/dev/null
fi

scripts_are_clean() {
  local scripts
  # Those that are called by another name, and all that end with .sh, with a first line or without.
  mapfile -t scripts < <({ git grep -lE '^#!.*\b(ba)?sh$' -- ':!*.md' ':!*.cs'; git ls-files '*.sh'; } | sort -u)
  ((${#scripts[@]} > 15)) && shellcheck --external-sources "${scripts[@]}"
}

# As on a server, where the programs are.
units_are_understood() {
  local root=$work/root program
  mkdir -p "$root/etc/systemd/system" "$root/opt/orion/current/app"
  cp deploy/systemd/* "$root/etc/systemd/system/"
  for program in orion Orion.Api; do
    printf '#!/bin/sh\n' >"$root/opt/orion/current/app/$program"
    chmod 755 "$root/opt/orion/current/app/$program"
  done
  # It also complains where it goes on.
  systemd-analyze verify --man=no --recursive-errors=no --root="$root" orion.service orion.socket orion-backup.service orion-backup.timer 2>&1 |
    tee "$work/complaints"
  [[ ${PIPESTATUS[0]} -eq 0 && ! -s $work/complaints ]]
}

exposed_at_most_two() { systemd-analyze security --offline=true --no-pager --threshold=20 "deploy/systemd/$1"; }

sandbox_of() { sed -n '/^NoNewPrivileges=/,/^InaccessiblePaths=/p' "deploy/systemd/$1"; }
sandboxes_agree() { diff <(sandbox_of orion.service) <(sandbox_of orion-backup.service) && [[ $(sandbox_of orion.service | wc -l) -gt 20 ]]; }

refuses() { # CODE WORDS ARGUMENT…: without asking any server
  local code=0
  SSH_CONFIG=/nonexistent bash deploy/deploy.sh "${@:3}" >"$work/said" 2>&1 || code=$?
  cat "$work/said"
  [[ $code -eq $1 ]] && grep -qF -- "$2" "$work/said"
}

settings_file() { # NAME FORMAT: in its bytes
  # shellcheck disable=SC2059 # The format is the file.
  printf "$2" >"$work/$1"
  echo "$work/$1"
}

# The functions of server.sh, without a command.
server_functions() {
  # shellcheck source=deploy/server.sh
  source <(sed '/^command=/,$d' deploy/server.sh)
  # shellcheck disable=SC2317 # Those functions call it.
  record() { :; }
}

port_behind_a_mark_is_read() (
  server_functions
  [[ $(port "$(settings_file marked '\357\273\277PORT=4000\n')") == 4000 ]]
)

only_own_settings_are_taken_away() (
  server_functions
  output=/dev/null not_done='NOT DEPLOYED' reason='no room' prober='' settings=$work/orion.env
  : >"$settings.new"
  staged='' && (refuse)
  [[ -e $settings.new ]] || return 1
  staged=$settings.new && (refuse)
  [[ ! -e $settings.new ]]
)

only_what_nobody_receives_is_taken_away() (
  server_functions
  incoming=$work/incoming id=mine
  mkdir -p "$incoming"/{old,slow}
  touch "$incoming"/{old,slow}/release.tar.gz
  touch -d '3 hours ago' "$incoming/old/release.tar.gz" "$incoming"/{old,slow}
  tar -cf - -T /dev/null | receive name '' 0 || return 1
  [[ ! -e $incoming/old && -e $incoming/slow/release.tar.gz ]]
)

time_is_monotonic() (
  server_functions
  local from
  # What the clock says has no part in it.
  EPOCHREALTIME=0 EPOCHSECONDS=0 SECONDS=0
  from=$(milliseconds)
  sleep .3
  (($(milliseconds) - from >= 290 && $(milliseconds) - from < 5000))
)

# Docker publishes a port through a network that leads outside.
compose() { if docker compose version >/dev/null 2>&1; then docker compose "$@"; else docker-compose "$@"; fi; }
no_way_in_but_the_tunnel() {
  local network
  printf '%s=x\n' DB_PASSWORD ORION_SHARED_JWT_SECRET JWT_ISSUER AUTHORIZED_USER_EMAIL ALLOWED_ORIGINS >"$work/compose.env"
  FRONT=tunnel compose --env-file "$work/compose.env" --profile tunnel --profile monitoring config >"$work/compose.yml" || return 1
  awk '/^  api:/ { api = 1 } api && /^    networks:/ { list = 1; next } list && /^    [a-z]/ { exit } list { sub(":.*", "", $1); print $1 }' \
    "$work/compose.yml" >"$work/networks"
  cat "$work/networks"
  [[ $(wc -l <"$work/networks") -eq 3 ]] || return 1
  while read -r network; do
    sed -n '/^networks:/,/^[a-mo-z]/p' "$work/compose.yml" | grep -A 1 "^  $network:" | grep -q 'internal: true' || return 1
  done <"$work/networks"
}

check 'the shell scripts please shellcheck' scripts_are_clean
check 'systemd understands the units' units_are_understood
check 'the exposure of the service is 2.0 or better' exposed_at_most_two orion.service
check 'the exposure of the backup is 2.0 or better' exposed_at_most_two orion-backup.service
check 'both have the same sandbox' sandboxes_agree
if compose version >/dev/null 2>&1; then
  check 'in compose, behind a tunnel, nothing but the tunnel leads in' no_way_in_but_the_tunnel
fi
check 'deploy.sh wants a server' refuses 2 'name the server'
check 'deploy.sh wants one server' refuses 2 'one server' a b
check 'deploy.sh says what is no option' refuses 2 '--force is no option' a --force
check 'deploy.sh says which option wants a value' refuses 2 '--env-file wants a value' a --env-file
check 'deploy.sh does one thing at a time' refuses 2 'one action' a --status --rollback
check 'deploy.sh takes no settings for a rollback' refuses 2 '--rollback takes no' a --rollback --env-file .env.example
check 'deploy.sh sends no token over plain HTTP' refuses 2 '--url is an address' a --url http://chat.example.com
check 'deploy.sh listens on an address' refuses 2 '--listen is an address' a --listen '*'
check 'deploy.sh wants an address to verify' refuses 2 '--url is an address' a --url chat.example.com
check 'deploy.sh wants a file of settings that is there' refuses 1 'cannot be read. Nothing was changed.' a --env-file /nonexistent
utf16=$(settings_file utf16 '\377\376P\000O\000R\000T\000=\0003\000\n\000')
bare=$(settings_file bare 'P\000O\000R\000T\000=\0003\000\n\000')
latin=$(settings_file latin '# M\374ller\nPORT=3002\n')
marked=$(settings_file marked '\357\273\277PORT=3002\n')
odd=$(settings_file odd 'PORT="30" 02\n')
check 'deploy.sh says that settings are UTF-16 before it does anything' refuses 1 'the settings are UTF-16' a --env-file "$utf16"
check 'deploy.sh says so without a byte-order mark, too' refuses 1 'the settings are UTF-16' a --env-file "$bare"
check 'deploy.sh says that settings are not UTF-8' refuses 1 'the settings are not UTF-8' a --env-file "$latin"
check 'deploy.sh says that a port is not plain before it does anything' refuses 1 'written as PORT=3002' a --env-file "$odd"
check 'deploy.sh takes settings with a byte-order mark' refuses 1 'is no release' a --env-file "$marked" --archive README.md
check 'the server reads a port behind a byte-order mark' port_behind_a_mark_is_read
check 'a refused deployment takes no settings of another one away' only_own_settings_are_taken_away
check 'a deployment takes nothing away that another one receives' only_what_nobody_receives_is_taken_away
check 'the server measures time by a clock that cannot be set' time_is_monotonic
check 'deploy.sh wants an archive that is one' refuses 1 'is no release' a --archive README.md
check 'deploy.sh explains itself' refuses 0 'usage: deploy/deploy.sh DEST' --help
finish
