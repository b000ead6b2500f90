#!/bin/sh
# s3.sh COMMAND...: runs a command while a real S3 server (versitygw, built
# once) listens on loopback, and names it in ASSAY_TEST_S3, with the keys that
# it takes in ASSAY_TEST_S3_ID and ASSAY_TEST_S3_SECRET. If it cannot be built
# the command runs alone, and its tests say so.
set -eu
version=v1.8.0
cache=${XDG_CACHE_HOME:-$HOME/.cache}/assay-test/versitygw-$version
server=${ASSAY_TEST_S3_SERVER:-$(command -v versitygw || echo "$cache/versitygw")}
if ! [ -x "$server" ]; then
  mkdir -p "$cache"
  if ! GOBIN=$cache GOFLAGS= go install "github.com/versity/versitygw/cmd/versitygw@$version" >&2; then
    echo "s3.sh: versitygw cannot be built: the tests against a real S3 server are skipped" >&2
    exec "$@"
  fi
fi
dir=$(mktemp -d)
s3=
trap 'test -z "$s3" || kill "$s3" 2>/dev/null || true; rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM
port=$((20000 + ($$ + 7919) % 20000))
mkdir "$dir/data" "$dir/meta"
ROOT_ACCESS_KEY=assaytest ROOT_SECRET_KEY=assaytestsecret \
  "$server" --quiet --port "127.0.0.1:$port" --region us-east-1 posix --sidecar "$dir/meta" "$dir/data" >"$dir/log" 2>&1 &
s3=$!
answers() {
  if command -v curl >/dev/null; then curl -s -o "$dir/answer" "http://127.0.0.1:$port/"; else sleep 3; fi
}
tries=0
until answers; do
  tries=$((tries + 1))
  if [ $tries -gt 100 ] || ! kill -0 "$s3" 2>/dev/null; then
    echo "s3.sh: versitygw did not start:" >&2
    cat "$dir/log" >&2
    exit 1
  fi
  sleep 0.1
done
ASSAY_TEST_S3=http://127.0.0.1:$port ASSAY_TEST_S3_ID=assaytest ASSAY_TEST_S3_SECRET=assaytestsecret "$@"
