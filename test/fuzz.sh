#!/bin/sh
# fuzz.sh TIME: runs every fuzz target of the module for TIME, one after the other.
set -eu
time=${1:?time for each target, such as 60s}
for dir in $(go list -f '{{.Dir}}' ./...); do
  for target in $(grep -hoE '^func Fuzz[A-Za-z0-9_]+' "$dir"/*_test.go 2>/dev/null | sed 's/func //'); do
    echo "$dir $target"
    (cd "$dir" && go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" -fuzzminimizetime 2s -parallel 2 .)
  done
done
