"""Messages over a pair of byte streams: a length of four bytes, then the message.

The streams are pipes today; nothing here would change for a socket.
"""

from __future__ import annotations

import struct
import threading
from typing import BinaryIO

from renderer.messages.protocol import encode
from renderer.messages.to_renderer import ToRenderer
from renderer.messages.to_window import ToWindow

_LENGTH = struct.Struct("<I")
MAX_MESSAGE = 64 << 20


class Link:
    """One end. `send` may be called from any thread, `receive` from one."""

    def __init__(self, reader: BinaryIO, writer: BinaryIO) -> None:
        self._reader = reader
        self._writer = writer
        self._sending = threading.Lock()

    def send(self, *messages: ToRenderer | ToWindow) -> None:
        """Write messages. Blocks while the other end is slow; raises OSError when it is gone."""
        data = bytearray()
        for message in messages:
            payload = encode(message)
            data += _LENGTH.pack(len(payload))
            data += payload
        with self._sending:
            self._writer.write(data)
            self._writer.flush()

    def receive(self) -> bytes | None:
        """The next message, or None at the end of the stream (also in the middle of a message).

        Raises ValueError where the stream does not consist of messages.
        """
        head = self._reader.read(_LENGTH.size)
        if len(head) < _LENGTH.size:
            return None
        (length,) = _LENGTH.unpack(head)
        if length > MAX_MESSAGE:
            raise ValueError(f"a message of {length} bytes: the stream is not ours")
        payload = self._reader.read(length)
        return payload if len(payload) == length else None
