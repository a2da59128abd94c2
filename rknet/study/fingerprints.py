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

import ast
import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import NamedTuple

_PACKAGE = Path(__file__).parents[1]
#: The module that decides no result.
_OBSERVERS = frozenset({"rknet.study.recording"})
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")
_TARGETS = ("targets", "target", "items")
#: Names that let code reach what it does not name.
_INWARD = {("globals",), ("vars",), ("exec",), ("eval",), ("sys", "modules")}
#: Decorators of other packages that leave no note of what they decorate, as numba's overload does.
_IDLE = {
    *("cache", "cached_property", "contextmanager", "dataclass", "inference_mode", "intrinsic"),
    *("lru_cache", "njit", "no_grad", "register_jitable", "total_ordering", "wraps"),
}
#: Decorators that do not look at annotations.
_PLAIN = {"property", "staticmethod", "classmethod"}
#: Fields that say how something is written, not what.
_WRITTEN = {"ctx", "kind", "type_comment", "type_ignores"}

Chain = tuple[str, ...]  # a name and its attributes; "[x" is an item with the key x


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
        self._modules: dict[str, _Module | None] = {}

    def fingerprint(self, roots: Iterable[str], kinds: Iterable[Kind] = ()) -> Fingerprint:
        """As the function of this name."""
        closure = _Closure(self, roots, kinds)
        text = json.dumps([closure.roots, sorted(closure.parts.items())])
        return Fingerprint(
            _sha256(text), closure.parts, frozenset(closure.modules), tuple(closure.roots)
        )

    def module(self, name: str, beside: _Module | None = None) -> _Module | None:
        """The module of a name, or a path; None if it is not of the project.

        Parameters
        ----------
        name : str
        beside : _Module, optional
            The one that imports it: a file may import those in its folder.
        """
        if beside is not None and beside.is_file and name.split(".")[0] not in self._packages:
            place = beside.path.parent.joinpath(*name.split("."))
            paths = [place.with_name(f"{place.name}.py"), place / "__init__.py"]
            name = next((str(path) for path in paths if path.is_file()), name)
        if name not in self._modules:
            self._modules[name] = None if name in _OBSERVERS else self._read(name)
        return self._modules[name]

    def _read(self, name: str) -> _Module | None:
        if name.endswith(".py"):
            return _Module(name, Path(name), is_file=True)
        first, *rest = name.split(".")
        if first not in self._packages:
            return None
        place = self._packages[first].joinpath(*rest)
        for path in (place / "__init__.py", place.with_name(f"{place.name}.py")):
            if path.is_file():
                return _Module(name, path)
        return None


class _Import(NamedTuple):
    """Where an imported name comes from.

    Attributes
    ----------
    module : str
    name : str or None
        In the module, as in ``from module import name``.
    loaded : str
        The module that is imported, ``a.b`` where ``import a.b`` binds ``a``.
    """

    module: str
    name: str | None
    loaded: str


class _Statement:
    """A statement at the top of a module."""

    def __init__(self, module: _Module, node: ast.AST) -> None:
        self.module, self.node = module, node

    @cached_property
    def code(self) -> _Reader:
        """Its normalised code, and what that names."""
        return _Reader(self.module, self.node)

    @cached_property
    def digest(self) -> str:
        """Of its normalised code."""
        return _sha256(self.code.text)


