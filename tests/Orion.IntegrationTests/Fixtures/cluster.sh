# shellcheck shell=sh
# Keeps one private PostgreSQL: takes commands on standard input and answers each with one line. When standard input ends, because
# the test run is over or was killed, it ends the server and removes its folder: nothing is left behind, whatever happened.
# usage: sh cluster.sh BIN BASE, with the superuser's password in ORION_CLUSTER_PASSWORD
set -u
umask 077
trap '' INT TERM HUP
bin=$1
folder=$(mktemp -d "$2/orion-postgres.XXXXXX") || { echo "failed: no folder can be made in $2"; exit 1; }
data=$folder/data

answer() {
  if [ "$1" -eq 0 ]; then echo ok; else echo "failed: $(tail -n 20 "$folder/log" 2>/dev/null | tr '\n' ' ')"; fi
}

# The postmaster first, so that it starts no further process meanwhile.
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

printf '%s\n' "$ORION_CLUSTER_PASSWORD" >"$folder/password"
unset ORION_CLUSTER_PASSWORD
"$bin/initdb" -D "$data" -U orion --pwfile="$folder/password" -A scram-sha-256 -E UTF8 --locale=C --no-sync >"$folder/log" 2>&1 </dev/null
made=$?
rm -f "$folder/password"
[ "$made" -eq 0 ] && cat >>"$data/postgresql.conf" <<CONF
listen_addresses = '127.0.0.1'
unix_socket_directories = '$folder'
max_connections = 200
fsync = off
full_page_writes = off
CONF
answer "$made"

while [ "$made" -eq 0 ] && read -r command port; do
  case $command in
    start) "$bin/pg_ctl" -D "$data" -w -t 60 -l "$folder/log" -o "-p $port" start >/dev/null 2>&1 </dev/null ;;
    stop) "$bin/pg_ctl" -D "$data" -w -t 60 -m fast stop >/dev/null 2>&1 </dev/null ;;
    freeze) signal_all STOP ;;
    thaw) signal_all CONT ;;
    *) false ;;
  esac
  answer $?
done

signal_all CONT 2>/dev/null
"$bin/pg_ctl" -D "$data" -w -t 30 -m immediate stop >/dev/null 2>&1 </dev/null
rm -rf "$folder"
