"""The command line that makes the same picture as a session."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

import msgspec

from renderer.messages.model import ModelInfo
from renderer.messages.options import EngineOptions
from renderer.messages.request import RenderRequest
from viz.session.changes import mixing
from viz.session.parameters import table
from viz.session.session import Session

PROGRAM = ("python", "visualizer.py")
"""What the command line begins with."""
OUTDIR = "out"
"""The folder that the command line writes to."""
LONGEST_ARGUMENT = (1 << 17) - 1
"""The most bytes of one argument that Linux takes (execve(2), MAX_ARG_STRLEN)."""


@dataclass(frozen=True)
class CommandLine:
    """A command line, and what to tell who copies it.

    text: the command, quoted for a POSIX shell.
    note: what flags could not say where it is not made of them, or that no shell takes it.
    """

    text: str
    note: str


def command_line(
    session: Session, model: ModelInfo | None, options: EngineOptions | None = None
) -> CommandLine:
    """Return the command line that makes the picture of a session.

    It is `generate` or `style-mix` with the flags that people write, or `generate --request` with
    the whole request for what these cannot say.
    model: facts on the network; without them the request is always written out.
    options: of the renderer; those that were left to it are not named.
    """
    request = session.render
    unsaid = _unsaid(request, model) if model is not None else []
    if model is None or unsaid:
        flags = ["generate", "--request", msgspec.json.encode(request).decode()]
    else:
        flags = _flags(request, model)
    note = "Copied as a command line."
    if any(len(flag.encode()) > LONGEST_ARGUMENT for flag in flags):
        note = "Too long for a shell: save the picture, and give --request its PNG instead."
    elif unsaid:
        note = f"Copied as a command line with --request: flags cannot say {', '.join(unsaid)}."
    return CommandLine(shlex.join([*PROGRAM, *flags, *_engine(options), "--outdir", OUTDIR]), note)


def _flags(request: RenderRequest, model: ModelInfo) -> list[str]:
    """Return the command and its flags, for a request of which all can be said."""
    command = "style-mix" if mixing.heard(request.mix, model.num_ws) else "generate"
    said = (parameter.as_flags(request, model) or [] for parameter in table.PARAMETERS)
    return [command, *(flag for flags in said for flag in flags)]


def _unsaid(request: RenderRequest, model: ModelInfo) -> list[str]:
    """Return what flags cannot say, in words."""
    return [p.noun for p in table.PARAMETERS if p.as_flags(request, model) is None]


def _engine(options: EngineOptions | None) -> list[str]:
    """Return the flags of what was chosen by hand."""
    flags: list[str] = []
    if options is not None and options.device != "auto":
        flags += ["--device", options.device]
    if options is not None and options.precision != "auto":
        flags += ["--precision", options.precision]
    return flags
