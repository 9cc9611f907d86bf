# cloudforgot. `make` lists the targets; `make run` and `make test` need nothing but Go and make.
SHELL := /bin/bash
.DEFAULT_GOAL := help

export GOTOOLCHAIN ?= local
# Twilio's OpenAPI files, which judge shape and completeness; the tests that need them say so when they are missing.
export TWILIO_OAI ?= $(abspath ../shared/spec)

GO         ?= go
TIMEOUT    ?= 10m
# Packages tested at once: more than two cores, as some tests wait.
PACKAGES   ?= 4
BENCHTIME  ?= 2s
LINT       := $(CURDIR)/bin/golangci-lint
LINT_VERSION := v2.15.0

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z-]+:.*?## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | while IFS=$$'\t' read -r name text; do \
		printf '  make %-16s %s\n' "$$name" "$$text"; done

.PHONY: run
run: ## Open the chat, with an emulator and a bridge behind it
	@$(GO) run ./cmd/cloudforgot chat

.PHONY: build
build: ## Build bin/cloudforgot and bin/bridge
	$(GO) build -trimpath -ldflags='-s -w' -o bin/ ./cmd/...

.PHONY: bridge-postgres
bridge-postgres: ## Build bin/bridge with PostgreSQL too
	$(GO) build -trimpath -tags postgres -ldflags='-s -w' -o bin/bridge ./cmd/bridge

.PHONY: test
test: ## Run all tests, with the race detector
	$(GO) vet ./...
	$(GO) vet -tags postgres ./cmd/bridge
	$(GO) test -race -p $(PACKAGES) -timeout $(TIMEOUT) ./...

.PHONY: features
features: ## Run the Gherkin scenarios alone, and print them
	$(GO) run ./cmd/cloudforgot test --format pretty features

.PHONY: bench
bench: ## Run the benchmarks
	$(GO) test -run '^$$' -bench . -benchtime $(BENCHTIME) -benchmem ./...

.PHONY: fuzz
fuzz: ## Run every fuzz test for a moment (FUZZTIME=10s)
	@set -e; for pkg in $$($(GO) list ./...); do \
		for name in $$($(GO) test -list '^Fuzz' $$pkg | grep '^Fuzz' || true); do \
			echo "$$pkg $$name"; $(GO) test -run '^$$' -fuzz "^$$name$$" -fuzztime $${FUZZTIME:-10s} $$pkg; done; done

.PHONY: lint
lint: $(LINT) ## Run golangci-lint
	$(LINT) run ./...

$(LINT):
	GOBIN=$(CURDIR)/bin $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION)

.PHONY: fmt
fmt: ## Format the code
	gofmt -s -w $$(git ls-files '*.go')

.PHONY: clean
clean: ## Remove what was built
	rm -rf bin dist
