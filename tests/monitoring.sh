#!/usr/bin/env bash
# Tests deploy/monitoring. Checks the files with the tools of Prometheus, then starts two instances of the service, Prometheus and
# Alertmanager on loopback, simulates an attack and a model that rejects the key, and checks the alerts that a webhook receives. Prints TAP.
# Needs Node and a build of src/Orion.Api; installs Debian's Prometheus packages if it runs as root. Only addresses and intervals in the configuration files are changed.
# Most functions are called by check and until_true, which shellcheck does not detect. Single quotes contain JavaScript.
# shellcheck disable=SC2317,SC2016,SC2013
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
monitoring=$root/deploy/monitoring
# shellcheck source=tests/tap.sh
source "$root/tests/tap.sh"
# shellcheck source=scripts/programs.sh
source "$root/scripts/programs.sh"
folder=$(mktemp -d)
pids=()

end() {
  local pid
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null; done
  for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null; done
  rm -rf "$folder"
}
trap end EXIT

missing=()
command -v promtool >/dev/null && command -v prometheus >/dev/null || missing+=(prometheus)
command -v amtool >/dev/null && command -v prometheus-alertmanager >/dev/null || missing+=(prometheus-alertmanager)
command -v curl >/dev/null || missing+=(curl)
[[ ${#missing[@]} -eq 0 ]] || install_packages "${missing[@]}"
for program in promtool prometheus amtool prometheus-alertmanager curl node; do
  if ! command -v "$program" >/dev/null; then
    echo "The monitoring tests need $program: apt-get install prometheus prometheus-alertmanager curl nodejs" >&2
    check "the programs are installed" false
    finish
    exit
  fi
done

# --- the files ---------------------------------------------------------------------------------------------------------------------

sed "s#/prometheus/outside/#$folder/outside/#; s#- alerts.yml#- $monitoring/alerts.yml#" "$monitoring/prometheus.yml" >"$folder/check.yml"
check "Prometheus accepts its configuration" promtool check config "$folder/check.yml"
check "Prometheus accepts the rules" promtool check rules --lint=all --lint-fatal "$monitoring/alerts.yml"
check "the rules fire when they should, and only then" promtool test rules "$monitoring/alerts.test.yml"
check "Alertmanager accepts its configuration" amtool check-config "$monitoring/alertmanager.yml"
sed '/webhook_configs:/,$d' "$monitoring/alertmanager.yml" >"$folder/quiet.yml"
check "Alertmanager accepts it without a webhook, as with compose without ALERT_WEBHOOK_URL" amtool check-config "$folder/quiet.yml"

every_alert_is_tested() {
  local alert status=0
  for alert in $(sed -n 's/^ *- alert: //p' "$monitoring/alerts.yml"); do
    [[ $(grep -c "alertname: $alert$" "$monitoring/alerts.test.yml") -gt 0 ]] || { echo "$alert is not tested."; status=1; }
    grep -q "^### Alert: $alert\$" "$root/docs/operations.md" || { echo "docs/operations.md has no section on $alert."; status=1; }
    grep -q "runbook_url: docs/operations.md#alert-${alert,,}\$" "$monitoring/alerts.yml" || { echo "$alert does not link to its section."; status=1; }
  done
  return "$status"
}
check "every alert has a test, and a section in docs/operations.md" every_alert_is_tested

dashboard_is_complete() {
  node -e '
    const dashboard = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"));
    if (dashboard.templating.list[0]?.name !== "instance") throw new Error("The instances cannot be chosen.");
    const ids = dashboard.panels.map(panel => panel.id);
    if (new Set(ids).size !== ids.length) throw new Error("Two panels have the same id.");
    for (const panel of dashboard.panels.filter(panel => panel.type !== "row")) {
      if (!panel.title || !panel.targets?.length || panel.targets.some(target => !target.expr)) throw new Error(`Panel ${panel.id} shows nothing.`);
      // Alerts and the public address have no instance.
      if (panel.targets.some(({ expr }) => !/^(sum\(ALERTS|probe_)/.test(expr) && !expr.includes(`instance=~"$instance"`)))
        throw new Error(`Panel ${panel.id} ignores the chosen instances.`);
      console.log(panel.targets.map(target => target.expr.replaceAll("$__rate_interval", "1m")).join("\n"));
    }' "$monitoring/grafana/dashboards/orion.json" >"$folder/expressions" &&
    # promtool checks expressions only inside rules.
    { echo 'groups: [{name: dashboard, rules: ['; node -e '
      const lines = require("fs").readFileSync(process.argv[1], "utf8").trim().split("\n");
      console.log(lines.map((expr, i) => JSON.stringify({ record: `panel:${i}`, expr })).join(",\n"));' "$folder/expressions"; echo ']}]'; } >"$folder/dashboard.yml" &&
    promtool check rules "$folder/dashboard.yml"
}
check "the dashboard is complete, and Prometheus accepts every query in it" dashboard_is_complete

# --- the monitored service ------------------------------------------------------------------------------------------------------------

mapfile -t ports < <(node -e '
  const { createServer } = require("net");
  const servers = Array.from({ length: 8 }, () => createServer());
  Promise.all(servers.map(server => new Promise(done => server.listen(0, "127.0.0.1", done)))).then(() => {
    for (const server of servers) { console.log(server.address().port); server.close(); }
  });')
service=http://127.0.0.1:${ports[0]} metrics=http://127.0.0.1:${ports[1]} prometheus=http://127.0.0.1:${ports[2]}
service2=http://127.0.0.1:${ports[6]}
secret=$(node -p 'require("crypto").randomBytes(64).toString("hex")')

# A model. It replies until the file "refuse" exists, and then rejects the key.
node -e '
  require("http").createServer((request, response) => {
    request.resume();
    if (require("fs").existsSync(process.argv[2])) return response.writeHead(401, { "Content-Type": "application/json" }).end("{}");
    const event = members => response.write(`data: ${JSON.stringify({ id: "1", object: "chat.completion.chunk", created: 1, model: "m", choices: [], ...members })}\n\n`);
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    event({ choices: [{ index: 0, delta: { content: "yes" }, finish_reason: null }] });
    event({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] });
    event({ usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 } });
    response.end("data: [DONE]\n\n");
  }).listen(Number(process.argv[1]), "127.0.0.1");' "${ports[5]}" "$folder/refuse" >"$folder/model.log" 2>&1 &
pids+=("$!")

# start_service ADDRESS METRICS_PORT DATA: starts an instance. Its database is its own, and there is no Redis at its address.
start_service() {
  mkdir -m 700 "$folder/$3"
  cd "$folder" && exec env ASPNETCORE_ENVIRONMENT=Production ASPNETCORE_URLS="$1" ORION_ENV_FILE=none ORION_DATA_DIR="$folder/$3" \
    ORION_SHARED_JWT_SECRET="$secret" JWT_ISSUER=https://chat.example.com AUTHORIZED_USER_EMAIL=owner@example.com \
    ALLOWED_ORIGINS=https://chat.example.com DATABASE_URL=sqlite:orion.db REQUIRE_HTTPS=false METRICS_PORT="$2" BACKUP_DIR="$folder" \
    MODEL_URL="http://127.0.0.1:${ports[5]}/v1" MODEL_API_KEY=sk-test MODEL_NAMES=test REDIS_URL=redis://127.0.0.1:1 \
    dotnet "$root/src/Orion.Api/bin/Debug/net10.0/Orion.Api.dll"
}
start_service "$service" "${ports[1]}" data >"$folder/orion.log" 2>&1 &
orion=$!
start_service "$service2" "${ports[7]}" data2 >"$folder/orion2.log" 2>&1 &
orion2=$!
pids+=("$orion" "$orion2")

# The webhook. It records the names of the alerts that it receives.
node -e '
  require("http").createServer((request, response) => {
    let body = "";
    request.on("data", part => body += part).on("end", () => {
      for (const alert of JSON.parse(body).alerts) require("fs").appendFileSync(process.argv[2], `${alert.status} ${alert.labels.alertname} ${alert.annotations.runbook_url}\n`);
      response.end();
    });
  }).listen(Number(process.argv[1]), "127.0.0.1");' "${ports[4]}" "$folder/alerts" >"$folder/webhook.log" 2>&1 &
pids+=("$!")

sed 's/group_wait: .*/group_wait: 0s/; s/group_interval: .*/group_interval: 1s/; s#url: .*#url: http://127.0.0.1:'"${ports[4]}"'/#' \
  "$monitoring/alertmanager.yml" >"$folder/alertmanager.yml"
prometheus-alertmanager --config.file="$folder/alertmanager.yml" --storage.path="$folder/alertmanager" --cluster.listen-address= \
  --web.listen-address="127.0.0.1:${ports[3]}" >"$folder/alertmanager.log" 2>&1 &
pids+=("$!")

sed 's/for: 1m$/for: 1s/' "$monitoring/alerts.yml" >"$folder/alerts.yml"
sed "s/: 15s/: 1s/; s/scrape_timeout: .*/scrape_timeout: 1s/; s/api:9464/127.0.0.1:${ports[1]}, 127.0.0.1:${ports[7]}/; s/alertmanager:9093/127.0.0.1:${ports[3]}/
  s#/prometheus/outside/#$folder/outside/#" "$monitoring/prometheus.yml" >"$folder/prometheus.yml"
check "the service starts" until_true 60 curl -sf "$service/health/ready"
check "the second instance starts" until_true 60 curl -sf "$service2/health/ready"
prometheus --config.file="$folder/prometheus.yml" --storage.tsdb.path="$folder/prometheus" --web.listen-address="127.0.0.1:${ports[2]}" \
  >"$folder/prometheus.log" 2>&1 &
pids+=("$!")

# token_of USER
token_of() {
  SECRET=$secret node -e '
    const base64url = value => Buffer.from(JSON.stringify(value)).toString("base64url");
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: "https://chat.example.com", aud: "orion-core", sub: process.argv[1], iat: now, exp: now + 300 };
    const signed = `${base64url({ alg: "HS256", typ: "JWT" })}.${base64url(claims)}`;
    console.log(`${signed}.${require("crypto").createHmac("sha256", process.env.SECRET).update(signed).digest("base64url")}`);' "$1"
}

