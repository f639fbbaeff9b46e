#!/usr/bin/env bash
# Compares Orion, with every protection enabled, with a minimal implementation (Orion.Bare in this folder), with an empty app (Orion.Empty)
# and with itself, on a private PostgreSQL server. Also measures its memory, its first start on SQLite, and streams of replies with a model
# that Orion.Replies in this folder simulates. Prints three Markdown tables. Needs the .NET SDK, PostgreSQL's server programs, wrk and curl;
# installs the last three if it runs as root.
#
#   benchmarks/load/run.sh            # takes less than 15 minutes on an idle machine, and several GB of disk space
#   benchmarks/load/run.sh --quick    # takes about 3 minutes on an idle machine: fewer rows, shorter and fewer runs, no figure of allocations;
#                                     # detects only large regressions
#   benchmarks/load/run.sh --replies  # takes 4 minutes: only the table of the replies
#   benchmarks/load/run.sh --instances  # takes 4 minutes: only one and two instances, directly and through HAProxy, which it installs, too
#
# Each server is under load for 30 s (5 s with --quick) before its rates are measured, because .NET compiles the code in use again
# meanwhile. The figures of the first table and of the starts are medians of alternating runs; the others come from one run. A ratio is
# Orion's figure divided by the other figure. On a busy machine, only the ratios are meaningful, and only approximately. Writes go to
# sessions of a user whose lists are not measured.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

quick='' sessions=1000000 many=2000000 few=10000 heavy_sessions=35520 warm=30 settle=2 seconds=4 rounds=5 memory_seconds=60 starts=9 replies_seconds=10
[[ ${1:-} == --quick ]] && quick=1 sessions=100000 many=200000 warm=5 settle=1 seconds=1 rounds=3 memory_seconds=3 starts=3 replies_seconds=3

