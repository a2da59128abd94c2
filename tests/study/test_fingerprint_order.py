"""A fingerprint is the same in every process, whatever order Python's sets have there."""

import os
import subprocess
import sys

from project import ROOT

PROGRAM = """
from rknet.cell import Cell
from rknet.datasets import named
from rknet.networks.base import BUILT_IN, network
from rknet.study.fingerprints import fingerprint
from rknet.study.roots import dataset_roots, run_roots

for name, engine in (("RK4Net", "compiled"), ("StandardNet", "torch"), ("RK4Net", "autograd")):
    cell = Cell("spiral", name, 4, 2, engine=engine)
    print(fingerprint(run_roots(cell, network(BUILT_IN[name]))).digest)
own = network({"module": "mine.py"})
print(fingerprint(run_roots(Cell("spiral", "Mine", 4, 2, engine="autograd"), own)).digest)
print(fingerprint(dataset_roots(named("spiral"))).digest)
"""


def test_digests_do_not_depend_on_the_order_of_sets(tmp_path):
    (tmp_path / "mine.py").write_text("from torch import nn\nnetwork = nn.Linear\n")
    (tmp_path / "workflow").symlink_to(ROOT / "workflow")
    found = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            cwd=tmp_path,
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in range(6)
    }
    assert len(found) == 1
