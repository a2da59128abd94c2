"""The files whose content decides a result, by rule.

Their hash is a parameter of the rule, so editing one makes anew what it decides, and nothing else.
Plumbing that cannot change a number (writing files, recording provenance, expanding grids) is left
out.
"""

from __future__ import annotations

from rknet.hashes import code_hash

# A dataset file's name has the hash of the code that draws it, and what is made from such files
# names other files once that code changes: it need not list it too.
_POINTS_CODE = ["rknet/datasets/points.py", "rknet/seeds.py"]
_IMAGES_CODE = ["rknet/datasets/idx.py", "rknet/datasets/images.py", "rknet/seeds.py"]
_TRAINING_CODE = [
    "rknet/seeds.py",
    "workflow/scripts/train.py",
    "rknet/tableau.py",
    "rknet/training/checkpoint.py",
    "rknet/training/problem.py",
    "rknet/training/protocol.py",
    "rknet/training/run.py",
]
_TORCH_CODE = [
    *_TRAINING_CODE,
    "rknet/network.py",
    "rknet/training/affine.py",
    "rknet/training/devices.py",
    "rknet/training/simd.py",
    "rknet/training/torch_engines.py",
    "rknet/training/wide.py",
]
_METRICS_CODE = ["rknet/metrics.py"]
_TABLE_CODE = [
    *_METRICS_CODE,
    "rknet/labels.py",
    "rknet/latex.py",
    "rknet/tables/files.py",
    "rknet/tables/layouts.py",
    "rknet/tables/specification.py",
]
_STYLE_CODE = ["rknet/figures/rknet.mplstyle", "rknet/figures/style.py"]
_NETWORK_CODE = ["rknet/features.py", "rknet/network.py", "rknet/tableau.py"]
_FEATURE_FIGURE_CODE = [
    "rknet/seeds.py",
    *_STYLE_CODE,
    *_NETWORK_CODE,
    "rknet/labels.py",
    "rknet/training/problem.py",
    *(
        f"rknet/figures/{module}.py"
        for module in ("layers", "panels", "shown", "specification", "trained", "views")
    ),
]
CODE = {
    "dataset": ["workflow/scripts/draw_dataset.py", *_POINTS_CODE],
    "image_dataset": ["workflow/scripts/draw_images.py", *_IMAGES_CODE],
    "compiled": [
        *_TRAINING_CODE,
        "rknet/training/activations.py",
        "rknet/training/compiled.py",
        "rknet/training/kernels.py",
        "rknet/training/simd.py",
    ],
    "torch": _TORCH_CODE,
    "autograd": _TORCH_CODE,
    "outputs": [
        *_TRAINING_CODE,
        "rknet/features.py",
        "rknet/network.py",
        "rknet/training/outputs.py",
    ],
    "metrics": ["workflow/scripts/collect_metrics.py", *_METRICS_CODE],
    "curves": ["workflow/scripts/collect_curves.py", *_METRICS_CODE],
    "table": ["workflow/scripts/write_table.py", *_TABLE_CODE],
    "comparison": [
        "workflow/scripts/compare.py",
        *_TABLE_CODE,
        "rknet/comparison.py",
        "rknet/comparison_report.py",
        "rknet/findings.py",
    ],
    "summary": [
        "workflow/scripts/sum_up.py",
        *_METRICS_CODE,
        "rknet/comparison.py",
    ],
    "features": [
        "workflow/scripts/measure_features.py",
        "rknet/seeds.py",
        *_NETWORK_CODE,
        "rknet/training/problem.py",
    ],
    "check_scheme": [
        "workflow/scripts/check_scheme.py",
        *_POINTS_CODE,
        "rknet/adjoint.py",
        "rknet/network.py",
        "rknet/tableau.py",
        "rknet/training/activations.py",
        "rknet/training/affine.py",
        "rknet/training/compiled.py",
        "rknet/training/kernels.py",
        "rknet/training/problem.py",
        "rknet/training/protocol.py",
        "rknet/training/simd.py",
        "rknet/training/torch_engines.py",
        "rknet/training/wide.py",
    ],
    "claims": [
        "workflow/scripts/evaluate_claims.py",
        *_POINTS_CODE,
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
        *_FEATURE_FIGURE_CODE,
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
        *_FEATURE_FIGURE_CODE,
        "rknet/figures/animation.py",
    ],
    "depth_figure": [
        "workflow/scripts/draw_depth.py",
        *_TABLE_CODE,
        *_STYLE_CODE,
        "rknet/figures/accuracy_over_depth.py",
        "rknet/figures/lines.py",
    ],
    "comparison_figure": [
        "workflow/scripts/draw_comparison.py",
        *_TABLE_CODE,
        *_STYLE_CODE,
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
_PAGE_CODE = [
    *CODE["claims"],
    *CODE["comparison"],
    "rknet/figures/specification.py",
    *(
        f"rknet/pages/{module}.py"
        for module in (
            "document",
            "page",
            "runs",
            "specification",
            "tables",
            "verdict",
        )
    ),
]
CODE |= {
    "provenance": [
        "workflow/scripts/write_provenance.py",
        "rknet/code.py",
        "rknet/environment.py",
        "rknet/provenance.py",
    ],
    "page": ["workflow/scripts/write_page.py", *_PAGE_CODE],
    "verdict": ["workflow/scripts/write_verdict.py", *_PAGE_CODE],
}

#: A digest of each list.
CODE_HASH = {name: code_hash(paths) for name, paths in CODE.items()}
