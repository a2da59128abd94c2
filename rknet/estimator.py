"""The networks as a classifier of scikit-learn."""

from __future__ import annotations

from dataclasses import replace
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import train_test_split
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets, unique_labels
from sklearn.utils.validation import check_is_fitted, validate_data

from rknet.datasets.base import Dataset, Description, Split
from rknet.engines.base import Metrics
from rknet.fitting import fit
from rknet.loop import History
from rknet.networks.base import BUILT_IN, network
from rknet.tableau import SCHEMES, ButcherTableau

if TYPE_CHECKING:
    from numpy.typing import ArrayLike
    from torch import Tensor

    from rknet.networks.modules import FeatureNet

#: The width if none is given; more if the inputs need it, as the space is to be augmented.
WIDTH = 16


class RKClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Runge–Kutta network with feature space augmentation.

    Parameters
    ----------
    network : str or ButcherTableau, optional
        ``RK4Net``, ``EulerNet``, ``StandardNet``, the name of a scheme in `rknet.SCHEMES`, or a
        tableau.
    width : int, optional
        Dimension d̂ of the feature space; by default 16, or one more than there are inputs.
    depth : int, optional
        Number of layers L.
    activation : str, optional
        ``tanh``, ``logistic``, ``relu`` or ``softplus`` (2.1).
    lift : str, optional
        ``random``, a frozen linear map, or ``zeros``, padding by zeros (2.3).
    step_size : float, optional
        Step size h of (2.12); it means nothing for StandardNet.
    train_classifier : bool, optional
        Whether W and μ are trained; otherwise they keep their initial values.
    epochs, batch_size, loss, optimiser, learning_rate, momentum, weight_decay
        As in `rknet.fit`.
    early_stopping : bool, optional
        Whether to hold samples back, and to stop once the mean cost of five epochs on them exceeds
        that of the five before by `tolerance`, as the paper does.
    validation_fraction : float, optional
        The share that is held back; each class keeps its share.
    tolerance : float, optional
    engine : str, optional
        ``compiled``, ``torch`` or ``autograd``; by default the first that can train the network.
    device : str, optional
        As in `rknet.fit`.
    random_state : int, RandomState or None, optional
        Decides initial values, the order of samples and what is held back.
    verbose : bool, optional
        Print a line an epoch.

    Attributes
    ----------
    classes_ : ndarray, (K,)
    n_features_in_ : int
        Dimension d of the inputs.
    module_ : rknet.networks.modules.FeatureNet
        The trained network, a `torch.nn.Module`.
    history_ : History
        Costs and accuracies by epoch; of the training samples twice if none are held back.

    Notes
    -----
    Inputs are used as they are, in float32; scale them first, as in a `Pipeline` with a
    `StandardScaler`.

    Examples
    --------
    >>> from sklearn.datasets import make_moons
    >>> from rknet import RKClassifier
    >>> x, y = make_moons(noise=0.1, random_state=0)
    >>> RKClassifier(depth=10, random_state=0).fit(x, y).score(x, y) > 0.9
    True
    """

    classes_: np.ndarray
    n_features_in_: int
    module_: FeatureNet
    history_: History

    def __init__(
        self,
        network: str | ButcherTableau = "RK4Net",
        *,
        width: int | None = None,
        depth: int = 20,
        activation: str = "tanh",
        lift: str = "random",
        step_size: float = 0.05,
        train_classifier: bool = True,
        epochs: int = 40,
        batch_size: int = 5,
        loss: str = "cross_entropy",
        optimiser: str = "adam",
        learning_rate: float | None = None,
        momentum: float = 0.0,
        weight_decay: float = 0.0,
        early_stopping: bool = False,
        validation_fraction: float = 0.2,
        tolerance: float = 0.05,
        engine: str | None = None,
        device: str = "cpu",
        random_state: int | np.random.RandomState | None = None,
        verbose: bool = False,
    ) -> None:
        self.network = network
        self.width = width
        self.depth = depth
        self.activation = activation
        self.lift = lift
        self.step_size = step_size
        self.train_classifier = train_classifier
        self.epochs = epochs
        self.batch_size = batch_size
        self.loss = loss
        self.optimiser = optimiser
        self.learning_rate = learning_rate
        self.momentum = momentum
        self.weight_decay = weight_decay
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.tolerance = tolerance
        self.engine = engine
        self.device = device
        self.random_state = random_state
        self.verbose = verbose

    def fit(self, X: ArrayLike, y: ArrayLike) -> RKClassifier:
        """Train a new network.

        Parameters
        ----------
        X : array-like, (samples, d)
        y : array-like, (samples,)
            The class of each sample.

        Returns
        -------
        RKClassifier
            Itself.

        Raises
        ------
        ValueError
            If a parameter is out of range, or there are fewer than two classes.
        """
        X, y = self._checked(X, y)
        self._random = check_random_state(self.random_state)
        self.classes_ = unique_labels(y)
        self.module_ = self._new()
        self.history_ = self._train(X, y, self.epochs, hold_back=self.early_stopping)
        return self

    def partial_fit(
        self, X: ArrayLike, y: ArrayLike, classes: ArrayLike | None = None
    ) -> RKClassifier:
        """Train for one epoch on these samples, from where the network is.

        The moments of the optimiser begin anew, and nothing is held back.

        Parameters
        ----------
        X : array-like, (samples, d)
        y : array-like, (samples,)
        classes : array-like, optional
            All classes that later calls may have; needed the first time.

        Returns
        -------
        RKClassifier
            Itself.
        """
        first = not hasattr(self, "module_")
        X, y = self._checked(X, y, reset=first)
        if first:
            self._random = check_random_state(self.random_state)
            self.classes_ = unique_labels(y if classes is None else classes)
            self.module_ = self._new()
        elif classes is not None and not np.array_equal(unique_labels(classes), self.classes_):
            raise ValueError(f"classes: found {classes}; the first call had {self.classes_}")
        if unknown := set(np.unique(y)) - set(self.classes_):
            raise ValueError(f"y: found the classes {unknown}, which the first call did not name")
        found = self._train(X, y, epochs=1, hold_back=False)
        self.history_ = found if first else _joined(self.history_, found)
        return self

    def predict_proba(self, X: ArrayLike) -> np.ndarray:
        """The probability of each class, (samples, K), in the order of `classes_`."""
        import torch

        x = self._tensor(X)
        with torch.no_grad():
            return torch.softmax(self.module_(x).double(), dim=1).numpy()

    def predict(self, X: ArrayLike) -> np.ndarray:
        """The most probable class of each sample, (samples,)."""
        probable = self.predict_proba(X).argmax(axis=1)
        classes: np.ndarray = self.classes_[probable]
        return classes

    def features(self, X: ArrayLike) -> list[np.ndarray]:
        """The features at every layer, y⁽⁰⁾ to y⁽ᴸ⁾, each (samples, d̂)."""
        import torch

        x = self._tensor(X)
        with torch.no_grad():
            return [y.numpy() for y in self.module_.features(x)]

    def trajectories(self, X: ArrayLike) -> np.ndarray:
        """The way of every sample through the layers, (samples, L + 1, d̂)."""
        return np.stack(self.features(X), axis=1)

    def _checked(
        self, X: ArrayLike, y: ArrayLike, reset: bool = True
    ) -> tuple[np.ndarray, np.ndarray]:
        checked: tuple[np.ndarray, np.ndarray]
        checked = X, y = validate_data(self, X, y, dtype=np.float32, reset=reset)
        check_classification_targets(y)
        for name, kind in (("depth", Integral), ("epochs", Integral), ("batch_size", Integral)):
            if not isinstance(getattr(self, name), kind) or getattr(self, name) < 1:
                raise ValueError(f"{name}: found {getattr(self, name)!r}; expected 1 or more")
        share = self.validation_fraction
        if self.early_stopping and not (isinstance(share, Real) and 0 < share < 1):
            raise ValueError(f"validation_fraction: found {share!r}; expected one between 0 and 1")
        return checked

    def _new(self) -> FeatureNet:
        """A network with fresh initial values."""
        import torch

        if len(self.classes_) < 2:
            raise ValueError(f"y has one class, {self.classes_[0]!r}; a classifier needs two")
        width = max(WIDTH, self.n_features_in_ + 1) if self.width is None else self.width
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(_drawn(self._random))
            return self._kind().module(  # type: ignore[no-any-return]  # of a library's kind
                self.n_features_in_,
                width,
                self.depth,
                len(self.classes_),
                activation=self.activation,
                lift=self.lift,
                train_classifier=self.train_classifier,
                step_size=self.step_size,
            )

    def _kind(self) -> Any:
        if isinstance(self.network, ButcherTableau):
            return network({"tableau": self.network.to_mapping()})
        if self.network in BUILT_IN:
            return network(BUILT_IN[self.network])
        if self.network in SCHEMES:
            return network({"tableau": self.network})
        raise ValueError(
            f"network: found {self.network!r}; expected {', '.join(BUILT_IN)}, the name of a "
            f"scheme ({', '.join(SCHEMES)}) or a ButcherTableau"
        )

    def _train(self, X: np.ndarray, y: np.ndarray, epochs: int, hold_back: bool) -> History:
        labels = np.searchsorted(self.classes_, y).astype(np.int64)
        training = validation = Split(X, labels)
        if hold_back:
            parts = train_test_split(
                *(X, labels),
                test_size=self.validation_fraction,
                stratify=labels,
                random_state=self._random,
            )
            training, validation = Split(*parts[::2]), Split(*parts[1::2])
        samples = len(training.labels), len(validation.labels)
        about = Description("", self.n_features_in_, len(self.classes_), samples)
        return fit(
            self.module_,
            Dataset(training, validation, about),
            epochs=epochs,
            batch_size=self.batch_size,
            loss=self.loss,
            optimiser=self.optimiser,
            learning_rate=self.learning_rate,
            momentum=self.momentum,
            weight_decay=self.weight_decay,
            tolerance=self.tolerance if hold_back else np.inf,
            seed=_drawn(self._random),
            engine=self.engine,
            device=self.device,
            report=_say if self.verbose else None,
        )

    def _tensor(self, X: ArrayLike) -> Tensor:
        import torch

        check_is_fitted(self)
        return torch.from_numpy(validate_data(self, X, dtype=np.float32, reset=False))


def _drawn(random: np.random.RandomState) -> int:
    return int(random.randint(np.iinfo(np.int32).max))


def _joined(before: History, after: History) -> History:
    """Both histories; the state before training is in the first alone."""
    return replace(after, epochs=[*before.epochs, *after.epochs[1:]])


def _say(epoch: int, metrics: Metrics) -> None:
    print(
        f"epoch {epoch}: cost {metrics.training_cost:.4f}, accuracy "
        f"{metrics.training_accuracy_percent:.2f} %; validation {metrics.validation_cost:.4f}, "
        f"{metrics.validation_accuracy_percent:.2f} %",
        flush=True,
    )
