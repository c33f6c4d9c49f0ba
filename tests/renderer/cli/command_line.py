"""Runs the command line in this process, as `python visualizer.py` would."""

from __future__ import annotations

import sys
from typing import NamedTuple

import visualizer


class Outcome(NamedTuple):
    code: int
    out: str
    err: str


def run(monkeypatch, capsys, *arguments) -> Outcome:
    """Exit code and what was printed."""
    monkeypatch.setattr(sys, "argv", ["ganscope", *map(str, arguments)])
    capsys.readouterr()
    code = 0
    try:
        visualizer.main()
    except SystemExit as stop:
        code = stop.code
    captured = capsys.readouterr()
    return Outcome(code, captured.out, captured.err)
