"""Time the workflow at 10,000 runs: what Snakemake plans, and what is made of so many results.

A sweep of 100 cells, with more and more seeds, is planned (`snakemake -n`) in turns with two
workflows of one rule and as many jobs: the plainest, with one output and nothing else, and one with
all that rule `train` has. Then 10,000 finished runs are made up, copies of one with other settings,
and the real rules make tables and pages of them.

Prints two tables and writes results/benchmarks/scale.csv and scale_jobs.csv. Times on a shared
machine drift, so what is compared takes turns, and what counts is the median over rounds of the
ratio of processor times within a round.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import yaml

from rknet import datasets
from rknet.cell import Cell
from rknet.files import write_text
from rknet.study.config import Configuration, load
from rknet.study.grids import Run
from rknet.study.recording import code_of, write_record
from rknet.study.records import read_record
from rknet.study.roots import dataset_digest, run_roots
from rknet.study.training import train_run

ROOT = Path(__file__).parent.parent
#: Networks in addition to the paper's, so that a sweep varies what its tables can show.
NETWORKS = {
    **{"MidpointNet": "midpoint", "HeunNet": "heun", "RalstonNet": "ralston"},
    **{"KuttaNet": "kutta3", "SSPNet": "ssprk3", "ThreeEighthsNet": "rk38", "ForwardNet": "euler"},
}
#: The experiment with the most results: metrics, curves, tables, figures and claims.
SWEEP = {
    "name": "architecture",
    "dataset": ["donut_2d_6c", "donut_3d_6c", "squares_2d_4c", "squares_3d_4c", "spiral"],
    "network": ["StandardNet", "EulerNet", "RK4Net", *NETWORKS],
    "width": 16,
    "depth": 100,
    "lift": ["random", "zeros"],
}
CELLS = 100
SEEDS = (1, 10, 100)
PLAINEST = """
rule all:
    input: expand("results/{i}.txt", i=range(int(config["jobs"])))

rule make:
    output: "results/{i}.txt"
    shell: "touch {output}"
"""
LIKE_TRAIN = """
rule all:
    input: expand("results/{i}/run.json", i=range(int(config["jobs"])))

rule train:
    input: dataset=lambda wildcards: ancient("Snakefile"),
    output:
        history="results/{i}/history.csv",
        parameters="results/{i}/parameters.safetensors",
        record="results/{i}/run.json",
    log: "results/logs/{i}.log"
    benchmark: "results/benchmarks/{i}.tsv"
    threads: 1
    resources: mem_mb=1000, runtime=10
    params:
        setting=lambda wildcards: {"seed": wildcards.i},
        code=lambda wildcards: "0123456789abcdef",
    message: "train {wildcards.i}"
    script: "train.py"
"""
#: What is made of made-up runs: all but the figures that show what a network has learned, and the
#: provenance, which takes them in.
MADE = (
    "results/summary.txt",
    *(f"results/tables/table{number}.md" for number in (3, 4)),
    *(f"results/pages/{page}.html" for page in ("comparison", "claims", "runs")),
    "results/figures/figure12.png",
)


class Cost(NamedTuple):
    """What a command took: wall and processor seconds, and MiB at most."""

    seconds: float
    cpu_seconds: float
    mib: float


def snakemake(folder: Path, *arguments: str) -> Cost:
    """Run Snakemake in a folder; what it prints is lost."""
    command = [sys.executable, "-m", "snakemake", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    began = time.perf_counter()
    # The command is fixed.
    process = subprocess.Popen(  # noqa: S603
        command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    if status:
        raise SystemExit(f"this failed in {folder}: {' '.join(command)}")
    return Cost(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def sweep(folder: Path) -> Path:
    """A copy of the project with configurations of the sweep alone, one a number of seeds."""
    folder.mkdir()
    for name in ("Snakefile", "config", "profiles", "rknet", "workflow"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, folder / name)
    for seeds in SEEDS:
        write_text(folder / f"{seeds}.yaml", yaml.safe_dump(configuration(seeds)))
    return folder


def configuration(seeds: int) -> dict[str, Any]:
    """What differs from the project's configuration."""
    return {
        "experiments": [{**SWEEP, "seeds": seeds}],
        "optional_experiments": [],
        "networks": {name: {"tableau": scheme} for name, scheme in NETWORKS.items()},
    }


def one_rule(folder: Path, snakefile: str) -> Path:
    """A workflow of one rule, with the project's options."""
    write_text(folder / "Snakefile", snakefile)
    write_text(folder / "train.py", "")
    shutil.copytree(ROOT / "profiles", folder / "profiles")
    return folder


