"""A cell: one setting of dataset, network and training."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any

from rknet.optimisers.base import OPTIMISERS


@dataclass(frozen=True)
class Cell:
    """One setting, trained once for each seed. The defaults are the paper's.

    Attributes
    ----------
    dataset, network : str
        Names, such as ``spiral`` and ``RK4Net``.
    width : int
        Dimension d̂ of the feature space.
    depth : int
        Number of layers L.
    activation : str
        ``tanh``, ``logistic``, ``relu`` or ``softplus`` (2.1).
    lift : str
        ``random``: a frozen random linear map (what the published tables were made with), or
        ``zeros``: padding by zeros (2.3).
    classifier : str
        ``trained`` or ``fixed`` W and μ.
    step_size : float
        Step size h of (2.12); it means nothing for StandardNet.
    epochs : int
        The largest number of epochs.
    batch_size : int
        Samples in a training step.
    loss : str
        One of `rknet.losses`: ``cross_entropy`` (3.1) or ``mse``.
    optimiser : str
        One of `rknet.optimisers`: ``adam``, ``sgd``, ``adagrad`` or ``adadelta``.
    learning_rate : float
        If None is given, the optimiser's default.
    momentum : float
        The momentum of ``sgd``.
    weight_decay : float
        How much of each trained parameter is added to its gradient, as `torch.optim` defines it.
    tolerance : float
        By how much the mean validation cost of five epochs may exceed that of the five before.
    engine : str
        One of `rknet.engines`, which trains it: ``compiled``, ``torch`` or ``autograd``.
    training_samples, validation_samples : int
        How many samples of the dataset are drawn for each split; 0 for its usual number.
    """

    dataset: str
    network: str
    width: int
    depth: int
    activation: str = "tanh"
    lift: str = "random"
    classifier: str = "trained"
    step_size: float = 0.05
    epochs: int = 40
    batch_size: int = 5
    loss: str = "cross_entropy"
    optimiser: str = "adam"
    learning_rate: float = None  # type: ignore[assignment]  # resolved below
    momentum: float = 0.0
    weight_decay: float = 0.0
    tolerance: float = 0.05
    engine: str = "compiled"
    training_samples: int = 0
    validation_samples: int = 0

    def __post_init__(self) -> None:
        if self.learning_rate is None:
            object.__setattr__(self, "learning_rate", self._default_learning_rate)
        # YAML may say 16.0 or 1 where 16 or 1.0 is meant; a cell has one name only.
        for field in fields(self):
            kind = {"int": int, "float": float}.get(str(field.type), str)
            object.__setattr__(self, field.name, kind(getattr(self, field.name)))

    @property
    def name(self) -> str:
        """The name of the cell's folder: its shape, then every setting that is not the default."""
        tokens = [f"width{self.width}", f"depth{self.depth}", self.activation, self.lift]
        for field, label in _LABELS.items():
            value = getattr(self, field)
            usual = _DEFAULTS[field]
            if field == "learning_rate":
                usual = self._default_learning_rate
            if value != usual:
                tokens.append(f"{label}{value}")
        return "_".join(tokens)

    @classmethod
    def of(cls, setting: Mapping[str, Any]) -> Cell:
        """The cell of a setting, as `settings` gives it; what else it holds does not matter."""
        return cls(**{axis: setting[axis] for axis in AXES if axis in setting})

    def settings(self) -> dict[str, Any]:
        """The value on each axis, for records. They stay the same if a new axis has no effect."""
        values = {axis: getattr(self, axis) for axis in AXES}
        return {a: v for a, v in values.items() if a not in _NEW_AXES or v != _DEFAULTS[a]}

    @property
    def _default_learning_rate(self) -> float:
        return OPTIMISERS[self.optimiser].default_learning_rate


#: Labels of the settings that a cell's name shows only if they are not the default.
_LABELS = {
    "classifier": "classifier-",
    "step_size": "step",
    "epochs": "epochs",
    "batch_size": "batch",
    "loss": "loss-",
    "optimiser": "by-",
    "learning_rate": "rate",
    "momentum": "momentum",
    "weight_decay": "decay",
    "tolerance": "tol",
    "engine": "engine-",
    "training_samples": "training",
    "validation_samples": "validation",
}
_DEFAULTS: dict[str, Any] = {f.name: f.default for f in fields(Cell) if f.default is not MISSING}

#: Axes that were added when there were records without them.
_NEW_AXES = ("weight_decay", "training_samples", "validation_samples")

#: The axes a grid may have: the fields of a cell.
AXES = tuple(f.name for f in fields(Cell))
