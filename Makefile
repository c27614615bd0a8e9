# One word each; CI runs the same words. Everything is installed into .venv, nothing outside this folder.
PYTHON ?= python3
# What is installed is pinned in this folder, by hash. `make test LOCK=` takes the newest that fits pyproject.toml instead.
LOCK ?= requirements
VENV ?= $(if $(LOCK),.venv,.venv-free)
BIN := $(VENV)/bin
PIP = $(BIN)/pip install --quiet --disable-pip-version-check
LOCKED = --require-hashes --only-binary :all:
# $(call installed,FILE,EXTRA): what the project needs, then the project, which is not allowed to bring anything.
define installed
$(if $(LOCK),$(PIP) $(LOCKED) --requirement $(LOCK)/build.txt --requirement $(LOCK)/$(1).txt)
$(if $(LOCK),$(PIP) --no-deps --no-build-isolation --editable .,$(PIP) --editable '.[$(2)]')
endef
DEMO := .demo
# The story is told at one moment, so that it is the same on every day.
SANDBOX := --sandbox $(DEMO)/organization.db --now 2026-11-22T10:00:00Z
# One more than there are processors: some tests wait for processes, servers and terminals.
WORKERS ?= $(shell echo $$(($$(getconf _NPROCESSORS_ONLN) + 1)))
# One share of a slow matrix, such as SHARE=2/8; without it, all of it.
SHARE ?= 1/1
SLOW = $(BIN)/python -m pytest -n $(WORKERS) --share $(SHARE)
# Python keeps what it has compiled: half of the start of the tests is compiling them.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo story test test-lowest test-newest wheel dist smoke sbom lock lint types unit canary surface schemas bless \
	bench bench-parts clean
.PHONY: check-slow properties torture kills probes fuzz clock mutants stories editor hostile-terminal

demo: $(VENV)/installed
	@$(MAKE) --no-print-directory story

# The main job, with whichever orgsync is in BIN.
story:
	@rm -rf $(DEMO) && mkdir $(DEMO)
	@PATH="$(CURDIR)/$(BIN):$$PATH" PS4='$$ ' sh -exc ' \
	orgsync sandbox init $(DEMO)/organization.db --seed examples/live.json --now 2026-11-22T10:00:00Z; \
	orgsync plan examples/org.yaml $(SANDBOX) --allow workspace:old-poc --out $(DEMO)/plan.json; \
	orgsync apply $(DEMO)/plan.json $(SANDBOX) --yes; \
	orgsync plan examples/org.yaml $(SANDBOX) --detailed-exitcode'

# The types need one processor for half a minute, which the tests leave now and then.
test: lint
	@$(MAKE) --no-print-directory --jobs 2 types unit

lint: $(VENV)/developing
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/developing
	$(BIN)/mypy

unit: $(VENV)/developing
	$(BIN)/python -m pytest -n $(WORKERS)

# All of the following; PART=2/10 for every tenth piece of them, beginning with the second (docs/decisions/0015).
check-slow: $(VENV)/developing
	$(BIN)/python .ci/slow.py run $(PART) $(if $(UNTIL),--until $(UNTIL))

# The properties of `make unit`, on fifty times as many examples; prints how many.
properties: $(VENV)/developing
	ORGSYNC_PROPERTY_SCALE=50 $(SLOW) $(PROPERTIES)
PROPERTIES := tests/properties tests/core/apply/undo/test_properties.py tests/core/review/test_reviewed.py tests/core/review/test_privileged.py \
	tests/policies/test_properties.py tests/core/plan/guards/test_protected.py tests/kinds/test_rename_chains.py tests/rehearsal/test_organizations.py \
	tests/render/test_text.py tests/render/test_json_text.py tests/render/test_markdown.py tests/render/test_access_first.py \
	tests/files/state/test_plan_file.py tests/api/test_limiter.py tests/api/test_redaction.py tests/access/test_property.py tests/api/test_feed.py tests/sandbox/feed/test_history.py \
	tests/questions/why/test_first_failing.py

# Every small plan of tests/torture, disturbed at every request in every way; prints a table of what became of them.
torture: $(VENV)/developing
	ORGSYNC_TORTURE=full $(SLOW) tests/torture/test_every_point.py tests/torture/test_two_appliers.py

