"""Networks of the user's: what their module is called with, and what is refused before any job."""

import re

import numpy as np
import pytest
import torch

from rknet.cell import Cell
from rknet.networks.base import network
from rknet.networks.modules import arrays, layer_features, load_arrays
from rknet.own import OwnFileError

CELL = Cell("spiral", "Mine", 6, 3, activation="relu", lift="zeros", step_size=0.2)


@pytest.fixture
def defined(tmp_path):
    """A network from the text of its file."""

    def defined(text, **options):
        path = tmp_path / "mine.py"
        path.write_text("import torch\nfrom torch import nn\n" + text)
        return network({"module": str(path), "options": options})

    return defined


def problems(kind, classes=2):
    return list(kind.problems(CELL, 2, classes))


PLAIN = "def network(dimension, classes):\n    return nn.Linear(dimension, classes)\n"
#: Files that define a network in different ways.
GOOD = {
    "function": PLAIN,
    "class": (
        "class network(nn.Module):\n"
        "    def __init__(self, dimension, classes):\n"
        "        super().__init__()\n"
        "        self.a, self.b = nn.Linear(dimension, 9), nn.Linear(9, classes)\n"
        "    def features(self, x):\n"
        "        return [x, self.a(x).tanh()]\n"
        "    def forward(self, x):\n"
        "        return self.b(self.features(x)[-1])\n"
    ),
    "of another name": (
        "class Mine(nn.Linear):\n    def features(self, x):\n        return [x, x[:, None]]\n"
        "network = Mine\n"
    ),
    "keywords": "def network(dimension, classes, **options):\n    assert not options\n"
    "    return nn.Linear(dimension, classes)\n",
    "a part called features": (
        "class network(nn.Module):\n"
        "    def __init__(self, dimension, classes):\n"
        "        super().__init__()\n"
        "        self.features = nn.Linear(dimension, classes)\n"
        "    def forward(self, x):\n"
        "        return self.features(x)\n"
    ),
    "dropout": "def network(dimension, classes):\n"
    "    return nn.Sequential(nn.Linear(dimension, classes), nn.Dropout(0.5))\n",
}


@pytest.mark.parametrize("what", GOOD)
@pytest.mark.parametrize("classes", [2, 5])
def test_a_network_that_maps_samples_to_logits_is_taken(defined, what, classes):
    kind = defined(GOOD[what])
    assert problems(kind, classes) == []
    assert kind.module(4, 6, 3, classes)(torch.randn(3, 4)).shape == (3, classes)
    assert (kind.tableau, kind.residual, kind.swept) == (None, False, False)


def test_it_gets_its_options_and_of_the_cell_what_it_names(defined):
    kind = defined(
        "def network(dimension, classes, hidden, depth, step_size=1, lift='', scale=2):\n"
        "    module = nn.Linear(dimension, classes)\n"
        "    module.seen = (hidden, depth, step_size, lift, scale)\n"
        "    return module\n",
        hidden=[8, 8],
    )
    module = kind.module(2, 6, 3, 2, lift="zeros", step_size=0.2, activation="relu")
    assert module.seen == ([8, 8], 3, 0.2, "zeros", 2)


def test_a_trial_leaves_pytorchs_generator_as_it_was(defined):
    torch.manual_seed(1)
    wanted = torch.randn(3)
    torch.manual_seed(1)
    assert problems(defined(PLAIN)) == []
    assert torch.equal(torch.randn(3), wanted)


