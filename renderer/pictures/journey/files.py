"""Journeys in files: `NAME.journey.json`, and inside the videos and pictures that we write."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from common.errors import UserError
from common.files import write_atomically
from renderer.messages.journey import VERSION, Journey
from renderer.pictures.journey.order import check
from renderer.pictures.metadata import read_json

SUFFIX: Final = ".journey.json"
"""How the name of a journey's file ends."""


class _Carrier(Struct, frozen=True):
    """What of a session is looked for: its journey."""

    journey: Journey | None = None


def named(path: str | Path) -> Path:
    """Return a path with the ending of a journey's file, which is added where it is missing."""
    path = Path(path)
    if path.name.lower().endswith(SUFFIX):
        return path
    stem = path.name.removesuffix(".json")
    return path.with_name(f"{stem}{SUFFIX}")


def write_journey(path: str | Path, journey: Journey) -> None:
    """Write a journey as JSON, atomically. Raises UserError where it cannot be written."""
    write_atomically(path, msgspec.json.format(msgspec.json.encode(journey), indent=1) + b"\n")


def read_journey(path: str | Path) -> Journey:
    """Return the journey in a file: its own JSON, or a session, MP4 or PNG that carries one.

    Raises UserError for anything else.
    """
    return decode_journey(read_json(path), str(path))


def decode_journey(json: bytes, where: str) -> Journey:
    """Return the journey in the JSON of one, or in that of a session.

    where: what errors call the JSON. Raises UserError where it holds none, or one without keys.
    """
    try:
        fields = msgspec.json.decode(json)
        if isinstance(fields, dict) and "keys" in fields:
            journey: Journey | None = msgspec.json.decode(json, type=Journey)
        else:
            journey = msgspec.json.decode(json, type=_Carrier).journey
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UserError(
            f"{where} holds no journey: {str(error).rstrip('.')}.",
            f"Journeys are saved by the panel Journey, as NAME{SUFFIX}.",
        ) from error
    except RecursionError as error:
        raise UserError(f"{where} holds no journey: it is nested too deeply.") from error
    if journey is None or not journey.keys:
        raise UserError(
            f"{where} holds no journey.", "Save one in the panel Journey, or name another file."
        )
    try:
        check(journey)
    except ValueError as error:
        raise UserError(f"{where} holds no journey that can be gone: {error}.") from error
    if journey.version > VERSION:
        raise UserError(
            f"{where} was written by a newer ganscope (journeys of version {journey.version}).",
            "Update ganscope.",
        )
    return journey


def is_journey(path: str | Path) -> bool:
    """Say whether a file is a journey's by its name."""
    return str(path).lower().endswith(SUFFIX)
