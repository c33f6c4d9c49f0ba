"""Renderers on other machines: how one is named, reached, and why it cannot be."""

from __future__ import annotations

import re
import shlex
import zlib
from dataclasses import dataclass
from typing import Final

from common.errors import UserError
from common.words import escaped

_SSH: Final = re.compile(
    r"ssh://(?:(?P<user>[\w.+][\w.+-]*)@)?(?P<host>[\w.][\w.-]*|\[[0-9A-Fa-f:.%\w]+\])"
    r"(?::(?P<port>\d{1,5}))?(?P<python>/.*)?"
)
_OPTIONS: Final = (
    "-T",
    *("-o", "BatchMode=yes"),  # nobody would see a question
    *("-o", "ConnectTimeout=15"),
    *("-o", "ServerAliveInterval=5"),
    *("-o", "ServerAliveCountMax=3"),
)
_HOW: Final = "Name ssh://user@host, ssh://user@host:port/path/to/python, or 'cmd:ANY COMMAND'."
_REMEDIES: Final = (
    ("could not resolve", "Check the name of the host."),
    ("host key verification failed", "Connect once by hand, `ssh {host}`, to accept its key."),
    (
        "permission denied",
        "No password is asked for here: set up a key (ssh-copy-id, ssh-agent) until "
        "`ssh -o BatchMode=yes {host} true` works.",
    ),
    ("no module named", "Install ganscope there, or name the Python that has it: {place}."),
    ("error while finding module", "Install ganscope there, or name its Python: {place}."),
    ("unknown option: -p", "Python 3.11 or later is needed there: {place}."),
    ("not found", "Name the Python there: {place}."),
    ("no such file", "Name the Python there: {place}."),
    ("connection refused", "Is its ssh server running, and on this port?"),
    ("timed out", "Is the machine on, and reachable from here?"),
)


@dataclass(frozen=True)
class Elsewhere:
    """A renderer that is reached through a command's stdin and stdout.

    name: what it is called in the window.
    command: the command, word by word.
    host, port: of ssh, as they are named to it; empty of any other command.
    """

    name: str
    command: tuple[str, ...]
    host: str = ""
    port: str = ""

    @property
    def key(self) -> str:
        """Part of a file name that tells this machine from others, whatever its Python is."""
        exactly = self.host or " ".join(("cmd:", *self.command))
        plain = re.sub(r"[^A-Za-z0-9.@_]+", "-", self.name)
        return f"{plain}-{zlib.crc32(exactly.encode(errors='surrogateescape')):08x}"

    def remedy(self, said: str) -> str:
        """What to do where the command failed and said so."""
        words = said.lower()
        host = f"{self.host}:{self.port}" if self.port else self.host
        place = f"ssh://{host}/path/to/python" if host else "python -m renderer.server"
        found = (text for sign, text in _REMEDIES if sign in words)
        default = "See whether the command works in a terminal." if not self.host else ""
        return next(found, default).format(host=self.host, place=place)


def parse_elsewhere(text: str) -> Elsewhere:
    """The renderer that a user names by `ssh://…` or `cmd:…`. Raises UserError."""
    if text.startswith("cmd:"):
        try:
            words = shlex.split(text.removeprefix("cmd:"))
        except ValueError as error:
            raise UserError(f"The command of --renderer cannot be read: {error}.", _HOW) from error
        if not words:
            raise UserError("--renderer cmd: names no command.", _HOW)
        return Elsewhere(escaped(" ".join(words), 40), tuple(words))
    match = _SSH.fullmatch(text)
    if match is None or int(match["port"] or 22) > 65535:
        raise UserError(f"{escaped(text, 80)} names no renderer.", _HOW)
    host = match["host"].strip("[]")
    target = f"{match['user']}@{host}" if match["user"] else host
    port = ("-p", match["port"]) if match["port"] else ()
    python = match["python"] or ""
    # It goes through a shell there, and `~` is the only thing that is left to it.
    python = f"~{shlex.quote(python[2:])}" if python.startswith("/~/") else shlex.quote(python)
    start = f"exec {python if match['python'] else 'python3'} -P -X faulthandler -m renderer.server"
    return Elsewhere(
        target, ("ssh", *_OPTIONS, *port, "--", target, start), target, match["port"] or ""
    )
