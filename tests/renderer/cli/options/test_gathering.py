"""Options that are gathered come as one value, and stand where they stood in the help."""

from __future__ import annotations

from dataclasses import dataclass

import click
from click.testing import CliRunner

from renderer.cli.options.gathering import gathered


@dataclass
class Pair:
    first: int
    second: str


def test_gathered_options_are_one_value_among_the_others() -> None:
    pair_options = gathered(
        "pair",
        Pair,
        first=click.option("--first", type=int, default=1),
        second=click.option("--number-two", "second", default="b"),
    )
    seen: list[object] = []

    @click.command()
    @click.option("--before", default="x")
    @pair_options
    @click.option("--after", default="y")
    def command(before: str, pair: Pair, after: str) -> None:
        """What it does."""
        seen.extend([before, pair, after])

    words = ["--number-two", "c", "--after", "z"]
    result = CliRunner().invoke(command, words, catch_exceptions=False)
    assert result.exit_code == 0
    assert seen == ["x", Pair(1, "c"), "z"]
    assert [parameter.opts[0] for parameter in command.params] == [
        "--before",
        "--first",
        "--number-two",
        "--after",
    ]
    assert command.help == "What it does."
