"""Writing pickles of plain data, and of calls by name, without importing what they name.

The instructions are those of PEP 307 (protocol 2) and PEP 3154 (long byte strings, protocol 4).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

from networks.pickles.data import Record


def pickled(value: Any) -> Iterator[bytes]:
    """A pickle, piece by piece: of text, numbers, bytes, None, lists, tuples, tables and records.

    A record becomes the call that it describes. One that is met again is the same object.
    Raises TypeError for anything else.
    """
    yield b"\x80\x04"
    yield from _value(value, {})
    yield b"."


def _value(value: Any, memo: dict[int, int]) -> Iterator[bytes]:
    match value:
        case None:
            yield b"N"
        case bool():
            yield b"\x88" if value else b"\x89"
        case int():
            raw = value.to_bytes(9, "little", signed=True)
            yield b"\x8a" + bytes([len(raw)]) + raw
        case float():
            yield b"G" + struct.pack(">d", value)
        case str():
            raw = value.encode("utf-8")
            yield b"X" + struct.pack("<I", len(raw)) + raw
        case bytes():
            yield b"\x8e" + struct.pack("<Q", len(value))
            yield value
        case list():
            yield b"]("
            for item in value:
                yield from _value(item, memo)
            yield b"e"
        case tuple():
            yield b"("
            for item in value:
                yield from _value(item, memo)
            yield b"t"
        case dict():
            yield b"}("
            for key, item in value.items():
                yield from _value(key, memo)
                yield from _value(item, memo)
            yield b"u"
        case Record() if id(value) in memo:
            yield b"j" + struct.pack("<I", memo[id(value)])
        case Record():
            module, _, name = value.name.rpartition(".")
            yield b"c" + f"{module}\n{name}\n".encode()
            yield from _value(value.args, memo)
            memo[id(value)] = len(memo)
            yield b"Rr" + struct.pack("<I", memo[id(value)])
            if value.state is not None:
                yield from _value(value.state, memo)
                yield b"b"
        case _:
            raise TypeError(f"a {type(value).__name__} cannot be written")
