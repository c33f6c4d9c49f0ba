"""Messages as bytes for a pipe or a socket: those of the window, and those of the renderer.

What each says stands in `to_renderer.py` and `to_window.py`.
"""

from __future__ import annotations

import msgspec

from renderer.messages.to_renderer import ToRenderer
from renderer.messages.to_window import ToWindow

_encoder = msgspec.msgpack.Encoder()
_to_renderer: msgspec.msgpack.Decoder[ToRenderer] = msgspec.msgpack.Decoder(ToRenderer)
_to_window: msgspec.msgpack.Decoder[ToWindow] = msgspec.msgpack.Decoder(ToWindow)


def encode(message: ToRenderer | ToWindow) -> bytes:
    """One message as bytes."""
    return _encoder.encode(message)


def decode_to_renderer(data: bytes) -> ToRenderer:
    """Raises msgspec.DecodeError (and its subclass ValidationError) on anything else."""
    try:
        return _to_renderer.decode(data)
    except UnicodeDecodeError as error:
        raise msgspec.DecodeError(str(error)) from error


def decode_to_window(data: bytes) -> ToWindow:
    """Raises msgspec.DecodeError (and its subclass ValidationError) on anything else."""
    try:
        return _to_window.decode(data)
    except UnicodeDecodeError as error:
        raise msgspec.DecodeError(str(error)) from error
