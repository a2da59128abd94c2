"""The optimisers as kernels call them: by a code, and with a way to store gradients.

In a sum of two products, either product can be fused with the addition, or none; the last digit
depends on which. LLVM decides by the code around it: a product that two optimisers share is
computed once, before both, and is then not fused. So the four optimisers in Section 4 are compiled
together, as when the results were first made. Compiled alone, each would give other last digits.
Any other optimiser is compiled alone.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from numba.extending import register_jitable

from rknet.engines.on_numba.activations import FAST_MATH
from rknet.optimisers.adadelta import Adadelta
from rknet.optimisers.adagrad import Adagrad
from rknet.optimisers.adam import Adam
from rknet.optimisers.base import Optimiser
from rknet.optimisers.sgd import SGD

#: The optimisers that are compiled together, by their codes; and the code of no optimiser: nothing
#: is trained, and the gradient is noted where the first moment goes.
TOGETHER = (Adam, SGD, Adagrad, Adadelta)
RECORD = -1


@cache
def inlined(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same plain function, which kernels may now call; its code is put where it is called.

    It stays a plain function because Numba's key for the cache holds a kernel's closure: a plain
    function is pickled by its name, and is the same in every process.
    """
    return register_jitable(inline="always", fastmath=FAST_MATH)(function)


_adam_factors, _sgd_factors, _adagrad_factors, _adadelta_factors = (
    inlined(kind.factors) for kind in TOGETHER
)
_adam, _sgd, _adagrad, _adadelta = (inlined(kind.update) for kind in TOGETHER)


@inlined
def _factors(code, step, rate, momentum):
    if code == 0:
        return _adam_factors(step, rate, momentum)
    elif code == 1:
        return _sgd_factors(step, rate, momentum)
    elif code == 2:
        return _adagrad_factors(step, rate, momentum)
    else:
        return _adadelta_factors(step, rate, momentum)


@inlined
def _update(code, parameter, first, second, gradient, all_factors):
    factors = all_factors[0], all_factors[1]
    if code == 0:
        return _adam(parameter, first, second, gradient, factors)
    elif code == 1:
        return _sgd(parameter, first, second, gradient, factors)
    elif code == 2:
        return _adagrad(parameter, first, second, gradient, factors)
    elif code == 3:
        return _adadelta(parameter, first, second, gradient, factors)
    else:
        return parameter, gradient, second


@inlined
def _decaying_update(code, parameter, first, second, gradient, factors):
    return _update(code, parameter, first, second, gradient + factors[2] * parameter, factors)


class Choice(NamedTuple):
    """Optimisers that are compiled together, as functions of a code.

    `update` takes the weight decay as a third factor. It is compiled with or without one, because
    to add zero could round other sums otherwise.
    """

    kinds: tuple[type[Optimiser], ...]
    decays: bool
    factors: Callable[..., Any]
    update: Callable[..., Any]

    @property
    def sources(self) -> list[Path]:
        """The files that contain their code."""
        return [Path(__file__), *(Path(inspect.getfile(kind)) for kind in self.kinds)]

    def __repr__(self) -> str:
        return f"Choice({self.kinds}, {self.decays})"


@cache
def choice(kind: type[Optimiser], decays: bool) -> Choice:
    """The optimisers that `kind` is compiled together with."""
    if kind in TOGETHER:
        return Choice(TOGETHER, decays, _factors, _decaying_update if decays else _update)
    own_factors, own_update = inlined(kind.factors), inlined(kind.update)

    def factors(code, step, rate, momentum):
        return own_factors(step, rate, momentum)

    def update(code, parameter, first, second, gradient, factors):
        if code == RECORD:
            return parameter, gradient, second
        if decays:
            gradient += factors[2] * parameter
        return own_update(parameter, first, second, gradient, (factors[0], factors[1]))

    return Choice((kind,), decays, inlined(factors), inlined(update))
