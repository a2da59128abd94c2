"""Runge–Kutta networks with feature space augmentation, after Giesecke and Kröner.

The library behind the workflow. Five lines train a network::

    import rknet
    points = rknet.draw("spiral", seed=0)
    net = rknet.RK4Net(dimension=2, width=16, depth=20, classes=2)
    history = rknet.fit(net, points)
    print(history.epochs[-1].validation_accuracy_percent)

The public names:

- `draw`: a dataset of the paper; `rknet.datasets` has more, also your own.
- `StandardNet`, `EulerNet`, `RK4Net`, and `RungeKuttaNet` of any `ButcherTableau`, such as those in
  `SCHEMES`: the networks, as modules of PyTorch.
- `fit`: trains a module and returns its `History`; `Cell` documents the settings.
- `RKClassifier`: the networks as a classifier of scikit-learn.
- `load`: the network of a run that the workflow has trained.

Importing this package imports neither PyTorch nor Numba; they are imported where they are needed.
"""

import os
from types import ModuleType
from typing import TYPE_CHECKING

# One variable sets the threads of a process. BLAS and PyTorch read OMP_NUM_THREADS, which Snakemake
# sets to a rule's threads, but Numba does not.
if os.environ.get("OMP_NUM_THREADS", "").isdecimal() and int(os.environ["OMP_NUM_THREADS"]):
    os.environ["NUMBA_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"]

from rknet.cell import Cell
from rknet.datasets import draw
from rknet.fitting import fit
from rknet.loop import History
from rknet.tableau import SCHEMES, ButcherTableau

if TYPE_CHECKING:
    from rknet.estimator import RKClassifier
    from rknet.networks.modules import EulerNet, RK4Net, RungeKuttaNet, StandardNet
    from rknet.study.trained import load

__version__ = "0.1.0"
__all__ = [
    "SCHEMES",
    "ButcherTableau",
    "Cell",
    "EulerNet",
    "History",
    "RK4Net",
    "RKClassifier",
    "RungeKuttaNet",
    "StandardNet",
    "draw",
    "fit",
    "load",
]

#: The names that need PyTorch or scikit-learn: they are imported when they are first used.
_LATE = {"EulerNet", "RK4Net", "RKClassifier", "RungeKuttaNet", "StandardNet", "load"}


def __getattr__(name: str) -> object:
    """Import what needs PyTorch or scikit-learn when it is first used."""
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module: ModuleType
    if name == "RKClassifier":
        from rknet import estimator as module
    elif name == "load":  # of the study, which the library's other names do not know
        from rknet.study import trained as module
    else:
        from rknet.networks import modules as module
    globals()[name] = found = getattr(module, name)
    return found


def __dir__() -> list[str]:
    """Also the names that are imported late."""
    return sorted({*globals(), *__all__})
