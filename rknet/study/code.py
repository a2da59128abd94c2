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
    "rknet/checkpoint.py",
    "rknet/engines/base.py",
    "rknet/fit.py",
    "rknet/study/training.py",
]
_TORCH_CODE = [
    *_TRAINING_CODE,
    "rknet/networks/modules.py",
    "rknet/engines/affine.py",
    "rknet/engines/devices.py",
    "rknet/engines/simd.py",
    "rknet/engines/torch_engines.py",
    "rknet/engines/wide.py",
]
_METRICS_CODE = ["rknet/study/frames.py"]
_TABLE_CODE = [
    *_METRICS_CODE,
    "rknet/show/labels.py",
    "rknet/show/latex.py",
    "rknet/show/tables/files.py",
    "rknet/show/tables/layouts.py",
    "rknet/show/tables/specification.py",
]
_STYLE_CODE = ["rknet/show/figures/rknet.mplstyle", "rknet/show/figures/style.py"]
_NETWORK_CODE = ["rknet/study/features.py", "rknet/networks/modules.py", "rknet/tableau.py"]
_FEATURE_FIGURE_CODE = [
    "rknet/seeds.py",
    *_STYLE_CODE,
    *_NETWORK_CODE,
    "rknet/show/labels.py",
    "rknet/engines/base.py",
    *(
        f"rknet/show/figures/{module}.py"
        for module in ("layers", "panels", "shown", "specification", "trained", "views")
    ),
]
CODE = {
    "dataset": ["workflow/scripts/draw_dataset.py", *_POINTS_CODE],
    "image_dataset": ["workflow/scripts/draw_images.py", *_IMAGES_CODE],
    "compiled": [
        *_TRAINING_CODE,
        "rknet/engines/activations.py",
        "rknet/engines/compiled.py",
        "rknet/engines/kernels.py",
        "rknet/engines/simd.py",
    ],
    "torch": _TORCH_CODE,
    "autograd": _TORCH_CODE,
    "outputs": [
        *_TRAINING_CODE,
        "rknet/study/features.py",
        "rknet/networks/modules.py",
        "rknet/study/outputs.py",
    ],
    "metrics": ["workflow/scripts/collect_metrics.py", *_METRICS_CODE],
    "curves": ["workflow/scripts/collect_curves.py", *_METRICS_CODE],
    "table": ["workflow/scripts/write_table.py", *_TABLE_CODE],
    "comparison": [
        "workflow/scripts/compare.py",
        *_TABLE_CODE,
        "rknet/study/comparison.py",
        "rknet/show/comparison.py",
        "rknet/paper/errata.py",
    ],
    "summary": [
        "workflow/scripts/sum_up.py",
        *_METRICS_CODE,
        "rknet/study/comparison.py",
    ],
    "features": [
        "workflow/scripts/measure_features.py",
        "rknet/seeds.py",
        *_NETWORK_CODE,
        "rknet/engines/base.py",
    ],
    "check_scheme": [
        "workflow/scripts/check_scheme.py",
        *_POINTS_CODE,
        "rknet/paper/section3.py",
        "rknet/networks/modules.py",
        "rknet/tableau.py",
        "rknet/engines/activations.py",
        "rknet/engines/affine.py",
        "rknet/engines/compiled.py",
        "rknet/engines/kernels.py",
        "rknet/engines/base.py",
        "rknet/fit.py",
        "rknet/engines/simd.py",
        "rknet/engines/torch_engines.py",
        "rknet/engines/wide.py",
    ],
    "claims": [
        "workflow/scripts/evaluate_claims.py",
        *_POINTS_CODE,
        "rknet/show/latex.py",
        "rknet/paper/readings.py",
        "rknet/show/claims.py",
        "rknet/study/claims.py",
        "rknet/study/evaluation.py",
        "rknet/study/statistics.py",
        *(
            f"rknet/paper/claims/{module}.py"
            for module in (
                "__init__",
                "activation",
                "architecture",
                "convergence",
                "depth",
                "images",
                "scheme",
                "training",
                "width",
            )
        ),
    ],
    "figure": [
        "workflow/scripts/draw_figure.py",
        *_FEATURE_FIGURE_CODE,
        "rknet/study/frames.py",
        *(
            f"rknet/show/figures/{module}.py"
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
        "rknet/study/outputs.py",
    ],
    "animation": [
        "workflow/scripts/animate.py",
        *_FEATURE_FIGURE_CODE,
        "rknet/show/figures/animation.py",
    ],
    "depth_figure": [
        "workflow/scripts/draw_depth.py",
        *_TABLE_CODE,
        *_STYLE_CODE,
        "rknet/show/figures/accuracy_over_depth.py",
        "rknet/show/figures/lines.py",
    ],
    "comparison_figure": [
        "workflow/scripts/draw_comparison.py",
        *_TABLE_CODE,
        *_STYLE_CODE,
        "rknet/study/comparison.py",
        "rknet/show/figures/lines.py",
        "rknet/show/figures/verdicts.py",
    ],
    "paper_source": [
        "workflow/scripts/write_paper.py",
        "rknet/show/figures/specification.py",
        "rknet/show/labels.py",
        "rknet/show/latex.py",
        *(
            f"rknet/show/document/{name}"
            for name in ("contents.py", "paper.tex.jinja", "sections.py", "source.py")
        ),
        "rknet/show/tables/specification.py",
    ],
    "paper_pdf": ["workflow/scripts/build_paper.py", "rknet/show/document/build.py"],
}
_PAGE_CODE = [
    *CODE["claims"],
    *CODE["comparison"],
    "rknet/show/figures/specification.py",
    *(
        f"rknet/show/pages/{module}.py"
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
        "rknet/study/code.py",
        "rknet/study/machine.py",
        "rknet/study/provenance.py",
    ],
    "page": ["workflow/scripts/write_page.py", *_PAGE_CODE],
    "verdict": ["workflow/scripts/write_verdict.py", *_PAGE_CODE],
}

_EXPERIMENT_CODE = [
    *_TABLE_CODE,
    "rknet/show/experiment/table.py",
    "rknet/show/experiment/words.py",
]
CODE |= {
    "experiment_table": ["workflow/scripts/write_experiment_table.py", *_EXPERIMENT_CODE],
    "experiment_curves": [
        "workflow/scripts/draw_experiment.py",
        *_METRICS_CODE,
        *_STYLE_CODE,
        "rknet/show/labels.py",
        "rknet/show/experiment/curves.py",
        "rknet/show/experiment/panels.py",
        "rknet/show/experiment/words.py",
        "rknet/show/figures/curves.py",
        "rknet/show/figures/lines.py",
        "rknet/show/figures/specification.py",
    ],
    "experiment_page": [
        "workflow/scripts/write_experiment_page.py",
        *_EXPERIMENT_CODE,
        "rknet/show/experiment/page.py",
        "rknet/show/experiment/panels.py",
        "rknet/show/pages/document.py",
    ],
}

#: A digest of each list.
CODE_HASH = {name: code_hash(paths) for name, paths in CODE.items()}
