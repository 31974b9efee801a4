# Two commands: `make run` harvests the example partners, publishes them and serves the map; `make test` checks everything.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SHARED_OUT = -n $$(($$(nproc) + 1)) --dist loadfile --no-loadscope-reorder  # some tests wait for servers, so one worker more than cores

.PHONY: run test quick lint kill fuzz bench docs lock clean

run: $(VENV)/.run
	@$(BIN)/landkarte demo

test: $(VENV)/.dev chromium lint
	@$(BIN)/python -m pytest -m "not ckan" $(SHARED_OUT) $(PYTEST_ARGS)
	@$(BIN)/python -m pytest -m ckan $(PYTEST_ARGS) || test $$? -eq 5  # there is one CKAN; 5: PYTEST_ARGS names no test with it

quick: $(VENV)/.dev lint  ## without CKAN, browser and servers
	@$(BIN)/python -m pytest -m "not ckan and not browser and not prefect" $(SHARED_OUT) $(PYTEST_ARGS)

lint: $(VENV)/.dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/python tools/docs.py --check

kill: $(VENV)/.dev  ## the full size of what the tests sample: every boundary, fifty instants, a full disk, a CKAN that dies (about an hour)
	@rm -rf build/kill && mkdir -p build/kill/ledger build/kill/publication build/kill/program build/kill/disk build/kill/catalogue
	@$(BIN)/python -m tests.catalogue.killed build/kill/ledger --every 1 --random 50 --full-disk 20
	@$(BIN)/python -m tests.catalogue.killed_publication build/kill/publication --every 1 --random 50
	@$(BIN)/python -m tests.catalogue.killed_program build/kill/program --random 50 --command 10
	@$(BIN)/python -m tests.catalogue.killed_disk build/kill/disk --times 20 --catalogue 3
	@$(BIN)/python -m tests.catalogue.killed_catalogue build/kill/catalogue --every 1 --rest 5 --servers 12 --first 5

fuzz: $(VENV)/.dev  ## damaged feeds, 10,000 for every kind (about an hour)
	@$(BIN)/python -m tests.connectors.extremes
	@$(BIN)/python -m tests.connectors.fuzz $(FUZZ_ARGS)

bench: $(VENV)/.dev  ## ratios against named peers, into benchmarks/results.md
	@$(BIN)/python -m benchmarks $(if $(SIZE),--size $(SIZE))

docs: $(VENV)/.dev  ## write the generated tables
	@$(BIN)/python tools/docs.py

# A lock newer than its stamp is installed again; the stamp is written last, so a killed setup is repeated.
$(VENV)/.run: requirements.lock pyproject.toml
	@$(PYTHON) tools/setup.py $(VENV) requirements.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock pyproject.toml
	@$(PYTHON) tools/setup.py $(VENV) requirements-dev.lock
	@touch $@ $(VENV)/.run

.PHONY: chromium
chromium:  ## installed where it may be (root on Debian or Ubuntu); elsewhere the browser tests skip and say so
	@sh tools/chromium.sh

# ckanapi's own command wants docopt, which has no wheel; we only import the library
lock:  ## needs uv
	uv pip compile --universal --python-version 3.11 pyproject.toml --generate-hashes --no-emit-package docopt --no-annotate --no-header -q -o requirements.lock
	uv pip compile --universal --python-version 3.11 --group dev pyproject.toml -c requirements.lock --generate-hashes --no-emit-package docopt --no-annotate --no-header -q -o requirements-dev.lock

clean:
	rm -rf $(VENV) .venv-ckan data build dist .mypy_cache .ruff_cache .hypothesis
