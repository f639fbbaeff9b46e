#!/usr/bin/env bash
# Installs Orion on a Debian or Ubuntu server, or upgrades it to a newer release without losing a request.
set -euo pipefail

usage() {
  cat <<'USAGE'
usage: deploy/deploy.sh DEST [options]

DEST is the ssh destination; log in as root, or as a user who can run sudo without a password. SSH_CONFIG=FILE passes ssh -F FILE.

  --env-file FILE   the settings (docs/settings.md), copied to /etc/orion/orion.env. Required for the first deployment; later
                    deployments keep the settings if you omit it
  --url URL         verify the deployment at its public address (https) instead of the server's local address
  --listen ADDRESS  the address to listen on; PORT in the settings is the port. Default for the first deployment: 127.0.0.1, for a
                    proxy or a tunnel on the server. 0.0.0.0 or :: means all addresses
  --archive FILE    deploy an archive created by deploy/publish.sh, instead of the commit of this clone
  --current         deploy the running release again, with different settings
  --dry-run         check, show what would be done, and change nothing
  --rollback        return to the previous release
  --status          show what is running; exit code 1 if it is not ready
  --history         list all deployments, successful and failed

On the server, the script checks the new release (orion doctor), migrates the database, changes the link /opt/orion/current, replaces the
process while systemd keeps the port open, and verifies the result. If a step fails, it restores the previous release. The server keeps
the last five releases. Exit codes: 0 success, 1 failure, 2 invalid arguments.
USAGE
}

die() { echo "deploy.sh: $*" >&2; exit 1; }
misused() { echo "deploy.sh: $*. See: deploy/deploy.sh --help" >&2; exit 2; }

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
dest='' env_file='' url='' listen='' archive='' again='' dry_run='' action=deploy
while (($#)); do
  case $1 in
    --env-file | --url | --listen | --archive)
      [[ -n ${2:-} ]] || misused "$1 needs a value"
      case $1 in
        --env-file) env_file=$2 ;;
        --url) url=$2 ;;
        --listen) listen=$2 ;;
        --archive) archive=$2 ;;
      esac
      shift
      ;;
    --dry-run) dry_run=1 ;;
    --current) again=1 ;;
    --rollback | --status | --history) [[ $action == deploy ]] || misused 'specify only one action'; action=${1#--} ;;
    --help | -h) usage; exit 0 ;;
    -*) misused "unknown option $1" ;;
    *) [[ -z $dest ]] || misused 'specify only one server'; dest=$1 ;;
  esac
  shift
done
[[ -n $dest ]] || misused 'specify the server'
if [[ $action != deploy ]]; then
  [[ -z $env_file$archive$listen$again ]] || misused "--$action does not accept --env-file, --archive, --current or --listen"
  [[ -z $dry_run || $action == rollback ]] || misused "--dry-run is not needed: --$action changes nothing"
