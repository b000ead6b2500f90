#!/bin/sh
# check.sh: what must hold of the tree before its tests are worth running.
set -eu
unformatted=$(gofmt -l $(git ls-files '*.go'))
if [ -n "$unformatted" ]; then
  echo "not formatted by gofmt:" "$unformatted" >&2
  exit 1
fi
go vet ./...
CGO_ENABLED=0 GOOS=linux GOARCH=arm64 go build -o /dev/null ./cmd/assay
