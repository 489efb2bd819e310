# Every path here is relative, so that the checkout may lie in a directory with spaces or any other characters.

.DEFAULT_GOAL := help
.PHONY: help setup build dev test soak mutants lint fmt bench clean

help: ## say what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

setup: ## install what is missing: PostgreSQL, the linters, web packages, Chromium
	@scripts/setup

build: ## build bin/crmflow with its page, and the development Temporal server
	@scripts/setup web
	@scripts/build

dev: ## run everything on this machine; ARGS="--addr 127.0.0.1:9000 …", see crmflow dev --help
	@scripts/setup postgres web
	@scripts/build
	@exec bin/crmflow dev $(ARGS)

test: ## install, build, lint, and run every test
	@scripts/test

soak: ## the same tests with larger numbers, and the benchmarks
	@CRMFLOW_TEST_SIZE=soak scripts/test
	@exec bin/crmflow bench $(ARGS)

mutants: ## break the machine and working time in many small ways: some test must notice each; ARGS="-run NAME"
	@go run ./scripts/mutants $(ARGS)

lint: ## run the linters
	@scripts/setup tools
	@bin/golangci-lint run --allow-parallel-runners ./...

fmt: ## format the Go code
	@gofmt -l -w $$(git ls-files '*.go' 2>/dev/null || find . -name '*.go' -not -path './web/*')

bench: ## compare crmflow with the floor on this machine; ARGS="--json …"
	@scripts/setup postgres web
	@scripts/build
	@exec bin/crmflow bench $(ARGS)

clean: ## remove what was built; data directories such as .crmflow stay
	rm -rf bin .cache web/node_modules web/.dist
	find web/dist -mindepth 1 ! -name README -delete