class _Module:
    """A module: its statements by the names that they bind, and those with effects.

    Attributes
    ----------
    bound : dict
        The statements that bind a name.
    imported : dict
        The imports that bind a name.
    effects : list
        The statements that have an effect but names.
    loads : list
        The imports that are carried out when the module is.
    """

    def __init__(self, name: str, path: Path, *, is_file: bool = False) -> None:
        self.name, self.path, self.is_file = name, path, is_file
        try:
            tree = ast.parse(path.read_bytes())
        except (SyntaxError, ValueError) as error:
            raise ValueError(f"{path} is not Python: {error}") from None
        self.docstring = ast.get_docstring(tree, clean=False) or ""
        self.bound: dict[str, list[_Statement]] = {}
        self.imported: dict[str, list[_Import]] = {}
        self.effects: list[_Statement] = []
        self.loads: list[_Import] = []
        self.looks_inward = False
        self.statements = [_Statement(self, node) for node in tree.body if not _is_text(node)]
        # What a statement `from __future__` says of annotations: nothing reads them.
        self.unread_annotations = any(
            isinstance(node, ast.ImportFrom)
            and node.module == "__future__"
            and any(alias.name == "annotations" for alias in node.names)
            for node in tree.body
        )
        for statement in self.statements:
            self._take(statement)

    def _take(self, statement: _Statement) -> None:
        node = statement.node
        for name in dict.fromkeys(_bound_by(node)):
            self.bound.setdefault(name, []).append(statement)
        for importing in _imports_at(node):
            for name, found in self.imports(importing):
                self.imported.setdefault(name, []).append(found)
                self.loads.append(found)
                self.looks_inward |= name == "*"
        if _has_effects(node):
            self.effects.append(statement)

    def imports(self, node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, _Import]]:
        """The names that an import binds, and where they come from."""
        if isinstance(node, ast.Import):
            for alias in node.names:
                first = alias.name.split(".")[0]
                bound = (alias.asname, alias.name) if alias.asname else (first, first)
                yield bound[0], _Import(bound[1], None, alias.name)
            return
        source = self._absolute(node)
        for alias in node.names:
            yield alias.asname or alias.name, _Import(source, alias.name, source)

    def _absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        package = self.name.split(".")
        up = node.level - (self.path.name == "__init__.py")
        return ".".join([*package[: len(package) - up], *([node.module] if node.module else [])])

    def is_registry(self, code: Code, chain: Chain) -> bool:
        """Whether a name is that of a registry, here or where it is imported from."""
        if not chain:
            return False
        for statement in self.bound.get(chain[0], ()):
            if _registry(statement.node):
                return True
        for found in self.imported.get(chain[0], ()):
            module = code.module(found.module, self)
            rest = (*((found.name,) if found.name else ()), *chain[1:])
            if module and module is not self and rest and module.is_registry(code, rest):
                return True
        return False

    def registers(self, code: Code, chain: Chain) -> bool:
        """Whether a name is that of a function that registers what it is given."""
        for statement in self.bound.get(chain[0], ()) if len(chain) == 1 else ():
            for node in ast.walk(statement.node):
                called = _chain(node.func) if isinstance(node, ast.Call) else None
                if called and called[-1] == "register" and self.is_registry(code, called[:-1]):
                    return True
        for found in self.imported.get(chain[0], ()):
            module = code.module(found.module, self)
            rest = (*((found.name,) if found.name else ()), *chain[1:])
            if module and module is not self and rest and module.registers(code, rest):
                return True
        return False


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
        self._waiting: list[tuple[_Module, Chain]] = []
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
        if Path(root).suffix == ".py" or Path(root).is_file():
            if not Path(root).is_file():
                raise ValueError(f"there is no file {root}")
            if not root.endswith(".py"):
                self.parts[root] = _file_digest(Path(root))
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

    def _need(self, module: _Module, chain: Chain) -> None:
        """Take in what a name in a module stands for."""
        head, rest = chain[0], chain[1:]
        if head == "__doc__":
            self.parts[f"{module.name}:__doc__"] = _sha256(module.docstring)
        statements = module.bound.get(head, [])
        item = _item(statements, rest)
        if item is not None:
            self._take(f"{module.name}:{head}[{rest[0][1:]}]", [_Statement(module, item)])
        elif statements:
            self._take(f"{module.name}:{head}", statements)
        if imports := module.imported.get(head):
            # That a name comes from elsewhere is a change even if both places are reached already.
            self.parts.setdefault(f"{module.name}:{head}", _sha256(repr(imports)))
            for found in imports:
                self._follow(module, found, rest)

    def _follow(self, importer: _Module, found: _Import, rest: Chain) -> None:
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
            for inner in _prefixes(found.loaded):
                if (part := self._code.module(inner, importer)) is not None:
                    self._take_whole(part, as_object=True)

    def _attribute(self, module: _Module, chain: Chain) -> None:
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

    def _import(self, importer: _Module, found: _Import) -> None:
        """Carry an import out: modules around it and its own have effects."""
        for name in _prefixes(found.loaded):
            if (module := self._code.module(name, importer)) is not None:
                self._load(module)
        if found.name and found.name != "*":
            module = self._code.module(f"{found.module}.{found.name}", importer)
            if module is not None:
                self._load(module)

    def _load(self, module: _Module) -> None:
        if module.name in self.modules:
            return
        self.modules.add(module.name)
        if not module.is_file:
            for name in _prefixes(module.name):
                if (package := self._code.module(name)) is not None:
                    self._load(package)
        for found in module.loads:
            self._import(module, found)
        effects = [
            *module.effects,
            *(
                statement
                for statement in module.statements
                if _decorated_with_effect(statement.node, module, self._code)
            ),
        ]
        if effects:
            self._take(module.name, effects)

    def _take(self, part: str, statements: list[_Statement]) -> None:
        """Take statements in, and what they name."""
        if part in self.parts:
            return
        digests = [statement.digest for statement in statements]
        self.parts[part] = digests[0] if len(digests) == 1 else _sha256("\n".join(digests))
        for statement in statements:
            module, code = statement.module, statement.code
            self._waiting += [(module, chain) for chain in sorted(code.names)]
            for found, rest in code.imports:
                self._follow(module, found, rest)
            self.parts |= {name: _file_digest(path) for name, path in code.files.items()}
            if package := _registry(statement.node):
                self._registries.add(
                    module.name if package in ("__name__", "__package__") else package
                )
            if code.looks_inward or module.looks_inward:
                self._take_whole(module, as_object=False)

    def _take_whole(self, module: _Module, *, as_object: bool) -> None:
        """Take a module in; as an object, which others may ask for what it imports, with that."""
        if (module.name, as_object) in self._whole:
            return
        self._whole.add((module.name, as_object))
        self._load(module)
        for name in module.bound:
            self._take(f"{module.name}:{name}", module.bound[name])
        rest = [s for s in module.statements if not _bound_by(s.node) and not _is_import(s.node)]
        if rest:
            self._take(module.name, rest)
        for name, imports in module.imported.items():
            self.parts.setdefault(f"{module.name}:{name}", _sha256(repr(imports)))
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
                if any(_registers(s.node, kind, self._code) for s in statements):
                    self._take(f"{kind.name}:{name}", statements)


