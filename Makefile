# Each target prepares the virtual environment by itself and reuses it.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes
RUNTIME := $(VENV)/.runtime
CHECKS := $(VENV)/.checks
# Made-up input, a fifth of it; without the plugins that only slow tests use, and what was compiled is kept.
QUICKLY := --hypothesis-profile=quick -p no:schemathesis -p no:anyio -p no:rerunfailures

.PHONY: demo test quick lint bench generate lock clean

demo: $(RUNTIME)    ## a broken service diagnosed, in the terminal and in the web console
	@$(BIN)/python -m bot demo

test: $(CHECKS)     ## every check; uses every real part it finds and lists what it skipped
	@$(BIN)/python -m tests.run

quick: $(CHECKS)    ## the unit tests, captures of a real cluster included: no real part
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest tests/unit -n 3 $(QUICKLY)

lint: $(CHECKS)     ## ruff, mypy strict, import-linter, bandit
	@$(BIN)/python -m tests.lint

bench: $(CHECKS)    ## speed and memory, as ratios in one run
	@$(BIN)/python -m compileall -q bot commands explainers
	@$(BIN)/python -m tests.bench

generate: $(RUNTIME) ## what is made from the code: the README's commands, Slack manifests, schemas of catalog entries
	@$(BIN)/python -m bot.terminal.reference --write
	@$(BIN)/python -m bot.slack.manifest > manifests/slack/manifest.yaml
	@$(BIN)/python -m bot.slack.manifest https://tessera.example.com > manifests/slack/manifest-http.yaml
	@$(BIN)/tessera catalog schema a > manifests/catalog/entry-a.schema.json
	@$(BIN)/tessera catalog schema b > manifests/catalog/entry-b.schema.json

# Tessera is an application: the checkout itself is on the path of the environment, and `tessera` starts it.
$(RUNTIME): requirements.lock
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) -r requirements.lock
	@echo "$(CURDIR)" > "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/tessera.pth"
	@printf '#!%s\nfrom bot.__main__ import main\n\nmain()\n' "$(CURDIR)/$(BIN)/python" > $(BIN)/tessera
	@chmod +x $(BIN)/tessera
	@$(BIN)/python -m compileall -q bot commands explainers
	@touch $(RUNTIME)

$(CHECKS): $(RUNTIME) requirements-dev.lock
	@$(PIP) -r requirements-dev.lock
	@touch $(CHECKS)

lock:               ## resolve the pinned versions again (needs uv)
	uv pip compile -q --generate-hashes --no-header --no-emit-index-url --python-version 3.11 pyproject.toml -o requirements.lock
	uv pip compile -q --generate-hashes --no-header --no-emit-index-url --python-version 3.11 pyproject.toml --group dev -o requirements-dev.lock

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .hypothesis
