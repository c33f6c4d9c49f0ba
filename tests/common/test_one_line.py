"""How a command ends: which errors are one line, and with what exit code."""

from __future__ import annotations

import click
import pytest

from common.errors import UserError
from common.one_line import errors_in_one_line


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (UserError("a\x1b.pkl is torn.", "Copy it again."), 1, "Error: a\\x1b.pkl is torn. Copy"),
        (OSError(28, "No space left on device", "/full/x"), 1, "Error: /full/x: no space left"),
        (click.UsageError("Missing option '--seeds'."), 2, "Error: Missing option '--seeds'."),
        (click.exceptions.Abort(), 130, "Cancelled."),
    ],
)
def test_what_the_user_can_mend_is_one_line(error, code: int, line: str, capsys) -> None:
    with pytest.raises(SystemExit) as ended, errors_in_one_line():
        raise error
    assert ended.value.code == code
    said = capsys.readouterr().err
    assert said.startswith(line)
    assert said.count("\n") == 1


def test_a_fault_of_the_program_keeps_its_traceback() -> None:
    for error in (OSError("of no file"), ValueError("nobody foresaw it")):
        with pytest.raises(type(error)), errors_in_one_line():
            raise error
