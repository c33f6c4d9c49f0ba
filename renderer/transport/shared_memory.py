"""Pixels in shared memory: a ring of slots that the renderer writes and the window looks into.

The renderer owns a ring. It writes a picture into a free slot and names that slot in a message;
the slot is the window's until the window gives it back, so a picture on its way to the screen is
never written over. Who holds what is known from messages alone, and so there is nothing to lock.

Nothing is left behind when a process is killed: the window removes the segment's name as soon as
it has mapped it, and from then on the memory goes when the last of the two processes does.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from common.errors import UserError
from renderer.transport.segment import create_segment, open_segment, remove_segment

Pixels = npt.NDArray[np.uint8]

SLOTS = 4  # one on the screen, one waiting for the next window frame, one being written, one spare
_PAGE = 4096
_SMALL = 1 << 20


class Ring:
    """The renderer's side: `slots` equal places for RGBA8 pictures of up to `slot_bytes`."""

    def __init__(self, name: str, slot_bytes: int, slots: int = SLOTS) -> None:
        """Raises UserError where there is no memory for it."""
        self.name = name
        self.slot_bytes = -(-slot_bytes // _PAGE) * _PAGE
        self.size = self.slot_bytes * slots
        try:
            self._memory = create_segment(name, self.size)
        except OSError as error:
            raise UserError(
                f"No shared memory for pictures of {slot_bytes / 2**20:.1f} MiB: {error.strerror}.",
                "Close other programs, or give /dev/shm more room (Docker: --shm-size=1g).",
            ) from error
        self._free = list(range(slots))

    def write(self, pixels: Pixels) -> int | None:
        """Copy a picture [H, W, 4] into a free slot; its number, or None if none is free."""
        if not self._free:
            return None
        slot = self._free.pop(0)
        target = np.frombuffer(self._memory, np.uint8, pixels.size, self.offset(slot))
        np.copyto(target.reshape(pixels.shape), pixels)
        return slot

    def offset(self, slot: int) -> int:
        """Where a slot starts, in bytes."""
        return slot * self.slot_bytes

    def release(self, slot: int) -> None:
        """The window is done with a slot. A slot that is free already stays so."""
        if 0 <= slot < self.size // self.slot_bytes and slot not in self._free:
            self._free.append(slot)

    def suits(self, size: int) -> bool:
        """Whether pictures of `size` bytes fit and leave no large ring nearly unused."""
        return size <= self.slot_bytes and (
            self.slot_bytes <= _SMALL or size * 16 > self.slot_bytes
        )

    def close(self) -> None:
        """Give the memory up; it goes when nobody looks at its pictures any more."""
        remove_segment(self.name)


class RingView:
    """The window's side: read-only pictures in a ring.

    Pictures keep the memory mapped for as long as they exist, whatever becomes of the renderer.
    """

    def __init__(self, name: str, size: int) -> None:
        """Raises OSError where the segment is gone, ValueError where it is smaller than `size`."""
        self.name = name
        self._memory = open_segment(name, size)
        remove_segment(name)

    def picture(self, offset: int, height: int, width: int) -> Pixels:
        """[height, width, 4] without a copy. Raises ValueError where it lies outside."""
        flat = np.frombuffer(self._memory, np.uint8, height * width * 4, offset)
        return flat.reshape(height, width, 4)