def planning(workflow: Path, others: dict[str, Path], rounds: int) -> pd.DataFrame:
    """What `snakemake -n` takes: a row a round, number of runs and workflow."""
    rows = []
    for turn in range(rounds):
        for seeds in SEEDS:
            about = {"round": turn, "runs": CELLS * seeds}
            cost = snakemake(workflow, "-n", "--configfile", f"{seeds}.yaml")
            rows.append({**about, "what": "workflow", **cost._asdict()})
            for name, other in others.items():
                cost = snakemake(other, "-n", "--config", f"jobs={CELLS * seeds}")
                rows.append({**about, "what": name, **cost._asdict()})
    return pd.DataFrame(rows)


def compared(costs: pd.DataFrame) -> pd.DataFrame:
    """A row a number of runs and workflow: its cost, and how many times its time ours takes."""
    ours = costs[costs["what"] == "workflow"].set_index(["round", "runs"])["cpu_seconds"]
    ratios = costs.join(ours.rename("ours"), on=["round", "runs"]).eval("ours / cpu_seconds")
    table = costs.assign(**{"workflow / this": ratios}).drop(columns="round")
    table = table.groupby(["runs", "what"], sort=False).median()
    table["growth"] = table["cpu_seconds"] / table["cpu_seconds"].xs(CELLS * SEEDS[0])
    return table.reset_index()


def make_up(folder: Path, setup: Configuration) -> None:
    """Write the folders of all runs, as if they were trained."""
    template = folder / "template"
    cell = Cell("spiral", "RK4Net", width=16, depth=1, tolerance=100)
    datasets.save(template / "dataset.npz", datasets.draw(cell.dataset, 0))
    record, history = template / "run.json", template / "history.csv"
    with (template / "log").open("w") as log:
        train_run(setup.setting(Run(cell, 0)), template / "dataset.npz", history, record, log=log)
    text, about = history.read_text(), read_record(record)
    for run in setup.runs.values():
        made = folder / "results/runs" / run.path
        files = [made / "history.csv", made / "parameters.safetensors"]
        write_text(files[0], text)
        write_text(files[1], "")
        dataset = setup.dataset(run.cell.dataset)
        made_of = {
            "setting": setup.setting(run),
            "code": code_of(run_roots(run.cell, setup.networks[run.cell.network])),
            "dataset_file": f"datasets/{dataset.name}/seed{run.seed}-{dataset_digest(dataset)}.npz",
        }
        write_record(made / "run.json", {**about, **made_of}, files)


def aggregation(workflow: Path) -> pd.DataFrame:
    """What the jobs after training take with 10,000 runs: a row a job, slowest first."""
    config = yaml.safe_load((ROOT / "config/config.yaml").read_text())
    make_up(workflow, load({**config, **configuration(SEEDS[-1])}, ROOT))
    arguments = [*MADE, "--configfile", f"{SEEDS[-1]}.yaml"]
    whole = snakemake(workflow, "--cores", "1", *arguments)
    nothing = snakemake(workflow, "-n", *arguments)
    rows = [
        {"what": "all of it", "seconds": whole.seconds, "CPU s": whole.cpu_seconds},
        {"what": "snakemake -n after it: nothing to be done", "seconds": nothing.seconds,
         "CPU s": nothing.cpu_seconds, "MiB": nothing.mib},
    ]  # fmt: skip
    benchmarks = workflow / "results/benchmarks"
    for path in benchmarks.rglob("*.tsv"):
        measured = pd.read_csv(path, sep="\t", na_values="-").iloc[0]
        job = str(path.relative_to(benchmarks).with_suffix(""))
        rows.append({"what": job, "seconds": measured["s"], "CPU s": measured["cpu_time"],
                     "MiB": measured["max_rss"]})  # fmt: skip
    return pd.DataFrame(rows).sort_values("seconds", ascending=False)


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3, help="turns of each (default: 3)")
    parser.add_argument(
        "--output", type=Path, default=Path("results/benchmarks"), help="folder for the CSVs"
    )
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        workflow = sweep(Path(temporary, "workflow"))
        others = {
            "plainest rule": one_rule(Path(temporary, "plainest"), PLAINEST),
            "rule like train": one_rule(Path(temporary, "like_train"), LIKE_TRAIN),
        }
        costs = planning(workflow, others, arguments.rounds)
        write_text(arguments.output / "scale.csv", costs.to_csv(index=False, lineterminator="\n"))
        print("snakemake -n, medians\n")
        formats = ("", "", ".1f", ".1f", ".0f", ".2f", ".1f")
        print(compared(costs).to_markdown(index=False, floatfmt=formats), flush=True)
        jobs = aggregation(workflow)
    write_text(arguments.output / "scale_jobs.csv", jobs.to_csv(index=False, lineterminator="\n"))
    print(f"\nWhat is made of {CELLS * SEEDS[-1]} runs\n")
    print(
        jobs.to_markdown(index=False, floatfmt=("", ".1f", ".1f", ".0f")).replace(" nan ", "     ")
    )
    print(f"\nwritten to {arguments.output}")


if __name__ == "__main__":
    main()
