"""OSC packets: ours are read again, and nothing that arrives does any harm."""

from __future__ import annotations

import math
import struct

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pythonosc.osc_bundle_builder import OscBundleBuilder
from pythonosc.osc_message_builder import OscMessageBuilder

from viz.control.osc_packets import BUNDLE, MalformedError, messages, packet

NEVER = bytes(8)
"""A time tag."""


def element(content: bytes, size: int | None = None) -> bytes:
    """Return an element of a bundle. size: what it says of itself, None for the truth."""
    return struct.pack(">i", len(content) if size is None else size) + content


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_what_we_send_is_what_we_read(value: float) -> None:
    assert messages(packet("/ganscope/truncation/psi", value)) == [
        ("/ganscope/truncation/psi", value)
    ]


@pytest.mark.parametrize(
    ("tag", "argument", "value"),
    [("i", -3, -3.0), ("d", 0.1, 0.1), ("h", 1 << 40, float(1 << 40)), ("T", True, 1.0)],
)
def test_every_kind_of_number_counts(tag: str, argument: object, value: float) -> None:
    builder = OscMessageBuilder("/1/fader")
    builder.add_arg("first comes a name", "s")
    builder.add_arg(argument, tag)
    assert messages(builder.build().dgram) == [("/1/fader", value)]


def test_a_message_without_a_number_is_a_press() -> None:
    assert messages(OscMessageBuilder("/go").build().dgram) == [("/go", None)]
    assert messages(b"/go\0") == [("/go", None)]


def test_bundles_are_opened_whatever_their_time() -> None:
    inner = OscBundleBuilder(0)
    for name in ("/a", "/b"):
        builder = OscMessageBuilder(name)
        builder.add_arg(1.0)
        inner.add_content(builder.build())
    outer = OscBundleBuilder(2e9)
    outer.add_content(inner.build())
    assert messages(outer.build().dgram) == [("/a", 1.0), ("/b", 1.0)]


def deep(depth: int) -> bytes:
    """Return a message inside so many bundles."""
    content = packet("/a", 1.0)
    for _ in range(depth):
        content = BUNDLE + NEVER + element(content)
    return content


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        b"\0" * 64,
        b"hello",
        BUNDLE,
        BUNDLE + NEVER + b"\0\0",
        BUNDLE + NEVER + element(b"", -4),  # python-osc would never come back from this
        BUNDLE + NEVER + element(b"", 0),
        BUNDLE + NEVER + element(b"/a\0\0", 400),
        deep(1000),
        b"/a\0\0,f\0\0" + struct.pack(">f", math.nan),
        b"/a\0\0,d\0\0" + struct.pack(">d", math.inf),
        b"/a\0\0,z\0\0",
        b"/a\0\0,[\0\0",
        b"/a\0\0f\0\0\0\0\0\0\0",
        b"/\xff\xfe\0,i\0\0\0\0\0\1",
        b"/a\x1b[31m\0\0,i\0\0\0\0\0\1",
    ],
)
def test_what_is_damaged_is_refused(damaged: bytes) -> None:
    with pytest.raises(MalformedError):
        messages(damaged)


def test_seven_bundles_in_each_other_are_none_too_many() -> None:
    assert messages(deep(7)) == [("/a", 1.0)]


CHUNKS = st.sampled_from(
    [b"/ganscope/truncation/psi", b"\0", b"\0\0\0", b",", b"f", b"i", b"[", b"]", BUNDLE, NEVER]
)


@given(st.one_of(st.binary(max_size=300), st.lists(st.one_of(CHUNKS, st.binary(max_size=9)))))
@example([b"/a\0\0,", b"t" * 2000, b"\0", b"\xff" * 16000])
def test_no_packet_raises_anything_else(junk: bytes | list[bytes]) -> None:
    data = junk if isinstance(junk, bytes) else b"".join(junk)
    for prefix in (b"", b"/a\0\0,", BUNDLE + NEVER):
        try:
            found = messages(prefix + data)
        except MalformedError:
            continue
        for address, value in found:
            assert address.isprintable()
            assert value is None or math.isfinite(value)


@given(st.integers(0, 60), st.integers(0, 255))
def test_one_wrong_byte_does_no_harm(place: int, byte: int) -> None:
    whole = bytearray(BUNDLE + NEVER + element(packet("/ganscope/noise/strength", 0.5)))
    whole[place % len(whole)] = byte
    try:
        messages(bytes(whole))
    except MalformedError:
        return
