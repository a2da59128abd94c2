# The files whose content decides a result, by rule. Their hash is a parameter of the rule, so
# editing one makes anew what it decides, and nothing else. Plumbing that cannot change a number
# (writing files, recording provenance, expanding grids) is left out.
from rknet.provenance import code_hash

# A dataset file's name has the hash of the code that draws it, and what is made from such files
# names other files once that code changes: it need not list it too.
POINTS_CODE = ["rknet/datasets/points.py", "rknet/seeds.py"]
IMAGES_CODE = ["rknet/datasets/idx.py", "rknet/datasets/images.py", "rknet/seeds.py"]
TRAINING_CODE = [
    "rknet/seeds.py",
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
METRICS_CODE = ["rknet/metrics.py"]
TABLE_CODE = [
    *METRICS_CODE,
    "rknet/labels.py",
    "rknet/latex.py",
    "rknet/tables/files.py",
    "rknet/tables/layouts.py",
    "rknet/tables/specification.py",
]
STYLE_CODE = ["rknet/figures/rknet.mplstyle", "rknet/figures/style.py"]
NETWORK_CODE = ["rknet/features.py", "rknet/network.py", "rknet/tableau.py"]
FEATURE_FIGURE_CODE = [
    "rknet/seeds.py",
    *STYLE_CODE,
    *NETWORK_CODE,
    "rknet/labels.py",
    "rknet/training/problem.py",
    *(
        f"rknet/figures/{module}.py"
        for module in ("layers", "panels", "shown", "specification", "trained", "views")
    ),
]
CODE = {
    "dataset": ["workflow/scripts/draw_dataset.py", *POINTS_CODE],
    "image_dataset": ["workflow/scripts/draw_images.py", *IMAGES_CODE],
    "compiled": [
        *TRAINING_CODE,
        "rknet/training/activations.py",
        "rknet/training/compiled.py",
        "rknet/training/kernels.py",
        "rknet/training/simd.py",
    ],
    "torch": TORCH_CODE,
    "autograd": TORCH_CODE,
    "outputs": [
        *TRAINING_CODE,
        "rknet/features.py",
        "rknet/network.py",
        "rknet/training/outputs.py",
    ],
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
        "rknet/seeds.py",
        *NETWORK_CODE,
        "rknet/training/problem.py",
    ],
    "check_scheme": [
        "workflow/scripts/check_scheme.py",
        *POINTS_CODE,
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
        *POINTS_CODE,
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
                "images",
                "report",
                "scheme",
                "statement",
                "statistics",
                "training",
                "width",
            )
        ),
    ],
    "figure": [
        "workflow/scripts/draw_figure.py",
        *FEATURE_FIGURE_CODE,
        "rknet/metrics.py",
        *(
            f"rknet/figures/{module}.py"
            for module in (
                "classified",
                "curves",
                "drawing",
                "examples",
                "lines",
                "output_features",
                "scatter",
                "tableaus",
            )
        ),
        "rknet/training/outputs.py",
    ],
    "animation": [
        "workflow/scripts/animate.py",
        *FEATURE_FIGURE_CODE,
        "rknet/figures/animation.py",
    ],
    "depth_figure": [
        "workflow/scripts/draw_depth.py",
        *TABLE_CODE,
        *STYLE_CODE,
        "rknet/figures/accuracy_over_depth.py",
        "rknet/figures/lines.py",
    ],
    "comparison_figure": [
        "workflow/scripts/draw_comparison.py",
        *TABLE_CODE,
        *STYLE_CODE,
        "rknet/comparison.py",
        "rknet/figures/lines.py",
        "rknet/figures/verdicts.py",
    ],
    "paper_source": [
        "workflow/scripts/write_paper.py",
        "rknet/figures/specification.py",
        "rknet/labels.py",
        "rknet/latex.py",
        *(
            f"rknet/paper/{name}"
            for name in ("contents.py", "paper.tex.jinja", "sections.py", "source.py")
        ),
        "rknet/tables/specification.py",
    ],
    "paper_pdf": ["workflow/scripts/build_paper.py", "rknet/paper/build.py"],
}
PAGE_CODE = [
    *CODE["claims"],
    *CODE["comparison"],
    "rknet/figures/specification.py",
    *(
        f"rknet/pages/{module}.py"
        for module in (
            "__init__",
            "document",
            "runs",
            "specification",
            "tables",
            "verdict",
        )
    ),
]
CODE |= {
    "page": ["workflow/scripts/write_page.py", *PAGE_CODE],
    "verdict": ["workflow/scripts/write_verdict.py", *PAGE_CODE],
}
CODE_HASH = {name: code_hash(paths, ROOT) for name, paths in CODE.items()}
