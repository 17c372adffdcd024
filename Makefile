# make demo    the whole path in a few minutes, on text the package makes itself
# make test    the tests, in two processes of one thread each
# make check   style, types and architecture
# make course  execute the chapters and the notebook: what changed since, two at a time
# make docs    the site, into build/site; executes the chapters first
# make clean   away with what these made, the runs excepted
# All but the last set up .venv first. On Windows: GNU make, from a shell such as Git's.

ifeq ($(OS),Windows_NT)
PYTHON ?= python
BIN := .venv/Scripts
else
PYTHON ?= python3
BIN := .venv/bin
endif
LEFT := .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist

.PHONY: demo test check course docs clean
.DEFAULT_GOAL := demo

.venv/ready: requirements.txt pyproject.toml dev/install.py
	@$(PYTHON) dev/install.py

demo: .venv/ready
	@$(BIN)/fidan run recipes/demo.toml

test: export OMP_NUM_THREADS := 1
test: .venv/ready
	@$(BIN)/python -m pytest -n 2 --dist worksteal

check: .venv/ready
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/python -m pytest -q tests/test_architecture.py

course: .venv/ready
	@$(BIN)/python dev/course.py

docs: course
	@$(BIN)/python dev/site.py

clean:
	@$(PYTHON) -c "import shutil, sys; [shutil.rmtree(path, ignore_errors=True) for path in sys.argv[1:]]" $(LEFT)
