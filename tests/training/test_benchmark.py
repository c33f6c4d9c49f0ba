"""The training benchmark measures every phase on both paths."""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner

from networks.training_traits import PHASES
from training.benchmark import main


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_a_small_run(precision: str) -> None:
    options = ["--resolution", "8", "--batch", "4", "--rounds", "1", "--device", "cpu"]
    options += ["--precision", precision]
    result = CliRunner().invoke(main, options, catch_exceptions=False)
    lines = result.output.splitlines()
    assert lines[0].startswith(f"small, 8², batch 4, p 0.5, cpu, {precision}, ")
    assert [line.split()[0] for line in lines[1:]] == [*PHASES, "D", "all"]
    assert all(re.search(r" \d+\.\d+x$", line) for line in lines[1:])


@pytest.mark.parametrize(
    ("flag", "value", "message"),
    [
        ("--resolution", "17", "img_resolution is a power of two from 4 on, not 17"),
        ("--batch", "6", "does not divide"),
        ("--rounds", "0", "--rounds"),
        ("--p", "3", "--p"),
        ("--device", "tpu", "--device"),
        ("--precision", "fp8", "--precision"),
    ],
)
def test_what_cannot_be_is_told_in_words(flag, value, message):
    result = CliRunner().invoke(main, [flag, value])
    assert result.exit_code in (1, 2)
    assert isinstance(result.exception, SystemExit)  # and no traceback
    assert message in result.output
