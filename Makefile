# Two commands: `make demo` turns samples/ into adverts, `make test` checks everything.
#   make demo PHOTOS=dir REGISTER=file.csv    the same on your own photos

PYTHON ?= python3
PHOTOS ?= samples
REGISTER ?= $(if $(wildcard $(PHOTOS)/register.csv),$(PHOTOS)/register.csv)
OUT ?= out
BIN := .venv/bin

.PHONY: demo test lint clean

demo: .venv/core
	$(BIN)/kilpi advert $(PHOTOS) -o $(OUT) $(if $(REGISTER),--register $(REGISTER))

test: .venv/dev lint
	$(BIN)/pytest

lint: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

.venv/bin/python:
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip

.venv/core: .venv/bin/python pyproject.toml
	$(BIN)/pip install --quiet --editable '.[ocr]'
	touch $@

.venv/dev: .venv/bin/python pyproject.toml
	$(BIN)/pip install --quiet --editable '.[ocr,train,dev]'
	touch .venv/core $@

clean:
	rm -rf .venv out