class _Reader:
    """Reads a statement: its normalised code, and what that names.

    Attributes
    ----------
    text : str
        The same with every version of Python from 3.11 on.
    names : set
        Names of the module, with their attributes.
    imports : list
        What is imported within, and how it is used.
    files : dict
        By name, files that strings name: in the module's folder or, of a file that is in no
        package, from the folder that Python runs in.
    looks_inward : bool
        Whether the code may reach all that its module has.
    """

    def __init__(self, module: _Module, node: ast.AST) -> None:
        self._module = module
        self._out: list[str] = []
        self._strings: set[str] = set()
        self.names: set[Chain] = set()
        self.imports: list[tuple[_Import, Chain]] = []
        self.looks_inward = False
        self._read(node, {}, "module")
        self.text = "".join(self._out)
        self.files = {k: p for text in sorted(self._strings) for k, p in self._named(text)}

    def _named(self, text: str) -> Iterator[tuple[str, Path]]:
        """The files that a string names, by what they are called as parts."""
        module = self._module
        # Within a package, code is followed where it is imported, and does not count as a file.
        if not module.is_file and not re.fullmatch(r"\w[\w.-]*(/\w[\w.-]*)*\.(?!py$)\w+", text):
            return
        beside = module.path.parent / text
        if os.path.isfile(beside):  # noqa: PTH113  # a text may be no path at all
            yield f"{module.name}:{text}", beside
        # A user's file may name another one from the folder that it runs in.
        if module.is_file and os.path.isfile(text):  # noqa: PTH113
            yield text, Path(text)

    def _read(self, node: ast.AST, local: Mapping[str, list[_Import]], scope: str) -> None:
        """Read a node.

        Parameters
        ----------
        node : ast.AST
        local : mapping
            The names that are bound around it, in functions; with the imports that bind them.
        scope : str
            What it stands in: ``module``, ``class`` or ``function``.
        """
        if isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
            if (chain := _chain(node)) is not None:
                self._out.append(f"<{'.'.join(chain)}>")
                self._name(chain, local)
                return
        elif isinstance(node, ast.Constant):
            if isinstance(node.value, str):
                self._strings.add(node.value)
            self._out.append(repr(node.value))
            return
        elif isinstance(node, ast.Import | ast.ImportFrom):
            self._import(node, scope)
        elif isinstance(node, (*_FUNCTIONS, ast.Lambda)):
            self._function(node, local, scope)
            return
        elif isinstance(node, ast.JoinedStr):
            self._joined(node, local, scope)
            return
        elif _is_for_types(node):
            self._fields(node, local, scope, ("orelse",))
            return
        elif isinstance(node, ast.AnnAssign):
            unread = scope == "function" or (scope == "module" and self._module.unread_annotations)
            fields = [name for name in node._fields if not (unread and name == "annotation")]
            self._fields(node, local, scope, fields)
            return
        self._fields(node, local, "class" if isinstance(node, ast.ClassDef) else scope)

    def _fields(
        self,
        node: ast.AST,
        local: Mapping[str, list[_Import]],
        scope: str,
        fields: Iterable[str] | None = None,
    ) -> None:
        out = self._out
        out.append(f"{type(node).__name__}(")
        for field in node._fields if fields is None else fields:
            value = getattr(node, field, None)
            if value is None or value == [] or field in _WRITTEN:
                continue
            out.append(f"{field}=")
            if isinstance(value, ast.AST):
                self._read(value, local, scope)
            elif isinstance(value, list):
                self._list(value, local, scope)
            else:
                out.append(repr(value))
            out.append(",")
        out.append(")")

    def _list(self, values: list, local: Mapping[str, list[_Import]], scope: str) -> None:
        self._out.append("[")
        for value in values:
            if isinstance(value, ast.AST):
                if _is_text(value):
                    continue
                self._read(value, local, scope)
            else:
                self._out.append(repr(value))
            self._out.append(",")
        self._out.append("]")

    def _joined(self, node: ast.JoinedStr, local: Mapping[str, list[_Import]], scope: str) -> None:
        """Read an f-string: versions of Python differ in where its text is cut."""
        text, self._out = self._out, []
        for value in node.values:
            if isinstance(value, ast.Constant):
                self._strings.add(value.value)
                self._out.append(repr(value.value)[1:-1])
            else:
                self._out.append("{")
                self._read(value, local, scope)
                self._out.append("}")
        text.append(f"JoinedStr({''.join(self._out)!r})")
        self._out = text

    def _function(
        self,
        node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda,
        local: Mapping[str, list[_Import]],
        scope: str,
    ) -> None:
        """Read a function: its own names are not those of the module."""
        out, arguments = self._out, node.args
        decorators = getattr(node, "decorator_list", [])
        out.append(f"{type(node).__name__} {getattr(node, 'name', '')}(")
        self._list(decorators, local, scope)
        self._list(getattr(node, "type_params", []), local, scope)
        plain = all(isinstance(d, ast.Name) and d.id in _PLAIN for d in decorators)
        annotated = not (plain and self._module.unread_annotations)
        for kind in ("posonlyargs", "args", "vararg", "kwonlyargs", "kwarg"):
            found = getattr(arguments, kind)
            for argument in found if isinstance(found, list) else [found] if found else []:
                out.append(f"{kind} {argument.arg},")
                if annotated and argument.annotation is not None:
                    self._read(argument.annotation, local, scope)
        self._list(arguments.defaults, local, scope)
        self._list(arguments.kw_defaults, local, scope)
        if annotated and getattr(node, "returns", None) is not None:
            self._read(node.returns, local, scope)
        inner = {**local, **self._local_names(node)}
        for name in _declared(node, ast.Global):
            inner.pop(name, None)
        body = node.body if isinstance(node.body, list) else [node.body]
        self._list(body, inner, "function")
        out.append(")")

    def _local_names(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    ) -> dict[str, list[_Import]]:
        """The names that a function binds, and the imports of those that imports bind."""
        arguments = node.args
        found: dict[str, list[_Import]] = {
            argument.arg: []
            for argument in (
                *arguments.posonlyargs,
                *arguments.args,
                *arguments.kwonlyargs,
                *filter(None, (arguments.vararg, arguments.kwarg)),
            )
        }
        for part in node.body if isinstance(node.body, list) else [node.body]:
            for name in _bound_by(part, local=True):
                found.setdefault(name, [])
            for importing in _imports_at(part):
                for name, source in self._module.imports(importing):
                    found.setdefault(name, []).append(source)
        for name in _declared(node, ast.Nonlocal):
            found.pop(name, None)
        return found

    def _import(self, node: ast.Import | ast.ImportFrom, scope: str) -> None:
        """Note an import within the statement; one by name counts even if the name is not used."""
        if scope == "module":
            return
        for _, found in self._module.imports(node):
            if found.name is not None or scope == "class":
                self.imports.append((found, ()))
            else:
                # Alone, it has the effects of the module; what is used of it comes with its name.
                self.imports.append((found, ("__name__",)))

    def _name(self, chain: Chain, local: Mapping[str, list[_Import]]) -> None:
        if chain[0] not in local:
            self.names.add(chain)
            self.looks_inward |= any(chain[: len(inward)] == inward for inward in _INWARD)
            return
        self.imports += [(found, chain[1:]) for found in local[chain[0]]]


