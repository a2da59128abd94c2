"""How far rounding carries a run: what `rknet audit` may expect of another machine.

Each run is trained twice in whole, the second time from a start in which every other number is the
next float32: a difference as small as another order of additions makes in one step. Prints, and
writes to results/benchmarks/rounding.csv, the largest differences by network, depth and epoch.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from rknet import datasets
from rknet.engines.base import ENGINES, Parameters
from rknet.files import write_text
from rknet.loop import train
from rknet.study.config import load
from rknet.study.training import problem_of

ROOT = Path(__file__).parent.parent
#: Whole runs at the paper's protocol, small enough to train them many times.
EXPERIMENTS = [
    {
        **{"name": "points", "dataset": "spiral", "width": 16, "seeds": 3, "depth": [1, 5, 20]},
        "network": ["StandardNet", "EulerNet", "RK4Net"],
    },
    {
        **{"name": "images", "dataset": "digits", "width": 100, "seeds": 3, "tolerance": 0.1},
        "variants": [
            {"network": ["StandardNet", "EulerNet", "RK4Net"], "depth": [5, 20, 100]},
        ],
    },
]
#: The epochs that are shown; the last one stands for the end.
EPOCHS = (0, 1, 2, 5, 10)


def nudged(start: Parameters) -> Parameters:
    """The same parameters, in which every other number is the next float32."""
    found = {}
    for name, values in start.items():
        values = values.copy()
        flat = values.reshape(-1)
        flat[::2] = np.nextafter(flat[::2], np.float32(np.inf), dtype=np.float32)
        found[name] = values
    return found


def differences(setting: dict) -> pd.DataFrame:
    """A row an epoch: how far two runs are apart that differ by rounding at the start."""
    drawn = datasets.draw(setting["dataset"], setting["seed"], {})
    histories = []
    for change in (lambda start: start, nudged):
        problem = problem_of(setting, drawn)
        problem = replace(problem, start=change(problem.start))
        engine = ENGINES[problem.cell.engine].engine(problem)
        histories.append(pd.DataFrame(train(engine, problem).epochs))
    one, other = histories
    apart = (one - other).abs()
    cost = apart.filter(like="_cost") / one.filter(like="_cost")
    return pd.DataFrame(
        {
            "cost_relative": cost.max(axis=1),
            "points": apart.filter(like="_accuracy").max(axis=1),
            "epochs": abs(len(one) - len(other)),
        }
    ).rename_axis("epoch")


def measured(seeds: int) -> pd.DataFrame:
    """All runs: a row a run and epoch."""
    config = yaml.safe_load((ROOT / "config/config.yaml").read_text(encoding="utf-8"))
    mine = [{**experiment, "seeds": seeds} for experiment in EXPERIMENTS]
    setup = load({**config, "experiments": mine, "optional_experiments": []}, ROOT)
    frames = []
    for run in setup.runs.values():
        frame = differences(setup.setting(run)).reset_index().dropna()
        about = {"dataset": run.cell.dataset, "network": run.cell.network, "depth": run.cell.depth}
        frames.append(frame.assign(**about, seed=run.seed))
        print(run.path, frame.iloc[-1].to_dict(), flush=True)
    return pd.concat(frames, ignore_index=True)


def summarised(runs: pd.DataFrame) -> pd.DataFrame:
    """The largest differences over runs, by network and depth: at some epochs, and at the end."""
    cell = ["dataset", "network", "depth"]
    last = runs.groupby([*cell, "seed"])["epoch"].transform("max")
    shown = pd.concat(
        [
            runs[runs["epoch"].isin(EPOCHS)].assign(at=lambda f: f["epoch"].astype(str)),
            runs[runs["epoch"] == last].assign(at="end"),
        ]
    )
    values = shown.groupby([*cell, "at"], sort=False)[["cost_relative", "points"]].max()
    return values.unstack("at")


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    runs = measured(parser.parse_args().seeds)
    print(summarised(runs).to_string(float_format="{:.1e}".format))
    write_text("results/benchmarks/rounding.csv", runs.to_csv(index=False))


if __name__ == "__main__":
    main()
