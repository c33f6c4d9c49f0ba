"""Calls of a `Disk` as messages: what the window asks of the disk of a renderer far away."""

from __future__ import annotations

import types
import zlib
from functools import cache
from typing import Any, Final, get_type_hints

import msgspec
from msgspec import Struct

from common.errors import UserError
from common.runs.disk import Disk
from renderer.messages.failure import explain
from renderer.messages.to_renderer import Ask
from renderer.messages.to_window import Answer

CALLS: Final = frozenset(
    {
        "home",
        "scan",
        "snapshots_in",
        "look",
        "read",
        "complete",
        "room",
        "find",
        "class_names",
        "image",
    }
)
"""The calls that are answered; none of them writes."""
LONGEST: Final = 256 << 10
"""Bytes of a file that one answer holds, so that pictures need not wait long for it."""
MOST: Final = 64 << 20
"""Bytes that an answer may have once it is unpacked."""
_SMALL: Final = 1 << 10  # bytes that are not worth packing


class Trouble(Struct, frozen=True):
    """Why a call has no result.

    errno: of the system's error, 0 where it has none, None where it is an error of the user's.
    """

    message: str
    remedy: str = ""
    errno: int | None = None


@cache
def _types(call: str) -> tuple[Any, Any]:
    hints = get_type_hints(getattr(Disk, call))
    result = hints.pop("return")
    return types.GenericAlias(tuple, tuple(hints.values())), result


def ask(id: int, call: str, *arguments: object) -> Ask:
    """A call as a message. Raises UserError for a path that is no valid Unicode."""
    try:
        return Ask(id, call, msgspec.msgpack.encode(arguments))
    except UnicodeEncodeError as error:
        raise UserError("This path is no valid Unicode, so it cannot be used.") from error


def answer(disk: Disk, message: Ask) -> Answer:
    """Do what is asked. Whatever goes wrong is in the answer."""
    try:
        if message.call not in CALLS:
            raise UserError(f"The renderer knows no call {message.call}.", "Update the program.")
        arguments = msgspec.msgpack.decode(message.arguments, type=_types(message.call)[0])
        result = msgspec.msgpack.encode(getattr(disk, message.call)(*arguments))
    except UserError as error:
        return _failed(message.id, Trouble(error.message, error.remedy))
    except (OSError, ValueError) as error:  # a NUL in a path, a name that is no Unicode
        number = getattr(error, "errno", None) or 0
        words = getattr(error, "strerror", None) or str(error)
        return _failed(message.id, Trouble(words, errno=number))
    except Exception as error:  # noqa: BLE001 - told to who asked; the next call may do better
        failure = explain(error)
        return _failed(message.id, Trouble(failure.message, failure.remedy))
    if len(result) <= _SMALL:
        return Answer(message.id, result)
    return Answer(message.id, zlib.compress(result, 1), packed=True)


def _failed(id: int, trouble: Trouble) -> Answer:
    return Answer(id, msgspec.msgpack.encode(trouble), failed=True)


def result_of(call: str, message: Answer, path: str = "") -> Any:
    """The result of a call. Raises what it raised there, and OSError where that cannot be read.

    path: what the call was about, for the error.
    """
    try:
        data = message.result
        if message.packed:
            data = zlib.decompressobj().decompress(data, MOST)
        if not message.failed:
            return msgspec.msgpack.decode(data, type=_types(call)[1])
        trouble = msgspec.msgpack.decode(data, type=Trouble)
    except (ValueError, zlib.error) as error:  # DecodeError is a ValueError, as is bad UTF-8
        raise OSError(0, f"an answer that cannot be read: {error}", path or None) from error
    if trouble.errno is None:
        raise UserError(trouble.message, trouble.remedy)
    raise OSError(trouble.errno, trouble.message, path or None)
