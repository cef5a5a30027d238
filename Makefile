# The portal's commands; `make help` lists them.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/sh
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
BIN := .venv/bin

# WeasyPrint draws with Pango; official documents need these Chinese fonts; the browser tests walk through chromium,
# the document tests look at PDFs with poppler-utils.
LIBRARIES := libpango-1.0-0 libpangoft2-1.0-0 fonts-noto-cjk fonts-arphic-ukai fonts-lxgw-wenkai chromium poppler-utils

# The checks read the settings but need no database; the tests keep theirs away from that of a running portal.
CHECK_ENV := env DEBUG=1 DATABASE_URL=postgresql:///not-used
TEST_ENV := env DEBUG=1 PORTAL_VAR="$(CURDIR)/var/test"
LOCK := UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url

.PHONY: help
help: ## list the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: setup
setup: libraries $(BIN)/.installed node_modules/.package-lock.json .env ## install everything that is missing

.PHONY: run
run: setup ## run the portal with demo data on http://127.0.0.1:8000/ (PORT=8001 make run for another port)
	@exec env DEBUG=1 $(BIN)/python manage.py serve

# A command beside the running demo (manage.py run_daily) must find the same settings.
.env:
	@echo "Writing .env with DEBUG=1, so that manage.py finds the demo's settings (.env.example has the others)."
	@echo "DEBUG=1" > .env

.PHONY: test
test: setup ## run all tests; some of them: make test ARGS="tests/bases -k quota"
	@echo "Running the tests."
	@exec $(TEST_ENV) $(BIN)/python -m pytest -n 2 --dist loadscope --no-loadscope-reorder $(ARGS)

.PHONY: bench
bench: setup ## measure what must be quick and record it in docs/benchmarks.md
	@exec $(TEST_ENV) $(BIN)/python -m pytest -m benchmark tests/benchmarks $(ARGS)

.PHONY: lint
lint: setup ## check style, formatting, the order of imports and the compose file
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml

.PHONY: types
types: setup ## check types with mypy
	$(CHECK_ENV) $(BIN)/python -m mypy

.PHONY: format
format: setup ## put the code into its format
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

.PHONY: lock
lock: setup ## pin the dependencies again; newer ones: make lock UPGRADE=--upgrade
	$(LOCK) $(UPGRADE) --output-file requirements.txt requirements.in
	$(LOCK) $(UPGRADE) --output-file requirements-dev.txt requirements-dev.in
	npm install --package-lock-only

.PHONY: clean
clean: ## remove what was installed or computed; the data in var/ stay
	rm -rf .venv node_modules var/test var/static .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: libraries
libraries:
	@if ! command -v dpkg-query >/dev/null; then \
		echo "This is not Debian. Needed here: Python 3.11 or later, Node with npm, Pango 1.44 or later, Chinese fonts,"; \
		echo "and for the tests Chromium and poppler. Going on in the hope that they are there."; \
		exit 0; \
	fi; \
	present=$$(dpkg-query --show --showformat '$${db:Status-Status} $${Package}\n' $(LIBRARIES) 2>/dev/null); \
	missing=""; \
	for package in $(LIBRARIES); do \
		echo "$$present" | grep -qx "installed $$package" || missing="$$missing $$package"; \
	done; \
	if [ ! -x $(BIN)/python ]; then \
		command -v $(PYTHON) >/dev/null || missing="$$missing python3"; \
		$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || missing="$$missing python3-venv"; \
	fi; \
	command -v npm >/dev/null || missing="$$missing nodejs npm"; \
	[ -n "$$missing" ] || exit 0; \
	if [ "$$(id -u)" != 0 ]; then \
		echo "These Debian packages are missing:$$missing"; \
		echo "Install them, then run make again:"; \
		echo "  sudo apt-get update && sudo apt-get install --yes --no-install-recommends$$missing"; \
		exit 1; \
	fi; \
	echo "Installing Debian packages:$$missing"; \
	export DEBIAN_FRONTEND=noninteractive; \
	apt-get update --quiet --quiet \
		&& apt-get install --quiet --quiet --yes --no-install-recommends -o Dpkg::Use-Pty=0 $$missing >/dev/null \
		|| { echo "apt-get could not install them; its message is above. Is the network there?"; exit 1; }

$(BIN)/python: | libraries
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "The portal needs Python 3.11 or later; $(PYTHON) is $$($(PYTHON) --version 2>&1)."; \
		echo "Name another one: make setup PYTHON=python3.11"; \
		exit 1; \
	}
	@echo "Making a virtual environment in .venv"
	@$(PYTHON) -m venv --clear .venv

$(BIN)/.installed: requirements.txt requirements-dev.txt $(BIN)/python
	@echo "Installing the locked Python packages; the first time takes a minute or two."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes \
		-r requirements.txt -r requirements-dev.txt \
		|| { echo "pip could not install them; its message is above. Is the network there?"; exit 1; }
	@touch $@

node_modules/.package-lock.json: package.json package-lock.json .npmrc | libraries
	@echo "Installing the locked browser assets."
	@npm ci --ignore-scripts --silent \
		|| { echo "npm could not install them; try npm ci to see why. Is the network there?"; exit 1; }
	@touch $@
