"""Kinds by name: each kind is a file that registers itself; no other file need know it."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator
from importlib import import_module
from pkgutil import iter_modules
from typing import Generic, TypeVar

T = TypeVar("T")


class Registry(Generic[T]):
    """The kinds of one sort of thing: optimisers, for example.

    Parameters
    ----------
    what : str
        One of them in words, for messages: ``optimiser``.
    package : str
        The package with the modules that register them. They are imported when a kind is first
        asked for, so that they can import this registry. They must be light, because planning
        imports them too.
    """

    def __init__(self, what: str, package: str) -> None:
        self.what, self._package = what, package
        self._kinds: dict[str, T] = {}
        self._complete = False

    def register(self, name: str) -> Callable[[T], T]:
        """Register the decorated object under a name.

        Raises
        ------
        ValueError
            If another kind has the name.
        """

        def registered(kind: T) -> T:
            if name in self._kinds:
                raise ValueError(f"there are two kinds of {self.what} called {name!r}")
            self._kinds[name] = kind
            return kind

        return registered

    def names(self) -> tuple[str, ...]:
        """The names of all kinds, in alphabetical order."""
        if not self._complete:
            self._complete = True
            # What a module is called does not matter: it says the names of its kinds itself.
            for module in iter_modules(import_module(self._package).__path__):
                if not module.ispkg:
                    import_module(f"{self._package}.{module.name}")
        return tuple(sorted(self._kinds))

    def __iter__(self) -> Iterator[str]:
        return iter(self.names())

    def __contains__(self, name: object) -> bool:
        return name in self.names()

    def __getitem__(self, name: str) -> T:
        """The kind with a given name.

        Raises
        ------
        ValueError
            If there is none; the message lists the names.
        """
        if name not in self.names():
            raise ValueError(unknown(self.what, name, self.names()))
        return self._kinds[name]

    def modules(self) -> tuple[str, ...]:
        """The names of the package's modules; none of them is imported.

        In a package of heavy modules, each module registers one kind with the module's own name, so
        these are the names of the kinds too. `load` and `module` are for such packages.
        """
        return tuple(module.name for module in iter_modules(import_module(self._package).__path__))

    def load(self, name: str) -> T:
        """The kind with a given name, from the module of that name; no other one is imported.

        Raises
        ------
        ValueError
            If there is no such module, or it does not register the kind.
        """
        module = self.module(name)
        import_module(module)
        if name not in self._kinds:
            raise ValueError(f"{module} registers no {self.what} called {name!r}")
        return self._kinds[name]

    def module(self, name: str) -> str:
        """The name of the module that registers a kind; it is not imported.

        Raises
        ------
        ValueError
            If there is none.
        """
        if name not in self.modules():
            raise ValueError(unknown(self.what, name, self.modules()))
        return f"{self._package}.{name}"

    def roots(self, name: str) -> tuple[str, ...]:
        """Where the kind is defined, ``module:definition``: the roots of its fingerprint."""
        kind = self[name]
        return (f"{kind.__module__}:{kind.__qualname__}",)  # type: ignore[attr-defined]


def unknown(what: str, name: str, known: tuple[str, ...]) -> str:
    """The message for an unknown name."""
    return f"unknown {what} {name!r}; there are {', '.join(known)}{suggestion(name, known)}"


def suggestion(word: str, known: tuple[str, ...]) -> str:
    """A guess at a misspelt word, as the end of a message; empty if no known word is close."""
    close = difflib.get_close_matches(word, known, n=1)
    return f" — did you mean {close[0]!r}?" if close else ""
