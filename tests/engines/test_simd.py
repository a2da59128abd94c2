"""What is emitted as vectors, against the plain forms in NumPy; and training without a compiler."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from llvmlite import binding
from numba import njit
from problems import problem

from rknet.engines.on_numba import plain, simd
from rknet.engines.on_numba.engine import CompiledEngine
from rknet.optimisers.adam import Adam

ROOT = Path(__file__).parents[2]
WIDTHS = (1, 3, 8, 16, 19, 33, 50)
AT = 3  # arrays are used from an odd place on


def numbers(size, dtype, seed=0):
    """An array of random numbers."""
    return np.random.default_rng(seed).standard_normal(AT + size).astype(dtype)


def same(found, wanted, terms):
    """Assert that two arrays differ by the rounding of so many terms at most."""
    unit = np.finfo(wanted.dtype).eps
    np.testing.assert_allclose(found, wanted, rtol=0, atol=4 * terms * unit)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("rows", [1, 5, 26])
def test_products(rows, width, dtype):
    @njit
    def emitted(out, y, theta):
        simd.affine(out, AT, y, AT, theta, AT, rows, width)
        simd.product(out, AT + rows * width, y, AT, theta, AT, rows, width)

    y, theta = numbers(rows * width, dtype), numbers((width + 1) * width, dtype, 1)
    found, wanted = np.zeros((2, AT + 2 * rows * width + 9), dtype)
    emitted(found, y, theta)
    plain.affine(wanted, AT, y, AT, theta, AT, rows, width)
    plain.product(wanted, AT + rows * width, y, AT, theta, AT, rows, width)
    same(found, wanted, 3 * width)
    # Nothing is written beside.
    assert (found[:AT] == 0).all()
    assert (found[-9:] == 0).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("width", WIDTHS)
def test_a_transpose(width, dtype):
    @njit
    def emitted(out, matrix):
        simd.transpose(out, matrix, AT, width)

    matrix = numbers(width * width, dtype)
    found, wanted = np.zeros((2, width * width + 9), dtype)
    emitted(found, matrix)
    plain.transpose(wanted, matrix, AT, width)
    np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("rows", [1, 5, 9])
def test_gradients(rows, width, dtype):
    blocks, count = 3, min(8, width)
    stride = simd.padded(rows * width)

    @njit
    def emitted(out, y, delta, row):
        simd.gradient(out, AT, y, AT, delta, AT, stride, blocks, row, count, rows, width)
        end = AT + count * width
        simd.bias_gradient(out, end, delta, AT, stride, blocks, rows, width)

    y, delta = numbers(blocks * stride, dtype), numbers(blocks * stride, dtype, 1)
    for row in {0, width - count}:
        found, wanted = np.zeros((2, AT + (count + 1) * width + 9), dtype)
        emitted(found, y, delta, row)
        plain.gradient(wanted, AT, y, AT, delta, AT, stride, blocks, row, count, rows, width)
        plain.bias_gradient(wanted, AT + count * width, delta, AT, stride, blocks, rows, width)
        same(found, wanted, 3 * blocks * rows)
        # The gradient is a product, so autograd is not needed to say what it is.
        whole = sum(
            y[at : at + rows * width].reshape(rows, width).T
            @ delta[at : at + rows * width].reshape(rows, width)
            for at in range(AT, AT + blocks * stride, stride)
        )
        same(found[AT : AT + count * width], whole[row : row + count].ravel(), 3 * blocks * rows)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", [16, 80, 528])
def test_sums_of_blocks(size, dtype):
    @njit
    def emitted(out, blocks, terms, weights, first, end):
        simd.combine(out, AT, blocks, AT, terms, weights, first, end, size)

    blocks, weights = numbers(4 * size, dtype), numbers(4, dtype, 1)
    terms = np.array([0, 2, 3, 1]) * size
    for first, end in ((0, 4), (1, 2), (2, 2)):
        found, wanted = np.full((2, AT + size + 9), 7, dtype)
        emitted(found, blocks, terms, weights, first, end)
        plain.combine(wanted, AT, blocks, AT, terms, weights, first, end, size)
        same(found, wanted, 8)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", [0, 1, 16, 50])
def test_updates(size, dtype):
    """Vectors, and numbers that are left over: both are the update, number by number."""
    from rknet.engines.on_numba.optimisers import inlined

    update = inlined(Adam.update)

    @njit
    def emitted(factors, decay, parameters, first, second, gradients):
        simd.update_all(update, factors, decay, parameters, first, second, AT, gradients, size)

    arrays = [abs(numbers(60, dtype, seed)) for seed in range(3)]
    gradients = numbers(60, dtype, 3)
    factors, decay = (dtype(0.1), dtype(3)), dtype(0.25)
    found, wanted = ([array.copy() for array in arrays] for _ in range(2))
    emitted(factors, decay, *found, gradients)
    plain.update_all(Adam.update, factors, decay, *wanted, AT, gradients, size)
    for one, other in zip(found, wanted, strict=True):
        same(one, other, 2)
        np.testing.assert_array_equal(one[AT + size :], other[AT + size :])


def test_bits_do_not_depend_on_the_place_in_a_vector():
    """An update's last numbers are computed one by one, the others in vectors."""
    from rknet.engines.on_numba.optimisers import inlined

    update = inlined(Adam.update)

    @njit
    def emitted(factors, decay, parameters, first, second, gradients, size):
        simd.update_all(update, factors, decay, parameters, first, second, AT, gradients, size)

    factors, decay = (np.float32(0.1), np.float32(3)), np.float32(0.01)
    gradients = numbers(64, np.float32, 3)
    ends = []
    for pieces in ([64], [1] * 64):
        state, at = [abs(numbers(64, np.float32, seed)) for seed in range(3)], 0
        for size in pieces:
            emitted(factors, decay, *(part[at:] for part in state), gradients[at:], size)
            at += size
        ends.append([part.tobytes() for part in state])
    assert ends[0] == ends[1]


