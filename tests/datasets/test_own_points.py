"""Points that a file of the user's draws: what is drawn, and what is said of bad files."""

import json
from pathlib import Path

import numpy as np
import pytest

from rknet import datasets
from rknet.datasets.own import own_dataset, own_datasets
from rknet.seeds import stream

MOONS = """\
import numpy as np

def draw(rng, samples, noise=0.1):
    labels = rng.integers(2, size=samples)
    angle = np.pi * (rng.random(samples) + labels)
    x = np.column_stack([np.cos(angle) + labels, np.sin(angle)])
    return x + noise * rng.standard_normal(x.shape), labels
"""


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def defined(code=MOONS, **options):
    Path("moons.py").write_text(code)
    return own_dataset("moons", {"module": "moons.py", **options})


def test_a_function_draws_both_splits_at_once():
    dataset = defined(training=30, validation=20, options={"noise": 0.5})
    about = dataset.about
    assert (about.name, about.dimension, about.classes) == ("moons", 2, 2)
    assert (about.samples, about.class_names, about.image_shape) == ((30, 20), ("0", "1"), None)
    scope = {}
    exec(MOONS, scope)
    x, labels = scope["draw"](stream("data", dataset="moons", seed=3), 50, noise=0.5)
    training, validation = datasets.drawn(dataset, 3)
    np.testing.assert_array_equal(np.concatenate([training.x, validation.x]), x.astype(np.float32))
    np.testing.assert_array_equal(np.concatenate([training.labels, validation.labels]), labels)
    assert (training.x.shape, validation.x.shape) == ((30, 2), (20, 2))


def test_the_paper_s_number_of_samples_is_the_default():
    assert defined().about.samples == (1500, 1500)


def test_classes_can_be_named():
    dataset = defined(class_names=["lower", "upper", "none"])
    assert dataset.about.class_names == ("lower", "upper", "none")
    assert dataset.about.classes == 3
    datasets.save("a.npz", dataset.draw(0))
    assert datasets.load("a.npz", "moons").about == dataset.about


def test_the_definition_is_plain_and_the_file_is_a_root():
    dataset = defined(training=30, validation=20, options={"noise": 0.5})
    assert json.loads(json.dumps(dataset.definition)) == dataset.definition
    assert own_dataset("moons", dataset.definition).definition == dataset.definition
    assert dataset.roots == ("rknet.datasets.own.drawn:OwnPoints", "moons.py")


def drawing(lines):
    return f"import numpy as np\n\ndef draw(rng, samples):\n    {lines}\n"


TEN = "labels = np.arange(samples) % 2"

#: By what is wrong: the file's content and what is said of it.
BAD = {
    "no syntax": ("def draw(:\n", "moons.py, line 1: SyntaxError: "),
    "fails": ("import numpy\n1 / 0\n", "moons.py, line 2: ZeroDivisionError: "),
    "no function": ("x = 1\n", "moons.py: draw is missing; expected a function or class draw(rng"),
    "draw fails": (drawing("return samples.x"), "moons.py, line 4: AttributeError: "),
    "nothing": (drawing("return None"), "moons.py: draw returns None; expected points and labels"),
    "one array": (drawing("return rng.random((samples, 2))"), "moons.py: draw returns array"),
    "flat": (drawing(f"{TEN}; return labels, labels"), "moons.py: draw(rng, 3000) returns points"),
    "too few": (
        drawing(f"{TEN}; return rng.random((9, 2)), labels"),
        "moons.py: draw(rng, 3000) returns points float64(9, 2) and labels int64(3000,); expected",
    ),
    "no dimension": (drawing(f"{TEN}; return np.ones((samples, 0)), labels"), "moons.py: draw(rng"),
    "text": (drawing(f"{TEN}; return [['a']] * samples, labels"), "moons.py: draw(rng, 3000) retu"),
    "label not whole": (
        drawing("return rng.random((samples, 2)), rng.random(samples)"),
        "moons.py: draw(rng, 3000) returns points float64(3000, 2) and labels float64(3000,)",
    ),
    "too few labels": (drawing(f"{TEN}; return np.ones((samples, 2)), labels[1:]"), "moons.py: dr"),
    "not finite": (
        drawing(f"{TEN}; x = np.ones((samples, 2)); x[7, 1] = 1e39; return x, labels"),
        "moons.py: draw returns inf in x[7, 1]; expected finite numbers",
    ),
    "negative": (
        drawing(f"{TEN}; return np.ones((samples, 2)), -labels"),
        "moons.py: draw returns the label -1; expected 0 to 1",
    ),
    "gap": (
        drawing(f"{TEN}; return np.ones((samples, 2)), 2 * labels"),
        "moons.py: draw returns the label 2; expected 0 to 1: say class_names",
    ),
    "another rng": (
        drawing(f"{TEN}; return np.random.default_rng().random((samples, 2)), labels"),
        "moons.py: draw returns other points when it is called again with an equal rng",
    ),
    "one class": (
        drawing(f"{TEN}; return np.ones((samples, 2)), 0 * labels"),
        "moons.py: draw gives all samples the same label",
    ),
}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_file_is_named(what):
    content, message = BAD[what]
    Path("moons.py").write_text(content)
    found, problems = own_datasets({"moons": {"module": "moons.py"}})
    assert not found
    assert problems[0].startswith(f"moons: {message}")


def test_a_missing_file_and_an_unknown_option_are_named():
    assert own_datasets({"moons": {"module": "nowhere.py"}})[1][0].startswith("moons: nowhere.py")
    with pytest.raises(ValueError, match=r"moons\.py: TypeError: draw\(\) got an unexpected"):
        defined(options={"size": 1})


#: Draws of later repetitions that are not what the first one was.
LATER = {
    "3 dimensions": (
        "np.ones((samples, d))",
        "points in 3 dimensions; expected 2, as in",
    ),
    "label": ("np.ones((samples, 2))", "the label 2; expected 0 to 1: say class_names"),
}


@pytest.mark.parametrize("what", LATER)
def test_every_repetition_is_looked_at(what):
    x, message = LATER[what]
    lines = f"d = 2 + (rng.random() != {first()}); labels = np.arange(samples) % "
    dataset = defined(drawing(f"{lines}{'2' if 'd))' in x else 'd'}; return {x}, labels"))
    dataset.draw(0)
    with pytest.raises(ValueError, match=message):
        dataset.draw(1)


def first():
    """The first number of the first repetition's stream."""
    return stream("data", dataset="moons", seed=0).random()