def _chain(node: ast.expr) -> Chain | None:
    """A name with its attributes and constant items, if that is all a node is."""
    rest: list[str] = []
    while True:
        if isinstance(node, ast.Attribute):
            rest.append(node.attr)
        elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            rest.append(f"[{node.slice.value!r}")
        else:
            break
        node = node.value
    return (node.id, *reversed(rest)) if isinstance(node, ast.Name) else None


def _bound_by(node: ast.AST, *, local: bool = False) -> list[str]:
    """The names that a statement binds where it stands, without those of imports.

    Parameters
    ----------
    node : ast.AST
    local : bool, optional
        Whether it stands in a function. There, names that expressions bind are left out: of a
        module more names are safe, of a function fewer.
    """
    found: list[str] = []
    waiting = [node]
    while waiting:
        at = waiting.pop()
        if isinstance(at, ast.Name):
            if not isinstance(at.ctx, ast.Load):
                found.append(at.id)
        elif isinstance(at, (*_FUNCTIONS, ast.ClassDef)):
            found += [at.name, *(() if local else _declared(at, ast.Global, within=True))]
        elif isinstance(at, ast.Lambda | ast.Import | ast.ImportFrom) or (
            local and isinstance(at, _COMPREHENSIONS)
        ):
            continue
        elif _is_for_types(at):
            waiting += at.orelse
        elif local and isinstance(at, ast.stmt):
            for field in (*_TARGETS, *_BLOCKS):
                value = getattr(at, field, ())
                waiting += value if isinstance(value, list | tuple) else [value]
        else:
            # What an exception handler or a pattern binds is not a node.
            names = (getattr(at, "name", None), getattr(at, "rest", None))
            found += [name for name in names if isinstance(name, str)]
            waiting += ast.iter_child_nodes(at)
    return found


