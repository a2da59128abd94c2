"""Files of the user's: what they define is found, and what is wrong in them is shown as theirs."""

import sys

import pytest

from rknet.own import OwnFileError, blaming, function_of, load_module


def written(folder, text, name="mine.py"):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_a_module_is_run_and_leaves_nothing_beside_it(tmp_path):
    path = written(
        tmp_path, "from dataclasses import dataclass\n@dataclass\nclass A:\n    b: int\n"
    )
    assert load_module(path).A(3).b == 3
    assert list(tmp_path.iterdir()) == [path]


def test_a_changed_file_is_read_anew(tmp_path):
    """Of the same length and second, too."""
    assert load_module(written(tmp_path, "x = 1")).x == 1
    assert load_module(written(tmp_path, "x = 2")).x == 2


def test_files_of_the_same_name_are_two(tmp_path):
    for name in "ab":
        (tmp_path / name).mkdir()
    a, b = (load_module(written(tmp_path / name, f"x = '{name}'")) for name in "ab")
    assert (a.x, b.x) == ("a", "b")
    assert sys.modules[a.__name__] is not sys.modules[b.__name__]


#: Files that do not run, the line that is to blame (None: the file as a whole), and what is said.
BROKEN = {
    "syntax": ("x = 1\nif x\n", 2, "SyntaxError: expected ':'"),
    "name": ("x = 1\n\nx = y\n", 3, "NameError: name 'y' is not defined"),
    "import": ("import nosuchmodule\n", 1, "ModuleNotFoundError: No module named 'nosuchmodule'"),
    "deeper": ("def f():\n    return 1 / 0\n\nf()\n", 2, "ZeroDivisionError: division by zero"),
    "library": ("import json\njson.loads('{')\n", 2, "JSONDecodeError: Expecting property"),
    "exit": ("import sys\nsys.exit('enough')\n", 2, "SystemExit: enough"),
    "relative": ("from . import other\n", 1, "ImportError: attempted relative import"),
    "encoding": (b"x = '\xe9'\n", 1, "SyntaxError: (unicode error) 'utf-8' codec can't decode"),
    "lines": ("raise ValueError('a\\n  b')\n", 1, "ValueError: a b"),
    "null": (b"\0", None, "source code string cannot contain null bytes"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_an_error_is_the_files_with_path_and_line(tmp_path, what):
    text, line, words = BROKEN[what]
    path = written(tmp_path, text)
    with pytest.raises(OwnFileError) as error:
        load_module(path)
    assert str(error.value).startswith(f"{path}, line {line}: " if line else f"{path}: ")
    assert words in str(error.value)


def test_a_long_message_is_cut(tmp_path):
    with pytest.raises(OwnFileError) as error:
        load_module(written(tmp_path, "raise ValueError('x' * 10_000)"))
    assert len(str(error.value)) < 1000


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(OwnFileError, match=r"none\.py: FileNotFoundError: .*No such file"):
        load_module(tmp_path / "none.py")


def test_a_relative_path_is_blamed_as_it_was_written(tmp_path, monkeypatch):
    written(tmp_path, "\nx = y")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(OwnFileError, match=r"^mine\.py, line 2: NameError"):
        load_module("mine.py")


def test_a_function_fails_later_and_is_blamed(tmp_path):
    path = written(tmp_path, "def network(n):\n    return [][n]\n")
    network = function_of(path, "network", "network(n)")
    with pytest.raises(OwnFileError, match=r"line 2: IndexError") as error, blaming(path):
        network(3)
    assert isinstance(error.value.__cause__, IndexError)


def test_an_error_that_is_already_blamed_stays(tmp_path):
    with pytest.raises(OwnFileError, match=r"^theirs$"), blaming(tmp_path / "mine.py"):
        raise OwnFileError("theirs")


@pytest.mark.parametrize(
    ("text", "words"), [("x = 1", "network is missing; "), ("network = 3", "network is 3; ")]
)
def test_a_missing_function_is_named(tmp_path, text, words):
    path = written(tmp_path, text)
    with pytest.raises(OwnFileError) as error:
        function_of(path, "network", "network(dimension, classes)")
    expected = "expected a function or class network(dimension, classes)"
    assert str(error.value) == f"{path}: {words}{expected}"
