"""The engines against autograd and against one another."""

import inspect
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from problems import ACTIVATIONS, module_problem, problem
from test_tableau import EXPLICIT, GAUSS2

from rknet import datasets
from rknet.engines.base import ENGINES as KINDS
from rknet.engines.base import preferred
from rknet.engines.on_numba.engine import CompiledEngine
from rknet.engines.on_torch import adjoint
from rknet.engines.on_torch.adjoint import AdjointEngine
from rknet.engines.on_torch.autograd import AutogradEngine
from rknet.engines.on_torch.loop import flushing_denormals
from rknet.networks.modules import arrays
from rknet.optimisers.base import OPTIMISERS
from rknet.tableau import ButcherTableau

ENGINES = (CompiledEngine, AdjointEngine)
#: Its coefficients have no structure: a mix-up of indices shows.
CROOKED = ButcherTableau(
    [[0, 0, 0], ["1/5", 0, 0], ["2/7", "3/11", 0]], ["1/3", "1/4", "5/12"], [0, "1/5", "43/77"]
)


def relative_distance(found, wanted):
    """The largest difference, relative to the largest number, over all parameters."""
    assert found.keys() == wanted.keys()
    return max(np.abs(found[k] - wanted[k]).max() / np.abs(wanted[k]).max() for k in wanted)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("scheme", [*EXPLICIT, None])
def test_the_adjoint_gradient_is_the_gradient(scheme, activation):
    given = problem(scheme, dtype=np.float64, activation=activation)
    batch = np.array([3, 1, 4, 15, 9])
    wanted = AutogradEngine(given).gradients(batch)
    for kind in ENGINES:
        assert relative_distance(kind(given).gradients(batch), wanted) < 1e-12


@pytest.mark.parametrize("width", [3, 16, 19])
def test_the_adjoint_gradient_at_other_shapes(width):
    given = problem(CROOKED, "donut_3d_6c", np.float64, width=width, depth=2, batch_size=7)
    batch = np.arange(20, 27)
    wanted = AutogradEngine(given).gradients(batch)
    for kind in ENGINES:
        assert relative_distance(kind(given).gradients(batch), wanted) < 1e-12


def test_central_differences_agree():
    """One independent check of autograd itself, by directions drawn at random."""
    given = problem("rk4", dtype=np.float64)
    engine = CompiledEngine(given)
    batch = np.arange(5)
    gradient = engine.gradients(batch)
    rng = np.random.default_rng(0)
    direction = {k: rng.standard_normal(v.shape) for k, v in gradient.items()}

    def cost(step):
        moved = {k: given.start[k] + step * direction[k] for k in direction}
        network = AutogradEngine(given).network
        network.load_arrays({**given.start, **moved})
        x, labels = (torch.from_numpy(part[batch]) for part in given.dataset.training)
        return float(torch.nn.functional.cross_entropy(network(x.double()), labels).detach())

    step = 1e-5
    slope = (cost(step) - cost(-step)) / (2 * step)
    assert slope == pytest.approx(
        sum((gradient[k] * direction[k]).sum() for k in gradient), rel=1e-8
    )


@pytest.mark.parametrize(
    ("scheme", "classifier"), [("rk4", "trained"), ("midpoint", "fixed"), (None, "trained")]
)
def test_an_epoch_in_double_precision(scheme, classifier):
    """300 steps of Adam; rounding, 1e-16, is amplified by training to below 1e-9."""
    given = problem(scheme, dtype=np.float64, classifier=classifier)
    order = np.random.default_rng(0).permutation(1500)
    ends = []
    for kind in (AutogradEngine, *ENGINES):
        engine = kind(given)
        engine.train_epoch(order)
        ends.append((engine.parameters(), engine.evaluate()))
    for parameters, metrics in ends[1:]:
        assert relative_distance(parameters, ends[0][0]) < 1e-9
        np.testing.assert_allclose(metrics, ends[0][1], rtol=1e-9)
    fixed = np.array_equal(ends[0][0]["W"], given.start["W"])
    assert fixed == (classifier == "fixed")


