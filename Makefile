# Tools go to the ignored folders .venv and .tools; nothing else on the machine is touched.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:
.SUFFIXES:

PYTHON ?= python3
CARGO_DENY_VERSION := 0.20.2
CARGO_FUZZ_VERSION := 0.13.2
EVENT ?= events/s3-put.json
SECONDS_PER_TARGET ?= 60

# A missing toolchain is an error that says so, never a download.
export RUSTUP_AUTO_INSTALL := 0
export SAM_CLI_TELEMETRY := 0

LAMBDA_TOOLS := PATH="$(CURDIR)/.venv/bin:$$PATH"
PARAMETERS := $(if $(ARCHITECTURE),--parameter-overrides Architecture=$(ARCHITECTURE))
DEMO_SCAN = cargo run -q $(CLI_ONLY) --bin trailwarden -- scan target/demo/day --state target/demo/state
CLI_ONLY := --locked --no-default-features --features cli

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 12

.PHONY: demo
demo: ## run the main job on a day of our own events, no AWS account needed
	@echo "A day of CloudTrail log files, one attack among them, goes to target/demo/day:"
	@rm -rf target/demo
	@$(PYTHON) events/day.py --out target/demo/day
	@echo "Building the command line ..."
	@cargo build $(CLI_ONLY) --bin trailwarden
	@echo "One of the attack's files is held back: it comes late."
	@late=$$(find target/demo/day -name '444455556666_CloudTrail_us-east-1_20261117T1325Z_*'); mv "$$late" target/demo/; \
	echo; echo "Scanning the day with the rules in rules/, file by file with state, as the function does:"; echo; \
	$(DEMO_SCAN) || [ $$? -eq 1 ]; \
	mv target/demo/444455556666_* "$$late"; \
	echo; echo "Again, with the late file: what it adds lands in its own time, the rest is known."; echo; \
	$(DEMO_SCAN) || [ $$? -eq 1 ]  # 1: alerts found

# The end-to-end tests' tools come from the network while the processors build. If that fails, `e2e` tries again.
.PHONY: test
test: ## everything that must pass, tools included
	@mkdir -p target; \
	$(MAKE) --no-print-directory .venv/done .tools/sam/done >target/tools.log 2>&1 & \
	code=0; \
	$(MAKE) --no-print-directory check unit deny fuzz-check || code=$$?; \
	wait || true; \
	exit $$code
	@$(MAKE) --no-print-directory e2e

.PHONY: check
check: ## format, lints, and a core without dependencies on AWS
	cargo fmt --check
	cargo clippy --locked --all-targets --features oracle -- -D warnings
	cargo check --locked --lib --no-default-features

.PHONY: unit
unit: ## Rust tests
	@if cargo nextest --version >/dev/null 2>&1; then \
		set -x; cargo nextest run --locked && cargo test --locked --doc; \
	else \
		set -x; cargo test --locked; \
	fi

.PHONY: deny
deny: .tools/cargo-deny-$(CARGO_DENY_VERSION) ## licences, banned crates and sources of dependencies
	cargo fetch --locked -q
	.tools/bin/cargo-deny --offline check --hide-inclusion-graph licenses bans sources

# Nothing is linked, so libFuzzer itself, which is C++, need not be built.
.PHONY: fuzz-check
fuzz-check: ## compile the fuzz targets, which no other build does
	CUSTOM_LIBFUZZER_PATH=none/libFuzzer.a cargo check --locked --manifest-path fuzz/Cargo.toml --target-dir target/fuzz

.PHONY: e2e
e2e: .venv/done .tools/sam/done ## the real function and template against a local AWS endpoint
	cargo build --locked --bin lambda
	cargo build --locked --example oracle --features oracle
	cargo test --locked --test dynamodb --no-run
	.venv/bin/python -m pytest tests/e2e

.PHONY: oracle
oracle: ## ask the real CloudWatch Logs what our pattern tables say (needs AWS credentials)
	cargo run -q --locked --example oracle --features oracle

.PHONY: bench
bench: ## what everything costs beside inflating, on generated volume; start; requests to the table of state
	cargo bench $(CLI_ONLY)
	@$(MAKE) --no-print-directory bench-init bench-state

.PHONY: bench-init
bench-init: ## from the start of the function to its first request for work, beside a bare one
	cargo bench --locked --bench init

.PHONY: bench-state
bench-state: .venv/done ## requests to DynamoDB that objects, matches and sweeps cost
	@cargo test -q --locked --test dynamodb --no-run
	@.venv/bin/python -m pytest -q -s tests/e2e/test_state.py -k cost | grep -E "^(cost of|.*(passed|failed))"

.PHONY: fuzz
fuzz: .tools/cargo-fuzz-$(CARGO_FUZZ_VERSION) ## fuzz each target for SECONDS_PER_TARGET (needs the nightly toolchain)
	@export PATH="$(CURDIR)/.tools/bin:$$PATH"; \
	for target in $$(cargo +nightly fuzz list); do \
		echo "Fuzzing $$target ..."; \
		cargo +nightly fuzz run $$target -- -max_total_time=$(SECONDS_PER_TARGET); \
	done

.PHONY: build
build: .venv/done .tools/sam/done ## build the function for AWS, for arm64 or what ARCHITECTURE says
	$(LAMBDA_TOOLS) .tools/sam/bin/sam build $(PARAMETERS)

.PHONY: deploy
deploy: build ## deploy to the AWS account of your credentials; asks for the parameters
	.tools/sam/bin/sam deploy --guided --capabilities CAPABILITY_IAM $(PARAMETERS)

.PHONY: watch
watch: .venv/done ## run the function here for `make invoke`; takes TRAILWARDEN_… and AWS_… variables
	$(LAMBDA_TOOLS) cargo lambda watch --invoke-address 127.0.0.1

.PHONY: invoke
invoke: .venv/done ## send EVENT (events/s3-put.json) to the function that `make watch` runs
	$(LAMBDA_TOOLS) cargo lambda invoke lambda --invoke-address 127.0.0.1 --data-file $(EVENT)

.PHONY: clean
clean: ## remove what was built
	rm -rf target .aws-sam fuzz/target

.PHONY: distclean
distclean: clean ## remove the installed tools too
	rm -rf .venv .tools

# ---- Tools, installed once per version ---------------------------------------------------------------

.venv/done: tests/requirements.txt
	@echo "Installing the end-to-end tests' tools into .venv ..."
	@rm -rf .venv
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10) and "Python 3.10 or newer is needed")'
	@$(PYTHON) -m venv .venv
	@.venv/bin/pip install -q --disable-pip-version-check -r tests/requirements.txt
	@touch $@

.tools/sam/done: tests/requirements-sam.txt
	@echo "Installing the SAM command line into .tools/sam ..."
	@rm -rf .tools/sam
	@$(PYTHON) -m venv .tools/sam
	@.tools/sam/bin/pip install -q --disable-pip-version-check -r tests/requirements-sam.txt
	@touch $@

.tools/cargo-deny-$(CARGO_DENY_VERSION):
	@echo "Building cargo-deny $(CARGO_DENY_VERSION) into .tools, about a minute ..."
	@cargo install -q --debug --root .tools --locked --no-default-features cargo-deny --version $(CARGO_DENY_VERSION)
	@touch $@

.tools/cargo-fuzz-$(CARGO_FUZZ_VERSION):
	@echo "Building cargo-fuzz $(CARGO_FUZZ_VERSION) into .tools ..."
	@cargo install -q --root .tools --locked cargo-fuzz --version $(CARGO_FUZZ_VERSION)
	@touch $@