# shellcheck source=scripts/programs.sh
source scripts/programs.sh
missing=()
command -v wrk >/dev/null || missing+=(wrk)
command -v curl >/dev/null || missing+=(curl)
postgres_programs >/dev/null || missing+=(postgresql)
[[ ${#missing[@]} -eq 0 ]] || install_packages "${missing[@]}"
bin=$(postgres_programs)

folder=$(mktemp -d)
chmod 755 "$folder"
stop() {
  # Each server writes its process id to a file, because subshells start some of them.
  for pid in "$folder"/*.pid; do [[ -e $pid ]] && kill "$(<"$pid")" 2>/dev/null; done || true
  stop_postgres "$bin" "$folder/postgres"
  rm -rf "$folder"
}
trap stop EXIT

# ---- PostgreSQL, with more memory than by default, and without waiting for the disk, which would be measured otherwise -------------
port=$((20000 + RANDOM % 20000))
start_postgres "$bin" "$folder/postgres" "$port" synchronous_commit=off shared_buffers=512MB max_wal_size=4GB
sql() { local database=$1; shift; "$bin/psql" -q -X -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$port" -U orion -d "$database" "$@"; }
sql postgres -c "CREATE DATABASE orion_core" -c "CREATE DATABASE orion_small" -c "CREATE DATABASE orion_replies"

# ---- Orion, the bare handler and the empty app -------------------------------------------------------------------------------------
publish() { dotnet publish "$1" --configuration Release --output "$folder/$2" --nologo -v quiet "${@:3}"; }
publish src/Orion.Api orion --use-current-runtime --self-contained false -p:PublishReadyToRun=true
publish src/Orion.Cli cli
[[ ${1:-} == --instances ]] || publish benchmarks/load/Orion.Replies replies
orion_url=http://127.0.0.1:$((port + 1)) bare_url=http://127.0.0.1:$((port + 2)) small_url=http://127.0.0.1:$((port + 3)) empty_url=http://127.0.0.1:$((port + 4))
replies_url=http://127.0.0.1:$((port + 5)) model_url=http://127.0.0.1:$((port + 6))

secret=$(od -An -N64 -tx1 /dev/urandom | tr -d ' \n')
settings=(
  ASPNETCORE_ENVIRONMENT=Production ORION_ENV_FILE=none ORION_SHARED_JWT_SECRET="$secret" JWT_ISSUER=https://chat.example.com
  AUTHORIZED_USER_EMAIL=owner@example.com ALLOWED_ORIGINS=https://chat.example.com REQUIRE_HTTPS=false
  RATE_LIMIT_MAX_REQUESTS=100000000 Logging__LogLevel__Default=Warning
)
on() { echo "DATABASE_URL=postgresql://orion@127.0.0.1:$port/$1"; }

# start NAME URL DLL [ENVIRONMENT … -- ARGUMENTS …]
start() {
  local name=$1 url=$2 dll=$3 environment=()
  shift 3
  while [[ $# -gt 0 && $1 != -- ]]; do environment+=("$1"); shift; done
  [[ $# -eq 0 ]] || shift
  env "${environment[@]}" ASPNETCORE_URLS="$url" dotnet "$folder/$dll" "$@" >"$folder/$name.log" 2>&1 &
  echo $! >"$folder/$name.pid"
}
end() { local pid; pid=$(<"$folder/$1.pid"); kill "$pid"; while kill -0 "$pid" 2>/dev/null; do sleep 0.02; done; rm "$folder/$1.pid"; }
wait_for() { for _ in $(seq 3000); do [[ $(curl -s -o /dev/null -w '%{http_code}' "$1") == "${2:-200}" ]] && return; sleep 0.01; done; cat "$folder"/*.log >&2; exit 1; }
# token EMAIL [DATABASE]: prints a token of a user
token() { env "${settings[@]}" "$(on "${2:-orion_core}")" dotnet "$folder/cli/orion.dll" token mint --user "$1" --expires 12h; }
# allow DATABASE USER …: authorizes users
allow() { local user; for user in "${@:2}"; do sql "$1" -c "INSERT INTO authorized_users SELECT gen_random_uuid(), '$user@example.com', 'granted', now(), NULL, to_timestamp(0)"; done; }
# target FIGURE SIGN BOUND
target() { awk -v a="$1" -v sign="$2" -v b="$3" 'BEGIN {printf "%s %s %s", sign, b, ((sign == "≥" && a >= b) || (sign == "≤" && a <= b)) ? "✓" : "missed"}'; }

# own DATABASE EMAIL COUNT: creates sessions of an authorized user
own() {
  sql "$1" -c "
    INSERT INTO sessions (owner_id, id, title, first_message, last_message, message_count, metadata, created_at, updated_at, version, indexed_version, tokens_valid_from)
    SELECT id, gen_random_uuid(), 'Chat ' || n, 'How do I ' || n || '?', 'Like this: ' || repeat('so ', 20), 2, '{\"model\":\"a\"}',
           now() - n * interval '1 minute', now() - n * interval '1 minute', 3, 3, to_timestamp(0) FROM authorized_users, generate_series(1, $3) n WHERE email = '$2'"
}

cat >"$folder/request.lua" <<'LUA'
wrk.method = os.getenv("METHOD")
wrk.body = os.getenv("BODY")
wrk.headers["Authorization"] = "Bearer " .. os.getenv("TOKEN")
if wrk.body ~= "" then wrk.headers["Content-Type"] = "application/json" end
done = function(summary, latency)
  io.write(string.format("FIGURES %.1f %.3f %d\n", summary.requests / summary.duration * 1e6, latency:percentile(99) / 1000, summary.errors.status))
end
LUA
# Prints requests/s and p99 in ms.
load() { METHOD=$1 BODY=$3 TOKEN=$4 wrk -t1 -c16 -d"${5:-$seconds}s" -s "$folder/request.lua" "$2" | sed -n 's/^FIGURES //p'; }
median() { sort -n | awk '{v[NR] = $1} END {print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2}'; }
spread() { sort -n | awk '{v[NR] = $1} END {printf "%.0f–%.0f", v[1], v[NR]}'; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN {printf "%.2f", a / b}'; }

machine="$(nproc) cores, $(sed -n 's/^model name\s*: //p' /proc/cpuinfo | head -1), .NET $(dotnet --version), PostgreSQL $("$bin/postgres" --version | awk '{print $3}')"

# ---- Replies -----------------------------------------------------------------------------------------------------------------------
# Ten users with 20 streams each.
replies() {
  local user tokens=() streams rate median p99 load cost transactions rows memory
  start replies "$replies_url" orion/Orion.Api.dll "${settings[@]}" "$(on orion_replies)" \
    MODEL_URL="$model_url/v1" MODEL_NAMES=simulated REPLIES_PER_USER=20
  wait_for "$replies_url/health/ready"
  allow orion_replies user{0..9}
  for user in {0..9}; do tokens+=("$(token "user$user@example.com" orion_replies)"); done

  echo
  echo "| streams | tokens/s | latency of a token, median, ms | p99, ms | Orion's processor time, % of a core | µs/token |" \
    "transactions/s | rows written/s | memory for each further stream, KiB |"
  echo '|---|---|---|---|---|---|---|---|---|'
  ASPNETCORE_URLS=$model_url dotnet "$folder/replies/Orion.Replies.dll" "$replies_url" "$(<"$folder/replies.pid")" \
    "Host=127.0.0.1;Port=$port;Username=orion;Database=orion_replies" "$warm" "$replies_seconds" "${tokens[@]}" >"$folder/figures"
  end replies
  {
    read -r streams rate median p99 _
    printf '| %.0f, without Orion | %.0f | %s | %s | | | | | |\n' "$streams" "$rate" "$median" "$p99"
    while read -r streams rate median p99 load cost transactions rows memory; do
      printf '| %.0f | %.0f | %s | %s | %.0f | %.0f | %.0f | %.0f | %s |\n' "$streams" "$rate" "$median" "$p99" "$load" "$cost" \
        "$transactions" "$rows" "$( ((${streams%.*} < 200)) || printf %.0f "$memory")"
    done
  } <"$folder/figures"
  tail -1 "$folder/figures" | {
    read -r _ _ median p99 _ _ _ _ memory
    echo "| target with 200 | | $(target "$median" ≤ 30) | $(target "$p99" ≤ 150) | | | | | $(target "$memory" ≤ 200) |"
  }
}
if [[ ${1:-} == --replies ]]; then
  echo "Measured on $machine."
  replies
  exit
fi

# ---- One and two instances -----------------------------------------------------------------------------------------------------------
# start_haproxy PORT INSTANCES: starts HAProxy with the project's configuration, without TLS, in front of one or two instances.
start_haproxy() {
  sed -E "s#^ +log /dev/log.*#    log stdout format raw local0 warning#; /^ +(user|group|chroot|stats|log-format) /d
    s#bind .*#bind 127.0.0.1:$1#; s#:3002#:$((port + 1))#; s#:3003#:$((port + 3))#$([[ $2 == 2 ]] || echo '; /server b/d')" \
    deploy/haproxy/haproxy.cfg >"$folder/haproxy$2.cfg"
  PATH=$PATH:/usr/sbin haproxy -db -f "$folder/haproxy$2.cfg" >"$folder/haproxy$2.log" 2>&1 &
  echo $! >"$folder/haproxy$2.pid"
  wait_for "http://127.0.0.1:$1/health/ready"
}
instances() {
  local one=http://127.0.0.1:$((port + 7)) two=http://127.0.0.1:$((port + 8)) name method body user path url file
  for name in orion small; do
    url=${name}_url
    start "$name" "${!url}" orion/Orion.Api.dll "${settings[@]}" "$(on orion_core)"
    wait_for "${!url}/health/ready"
  done
  allow orion_core writer
  own orion_core owner@example.com 20
  start_haproxy $((port + 7)) 1
  start_haproxy $((port + 8)) 2

  echo
  echo '| work | one instance, requests/s (spread) | one behind HAProxy | two behind HAProxy |'
  echo '|---|---|---|---|'
  while read -r method body user path name; do
    user=$(token "$user@example.com")
    [[ $body != - ]] || body=''
    for url in "$orion_url" "$small_url"; do load "$method" "$url$path" "$body" "$user" $((warm / 2)) >/dev/null; done
    for file in a b c; do : >"$folder/$file"; done
    for _ in $(seq "$rounds"); do
      load "$method" "$orion_url$path" "$body" "$user" >>"$folder/a"
      load "$method" "$one$path" "$body" "$user" >>"$folder/b"
      load "$method" "$two$path" "$body" "$user" >>"$folder/c"
    done
    printf '| %s |' "$name"
    for file in a b c; do
      printf ' %.0f (%s) |' "$(cut -d' ' -f1 "$folder/$file" | median)" "$(cut -d' ' -f1 "$folder/$file" | spread)"
    done
    echo
  done <<'WORK'
GET - owner /api/sessions/list `GET /api/sessions/list`, 20 own sessions
POST {"title":"Chat"} writer /api/sessions `POST /api/sessions` with a title
WORK
}
if [[ ${1:-} == --instances ]]; then
  PATH=$PATH:/usr/sbin command -v haproxy >/dev/null || install_packages haproxy
  echo "Measured on $machine; $rounds alternating runs of $seconds s each; load average before them $(cut -d' ' -f1 /proc/loadavg)."
  instances
  exit
fi

publish benchmarks/load/Orion.Bare bare
publish benchmarks/load/Orion.Empty empty
[[ $quick ]] || publish benchmarks/Orion.Benchmarks parts
start_orion() { start orion "$orion_url" orion/Orion.Api.dll "${settings[@]}" "$(on orion_core)"; }
start_orion
start small "$small_url" orion/Orion.Api.dll "${settings[@]}" "$(on orion_small)"
wait_for "$orion_url/health/ready"
wait_for "$small_url/health/ready"

# ---- Rows --------------------------------------------------------------------------------------------------------------------------
# fill DATABASE FROM TO: creates sessions of other users with the numbers FROM to TO
fill() {
  sql "$1" -c "
    INSERT INTO sessions (owner_id, id, title, first_message, last_message, message_count, metadata, created_at, updated_at, version, indexed_version, tokens_valid_from)
    SELECT md5((n / 100)::text)::uuid, gen_random_uuid(), 'Chat ' || n, 'How do I ' || n || '?', 'Like this: ' || repeat('so ', 20), 2, '{\"model\":\"a\"}',
           now() - n * interval '1 second', now() - n * interval '1 second', 3, 3, to_timestamp(0) FROM generate_series($2, $3) n"
}
allow orion_core pages heavy writer large
fill orion_core 1 "$sessions"
fill orion_small 1 "$few"
own orion_core owner@example.com 20
own orion_core pages@example.com 20100
own orion_core heavy@example.com "$heavy_sessions"
own orion_small owner@example.com 20
sql orion_core -c "VACUUM ANALYZE"
sql orion_small -c "VACUUM ANALYZE" -c CHECKPOINT
start bare "$bare_url" bare/Orion.Bare.dll -- "Host=127.0.0.1;Port=$port;Username=orion;Database=orion_core" "$secret"
wait_for "$bare_url/" 401 # The bare handler also needs a token.

owner=$(token owner@example.com)
forged=${owner%?????}AAAAA
pages=$(token pages@example.com)
heavy=$(token heavy@example.com)
writer=$(token writer@example.com)
large=$(token large@example.com)
# session TOKEN COUNT TEXT: creates a session with messages of the SQL expression TEXT, and prints its id
session() {
  local id
  id=$(curl -fsS -X POST -H "Authorization: Bearer $1" -H 'Content-Type: application/json' -d '{"title":"Long"}' "$orion_url/api/sessions" | sed 's/.*"sessionId":"\([^"]*\)".*/\1/')
  sql orion_core -c "INSERT INTO messages SELECT owner_id, id, n, gen_random_uuid(), 'user', $3, '{}', now() FROM sessions, generate_series(1, $2) n WHERE id = '$id'" \
      -c "UPDATE sessions SET message_count = $2 WHERE id = '$id'"
  echo "$id"
}
session=$(session "$writer" 1000 "'Message ' || n")
large_session=$(session "$large" 60 "repeat('0123456789', 8000)")

# ---- Runs --------------------------------------------------------------------------------------------------------------------------
echo "Measured on $machine; $sessions sessions of other users; $rounds alternating runs of $seconds s each."
echo
echo '| work | compared with | Orion, requests/s (spread) | other, requests/s (spread) | ratio | p99 ratio | target |'
echo '|---|---|---|---|---|---|---|'

# warm_up URL: all requests that are compared
warm_up() {
  local time=$((warm / 5))
  load GET "$1/api/sessions/list" '' "$owner" "$time" >/dev/null
  load GET "$1/api/sessions/list" '' "$forged" "$time" >/dev/null
  load GET "$1/api/sessions?limit=20" '' "$pages" "$time" >/dev/null
  load POST "$1/api/sessions" "$create" "$writer" "$time" >/dev/null
  load POST "$1/api/sessions/$session/messages" "$append" "$writer" "$time" >/dev/null
}

# compare NAME AGAINST LEAST-RATIO METHOD BODY TOKEN URL-A URL-B [TOKEN-B]
compare() {
  : >"$folder/a"; : >"$folder/b"
  load "$4" "$7" "$5" "$6" "$settle" >/dev/null; load "$4" "$8" "$5" "${9:-$6}" "$settle" >/dev/null
  for _ in $(seq "$rounds"); do
    load "$4" "$7" "$5" "$6" >>"$folder/a"
    load "$4" "$8" "$5" "${9:-$6}" >>"$folder/b"
  done
  local a b tail
  tail=$(ratio "$(cut -d' ' -f2 "$folder/a" | median)" "$(cut -d' ' -f2 "$folder/b" | median)")
  a=$(cut -d' ' -f1 "$folder/a" | median) b=$(cut -d' ' -f1 "$folder/b" | median)
  printf '| %s | %s | %.0f (%s) | %.0f (%s) | %s | %s | %s, p99 %s |\n' "$1" "$2" \
    "$a" "$(cut -d' ' -f1 "$folder/a" | spread)" "$b" "$(cut -d' ' -f1 "$folder/b" | spread)" "$(ratio "$a" "$b")" "$tail" \
    "$(target "$(ratio "$a" "$b")" ≥ "$3")" "$(target "$tail" ≤ 1.3)"
}

# Prints the URL of page 1,000, with 20 sessions per page. A cursor does not depend on the limit, so 111 pages of 180 lead there.
page_1000() {
  local cursor=''
  for _ in $(seq 111); do
    cursor=$(curl -fsS -H "Authorization: Bearer $pages" "$orion_url/api/sessions?limit=180${cursor:+&cursor=$cursor}" | sed 's/.*"nextCursor":"\([^"]*\)".*/\1/')
  done
  echo "$orion_url/api/sessions?limit=20&cursor=$cursor"
}

create='{"title":"A chat"}' append='{"role":"user","content":"Hello there, how are you?"}'
for url in "$orion_url" "$bare_url"; do warm_up "$url"; done
load GET "$small_url/api/sessions/list" '' "$owner" "$warm" >/dev/null

# shellcheck disable=SC2016 # The backquotes are Markdown.
{
  compare '`GET /api/sessions/list`, 20 own sessions' 'bare handler' 0.90 GET '' "$owner" "$orion_url/api/sessions/list" "$bare_url/api/sessions/list"
  compare '401 for an invalid token' 'bare handler' 0.85 GET '' "$forged" "$orion_url/api/sessions/list" "$bare_url/api/sessions/list"
  compare 'append to a session of 1,000 messages' 'bare handler' 0.80 POST "$append" "$writer" \
    "$orion_url/api/sessions/$session/messages" "$bare_url/api/sessions/$session/messages"
  compare '`POST /api/sessions` with a title' 'bare handler' 0.70 POST "$create" "$writer" "$orion_url/api/sessions" "$bare_url/api/sessions"
  compare 'page 1,000 of a list' 'its page 1' 0.90 GET '' "$pages" "$(page_1000)" "$orion_url/api/sessions?limit=20"
  compare "\`limit=20\` of $heavy_sessions own sessions" '20 own sessions' 0.90 GET '' "$heavy" \
    "$orion_url/api/sessions?limit=20" "$orion_url/api/sessions?limit=20" "$owner"
}
end bare

# Recreating the indexes is faster than updating them for each new row.
definitions=$(sql orion_core -t -A -c "SELECT indexdef || ';' FROM pg_indexes WHERE tablename = 'sessions' AND indexname LIKE 'ix_%'")
sql orion_core -c "$(sql orion_core -t -A -c "SELECT 'DROP INDEX ' || indexname || ';' FROM pg_indexes WHERE tablename = 'sessions' AND indexname LIKE 'ix_%'")"
fill orion_core "$((sessions + 1))" "$many"
sql orion_core -c "SET maintenance_work_mem = '1GB'" -c "$definitions"
sql orion_core -c "VACUUM ANALYZE" -c CHECKPOINT
compare "list among $many sessions" "among $few" 0.90 GET '' "$owner" "$orion_url/api/sessions/list" "$small_url/api/sessions/list"
end small

echo
echo '| what | Orion | other | ratio | target |'
echo '|---|---|---|---|---|'
: >"$folder/a"; : >"$folder/b"; : >"$folder/c"
end orion
# timed FILE NAME URL COMMAND …: starts the server NAME with the command, and adds the milliseconds until the URL returns 200 to the file
timed() {
  local began file=$1 name=$2 url=$3
  began=$(date +%s%N)
  "${@:4}"
  wait_for "$url"
  echo $((($(date +%s%N) - began) / 1000000)) >>"$folder/$file"
  end "$name"
}
start_on_sqlite() {
  rm -rf "$folder/sqlite"
  start sqlite "$orion_url" orion/Orion.Api.dll "${settings[@]}" DATABASE_URL=sqlite:orion.db ORION_DATA_DIR="$folder/sqlite"
}
for _ in $(seq "$starts"); do
  timed a orion "$orion_url/health/ready" start_orion
  timed b empty "$empty_url/health" start empty "$empty_url" empty/Orion.Empty.dll
  timed c sqlite "$orion_url/health/ready" start_on_sqlite
done
a=$(median <"$folder/a") b=$(median <"$folder/b") c=$(median <"$folder/c")
# shellcheck disable=SC2016 # The backquotes are Markdown.
printf '| process start to the first 200 of `/health/ready`, PostgreSQL, ms (an empty app) | %s | %s | %s | %s |\n' \
  "$a" "$b" "$(ratio "$a" "$b")" "$(target "$(ratio "$a" "$b")" ≤ 2.0)"
printf '| the same, first start in an empty SQLite folder, ms | %s | | | %s |\n' "$c" "$(target "$c" ≤ 3000)"

rss() { awk '/VmRSS/ {printf "%.0f", $2 / 1024}' "/proc/$(<"$folder/orion.pid")/status"; }
start_orion
wait_for "$orion_url/health/ready"
load GET "$orion_url/api/sessions/list" '' "$owner" "$memory_seconds" >/dev/null
load POST "$orion_url/api/sessions" "$create" "$writer" "$memory_seconds" >/dev/null
load POST "$orion_url/api/sessions/$session/messages" "$append" "$writer" "$memory_seconds" >/dev/null
memory=$(rss)
printf '| resident memory after %s s each of lists, creates and appends, MiB | %s | | | %s |\n' "$memory_seconds" "$memory" "$(target "$memory" ≤ 150)"

# 90 readers of 4 MiB responses, and 10 that read 240 bytes/s.
before=$(load GET "$orion_url/api/sessions/list" '' "$owner" | cut -d' ' -f1)
messages="$orion_url/api/sessions/$large_session/messages?limit=1000"
readers=()
for _ in $(seq 10); do
  curl -s --limit-rate 240 -o /dev/null -H "Authorization: Bearer $large" "$messages" & readers+=($!)
done
METHOD=GET BODY='' TOKEN=$large wrk -t1 -c90 -d"$((seconds + warm / 3 + 2))s" -s "$folder/request.lua" "$messages" >/dev/null & readers+=($!)
sleep $((warm / 3))
during=$(load GET "$orion_url/api/sessions/list" '' "$owner" | cut -d' ' -f1)
memory=$(rss)
kill "${readers[@]}" 2>/dev/null || true
printf '| small lists while 100 clients read 4 MiB responses, requests/s (without them) | %.0f | %.0f | %s | %s |\n' \
  "$during" "$before" "$(ratio "$during" "$before")" "$(target "$(ratio "$during" "$before")" ≥ 0.5)"
printf '| resident memory meanwhile, MiB | %s | | | %s |\n' "$memory" "$(target "$memory" ≤ 300)"
if [[ ! $quick ]]; then
  allocated=$(ORION_BENCHMARK_DATABASE="postgresql://orion@127.0.0.1:$port/orion_small" dotnet "$folder/parts/Orion.Benchmarks.dll" allocated | tail -1)
  allocated=$(awk -v bytes="$allocated" 'BEGIN {printf "%.1f", bytes / 1024}')
  printf '| allocated for a list of 20 sessions, KiB | %s | | | %s |\n' "$allocated" "$(target "$allocated" ≤ 40)"
fi
end orion
replies
