# One word each; CI runs the same words. Everything is installed into .venv, nothing outside this folder.
PYTHON ?= python3
BIN := .venv/bin
DEMO := .demo
# The story is told at one moment, so that it is the same on every day.
SANDBOX := --sandbox $(DEMO)/organization.db --now 2026-11-22T10:00:00Z
WORKERS ?= auto

.PHONY: demo story test wheel lint types unit properties torture mutants canary surface schemas bless bench clean

demo: .venv/installed
	@$(MAKE) --no-print-directory story

# The main job, with whichever orgsync is in BIN.
story:
	@rm -rf $(DEMO) && mkdir $(DEMO)
	@PATH="$(CURDIR)/$(BIN):$$PATH" PS4='$$ ' sh -exc ' \
	orgsync sandbox init $(DEMO)/organization.db --seed examples/live.json --now 2026-11-22T10:00:00Z; \
	orgsync plan examples/org.yaml $(SANDBOX) --allow workspace:old-poc --out $(DEMO)/plan.json; \
	orgsync apply $(DEMO)/plan.json $(SANDBOX) --yes; \
	orgsync plan examples/org.yaml $(SANDBOX) --detailed-exitcode'

test: lint types unit

lint: .venv/developing
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/developing
	$(BIN)/mypy

unit: .venv/developing
	$(BIN)/python -m pytest -n $(WORKERS)

# The properties of `make unit`, on many more organizations.
properties: .venv/developing
	ORGSYNC_PROPERTY_SCALE=10 $(BIN)/python -m pytest -n $(WORKERS) tests/properties tests/undo

# Every small plan of tests/torture, disturbed at every request in every way; prints a table of what became of them.
torture: .venv/developing
	ORGSYNC_TORTURE=full $(BIN)/python -m pytest -n $(WORKERS) tests/torture

# Every small change of core/guards.py, tried one by one: a test has to notice it, or a table says why none can.
mutants: .venv/mutating
	$(BIN)/python tests/guards/mutants.py

# Whether the API has moved: what the newest official SDK knows of it and tests/sandbox/surface.json does not. Exit code 2
# if there is something. The wheel is read, not installed.
canary: .venv/developing
	@folder=$$(mktemp -d) && trap 'rm -r "$$folder"' EXIT && \
	$(BIN)/pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: --dest "$$folder" anthropic && \
	$(BIN)/python -m tests.sandbox.surface compare tests/sandbox/surface.json "$$folder"/*.whl

# Keeps what the installed SDK knows, once the sandbox and the tests know it.
surface: .venv/developing
	$(BIN)/python -m tests.sandbox.surface dump "$$($(BIN)/python -c 'import anthropic; print(*anthropic.__path__)')" \
		> tests/sandbox/surface.json.new
	mv tests/sandbox/surface.json.new tests/sandbox/surface.json

schemas: .venv/installed
	$(BIN)/orgsync schema org > schemas/org.schema.json
	$(BIN)/orgsync schema plan > schemas/plan.schema.json
	$(BIN)/orgsync schema snapshot > schemas/snapshot.schema.json
	$(BIN)/orgsync schema drift > schemas/drift.schema.json

# Rewrites the golden files with what the code prints now: read the difference before you commit it.
bless: .venv/developing
	$(BIN)/python -m pytest -n $(WORKERS) --bless

bench: .venv/developing
	for benchmark in benchmarks/*.py; do $(BIN)/python "$$benchmark" || exit 1; done

# What people install: the built wheel, in an environment of its own, does the main job.
wheel:
	rm -rf dist .venv-wheel
	$(PYTHON) -m venv .venv-wheel
	.venv-wheel/bin/pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir dist .
	.venv-wheel/bin/pip install --quiet --disable-pip-version-check dist/*.whl
	@$(MAKE) --no-print-directory story BIN=.venv-wheel/bin

clean:
	rm -rf .venv .venv-wheel $(DEMO) dist .pytest_cache .mypy_cache .ruff_cache .hypothesis

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "orgsync needs Python 3.11 or newer: make PYTHON=...")'
	$(PYTHON) -m venv .venv

.venv/installed: pyproject.toml | .venv/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	@touch $@

.venv/developing: pyproject.toml | .venv/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ .venv/installed

.venv/mutating: pyproject.toml | .venv/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev,mutation]'
	@touch $@ .venv/developing .venv/installed
