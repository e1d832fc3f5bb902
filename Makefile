# `make help` lists what there is. Everything is made once and again only when its inputs change.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/sh

VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/.stamps
NBB := tests/support/nbb
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
CODE := nrepl_lsp tests editors/vscode/scripts

# Where this is set Basilisp keeps no compiled namespaces: 15 s a start instead of 0.5 s.
unexport PYTHONDONTWRITEBYTECODE

VSCODE := editors/vscode
VSIX := $(VSCODE)/nrepl-lsp.vsix

.PHONY: help setup demo test fmt lint types bench conformance vscode test-editors clean debian-packages

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(STAMPS)/setup ## make .venv with nrepl-lsp in .venv/bin
	@echo "$(BIN)/nrepl-lsp is ready"

demo: $(STAMPS)/demo ## show nrepl-lsp at work on a real Basilisp nREPL server
	@$(BIN)/nrepl-lsp demo

# Most of their time is our program's, which coverage makes several times slower; what they run is
# covered by the others.
LIVE := $(addprefix tests/e2e/test_,$(addsuffix .py,closing command_surface errors features floods \
	load_state nothing_runs_unasked odd_places output running sessions test_runs))

# Two files at a time: each process starts servers of its own.
PYTEST := $(BIN)/python -m pytest --numprocesses 2 --dist loadfile

test: $(STAMPS)/test $(STAMPS)/nbb $(STAMPS)/vscode debian-packages ## run all tests, real servers included, with branch coverage
	@if command -v npm >/dev/null; then echo "Testing the VS Code extension ..." && cd $(VSCODE) && npm test --silent; \
	else test "$$CI" != true; fi
	$(PYTEST) $(LIVE)
	$(PYTEST) --cov --ignore=tests/editors $(addprefix --ignore=,$(LIVE))

test-editors: $(STAMPS)/test $(STAMPS)/editors debian-packages $(VSIX) ## drive real editors against real servers: EDITORS="neovim helix"
	@.ci/install-editors $(EDITORS)
	$(BIN)/python -m pytest tests/editors --numprocesses 2 $(if $(EDITORS),-k "$(subst $() , or ,$(strip $(EDITORS)))")

vscode: $(VSIX) ## build the VS Code extension
	@echo "$(VSIX) is ready: code --install-extension $(VSIX)"

fmt: $(STAMPS)/lint ## format the code
	$(BIN)/ruff format $(CODE)
	$(BIN)/ruff check --fix $(CODE)

lint: $(STAMPS)/lint ## check formatting and style
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/ruff check $(CODE)

types: $(STAMPS)/lint ## check types (mypy --strict)
	$(BIN)/mypy --strict nrepl_lsp

bench: $(STAMPS)/test $(STAMPS)/bench debian-packages ## measure the goals against their floors (about 4 minutes)
	$(BIN)/python -m tests.bench --markdown docs/benchmark.md --readme README.md

conformance: $(STAMPS)/test ## run the conformance suite on your server: URL=nrepl://host:port
	@test -n "$(URL)" || { echo "Say which server: make conformance URL=nrepl://host:port"; exit 2; }
	$(BIN)/python -m pytest tests/conformance --nrepl-url "$(URL)"

clean: ## remove everything that make made
	rm -rf $(VENV) $(NBB)/node_modules $(addprefix $(VSCODE)/,node_modules bundled dist out nrepl-lsp.vsix) .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage .coverage.* dist

# `pip install --group` needs pip 25.1.
$(STAMPS)/setup: pyproject.toml
	@python="$$(.ci/find-python)" && echo "Making $(VENV) with $$python ..." && "$$python" -m venv $(VENV)
	@$(PIP) install --upgrade 'pip>=25.1'
	@$(PIP) install --editable .
	@mkdir -p $(STAMPS) && touch $@

# The last line of each has Basilisp compile its core library, so that no start waits for it.
$(STAMPS)/demo: $(STAMPS)/setup
	@echo "Installing Basilisp and rich; the first time Basilisp compiles itself (15 s) ..."
	@$(PIP) install --editable '.[demo]'
	@$(BIN)/basilisp run -c "(require 'basilisp.contrib.nrepl-server)"
	@touch $@

$(STAMPS)/test: $(STAMPS)/setup
	@echo "Installing what the tests need; the first time Basilisp compiles itself (15 s) ..."
	@$(PIP) install --group test
	@$(BIN)/basilisp run -c "(require 'basilisp.contrib.nrepl-server)"
	@touch $@

$(STAMPS)/lint $(STAMPS)/bench $(STAMPS)/editors: $(STAMPS)/setup
	@echo "Installing what $(@F) needs ..."
	@$(PIP) install --group $(@F)
	@touch $@

$(STAMPS)/nbb: $(STAMPS)/setup $(NBB)/package-lock.json
	@if command -v npm >/dev/null; then echo "Installing nbb ..." && cd $(NBB) && npm ci --loglevel=error; \
	else echo "nbb is skipped: it needs Node.js and npm (https://nodejs.org)"; fi
	@! command -v npm >/dev/null || touch $@

$(STAMPS)/vscode: $(STAMPS)/setup $(VSCODE)/package-lock.json
	@if command -v npm >/dev/null; then echo "Installing what the VS Code extension is built with ..." && \
		cd $(VSCODE) && npm ci --loglevel=error --no-audit --no-fund >/dev/null; \
	else echo "The VS Code extension is skipped: it needs Node.js 20 or newer and npm (https://nodejs.org)"; fi
	@! command -v npm >/dev/null || touch $@

# Everything that is in it, or makes it.
VSIX_INPUTS := $(shell find nrepl_lsp -name '*.py') $(shell find $(VSCODE) -type d \
	\( -name node_modules -o -name bundled -o -name dist -o -name out -o -name test \) -prune \
	-o -type f ! -name '*.vsix' -print)

$(VSIX): $(STAMPS)/vscode $(VSIX_INPUTS)
	@echo "Building $@ ..."
	@$(BIN)/python $(VSCODE)/scripts/bundle_server.py
	@cd $(VSCODE) && SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct 2>/dev/null || echo 1767225600) \
		npm run --silent package >/dev/null

debian-packages:
	@.ci/debian-packages
