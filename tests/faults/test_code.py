"""Nothing is unpickled or evaluated but Python files that the config names; there is no shell."""

import ast
import re
import tomllib

import pytest
from project import ROOT

FILES = sorted(
    path
    for folder in ("rknet", "workflow/scripts", "benchmarks")
    for path in (ROOT / folder).rglob("*.py")
)
PICKLES = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
FORBIDDEN = {
    *("eval", "exec", "os.system", "os.popen", "torch.load", "torch.save", "yaml.load"),
    *(
        "yaml.full_load",
        "yaml.unsafe_load",
        "yaml.load_all",
        "pd.read_pickle",
        "subprocess.getoutput",
    ),
}


#: A user's file is Python; a paper's YAML is read by the faster of the safe loaders.
ALLOWED = {"rknet/own.py": {"exec"}, "rknet/show/entries.py": {"yaml.load"}}


def imported_from(module, tree):
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return [alias for node in nodes if node.module == module for alias in node.names]


def calls(tree):
    return [(ast.unparse(node.func), node) for node in ast.walk(tree) if isinstance(node, ast.Call)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_code_neither_unpickles_nor_evaluates(path):
    tree = ast.parse(path.read_text())
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (getattr(node, "module", None) or "", *(alias.name for alias in node.names))
    }
    assert not imported & PICKLES
    found = {name for name, _ in calls(tree)} & FORBIDDEN
    assert found <= ALLOWED.get(str(path.relative_to(ROOT)), set())
    for name, call in calls(tree):
        options = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
        assert options.get("shell", "False") == "False"
        if name == "yaml.load":
            safe = {("CSafeLoader", "Loader"), ("SafeLoader", "Loader")}
            assert options["Loader"] == "Loader"
            assert {(a.name, a.asname) for a in imported_from("yaml", tree)} == safe
        if name == "np.load":
            assert options["allow_pickle"] == "False"


@pytest.mark.parametrize("path", sorted(ROOT.glob("workflow/rules/*.smk")), ids=lambda p: p.name)
def test_rules_have_scripts_only(path):
    assert not re.search(r"^    (shell|run) *:", path.read_text(), re.MULTILINE)


def test_security_rules_are_on_and_exceptions_have_reasons():
    lint = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["ruff"]["lint"]
    assert "S" in lint["select"]
    ignored = {*lint["ignore"]}.union(
        *(rules for files, rules in lint["per-file-ignores"].items() if files != "tests/**")
    )
    assert not [rule for rule in ignored if re.match(r"S\d*$", rule)]
    for path in FILES:
        lines = path.read_text().splitlines()
        for number, line in enumerate(lines):
            if re.search(r"noqa:.*\bS\d", line):
                before = lines[max(number - 3, 0) : number]
                assert any(text.strip().startswith("# ") for text in before), f"{path}: {number}"
