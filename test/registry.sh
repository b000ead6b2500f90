#!/bin/sh
# registry.sh COMMAND...: runs a command while a real registry (the program
# docker-registry) listens on loopback, and names it in ASSAY_TEST_REGISTRY.
# Without that program the command runs alone, and its tests say so.
set -eu
if ! command -v docker-registry >/dev/null; then
  echo "registry.sh: docker-registry is not installed: the tests against a real registry are skipped" >&2
  exec "$@"
fi
dir=$(mktemp -d)
registry=
trap 'test -z "$registry" || kill "$registry" 2>/dev/null || true; rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM
answers() {
  if command -v curl >/dev/null; then curl -fs "http://127.0.0.1:$port/v2/" >/dev/null; else sleep 3; fi
}
# start tries one port, which others may listen on.
start() {
  cat >"$dir/config.yml" <<END
version: 0.1
log: {level: error, accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: $dir/data}}
http: {addr: "127.0.0.1:$port"}
END
  docker-registry serve "$dir/config.yml" >"$dir/log" 2>&1 &
  registry=$!
  tries=0
  until kill -0 "$registry" 2>/dev/null && answers; do
    tries=$((tries + 1))
    if [ $tries -gt 100 ] || ! kill -0 "$registry" 2>/dev/null; then return 1; fi
    sleep 0.1
  done
}
first=$((20000 + $$ % 20000))
for port in $first $((first + 1)) $((first + 2)) $((first + 3)); do
  if start; then break; fi
  if ! grep -q "address already in use" "$dir/log" || [ "$port" = $((first + 3)) ]; then
    echo "registry.sh: docker-registry did not start:" >&2
    cat "$dir/log" >&2
    exit 1
  fi
done
ASSAY_TEST_REGISTRY=127.0.0.1:$port "$@"
