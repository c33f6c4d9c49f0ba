"""What a process that ended wrote last, reduced to what says what happened."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePath
from typing import Final

from common.words import escaped

LINES: Final = 4
"""Lines that a command which reaches another machine is quoted with: Docker and Slurm say the
reason first, and then what follows from it."""
_FATAL = "Fatal Python error: "
"""What Python's faulthandler begins with; threads and their frames follow, the innermost first."""
_TRACEBACK = "Traceback (most recent call last)"
_SIGNALS = {"Segmentation fault", "Aborted", "Bus error", "Illegal instruction"}
"""What follows where a signal ended the process, which its exit code tells as well."""
_FRAME = re.compile(r'\s*File "(.+)", line (\d+) in (.+)')


def last_words(lines: Sequence[str]) -> str:
    """Return what says most about the end of a process, of the lines that it wrote to stderr.

    That is the last line as a rule. Where the process was ended by a signal, faulthandler's lists
    come last: then it is what was written before them, where the process aborted itself, and where
    in the program it was.
    """
    written = [line for line in lines if line.strip()]
    fatal = next((i for i in reversed(range(len(written))) if written[i].startswith(_FATAL)), None)
    if fatal is None:
        return written[-1].strip() if written else ""
    error = written[fatal].removeprefix(_FATAL).strip()
    said = [] if error in _SIGNALS else [error]
    if error == "Aborted" and fatal:
        said.append(written[fatal - 1].strip())
    return ", ".join([*said, *_place(written[fatal + 1 :])])


def last_lines(lines: Sequence[str]) -> str:
    """Return the end of what a command that reaches another machine wrote to stderr, as one line.

    A crash of Python there, or an error that it raised, is reduced to what `last_words` says, and
    lines that are set in, which quote a source as a rule, are left out.
    """
    if any(line.startswith((_FATAL, _TRACEBACK)) for line in lines):
        return last_words(lines)
    written = [escaped(line.strip(), 200) for line in lines if line.strip() == line.rstrip() != ""]
    return " / ".join(written[-LINES:])


def _place(lines: Sequence[str]) -> list[str]:
    """Return where the thread that failed was; nothing where no frame of it is listed."""
    start = next((i for i, line in enumerate(lines) if line.startswith("Current thread")), -1)
    frame = _FRAME.fullmatch(lines[start + 1]) if start + 1 < len(lines) else None
    if frame is None:
        return []
    path, line, function = frame.groups()
    return [f"in {function} ({'/'.join(PurePath(path).parts[-2:])}, line {line})"]
