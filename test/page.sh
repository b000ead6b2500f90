#!/bin/sh
# page.sh ASSAY: tests the dashboard in a real browser against a real server,
# with the Chromium of the system. Without npm or Chromium it does nothing.
# With ASSAY_PICTURES=FOLDER it keeps a picture of each page there.
set -eu
ASSAY_BINARY=$(realpath "${1:?path of the assay program}")
export ASSAY_BINARY
cd "$(dirname "$0")/../web"
if ! command -v npm >/dev/null || ! command -v chromium >/dev/null; then
  echo "page.sh: npm or chromium is not installed: the dashboard is not tested in a browser" >&2
  exit 0
fi
if [ ! -e ../internal/web/dist/index.html ]; then
  echo "page.sh: the dashboard is not built: make web" >&2
  exit 1
fi
[ -d node_modules ] || npm ci --silent
node --test --test-concurrency=3 --test-reporter=spec e2e/
