#!/usr/bin/env bash
# The server's page in a headless Chromium, on two servers of the model that ships. Needs Node 20, Chromium (the
# variable CHROMIUM, or one on the PATH) and playwright-core from npm; says what it leaves out where they are missing.
# With SHOTS_DIR set it leaves pictures there.
set -euo pipefail

RESA_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
TEMP=$(mktemp -d "${TMPDIR:-/tmp}/resa-page.XXXXXX")
SERVERS=()

finish() {
  [ ${#SERVERS[@]} -eq 0 ] || kill "${SERVERS[@]}" 2>/dev/null || true
  wait
  rm -rf "$TEMP"
}
trap finish EXIT
trap 'exit 130' INT TERM

left_out() {
  echo "page: left out: its test in a browser ($*)"
  exit 0
}

fail() {
  echo "test-page: $*" >&2
  exit 1
}

{ command -v node && command -v npm; } >/dev/null || left_out "needs Node 20 with npm"
[ "$(node -p 'process.versions.node.split(".")[0]')" -ge 20 ] || left_out "needs Node 20, $(node --version) is here"
if [ -z "${CHROMIUM:-}" ]; then
  for name in chromium chromium-browser google-chrome google-chrome-stable; do
    CHROMIUM=$(command -v "$name" || true)
    [ -z "$CHROMIUM" ] || break
  done
fi
[ -n "$CHROMIUM" ] || left_out "needs Chromium"
export CHROMIUM

# A copy, so that the checkout stays as it is.
cp "$RESA_ROOT"/server/src/test/browser/{package.json,package-lock.json,.npmrc,browser.mjs,page.test.mjs} "$TEMP"
(cd "$TEMP" && npm ci --silent >npm.log 2>&1) || left_out "playwright-core is not to be had: $(tail -n 1 "$TEMP/npm.log")"

# The model that ships has no chat template; this one takes messages as they are.
mkdir "$TEMP/chat"
cp "$RESA_ROOT"/models/clerk/*.json "$RESA_ROOT"/models/clerk/*.safetensors "$TEMP/chat"
echo '{% for message in messages %}{{ message.content }} {% endfor %}' >"$TEMP/chat/chat_template.jinja"

# serve NAME ARGUMENT...: starts a server; its address goes to $TEMP/NAME.url.
serve() {
  local name=$1
  shift
  # The JVM engine is the one that tells which blocks it reads.
  RESA_NO_TORNADO=1 "$RESA_ROOT/resa" serve --engine jvm --port 0 --sparse-from 0 "$@" >"$TEMP/$name.log" 2>&1 &
  SERVERS+=($!)
}

# address NAME
address() {
  local tries=1200 url=
  while [ $tries -gt 0 ] && [ -z "$url" ]; do
    url=$(sed -n 's|.*on \(http://[0-9.:]*\)/v1.*|\1|p' "$TEMP/$1.log")
    [ -n "$url" ] || sleep 0.1
    tries=$((tries - 1))
  done
  [ -n "$url" ] || fail "no server: $(cat "$TEMP/$1.log")"
  echo "$url"
}

API_KEY=$(node -p 'crypto.randomUUID()')
export API_KEY
RESA_API_KEY=$API_KEY serve chat -m "$TEMP/chat"
CHAT_URL=$(address chat)
# Sparser than suits the model, so that drafts are refused.
serve text -m "$RESA_ROOT/models/clerk" --min-blocks 4 --local-blocks 2
TEXT_URL=$(address text)
export CHAT_URL TEXT_URL PROMPT_FILE=$RESA_ROOT/models/clerk/example-prompt.txt
export JOURNALS_FILE=$RESA_ROOT/models/clerk/tasks/short.jsonl.gz
(cd "$TEMP" && node --test --test-reporter=spec page.test.mjs) || fail "the page is wrong"
echo "page: right"