@pytest.mark.parametrize(
    ("scheme", "activation"),
    [("rk4", "tanh"), ("euler", "logistic"), ("rk4", "relu"), (None, "softplus"), (None, "tanh")],
)
def test_an_epoch_in_single_precision(scheme, activation):
    """300 steps amplify rounding, 6e-8, but by far less than 1e4 from this start.

    The measure of that is PyTorch against itself: the same epoch with every parameter moved by
    one unit in the last place, times ten.
    """
    given = problem(scheme, activation=activation)
    order = np.random.default_rng(0).permutation(1500)

    def epoch(kind, start):
        engine = kind(problem(scheme, activation=activation))
        if start is not given.start:
            engine.network.load_arrays(start)
        engine.train_epoch(order)
        return engine.parameters(), engine.evaluate()

    wanted, metrics = epoch(AutogradEngine, given.start)
    nudged = {k: np.nextafter(v, np.float32(np.inf)) for k, v in given.start.items()}
    own = relative_distance(epoch(AutogradEngine, nudged)[0], wanted)
    for kind in ENGINES:
        parameters, found = epoch(kind, given.start)
        assert relative_distance(parameters, wanted) < max(10 * own, 1e-5)
        np.testing.assert_allclose(found[::2], metrics[::2], rtol=1e-3)
        # Single points at the border of two classes may change sides: two in 1500.
        np.testing.assert_allclose(found[1::2], metrics[1::2], atol=0.14)


each_optimiser = pytest.mark.parametrize(
    "optimiser",
    [
        {"optimiser": "adam"},
        {"optimiser": "sgd", "learning_rate": 0.1},
        {"optimiser": "sgd", "learning_rate": 0.05, "momentum": 0.9},
        {"optimiser": "adagrad"},
        {"optimiser": "adadelta"},
    ],
    ids=["adam", "sgd", "momentum", "adagrad", "adadelta"],
)


@each_optimiser
def test_fifty_steps_of_every_optimiser(optimiser):
    compare_fifty_steps(**optimiser)


def test_fifty_steps_of_the_other_loss():
    compare_fifty_steps(loss="mse", optimiser="adam")


def compare_fifty_steps(**settings):
    """`torch.optim` and autograd are the reference; PyTorch's defaults are built in."""
    given = problem("rk4", dtype=np.float64, **settings)
    order = np.random.default_rng(0).permutation(1500)[:250]
    reference = AutogradEngine(given)
    reference.train_epoch(order)
    moved = relative_distance(reference.parameters(), given.start)
    assert moved > 1e-3
    for kind in ENGINES:
        engine = kind(given)
        engine.train_epoch(order)
        assert relative_distance(engine.parameters(), reference.parameters()) < 1e-11
        np.testing.assert_allclose(engine.evaluate(), reference.evaluate(), rtol=1e-11)


@pytest.mark.parametrize("classifier", ["trained", "fixed"])
@each_optimiser
def test_weight_decay_is_that_of_torch_optim(optimiser, classifier):
    """The reference is a loop over the network as a plain module."""
    given = problem("heun", dtype=np.float64, classifier=classifier, weight_decay=0.03, **optimiser)
    order = np.random.default_rng(0).permutation(1500)[:250]
    kinds = {"adam": torch.optim.Adam, "sgd": torch.optim.SGD}
    kinds |= {"adagrad": torch.optim.Adagrad, "adadelta": torch.optim.Adadelta}
    network = AutogradEngine(given).network
    options = {"lr": given.cell.learning_rate, "weight_decay": 0.03}
    if "momentum" in optimiser:
        options["momentum"] = optimiser["momentum"]
    trained = [p for p in network.parameters() if p.requires_grad]
    stepper = kinds[optimiser["optimiser"]](trained, **options)
    x, labels = map(torch.from_numpy, given.dataset.training)
    for batch in torch.from_numpy(order).split(5):
        stepper.zero_grad()
        torch.nn.functional.cross_entropy(network(x[batch].double()), labels[batch]).backward()
        stepper.step()
    wanted = arrays(network)
    without = CompiledEngine(replace(given, cell=replace(given.cell, weight_decay=0.0)))
    without.train_epoch(order)
    assert relative_distance(without.parameters(), wanted) > 1e-4
    for kind in (AutogradEngine, *ENGINES):
        engine = kind(given)
        engine.train_epoch(order)
        assert relative_distance(engine.parameters(), wanted) < 1e-11


def test_the_gradient_of_the_cost_has_no_weight_decay():
    plain, decaying = problem(dtype=np.float64), problem(dtype=np.float64, weight_decay=0.5)
    for kind in (AutogradEngine, *ENGINES):
        found, wanted = (kind(each).gradients(np.arange(5)) for each in (decaying, plain))
        assert relative_distance(found, wanted) < 1e-15