# ask COUNT: begins a reply in each of COUNT new sessions, and waits until they have ended.
ask() {
  local i session reply
  for ((i = 0; i < $1; i++)); do
    session=$(post /api/sessions '{}' | node -p 'JSON.parse(require("fs").readFileSync(0)).sessionId') || return 1
    reply=$(post "/api/sessions/$session/replies" '{"content": "Reply with one word: yes"}') || return 1
    reply=$(node -p 'JSON.parse(process.argv[1]).replyId' "$reply")
    until_true 20 has_ended "/api/sessions/$session/replies/$reply" || return 1
  done
}
post() { curl -sf -H "Authorization: Bearer $owner" -H 'Content-Type: application/json' -d "$2" "$service$1"; }
has_ended() { curl -sf -H "Authorization: Bearer $owner" "$service$1" | grep -qE '"status":"(completed|failed)"'; }

owner=$(token_of owner@example.com)
check "the model replies" ask 1

# tests/Orion.IntegrationTests covers the metrics that exist only on PostgreSQL. The other names do not belong to Orion.
names_are_real() {
  local name status=0
  curl -sf -o /dev/null "$service/health/live" && curl -sf "$metrics/metrics" >"$folder/scrape" || return 1
  for name in $(grep -ohE '\b(target_info|service_version|(orion|http_server|gen_ai_client|dotnet|kestrel)_[a-z0-9_]+)\b' "$monitoring/alerts.yml" "$folder/expressions" | sort -u); do
    grep -qE "^${name}[{ ]|^target_info\{.*${name}=" "$folder/scrape" || { echo "The service has no $name."; status=1; }
  done
  return "$status"
}
check "the service has every metric in the rules and the dashboard" names_are_real

