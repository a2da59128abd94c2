"""A fingerprint follows what code reaches, and nothing else."""

import ast
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from project import ROOT

from rknet.engines.base import ENGINES
from rknet.study.fingerprints import Code, fingerprint

MODULES = sorted((ROOT / "rknet").rglob("*.py"))
SCRIPTS = sorted((ROOT / "workflow/scripts").glob("*.py"))


def written(folder, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def found(folder, *roots):
    return Code({"pkg": folder / "pkg"}).fingerprint(roots)


#: A small package: what begins at `pkg.a:root` uses a bit of everything.
BASE = {
    "pkg/__init__.py": "from pkg.b import shown as offered\n",
    "pkg/a.py": """
from __future__ import annotations
from typing import TYPE_CHECKING
import pkg.c
import numpy as np
from pkg import b, offered
from pkg.b import helper as h
if TYPE_CHECKING:
    from pkg.e import Typed

SIZE = 3

def root(x: Typed, n=SIZE) -> Typed:
    '''Docstring.'''
    from pkg.d import lazy
    return h(x) + pkg.c.far(n) + lazy() + b.used + offered() + np.sum(x)

def other():
    return 1
""",
    "pkg/b.py": """
used = 1
unused = 2
TABLE = {"x": 10, "y": 20}
def helper(x):
    return x + TABLE["x"]
def shown():
    return 0
def plain():
    return 5
""",
    "pkg/c.py": """
REGISTER = []
REGISTER.append(1)
def far(n):
    rows = [plain for plain in range(n)]
    with open("style.txt") as file:
        return rows, file, "style.txt"
plain = 7
""",
    "pkg/style.txt": "red\n",
    "pkg/d.py": "def lazy():\n    return 4\ndef idle():\n    return 5\n",
    "pkg/e.py": "class Typed:\n    pass\n",
}

CHANGES = [
    # file, before, after, whether the root's code is another one then
    ("pkg/a.py", "n=SIZE", "n=SIZE + 1", True),
    ("pkg/a.py", "SIZE = 3", "SIZE = 4", True),
    ("pkg/a.py", "SIZE = 3", "SIZE: int = 3", True),
    ("pkg/a.py", "Docstring.", "Another one.", False),
    ("pkg/a.py", "SIZE = 3", "# A comment.\n\nSIZE    =   (3)", False),
    ("pkg/a.py", "x: Typed", "x: list", False),
    ("pkg/a.py", "return 1", "return 2", False),
    ("pkg/a.py", "import numpy as np", "import jax.numpy as np", True),
    ("pkg/a.py", "from pkg.b import helper as h", "from pkg.b import plain as h", True),
    ("pkg/a.py", "from pkg.d import lazy", "from pkg.d import idle as lazy", True),
    ("pkg/a.py", "from pkg.e import Typed", "from pkg.d import Typed", False),
    ("pkg/a.py", "b.used", "b.unused", True),
    ("pkg/b.py", "used = 1\nun", "used = 9\nun", True),
    ("pkg/b.py", "unused = 2", "unused = 3", False),
    ("pkg/b.py", '"x": 10', '"x": 11', True),
    ("pkg/b.py", '"y": 20', '"y": 21', False),
    ("pkg/b.py", '"y": 20', '"y": 20, "z": 30', False),
    ("pkg/b.py", '"y": 20}', '"y": 20}\nTABLE["x"] = 12', True),
    ("pkg/b.py", "return 0", "return 8", True),
    ("pkg/b.py", "return 5", "return 6", False),
    ("pkg/b.py", "TABLE", "TABLE = 0\nTABLE", True),
    ("pkg/c.py", "REGISTER.append(1)", "REGISTER.append(2)", True),
    ("pkg/c.py", "plain = 7", "plain = 8", True),  # a comprehension's own name counts, to be safe
    ("pkg/c.py", "return rows", "globals()\n        return rows", True),
    ("pkg/style.txt", "red", "blue", True),
    ("pkg/d.py", "return 4", "return 9", True),
    ("pkg/d.py", "return 5", "return 9", False),
    ("pkg/d.py", "def idle", "@cache\ndef idle", False),
    ("pkg/d.py", "def idle", "@decorate\ndef idle", True),
    ("pkg/d.py", "def idle", "print(1)\ndef idle", True),
    ("pkg/e.py", "pass", "x = 1", False),
    ("pkg/__init__.py", "shown as offered", "plain as offered", True),
    ("pkg/__init__.py", "from", "import os\nos.environ['x'] = '1'\nfrom", True),
    ("pkg/__init__.py", "from", "import os\nfrom", False),
]


@pytest.mark.parametrize(("file", "before", "after", "changes"), CHANGES)
def test_an_edit_counts_if_it_is_reached(tmp_path, file, before, after, changes):
    original = found(written(tmp_path / "old", BASE), "pkg.a:root")
    assert before in BASE[file]
    edited = {**BASE, file: BASE[file].replace(before, after, 1)}
    assert (found(written(tmp_path / "new", edited), "pkg.a:root") != original) == changes


def test_parts_have_names_that_a_person_knows(tmp_path):
    parts = found(written(tmp_path, BASE), "pkg.a:root").parts
    wanted = {"pkg.a:root", "pkg.b:helper", "pkg.b:TABLE['x']", "pkg.c", "pkg.c:style.txt"}
    assert wanted <= parts.keys()
    assert not {"pkg.a:other", "pkg.b:TABLE", "pkg.b:plain", "pkg.e:Typed"} & parts.keys()


SNIPPETS = {
    "a local name is not the module's": ("def f(used):\n    return used", False),
    "a name is that of another module": ("from pkg.m import used\ndef f():\n    return used", True),
    "a local name may be bound late": ("def f():\n    print(used)\n    used = 1", False),
    "a global name is not local": ("def f():\n    global used\n    used += 1", True),
    "a lambda's name is its own": ("f = lambda used: used", False),
    "a lambda": ("f = lambda: used", True),
    "a nested function": ("def f():\n    def g():\n        return used\n    return g", True),
    "a name of the function around": (
        "def f():\n    used = 1\n    def g():\n        return used\n    return g",
        False,
    ),
    "nonlocal": (
        "def f():\n    used = 1\n    def g():\n        nonlocal used\n        used += 1",
        False,
    ),
    "the first iterable of a comprehension": ("def f():\n    return [used for used in used]", True),
    "a decorator": ("@used\ndef f():\n    pass", True),
    "a default": ("def f(x=used):\n    pass", True),
    "a base": ("class f(used):\n    pass", True),
    "a class's body": ("class f:\n    x = used", True),
    "a method": ("class f:\n    def m(self):\n        return used", True),
    "a field's annotation": ("class f:\n    x: used", True),
    "a function's annotation": ("def f(x: used) -> used:\n    y: used = 1", False),
    "an annotation that a decorator may read": ("@register\ndef f(x: used):\n    pass", True),
    "an f-string": ("def f():\n    return f'{1:{used}}'", True),
    "a match": ("def f(x):\n    match x:\n        case used.y:\n            pass", True),
    "a captured name": ("def f(x):\n  match x:\n    case used:\n      return used", False),
    "an exception's name": ("def f():\n  try:\n    g()\n  except E as used:\n    used", False),
    "a block of the module": ("try:\n    f = used\nexcept E:\n    f = None", True),
    "star import": ("from pkg.n import *\ndef f():\n    return used", True),
    "a lazy star-free module": ("def f():\n    import pkg.n\n    return pkg.n.used", True),
    "a lazy module's other name": ("def f():\n    import pkg.n\n    return pkg.n.unused", False),
    "a module as a value": ("from pkg import n\ndef f():\n    return getattr(n, x)", True),
    "a relative import": ("from .n import used as u\ndef f():\n    return u", True),
    "of the package": ("from . import n as u\ndef f():\n    return u.used", True),
    "an own name within the module": ("from pkg import n as u\nf = u.deep.used", True),
    "two imports of a name": (
        "try:\n    from numpy import used\nexcept E:\n    from pkg.n import used\n"
        "def f():\n    return used",
        True,
    ),
    "a type's parameter": ("def f():\n    import typing as used\n    return used.cast", False),
}  # fmt: skip


@pytest.mark.parametrize("name", SNIPPETS)
def test_names_are_those_that_python_means(tmp_path, name):
    """The definition `f` reaches `used` of its own module, or of the module n, or does not."""
    text, reached = SNIPPETS[name]
    digests = set()
    for value in "12":
        own = "" if "import" in text else f"used = {value}\n"
        files = {
            "pkg/__init__.py": "",
            "pkg/m.py": f"used = {value}\n",
            "pkg/n.py": f"used = {value}\nunused = 0\n",
            "pkg/own.py": f"from __future__ import annotations\n{own}{text}\n",
        }
        digests.add(found(written(tmp_path / value, files), "pkg.own:f").digest)
    assert (len(digests) == 2) == reached


def test_annotations_that_python_evaluates_count(tmp_path):
    digests = {
        found(
            written(tmp_path / v, {"pkg/__init__.py": f"A = {v}\ndef f(x: A):\n    pass\n"}),
            "pkg:f",
        ).digest
        for v in "12"
    }
    assert len(digests) == 2


_USE = "from pkg.kinds.base import KINDS\n"
REGISTRY = {
    "pkg/__init__.py": "",
    "pkg/registry.py": "class Registry:\n    pass\n",
    "pkg/kinds/__init__.py": "",
    "pkg/kinds/base.py": "from pkg.registry import Registry\nKINDS = Registry('k', 'pkg.kinds')\n",
    "pkg/kinds/one.py": f"{_USE}@KINDS.register('one')\nclass One:\n    x = 1\n",
    "pkg/kinds/two.py": f"{_USE}@KINDS.register('two')\nclass Two:\n    x = 2\n",
    "pkg/use.py": f"{_USE}def use(name):\n    return KINDS[name]\n",
}


def test_of_a_registry_the_kinds_count_that_are_roots(tmp_path):
    chosen, both = ("pkg.use:use", "pkg.kinds.one:One"), ("pkg.use:use",)
    before = [found(written(tmp_path / "a", REGISTRY), *roots) for roots in (chosen, both)]
    two = {**REGISTRY, "pkg/kinds/two.py": REGISTRY["pkg/kinds/two.py"].replace("x = 2", "x = 3")}
    after = [found(written(tmp_path / "b", two), *roots) for roots in (chosen, both)]
    assert after[0] == before[0]
    assert after[1] != before[1], "none is chosen, so it may be any"
    three = {**REGISTRY, "pkg/kinds/three.py": two["pkg/kinds/two.py"].replace("two", "three")}
    after = [found(written(tmp_path / "c", three), *roots) for roots in (chosen, both)]
    assert after[0] == before[0]
    assert after[1] != before[1]
    one = {**REGISTRY, "pkg/kinds/one.py": REGISTRY["pkg/kinds/one.py"].replace("x = 1", "x = 3")}
    assert found(written(tmp_path / "d", one), *chosen) != before[0]


def test_of_a_registry_the_kinds_count_that_are_asked_for(tmp_path):
    def of(folder, files, roots, kinds=()):
        written(tmp_path / folder, files)
        return Code({"pkg": tmp_path / folder / "pkg"}).fingerprint(roots, kinds)

    use, one = "pkg.use:use", "pkg.kinds.one:One"
    asked = of("a", REGISTRY, [use], [(one,)])
    assert asked.roots == (one, use)
    assert asked == of("b", REGISTRY, [use, one])
    assert asked != of("c", REGISTRY, [use])
    two = {**REGISTRY, "pkg/kinds/two.py": REGISTRY["pkg/kinds/two.py"].replace("x = 2", "x = 3")}
    assert of("d", two, [use], [(one,)]) == asked
    # Where no registry is reached, nobody asks.
    plain = {**REGISTRY, "pkg/plain.py": "def plain():\n    return 1\n"}
    found = [of(f"e{kinds}", plain, ["pkg.plain:plain"], kinds) for kinds in ([], [(one,)])]
    assert found[0] == found[1]


def test_a_decorator_that_registers_has_no_other_effect(tmp_path):
    named = "def kind(name):\n    return KINDS.register(name)\n"
    files = {
        **REGISTRY,
        "pkg/names.py": f"{_USE}{named}",
        "pkg/kinds/both.py": "from pkg.names import kind\n"
        "@kind('a')\ndef a():\n    return 1\n\n@kind('b')\ndef b():\n    return 2\n",
    }
    more = {
        **files,
        "pkg/kinds/both.py": files["pkg/kinds/both.py"] + "\n@kind('c')\ndef c(): ...\n",
    }
    other = {**files, "pkg/names.py": files["pkg/names.py"].replace("(name)\n", "(name + '!')\n")}
    before, after, changed = (
        found(written(tmp_path / str(place), version), "pkg.kinds.both:a")
        for place, version in enumerate((files, more, other))
    )
    assert before == after
    assert before != changed


def test_a_decorator_of_the_project_may_note_what_it_decorates(tmp_path):
    files = {
        "pkg/__init__.py": "",
        "pkg/notes.py": "NOTED = []\ndef note(f):\n    NOTED.append(f)\n    return f\n",
        "pkg/a.py": "from pkg.notes import note\n@note\ndef f():\n    return 1\n",
        "pkg/b.py": "import pkg.a\nfrom pkg.notes import NOTED\ndef root():\n    return NOTED\n",
    }
    before = found(written(tmp_path / "a", files), "pkg.b:root")
    files["pkg/a.py"] = files["pkg/a.py"].replace("return 1", "return 2")
    assert found(written(tmp_path / "b", files), "pkg.b:root") != before


def test_another_package_may_note_what_it_decorates(tmp_path):
    """Numba compiles what `overload` decorates in place of what it is given."""
    text = (
        "from numba.extending import overload\n"
        "SIZE = 1\n"
        "def stub(x): ...\n"
        "@overload(stub)\ndef _of_stub(x):\n    return lambda x: x + SIZE\n"
        "def root(x):\n    return stub(x)\n"
    )
    before = found(written(tmp_path / "a", {"pkg/a.py": text}), "pkg.a:root")
    text = text.replace("SIZE = 1", "SIZE = 2")
    assert found(written(tmp_path / "b", {"pkg/a.py": text}), "pkg.a:root") != before


def test_a_file_of_the_users_may_name_files_from_where_it_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    written(tmp_path, {"nets/n.py": "open('data/w.txt')\n", "data/w.txt": "1"})
    before = Code({}).fingerprint(["nets/n.py"])
    assert "data/w.txt" in before.parts
    written(tmp_path, {"data/w.txt": "2"})
    assert Code({}).fingerprint(["nets/n.py"]) != before


def test_compiled_activations_are_part_of_compiled_runs():
    parts = fingerprint(ENGINES.roots("compiled")).parts
    assert "rknet.engines.on_numba.activations:_RANGE" in parts


@pytest.mark.parametrize(
    ("root", "words"),
    [
        ("pkg.nothing", "there is no module pkg.nothing"),
        ("numpy:sum", "there is no module numpy"),
        ("pkg.a:nothing", "pkg.a has no definition nothing"),
        ("nothing.py", "there is no file nothing.py"),
        ("pkg.broken:f", "broken.py is not Python"),
    ],
)
def test_roots_that_are_not_there_are_named(tmp_path, root, words):
    written(tmp_path, {**BASE, "pkg/broken.py": "def f(:\n"})
    with pytest.raises(ValueError, match=words):
        found(tmp_path, root)


def test_a_registry_that_cannot_be_read_is_an_error(tmp_path):
    text = "from x import Registry\nK = Registry('kind', 'a' + 'b')\n"
    with pytest.raises(ValueError, match="does not name its package: K = Registry"):
        found(written(tmp_path, {"pkg/__init__.py": text}), "pkg:K")


def test_files_count_whole_with_what_lies_beside_them(tmp_path, monkeypatch):
    written(tmp_path, {"net.py": "import part\nx = 1\n", "part.py": "y = 1\n", "data.csv": "1,2\n"})
    monkeypatch.chdir(tmp_path)
    before = found(tmp_path, "net.py", "data.csv")
    for name, text in (
        ("net.py", "import part\nx = 2\n"),
        ("part.py", "y = 1\nprint(y)\n"),
        ("data.csv", "1,3\n"),
    ):
        original = (tmp_path / name).read_text()
        (tmp_path / name).write_text(text)
        assert found(tmp_path, "net.py", "data.csv") != before, name
        (tmp_path / name).write_text(original)
    assert found(tmp_path, "data.csv", "net.py") == before


# A package is drawn from a graph that is known, so what an edit must reach is, too.

FORMS = ("from", "alias", "attribute", "dotted", "submodule", "lazy", "offered", "relative")


@st.composite
def graphs(draw):
    """Definitions by module, and the edges between them with the form of each import."""
    size = draw(st.integers(2, 9))
    module_of = [draw(st.integers(0, 3)) for _ in range(size)]
    pairs = st.tuples(st.integers(0, size - 1), st.integers(0, size - 1), st.sampled_from(FORMS))
    edges = {(a, b): form for a, b, form in draw(st.lists(pairs, max_size=14)) if a != b}
    kinds = [draw(st.sampled_from(("function", "class", "constant"))) for _ in range(size)]
    return module_of, edges, kinds


def use(module_of, a, b, form):
    """Imports at the top, imports within, and the expression by which definition a uses b."""
    here, there = module_of[a], module_of[b]
    if here == there:
        return "", "", f"d{b}"
    return {
        "from": (f"from pkg.m{there} import d{b}", "", f"d{b}"),
        "alias": (f"from pkg.m{there} import d{b} as x{a}_{b}", "", f"x{a}_{b}"),
        "attribute": (f"import pkg.m{there} as y{there}", "", f"y{there}.d{b}"),
        "dotted": (f"import pkg.m{there}", "", f"pkg.m{there}.d{b}"),
        "submodule": (f"from pkg import m{there}", "", f"m{there}.d{b}"),
        "lazy": ("", f"from pkg.m{there} import d{b} as z", "z"),
        "offered": (f"from pkg import o{b}", "", f"o{b}"),
        "relative": (f"from .m{there} import d{b} as r{b}", "", f"r{b}"),
    }[form]


def package(graph, values=None, retarget=None):
    """The files of a graph; a definition's value, and where an edge leads, may be others."""
    module_of, edges, kinds = graph
    values, retarget = values or {}, retarget or {}
    tops, bodies = {m: set() for m in range(4)}, {m: [] for m in range(4)}
    for a, kind in enumerate(kinds):
        lines, expressions = [], [str(values.get(a, 0))]
        for (source, b), form in edges.items():
            if source == a:
                # A constant has no place for an import.
                form = "from" if form == "lazy" and kind == "constant" else form
                top, within, expression = use(module_of, a, retarget.get((a, b), b), form)
                tops[module_of[a]].add(top)
                lines.append(within)
                expressions.append(expression)
        value = f"({', '.join(expressions)},)"
        within = "".join(f"        {line}\n" for line in lines if line)
        bodies[module_of[a]].append(
            {
                "function": f"def d{a}():\n    if True:\n{within}        return {value}\n",
                "class": f"class d{a}:\n    def method(self):\n{within}        return {value}\n",
                "constant": f"d{a} = {value}\n",
            }[kind]
        )
    offered = "".join(f"from pkg.m{m} import d{d} as o{d}\n" for d, m in enumerate(module_of))
    return {
        "pkg/__init__.py": offered,
        **{f"pkg/m{m}.py": "\n".join([*sorted(tops[m]), *bodies[m]]) for m in range(4)},
    }


def reached(edges, root):
    seen, waiting = {root}, [root]
    while waiting:
        at = waiting.pop()
        new = {b for a, b in edges if a == at} - seen
        seen |= new
        waiting += new
    return seen


def root_of(graph):
    return f"pkg.m{graph[0][0]}:d0"


@settings(max_examples=60)
@given(graph=graphs())
def test_an_edit_changes_a_fingerprint_exactly_if_the_root_reaches_it(tmp_path_factory, graph):
    folder = tmp_path_factory.mktemp("graph")
    before = found(written(folder, package(graph)), root_of(graph))
    for definition in range(len(graph[0])):
        written(folder, package(graph, {definition: 1}))
        changed = found(folder, root_of(graph)) != before
        assert changed == (definition in reached(graph[1], 0)), definition


@settings(max_examples=60)
@given(graph=graphs(), data=st.data())
def test_a_mutated_import_is_never_missed(tmp_path_factory, graph, data):
    folder = tmp_path_factory.mktemp("graph")
    module_of, edges, _ = graph
    before = found(written(folder, package(graph)), root_of(graph))
    # To another definition of another module: the expression may stay as it is.
    for a, b in sorted(edges):
        others = [d for d in range(len(module_of)) if d not in (a, b)]
        if not others:
            continue
        other = data.draw(st.sampled_from(others))
        written(folder, package(graph, retarget={(a, b): other}))
        if a in reached(edges, 0):
            assert found(folder, root_of(graph)) != before


# The real code.


def roots(script):
    return [str(script.relative_to(ROOT))]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_every_module_that_a_script_imports_is_in_its_fingerprint(script, monkeypatch):
    """What its process really imports; record-keeping, which decides nothing, is left out."""
    monkeypatch.chdir(ROOT)
    tree = ast.parse(script.read_text())
    tree.body = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    stub = (
        "import sys, types\nm = types.ModuleType('rknet.study.recording')\n"
        "m.__getattr__ = lambda name: None\n"
    )
    program = (
        f"{stub}sys.modules[m.__name__] = m\n{ast.unparse(tree)}\n"
        "print(*(n for n in sys.modules if n.split('.')[0] == 'rknet' and n != m.__name__))"
    )
    imported = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    assert imported
    assert set(imported) <= fingerprint(roots(script)).modules


def test_lazily_imported_modules_are_in_the_fingerprint(monkeypatch):
    """Every import within a function that is reached."""
    monkeypatch.chdir(ROOT)
    found = fingerprint(["workflow/scripts/train.py"])
    for name in found.modules - {"workflow/scripts/train.py"}:
        path = ROOT / name.replace(".", "/")
        path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        for function in ast.parse(path.read_text()).body:
            if not isinstance(function, ast.FunctionDef):
                continue
            if f"{name}:{function.name}" not in found.parts:
                continue
            for node in ast.walk(function):
                if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("rknet"):
                    assert node.module in found.modules | {"rknet.study.recording"}


def commented(path):
    """The same code with comments, other docstrings, and formatting of its own."""
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module):
            text = ast.Expr(ast.Constant("Another text."))
            is_text = node.body and isinstance(node.body[0], ast.Expr) and isinstance(
                node.body[0].value, ast.Constant
            )  # fmt: skip
            node.body[: 1 if is_text else 0] = [text]
    # Those from the future come first.
    return f"# A comment.\n{ast.unparse(ast.fix_missing_locations(tree))}\n# The end.\n"