def test_the_losses_are_pytorchs():
    for loss, function in (
        ("cross_entropy", torch.nn.CrossEntropyLoss()),
        ("mse", lambda z, c: torch.nn.MSELoss()(z.softmax(1), torch.eye(3)[c].double())),
    ):
        given = problem("rk4", dtype=np.float64, loss=loss)
        network = AutogradEngine(given).network
        x, labels = (torch.from_numpy(part) for part in given.dataset.training)
        wanted = float(function(network(x.double()), labels).detach())
        for kind in (AutogradEngine, *ENGINES):
            assert kind(given).evaluate().training_cost == pytest.approx(wanted, rel=1e-12)


@pytest.mark.parametrize("name", ["adam", "sgd", "adagrad", "adadelta"])
def test_default_learning_rates_are_pytorchs(name):
    optimiser = {"adam": "Adam", "sgd": "SGD", "adagrad": "Adagrad", "adadelta": "Adadelta"}[name]
    defaults = inspect.signature(getattr(torch.optim, optimiser)).parameters
    assert problem(optimiser=name).cell.learning_rate == defaults["lr"].default
    made = OPTIMISERS[name](0.5).torch_optimiser([torch.zeros(1, requires_grad=True)])
    assert type(made) is getattr(torch.optim, optimiser)


def test_an_incomplete_last_batch():
    given = problem("heun", dtype=np.float64, samples=13)
    order = np.random.default_rng(0).permutation(13)
    reference = AutogradEngine(given)
    reference.train_epoch(order)
    for kind in ENGINES:
        engine = kind(given)
        engine.train_epoch(order)
        assert relative_distance(engine.parameters(), reference.parameters()) < 1e-12
        np.testing.assert_allclose(engine.evaluate(), reference.evaluate(), rtol=1e-12)


def test_the_same_run_gives_the_same_bytes():
    given = problem("rk4")
    order = np.random.default_rng(0).permutation(1500)
    for kind in (CompiledEngine, AdjointEngine):
        ends = []
        for _ in range(2):
            engine = kind(given)
            engine.train_epoch(order)
            ends.append({k: v.tobytes() for k, v in engine.parameters().items()})
        assert ends[0] == ends[1]


@pytest.mark.parametrize(("momentum", "count"), [(0.0, 1), (0.9, 2)])
def test_without_momentum_none_is_kept(momentum, count):
    engine = AdjointEngine(problem("euler", optimiser="sgd", momentum=momentum))
    numbers = sum(array.size for array in engine.parameters().values())
    numbers -= engine.parameters()["lift"].size
    kept = sum(array.size for name, array in engine.state().items() if name != "steps")
    assert kept == count * numbers


def test_training_in_place_is_training():
    ends = []
    for in_place in (False, True):
        given = problem("heun")
        before = {name: array.copy() for name, array in given.start.items()}
        engine = AdjointEngine(given, in_place=in_place)
        engine.train_epoch(np.arange(100))
        ends.append({name: array.tobytes() for name, array in engine.parameters().items()})
        assert np.array_equal(given.start["K"], before["K"]) == (not in_place)
    assert ends[0] == ends[1]


def test_denormals_are_flushed_only_inside():
    """Gradients of a deep StandardNet vanish into denormals; they may not reach the parameters."""
    given = problem(None, width=4, depth=60)
    engine = CompiledEngine(given)
    engine.train_epoch(np.arange(1500))
    moments = np.concatenate([part.ravel() for part in engine._state])
    tiny = np.finfo(np.float32).tiny
    assert (np.abs(moments[moments != 0]) >= tiny).all()
    assert (moments == 0).any()
    # Outside, denormals are back.
    assert np.float32(tiny) / np.float32(2) > 0


@pytest.mark.parametrize("kind", [AdjointEngine, AutogradEngine])
def test_denormals_are_flushed_in_pytorch_only_inside(kind):
    example = problem(None, width=4, depth=60)
    engine = kind(example)
    engine.train_epoch(np.arange(1500))
    state = np.concatenate([array.ravel() for array in engine.state().values()])
    tiny = np.finfo(np.float32).tiny
    assert (np.abs(state[state != 0]) >= tiny).all()
    assert (state == 0).any()
    assert float(torch.tensor(tiny) / 2) > 0


def test_flushing_denormals_leaves_the_switch_as_it_was():
    def flushed():
        return float(torch.tensor(1e-39) * 1) == 0

    assert not flushed()
    with flushing_denormals():
        with flushing_denormals():
            assert flushed()
        assert flushed()
    assert not flushed()
    with pytest.raises(KeyError), flushing_denormals():
        raise KeyError
    assert not flushed()


