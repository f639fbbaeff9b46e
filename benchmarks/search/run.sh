#!/usr/bin/env bash
# Measures GET /api/search for an owner with 1,000,000 messages among 10,000,000 messages of others, on PostgreSQL, and what the search index
# adds to an append and to the disk. Prints Markdown tables. Uses a private PostgreSQL server. Needs the .NET SDK, PostgreSQL's server programs,
# wrk and curl; installs the last three if it runs as root.
#
#   benchmarks/search/run.sh            # about 60 GB of disk space, and an hour on an idle machine with 2 cores
#   benchmarks/search/run.sh 100000     # a tenth of it
#
# The data is in benchmarks/search/fill.sql. Latencies are those of a client with one connection, over HTTP. Each request has another random
# query. Requests of the warm-up are not counted.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
own=${1:-1000000}
warm=20 seconds=15 rounds=5

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
  [[ ! -e $folder/orion.pid ]] || kill "$(<"$folder/orion.pid")" 2>/dev/null || true
  stop_postgres "$bin" "$folder/postgres"
  rm -rf "$folder"
}
trap stop EXIT

port=$((20000 + RANDOM % 20000))
start_postgres "$bin" "$folder/postgres" "$port" fsync=off shared_buffers=1GB max_wal_size=8GB maintenance_work_mem=1GB
sql() { "$bin/psql" -q -X -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$port" -U orion -d orion_core "$@"; }
"$bin/createdb" -h 127.0.0.1 -p "$port" -U orion orion_core

export ASPNETCORE_ENVIRONMENT=Production ORION_ENV_FILE=none DATABASE_URL="postgresql://orion@127.0.0.1:$port/orion_core" \
  JWT_ISSUER=https://chat.example.com AUTHORIZED_USER_EMAIL=owner@example.com ALLOWED_ORIGINS=https://chat.example.com REQUIRE_HTTPS=false \
  RATE_LIMIT_MAX_REQUESTS=100000000 Logging__LogLevel__Default=Warning
ORION_SHARED_JWT_SECRET=$(od -An -N64 -tx1 /dev/urandom | tr -d ' \n')
export ORION_SHARED_JWT_SECRET
dotnet publish src/Orion.Cli --configuration Release --output "$folder/cli" --nologo -v quiet
dotnet publish src/Orion.Api --configuration Release --output "$folder/orion" --nologo -v quiet --use-current-runtime --self-contained false -p:PublishReadyToRun=true
orion() { dotnet "$folder/cli/orion.dll" "$@"; }
orion migrate >/dev/null
owner=$(sql -A -t -c "SELECT id FROM authorized_users")
sql -A -t -F ' | ' -v owner="$owner" -v own="$own" -v others=10 -f benchmarks/search/fill.sql >"$folder/sizes"

url=http://127.0.0.1:$((port + 1))
ASPNETCORE_URLS=$url dotnet "$folder/orion/Orion.Api.dll" >"$folder/orion.log" 2>&1 &
echo $! >"$folder/orion.pid"
for _ in $(seq 3000); do [[ $(curl -s -o /dev/null -w '%{http_code}' "$url/health/ready") == 200 ]] && break; sleep 0.1; done
TOKEN=$(orion token mint --user owner@example.com --expires 12h)
export TOKEN

# A line of $ITEMS is the query of a GET, or the body of a POST.
cat >"$folder/request.lua" <<'LUA'
local items, method = {}, os.getenv("METHOD")
for line in io.lines(os.getenv("ITEMS")) do items[#items + 1] = line end
math.randomseed(os.time())
request = function()
  local item = items[math.random(#items)]
  local headers = {Authorization = "Bearer " .. os.getenv("TOKEN")}
  if method == "GET" then return wrk.format("GET", os.getenv("URL_PATH") .. item, headers) end
  headers["Content-Type"] = "application/json"
  return wrk.format(method, os.getenv("URL_PATH"), headers, item)
end
done = function(summary, latency)
  local errors = summary.errors
  io.write(string.format("FIGURES %.2f %.2f %.2f %d %d\n", latency:percentile(50) / 1000, latency:percentile(99) / 1000, latency.max / 1000,
    summary.requests, errors.status + errors.timeout + errors.read + errors.connect))
end
LUA
# load METHOD PATH ITEMS SECONDS: prints the median, the 99th percentile and the maximum in ms, and the numbers of requests and of errors.
load() { METHOD=$1 URL_PATH=$2 ITEMS=$3 wrk -t1 -c1 -d"$4s" --timeout 30s -s "$folder/request.lua" "$url" | sed -n 's/^FIGURES //p'; }

echo "Measured on $(nproc) cores, $(sed -n 's/^model name\s*: //p' /proc/cpuinfo | head -1), .NET $(dotnet --version), PostgreSQL $("$bin/postgres" --version | awk '{print $3}')."
echo
echo '| table or index | size | rows |'
echo '|---|---|---|'
sed 's/^/| /; s/$/ |/' "$folder/sizes"

# ---- Searches ----------------------------------------------------------------------------------------------------------------------
# words FROM TO LENGTH: some of the words with these ranks, cut to a length.
words() {
  sql -A -t -c "
    SELECT DISTINCT left(translate(to_hex((rank * 2654435761) & 4294967295), '0123456789abcdef', 'etaoinshrdlucmfg'), least($3, CASE WHEN rank < 300 THEN 4 ELSE 7 END))
    FROM generate_series($1::bigint, $2::bigint, greatest(1, ($2 - $1) / 500)) AS rank"
}
# In quotes, so that the last word of a query is no beginning.
quoted() { sed 's/.*/%22&%22/' "$1"; }
pairs() { paste -d+ <(quoted "$1" | shuf) <(quoted "$2" | shuf) | grep '%22.*%22.*%22.*%22'; }
words 1 20 9 >"$folder/frequent"
words 300 3000 9 >"$folder/usual"
words 20000 50000 9 >"$folder/rare"
words 100000 200000 9 | sed 's/$/z/' >"$folder/unknown"
for length in 1 2 3 5; do words 1 50000 "$length" >"$folder/beginning$length"; done
pairs "$folder/frequent" "$folder/frequent" >"$folder/two"
pairs "$folder/usual" "$folder/rare" >"$folder/both"
sed 's/%22+%22/+/' "$folder/two" >"$folder/phrase"
for file in frequent usual rare unknown; do quoted "$folder/$file" >"$folder/whole" && mv "$folder/whole" "$folder/$file"; done

echo
echo '| query | median, ms | p99, ms | maximum, ms | requests | target for p99 |'
echo '|---|---|---|---|---|---|'
load GET '/api/search?q=' "$folder/usual" "$warm" >/dev/null
while read -r file bound name; do
  load GET '/api/search?q=' "$folder/$file" 3 >/dev/null
  read -r median p99 max requests errors < <(load GET '/api/search?q=' "$folder/$file" "$seconds")
  [[ $errors == 0 ]] || { echo "$errors requests failed: $name" >&2; exit 1; }
  echo "| $name | $median | $p99 | $max | $requests | $(awk -v a="$p99" -v b="$bound" 'BEGIN {printf "≤ %s %s", b, a <= b ? "✓" : "missed"}') |"
done <<'EOT'
frequent 50 a word of 30 to 95 % of the messages
usual 50 a word of 0.2 to 2 % of the messages
rare 50 a word of about 250 of the owner's messages
unknown 50 a word of no message
two 50 two frequent words
phrase 50 two frequent words next to each other
both 50 a word of 0.2 to 2 % of the messages, and a rare word
beginning1 500 the first letter of a word
beginning2 500 two letters
beginning3 500 three letters
beginning5 500 five letters
EOT

# ---- Appends -----------------------------------------------------------------------------------------------------------------------
# Texts of the same length: words, and punctuation, which has no tokens. Then again without the index on the tokens.
bodies() { sql -A -t -c "SELECT json_build_object('role', 'user', 'content', $1) FROM messages ORDER BY id LIMIT 1000"; }
bodies content >"$folder/words"
bodies "repeat('.', length(content))" >"$folder/dots"
session=$(curl -fsS -X POST -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d '{}' "$url/api/sessions" | sed 's/.*"sessionId":"\([^"]*\)".*/\1/')
path=/api/sessions/$session/messages
# appends LABEL: measures both texts in turn
appends() {
  local text figures
  for text in words dots; do load POST "$path" "$folder/$text" 5 >/dev/null; done
  for _ in $(seq "$rounds"); do
    for text in words dots; do
      figures=$(load POST "$path" "$folder/$text" 5)
      [[ $figures == *' 0' ]] || { echo "Appends failed: $figures" >&2; exit 1; }
      echo "$figures" >>"$folder/$text$1"
    done
  done
}
appends 1
sql -c "DROP INDEX ix_search_documents_tokens"
appends 2
# middle FILE COLUMN: the median of the rounds
middle() { awk -v column="$2" '{print $column}' "$folder/$1" | sort -n | sed -n "$(((rounds + 1) / 2))p"; }
echo
echo '| append of a message | median, ms | p99, ms |'
echo '|---|---|---|'
echo "| of 80 words | $(middle words1 1) | $(middle words1 2) |"
echo "| of the same length without words | $(middle dots1 1) | $(middle dots1 2) |"
echo "| of 80 words, without the index on the tokens | $(middle words2 1) | $(middle words2 2) |"
echo "| of the same length without words, without this index | $(middle dots2 1) | $(middle dots2 2) |"
