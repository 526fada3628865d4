#!/usr/bin/env bash
# Clients that people have, OpenAI's for Node and curl, against a running server of a small model of random weights:
# streams, tools, schemas, a client that leaves, errors. Says what it leaves out. With a word, only the client of that
# name.
set -euo pipefail

RESA_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
TEMP=$(mktemp -d "${TMPDIR:-/tmp}/resa-clients.XXXXXX")
# shellcheck source=tools/serve.sh
. "$RESA_ROOT/tools/serve.sh"
MODEL=tiny
KEY='clients-test'
server=''

clean_up() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  [ -z "$server" ] || wait "$server" 2>/dev/null || true
  rm -rf "$TEMP"
}
trap clean_up EXIT

fail() {
  echo "test-clients: $*" >&2
  exit 1
}

# --- The server -----------------------------------------------------------------------------------------------

start_server() {
  local resources=$RESA_ROOT/runtime/src/test/resources
  mkdir "$TEMP/$MODEL"
  for file in config.json generation_config.json tokenizer.json model.safetensors; do
    cp "$resources/golden/models/qwen2/$file" "$TEMP/$MODEL"
  done
  cp "$resources/chat-templates/qwen3.jinja" "$TEMP/$MODEL/chat_template.jinja"
  echo "$KEY" >"$TEMP/key"
  server_start -m "$TEMP/$MODEL" --api-key-file "$TEMP/key"
}

# --- OpenAI's client for Node -----------------------------------------------------------------------------------

# In a folder of its own: the checkout stays as it is.
node_client() {
  local log="$TEMP/npm.log"
  mkdir "$TEMP/node"
  cp "$RESA_ROOT"/tools/clients/{.npmrc,package.json,package-lock.json,openai.mjs} "$TEMP/node"
  if ! (cd "$TEMP/node" && npm ci --no-audit --no-fund --ignore-scripts >"$log" 2>&1); then
    # As on a machine without a network; of a lock that fits no more CI on one with it says so.
    echo "left out: node (npm cannot fetch OpenAI's client: $(tail -n 1 "$log"))"
    return
  fi
  (cd "$TEMP/node" && node openai.mjs "$URL" "$KEY" "$MODEL") || fail "OpenAI's client for Node failed"
}

# --- curl -------------------------------------------------------------------------------------------------------

said() { echo "curl: $*"; }

# ask KEY BODY ARGUMENT...: the status, and the answer in file body.
ask() {
  local key=$1 body=$2
  shift 2
  curl -sS --max-time 60 -o "$TEMP/body" -w '%{http_code}' -H "Authorization: Bearer $key" \
    -H 'Content-Type: application/json' -d "$body" "$@" "$URL/chat/completions"
}

# is_told STATUS CODE PARAM KEY BODY
is_told() {
  local status
  status=$(ask "$4" "$5")
  [ "$status" = "$1" ] || fail "status $status instead of $1: $(cat "$TEMP/body")"
  grep -q "\"param\":$3,\"code\":\"$2\"" "$TEMP/body" || fail "another error than $2: $(cat "$TEMP/body")"
  said "$status $(cat "$TEMP/body")"
}

# metric NAME: its value.
metric() {
  curl -sS --max-time 10 -H "Authorization: Bearer $KEY" "${URL%/v1}/metrics" |
    awk -v name="$1" '$1 == name { print $2; found = 1 } END { exit !found }'
}

