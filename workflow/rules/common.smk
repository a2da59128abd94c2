# What all rules share: the checked configuration, and which code a result depends on.
from snakemake.exceptions import WorkflowError

from rknet.configuration import ConfigurationError, load
from rknet.provenance import code_hash
from rknet.tables import TABLES

ROOT = Path(workflow.basedir)
RULES = ("all", "dataset", "train", "metrics", "table", "comparison")

try:
    SETUP = load(config, ROOT, reserved=RULES)
except ConfigurationError as error:
    raise WorkflowError(str(error)) from None

RESULTS = SETUP.results
RUNS = SETUP.runs

# The files whose content decides a result, by rule. Their hash is a parameter of the rule, so
# editing one makes anew what it decides, and nothing else. Plumbing that cannot change a number
# (writing files, recording provenance, expanding grids) is left out.
DATASET_CODE = [
    "rknet/datasets/__init__.py",
    "rknet/datasets/points.py",
    "rknet/seeds.py",
]
TRAINING_CODE = [
    *DATASET_CODE,
    "workflow/scripts/train.py",
    "rknet/tableau.py",
    "rknet/training/problem.py",
    "rknet/training/protocol.py",
    "rknet/training/run.py",
]
TORCH_CODE = [*TRAINING_CODE, "rknet/network.py", "rknet/training/torch_engines.py"]
CODE = {
    "dataset": ["workflow/scripts/draw_dataset.py", *DATASET_CODE],
    "compiled": [
        *TRAINING_CODE,
        "rknet/training/activations.py",
        "rknet/training/compiled.py",
        "rknet/training/kernels.py",
        "rknet/training/simd.py",
    ],
    "torch": TORCH_CODE,
    "autograd": TORCH_CODE,
    "metrics": ["workflow/scripts/collect_metrics.py", "rknet/metrics.py"],
    "table": ["workflow/scripts/write_table.py", "rknet/tables.py", "rknet/metrics.py"],
    "comparison": [
        "workflow/scripts/compare.py",
        "rknet/comparison.py",
        "rknet/metrics.py",
    ],
}
CODE_HASH = {name: code_hash(paths, ROOT) for name, paths in CODE.items()}


wildcard_constraints:
    dataset=r"[a-z0-9_]+",
    experiment=r"[a-z0-9_]+",
    table="|".join(TABLES),
    seed=r"\d+",
    run=r"[^/]+/[^/]+/[^/]+/seed\d+",


def run_folder(run):
    """The folder of a run."""
    return f"{RESULTS}/runs/{run.path}"


def dataset_file(dataset, seed):
    """The file of a dataset and seed, as the present code draws it."""
    return f"{RESULTS}/datasets/{dataset}/seed{seed}-{CODE_HASH['dataset'][:8]}.npz"


def dataset_of(run):
    """The dataset file that a run trains on."""
    return dataset_file(run.cell.dataset, run.seed)


def run_named(wildcards):
    """The run that a path asks for."""
    if wildcards.run not in RUNS:
        raise WorkflowError(
            f"{wildcards.run} is a run of no experiment in the config; add its cell to one"
        )
    return RUNS[wildcards.run]


def tables(experiment=None):
    """The files of the tables that the configured experiments, or one of them, can fill."""
    names = [
        name
        for name, table in TABLES.items()
        if table.experiment in ({experiment} if experiment else SETUP.experiments)
    ]
    return [
        f"{RESULTS}/tables/{name}.{suffix}"
        for name in names
        for suffix in ("tex", "md", "csv")
    ]


def print_summary():
    """At the end, say what was made and where."""
    summary = Path(RESULTS) / "summary.txt"
    if summary.is_file():
        print(f"\n{summary.read_text(encoding='utf-8')}", flush=True)


def print_failure(log):
    """At the end of a run with errors, say what to do."""
    print(
        f"\nNot all is made: see the errors above, or {log}. What is done is kept; run the same "
        "command again to go on.",
        flush=True,
    )
