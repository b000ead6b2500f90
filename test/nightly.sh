#!/bin/sh
# nightly.sh: what takes hours. Two hundred kills on both databases, the
# benchmarks and the pages with a million findings, and every fuzz target for ten
# minutes.
set -eu
ASSAY_CRASH_ROUNDS=200 sh test/postgres.sh go test ./internal/store -run 'TestCrash' -timeout 120m -v
ASSAY_BENCH_FINDINGS=1000000 sh test/postgres.sh go test ./internal/store -run '^$' -bench . -benchmem -timeout 120m
ASSAY_PAGE_FINDINGS=1000000 sh test/page.sh build/assay
sh test/fuzz.sh 10m