# asked QUERY: whether the query has a result.
asked() { curl -sfG "$prometheus/api/v1/query" --data-urlencode "query=$1" | grep -q '"value":'; }
check "Prometheus reads the metrics" until_true 30 asked 'count(count_over_time(up{job="orion"}[1m]) > 3 and up{job="orion"} == 1 and orion_origins_refused_total == 0) == 2'
is_quiet() { [[ ! -s $folder/alerts ]]; }
check "there is no alert before the attack" is_quiet

stranger=$(token_of stranger@example.com)
statuses() {
  local i address
  # Neither instance counts enough for an alert.
  for i in {1..8}; do
    for address in "$service" "$service2"; do
      curl -s -o /dev/null -w '%{http_code}\n' -H "Authorization: Bearer forged.$i.token" "$address/api/sessions"
    done
  done
  curl -s -o /dev/null -w '%{http_code}\n' -H 'Origin: https://evil.example' "$service/api/sessions"
  curl -s -o /dev/null -w '%{http_code}\n' -H "Authorization: Bearer $stranger" "$service/api/me"
}
is_rejected() { [[ $(statuses | sort | uniq -c | tr -s ' ' | tr '\n' ',') == " 16 401, 2 403," ]]; }
check "the attack is rejected" is_rejected

received() { grep -q "^firing $1 docs/operations.md#alert-${1,,}\$" "$folder/alerts"; }
for alert in ManyTokensRefused ForeignOrigin NotAuthorized; do
  check "the webhook receives $alert" until_true 30 received "$alert"
done

touch "$folder/refuse"
check "the model rejects the key" ask 4
for alert in ModelRefused RepliesFail; do
  check "the webhook receives $alert" until_true 30 received "$alert"
done

kill "$orion2"
wait "$orion2" 2>/dev/null
check "the webhook receives InstanceDown when one instance ends" until_true 30 received InstanceDown
is_up() { ! grep -q OrionDown "$folder/alerts"; }
check "the service is not down while the other instance runs" is_up
kill "$orion"
wait "$orion" 2>/dev/null
check "the webhook receives OrionDown when all instances end" until_true 30 received OrionDown
nothing_else() { ! grep -vE ' (ManyTokensRefused|ForeignOrigin|NotAuthorized|ModelRefused|RepliesFail|InstanceDown|OrionDown) ' "$folder/alerts"; }
check "the webhook receives no other alert" nothing_else
finish