curl_client() {
  local hello='"messages": [{"role": "user", "content": "Hello"}], "temperature": 1' status seed=0 before tries=400 leaver
  # A text in events, each a line of its own, the last of which says that it is done.
  status=$(ask "$KEY" "{\"model\": \"$MODEL\", $hello, \"seed\": 5, \"max_tokens\": 20, \"stream\": true}" -N)
  [ "$status" = 200 ] || fail "status $status: $(cat "$TEMP/body")"
  [ "$(grep -c '^data: {' "$TEMP/body")" -gt 5 ] || fail "few events: $(cat "$TEMP/body")"
  [ "$(grep . "$TEMP/body" | tail -n 1)" = 'data: [DONE]' ] || fail "no end: $(cat "$TEMP/body")"
  grep -q '"finish_reason":"length"' "$TEMP/body" || fail "no reason: $(cat "$TEMP/body")"
  said "$(grep -c '^data: ' "$TEMP/body") events, the second: $(sed -n '3p' "$TEMP/body")"

  # A call that must be made; the weights are random, and with some seeds a string does not end.
  while :; do
    seed=$((seed + 1))
    [ $seed -le 30 ] || fail "no call ended: $(cat "$TEMP/body")"
    status=$(ask "$KEY" "{$hello, \"seed\": $seed, \"max_tokens\": 400, \"tool_choice\": \"required\",
      \"tools\": [{\"type\": \"function\", \"function\": {\"name\": \"get_time\", \"parameters\": {\"type\": \"object\"}}}]}")
    [ "$status" = 200 ] || fail "status $status: $(cat "$TEMP/body")"
    ! grep -q '"finish_reason":"length"' "$TEMP/body" || continue
    grep -q '"function":{"name":"get_time","arguments":"{' "$TEMP/body" || fail "no call: $(cat "$TEMP/body")"
    grep -q '"finish_reason":"tool_calls"' "$TEMP/body" || fail "another reason: $(cat "$TEMP/body")"
    break
  done
  said "a call: $(grep -o '"tool_calls":\[.\{0,120\}' "$TEMP/body")"

  # An answer by a schema; white space is the model's own.
  seed=0
  while :; do
    seed=$((seed + 1))
    [ $seed -le 30 ] || fail "no answer ended: $(cat "$TEMP/body")"
    status=$(ask "$KEY" "{$hello, \"seed\": $seed, \"max_tokens\": 1200, \"response_format\": {\"type\": \"json_schema\",
      \"json_schema\": {\"name\": \"size\", \"schema\": {\"type\": \"object\", \"properties\": {\"size\": {\"enum\": [\"small\", \"large\"]}},
      \"required\": [\"size\"], \"additionalProperties\": false}}}}")
    [ "$status" = 200 ] || fail "status $status: $(cat "$TEMP/body")"
    ! grep -q '"finish_reason":"length"' "$TEMP/body" || continue
    sed 's/\\[nrt]//g; s/[[:space:]]//g' "$TEMP/body" | grep -Eq '"content":"\{\\"size\\":\\"(small|large)\\"\}"' ||
      fail "no answer by the schema: $(cat "$TEMP/body")"
    break
  done
  said "an answer by a schema: $(grep -o '"content":.*"finish' "$TEMP/body" | tr -d '[:space:]')"

  # A client that leaves: its text is ended, not written for nobody.
  before=$(metric 'resa_texts_total{finish="cancelled"}')
  curl -sS -N --max-time 60 -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' \
    -d '{"messages": [{"role": "user", "content": "Hello"}], "temperature": 0, "stream": true}' \
    "$URL/chat/completions" >"$TEMP/events" 2>/dev/null &
  leaver=$!
  while [ "$(grep -c content "$TEMP/events" || true)" -lt 3 ]; do
    [ $tries -gt 0 ] || fail "nothing came: $(cat "$TEMP/events")"
    tries=$((tries - 1))
    sleep 0.05
  done
  kill "$leaver"
  wait "$leaver" 2>/dev/null || true
  while [ "$(metric 'resa_texts_total{finish="cancelled"}')" = "$before" ]; do
    [ $tries -gt 0 ] || fail "the text goes on without its client"
    tries=$((tries - 1))
    sleep 0.05
  done
  ! grep -q DONE "$TEMP/events" || fail "the text was whole already"
  said "left after $(grep -c '^data: ' "$TEMP/events") events; $(curl -sS -H "Authorization: Bearer $KEY" "${URL%/v1}/metrics" |
    grep -e '^resa_texts_total{finish="cancelled"}' -e '^resa_requests_total{outcome="client_gone"}' | paste -s -d ' ' -)"

  is_told 401 invalid_api_key null wrong "{$hello}"
  is_told 400 unsupported_parameter '"sparkle"' "$KEY" "{$hello, \"sparkle\": 1}"
  is_told 400 unsupported_parameter '"response_format.json_schema.schema.minimum"' "$KEY" "{$hello, \"response_format\":
    {\"type\": \"json_schema\", \"json_schema\": {\"name\": \"a\", \"schema\": {\"type\": \"integer\", \"minimum\": 1}}}}"
  is_told 404 model_not_found '"model"' "$KEY" "{$hello, \"model\": \"other\"}"
}

left=''
run=''
for client in node curl; do
  [ -z "${1:-}" ] || [ "$1" = "$client" ] || continue
  need=$client
  [ "$client" = curl ] || need='node npm'
  missing=''
  for program in $need; do command -v "$program" >/dev/null || missing="${missing:+$missing and }$program"; done
  if [ -n "$missing" ]; then left="${left:+$left, }$client (no $missing)"; else run="$run $client"; fi
done
if [ -n "$run" ]; then
  start_server
  for client in $run; do "${client}_client"; done
  kill "$server"
  wait "$server" || true
  server=''
fi
echo "clients: right:${run:- none}; left out: ${left:-nothing}"
