# Every target is one line; CONTRIBUTING.md says what they are for.
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
BUILD = CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=$(VERSION)"
TOOL = go tool -modfile=tools/go.mod

.PHONY: all build page web run examples validators test check lint format fuzz bench nightly screenshots generate cross
all: format lint test
build: page ; $(BUILD) -o build/assay ./cmd/assay && $(BUILD) -o build/assay-agent ./cmd/assay-agent
# The dashboard: built when npm is there and a source is newer. Without npm the server shows a page that says so.
page: ; @if command -v npm >/dev/null && { [ ! -e internal/web/dist/index.html ] || [ -n "$$(find web -path web/node_modules -prune -o -type f -newer internal/web/dist/index.html -print | head -n 1)" ]; }; then $(MAKE) web; fi
web: ; cd web && npm ci --silent && npm run build --silent
run: build ; build/assay serve --data build/data
examples: build ; sh examples/run.sh build/assay
# Validators of other projects for the formats we write, Amazon's JavaScript clients, and pnpm and Yarn for their lock files; without npm their tests are skipped.
validators: ; if command -v npm >/dev/null; then for d in formats clients oracles; do (cd test/$$d && npm ci --silent) || exit 1; done; fi
test: check validators ; sh test/web.sh && $(MAKE) build && sh test/registry.sh sh test/postgres.sh sh test/s3.sh sh test/go.sh && sh test/ci.sh build/assay && sh test/page.sh build/assay
check: ; sh test/check.sh
lint: ; $(TOOL) golangci-lint run
format: ; $(TOOL) golangci-lint fmt
fuzz: ; sh test/fuzz.sh 60s
bench: ; go test -run '^$$' -bench . -benchmem ./...
nightly: ; sh test/nightly.sh
# Pictures of every page, for the documentation.
screenshots: build ; mkdir -p doc/screenshots && ASSAY_PICTURES=$(CURDIR)/doc/screenshots sh test/page.sh build/assay
generate: ; go run ./internal/api/generate && go test ./cmd/assay ./internal/server -run Document -update
cross: ; for arch in amd64 arm64; do GOOS=linux GOARCH=$$arch $(BUILD) -o build/assay-linux-$$arch ./cmd/assay && GOOS=linux GOARCH=$$arch $(BUILD) -o build/assay-agent-linux-$$arch ./cmd/assay-agent || exit 1; done
