#!/usr/bin/env bash
# Puts Orion onto a bare Debian or Ubuntu server, or a newer release in the place of the one there, so that no request is lost.
set -euo pipefail

usage() {
  cat <<'USAGE'
usage: deploy/deploy.sh DEST [options]

DEST is the server, as ssh takes it; root, or somebody who may sudo without a password. SSH_CONFIG=FILE is passed as ssh -F FILE.

  --env-file FILE   the settings (docs/settings.md); they go to /etc/orion/orion.env. Needed the first time; without it they stay
  --url URL         verify the deployment at its public address (https), instead of through the server itself
  --listen ADDRESS  listen there, on PORT of the settings; the first time 127.0.0.1, for a proxy or a tunnel on the server.
                    0.0.0.0 or :: is every address
  --archive FILE    deploy an archive that deploy/publish.sh made, instead of this clone's commit
  --current         deploy what is running there again, with other settings
  --dry-run         look, say what would be done, and change nothing
  --rollback        back to the release before
  --status          what is running there; exit code 1 where it is not ready
  --history         the deployments, good and bad

On the server the new release is looked at (orion doctor), the database is migrated, the link /opt/orion/current is renamed, the process
is exchanged while systemd holds its port, and the result is verified. Where one of it fails the release before is put back. The last
five releases stay. Exit codes: 0 done, 1 not done, 2 not understood.
USAGE
}

die() { echo "deploy.sh: $*" >&2; exit 1; }
misused() { echo "deploy.sh: $*. See: deploy/deploy.sh --help" >&2; exit 2; }

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
dest='' env_file='' url='' listen='' archive='' again='' dry_run='' action=deploy
while (($#)); do
  case $1 in
    --env-file | --url | --listen | --archive)
      [[ -n ${2:-} ]] || misused "$1 wants a value"
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
    --rollback | --status | --history) [[ $action == deploy ]] || misused 'one action at a time'; action=${1#--} ;;
    --help | -h) usage; exit 0 ;;
    -*) misused "$1 is no option" ;;
    *) [[ -z $dest ]] || misused 'one server at a time'; dest=$1 ;;
  esac
  shift
done
[[ -n $dest ]] || misused 'name the server'
if [[ $action != deploy ]]; then
  [[ -z $env_file$archive$listen$again ]] || misused "--$action takes no --env-file, --archive, --current or --listen"
  [[ -z $dry_run || $action == rollback ]] || misused "--$action changes nothing by itself"
