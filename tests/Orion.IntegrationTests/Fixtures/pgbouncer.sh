#!/bin/sh
# Runs PgBouncer in transaction mode. When standard input ends, it stops PgBouncer and deletes its folder.
# usage: sh pgbouncer.sh PROGRAM BASE PORT DATABASE_PORT POOL_SIZE USER, with the user's password in ORION_BOUNCER_PASSWORD
set -u
umask 077
trap '' INT TERM HUP
folder=$(mktemp -d "$2/orion-pgbouncer.XXXXXX") || { echo "failed: cannot create a folder in $2"; exit 1; }
printf '"%s" "%s"\n' "$6" "$ORION_BOUNCER_PASSWORD" >"$folder/users"
unset ORION_BOUNCER_PASSWORD
cat >"$folder/pgbouncer.ini" <<CONF
[databases]
* = host=127.0.0.1 port=$4
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = $3
unix_socket_dir =
auth_type = scram-sha-256
auth_file = $folder/users
pool_mode = transaction
default_pool_size = $5
max_client_conn = 200
logfile = $folder/log
CONF
"$1" -q "$folder/pgbouncer.ini" >/dev/null 2>&1 </dev/null &
bouncer=$!
echo ok

while read -r _; do :; done
kill -TERM "$bouncer" 2>/dev/null
wait "$bouncer"
rm -rf "$folder"
