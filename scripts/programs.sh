# Functions that find or install the programs of tests and benchmarks, and start PostgreSQL.
# shellcheck shell=bash

# Prints the folder of PostgreSQL's server programs. Fails if there are none.
postgres_programs() {
  local folder
  for folder in /usr/lib/postgresql/*/bin ${PATH//:/ } /usr/pgsql-*/bin /usr/local/pgsql/bin /opt/homebrew/opt/postgresql*/bin /usr/local/opt/postgresql*/bin; do
    [[ -x $folder/initdb && -x $folder/pg_ctl && -x $folder/postgres ]] && echo "$folder" && return
  done
  return 1
}

# install_packages PACKAGE…: installs Debian's packages as root, without their services and without the default cluster of PostgreSQL.
install_packages() {
  if [[ $(id -u) -ne 0 ]] || ! command -v apt-get >/dev/null; then
    echo "Install these packages first: apt-get install $*" >&2
    return 1
  fi
  echo "Installing Debian's packages: $*." >&2
  mkdir -p /etc/postgresql-common/createcluster.d
  echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.d/orion-tests.conf
  apt-get update -q >/dev/null
  # RUNLEVEL=1 prevents the services of the packages from starting.
  DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -q --no-install-recommends "$@" >/dev/null
}

# PostgreSQL does not run as root.
unprivileged=()
[[ $(id -u) -ne 0 ]] || unprivileged=(setpriv --reuid nobody --regid nogroup --clear-groups --)

# start_postgres PROGRAMS FOLDER PORT SETTING…: starts a new server on loopback, with the superuser orion. The folder must not exist.
start_postgres() {
  local programs=$1 folder=$2 options="-p $3 -c listen_addresses=127.0.0.1 -c unix_socket_directories=$2" setting
  for setting in "${@:4}"; do options+=" -c $setting"; done
  mkdir "$folder"
  [[ ${#unprivileged[@]} -eq 0 ]] || chown nobody "$folder"
  # The server's user may not be able to enter the current folder.
  (
    cd /
    "${unprivileged[@]}" "$programs/initdb" -D "$folder/data" -U orion -A trust -E UTF8 --locale=C --no-sync >/dev/null
    "${unprivileged[@]}" "$programs/pg_ctl" -D "$folder/data" -w -l "$folder/log" -o "$options" start >/dev/null
  )
}

# stop_postgres PROGRAMS FOLDER
stop_postgres() { "${unprivileged[@]}" "$1/pg_ctl" -D "$2/data" -m immediate stop >/dev/null 2>&1 || true; }
