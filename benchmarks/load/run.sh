#!/usr/bin/env bash
# Compares Orion, every protection on, with the bare handler beside this file, on one PostgreSQL of its own, and prints a table in
# Markdown. Needs the .NET SDK, PostgreSQL's server programs and wrk; installs the last two where it may.
#
#   benchmarks/load/run.sh            # some ten minutes
#   benchmarks/load/run.sh --quick    # about a minute: fewer rows, shorter and fewer runs
#
# Figures are medians; a ratio is Orion's figure over the bare handler's, from runs that alternate.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

sessions=1000000 seconds=8 rounds=5
[[ ${1:-} == --quick ]] && sessions=100000 seconds=2 rounds=3

install() {
  if [[ $(id -u) -ne 0 ]] || ! command -v apt-get >/dev/null; then
    echo "Install $1 first (apt-get install $1)." >&2
    exit 1
  fi
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$1" >/dev/null
}

programs() { local folder; for folder in /usr/lib/postgresql/*/bin ${PATH//:/ }; do [[ -x $folder/initdb && -x $folder/postgres ]] && echo "$folder" && return; done; return 1; }

command -v wrk >/dev/null || install wrk
bin=$(programs) || { install postgresql; bin=$(programs); }

folder=$(mktemp -d)
chmod 755 "$folder"
pids=()
as_user=()
if [[ $(id -u) -eq 0 ]]; then
  as_user=(setpriv --reuid nobody --regid nogroup --clear-groups)
fi
stop() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  "${as_user[@]}" "$bin/pg_ctl" -D "$folder/postgres/data" -m immediate stop >/dev/null 2>&1 || true
  rm -rf "$folder"
}
trap stop EXIT

# ---- PostgreSQL, as it comes, but for durability that would measure the disk ------------------------------------------------------
mkdir "$folder/postgres"
[[ ${#as_user[@]} -eq 0 ]] || chown nobody "$folder/postgres"
"${as_user[@]}" "$bin/initdb" -D "$folder/postgres/data" -U orion -A trust -E UTF8 --locale=C --no-sync >/dev/null
port=$((20000 + RANDOM % 20000))
"${as_user[@]}" "$bin/pg_ctl" -D "$folder/postgres/data" -w -l "$folder/postgres/log" \
  -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$folder/postgres -c synchronous_commit=off -c shared_buffers=512MB -c max_wal_size=4GB" start >/dev/null
sql() { "$bin/psql" -q -X -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$port" -U orion -d orion_core "$@"; }
"$bin/psql" -q -X -h 127.0.0.1 -p "$port" -U orion -d postgres -c "CREATE DATABASE orion_core"

# ---- Orion and the bare handler ----------------------------------------------------------------------------------------------------
dotnet publish src/Orion.Api --configuration Release --output "$folder/orion" --nologo -v quiet
dotnet publish src/Orion.Cli --configuration Release --output "$folder/cli" --nologo -v quiet
dotnet publish benchmarks/load/Orion.Bare --configuration Release --output "$folder/bare" --nologo -v quiet
secret=$(od -An -N64 -tx1 /dev/urandom | tr -d ' \n')
orion_url=http://127.0.0.1:$((port + 1)) bare_url=http://127.0.0.1:$((port + 2))

settings=(
  ASPNETCORE_ENVIRONMENT=Production ORION_ENV_FILE=none ORION_SHARED_JWT_SECRET="$secret" JWT_ISSUER=https://chat.example.com
  AUTHORIZED_USER_EMAIL=owner@example.com ALLOWED_ORIGINS=https://chat.example.com REQUIRE_HTTPS=false
  RATE_LIMIT_MAX_REQUESTS=100000000 DATABASE_URL="postgresql://orion@127.0.0.1:$port/orion_core"
  Logging__LogLevel__Default=Warning ASPNETCORE_URLS="$orion_url"
)
start_orion() {
  env "${settings[@]}" dotnet "$folder/orion/Orion.Api.dll" >"$folder/orion.log" 2>&1 &
  orion=$!
  pids+=("$orion")
}
wait_for() { for _ in $(seq 600); do [[ $(curl -s -o /dev/null -w '%{http_code}' "$1") == "${2:-200}" ]] && return; sleep 0.05; done; cat "$folder"/*.log >&2; exit 1; }
start_orion
wait_for "$orion_url/health/ready"

# ---- Rows --------------------------------------------------------------------------------------------------------------------------
sql <<SQL
INSERT INTO authorized_users SELECT gen_random_uuid(), 'pages@example.com', 'granted', now(), NULL, to_timestamp(0);
CREATE TEMP VIEW rows AS SELECT id AS owner FROM authorized_users;
INSERT INTO sessions (owner_id, id, title, first_message, last_message, message_count, metadata, created_at, updated_at, version, tokens_valid_from)
SELECT owner, gen_random_uuid(), 'Chat ' || n, 'How do I ' || n || '?', 'Like this: ' || repeat('so ', 20), 2, '{"model":"a"}', at, at, 3, to_timestamp(0)
FROM (
  SELECT md5((n / 100)::text)::uuid AS owner, n, now() - n * interval '1 second' AS at FROM generate_series(1, $sessions) n
  UNION ALL SELECT (SELECT id FROM authorized_users WHERE email = 'owner@example.com'), n, now() - n * interval '1 minute' FROM generate_series(1, 20) n
  UNION ALL SELECT (SELECT id FROM authorized_users WHERE email = 'pages@example.com'), n, now() - n * interval '1 minute' FROM generate_series(1, 20100) n
) all_rows;
SQL
sql -c "ANALYZE" -c "CHECKPOINT"
env ASPNETCORE_URLS="$bare_url" dotnet "$folder/bare/Orion.Bare.dll" "Host=127.0.0.1;Port=$port;Username=orion;Database=orion_core" "$secret" >"$folder/bare.log" 2>&1 &
pids+=("$!")
wait_for "$bare_url/" 401 # It, too, wants a token.

token() { env "${settings[@]}" dotnet "$folder/cli/orion.dll" token mint --user "$1" --expires 12h; }
owner=$(token owner@example.com)
pages=$(token pages@example.com)
session=$(curl -fsS -X POST -H "Authorization: Bearer $pages" -H 'Content-Type: application/json' -d '{"title":"Long"}' "$orion_url/api/sessions" | sed 's/.*"sessionId":"\([^"]*\)".*/\1/')
sql -c "INSERT INTO messages SELECT owner_id, id, n, gen_random_uuid(), 'user', 'Message ' || n, '{}', now() FROM sessions, generate_series(1, 1000) n WHERE id = '$session'" \
    -c "UPDATE sessions SET message_count = 1000 WHERE id = '$session'"

# ---- Runs --------------------------------------------------------------------------------------------------------------------------
cat >"$folder/request.lua" <<'LUA'
wrk.method = os.getenv("METHOD")
wrk.body = os.getenv("BODY")
wrk.headers["Authorization"] = "Bearer " .. os.getenv("TOKEN")
if wrk.body ~= "" then wrk.headers["Content-Type"] = "application/json" end
done = function(summary, latency)
  io.write(string.format("FIGURES %.1f %.3f %d\n", summary.requests / summary.duration * 1e6, latency:percentile(99) / 1000, summary.errors.status))
end
LUA
# prints: requests/s, p99 in ms
load() { METHOD=$1 BODY=$3 TOKEN=$4 wrk -t1 -c16 -d"${5:-$seconds}s" -s "$folder/request.lua" "$2" | sed -n 's/^FIGURES //p'; }
median() { sort -n | awk '{v[NR] = $1} END {print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2}'; }
spread() { sort -n | awk '{v[NR] = $1} END {printf "%.0f–%.0f", v[1], v[NR]}'; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN {printf "%.2f", a / b}'; }

echo "Measured on $(nproc) cores, $(sed -n 's/^model name\s*: //p' /proc/cpuinfo | head -1), $sessions sessions of others, $rounds runs of $seconds s each (medians)."
echo
echo '| work | against | Orion, requests/s (spread) | other, requests/s (spread) | ratio | p99 ratio |'
echo '|---|---|---|---|---|---|'

# compare NAME AGAINST METHOD BODY TOKEN URL-A URL-B [TOKEN-B]
compare() {
  : >"$folder/a"; : >"$folder/b"
  load "$3" "$6" "$4" "$5" 2 >/dev/null; load "$3" "$7" "$4" "${8:-$5}" 2 >/dev/null
  for _ in $(seq "$rounds"); do
    load "$3" "$6" "$4" "$5" >>"$folder/a"
    load "$3" "$7" "$4" "${8:-$5}" >>"$folder/b"
  done
  local a b
  a=$(cut -d' ' -f1 "$folder/a" | median) b=$(cut -d' ' -f1 "$folder/b" | median)
  printf '| %s | %s | %.0f (%s) | %.0f (%s) | %s | %s |\n' "$1" "$2" \
    "$a" "$(cut -d' ' -f1 "$folder/a" | spread)" "$b" "$(cut -d' ' -f1 "$folder/b" | spread)" "$(ratio "$a" "$b")" \
    "$(ratio "$(cut -d' ' -f2 "$folder/a" | median)" "$(cut -d' ' -f2 "$folder/b" | median)")"
}

page() { # the cursor of page $1 of 20
  local cursor=''
  for _ in $(seq 2 "$1"); do
    cursor=$(curl -fsS -H "Authorization: Bearer $pages" "$orion_url/api/sessions?limit=20${cursor:+&cursor=$cursor}" | sed 's/.*"nextCursor":"\([^"]*\)".*/\1/')
  done
  echo "$orion_url/api/sessions?limit=20&cursor=$cursor"
}

# shellcheck disable=SC2016 # Backquotes of Markdown.
compare '`GET /api/sessions/list`, 20 own sessions' 'bare handler' GET '' "$owner" "$orion_url/api/sessions/list" "$bare_url/api/sessions/list"
p99=$(cut -d' ' -f2 "$folder/a" | median)
compare '401 for an invalid token' 'bare handler' GET '' "${owner%?????}AAAAA" "$orion_url/api/sessions/list" "$bare_url/api/sessions/list"
compare 'page 1,000 of a list' 'its page 2' GET '' "$pages" "$(page 1000)" "$(page 2)"
compare 'append to a session of 1,000 messages' 'bare handler' POST '{"role":"user","content":"Hello there, how are you?"}' "$pages" \
  "$orion_url/api/sessions/$session/messages" "$bare_url/api/sessions/$session/messages"
# shellcheck disable=SC2016 # Backquotes of Markdown.
compare '`POST /api/sessions` with a title' 'bare handler' POST '{"title":"A chat"}' "$pages" "$orion_url/api/sessions" "$bare_url/api/sessions"

echo
echo "p99 of the list: $p99 ms. Resident memory of Orion after this load: $(awk '/VmRSS/ {printf "%.0f", $2 / 1024}' "/proc/$orion/status") MiB."

for _ in 1 2 3; do
  kill "$orion" 2>/dev/null || true
  wait "$orion" 2>/dev/null || true
  began=$(date +%s%N)
  start_orion
  until [[ $(curl -s -o /dev/null -w '%{http_code}' "$orion_url/health") == 200 ]]; do sleep 0.01; done
  echo $((($(date +%s%N) - began) / 1000000))
  # This loop is a process of its own, whose servers stop() does not know.
  kill "$orion"
done | median | sed "s/^/Process start to the first 200 of health, in ms: /"