def test_the_threads_of_a_training_job_flush_denormals():
    """PyTorch's threads inherit the switch of the thread that first needs them."""
    program = (
        "import torch; from rknet.engines.on_torch.loop import flushing_denormals\n"
        "torch.set_num_threads(2)\n"
        "with flushing_denormals(): x = torch.full((2**22,), 1e-30)\n"
        "with flushing_denormals(): print(int((x * 1e-9).count_nonzero()))"
    )
    found = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "0"


@pytest.mark.parametrize("scheme", ["rk4", None])
@pytest.mark.parametrize("features", [1, 35, 5 * 1499])
def test_an_evaluation_in_parts_is_an_evaluation(scheme, features, monkeypatch):
    engine = AdjointEngine(problem(scheme))
    whole = engine.evaluate()
    before = {name: array.copy() for name, array in engine.state().items()}
    monkeypatch.setattr(adjoint, "_EVALUATED_FEATURES", features)
    np.testing.assert_allclose(engine.evaluate(), whole, rtol=1e-6)
    for name, array in engine.state().items():
        np.testing.assert_array_equal(array, before[name])


@pytest.mark.parametrize("name", KINDS.names())
def test_an_implicit_scheme_is_refused(name):
    message = f"implicit tableau; the {name} engine takes explicit ones only"
    with pytest.raises(ValueError, match=message):
        KINDS[name].engine(problem(GAUSS2, engine=name))


@pytest.mark.parametrize("name", ["compiled", "torch"])
def test_only_autograd_trains_a_network_of_which_only_a_module_is_known(name):
    with pytest.raises(ValueError, match=f"found {name}, which cannot train Net; set engine: auto"):
        KINDS[name].engine(module_problem(engine=name))
    trained = module_problem(engine="autograd")
    assert preferred(trained.network, trained.cell) == "autograd"
    engine = KINDS["autograd"].engine(trained)
    before = engine.evaluate()
    for _ in range(3):
        engine.train_epoch(np.arange(1500))
    assert engine.evaluate().training_cost < before.training_cost


def test_a_module_starts_and_trains_by_its_seed():
    ends = []
    for seed in (0, 0, 1):
        torch.rand(5)  # what others draw does not matter
        engine = AutogradEngine(module_problem(seed))
        start = engine.parameters()
        engine.train_epoch(np.arange(200))
        ends.append([{k: v.tobytes() for k, v in d.items()} for d in (start, engine.parameters())])
    assert ends[0] == ends[1]
    assert ends[0][0]["0.weight"] != ends[2][0]["0.weight"]
    assert "1.running_mean" in ends[0][1]


def test_the_compiled_engine_says_how_wide_it_goes():
    wide = problem(dataset="digits", width=129)
    assert list(KINDS["compiled"].problems(wide.network, wide.cell)) == [
        "width: found 129; the compiled engine takes widths up to 128, set engine: torch for more"
    ]
    assert preferred(wide.network, wide.cell) == "torch"
    narrow = problem()
    assert preferred(narrow.network, narrow.cell) == "compiled"
    assert preferred(narrow.network, narrow.cell, on_gpu=True) == "torch"
    with pytest.raises(ValueError, match="implicit tableau"):
        preferred(problem(GAUSS2).network, narrow.cell)


def test_networks_of_a_seed_share_points_and_start():
    first, second = problem("rk4", lift="random"), problem(None, lift="zeros")
    for parameter in ("K", "b", "W", "mu"):
        np.testing.assert_array_equal(first.start[parameter], second.start[parameter])
    np.testing.assert_array_equal(first.dataset.training.x, second.dataset.training.x)
    assert not np.array_equal(first.start["K"], problem("rk4", seed=1).start["K"])
    np.testing.assert_array_equal(second.start["lift"], np.eye(5, 3))


def test_the_start_is_uniform_as_pytorchs_linear_layer():
    from scipy import stats

    start = problem("rk4", width=16, depth=50).start
    for name, fan_in in (("K", 16), ("b", 16), ("W", 16), ("lift", 3)):
        bound = fan_in**-0.5
        assert np.abs(start[name]).max() <= bound
        assert stats.kstest(start[name].ravel(), stats.uniform(-bound, 2 * bound).cdf).pvalue > 1e-4


def test_the_dataset_decides_the_dimension():
    assert problem(dataset="squares_2d_4c").start["lift"].shape == (5, 2)
    assert datasets.named("squares_2d_4c").about.classes == len(
        problem(dataset="squares_2d_4c").start["mu"]
    )
