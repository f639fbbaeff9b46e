#!/usr/bin/env bash
# Tests the deployment without a server: the shell scripts, the systemd units, and the checks of deploy.sh before it connects.
# Prints TAP. Installs shellcheck and systemd-analyze if it runs as root.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck source=tests/tap.sh
source tests/tap.sh
# shellcheck source=scripts/programs.sh
source scripts/programs.sh

missing=()
command -v shellcheck >/dev/null || missing+=(shellcheck)
command -v systemd-analyze >/dev/null || missing+=(systemd)
[[ ${#missing[@]} -eq 0 ]] || install_packages "${missing[@]}"

scripts_are_clean() {
  local scripts
  # Scripts with a shebang line, and all files that end with .sh.
  mapfile -t scripts < <({ git grep -lE '^#!.*\b(ba)?sh$' -- ':!*.md' ':!*.cs'; git ls-files '*.sh'; } | sort -u)
  ((${#scripts[@]} > 15)) && shellcheck --external-sources "${scripts[@]}"
}

# Creates the programs that the units refer to, as on a server.
units_are_valid() {
  local root=$work/root program
  mkdir -p "$root/etc/systemd/system" "$root/opt/orion/current/app"
  cp deploy/systemd/* "$root/etc/systemd/system/"
  for program in orion Orion.Api; do
    printf '#!/bin/sh\n' >"$root/opt/orion/current/app/$program"
    chmod 755 "$root/opt/orion/current/app/$program"
  done
  # systemd-analyze also prints warnings that are not errors.
  systemd-analyze verify --man=no --recursive-errors=no --root="$root" orion.service orion.socket orion-backup.service orion-backup.timer 2>&1 |
    tee "$work/complaints"
  [[ ${PIPESTATUS[0]} -eq 0 && ! -s $work/complaints ]]
}

exposed_at_most_two() { systemd-analyze security --offline=true --no-pager --threshold=20 "deploy/systemd/$1"; }

sandbox_of() { sed -n '/^NoNewPrivileges=/,/^InaccessiblePaths=/p' "deploy/systemd/$1"; }
sandboxes_agree() { diff <(sandbox_of orion.service) <(sandbox_of orion-backup.service) && [[ $(sandbox_of orion.service | wc -l) -gt 20 ]]; }

rejects() { # CODE WORDS ARGUMENT…: without connecting to a server
  local code=0
  SSH_CONFIG=/nonexistent bash deploy/deploy.sh "${@:3}" >"$work/said" 2>&1 || code=$?
  cat "$work/said"
  [[ $code -eq $1 ]] && grep -qF -- "$2" "$work/said"
}

settings_file() { # NAME FORMAT: creates a file with these bytes
  # shellcheck disable=SC2059 # The format is the content of the file.
  printf "$2" >"$work/$1"
  echo "$work/$1"
}

# Loads the functions of server.sh without running a command.
server_functions() {
  # shellcheck source=deploy/server.sh
  source <(sed '/^command=/,$d' deploy/server.sh)
  # shellcheck disable=SC2317 # The loaded functions call it.
  record() { :; }
}

port_after_a_mark_is_read() (
  server_functions
  [[ $(port "$(settings_file marked '\357\273\277PORT=4000\n')") == 4000 ]]
)

only_own_settings_are_deleted() (
  server_functions
  output=/dev/null not_done='NOT DEPLOYED' reason='no room' prober='' settings=$work/orion.env
  : >"$settings.new"
  staged='' && (abort)
  [[ -e $settings.new ]] || return 1
  staged=$settings.new && (abort)
  [[ ! -e $settings.new ]]
)

only_remnants_are_deleted() (
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
  # The system clock must not matter.
  EPOCHREALTIME=0 EPOCHSECONDS=0 SECONDS=0
  from=$(milliseconds)
  sleep .3
  (($(milliseconds) - from >= 290 && $(milliseconds) - from < 5000))
)

# Docker publishes ports only through networks that are not internal.
compose() { if docker compose version >/dev/null 2>&1; then docker compose "$@"; else docker-compose "$@"; fi; }
only_the_tunnel_leads_in() {
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

check 'shellcheck accepts the shell scripts' scripts_are_clean
check 'systemd accepts the units' units_are_valid
check 'the exposure of the service is 2.0 or better' exposed_at_most_two orion.service
check 'the exposure of the backup is 2.0 or better' exposed_at_most_two orion-backup.service
check 'both units have the same sandbox' sandboxes_agree
if compose version >/dev/null 2>&1; then
  check 'with compose and FRONT=tunnel, only the tunnel leads to the service' only_the_tunnel_leads_in
fi
check 'deploy.sh needs a server' rejects 2 'specify the server'
check 'deploy.sh accepts only one server' rejects 2 'only one server' a b
check 'deploy.sh rejects an unknown option' rejects 2 'unknown option --force' a --force
check 'deploy.sh rejects an option without its value' rejects 2 '--env-file needs a value' a --env-file
check 'deploy.sh accepts only one action' rejects 2 'only one action' a --status --rollback
check 'deploy.sh accepts no settings for a rollback' rejects 2 '--rollback does not accept' a --rollback --env-file .env.example
check 'deploy.sh sends no token over plain HTTP' rejects 2 '--url must be an address' a --url http://chat.example.com
check 'deploy.sh listens on an address' rejects 2 '--listen must be an address' a --listen '*'
check 'deploy.sh needs an address to verify' rejects 2 '--url must be an address' a --url chat.example.com
check 'deploy.sh needs an existing settings file' rejects 1 'cannot be read. Nothing was changed.' a --env-file /nonexistent
utf16=$(settings_file utf16 '\377\376P\000O\000R\000T\000=\0003\000\n\000')
bare=$(settings_file bare 'P\000O\000R\000T\000=\0003\000\n\000')
latin=$(settings_file latin '# M\374ller\nPORT=3002\n')
marked=$(settings_file marked '\357\273\277PORT=3002\n')
odd=$(settings_file odd 'PORT="30" 02\n')
check 'deploy.sh rejects UTF-16 settings before it changes anything' rejects 1 'the settings are UTF-16' a --env-file "$utf16"
check '… also without a byte order mark' rejects 1 'the settings are UTF-16' a --env-file "$bare"
check 'deploy.sh rejects settings that are not UTF-8' rejects 1 'the settings are not UTF-8' a --env-file "$latin"
check 'deploy.sh rejects an unusual form of PORT before it changes anything' rejects 1 'written as PORT=3002' a --env-file "$odd"
check 'deploy.sh accepts settings with a byte order mark' rejects 1 'is not a release archive' a --env-file "$marked" --archive README.md
check 'the server reads a port after a byte order mark' port_after_a_mark_is_read
check 'a failed deployment does not delete the settings of another one' only_own_settings_are_deleted
check 'a deployment does not delete files that another one is receiving' only_remnants_are_deleted
check 'the server measures time with a monotonic clock' time_is_monotonic
check 'deploy.sh rejects a file that is not a release archive' rejects 1 'is not a release archive' a --archive README.md
check 'deploy.sh prints its usage' rejects 0 'usage: deploy/deploy.sh DEST' --help
finish
