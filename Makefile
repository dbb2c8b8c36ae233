# Two commands do everything: `make demo` and `make test`. `make check` is what to run while changing something, `make docs` makes the
# documentation site. `make audit` looks the pinned versions up for known weaknesses (internet).
PYTHON ?= python3
VENV ?= .venv
# processes of the tests
WORKERS ?= 2
BIN := $(VENV)/bin
# modules are compiled when they are first loaded: most of the packages' never are
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile -c constraints.txt

# what a change breaks first: methods against known answers and brute force, readers, the shape of the house, the pages' words
FAST := tests/data tests/coverage tests/publish tests/study \
  $(addprefix tests/optimize/test_, brute_force.py limits.py status.py recount.py objective.py explicit.py) \
  $(addprefix tests/test_, architecture.py cards.py dependencies.py docs.py docs_python.py reliability_page.py)
# of these, what takes five seconds and more of processor time, and is about one thing: `make test` has it
LONGER := $(addprefix tests/data/test_, attack_inputs.py compiled.py forms.py) tests/publish/test_suppress.py \
  $(addprefix tests/coverage/test_, hypercube_large.py service_heaps.py)

.PHONY: demo test check style docs audit check-python wheel clean

demo: $(VENV)/.base
	$(BIN)/coresponse demo --out demo

# types are checked beside the tests: mypy is one process, and would leave the other core idle for a minute
define tested
	$(BIN)/mypy >$(VENV)/types.txt & types=$$!; \
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile $(1); tested=$$?; \
	wait $$types; typed=$$?; cat $(VENV)/types.txt; exit $$((tested || typed))
endef

test: $(VENV)/.dev style
	$(call tested,--no-loadscope-reorder)

check: $(VENV)/.dev style
	$(call tested,-q -m "not slow and not browser" $(addprefix --ignore=,$(LONGER)) $(FAST))

docs: $(VENV)/docs/.ready
	$(VENV)/docs/bin/sphinx-build -W --keep-going -q docs docs/_build/html
	@echo "open docs/_build/html/index.html"

style: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

wheel: $(VENV)/.dev
	$(PIP) build
	$(BIN)/python -m build --wheel

audit: | check-python
	test -x $(VENV)/audit/bin/pip-audit || { $(PYTHON) -m venv $(VENV)/audit && \
	  $(VENV)/audit/bin/python -m pip install --quiet --disable-pip-version-check 'pip-audit>=2.7,<3'; }
	$(VENV)/audit/bin/pip-audit --requirement constraints.txt --no-deps --disable-pip --strict $(AUDIT)

check-python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "coresponse needs Python 3.11 or later; say which: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
	  { echo "this Python cannot make environments; on Debian: apt-get install python3-venv" >&2; exit 1; }

$(VENV)/.base: pyproject.toml constraints.txt | check-python
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) --editable .
	touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | check-python
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) --editable '.[dev]'
	touch $@ $(VENV)/.base

# beside the environment of the tests, so that what builds the site cannot change what is tested
$(VENV)/docs/.ready: pyproject.toml constraints.txt docs/requirements.txt | check-python
	test -x $(VENV)/docs/bin/python || $(PYTHON) -m venv $(VENV)/docs
	$(VENV)/docs/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt \
	  -r docs/requirements.txt --editable .
	touch $@

clean:
	rm -rf $(VENV) demo dist build docs/_build .pytest_cache .mypy_cache .ruff_cache
