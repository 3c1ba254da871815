# galforge in two commands: `make demo` and `make test`. `make help` lists the rest.
PYTHON ?= python3
CORES ?= all
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help demo test test-slow test-faults test-slurm lint docs format benchmark clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 18

# This file holds the requirements that were installed, so a second run only compares and installs nothing.
$(BIN)/installed: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "ERROR: galforge needs Python 3.11 or newer; name one with: make PYTHON=python3.12 ..."; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements.txt
	@cp requirements.txt $@

demo: $(BIN)/installed ## from a simulated survey to the report, on all cores (CORES=2 for two)
	$(BIN)/snakemake --cores $(CORES)

test: $(BIN)/installed ## the test suite, except its slow tests
	$(BIN)/python -m pytest --numprocesses logical --dist loadfile

test-slow: $(BIN)/installed ## the slow tests: slow faults, installation into an empty environment
	$(BIN)/python -m pytest -rs -m slow

test-faults: $(BIN)/installed ## every fault, slow ones included; writes docs/reliability.md
	$(BIN)/python -m pytest -rs -m fault --reliability

test-slurm: $(BIN)/installed ## the pipeline on a Slurm of one node that it starts (root, Debian)
	tests/slurm/install.sh
	$(BIN)/python -m pytest -rs tests/slurm

lint: $(BIN)/installed ## style, types, spelling, workflow
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile rules
	$(BIN)/mypy
	$(BIN)/codespell
	$(BIN)/snakemake --lint

$(BIN)/docs-installed: $(BIN)/installed docs/requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement docs/requirements.txt \
		--constraint requirements.txt
	@cp docs/requirements.txt $@

docs: $(BIN)/docs-installed ## the documentation, docs/_build/index.html; a warning is an error
	$(BIN)/sphinx-build --quiet --fresh-env --write-all --fail-on-warning --keep-going docs docs/_build

format: $(BIN)/installed ## write the style that lint asks for
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/snakefmt Snakefile rules

benchmark: $(BIN)/installed ## timings, as ratios against a reference measured in the same run
	$(BIN)/python -m benchmarks

clean: ## remove everything that the default configuration made
	rm -rf results
