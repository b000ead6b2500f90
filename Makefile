# Every target is one line; CONTRIBUTING.md says what they are for.
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
BUILD = CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=$(VERSION)"
TOOL = go tool -modfile=tools/go.mod

.PHONY: all build run validators test check lint format fuzz bench nightly generate cross
all: format lint test
build: ; $(BUILD) -o build/assay ./cmd/assay
run: build ; sh examples/run.sh build/assay
# Validators of other projects for the formats we write; without npm their test is skipped.
validators: ; if command -v npm >/dev/null; then cd test/formats && npm ci --silent; fi
test: check validators ; sh test/registry.sh go test -race -timeout 20m ./...
check: ; sh test/check.sh
lint: ; $(TOOL) golangci-lint run
format: ; $(TOOL) golangci-lint fmt
fuzz: ; sh test/fuzz.sh 60s
bench: ; go test -run '^$$' -bench . -benchmem ./...
nightly: ; sh test/fuzz.sh 10m
generate: ; go run ./internal/api/generate && go test ./cmd/assay -run TestCommandLineDocument -update
cross: ; for arch in amd64 arm64; do GOOS=linux GOARCH=$$arch $(BUILD) -o build/assay-linux-$$arch ./cmd/assay || exit 1; done
