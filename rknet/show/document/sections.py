"""What the document's sections hold: those of the paper, and which experiments belong to each.

Light to import, as the workflow resolves the configuration with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from rknet.show.figures.specification import FIGURES, caption_of
from rknet.study.grids import Experiment


@dataclass(frozen=True)
class Section:
    """A section of the paper on experiments.

    Attributes
    ----------
    number : str
        In the paper: ``4.2``, or ``4`` for what stands in the text before 4.1.
    title, lead : str
        The heading and what is said first.
    experiments : tuple of str
        The experiments that belong here, those of the config that there are.
    """

    number: str
    title: str
    lead: str
    experiments: tuple[str, ...]


SECTIONS = (
    Section(
        "4.1",
        "Width of the feature space",
        "The width d̂ of the feature space is varied: the dimension of the input, or more by "
        "augmentation.",
        ("width",),
    ),
    Section(
        "4.2",
        "Depth",
        "The number L of layers is varied.",
        ("depth", "depth_narrow", "contraction"),
    ),
    Section("4.3", "Activation functions", "The activation is varied.", ("activation",)),
    Section(
        "4.4",
        "Architectures",
        "Architectures are compared on datasets of different dimensions and numbers of classes.",
        ("architecture",),
    ),
    Section(
        "4.5",
        "Images",
        "Images are classified: MNIST and Fashion-MNIST, or in miniature the digits that come with "
        "scikit-learn.",
        ("images", "digits"),
    ),
    Section(
        "4",
        "Losses, optimisers and the classifier",
        "The paper says in passing how losses and optimisers compare, and what comes of a "
        "classifier that is not trained.",
        ("training", "classifier"),
    ),
)

#: What a table or figure of an experiment shows: the rest of a sentence that begins with it.
SHOWN = {
    "table1": "gives accuracy",
    "table2": "gives cost",
    "table3": "gives the spread of repetitions",
    "table4": "gives accuracy and cost of the architectures",
    "table5": "gives what augmentation does to images",
    "table6": "gives accuracy and cost of the architectures on images",
    "digits_table5": "gives what augmentation does to digits",
    "digits_table6": "gives accuracy and cost of the architectures on digits",
    "accuracy_over_depth": "draws accuracy over depth beside the published means",
    "figure3": "shows what the width does to donut 2D",
    "figure4": "shows what it does to squares",
    "figure5": "shows features from layer to layer",
    "figure6": "shows a prediction",
    "figure7": "shows training with each activation",
    "figure9": "shows repetitions of one setting",
    "figure10": "shows the architectures on donut 2D & 6C",
    "figure11": "shows them on squares 2D & 4C",
    "figure12": "shows their training on donut 3D & 6C",
    "figure13": "shows it on squares 3D & 4C",
    "figure14": "shows images of MNIST and what is predicted",
    "figure15": "shows such of Fashion-MNIST",
    "figure16": "shows features of images in the output layer",
    "figure17": "shows training on MNIST",
    "figure18": "shows it on Fashion-MNIST",
    "digits_figure14": "shows digits and what is predicted",
    "digits_figure16": "shows features of digits in the output layer",
    "digits_figure17": "shows training on digits",
}

#: The figures that are not the paper's: a letter, the experiment shown (all if empty), a caption.
OVERVIEWS = {
    "accuracy_over_depth": (
        "A",
        "depth",
        "Accuracy over depth on training (left) and validation data (right), a row a lift. Lines "
        "are means over repetitions, bars 95 % confidence intervals (Student's t), stars the "
        "journal's numbers where it has the setting.",
    ),
    "comparison": (
        "B",
        "",
        "Distance of the printed numbers from those of the runs, in half-widths of the 95 % "
        "prediction interval, by table and lift: what lies in the grey band is consistent, as "
        "counted at the right.",
    ),
}


def captions(names: Iterable[str], experiments: Mapping[str, Experiment]) -> dict[str, str]:
    """The captions of figures, by name."""
    return {
        name: caption_of(FIGURES[name], experiments) if name in FIGURES else OVERVIEWS[name][2]
        for name in names
    }


def resolved(config: Mapping[str, Any], root: Path) -> dict[str, Any]:
    """The configuration with every experiment written out, which alone makes the same runs.

    Parameters
    ----------
    config : mapping
        As Snakemake reads it, checked.
    root : Path
        The project's folder.
    """
    return {
        **config,
        **{
            key: [_written(entry, root) for entry in config.get(key, [])]
            for key in ("experiments", "optional_experiments")
        },
    }


def _written(entry: str | Mapping[str, Any], root: Path) -> dict[str, Any]:
    if isinstance(entry, Mapping):
        return dict(entry)
    path = root / f"config/experiments/{entry}.yaml"
    return {"name": entry, **yaml.safe_load(path.read_text(encoding="utf-8"))}
