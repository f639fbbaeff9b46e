# shellcheck shell=sh
# Runs a streaming replica of a private PostgreSQL server. Reads commands from standard input and prints one line for each. When standard
# input ends, it stops the replica and deletes its folder.
# usage: sh replica.sh BIN BASE PRIMARY_PORT PORT, with the superuser's password in PGPASSWORD
set -u
umask 077
trap '' INT TERM HUP
bin=$1
folder=$(mktemp -d "$2/orion-replica.XXXXXX") || { echo "failed: cannot create a folder in $2"; exit 1; }
data=$folder/data

report() {
  if [ "$1" -eq 0 ]; then echo ok; else echo "failed: $(tail -n 20 "$folder/log" 2>/dev/null | tr '\n' ' ')"; fi
}

"$bin/pg_basebackup" --pgdata="$data" --host=127.0.0.1 --port="$3" --username=orion --checkpoint=fast --wal-method=stream --write-recovery-conf \
  --no-sync >"$folder/log" 2>&1 </dev/null &&
  printf "unix_socket_directories = '%s'\nsynchronous_standby_names = ''\n" "$folder" >>"$data/postgresql.auto.conf" &&
  "$bin/pg_ctl" -D "$data" -w -t 60 -l "$folder/log" -o "-p $4" start >/dev/null 2>&1 </dev/null
report $?

while read -r command; do
  case $command in
    promote) "$bin/pg_ctl" -D "$data" -w -t 60 promote >>"$folder/log" 2>&1 </dev/null ;;
    *) false ;;
  esac
  report $?
done

"$bin/pg_ctl" -D "$data" -w -t 30 -m immediate stop >/dev/null 2>&1 </dev/null
rm -rf "$folder"