# Real processes, killed 200 times at any moment; 200 signals, to real processes and in simulated time; endless servers.
kills: $(VENV)/developing
	ORGSYNC_KILLS=full $(SLOW) tests/torture/test_kills.py tests/torture/test_signals.py tests/torture/test_stopping.py \
		tests/cli/test_endless.py

# One field of one row odd, for every field of every row; prints how many.
probes: $(VENV)/developing
	ORGSYNC_PROBES=full $(SLOW) tests/probes/test_probes.py tests/probes/test_one_odd_thing.py

# Whole pipelines on GitHub, from the pull request to the apply, also in the cases that are rare.
stories: $(VENV)/developing
	ORGSYNC_STORIES=full $(SLOW) -m story

# Every command line with closed and full streams, odd encodings, no HOME, a read-only folder; prints how many.
hostile-terminal: $(VENV)/developing
	ORGSYNC_HOSTILE_TERMINAL=full $(SLOW) tests/cli/test_hostile_terminal.py

# Rows changed at random, 20,000 sets of them.
fuzz: $(VENV)/developing
	ORGSYNC_FUZZ=20000 $(SLOW) tests/probes/test_fuzz.py

# All tests of `make unit` with the clock 400 days ahead, their subprocesses included (tests/clock).
clock: $(VENV)/developing
	@test -n "$(FAKETIME)" || { echo 'make clock needs libfaketime: apt-get install libfaketime' >&2; exit 1; }
	LD_PRELOAD=$(FAKETIME) FAKETIME=+400d FAKETIME_DONT_FAKE_MONOTONIC=1 \
		PYTHONPATH=$(CURDIR)/tests/clock $(SLOW) $(NOT_WITH_FAKETIME)
# libfaketime opens its shared memory where stdout was closed, and answers of the benchmarks' server take their real time.
NOT_WITH_FAKETIME := --deselect tests/cli/test_streams.py::TestProgram::test_a_server_without_stdout_ends \
	--deselect tests/bench/test_programs.py::test_every_answer_takes_as_long_as_it_is_told_to
