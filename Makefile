# The commands a newcomer needs; `make help` lists them.
PYTHON ?= python3
CORES ?= all
VENV := .venv
PEERS := .venv-peers
DOCS := build/docs
READY := $(VENV)/.ready
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
# Only this checkout's code and the packages in .venv are used, and all files are UTF-8.
export PYTHONPATH := $(CURDIR):$(CURDIR)/workflow/plugins
export PYTHONUTF8 := 1
export PIP_USER := 0
# Snakemake keeps files in the user's cache folder, which a container may lack.
CACHE := $${XDG_CACHE_HOME:-$${HOME:-/proc}/.cache}
ifneq ($(shell mkdir -p "$(CACHE)" 2>/dev/null && test -w "$(CACHE)" && echo there),there)
export XDG_CACHE_HOME := $(CURDIR)/.snakemake/cache
endif
# The programs in a virtual environment name its folder and its Python. If it was moved, or its Python
# is gone, it is made anew; the stamp holds the folder.
STALE := $(shell cd $(VENV) 2>/dev/null && bin/python -c '' 2>/dev/null && pwd -P | cmp -s - .ready || echo yes)
ifneq ($(STALE),)
.PHONY: $(READY)
endif

.PHONY: help setup reproduce decide beyond report verify audit paper images-data test benchmark benchmark-peers
.PHONY: scale docs lint clean

# Debian's Python has no ensurepip unless python3-venv is installed; uv needs none.
MAKE_VENV = if $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null; then $(PYTHON) -m venv $(VENV); \
  else uv venv --quiet --seed --python "$$(command -v $(PYTHON))" $(VENV); fi

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 18

setup: $(READY) ## set up .venv with everything pinned in constraints.txt

# The stamp is newer than the files it depends on, so that nothing is installed twice.
$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "rknet needs Python 3.11 or newer; name one with: make PYTHON=python3.11 ..."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || command -v uv >/dev/null \
	  || { echo "Python cannot make environments; on Debian: apt-get install python3-venv"; exit 1; }
	$(if $(STALE),rm -rf $(VENV))
	@test -x $(VENV)/bin/python || $(MAKE_VENV)
	$(VENV)/bin/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@cd $(VENV) && pwd -P > .ready

reproduce: $(READY) ## reproduce the paper; CONFIG=config/quick.yaml for a first look, CORES=n
	@python -m rknet check "$(CONFIG)"
	@$(if $(CONFIG),,python -m rknet images --sets mnist fashion_mnist || true)
	snakemake --logger rknet --cores $(CORES) $(if $(CONFIG),--configfile "$(CONFIG)")
	@python -m rknet report "$(CONFIG)"

decide: ## repeat what undecided claims rest on until each is decided; about an hour of two cores
	@$(MAKE) --no-print-directory reproduce CONFIG=config/decide.yaml

beyond: ## other schemes, learned steps, convolutions, recordings and tables; about ten minutes
	@$(MAKE) --no-print-directory reproduce CONFIG=config/beyond.yaml

report: $(READY) ## make the report again, from the results that exist
	@python -m rknet report "$(CONFIG)"

verify: $(READY) ## say which results are damaged, or not of the present code
	@python -m rknet verify "$(CONFIG)"

paper: $(READY) ## results/paper.pdf: all tables, figures and verdicts; needs LaTeX
	@python -m rknet check "$(CONFIG)"
	snakemake paper_pdf --logger rknet --cores $(CORES) $(if $(CONFIG),--configfile "$(CONFIG)")

audit: $(READY) ## train archived runs again, drawn at random; RUNS=k, SEED=n, MINUTES=m, CORES=n
	@python -m rknet audit --cores $(CORES) $(if $(RUNS),--runs $(RUNS)) $(if $(SEED),--seed $(SEED)) \
	  $(if $(MINUTES),--minutes $(MINUTES)) "$(CONFIG)"

images-data: $(READY) ## get the files of images and recordings; says what gave them
	@python -m rknet images "$(CONFIG)"

test: $(READY) ## the whole test suite, linters included
	python -m pytest

# DEPTH=n: of the wide networks; with few layers it shows that everything works, and no more.
benchmark: $(READY) ## time the engines against each other, ROUNDS=n; benchmarks/README.md explains
	python benchmarks/engines.py $(if $(ROUNDS),--rounds $(ROUNDS))
	python benchmarks/wide.py $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(DEPTH),--depth $(DEPTH))

# The peers' environment sees the packages of .venv. What cannot be installed is named in the table.
benchmark-peers: $(READY) ## time other libraries against the compiled engine, ROUNDS=n; some minutes
	@test -x $(PEERS)/bin/python || $(subst $(VENV),$(PEERS),$(MAKE_VENV))
	@$(VENV)/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))' \
	  > "$$($(PEERS)/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/rknet.pth"
	grep '==' benchmarks/peers.txt \
	  | xargs -n 1 $(PEERS)/bin/python -m pip install --quiet --no-deps --constraint constraints.txt || true
	$(PEERS)/bin/python benchmarks/peers.py $(if $(ROUNDS),--rounds $(ROUNDS))

scale: $(READY) ## time the workflow at 10,000 runs: several minutes
	python benchmarks/scale.py

# The site is made in an environment of its own: its packages are no others' business.
docs: $(READY) $(DOCS)/.ready ## the documentation, build/site/index.html; what is wrong in it is an error
	NO_MKDOCS_2_WARNING=1 $(DOCS)/bin/python -m mkdocs build --quiet

$(DOCS)/.ready: $(READY) pyproject.toml constraints.txt
	mkdir -p build
	$(subst $(VENV),$(DOCS),$(MAKE_VENV))
	PYTHONPATH= $(DOCS)/bin/python -m pip install --quiet --constraint constraints.txt $$($(VENV)/bin/python -c \
	  'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["docs"])')
	@touch $@

lint: $(READY) ## format and check the code, and the library's types
	ruff format . && ruff check --fix . && snakefmt Snakefile workflow && mypy

clean: ## remove all results, asking first
	@printf 'Remove results/, .snakemake/ and .venv-peers/? [y/N] '; read answer; \
	  test "$$answer" = y && rm -rf results .snakemake $(PEERS) || echo "Nothing removed."
