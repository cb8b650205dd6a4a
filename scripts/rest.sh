#!/usr/bin/env bash
# Lets schemathesis, a public tool that knows nothing but the OpenAPI document, ask a running server: no answer may be a fault of the
# server, have a status or a shape that the document does not name, or accept what the document forbids. `require` says what is missing;
# what is needed from PyPI goes into an environment of its own below target/, whose python `environment` names. The seed is the same each time, so that what was asked once
# is asked again; SEED=$RANDOM EXAMPLES=100 asks for more. Before that, two back ends ask with public packages as they are:
# scripts/webhooks.py verifies what it is told with standardwebhooks, and scripts/tencent_rest.py speaks Tencent's REST API with
# tencentcloud-sdk-python-im.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

TARGET=$(mkdir -p "${CARGO_TARGET_DIR:-target}" && cd "${CARGO_TARGET_DIR:-target}" && pwd)
VENV=$TARGET/schemathesis-venv
NEEDS=scripts/rest-requirements.txt
# Random requests of one operation, besides those that the tool derives from each bound of the document.
EXAMPLES=${EXAMPLES:-10}
SEED=${SEED:-1}
CHECKS=not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance
CHECKS=$CHECKS,response_schema_conformance,negative_data_rejection,unsupported_method,ignored_auth

require() {
  python3 -c "import ensurepip, venv" 2>/dev/null && return
  echo "The tests of the API for back ends need Python 3 with venv. On Debian and Ubuntu: apt-get install python3 python3-venv" >&2
  return 1
}

# Again only when the list of what is needed has changed.
make_environment() {
  if ! cmp -s "$NEEDS" "$VENV/installed.txt"; then
    rm -rf "$VENV"
    python3 -m venv "$VENV"
    "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$NEEDS"
    cp "$NEEDS" "$VENV/installed.txt"
  fi
}

run_tests() {
  require
  make_environment
  scripts/server.sh
  "$VENV/bin/python" scripts/webhooks.py "$TARGET/debug/wigwag"
  "$VENV/bin/python" scripts/tencent_rest.py "$TARGET/debug/wigwag"
  local folder server address key
  folder=$(mktemp -d)
  # The tool asks as fast as it can, with one key.
  printf 'listen = "127.0.0.1:0"\n[api]\nrequests_per_second = 100000\nrequest_burst = 100000\n' >"$folder/wigwag.toml"
  mkdir "$folder/data"
  key=$("$TARGET/debug/wigwag" key create schemathesis --scopes all --data "$folder/data" --config "$folder/wigwag.toml")
  # Made here, so that it is there before the server is: the next lines look into it.
  : >"$folder/said"
  "$TARGET/debug/wigwag" serve --config "$folder/wigwag.toml" --data "$folder/data" >"$folder/said" 2>"$folder/log" &
  server=$!
  # shellcheck disable=SC2064
  trap "kill $server 2>/dev/null || true; wait $server 2>/dev/null || true; rm -rf '$folder'" EXIT
  address=$(tail --pid=$server -f "$folder/said" | grep --line-buffered -m 1 -oE 'http://127\.0\.0\.1:[0-9]+' || true)
  if [ -z "$address" ]; then
    cat "$folder/log" >&2
    exit 1
  fi
  echo "schemathesis asks $address, seed $SEED"
  # It takes no configuration of whoever runs it, and leaves nothing behind. One worker: before Python 3.11.8 and 3.12.2, two threads that
  # parse Python at once, as hypothesis does, break one another ("AST constructor recursion depth mismatch").
  # A hundred requests a second: those without a key are some in a hundred, and strangers may ask ten times a second.
  (cd "$folder" && "$VENV/bin/schemathesis" run "$address/v1/openapi.json" --header "Authorization: Bearer $key" \
    --rate-limit 100/s --checks "$CHECKS" --phases coverage,fuzzing --max-examples "$EXAMPLES" --seed "$SEED" --workers 1 \
    --suppress-health-check all --warnings off)
}

case "${1:-}" in
  require) require ;;
  environment)
    require
    make_environment
    echo "$VENV/bin/python"
    ;;
  test) run_tests ;;
  *)
    echo "usage: $0 require | environment | test" >&2
    exit 2
    ;;
esac
