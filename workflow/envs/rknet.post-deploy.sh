#!/usr/bin/env bash
# The library itself, from the project's folder, where Snakemake is started.
set -euo pipefail
python -m pip install --no-deps --editable .