@pytest.mark.skipif(
    not binding.get_host_cpu_features().get("avx512f"), reason="this processor has no such vectors"
)
def test_the_longest_vectors_are_used_though_the_target_prefers_shorter_ones():
    """As compilers set it for most of Intel's processors."""
    program = (
        "import numpy as np\n"
        "from numba import njit\n"
        "from rknet.engines.on_numba import simd\n"
        "from rknet.engines.on_numba.activations import tanh\n"
        "@njit\n"
        "def f(z):\n    simd.apply(tanh, z, 0, z.size)\n"
        "f(np.zeros(64, np.float32))\n"
        "print('zmm' in f.inspect_asm(f.signatures[0]))\n"
    )
    features = binding.get_host_cpu_features().flatten() + ",+prefer-256-bit"
    env = {**os.environ, "PYTHONPATH": str(ROOT), "NUMBA_CPU_FEATURES": features}
    env["NUMBA_CPU_NAME"] = binding.get_host_cpu_name()
    found = subprocess.run(
        [sys.executable, "-c", program], env=env, capture_output=True, text=True, check=True
    )
    assert found.stdout == "True\n"
    # LLVM has nothing to say about loops.
    assert found.stderr == ""


#: Trains a little, once by autograd, and says how both ended, in hexadecimal digits.
PROGRAM = """
import numpy as np
from problems import problem
from rknet.engines.on_numba.engine import CompiledEngine
from rknet.engines.on_torch.adjoint import AdjointEngine
from rknet.engines.on_torch.autograd import AutogradEngine

for kind, settings in (
    (CompiledEngine, {"loss": "mse", "activation": "softplus", "optimiser": "adadelta"}),
    (CompiledEngine, {"scheme": None, "activation": "logistic", "width": 17}),
    (CompiledEngine, {"scheme": "euler", "activation": "tanh", "optimiser": "adagrad"}),
    (CompiledEngine, {"scheme": "heun", "activation": "relu", "optimiser": "sgd", "momentum": 0.5}),
    (AdjointEngine, {"width": 40}),
):
    given = problem(samples=8, dtype=np.float64, **settings)
    for engine in (kind(given), AutogradEngine(given)):
        engine.train_epoch(np.arange(8))
        numbers = [*engine.evaluate(), *engine.gradients(np.arange(5))["K"].ravel()]
        print(*(float(number).hex() for number in numbers))
"""


def test_without_a_compiler_training_is_the_same():
    env = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}", "NUMBA_DISABLE_JIT": "1"}
    done = subprocess.run(
        [sys.executable, "-W", "error::RuntimeWarning", "-c", PROGRAM],
        env=env,
        capture_output=True,
        text=True,
        check=True,
    )
    lines = [
        [float.fromhex(number) for number in line.split()] for line in done.stdout.splitlines()
    ]
    assert len(lines) == 10
    for found, wanted in zip(lines[::2], lines[1::2], strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-13)


def test_networks_of_all_schemes_share_a_kernel():
    engines = [
        CompiledEngine(problem(scheme, depth=depth)) for scheme in ("rk4", None) for depth in (2, 3)
    ]
    assert len({id(engine._train) for engine in engines}) == 1
    assert len({id(engine._evaluate) for engine in engines}) == 1