fi
[[ -z $archive || -z $again ]] || misused 'specify either --archive or --current'
# A token never goes over plain HTTP to another machine.
[[ -z $url || $url =~ ^https://[^/[:space:]]+/?$ || $url =~ ^http://(127\.0\.0\.1|localhost)(:[0-9]+)?/?$ ]] ||
  misused '--url must be an address such as https://chat-api.example.com'
[[ -z $listen || $listen =~ ^[0-9]+(\.[0-9]+){3}$ || $listen =~ ^\[?[0-9a-fA-F]*:[0-9a-fA-F:]*\]?$ ]] ||
  misused '--listen must be an address of the server, such as 127.0.0.1, without a port'
[[ $listen != *:* || $listen == \[* ]] || listen="[$listen]"
[[ -z $env_file || -r $env_file && -f $env_file ]] || die "$env_file cannot be read. Nothing was changed."
[[ -z $archive || -r $archive && -f $archive ]] || die "$archive cannot be read. Nothing was changed."

# Detects a dead connection, and never prompts.
ssh=(ssh -o BatchMode=yes -o ConnectTimeout=15 -o ServerAliveInterval=5 -o ServerAliveCountMax=6)
[[ -z ${SSH_CONFIG:-} ]] || ssh+=(-F "$SSH_CONFIG")

quote() { printf "'%s' " "${1//\'/\'\\\'\'}"; }

# Runs server.sh on the server as root. The login shell must be POSIX-compatible.
on_server() {
  local words='' word
  for word in bash -c "$(<"$root/deploy/server.sh")" server.sh "$@"; do words+=$(quote "$word"); done
  "${ssh[@]}" "$dest" "if [ \"\$(id -u)\" -eq 0 ]; then exec $words; else exec sudo -n $words; fi"
}

fact() { sed -n "s/^$1=//p" <<<"$2"; }

# 255 is the exit code of ssh itself.
not_done() {
  [[ $1 -ne 255 ]] || echo 'deploy.sh: the connection was lost. The server completes the step in progress: check --status, or run this command again.' >&2
  exit 1
}

who=$(id -un)@$(uname -n)
case $action in
  status | history)
    on_server "$action" </dev/null || exit 1
    exit
    ;;
  rollback)
    if [[ -n $dry_run ]]; then
      facts=$(on_server look '' '' "$url" </dev/null) || die "$dest cannot be reached."
      [[ -z $(fact error "$facts") ]] || die "$(fact error "$facts")"
      before=$(fact before "$facts")
      echo "Would roll back from $(fact current "$facts") to ${before:-nothing: there is no previous release}."
      exit
    fi
    on_server rollback "$url" "$who" </dev/null || not_done $?
    exit
    ;;
esac

# ---- Check the settings, the release and the server ------------------------------------------------------------------------------

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
if [[ -n $env_file ]]; then
  reason=$(bash "$root/deploy/server.sh" check-settings "$(cd "$(dirname "$env_file")" && pwd)/$(basename "$env_file")") ||
    die "$env_file cannot be sent: $reason. Nothing was changed."
  # Removes the byte order mark that some editors add.
  (umask 077 && LC_ALL=C sed "1s/^$(printf '\357\273\277')//" "$env_file" >"$stage/orion.env")
fi

if [[ -n $again ]]; then
  release=''
elif [[ -n $archive ]]; then
  release=$(tar -xzOf "$archive" ./RELEASE 2>/dev/null) || die "$archive is not a release archive of deploy/publish.sh. Nothing was changed."
else
  command -v dotnet >/dev/null || die 'the .NET SDK is required to build a release. To deploy an existing release, use --archive.'
  git -C "$root" rev-parse HEAD >/dev/null 2>&1 || die 'this folder is not a git clone. To deploy an existing release, use --archive.'
  release=$(bash "$root/deploy/publish.sh" --name) || die 'this clone cannot be deployed. Nothing was changed.'
fi
name=''
if [[ -z $again ]]; then
  name=$(fact version "$release")-$(fact commit "$release")
  [[ $name =~ ^[0-9A-Za-z.+-]+-[0-9a-f]+$ ]] || die "the release has an invalid name ($name). Nothing was changed."
fi

facts=$(on_server look "$name" "$listen" "$url" </dev/null) || die "$dest cannot be reached over ssh as root or as a user with sudo. Nothing was changed."
[[ -z $(fact error "$facts") ]] || die "$(fact error "$facts") Nothing was changed."
if [[ -n $again ]]; then
  name=$(fact current "$facts")
  [[ -n $name ]] || die "Orion is not deployed on $dest. Nothing was changed."
  facts=$(on_server look "$name" "$listen" "$url" </dev/null) || die "$dest cannot be reached. Nothing was changed."
fi
[[ $url != https:* || $(fact certificates "$facts") == yes ]] ||
  die "$dest has no CA certificates to verify $url (apt-get install ca-certificates). Nothing was changed."
case $(fact machine "$facts") in
  x86_64) rid=linux-x64 ;;
  aarch64) rid=linux-arm64 ;;
  *) die "$dest has the architecture $(fact machine "$facts"), which is not supported. Nothing was changed." ;;
esac
[[ -z $archive || $(fact rid "$release") == "$rid" ]] || die "$archive is for $(fact rid "$release"), and $dest is $rid. Nothing was changed."
[[ -n $env_file || $(fact settings "$facts") == yes ]] ||
  die "$dest has no settings yet: specify them with --env-file FILE (see .env.example). Nothing was changed."

echo "$name to $dest ($rid), currently running: $(fact current "$facts" | grep . || echo none)"
if [[ -n $dry_run ]]; then
  [[ -n $(fact current "$facts") ]] || echo '  would create the user, folders and systemd units'
  if [[ $(fact shipped "$facts") == yes ]]; then
    echo '  the release is already on the server'
  else
    how='build and copy it'
    [[ -z $archive ]] || how="copy $archive"
    echo "  would $how to /opt/orion/releases/$name ($(($(fact free "$facts") >> 20)) MiB free)"
  fi
  if [[ -n $env_file ]]; then echo "  would write $env_file to /etc/orion/orion.env"; else echo '  would keep the settings'; fi
  echo "  would run orion doctor, migrate, replace the process on ${listen:-$(fact listen "$facts")}," \
    "and verify ${url:-the local address}"
  echo 'Nothing was changed.'
  exit
fi

# ---- Build, copy, deploy ---------------------------------------------------------------------------------------------------------

sum='' bytes=0
if [[ $(fact shipped "$facts") != yes ]]; then
  if [[ -z $archive ]]; then
    echo '  building the release; this takes a minute or two'
    archive=$(bash "$root/deploy/publish.sh" "$rid" "$stage") || die 'the release could not be built. Nothing was changed.'
  fi
  ln -s "$(cd "$(dirname "$archive")" && pwd)/$(basename "$archive")" "$stage/release.tar.gz"
  sum=$(sha256sum "$stage/release.tar.gz" | cut -d ' ' -f 1)
  bytes=$(wc -c <"$stage/release.tar.gz")
fi
parts=()
for part in orion.env release.tar.gz; do [[ ! -e $stage/$part ]] || parts+=("$part"); done
# Sends an empty archive if there is nothing to send.
tar -C "$stage" -chf - -T <(printf '%s\n' ${parts[@]+"${parts[@]}"}) | on_server deploy "$name" "$sum" "$bytes" "$listen" "$url" "$who" || not_done $?
