"""What to do where a command that should reach a renderer on another machine fails."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePath
from typing import Final

from renderer.client.elsewhere import Elsewhere

_BY_HAND: Final = "Connect once by hand{hand}, to accept its key."
_KEYS: Final = (
    "No password is asked for here: set up a key (ssh-copy-id, ssh-agent) until {quiet} works "
    "without a question."
)
_INSTALL: Final = "Install ganscope there, or name the Python that has it{python}."
_PYTHON: Final = "Name the Python there{python}."
_NEWER: Final = "Python 3.11 or later is needed there{python}."
_REMEDIES: Final = (
    ("could not resolve", "Check the name of the host."),
    ("host key verification failed", _BY_HAND),
    (r"permission denied( \(|, please try again)", _KEYS),
    ("no module named", _INSTALL),
    ("error while finding module", _INSTALL),
    ("unknown option: -p", _NEWER),
    (r"port \d+: connection refused", "Is its ssh server running, and on this port?"),
    ("timed out", "Is the machine on, and reachable from here?"),
)
"""A pattern of what a line says, in small letters, and what then helps."""
_MISSING: Final = (
    re.compile(r"command not found: (?P<name>\S+)", re.IGNORECASE),
    re.compile(
        r"(?P<name>[^\s:]+): (?:(?:executable file|command) )?(?:not found|no such file)",
        re.IGNORECASE,
    ),
)
"""How shells, `env`, Docker and Slurm say that a program is not there."""
_SYNTAX: Final = re.compile(r"\|\|?|&&?|;|\S+;|\d?[<>]>?\S*|\$\{?\w+.*|\w+=\S*")
"""A word of a command that would mean something to a shell."""
_PASS_ON: Final = frozenset(("ssh", "sh", "bash", "dash", "zsh", "fish", "env"))
"""Programs that hand such words to a shell, or read them themselves."""
NO_SHELL: Final = "No shell runs this command: write cmd:sh -c '…'."


def remedy(elsewhere: Elsewhere, lines: Sequence[str]) -> str:
    """Return what to do where the command has failed; empty where nothing is known.

    lines: what it has said.
    """
    if wants_shell(elsewhere):
        return NO_SHELL
    words = "\n".join(lines).lower()
    for sign, text in _REMEDIES:
        if re.search(sign, words):
            return _filled(text, elsewhere)
    missing = next((found for line in reversed(lines) if (found := _missing(line))), "")
    if "python" in PurePath(missing).name:
        return _filled(_PYTHON, elsewhere)
    if missing:
        return f"{missing} is not found there: check its name, or name its whole path."
    return "" if elsewhere.host else "See whether the command works in a terminal."


def wants_shell(elsewhere: Elsewhere) -> bool:
    """Whether a command holds what only a shell understands, and runs none."""
    program, *_ = words = elsewhere.command
    passed_on = elsewhere.host or PurePath(program).name in _PASS_ON
    # `A=1` is an assignment only where the program would stand, and an option's value elsewhere.
    meant = (program, *(word for word in words[1:] if "=" not in word))
    return not passed_on and any(_SYNTAX.fullmatch(word) for word in meant)


def _missing(line: str) -> str:
    found = next((match for how in _MISSING if (match := how.search(line))), None)
    return found["name"].strip("'\"`‘’") if found else ""


def _filled(text: str, elsewhere: Elsewhere) -> str:
    host, port = elsewhere.host, f"-p {elsewhere.port} " if elsewhere.port else ""
    if not host:
        python = " in the command"
        return text.format(hand=" in a terminal", quiet="the command", python=python)
    return text.format(
        hand=f", `ssh {port}{host}`",
        quiet=f"`ssh {port}-o BatchMode=yes {host} true`",
        python=f": ssh://{elsewhere.address}/path/to/python",
    )