fi
[[ -z $archive || -z $again ]] || misused 'either --archive or --current'
# A token never goes over plain HTTP to another machine.
[[ -z $url || $url =~ ^https://[^/[:space:]]+/?$ || $url =~ ^http://(127\.0\.0\.1|localhost)(:[0-9]+)?/?$ ]] ||
  misused '--url is an address such as https://chat-api.example.com'
[[ -z $listen || $listen =~ ^[0-9]+(\.[0-9]+){3}$ || $listen =~ ^\[?[0-9a-fA-F]*:[0-9a-fA-F:]*\]?$ ]] ||
  misused '--listen is an address of the server, such as 127.0.0.1, without a port'
[[ $listen != *:* || $listen == \[* ]] || listen="[$listen]"
[[ -z $env_file || -r $env_file && -f $env_file ]] || die "$env_file cannot be read. Nothing was changed."
[[ -z $archive || -r $archive && -f $archive ]] || die "$archive cannot be read. Nothing was changed."

# A connection that died is noticed; nothing is asked for.
ssh=(ssh -o BatchMode=yes -o ConnectTimeout=15 -o ServerAliveInterval=5 -o ServerAliveCountMax=6)
[[ -z ${SSH_CONFIG:-} ]] || ssh+=(-F "$SSH_CONFIG")

quote() { printf "'%s' " "${1//\'/\'\\\'\'}"; }

# Runs server.sh there, as root; the login shell is one of POSIX.
on_server() {
  local words='' word
  for word in bash -c "$(<"$root/deploy/server.sh")" server.sh "$@"; do words+=$(quote "$word"); done
  "${ssh[@]}" "$dest" "if [ \"\$(id -u)\" -eq 0 ]; then exec $words; else exec sudo -n $words; fi"
}

fact() { sed -n "s/^$1=//p" <<<"$2"; }

# 255 is ssh's own.
not_done() {
  [[ $1 -ne 255 ]] || echo 'deploy.sh: the connection broke off. What had begun is being ended on the server: see --status, or run this again.' >&2
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
      echo "Would go back from $(fact current "$facts") to ${before:-nothing: there is no release before}."
      exit
    fi
    on_server rollback "$url" "$who" </dev/null || not_done $?
    exit
    ;;
esac

# ---- Look first, here and there --------------------------------------------------------------------------------------------------

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
if [[ -n $env_file ]]; then
  reason=$(bash "$root/deploy/server.sh" check-settings "$(cd "$(dirname "$env_file")" && pwd)/$(basename "$env_file")") ||
    die "$env_file cannot be sent: $reason. Nothing was changed."
  # Without the byte-order mark that some editors put in front of it.
  (umask 077 && LC_ALL=C sed "1s/^$(printf '\357\273\277')//" "$env_file" >"$stage/orion.env")
fi

if [[ -n $again ]]; then
  release=''
elif [[ -n $archive ]]; then
  release=$(tar -xzOf "$archive" ./RELEASE 2>/dev/null) || die "$archive is no release of deploy/publish.sh. Nothing was changed."
else
  command -v dotnet >/dev/null || die 'the .NET SDK is needed to make a release; or deploy one that is made, with --archive.'
  git -C "$root" rev-parse HEAD >/dev/null 2>&1 || die 'this is no clone, so there is no commit to deploy: take a release that is made, with --archive.'
  release=$(bash "$root/deploy/publish.sh" --name) || die 'this clone cannot be deployed. Nothing was changed.'
fi
name=''
if [[ -z $again ]]; then
  name=$(fact version "$release")-$(fact commit "$release")
  [[ $name =~ ^[0-9A-Za-z.+-]+-[0-9a-f]+$ ]] || die "the release has no proper name ($name). Nothing was changed."
fi

facts=$(on_server look "$name" "$listen" "$url" </dev/null) || die "$dest cannot be reached over ssh as root, or as somebody who may sudo. Nothing was changed."
[[ -z $(fact error "$facts") ]] || die "$(fact error "$facts") Nothing was changed."
if [[ -n $again ]]; then
  name=$(fact current "$facts")
  [[ -n $name ]] || die "there is no Orion on $dest. Nothing was changed."
  facts=$(on_server look "$name" "$listen" "$url" </dev/null) || die "$dest cannot be reached. Nothing was changed."
fi
[[ $url != https:* || $(fact certificates "$facts") == yes ]] ||
  die "$dest knows no certificates to verify $url with (apt-get install ca-certificates). Nothing was changed."
case $(fact machine "$facts") in
  x86_64) rid=linux-x64 ;;
  aarch64) rid=linux-arm64 ;;
  *) die "$dest is a $(fact machine "$facts"), for which there is no .NET. Nothing was changed." ;;
esac
[[ -z $archive || $(fact rid "$release") == "$rid" ]] || die "$archive is for $(fact rid "$release"), and $dest is $rid. Nothing was changed."
[[ -n $env_file || $(fact settings "$facts") == yes ]] ||
  die "$dest has no settings yet: give them with --env-file FILE (.env.example shows what is needed). Nothing was changed."

echo "$name to $dest ($rid), where $(fact current "$facts" | sed 's/$/ runs/' | grep -v '^ ' || echo 'no Orion is')"
if [[ -n $dry_run ]]; then
  [[ -n $(fact current "$facts") ]] || echo '  would make user, folders and systemd units'
  if [[ $(fact shipped "$facts") == yes ]]; then
    echo '  the release is there already'
  else
    how='publish it and ship it'
    [[ -z $archive ]] || how="ship $archive"
    echo "  would $how to /opt/orion/releases/$name, where $(($(fact free "$facts") >> 20)) MiB are free"
  fi
  if [[ -n $env_file ]]; then echo "  would write $env_file to /etc/orion/orion.env"; else echo '  would keep the settings'; fi
  echo "  would look (orion doctor), migrate, exchange the process on ${listen:-$(fact listen "$facts")}," \
    "and verify ${url:-it through the server itself}"
  echo 'Nothing was changed.'
  exit
fi

# ---- Publish, ship, exchange -----------------------------------------------------------------------------------------------------

sum='' bytes=0
if [[ $(fact shipped "$facts") != yes ]]; then
  if [[ -z $archive ]]; then
    echo '  publishing, a minute or two'
    archive=$(bash "$root/deploy/publish.sh" "$rid" "$stage") || die 'it could not be published. Nothing was changed.'
  fi
  ln -s "$(cd "$(dirname "$archive")" && pwd)/$(basename "$archive")" "$stage/release.tar.gz"
  sum=$(sha256sum "$stage/release.tar.gz" | cut -d ' ' -f 1)
  bytes=$(wc -c <"$stage/release.tar.gz")
fi
parts=()
for part in orion.env release.tar.gz; do [[ ! -e $stage/$part ]] || parts+=("$part"); done
# With nothing to send an empty archive.
tar -C "$stage" -chf - -T <(printf '%s\n' ${parts[@]+"${parts[@]}"}) | on_server deploy "$name" "$sum" "$bytes" "$listen" "$url" "$who" || not_done $?
