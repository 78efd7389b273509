#!/usr/bin/env bash
# Against a system that `docker compose up --wait` has started: signs in through the frontend, runs a job, looks
# whether Prometheus sees every role.
set -euo pipefail
cd "$(dirname "$0")"
url=http://127.0.0.1:${RAVENMQ_FRONTEND_PORT:-3000}

password=$(docker compose exec --no-TTY api cat /secrets/admin-password)
token=$(curl --fail --silent --show-error "$url/auth/login" --header 'content-type: application/json' \
  --data "{\"username\":\"admin\",\"password\":\"$password\"}" | sed 's/.*"token":"\([^"]*\)".*/\1/')
curl --fail --silent --show-error --output /dev/null "$url/ui/jobs/"

job=$(curl --fail --silent --show-error "$url/jobs/" --header "authorization: Bearer $token" \
  --header 'content-type: application/json' \
  --data '{"name":"smoke","type":"http","payload":{"url":"http://127.0.0.1:1/"},"max_retries":0}' |
  sed 's/.*"id":"\([^"]*\)".*/\1/')
# The worker refuses private addresses: a job that fails at once shows that submission, claim and finish work.
for _ in $(seq 60); do
  if curl --fail --silent "$url/jobs/$job" --header "authorization: Bearer $token" | grep --quiet '"status":"failed"'; then
    ended=yes
    break
  fi
  sleep 1
done
[ "${ended:-}" = yes ] || { echo "the job did not end within a minute" >&2; exit 1; }

if [ -n "$(docker compose ps --quiet prometheus)" ]; then
  for role in api scheduler predictor worker frontend; do
    timeout 60 sh -c "until curl --silent --get 'http://127.0.0.1:${RAVENMQ_PROMETHEUS_PORT:-9090}/api/v1/query' \
      --data-urlencode 'query=ravenmq_build_info{role=\"$role\"}' | grep --quiet '\"role\":\"$role\"'; do sleep 2; done"
  done
fi
echo "all well"
