# Three commands: `make demo` turns samples/ into adverts, `make serve` shows them in a browser, `make test` checks
# everything.
#   make demo PHOTOS=dir REGISTER=file.csv    the same on your own photos

PYTHON ?= python3
PHOTOS ?= samples
REGISTER ?= $(wildcard $(PHOTOS)/register.csv)
LANGUAGE ?= en
OUT ?= out
DATA ?= kilpi-data
PORT ?= 8765
BIN := .venv/bin

.PHONY: demo serve test checks pytest lint browser postgres servers core clean

# Exit code 3 says that a photo could not be used; the samples hold a broken one on purpose.
demo: .venv/core
	@$(BIN)/kilpi advert $(PHOTOS) -o $(OUT) --language $(LANGUAGE) $(if $(REGISTER),--register $(REGISTER)) || test $$? -eq 3
	@echo "Open $(OUT)/index.html in a browser: every car, its advert, or what a person must still say."

# On this machine alone; the terminal shows a link that lets in once.
serve: .venv/web
	$(BIN)/kilpi serve --data $(DATA) --port $(PORT) --language $(LANGUAGE) --take $(PHOTOS) $(if $(REGISTER),--register $(REGISTER))

test: .venv/dev browser postgres servers
	$(MAKE) --no-print-directory --jobs 2 pytest checks

# Beside the tests, which often wait.
checks: lint core

# Two at a time, a file to each, so that what a file trains once is trained once; a core to each: threads that
# wait for each other on two cores take turns with the other's.
pytest:
	OMP_NUM_THREADS=1 $(BIN)/pytest --numprocesses 2 --dist loadfile

lint: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# The core alone, in an environment of its own: no command may need an extra that it does not name.
core:
	PYTHON=$(PYTHON) .ci/core

# The advert pages are clicked through in a real browser; without one those tests are skipped.
browser:
	command -v chromium >/dev/null || { test "$$(id -u)" = 0 && apt-get update -qq && apt-get install -y -qq chromium >/dev/null; } || true

# What is kept is tested on SQLite and on a real Postgres, which the tests start; without one they are skipped,
# but not where CI is set.
postgres:
	ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || { test "$$(id -u)" = 0 && apt-get update -qq && apt-get install -y -qq postgresql >/dev/null; } || true

# Mail, alarms and the backup are tested with the real programs, which the tests start on loopback; as with Postgres.
servers:
	{ test -x /usr/sbin/dovecot && command -v promtool rsync >/dev/null; } || { test "$$(id -u)" = 0 && apt-get update -qq && apt-get install -y -qq dovecot-imapd prometheus rsync >/dev/null; } || true

.venv/bin/python:
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip

.venv/core: .venv/bin/python pyproject.toml
	$(BIN)/pip install --quiet --editable .
	touch $@

.venv/web: .venv/bin/python pyproject.toml
	$(BIN)/pip install --quiet --editable '.[web]'
	touch .venv/core $@

.venv/dev: .venv/bin/python pyproject.toml
	$(BIN)/pip install --quiet --editable '.[ocr,train,bulk,dev]'
	touch .venv/core $@

clean:
	rm -rf .venv .venv-core out