FAKETIME = $(firstword $(wildcard /usr/lib/*/faketime/libfaketime.so.1))

# What yaml-language-server, over its standard streams, shows of the files, and what ajv says of the schemas.
editor: $(VENV)/developing .venv-editor/made
	NODE_PATH=$(CURDIR)/.venv-editor/node_modules $(SLOW) tests/editor/in_an_editor.py

# Every small change of core/plan/guards.py, tried one by one: a test has to notice it, or a table says why none can.
mutants: $(VENV)/mutating
	$(BIN)/python tests/core/plan/guards/mutants.py $(SHARE)

# Whether the API has moved: what the newest official SDK knows of it and tests/sandbox/surface.json does not. Exit code 2
# if there is something. The wheel is read, not installed.
canary: $(VENV)/developing
	@folder=$$(mktemp -d) && trap 'rm -r "$$folder"' EXIT && \
	$(BIN)/pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: --dest "$$folder" anthropic && \
	$(BIN)/python -m tests.sandbox.surface compare tests/sandbox/surface.json "$$folder"/*.whl

# Keeps what the installed SDK knows, once the sandbox and the tests know it.
surface: $(VENV)/developing
	$(BIN)/python -m tests.sandbox.surface dump "$$($(BIN)/python -c 'import anthropic; print(*anthropic.__path__)')" \
		> tests/sandbox/surface.json.new
	mv tests/sandbox/surface.json.new tests/sandbox/surface.json

schemas: $(VENV)/installed
	$(BIN)/orgsync schema org > schemas/org.schema.json
	$(BIN)/orgsync schema org --part > schemas/org-part.schema.json
	$(BIN)/orgsync schema plan > schemas/plan.schema.json
	$(BIN)/orgsync schema snapshot > schemas/snapshot.schema.json
	$(BIN)/orgsync schema drift > schemas/drift.schema.json
	$(BIN)/orgsync schema review > schemas/review.schema.json
	$(BIN)/orgsync schema closing > schemas/closing.schema.json
	$(BIN)/orgsync schema events > schemas/events.schema.json
	$(BIN)/orgsync schema failure > schemas/failure.schema.json
	$(BIN)/orgsync schema answer > schemas/answer.schema.json

# Rewrites the golden files with what the code prints now: read the difference before you commit it.
bless: $(VENV)/developing
	$(BIN)/python -m pytest -n $(WORKERS) --bless

# What a plan costs beside the least it could, in a few minutes (docs/benchmarks.md); SIZE=M DELAY=0.1 RUNS=3 for one size.
bench: $(VENV)/developing
	@$(BIN)/python -m benchmarks $(if $(SIZE),--size $(SIZE)) $(if $(DELAY),--delay $(DELAY)) $(if $(RUNS),--runs $(RUNS))

# Whether start, YAML and sandbox are as fast as they have to be.
bench-parts: $(VENV)/developing
	for part in startup yaml_load sandbox; do $(BIN)/python benchmarks/$$part.py || exit 1; done

# What people install, the wheel and the source, each in an environment of its own, does the main job.
wheel: dist
	@$(MAKE) --no-print-directory smoke ARTIFACT="$$(ls dist/*.whl)"

dist: .venv-tools/made
	rm -rf dist
	.venv-tools/bin/python -m hatchling build

smoke:
	rm -rf .venv-wheel
	$(PYTHON) -m venv .venv-wheel
	@$(MAKE) --no-print-directory smoke-installed VENV=.venv-wheel ARTIFACT="$(ARTIFACT)"
	@$(MAKE) --no-print-directory story VENV=.venv-wheel

smoke-installed:
	$(PIP) $(LOCKED) --requirement requirements/build.txt --requirement requirements/demo.txt
	$(PIP) --no-deps --no-build-isolation --no-index $(ARTIFACT)

# What orgsync is made of, and what the pipelines install beside it, as CycloneDX; each is judged by its schema.
sbom: .venv-tools/made
	mkdir -p dist
	for name in run action; do PYTHONWARNINGS=ignore::UserWarning .venv-tools/bin/cyclonedx-py requirements --pyproject pyproject.toml --validate \
	  --output-reproducible --output-file dist/orgsync-$$name.cdx.json requirements/$$name.txt || exit 1; done

# Writes requirements/*.txt anew. Versions that still fit stay; `make lock UPGRADE=--upgrade` takes the newest of all.
lock: .venv-tools/made
	.venv-tools/bin/python requirements/lock.py $(UPGRADE)

# The whole suite with the oldest versions that pyproject.toml allows, and with whatever is newest at this minute.
test-lowest test-newest: test-%: .venv-tools/made
	rm -rf .venv-$*
	$(PYTHON) -m venv .venv-$*
	.venv-tools/bin/uv pip install --quiet --no-config --python .venv-$*/bin/python \
	  --resolution $(if $(filter lowest,$*),lowest-direct,highest) --editable '.[dev]'
	@touch .venv-$*/developing
	@$(MAKE) --no-print-directory unit VENV=.venv-$*

clean:
	rm -rf .venv .venv-* $(DEMO) dist .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "orgsync needs Python 3.11 or newer: make PYTHON=...")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: pyproject.toml $(wildcard requirements/*.txt) | $(VENV)/bin/python
	$(call installed,demo,sandbox)
	@touch $@

$(VENV)/developing: pyproject.toml $(wildcard requirements/*.txt) | $(VENV)/bin/python
	$(call installed,dev,dev)
	@touch $@ $(VENV)/installed

# cosmic-ray needs a library that there is no wheel of: it is not in the lock, and nothing else runs in this environment.
$(VENV)/mutating: $(VENV)/developing
	$(PIP) --editable '.[dev,mutation]'
	@touch $@

.venv-editor/made: tests/editor/package.json tests/editor/package-lock.json
	@for program in node npm; do command -v "$$program" >/dev/null || \
	  { echo 'make editor needs node and npm: apt-get install nodejs npm' >&2; exit 1; }; done
	mkdir -p .venv-editor
	cp tests/editor/package.json tests/editor/package-lock.json .venv-editor
	npm ci --prefix .venv-editor --cache $(CURDIR)/.venv-editor/cache --ignore-scripts --no-audit --no-fund
	@touch $@

.venv-tools/made: requirements/tools.txt requirements/build.txt
	$(PYTHON) -m venv .venv-tools
	.venv-tools/bin/pip install --quiet --disable-pip-version-check $(LOCKED) --requirement requirements/tools.txt \
	  --requirement requirements/build.txt
	@touch $@
