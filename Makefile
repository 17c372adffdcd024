# make demo    the whole path in a few minutes, on text the package makes itself
# make test    the tests
# make check   style, types and architecture
# Each sets up .venv first.

PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test check clean
.DEFAULT_GOAL := demo

.venv/ready: requirements.txt pyproject.toml dev/install.py
	@$(PYTHON) dev/install.py

demo: .venv/ready
	@$(BIN)/fidan run recipes/demo.toml

test: .venv/ready
	@$(BIN)/python -m pytest

check: .venv/ready
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/python -m pytest -q tests/test_architecture.py

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist
