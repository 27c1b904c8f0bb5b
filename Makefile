# `make demo` shows the product, `make test` proves it. Both build `.venv` from pinned, hashed requirements; a second run starts at once.
# Needs Python 3.11 or newer (with its venv module), make and git. PORT, PYTHON, HEAVY=1 and PYTEST_ARGS change what is said here.

PYTHON ?= python3
PORT ?= 8501
export PORT

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input -qq
EDITABLE := $(PIP) install --no-deps --no-build-isolation --editable .

.DEFAULT_GOAL := help
.PHONY: help demo test lint browser docs requirements clean

help: ## list the commands
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 22

demo: $(VENV)/.runtime ## assess the two quarters in sample_data/, write the report, serve the dashboard on 127.0.0.1:$PORT
	$(BIN)/nhi demo

test: lint browser ## ruff, mypy --strict and pytest; HEAVY=1 adds the slow tests, PYTEST_ARGS goes to pytest
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile $(if $(HEAVY),-m "") $(PYTEST_ARGS)

lint: $(VENV)/.dev ## ruff and mypy --strict alone
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict

browser: # Chromium for the tests marked `browser`: installed where that is possible, otherwise those tests are skipped
	@if command -v chromium >/dev/null; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && echo "Installing Chromium for the browser tests …" \
		&& apt-get update -qq >/dev/null && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null; then :; \
	else echo "No Chromium here: browser tests are skipped (on Debian: apt-get install chromium)."; fi

docs: $(VENV)/.dev ## write the generated pages of docs/ anew
	$(BIN)/python docs/generate.py

requirements: $(VENV)/.dev ## resolve the pinned requirements anew (COMPILE=--upgrade for newer versions)
	sh requirements/compile.sh $(BIN)/pip-compile $(COMPILE)

clean: ## remove the environment and every cache
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis

# Stamps: one for a usable Python environment, one for what the product needs, one for what its tests need besides.
$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; name it: make PYTHON=python3.11 …"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { echo "Python lacks its venv module (on Debian: apt-get install python3-venv)."; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --require-hashes -r requirements/pip.txt
	@touch $@

$(VENV)/.runtime: requirements/runtime.txt requirements/build.txt pyproject.toml | $(VENV)/.python
	@echo "Installing what the product needs (about a minute, once) …"
	$(PIP) install --require-hashes -r requirements/runtime.txt -r requirements/build.txt
	$(EDITABLE)
	@touch $@

$(VENV)/.dev: requirements/dev.txt pyproject.toml | $(VENV)/.python
	@echo "Installing what the tests need (about a minute, once) …"
	$(PIP) install --require-hashes -r requirements/dev.txt
	$(EDITABLE)
	@touch $@ $(VENV)/.runtime
