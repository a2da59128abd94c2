"""Threads that go through one kernel together, and wait for each other inside it."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np
import torch
from numba import njit, types
from numba.extending import intrinsic

#: Looks at the gate before a thread offers its core to others: some ten milliseconds of them. It
#: waits so long only for a thread that has lost its core, which gets one back in less.
_LOOKS = 10_000_000
#: Where in the gate the order is; what is before it has a cache line of its own.
_ORDER = 8
#: The order that ends the work; a kernel has others of its own.
REST = 0
_give_way = types.ExternalFunction("sched_yield", types.int32())


class Team:
    """Threads that go through a kernel together, order by order.

    The threads of PyTorch and of Numba's `prange` come together for every loop, and may have to be
    woken: with other work on one of the cores, two of them take many times as long as one. These
    stay at work from the first order to `rest`.

    Parameters
    ----------
    size : int
        How many threads, the caller's included.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._others = ThreadPoolExecutor(size - 1) if size > 1 else None
        self._gate = np.zeros(2 * _ORDER, np.int64)
        self._work: tuple[Any, ...] | None = None
        self._futures: list[Future[None]] = []
        self._outside = 0

    def do(self, order: int, work: tuple[Any, ...]) -> None:
        """Carry out an order in all threads.

        Parameters
        ----------
        order : int
        work : tuple
            A kernel and its arguments; the kernel is called as ``kernel(thread, size, gate,
            *arguments)`` and asks for orders by `next_order`. The caller's thread returns from it
            after one order, the others after `REST`. It releases Python's lock.
        """
        if work is not self._work:
            self.rest()
            self._work, self._gate[0] = work, 0
            # PyTorch's threads would have to share the cores with the team.
            self._outside = torch.get_num_threads()
            torch.set_num_threads(1)
            if self._others:
                self._futures = [
                    self._others.submit(work[0], thread, self.size, self._gate, *work[1:])
                    for thread in range(1, self.size)
                ]
        self._gate[_ORDER] = order
        work[0](0, self.size, self._gate, *work[1:])

    def rest(self) -> None:
        """End the work; the threads sleep until there is more."""
        if self._work:
            self._gate[_ORDER] = REST
            self._work[0](0, self.size, self._gate, *self._work[1:])
            for future in self._futures:
                future.result()
            torch.set_num_threads(self._outside)
        self._work, self._futures = None, []


@njit(inline="always")
def next_order(gate, size):
    """Wait until all threads are here, and return what to do."""
    wait(gate, size)
    return gate[_ORDER]


@intrinsic
def _arrive(typing_context, gate):
    """Count one more in ``gate[0]``, and return how many there are."""

    def emit(context, builder, signature, arguments):
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        one = context.get_constant(types.int64, 1)
        before = builder.atomic_rmw("add", array.data, one, "acq_rel")
        return builder.add(before, one)

    return types.int64(gate), emit


@intrinsic
def _arrived(typing_context, gate):
    """How many have been counted in ``gate[0]``."""

    def emit(context, builder, signature, arguments):
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        return builder.load_atomic(array.data, "acquire", 8)

    return types.int64(gate), emit


@njit(inline="always")
def wait(gate, size):
    """Wait until all threads of a team of `size` are here; then all see what each has written."""
    if size > 1:
        count = _arrive(gate)
        wanted = -(-count // size) * size
        looks = 0
        while _arrived(gate) < wanted:
            looks += 1
            if looks > _LOOKS:
                _give_way()
