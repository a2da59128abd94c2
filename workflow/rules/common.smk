# What all rules share: the checked configuration, and which code a result depends on.
from snakemake.exceptions import WorkflowError

from rknet.configuration import ConfigurationError, load
from rknet.provenance import code_hash
from rknet.tables.specification import TABLES

ROOT = Path(workflow.basedir)
RULES = (
    "all",
    "dataset",
    "train",
    "metrics",
    "curves",
    "table",
    "comparison",
    "summary",
    "features",
    "check_scheme",
    "claims",
)

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
    "rknet/training/checkpoint.py",
    "rknet/training/problem.py",
    "rknet/training/protocol.py",
    "rknet/training/run.py",
]
TORCH_CODE = [
    *TRAINING_CODE,
    "rknet/network.py",
    "rknet/training/devices.py",
    "rknet/training/torch_engines.py",
]
METRICS_CODE = [*DATASET_CODE, "rknet/metrics.py"]
TABLE_CODE = [
    *METRICS_CODE,
    "rknet/latex.py",
    "rknet/tables/files.py",
    "rknet/tables/layouts.py",
    "rknet/tables/specification.py",
]
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
    "metrics": ["workflow/scripts/collect_metrics.py", *METRICS_CODE],
    "curves": ["workflow/scripts/collect_curves.py", *METRICS_CODE],
    "table": ["workflow/scripts/write_table.py", *TABLE_CODE],
    "comparison": [
        "workflow/scripts/compare.py",
        *TABLE_CODE,
        "rknet/comparison.py",
        "rknet/comparison_report.py",
        "rknet/findings.py",
    ],
    "summary": [
        "workflow/scripts/sum_up.py",
        *METRICS_CODE,
        "rknet/comparison.py",
    ],
    "features": [
        "workflow/scripts/measure_features.py",
        *DATASET_CODE,
        "rknet/features.py",
        "rknet/network.py",
        "rknet/tableau.py",
        "rknet/training/problem.py",
    ],
    "check_scheme": [
        "workflow/scripts/check_scheme.py",
        *DATASET_CODE,
        "rknet/adjoint.py",
        "rknet/network.py",
        "rknet/tableau.py",
        "rknet/training/activations.py",
        "rknet/training/compiled.py",
        "rknet/training/kernels.py",
        "rknet/training/problem.py",
        "rknet/training/protocol.py",
        "rknet/training/simd.py",
        "rknet/training/torch_engines.py",
    ],
    "claims": [
        "workflow/scripts/evaluate_claims.py",
        *DATASET_CODE,
        "rknet/latex.py",
        *(
            f"rknet/claims/{module}.py"
            for module in (
                "__init__",
                "activation",
                "architecture",
                "definitions",
                "depth",
                "evaluation",
                "report",
                "scheme",
                "statement",
                "statistics",
                "training",
                "width",
            )
        ),
    ],
}
CODE_HASH = {name: code_hash(paths, ROOT) for name, paths in CODE.items()}


wildcard_constraints:
    dataset=r"[a-z0-9_]+",
    experiment=r"[a-z0-9_]+",
    table="|".join(TABLES),
    seed=r"\d+",
    run=r"[^/]+/[^/]+/[^/]+/seed\d+",


def run_files(experiment, name):
    """The files called so of all runs of an experiment."""
    return [
        f"{RESULTS}/runs/{run.path}/{name}"
        for run in SETUP.experiments[experiment].runs
    ]


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


# What a table's files are called beside its name: as the paper prints it, and with intervals.
LAYOUTS = ("", "_intervals")


def tables(experiment=None, layouts=LAYOUTS, suffixes=("tex", "md", "csv")):
    """The files of the tables that the configured experiments, or one of them, can fill."""
    names = [
        name
        for name, table in TABLES.items()
        if table.experiment in ({experiment} if experiment else SETUP.experiments)
    ]
    return [
        f"{RESULTS}/tables/{name}{layout}.{suffix}"
        for name in names
        for layout in layouts
        for suffix in suffixes
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
