"""What a renderer on another machine says first, before anything that could be misunderstood.

It is one line, behind a mark by which it is found: shells greet their users too, and what they
print comes out of the same pipe.
"""

from __future__ import annotations

import hashlib
from typing import Any, BinaryIO, Final

import msgspec
from msgspec import Struct

from common.errors import UserError
from common.words import escaped
from renderer.messages.cluster_job import ClusterChannels
from renderer.messages.disk_call import CALLS
from renderer.messages.drag_job import Drag
from renderer.messages.find_job import FindDirections
from renderer.messages.jobs import Export, Load, SaveW
from renderer.messages.project_job import Project
from renderer.messages.to_renderer import ToRenderer
from renderer.messages.to_window import ToWindow

MARK: Final = b"\x00ganscope renderer "
UNKNOWN: Final = "not installed"
"""The version of a program that runs where it lies, without having been installed."""
MOST: Final = 64 << 10
"""Bytes that may come before the mark, and the longest greeting."""
JOBS: Final = (Load, SaveW, Export, Project, FindDirections, ClusterChannels, Drag)
"""The types of every job, which messages hold encoded."""


class Greeting(Struct, frozen=True):
    """The first words of a renderer.

    version: of the program there.
    messages: tells its messages from those of other versions (`messages_of_this_version`).
    host: the name of its machine.
    bundled: the path of the bundled snapshot there.
    """

    version: str
    messages: str
    host: str
    bundled: str = ""


def version() -> str:
    """The version of the program that is installed here."""
    from importlib import metadata  # it takes long to import, and few need it

    try:
        return metadata.version("ganscope")
    except metadata.PackageNotFoundError:
        return UNKNOWN


def messages_of_this_version() -> str:
    """Eight characters that change with the fields of any message, so that nobody has to count."""
    _, parts = msgspec.json.schema_components([ToRenderer, ToWindow, *JOBS])
    text = msgspec.json.encode((_bare(parts), sorted(CALLS)), order="deterministic")
    return hashlib.sha256(text).hexdigest()[:8]


def _bare(schema: Any) -> Any:
    """A JSON schema without its words."""
    if isinstance(schema, dict):
        return {k: _bare(v) for k, v in schema.items() if k not in ("description", "title")}
    return [_bare(one) for one in schema] if isinstance(schema, list | tuple) else schema


def write_greeting(writer: BinaryIO, greeting: Greeting) -> None:
    """Say who is there. Raises OSError."""
    writer.write(MARK + msgspec.json.encode(greeting) + b"\n")
    writer.flush()


def read_greeting(reader: BinaryIO) -> tuple[Greeting | None, str]:
    """The greeting, None where the stream ends before; and what was printed in its place or before.

    Reads byte by byte, so that what follows stays in the stream.
    """
    before = bytearray()
    while len(before) < MOST:
        byte = reader.read(1)
        if not byte:
            return None, _words(before)
        before += byte
        if before.endswith(MARK):
            line = reader.readline(MOST)
            said = _words(before[: -len(MARK)])
            try:
                return msgspec.json.decode(line, type=Greeting), said
            except (msgspec.DecodeError, UnicodeDecodeError):
                return None, said
    return None, _words(before)


def check_greeting(greeting: Greeting, place: str) -> None:
    """Raises UserError where messages there are others than here.

    place: where it is, as the user named it.
    """
    ours = messages_of_this_version()
    if greeting.messages == ours:
        return
    if greeting.version == version() != UNKNOWN:
        raise UserError(
            f"ganscope on {place} and this one are different revisions of version {version()} "
            f"(messages {escaped(greeting.messages)} and {ours}); they do not understand each "
            "other.",
            "Install the same revision on both machines.",
        )
    raise UserError(
        f"ganscope on {place} is version {escaped(greeting.version)} "
        f"(messages {escaped(greeting.messages)}), and this one is {version()} (messages {ours}); "
        "they do not understand each other.",
        "Install the same version on both machines.",
    )


def other_version(greeting: Greeting, place: str) -> str:
    """What is to be said where another version understands ours; empty where it is the same.

    place: where it is, as the user named it.
    """
    there, here = greeting.version, version()
    if there == here or UNKNOWN in (there, here):
        return ""
    return (
        f"ganscope on {place} is version {escaped(there)}, and this one is {here}. They understand "
        "each other, but pictures may differ from those that are drawn here. Install the same "
        "version on both machines."
    )


def _words(data: bytes | bytearray) -> str:
    lines = [line.strip() for line in data.decode(errors="replace").splitlines() if line.strip()]
    return escaped(lines[-1], 200) if lines else ""
