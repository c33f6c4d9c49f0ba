"""Renderers on other machines: how one is named, and by which command it is reached."""

from __future__ import annotations

import os
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


@dataclass(frozen=True)
class Elsewhere:
    """A renderer that is reached through a command's stdin and stdout.

    name: what it is called in the window.
    command: the command, word by word; no shell reads it.
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
        plain = re.sub(r"[^A-Za-z0-9.@_]+", "-", self.host or self.name)
        return f"{plain}-{zlib.crc32(exactly.encode(errors='surrogateescape')):08x}"

    @property
    def address(self) -> str:
        """Host and port as a URL holds them; empty of any command but ssh."""
        return _address(self.host, self.port)


def parse_elsewhere(text: str) -> Elsewhere:
    """The renderer that a user names by `ssh://…` or `cmd:…`. Raises UserError."""
    if text.startswith("cmd:"):
        try:
            words = shlex.split(text.removeprefix("cmd:"))
        except ValueError as error:
            raise UserError(f"The command of --renderer cannot be read: {error}.", _HOW) from error
        if not words:
            raise UserError("--renderer cmd: names no command.", _HOW)
        program, *rest = words
        return Elsewhere(escaped(" ".join(words), 40), (os.path.expanduser(program), *rest))
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
    command = ("ssh", *_OPTIONS, *port, "--", target, start)
    number = match["port"] or ""
    return Elsewhere(_address(target, number), command, target, number)


def _address(target: str, port: str) -> str:
    """Return `user@host:port`, the host in brackets where it has colons of its own."""
    if not port:
        return target
    user, at, host = target.rpartition("@")
    return f"{user}{at}[{host}]:{port}" if ":" in host else f"{target}:{port}"
