"""What a crash wrote is reduced to what says most about it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from renderer.client.last_words import last_words

THREADS = "import faulthandler, threading, time, numpy; faulthandler.enable();"
THREADS += "threading.Thread(target=time.sleep, args=(60,), daemon=True).start(); time.sleep(0.2)\n"
CRASH = "import ctypes\ndef draw(): ctypes.string_at(0)\n"


@pytest.mark.skipif(sys.platform == "win32", reason="crashes are told otherwise there")
@pytest.mark.parametrize(
    ("code", "said", "where"),
    [
        ("raise ValueError('no picture')", "ValueError: no picture", ""),
        ("print('a note', file=__import__('sys').stderr)", "a note", ""),
        ("", "", ""),
        (f"{CRASH}draw()", "", "in string_at (ctypes/__init__.py, line "),
        (
            "import os, sys\n"
            "def leave():\n"
            "    print('terminate called: bad_alloc', file=sys.stderr, flush=True)\n"
            "    os.abort()\n"
            "leave()",
            "terminate called: bad_alloc, ",
            "in leave (<string>, line ",
        ),
        (
            "import ctypes; ctypes.pythonapi.Py_FatalError.argtypes = [ctypes.c_char_p]\n"
            "def leave(): ctypes.pythonapi.Py_FatalError(b'no memory for a frame')\n"
            "leave()",
            "no memory for a frame, ",
            "in leave (<string>, line ",
        ),
    ],
)
def test_the_line_that_says_what_happened(code: str, said: str, where: str) -> None:
    done = subprocess.run([sys.executable, "-c", THREADS + code], capture_output=True, text=True)
    words = last_words(done.stderr.splitlines())
    assert words.startswith(said + where), done.stderr
    assert where or words == said


def test_nothing_is_made_of_lists_that_are_cut_off() -> None:
    assert last_words(["Fatal Python error: Segmentation fault"]) == ""
    assert last_words(["Fatal Python error: Aborted", "", "Current thread 0x1:"]) == ""
    assert last_words(['  File "a.py", line 3 in f', "", "Extension modules: numpy"]) != ""
