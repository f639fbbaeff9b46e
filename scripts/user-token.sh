#!/usr/bin/env bash
# Prints a user token for the service that runs here, made with openssl alone.
#
#   curl -H "Authorization: Bearer $(scripts/user-token.sh)" http://localhost:3002/api/me
#   scripts/user-token.sh you@example.com 300     # for whom, and for how many seconds
#
# Reads ORION_SHARED_JWT_SECRET, or the secret that a first start in Development made; JWT_ISSUER and JWT_AUDIENCE where set.
# The secret is on openssl's command line for a moment: on a machine that you share, let the frontend's server mint tokens.
set -euo pipefail

secret_file="${ORION_DATA_DIR:-.orion}/shared-jwt-secret"
secret="${ORION_SHARED_JWT_SECRET:-$(cat "$secret_file" 2>/dev/null || true)}"
[[ -n $secret ]] || { echo "user-token.sh: no secret: set ORION_SHARED_JWT_SECRET, or start Orion once so that $secret_file is there." >&2; exit 1; }

base64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }

now=$(date +%s)
header=$(printf '{"alg":"HS256","typ":"JWT"}' | base64url)
claims=$(printf '{"iss":"%s","aud":"%s","sub":"%s","iat":%d,"exp":%d}' \
  "${JWT_ISSUER:-http://localhost:3000}" "${JWT_AUDIENCE:-orion-core}" "${1:-${AUTHORIZED_USER_EMAIL:-you@example.com}}" \
  "$now" "$((now + ${2:-300}))" | base64url)
key=$(printf '%s' "$secret" | od -An -v -tx1 | tr -d ' \n')
signature=$(printf '%s.%s' "$header" "$claims" | openssl dgst -binary -sha256 -mac HMAC -macopt "hexkey:$key" | base64url)
printf '%s.%s.%s\n' "$header" "$claims" "$signature"