def _imports_at(node: ast.AST) -> Iterator[ast.Import | ast.ImportFrom]:
    """The imports of a statement that bind names where it stands."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        yield node
    elif not isinstance(node, (*_FUNCTIONS, ast.ClassDef, ast.expr)):
        for block in ("orelse",) if _is_for_types(node) else _BLOCKS:
            for inner in getattr(node, block, ()):
                yield from _imports_at(inner)


def _declared(
    node: ast.AST, kind: type[ast.Global] | type[ast.Nonlocal], *, within: bool = False
) -> list[str]:
    """The names that a function declares as global, or as another function's.

    Parameters
    ----------
    node : ast.AST
    kind : type
    within : bool, optional
        Whether those count that functions within it declare.
    """
    found: list[str] = []
    # Only statements can declare; a lambda's body is none.
    waiting = list(node.body) if isinstance(node.body, list) else []
    while waiting:
        at = waiting.pop()
        if isinstance(at, kind):
            found += at.names
        if within or not isinstance(at, (*_FUNCTIONS, ast.ClassDef)):
            for block in _BLOCKS:
                waiting += getattr(at, block, ())
    return found


def _has_effects(node: ast.AST) -> bool:
    """Whether a statement does more than to bind names."""
    if isinstance(node, ast.Assign):
        return any(
            isinstance(at, ast.Attribute | ast.Subscript)
            for target in node.targets
            for at in ast.walk(target)
        )
    if isinstance(node, ast.AnnAssign | ast.AugAssign):
        return not isinstance(node.target, ast.Name)
    if isinstance(node, ast.ClassDef):
        return bool(node.keywords)  # a metaclass may note its classes
    known = (*_FUNCTIONS, ast.Import, ast.ImportFrom, ast.Pass, getattr(ast, "TypeAlias", ast.Pass))
    return not isinstance(node, known) and not (_is_for_types(node) and not node.orelse)


def _decorated_with_effect(node: ast.AST, module: _Module, code: Code) -> bool:
    """Whether a decorator may note what it decorates: any but a registry's, and those known."""
    for decorator in getattr(node, "decorator_list", ()):
        chain = _chain(decorator.func if isinstance(decorator, ast.Call) else decorator)
        if chain is None:
            return True
        ours = chain[0] in module.bound or any(
            code.module(found.module, module) for found in module.imported.get(chain[0], ())
        )
        registers = chain[-1] == "register" and module.is_registry(code, chain[:-1])
        known = registers or module.registers(code, chain) if ours else chain[-1] in _IDLE
        if not known:
            return True
    return False


