# Everything a person needs: `make sweep` to see the tool work, `make test` to trust it.
# Each target sets up what it needs; nothing has to be installed by hand but Python 3.11+ and make.
# Bytecode is compiled at once: TensorFlow takes 5 s to import with it, and 12 s without.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
DATA ?= digits
# Of each package just the files that were locked; wheels, since what builds a source is not locked.
PINNED := --require-hashes --only-binary :all:
AUDIT := build/audit

.PHONY: sweep test test-long zoo check format lock audit clean setup setup-dev bench-setup system-packages

sweep: setup  ## Run a sweep on the digits data set, and say where its report is.
	$(BIN)/fitgap sweep $(DATA)

test: setup-dev system-packages  ## Run the tests: a quarter of an hour on two cores.
	$(BIN)/python -m pytest -m "not long" -n 2 --dist loadfile --cov --cov-report=term:skip-covered

test-long: setup-dev system-packages  ## Run what takes longest: benchmarks in small, whole benches, long runs.
	$(BIN)/python -m pytest -m long -n 2 --dist loadfile

zoo: setup-dev  ## Take fitgap through 350 tables of R; write what came of it into docs/data.md.
	$(BIN)/python -m tools.zoo --write docs/data.md

check: setup-dev  ## Formatting, lint, types, import rules and the fast tests: under two minutes.
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m pytest -q -m "not slow" -n 2 --dist loadfile

format: setup-dev  ## Format and mend what can be mended.
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: $(UV)  ## Pin every dependency, with hashes, for all platforms and Pythons.
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
		--all-extras --group dev --output-file requirements-dev.txt pyproject.toml
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
		--constraint requirements-dev.txt --output-file requirements.txt pyproject.toml
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
		--constraint requirements.txt --group bench --output-file requirements-bench.txt pyproject.toml
	echo pip-audit | $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
		--output-file requirements-audit.txt -

audit: $(UV)  ## Look for known advisories about what is locked; what cannot be looked up is a failure.
	$(UV) venv --quiet --clear $(AUDIT)
	$(UV) pip install --quiet --python $(AUDIT) $(PINNED) --requirement requirements-audit.txt
	for file in requirements*.txt; do \
		$(AUDIT)/bin/pip-audit --strict --disable-pip --require-hashes --progress-spinner off \
			--requirement $$file || exit 1; \
	done

setup: $(VENV)/installed
setup-dev: $(VENV)/installed-dev
bench-setup: $(VENV)/installed-bench  ## What the benchmarks compare fitgap with (benchmarks/README.md).

$(VENV)/installed: requirements.txt pyproject.toml | $(UV)
	$(UV) pip install --quiet --compile-bytecode $(PINNED) --requirement requirements.txt
	$(UV) pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/installed-dev: requirements-dev.txt pyproject.toml | $(UV)
	$(UV) pip install --quiet --compile-bytecode $(PINNED) --requirement requirements-dev.txt
	$(UV) pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/installed

$(VENV)/installed-bench: requirements-bench.txt pyproject.toml | $(UV)
	$(UV) pip install --quiet --compile-bytecode $(PINNED) --requirement requirements-bench.txt
	$(UV) pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/installed

$(UV): requirements-setup.txt
	@sh tools/make_venv.sh $(PYTHON) $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $(PINNED) --requirement requirements-setup.txt
	@touch $@

system-packages:
	@sh tools/install_system_packages.sh

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage *.egg-info build