#: Files that are refused, where they are to blame (after two lines of imports), and the words.
BAD = {
    "syntax": ("def network(:\n", ", line 3", "SyntaxError: invalid syntax"),
    "import": ("import nosuch\n", ", line 3", "No module named 'nosuch'"),
    "nothing": ("x = 1\n", "", "network is missing; expected a function or class network("),
    "no function": ("network = 3\n", "", "network is 3; expected a function or class"),
    "signature": ("def network(dimension):\n    pass\n", "", "TypeError: network() takes 1 pos"),
    "making": ("def network(dimension, classes):\n    return nn.Lin(2, 2)\n", ", line 4", "'Lin'"),
    "no module": ("def network(dimension, classes):\n    return 3\n", "", "network returns int;"),
    "forward": (
        "class network(nn.Linear):\n    def forward(self, x):\n        return x @ y\n",
        ", line 5",
        "NameError: name 'y' is not defined",
    ),
    "dimension": (
        "def network(dimension, classes):\n    return nn.Linear(3, classes)\n",
        "",
        "RuntimeError: mat1 and mat2 shapes cannot be multiplied",
    ),
    "classes": (
        "def network(dimension, classes):\n    return nn.Linear(dimension, 4)\n",
        "",
        "the module maps (7, 2), samples and dimension, to (7, 4); expected logits (7, 2)",
    ),
    "no tensor": (
        "class network(nn.Linear):\n    def forward(self, x):\n        return [x]\n",
        "",
        "the module maps (7, 2), samples and dimension, to list; expected logits (7, 2)",
    ),
    "no gradient": (
        "class network(nn.Linear):\n    def forward(self, x):\n"
        "        return super().forward(x).detach()\n",
        "",
        "the module's logits have no gradient; expected floating-point numbers that depend",
    ),
    "whole numbers": (
        "class network(nn.Linear):\n    def forward(self, x):\n"
        "        return super().forward(x).long()\n",
        "",
        "the module's logits have no gradient",
    ),
    "nothing to train": (
        "def network(dimension, classes):\n    return nn.Identity()\n",
        "",
        "the module has no parameters to train",
    ),
    "features": (
        "class network(nn.Linear):\n    def features(self, x):\n        return x\n",
        "",
        "features maps (7, 2), samples and dimension, to (7, 2); expected a list of two or more",
    ),
    "one layer": (
        "class network(nn.Linear):\n    def features(self, x):\n        return [x]\n",
        "",
        "features maps (7, 2), samples and dimension, to [(7, 2)]; expected a list of two or more",
    ),
    "features of no samples": (
        "class network(nn.Linear):\n    def features(self, x):\n        return [x, x.mean(0), 3]\n",
        "",
        "to [(7, 2), (2,), 'int']; expected a list of two or more tensors",
    ),
    "features fail": (
        "class network(nn.Linear):\n    def features(self, x):\n        return 1 / 0\n",
        ", line 5",
        "ZeroDivisionError: division by zero",
    ),
}


@pytest.mark.parametrize("what", BAD)
def test_what_is_wrong_is_shown_with_its_place(defined, what):
    text, where, words = BAD[what]
    kind = defined(text)
    (problem,) = problems(kind)
    assert problem.startswith(f"network: Mine: {kind.file}{where}: ")
    assert words in problem


def test_a_file_that_is_not_there_is_named(defined):
    kind = network({"module": "none/mine.py"})
    (problem,) = problems(kind)
    assert problem.startswith("network: Mine: none/mine.py: FileNotFoundError")


def test_an_option_that_it_does_not_take_is_named(defined):
    (problem,) = problems(defined(PLAIN, hiden=3))
    assert re.search(r"mine\.py: TypeError: network\(\) got an unexpected .*'hiden'", problem)


def test_a_module_that_fails_in_a_job_blames_the_file_too(defined):
    with pytest.raises(OwnFileError, match=r"mine\.py, line 3: NameError"):
        defined("x = y").module(2, 4, 3, 2)


def test_parameters_and_buffers_go_through_files(defined, tmp_path):
    from safetensors.numpy import load_file, save_file

    kind = defined(
        "def network(dimension, classes):\n"
        "    return nn.Sequential(nn.BatchNorm1d(dimension), nn.Linear(dimension, classes))\n"
    )
    first, second = (kind.module(2, 1, 1, 3) for _ in range(2))
    first(torch.randn(9, 2))  # changes the buffers
    save_file(arrays(first), tmp_path / "p.safetensors")
    load_arrays(second, load_file(tmp_path / "p.safetensors"))
    x = torch.randn(5, 2)
    assert torch.equal(first.eval()(x), second.eval()(x))
    with pytest.raises(RuntimeError, match="Missing key"):
        load_arrays(second, {"1.bias": np.zeros(3, np.float32)})


def test_features_are_those_of_a_method(defined):
    x = torch.randn(5, 2)
    assert layer_features(defined(PLAIN).module(2, 1, 1, 2), x) is None
    assert layer_features(defined(GOOD["a part called features"]).module(2, 1, 1, 2), x) is None
    found = layer_features(defined(GOOD["class"]).module(2, 1, 1, 2), x)
    assert [tuple(y.shape) for y in found] == [(5, 2), (5, 9)]


def test_files_that_options_name_are_part_of_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "w 1.csv").write_text("1")
    options = {
        "weights": ["w 1.csv", "tanh", 3, None],
        "more": {"file": "w 1.csv"},
        "long": "x" * 999,
    }
    kind = network({"module": "mine.py", "options": options})
    assert kind.roots()[1:] == ("mine.py", "w 1.csv")
