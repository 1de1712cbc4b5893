# Everything a developer or CI calls. The commands install what they need themselves; see CONTRIBUTING.md.

VENV   ?= .venv
PYTHON ?= python3
PYTEST_ARGS ?=
BENCH_ARGS ?=

BIN := $(VENV)/bin
# Whole files go to several processes, each with servers of its own; tests/conftest.py says to how many.
# In the tree's own order: what takes long comes first, so that the processes end together.
SPREAD := --numprocesses auto --dist loadfile --no-loadscope-reorder

# Compiled code is kept (`make clean` removes it): tests and demo start dozens of Python processes.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help install demo test unit lint docs bench clean venv packages

help:
	@echo "make demo   a CRM, a Google and the plugin between them, on this machine (ONCE=1: one sync, then end)"
	@echo "make test   all tests, on real servers; installs them where they are missing"
	@echo "make unit   the tests that need no servers"
	@echo "make lint   format, lint, types, layers"
	@echo "make bench  how long syncs take, on real parts and a Google that takes 100 ms"
	@echo "make docs   print the documentation that comes from the code"
	@echo "make install"
	@echo "            on the machine of a CRM: what runs the service, nothing for developers (docs/operations.md)"
	@echo "make clean  remove what these have built"
	@echo "VENV=folder uses another virtual environment than .venv"

demo: packages venv
	$(BIN)/python -m demo $(if $(ONCE),--once)

test: packages venv
	$(BIN)/pytest $(SPREAD) $(PYTEST_ARGS)

unit: venv
	$(BIN)/pytest $(SPREAD) -m "not real and not browser" $(PYTEST_ARGS)

lint: venv
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --config setup.cfg

bench: packages venv
	$(BIN)/python -m bench $(BENCH_ARGS)

docs: venv
	$(BIN)/python scripts/print-reconcile > docs/reconcile.md
	$(BIN)/python scripts/print-fault-matrix > docs/fault_matrix.md

packages:
	@scripts/install-packages

venv:
	@PYTHON="$(PYTHON)" scripts/build-venv "$(VENV)" requirements-dev.txt

# What runs the service, and nothing that only developers need.
install:
	@PYTHON="$(PYTHON)" scripts/build-venv "$(VENV)" requirements.txt

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage htmlcov
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