def test_comments_docstrings_and_formatting_change_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    before = {script: fingerprint(roots(script)) for script in SCRIPTS}
    shutil.copytree(ROOT / "rknet", tmp_path / "rknet")
    shutil.copytree(ROOT / "workflow/scripts", tmp_path / "workflow/scripts")
    for path in [*tmp_path.rglob("*.py")]:
        path.write_text(commented(path))
    monkeypatch.chdir(tmp_path)
    code = Code({"rknet": tmp_path / "rknet"})
    assert {script: code.fingerprint(roots(script)) for script in SCRIPTS} == before


@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13", "3.14"])
def test_versions_of_python_agree(version, monkeypatch):
    homes = sorted(Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser().glob("versions/*"))
    names = [str(home / "bin/python") for home in homes if home.name.startswith(f"{version}.")]
    python = shutil.which(f"python{version}") or next(iter(names), None)
    python = next(iter(names), python)
    if python is None:
        pytest.skip("is not installed")
    monkeypatch.chdir(ROOT)
    # The module needs the standard library only; its package needs more, and is left out.
    program = (
        "import json, sys, types\nrknet = sys.modules['rknet'] = types.ModuleType('rknet')\n"
        "rknet.__path__ = ['rknet']\nfrom rknet.study.fingerprints import fingerprint\n"
        "print(json.dumps({s: fingerprint([s]).parts for s in sys.argv[1:]}))"
    )
    names = [name for script in SCRIPTS for name in roots(script)]
    done = subprocess.run(
        [python, "-c", program, *names], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == {name: fingerprint([name]).parts for name in names}


#: Where a module may be imported by a name that is put together.
LOADERS = {"rknet/registry.py", "rknet/own.py", "rknet/show/paper.py"}


@pytest.mark.parametrize("path", [*MODULES, *SCRIPTS], ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_are_written_out(path):
    if str(path.relative_to(ROOT)) in LOADERS:
        return
    names = {
        name
        for node in ast.walk(ast.parse(path.read_text()))
        for name in (getattr(node, "id", None), getattr(node, "attr", None))
    }
    names |= {
        alias.name
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    forbidden = {"import_module", "importlib", "__import__", "exec", "*"}
    assert names & forbidden == set()
    assert "__init_subclass__" not in path.read_text() or path.stem == "fingerprints"
