"""The fingerprint of a computation: a digest of all code that it reaches, and of nothing else.

A fingerprint begins with *roots*, such as a rule's script and the kinds that a run uses. From there
it follows the names in the code, definition by definition. A definition is a statement at the top
of a module. Modules are read, never imported. Changes that cannot affect a result do not change the
fingerprint: comments, docstrings, formatting, annotations of functions, definitions that are not
reached.

- A definition depends on the names that its code loads: other definitions of its module, names that
  it imports (through re-exports too), and the attributes that it uses of an imported module, or the
  whole module if it is used in another way. Imports inside functions count like any others.
- An imported module, and every package around it, counts with the statements that have their own
  effects: calls, assignments to attributes and items, blocks. An assignment to a name counts only
  for that name.
- If a string names a file in the module's folder, such as a style or template, that file is a part.
  In a file of the user's, so is one that is named from the folder that Python runs in.
- If a `rknet.registry.Registry` is reached, it stands for the kinds of its package that are roots.
  Without any, it stands for the kinds that the caller says the computation may use; without these
  too, for all kinds.
- A module that looks into itself (``globals()``, ``exec``, ``import *``) counts as a whole.

In Bazel and Nix, inputs are declared and a sandbox enforces this. Whole files or packages count, so
a changed comment causes a rebuild. DVC hashes the files that a stage lists, and misses all others.
Here code is derived, definition by definition; only the roots are declared, and, as a rule's
inputs, the files that it reads. Fingerprints do not cover versions of Python and packages, which
records hold, or names that are built while a program runs: only the registry and the loader of
users' modules may import dynamically. They also leave out `rknet.study.recording`, which notes how
a result was made: it decides no result, and a better note must not retrain networks.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from rknet.study.syntax import (
    Chain,
    Import,
    Module,
    Statement,
    bound_by,
    decorated_with_effect,
    is_import,
    item_of,
    prefixes,
    registers_it,
    registry_of,
    sha256,
)

_PACKAGE = Path(__file__).parents[1]
#: The module that decides no result.
_OBSERVERS = frozenset({"rknet.study.recording"})


@dataclass(frozen=True)
class Fingerprint:
    """The code that a computation is made of.

    Attributes
    ----------
    digest : str
        Of all parts; 16 hexadecimal digits.
    parts : dict
        By name, such as ``rknet.tableau:ButcherTableau``, a digest of the part's code; by a
        module's name alone, of its statements with effects; by a path, of a file.
    modules : frozenset of str
        Every module that may be imported, those without effects too.
    roots : tuple of str
        What it begins with, the kinds that were asked for included.
    """

    digest: str
    parts: dict[str, str]
    modules: frozenset[str] = frozenset()
    roots: tuple[str, ...] = ()


#: A kind: where it is defined, and what else is its own, as roots.
Kind = tuple[str, ...]


def fingerprint(roots: Iterable[str], kinds: Iterable[Kind] = ()) -> Fingerprint:
    """The fingerprint of what begins with the given roots; found once a process.

    Parameters
    ----------
    roots : iterable of str
        ``package.module:Definition``, ``package.module`` (all of it), the path of a Python file
        (all of it) or of another file (its content).
    kinds : iterable of tuples of str, optional
        The kinds that may be asked of registries. Those whose registry is reached are roots too.

    Raises
    ------
    ValueError
        If a root is not there, or a file is not Python; the message names it.
    """
    return _found(tuple(sorted(set(map(str, roots)))), tuple(sorted(set(kinds))))


@cache
def _found(roots: tuple[str, ...], kinds: tuple[Kind, ...]) -> Fingerprint:
    return _library().fingerprint(roots, kinds)


@cache
def _library() -> Code:
    return Code({"rknet": _PACKAGE})


class Code:
    """Packages whose code is followed, as it is when it is first read.

    Parameters
    ----------
    packages : mapping
        By name, the folder of each.
    """

    def __init__(self, packages: Mapping[str, Path]) -> None:
        self._packages = dict(packages)
        self._modules: dict[str, Module | None] = {}

    def fingerprint(self, roots: Iterable[str], kinds: Iterable[Kind] = ()) -> Fingerprint:
        """As the function of this name."""
        closure = _Closure(self, roots, kinds)
        text = json.dumps([closure.roots, sorted(closure.parts.items())])
        return Fingerprint(
            sha256(text), closure.parts, frozenset(closure.modules), tuple(closure.roots)
        )

    def module(self, name: str, beside: Module | None = None) -> Module | None:
        """The module of a name, or a path; None if it is not of the project.

        Parameters
        ----------
        name : str
        beside : Module, optional
            The one that imports it: a file may import those in its folder.
        """
        if beside is not None and beside.is_file and name.split(".")[0] not in self._packages:
            place = beside.path.parent.joinpath(*name.split("."))
            paths = [place.with_name(f"{place.name}.py"), place / "__init__.py"]
            name = next((str(path) for path in paths if path.is_file()), name)
        if name not in self._modules:
            self._modules[name] = None if name in _OBSERVERS else self._read(name)
        return self._modules[name]

    def _read(self, name: str) -> Module | None:
        if name.endswith(".py"):
            return Module(name, _located(name), is_file=True)
        first, *rest = name.split(".")
        if first not in self._packages:
            return None
        place = self._packages[first].joinpath(*rest)
        for path in (place / "__init__.py", place.with_name(f"{place.name}.py")):
            if path.is_file():
                return Module(name, path)
        return None


class _Closure:
    """All that roots reach, with those of the kinds whose registry they reach."""

    def __init__(self, code: Code, roots: Iterable[str], kinds: Iterable[Kind]) -> None:
        self.roots = sorted(set(roots))
        self.parts: dict[str, str] = {}
        self.modules: set[str] = set()
        self._code = code
        self._whole: set[tuple[str, bool]] = set()
        self._followed: set[tuple[str, Chain]] = set()
        self._registries: set[str] = set()
        self._waiting: list[tuple[Module, Chain]] = []
        for root in self.roots:
            self._begin(root)
        self._go_on()
        while left := [package for package in self._registries if not self._has_root_in(package)]:
            self._registries.difference_update(left)
            for package in sorted(left):
                asked = {r for kind in kinds if _is_in(kind[0], package) for r in kind}
                for root in sorted(asked):
                    self._begin(root)
                self.roots = sorted({*self.roots, *asked})
                if not asked:
                    self._take_kinds(package)
            self._go_on()

    def _begin(self, root: str) -> None:
        name, _, definition = root.partition(":")
        module = None
        path = _located(root)
        if path.suffix == ".py" or path.is_file():
            if not path.is_file():
                raise ValueError(f"there is no file {root}")
            if not root.endswith(".py"):
                self.parts[root] = _file_digest(path)
                return
            module, definition = self._code.module(root), ""
        else:
            module = self._code.module(name)
        if module is None:
            raise ValueError(f"there is no module {name}")
        self._load(module)
        if not definition:
            # Of a package all that it offers is meant, of a module what it does.
            self._take_whole(module, as_object=module.path.name == "__init__.py")
        elif definition in module.bound or definition in module.imported:
            self._waiting.append((module, (definition,)))
        else:
            raise ValueError(f"{name} has no definition {definition}")

    def _go_on(self) -> None:
        while self._waiting:
            module, chain = self._waiting.pop()
            if (module.name, chain) not in self._followed:
                self._followed.add((module.name, chain))
                self._need(module, chain)

    def _need(self, module: Module, chain: Chain) -> None:
        """Take in what a name in a module stands for."""
        head, rest = chain[0], chain[1:]
        if head == "__doc__":
            self.parts[f"{module.name}:__doc__"] = sha256(module.docstring)
        statements = module.bound.get(head, [])
        item = item_of(statements, rest)
        if item is not None:
            self._take(f"{module.name}:{head}[{rest[0][1:]}]", [Statement(module, item)])
        elif statements:
            self._take(f"{module.name}:{head}", statements)
        if imports := module.imported.get(head):
            # That a name comes from elsewhere is a change even if both places are reached already.
            self.parts.setdefault(f"{module.name}:{head}", sha256(repr([*map(tuple, imports)])))
            for found in imports:
                self._follow(module, found, rest)

    def _follow(self, importer: Module, found: Import, rest: Chain) -> None:
        """Take in what an imported name stands for."""
        self._import(importer, found)
        module = self._code.module(found.module, importer)
        if module is None:
            return
        if found.name == "*":
            self._take_whole(module, as_object=True)
        else:
            self._attribute(module, (*((found.name,) if found.name else ()), *rest))
        if found.name is None and not rest:
            # The package as a value has the modules that were imported with it.
            for inner in prefixes(found.loaded):
                if (part := self._code.module(inner, importer)) is not None:
                    self._take_whole(part, as_object=True)

    def _attribute(self, module: Module, chain: Chain) -> None:
        """Take in an attribute of a module; the module, if there is none."""
        if not chain:
            self._take_whole(module, as_object=True)
            return
        name = chain[0]
        known = name in module.bound or name in module.imported
        if known:
            self._waiting.append((module, chain))
        inner = self._code.module(f"{module.name}.{name}") if not module.is_file else None
        if module.is_file and module.path.name == "__init__.py":
            inner = self._code.module(name, module)
        if inner is not None:
            self._load(inner)
            self._attribute(inner, chain[1:])
        elif name == "__doc__":
            self._need(module, (name,))
        elif not known and not re.fullmatch(r"__\w+__", name):
            self._take_whole(module, as_object=True)

    def _import(self, importer: Module, found: Import) -> None:
        """Carry an import out: modules around it and its own have effects."""
        for name in prefixes(found.loaded):
            if (module := self._code.module(name, importer)) is not None:
                self._load(module)
        if found.name and found.name != "*":
            module = self._code.module(f"{found.module}.{found.name}", importer)
            if module is not None:
                self._load(module)

    def _load(self, module: Module) -> None:
        if module.name in self.modules:
            return
        self.modules.add(module.name)
        if not module.is_file:
            for name in prefixes(module.name):
                if (package := self._code.module(name)) is not None:
                    self._load(package)
        for found in module.loads:
            self._import(module, found)
        effects = [
            *module.effects,
            *(
                statement
                for statement in module.statements
                if decorated_with_effect(statement.node, module, self._code)
            ),
        ]
        if effects:
            self._take(module.name, effects)

    def _take(self, part: str, statements: list[Statement]) -> None:
        """Take statements in, and what they name."""
        if part in self.parts:
            return
        digests = [statement.digest for statement in statements]
        self.parts[part] = digests[0] if len(digests) == 1 else sha256("\n".join(digests))
        for statement in statements:
            module, code = statement.module, statement.code
            self._waiting += [(module, chain) for chain in sorted(code.names)]
            for found, rest in code.imports:
                self._follow(module, found, rest)
            self.parts |= {name: _file_digest(path) for name, path in code.files.items()}
            if package := registry_of(statement.node):
                self._registries.add(
                    module.name if package in ("__name__", "__package__") else package
                )
            if code.looks_inward or module.looks_inward:
                self._take_whole(module, as_object=False)

    def _take_whole(self, module: Module, *, as_object: bool) -> None:
        """Take a module in; as an object, which others may ask for what it imports, with that."""
        if (module.name, as_object) in self._whole:
            return
        self._whole.add((module.name, as_object))
        self._load(module)
        for name in module.bound:
            self._take(f"{module.name}:{name}", module.bound[name])
        rest = [s for s in module.statements if not bound_by(s.node) and not is_import(s.node)]
        if rest:
            self._take(module.name, rest)
        for name, imports in module.imported.items():
            self.parts.setdefault(f"{module.name}:{name}", sha256(repr([*map(tuple, imports)])))
            for found in imports if as_object or name == "*" else ():
                self._follow(module, found, ())

    def _has_root_in(self, package: str) -> bool:
        return any(_is_in(root, package) for root in self.roots)

    def _take_kinds(self, package: str) -> None:
        module = self._code.module(package)
        if module is None or module.path.name != "__init__.py":
            raise ValueError(f"there is no package {package}, which a registry names")
        for path in sorted(module.path.parent.glob("*.py")):
            kind = self._code.module(f"{package}.{path.stem}")
            if path.stem == "__init__" or kind is None:
                continue
            self._load(kind)
            for name, statements in kind.bound.items():
                if any(registers_it(s.node, kind, self._code) for s in statements):
                    self._take(f"{kind.name}:{name}", statements)


def _is_in(root: str, package: str) -> bool:
    return root.startswith(f"{package}.")


def _located(file: str) -> Path:
    """Where a file is: the workflow's beside the package, others from the working folder."""
    beside = _PACKAGE.parent / file
    return beside if file.startswith("workflow/") and beside.is_file() else Path(file)


def _file_digest(path: Path) -> str:
    # Git may end lines in another way on another machine.
    content = path.read_bytes().replace(b"\r\n", b"\n")
    return hashlib.sha256(content).hexdigest()[:16]
