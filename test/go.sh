#!/bin/sh
# go.sh: runs all Go tests, those of packages that share memory between
# goroutines under the race detector. The engine's packages start none, take
# five times as long under it, and are run by scan and match in parallel there;
# what the store does a thousand times over, one after the other, is tested once
# without it.
set -eu
plain=
for name in advisory inventory internal/cvss internal/ecosystem internal/extract internal/feed internal/filter internal/finding \
  internal/inflate internal/jsonstream internal/report internal/sbom internal/vulndb; do
  plain="$plain ./$name"
done
others=$(go list ./... | grep -vxF "$(go list $plain)")
go test -timeout 20m $plain
long='AgainstOracle|TestGenerate|TestCrash|TestRulesAgree|TestRulesSettle|TestListsWhileRowsChange|TestAggregate|TestRollups|TestVerifyCounters'
go test -timeout 20m -run "$long" ./internal/store
mirror=TestFeedsOfARealMirror # reads all advisories three times
go test -timeout 20m -run "$mirror" ./internal/server
go test -race -timeout 20m -skip "$long|$mirror" $others
