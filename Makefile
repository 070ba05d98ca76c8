# All one does with the project, a verb each; `make` alone lists them. Nothing but Python 3.11 (or newer), make and the
# package registry is needed. What is installed is locked by hash and never built from source.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# How many tests run at a time: a number, or one per processor.
JOBS ?= logical
# More for the command: `make test ARGS="tests/flows -x"`.
ARGS ?=

CATALOGS := $(wildcard locales/*/LC_MESSAGES/bot.po)
COMPILED := $(CATALOGS:.po=.mo)
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input --quiet --quiet
INSTALL := $(PIP) install --only-binary :all: --require-hashes
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --only-binary :all: --generate-hashes \
	--no-emit-index-url --custom-compile-command "make lock" \
	$(if $(UPGRADE),$(if $(filter all,$(UPGRADE)),--upgrade,--upgrade-package $(UPGRADE)))

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test lint format check bench pictures soak audit lock catalogs compile clean

help: ## list the verbs
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(VENV)/.run $(COMPILED) ## start the bot: in the terminal, as long as no network is set up
	@$(BIN)/python -m bot run $(ARGS)

test: $(VENV)/.dev $(COMPILED) ## run all tests
	$(BIN)/python -m pytest -n $(JOBS) $(ARGS)

lint: $(VENV)/.dev ## check style, types, the direction of imports, and that the catalogs are complete
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m tools.check_catalogs

check: test lint ## both: what must pass before a change goes in

format: $(VENV)/.dev ## set the style right where a machine can
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: $(VENV)/.dev $(COMPILED) ## measure the figures, or one: make bench ONLY=name
	$(BIN)/python -m benchmarks $(if $(ONLY),--only $(ONLY))

pictures: $(VENV)/.dev $(COMPILED) ## look at the bot with a Matrix client, and at its pages: docs/pictures; needs npm, Chromium, Pango
	cd tests/pictures/client && npm install --silent --no-save && npm run --silent build
	$(BIN)/python -m tests.pictures
	$(BIN)/python -m tests.pictures.pages

soak: $(VENV)/.dev $(COMPILED) ## run the tests that take hours
	$(BIN)/python -m pytest -m soak --timeout 0 $(ARGS)

audit: $(VENV)/.dev ## ask the vulnerability service about all that is locked
	$(BIN)/pip-audit --disable-pip --require-hashes --requirement requirements.lock
	$(BIN)/pip-audit --disable-pip --require-hashes --requirement requirements-pdf.lock
	$(BIN)/pip-audit --disable-pip --require-hashes --requirement requirements-dev.lock

# The larger set first, so that both take the same versions.
lock: $(VENV)/.dev ## lock what pyproject.toml asks for; UPGRADE=name or UPGRADE=all takes newer ones
	$(LOCK) pyproject.toml --extra pdf --group build --group dev --output-file requirements-dev.lock
	$(LOCK) pyproject.toml --group build --constraint requirements-dev.lock --output-file requirements.lock
	$(LOCK) pyproject.toml --extra pdf --constraint requirements-dev.lock --output-file requirements-pdf.lock
	$(LOCK) benchmarks/red-dwarf.in --output-file benchmarks/red-dwarf.lock

catalogs: $(VENV)/.dev ## bring the catalogs, and the harvest's schema, up to date with the source; LOCALE=da begins one
	@mkdir -p locales
	$(BIN)/python -m babel.messages.frontend -q extract -F pyproject.toml --add-location file --sort-by-file \
		--add-comments Translators: --width 120 --project Byalag --copyright-holder "the Byalag authors" \
		--output-file locales/bot.pot .
	$(if $(LOCALE),$(BIN)/pybabel -q init -D bot -i locales/bot.pot -d locales --width 120 -l $(LOCALE))
	$(if $(CATALOGS),$(BIN)/pybabel -q update -D bot -i locales/bot.pot -d locales --width 120 \
		--ignore-obsolete --no-fuzzy-matching --ignore-pot-creation-date)
	@$(MAKE) --no-print-directory compile
	$(BIN)/python -m bot.reporting.data > docs/harvest.schema.json

compile: $(VENV)/.run $(COMPILED) # what run and test do first

clean: ## remove what make made; never data, keys or settings
	rm -rf $(VENV) build dist tests/pictures/client/dist tests/pictures/client/node_modules *.egg-info .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	rm -f locales/bot.pot $(COMPILED)
	find bot tests benchmarks tools -name __pycache__ -prune -exec rm -rf {} +

$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed.")'
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "On Debian: apt install python3-venv" >&2; exit 1; }

# The project itself comes last, with what is there already: nothing unlocked is fetched to build it.
$(VENV)/.run: requirements.lock pyproject.toml | $(BIN)/pip
	@echo "Installing what the bot needs; the first time takes a minute." >&2
	$(INSTALL) --requirement requirements.lock
	$(PIP) install --no-index --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.run
	$(INSTALL) --requirement requirements-dev.lock
	@touch $@

%.mo: %.po | $(VENV)/.run
	$(BIN)/pybabel -q compile --input-file $< --output-file $@
