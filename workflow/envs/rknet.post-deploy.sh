#!/usr/bin/env bash
# Installs the library itself, from the project's folder, where Snakemake is started.
set -euo pipefail
python -m pip install --no-deps --editable .
