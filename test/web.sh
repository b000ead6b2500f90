#!/bin/sh
# web.sh: tests the dashboard and builds it into internal/web/dist; without npm
# it does nothing. The Go tests of internal/web then look at what was built.
set -eu
cd "$(dirname "$0")/../web"
if ! command -v npm >/dev/null; then
  echo "web.sh: npm is not installed: the dashboard is not built" >&2
  exit 0
fi
npm ci --silent
npm test --silent
npm run build --silent
# What is sent compressed by Brotli is what was built.
# shellcheck disable=SC2016 # the text is JavaScript
node -e '
  const fs = require("fs"), zlib = require("zlib"), dir = process.argv[1];
  const names = fs.readdirSync(dir).filter((n) => n.endsWith(".br"));
  const bad = names.filter((n) => !zlib.brotliDecompressSync(fs.readFileSync(dir + n)).equals(fs.readFileSync(dir + n.slice(0, -3))));
  if (names.length === 0 || bad.length > 0) throw new Error(`not what was built: ${bad}`);
' ../internal/web/dist/assets/
echo "web.sh: passed"
