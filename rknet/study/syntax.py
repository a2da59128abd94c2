"""How code is read for fingerprints: modules, their statements, and what these name."""

from __future__ import annotations

import ast
import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from rknet.study.fingerprints import Code

#: The workflow's own scripts.
_SCRIPTS = Path(__file__).parents[2] / "workflow/scripts"
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


class Import(NamedTuple):
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


class Statement:
    """A statement at the top of a module."""

    def __init__(self, module: Module, node: ast.AST) -> None:
        self.module, self.node = module, node

    @cached_property
    def code(self) -> _Reader:
        """Its normalised code, and what that names."""
        return _Reader(self.module, self.node)

    @cached_property
    def digest(self) -> str:
        """Of its normalised code."""
        return sha256(self.code.text)


class Module:
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
        self.is_the_users = is_file and not path.is_relative_to(_SCRIPTS)
        try:
            tree = ast.parse(path.read_bytes())
        except (SyntaxError, ValueError) as error:
            raise ValueError(f"{path} is not Python: {error}") from None
        self.docstring = ast.get_docstring(tree, clean=False) or ""
        self.bound: dict[str, list[Statement]] = {}
        self.imported: dict[str, list[Import]] = {}
        self.effects: list[Statement] = []
        self.loads: list[Import] = []
        self.looks_inward = False
        self.statements = [Statement(self, node) for node in tree.body if not _is_text(node)]
        # What a statement `from __future__` says of annotations: nothing reads them.
        self.unread_annotations = any(
            isinstance(node, ast.ImportFrom)
            and node.module == "__future__"
            and any(alias.name == "annotations" for alias in node.names)
            for node in tree.body
        )
        for statement in self.statements:
            self._take(statement)

    def _take(self, statement: Statement) -> None:
        node = statement.node
        for name in dict.fromkeys(bound_by(node)):
            self.bound.setdefault(name, []).append(statement)
        for importing in _imports_at(node):
            for name, found in self.imports(importing):
                self.imported.setdefault(name, []).append(found)
                self.loads.append(found)
                self.looks_inward |= name == "*"
        if _has_effects(node):
            self.effects.append(statement)

    def imports(self, node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, Import]]:
        """The names that an import binds, and where they come from."""
        if isinstance(node, ast.Import):
            for alias in node.names:
                first = alias.name.split(".")[0]
                bound = (alias.asname, alias.name) if alias.asname else (first, first)
                yield bound[0], Import(bound[1], None, alias.name)
            return
        source = self._absolute(node)
        for alias in node.names:
            yield alias.asname or alias.name, Import(source, alias.name, source)

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
            if registry_of(statement.node):
                return True
        for found in self.imported.get(chain[0], ()):
            module = code.module(found.module, self)
            rest = (*((found.name,) if found.name else ()), *chain[1:])
            if module and module is not self and rest and module.is_registry(code, rest):
                return True
        return False

    def registers(self, code: Code, chain: Chain) -> bool:
        """Whether a name registers what it is given, by itself or through what it calls."""
        if chain[-1] == "register" and self.is_registry(code, chain[:-1]):
            return True
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
        By name, files that strings name: in the module's folder or, of a user's file, from the
        folder that Python runs in.
    looks_inward : bool
        Whether the code may reach all that its module has.
    """

    def __init__(self, module: Module, node: ast.AST) -> None:
        self._module = module
        self._out: list[str] = []
        self._strings: set[str] = set()
        self.names: set[Chain] = set()
        self.imports: list[tuple[Import, Chain]] = []
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
        if module.is_the_users and os.path.isfile(text):  # noqa: PTH113
            yield text, Path(text)

    def _read(self, node: ast.AST, local: Mapping[str, list[Import]], scope: str) -> None:
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
        local: Mapping[str, list[Import]],
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

    def _list(self, values: list, local: Mapping[str, list[Import]], scope: str) -> None:
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

    def _joined(self, node: ast.JoinedStr, local: Mapping[str, list[Import]], scope: str) -> None:
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
        local: Mapping[str, list[Import]],
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
    ) -> dict[str, list[Import]]:
        """The names that a function binds, and the imports of those that imports bind."""
        arguments = node.args
        found: dict[str, list[Import]] = {
            argument.arg: []
            for argument in (
                *arguments.posonlyargs,
                *arguments.args,
                *arguments.kwonlyargs,
                *filter(None, (arguments.vararg, arguments.kwarg)),
            )
        }
        for part in node.body if isinstance(node.body, list) else [node.body]:
            for name in bound_by(part, local=True):
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

    def _name(self, chain: Chain, local: Mapping[str, list[Import]]) -> None:
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


def bound_by(node: ast.AST, *, local: bool = False) -> list[str]:
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


def decorated_with_effect(node: ast.AST, module: Module, code: Code) -> bool:
    """Whether a decorator may note what it decorates: any but a registry's, and those known."""
    for chain in _decorators(node):
        if chain is None:
            return True
        ours = chain[0] in module.bound or any(
            code.module(found.module, module) for found in module.imported.get(chain[0], ())
        )
        if not (module.registers(code, chain) if ours else chain[-1] in _IDLE):
            return True
    return False


def registers_it(node: ast.AST, module: Module, code: Code) -> bool:
    """Whether a decorator registers what it decorates."""
    return any(chain and module.registers(code, chain) for chain in _decorators(node))


def _decorators(node: ast.AST) -> Iterator[Chain | None]:
    """The names of a definition's decorators; None of one that is no name or call of one."""
    for decorator in getattr(node, "decorator_list", ()):
        yield _chain(decorator.func if isinstance(decorator, ast.Call) else decorator)


def registry_of(node: ast.AST) -> str | None:
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


def item_of(statements: list[Statement], rest: Chain) -> ast.expr | None:
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


def is_import(node: ast.AST) -> bool:
    """Whether a statement imports."""
    return isinstance(node, ast.Import | ast.ImportFrom)


def _is_for_types(node: ast.AST) -> bool:
    """Whether a statement is ``if TYPE_CHECKING``, which never runs."""
    if not isinstance(node, ast.If):
        return False
    chain = _chain(node.test)
    return chain is not None and chain[-1] == "TYPE_CHECKING"


def prefixes(name: str) -> Iterator[str]:
    """``a``, ``a.b`` and ``a.b.c`` of ``a.b.c``."""
    parts = name.split(".")
    return (".".join(parts[: end + 1]) for end in range(len(parts)))


def sha256(text: str) -> str:
    """The digest of a text: 16 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]
