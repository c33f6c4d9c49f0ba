"""OSC 1.0 packets in and out of bytes. What is damaged is refused, whatever it is.

Bundles are taken apart here: python-osc goes round in circles where the size of an element is
negative. Their time tags are not heeded: everything counts at once.
"""

from __future__ import annotations

import math
import struct
from typing import Final

from pythonosc.osc_message import OscMessage, ParseError
from pythonosc.osc_message_builder import OscMessageBuilder

BUNDLE: Final = b"#bundle\x00"
"""What a bundle begins with; its time tag of 8 bytes follows."""
DEEPEST: Final = 8
"""How many bundles may lie in each other."""
TAGS: Final = frozenset("ifdhsbrmtTFN[]")
"""The types of arguments that python-osc reads; of others it would not know the length."""


class MalformedError(Exception):
    """A packet that is no OSC; the text says why."""


def messages(packet: bytes, depth: int = 0) -> list[tuple[str, float | None]]:
    """Return the messages of a packet: their addresses and first numbers, None for none at all.

    depth: how many bundles it lies in. Raises MalformedError.
    """
    if packet.startswith(BUNDLE):
        if depth >= DEEPEST:
            raise MalformedError("bundles lie too deep in each other")
        return [one for part in _parts(packet) for one in messages(part, depth + 1)]
    if not packet.startswith(b"/"):
        raise MalformedError("it begins with no address")
    return [_message(packet)]


def _parts(bundle: bytes) -> list[bytes]:
    """Return the elements of a bundle. Raises MalformedError."""
    at, parts = len(BUNDLE) + 8, []
    if len(bundle) < at:
        raise MalformedError("the time tag is cut off")
    while at < len(bundle):
        if at + 4 > len(bundle):
            raise MalformedError("the size of an element is cut off")
        size = int.from_bytes(bundle[at : at + 4], "big", signed=True)
        at += 4
        if size <= 0 or size % 4 or at + size > len(bundle):
            raise MalformedError(f"an element cannot have {size} bytes")
        parts.append(bundle[at : at + size])
        at += size
    return parts


def _message(packet: bytes) -> tuple[str, float | None]:
    _, _, rest = packet.partition(b"\x00")
    tags = rest.lstrip(b"\x00").partition(b"\x00")[0].decode("latin-1")
    if tags and (not tags.startswith(",") or not TAGS.issuperset(tags[1:])):
        raise MalformedError("its types are not known")
    try:
        message = OscMessage(packet)
        address, arguments = str(message.address), message.params
    except (ParseError, ValueError, IndexError, OverflowError, struct.error) as error:
        raise MalformedError(str(error)) from error
    if not address.isprintable():
        raise MalformedError("its address has control characters")
    numbers = (float(each) for each in arguments if isinstance(each, bool | int | float))
    value = next(numbers, None)
    if value is not None and not math.isfinite(value):
        raise MalformedError("its number is not finite")
    return address, value


def packet(address: str, value: float) -> bytes:
    """Return the message with one float of 32 bits."""
    builder = OscMessageBuilder(address)
    builder.add_arg(float(value), OscMessageBuilder.ARG_TYPE_FLOAT)
    return bytes(builder.build().dgram)
