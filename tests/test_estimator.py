"""The classifier of scikit-learn: its own checks, and what the networks add."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_wine, make_circles, make_moons
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

import rknet
from rknet import RKClassifier

#: Few layers and epochs, large steps: scikit-learn's checks train some two hundred of them.
QUICK = {"depth": 3, "step_size": 0.5, "epochs": 20, "random_state": 0}
MOONS = make_moons(200, noise=0.1, random_state=0)


@parametrize_with_checks([RKClassifier(**QUICK), RKClassifier(early_stopping=True, **QUICK)])
def test_scikit_learns_checks(estimator, check):
    check(estimator)


def test_it_is_the_network_that_fit_trains():
    """The same start and order of samples, by `rknet.fit`."""
    found = RKClassifier(**QUICK).fit(*MOONS)
    random = np.random.RandomState(0)
    import torch

    torch.manual_seed(int(random.randint(2**31 - 1)))
    net = rknet.RK4Net(2, 16, 3, 2, step_size=0.5)
    split = rknet.datasets.Split(MOONS[0].astype(np.float32), MOONS[1])
    about = rknet.datasets.Description("", 2, 2, (200, 200))
    data = rknet.datasets.Dataset(split, split, about)
    seed = int(random.randint(2**31 - 1))
    history = rknet.fit(net, data, epochs=20, tolerance=np.inf, seed=seed)
    assert found.history_.epochs == history.epochs
    logits = net(torch.from_numpy(split.x)).detach().double()
    assert found.predict_proba(MOONS[0]) == pytest.approx(torch.softmax(logits, 1).numpy())
    assert found.score(*MOONS) > 0.9


def test_augmentation_helps_with_circles():
    """No network of width 2 can pull a circle out of another one; with a third dimension it can."""
    circles = make_circles(300, noise=0.05, factor=0.4, random_state=1)
    settings = {"depth": 10, "step_size": 0.3, "lift": "zeros", "random_state": 0}
    plain, augmented = (
        RKClassifier(width=width, **settings).fit(*circles).score(*circles) for width in (2, 3)
    )
    assert augmented > max(0.97, plain)


def test_a_grid_search_over_a_pipeline():
    pipe = make_pipeline(StandardScaler(), RKClassifier(**QUICK))
    grid = {"rkclassifier__network": ["StandardNet", "heun"], "rkclassifier__depth": [2, 4]}
    search = GridSearchCV(pipe, grid, cv=2).fit(*load_wine(return_X_y=True))
    assert search.best_score_ > 0.9


@pytest.mark.parametrize(
    "written",
    [
        {"A": [[0, 0], ["2/3", 0]], "beta": ["1/4", "3/4"]},
        {"A": [["5/12", "-1/12"], ["3/4", "1/4"]], "beta": ["3/4", "1/4"]},  # implicit
    ],
)
def test_a_tableau_is_a_network_and_survives_clone_and_pickle(written):
    tableau = rknet.ButcherTableau.from_mapping(written)
    found = clone(RKClassifier(tableau, **QUICK)).fit(*MOONS)
    assert found.score(*MOONS) > 0.9
    again = pickle.loads(pickle.dumps(found))
    np.testing.assert_array_equal(again.predict_proba(MOONS[0]), found.predict_proba(MOONS[0]))


def test_the_way_of_samples_through_the_layers():
    found = RKClassifier(**QUICK).fit(*MOONS)
    features, ways = found.features(MOONS[0]), found.trajectories(MOONS[0])
    assert ways.shape == (200, 4, 16)
    np.testing.assert_array_equal(ways[:, -1], features[-1])
    lifted = MOONS[0].astype(np.float32) @ found.module_.lift.weight.numpy().T
    assert features[0] == pytest.approx(lifted, abs=1e-5)


def test_epochs_one_by_one():
    found = RKClassifier(**QUICK)
    for _ in range(5):
        found.partial_fit(*MOONS, classes=[0, 1])
    assert len(found.history_.epochs) == 6
    costs = [epoch.training_cost for epoch in found.history_.epochs]
    assert costs[-1] < costs[0]
    with pytest.raises(ValueError, match="the first call had"):
        found.partial_fit(*MOONS, classes=[0, 1, 2])
    with pytest.raises(ValueError, match="did not name"):
        found.partial_fit(MOONS[0], MOONS[1] + 5)


def test_labels_may_be_words(capsys):
    words = np.array(["no", "yes"])[MOONS[1]]
    found = RKClassifier(verbose=True, **QUICK).fit(MOONS[0], words)
    assert set(found.predict(MOONS[0])) == {"no", "yes"}
    assert "epoch 20: cost" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"network": "RK5Net"}, "network: found 'RK5Net'; expected StandardNet"),
        ({"depth": 0}, "depth: found 0; expected 1 or more"),
        ({"width": 1}, "width must be at least the input dimension, 2"),
        ({"early_stopping": True, "validation_fraction": 1}, "validation_fraction: found 1"),
        ({"activation": "sine"}, "activation must be one of"),
    ],
)
def test_what_makes_no_sense_is_named(options, said):
    with pytest.raises(ValueError, match=said):
        RKClassifier(**options).fit(*MOONS)
