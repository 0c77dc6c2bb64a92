# Two commands matter: `make run` starts Motline, `make test` proves it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test setup lint lock clean

run: setup
	@$(BIN)/motline run

test: setup
	@$(BIN)/python -m tests.prepare
	$(BIN)/ruff check .
	$(BIN)/mypy
	@# Tests that kill processes depend on the machine's timing: what failed is run once more, alone, and must pass then.
	$(BIN)/pytest || { [ $$? -eq 1 ] && echo "Run once more, alone:" && $(BIN)/pytest --last-failed; }

lint: setup
	$(BIN)/ruff check .
	$(BIN)/mypy

setup: $(VENV)/installed

$(VENV)/installed: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v <= (3, 13) else "Motline needs Python 3.11, 3.12 or 3.13; this is %d.%d. Try: make PYTHON=python3.12 run" % v)'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing Motline into $(VENV) (once; it takes some minutes) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# Writes requirements.txt anew: every package of pyproject.toml with all extras, pinned, with hashes, for every platform.
lock:
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --all-extras --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-header --no-annotate pyproject.toml -o requirements.txt

clean:
	rm -rf $(VENV)
