# Needs make and a python3 (3.11 or later); everything else is set up by the target that is asked for.

PYTHON ?= python3
UV := .tools/uv
RUN := $(UV) run --no-sync --quiet
# Where tests keep files: in memory if there is room and programs may run there, as they create and delete many thousands.
SCRATCH := $(shell grep -qs ' /dev/shm .*noexec' /proc/mounts || df -k --output=avail,target /dev/shm 2>/dev/null | awk '$$1 >= 6291456 && $$2 == "/dev/shm" { print $$2 }')
# One thread for linear algebra: the tests use all processors already.
PYTEST := $(if $(SCRATCH),TMPDIR=$(SCRATCH)) OPENBLAS_NUM_THREADS=1 $(RUN) pytest -q
SYNC := $(UV) sync --frozen --inexact $(if $(wildcard .venv/pyvenv.cfg),--quiet)
MIRROR := $(PYTHON) scripts/sync_from_mirror.py

# Trust the certificate authorities that this machine trusts (company proxies); uv's own list where there is none.
export UV_SYSTEM_CERTS ?= $(if $(wildcard /etc/ssl/certs/ca-certificates.crt),1,0)
# Keep compiled modules, also where the shell says otherwise: the tests start hundreds of programs, which would each
# compile a thousand modules again.
export PYTHONDONTWRITEBYTECODE :=

# The parts of `make check`, the slowest first: two processors then end together.
CHECKS := check-types check-house check-apps check-docs check-style

.DEFAULT_GOAL := help
.PHONY: help demo test test-all mutate check $(CHECKS) bench tracker docs programs ready uv

help: ## Show this list
	@grep -E '^[a-z-]+:.*## ' $(firstword $(MAKEFILE_LIST)) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 18

demo: uv ## Build an invented shop in demo-home/, attribute it, and write its report
	@$(SYNC) --no-dev --extra charts || $(MIRROR)
	$(RUN) touchline demo --home demo-home

test: ready programs ## Run the tests: a sample of each campaign, and few examples of each property (the house rules are `make check`)
	$(PYTEST) --sample -n 3 --dist loadfile --no-loadscope-reorder -m "not benchmark" --ignore=tests/architecture

test-all: ready programs ## Run all tests, properties with many examples each, then make mutate
	@$(PYTHON) scripts/install_system_packages.py --thorough
	@$(PYTHON) scripts/install_lighthouse.py
	@$(PYTHON) scripts/install_apart.py pyspark
	$(PYTEST) -m "not benchmark" --hypothesis-profile=thorough
	$(MAKE) mutate

mutate: ready programs ## Run the mutation tests, and list the mutants that no test detects
	$(RUN) python -m tests.mutation $(if $(SEED),--seed $(SEED)) $(foreach area,$(AREA),--area $(area)) $(if $(FILES),--files $(FILES)) \
		$(if $(CHANGED),--changed) $(if $(NUMBER),--number $(NUMBER)) $(if $(JOBS),--jobs $(JOBS)) $(if $(JSON),--json $(JSON))

check: ready ## Hold the code to the house rules: style, types, import direction, SQL, documentation
	@$(MAKE) --no-print-directory --jobs 2 --output-sync $(CHECKS)

check-types:
	$(RUN) mypy

check-house:
	$(PYTEST) tests/architecture

check-apps:
	$(RUN) python -m pyright

check-docs:
	$(RUN) python -m scripts.docs --check

check-style:
	$(RUN) ruff check
	$(RUN) ruff format --check
	$(RUN) lint-imports --no-logo

bench: ready ## Measure speed on this machine
	@for name in $(sort $(basename $(notdir $(wildcard tests/benchmarks/[a-z]*.py)))); do echo "# $$name"; $(RUN) python -m tests.benchmarks.$$name || exit 1; done

tracker: ready ## Build the served form of the browser's tracker from its source
	$(RUN) python scripts/build_tracker.py

docs: ready ## Regenerate docs/reference from the code
	$(RUN) python -m scripts.docs

programs:
	@$(PYTHON) scripts/install_system_packages.py

uv:
	@$(PYTHON) scripts/bootstrap_uv.py

ready: uv
	@$(SYNC) || $(MIRROR)
	@$(PYTHON) scripts/install_apart.py dbt
