"""What is printed stops nothing."""

import os
import subprocess
import sys

import pytest
from project import ROOT

from rknet.terminal import in_utf8

BARE = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONPATH": str(ROOT)}
SAYING = "from rknet.terminal import say, show_anything; show_anything(); "


def python(program, env=BARE, **options):
    program = program.encode("ascii", "backslashreplace").decode()
    return subprocess.run([sys.executable, "-c", program], env=env, check=False, **options)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_what_an_encoding_lacks_is_shown_by_its_number(encoding):
    done = python(
        f"{SAYING}print('Runge–Kutta é \\udce9'); say('–')",
        {**BARE, "PYTHONIOENCODING": encoding},
        capture_output=True,
    )
    assert done.returncode == 0, done.stderr
    expected = "Runge–Kutta é \udce9\n–\n".encode(encoding, "backslashreplace")
    assert done.stdout == expected


@pytest.mark.parametrize("nowhere", ["/dev/full", "a closed pipe", "nothing"])
def test_a_terminal_that_is_gone_stops_nothing(nowhere):
    program = f"{SAYING}[say('words') for _ in range(2)]; import sys; sys.exit(3)"
    if nowhere == "nothing":
        done = python(program, stdout=None, stderr=subprocess.PIPE, preexec_fn=lambda: os.close(1))
    else:
        with Nowhere(nowhere) as descriptor:
            done = python(program, stdout=descriptor, stderr=subprocess.PIPE)
    assert (done.returncode, done.stderr) == (3, b"")


class Nowhere:
    """A descriptor that takes nothing."""

    def __init__(self, name):
        self.name = name

    def __enter__(self):
        if self.name == "/dev/full":
            self.descriptor = os.open(self.name, os.O_WRONLY)
        else:
            reader, self.descriptor = os.pipe()
            os.close(reader)
        return self.descriptor

    def __exit__(self, *_):
        os.close(self.descriptor)


def test_a_command_whose_reader_has_gone_ends_in_silence():
    with Nowhere("a closed pipe") as descriptor:
        done = subprocess.run(
            [sys.executable, "-m", "rknet", "verify"],
            cwd=ROOT,
            env=BARE,
            stdout=descriptor,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert (done.returncode, done.stderr) == (1, b"")


def test_programs_that_are_started_write_utf8():
    done = python("print('–')", {**in_utf8(), **BARE}, capture_output=True)
    assert done.stdout == "–\n".encode()
