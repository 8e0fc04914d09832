# cloudtop. `make help` lists the targets.

VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
FUZZTIME ?= 5s
PREFIX   ?= $(shell go env GOPATH)

LDFLAGS  := -s -w -X github.com/adsops/cloudtop/internal/cli.version=$(VERSION)
LINT_VER := $(shell awk '$$1 == "github.com/golangci/golangci-lint/v2" { print $$2 }' tools/go.mod)
LINT     := bin/tools/golangci-lint-$(LINT_VER)

.DEFAULT_GOAL := build
.PHONY: build install demo test test-race test-integration coverage bench lint fuzz sdk check help

build: ## build bin/cloudtop
	CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o bin/cloudtop ./cmd/cloudtop

install: build ## install it into $(PREFIX)/bin
	mkdir -p '$(PREFIX)/bin'
	install -m 0755 bin/cloudtop '$(PREFIX)/bin/cloudtop'

demo: build ## show every provider, simulated: no account needed
	bin/cloudtop --all --demo

test: ## run the tests
	go test ./...

test-race: ## run the tests with the race detector
	go test -race ./...

test-integration: ## read real accounts, those whose credentials are set; it says which are not
	go test -tags integration -count=1 -v -run '^TestIntegration' ./internal/provider/all

coverage: ## statement coverage (>= 80%) and lines of test per line of code (>= 1.0); RACE=-race adds the race detector
	scripts/coverage.sh $(RACE)

bench: ## run the benchmarks, and write their figures to docs/performance.md
	mkdir -p bin
	go test -run '^$$' -bench . -benchtime 3x ./test/bench | tee bin/bench.txt
	go test -run '^$$' -bench . -benchmem ./internal/... ./pkg/... | tee -a bin/bench.txt
	scripts/performance.sh bin/bench.txt >docs/performance.md

lint: $(LINT) ## run the linters of .golangci.yml
	$(LINT) run ./...

fuzz: ## fuzz every Fuzz target for FUZZTIME each
	scripts/fuzz.sh $(FUZZTIME)

sdk: ## check us against official SDKs and published specs (a module of its own: test/sdk)
	cd test/sdk/npm && { test -d node_modules || npm ci --no-audit --no-fund --loglevel=error; }
	cd test/sdk && go test ./...

check: RACE = -race -short
check: lint coverage fuzz sdk ## everything: lint, test-race and coverage in one run, fuzz, sdk

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-17s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

# The linter is built once per version, from the modules pinned in tools/go.mod.
$(LINT):
	cd tools && go build -trimpath -ldflags '-s -w' -o '../$(LINT)' github.com/golangci/golangci-lint/v2/cmd/golangci-lint
