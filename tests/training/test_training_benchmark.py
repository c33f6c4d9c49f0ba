"""The training benchmark measures every phase on both paths."""

from __future__ import annotations

import re

from click.testing import CliRunner

from training.benchmark import main
from training.loss import PHASES


def test_a_small_run() -> None:
    options = ["--resolution", "8", "--batch", "4", "--rounds", "1", "--device", "cpu"]
    result = CliRunner().invoke(main, options, catch_exceptions=False)
    lines = result.output.splitlines()
    assert lines[0].startswith("small, 8², batch 4, p 0.5, cpu")
    assert [line.split()[0] for line in lines[1:]] == [*PHASES, "D", "all"]
    assert all(re.search(r" \d+\.\d+x$", line) for line in lines[1:])
