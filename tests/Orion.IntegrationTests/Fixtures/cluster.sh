# shellcheck shell=sh
# Runs a private PostgreSQL server. Reads commands from standard input and prints one line for each. When standard input ends, because the
# test run has finished or was killed, it stops the server and deletes its folder.
# usage: sh cluster.sh BIN BASE [PRIMARY_PORT], with the superuser's password in ORION_CLUSTER_PASSWORD. With the port of a primary, the server
# is its streaming replica.
set -u
umask 077
trap '' INT TERM HUP
bin=$1
folder=$(mktemp -d "$2/orion-postgres.XXXXXX") || { echo "failed: cannot create a folder in $2"; exit 1; }
data=$folder/data

report() {
  if [ "$1" -eq 0 ]; then echo ok; else echo "failed: $(tail -n 20 "$folder/log" 2>/dev/null | tr '\n' ' ')"; fi
}

# Signals the postmaster first, so that it does not start another process in the meantime.
signal_all() {
  postmaster=$(head -n 1 "$data/postmaster.pid" 2>/dev/null) || return 1
  kill "-$1" "$postmaster" || return 1
  for stat in /proc/[0-9]*/stat; do
    read -r line 2>/dev/null <"$stat" || continue
    rest=${line##*) }
    parent=${rest#* }
    [ "${parent%% *}" = "$postmaster" ] && kill "-$1" "${line%% *}" 2>/dev/null
  done
  return 0
}

if [ -n "${3:-}" ]; then
  PGPASSWORD=$ORION_CLUSTER_PASSWORD "$bin/pg_basebackup" -D "$data" -h 127.0.0.1 -p "$3" -U orion -c fast -X stream -R --no-sync \
    >"$folder/log" 2>&1 </dev/null
  made=$?
else
  printf '%s\n' "$ORION_CLUSTER_PASSWORD" >"$folder/password"
  "$bin/initdb" -D "$data" -U orion --pwfile="$folder/password" -A scram-sha-256 -E UTF8 --locale=C --no-sync >"$folder/log" 2>&1 </dev/null
  made=$?
  rm -f "$folder/password"
fi

unset ORION_CLUSTER_PASSWORD
[ "$made" -eq 0 ] && cat >>"$data/postgresql.conf" <<CONF
listen_addresses = '127.0.0.1'
unix_socket_directories = '$folder'
max_connections = 200
fsync = off
full_page_writes = off
CONF
report "$made"

while [ "$made" -eq 0 ] && read -r command port; do
  case $command in
    start) "$bin/pg_ctl" -D "$data" -w -t 60 -l "$folder/log" -o "-p $port" start >/dev/null 2>&1 </dev/null ;;
    promote) "$bin/pg_ctl" -D "$data" -w -t 60 promote >/dev/null 2>&1 </dev/null ;;
    stop) "$bin/pg_ctl" -D "$data" -w -t 60 -m fast stop >/dev/null 2>&1 </dev/null ;;
    kill) signal_all KILL ;;
    freeze) signal_all STOP ;;
    thaw) signal_all CONT ;;
    *) false ;;
  esac
  report $?
done

signal_all CONT 2>/dev/null
"$bin/pg_ctl" -D "$data" -w -t 30 -m immediate stop >/dev/null 2>&1 </dev/null
rm -rf "$folder"