def _registers(node: ast.AST, module: _Module, code: Code) -> bool:
    """Whether a decorator registers what it decorates."""
    for decorator in getattr(node, "decorator_list", ()):
        chain = _chain(decorator.func if isinstance(decorator, ast.Call) else decorator)
        if chain and (
            (chain[-1] == "register" and module.is_registry(code, chain[:-1]))
            or module.registers(code, chain)
        ):
            return True
    return False


def _is_in(root: str, package: str) -> bool:
    return root.startswith(f"{package}.")


def _registry(node: ast.AST) -> str | None:
    """The package of a registry, if a statement makes one; what cannot be read is an error."""
    value = getattr(node, "value", None)
    if not (isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(value, ast.Call)):
        return None
    # As in Registry[Kind]("optimiser", "rknet.optimisers").
    function = value.func.value if isinstance(value.func, ast.Subscript) else value.func
    chain = _chain(function)
    if chain is None or chain[-1] != "Registry":
        return None
    package = [*value.args[1:2], *(k.value for k in value.keywords if k.arg == "package")][0:1]
    if package and isinstance(package[0], ast.Constant):
        return str(package[0].value)
    if package and isinstance(package[0], ast.Name):
        return package[0].id
    raise ValueError(f"a registry does not name its package: {ast.unparse(node)}")


def _item(statements: list[_Statement], rest: Chain) -> ast.expr | None:
    """The value of a constant key, if a name is a dict that is written out and no more."""
    node = statements[0].node if len(statements) == 1 else None
    display = getattr(node, "value", None)
    if not (
        rest
        and rest[0].startswith("[")
        and isinstance(node, ast.Assign | ast.AnnAssign)
        and isinstance(display, ast.Dict)
        and all(isinstance(key, ast.Constant) for key in display.keys)
    ):
        return None
    found = [
        value
        for key, value in zip(display.keys, display.values, strict=True)
        if f"[{key.value!r}" == rest[0]
    ]
    return found[0] if len(found) == 1 else None


def _is_text(node: ast.AST) -> bool:
    """Whether a statement is a docstring, or another string that does nothing."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _is_import(node: ast.AST) -> bool:
    return isinstance(node, ast.Import | ast.ImportFrom)


def _is_for_types(node: ast.AST) -> bool:
    """Whether a statement is ``if TYPE_CHECKING``, which never runs."""
    if not isinstance(node, ast.If):
        return False
    chain = _chain(node.test)
    return chain is not None and chain[-1] == "TYPE_CHECKING"


def _prefixes(name: str) -> Iterator[str]:
    """``a``, ``a.b`` and ``a.b.c`` of ``a.b.c``."""
    parts = name.split(".")
    return (".".join(parts[: end + 1]) for end in range(len(parts)))


def _file_digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
