"""The ring: no slot is written while it is held, nothing is torn, nothing is left behind."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.errors import UserError
from renderer.transport import shared_memory
from renderer.transport.segment import remove_segment
from renderer.transport.shared_memory import Ring, RingView

# A busy machine is no failure.
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

NAME = f"gs-test-{os.getpid():x}-1"


@pytest.fixture(autouse=True)
def _tidy() -> Iterator[None]:
    yield
    assert not remove_segment(NAME), "a segment was left behind"


def picture(value: int, height: int = 8, width: int = 6) -> shared_memory.Pixels:
    return np.full((height, width, 4), value, np.uint8)


def test_every_slot_shows_what_was_written_into_it() -> None:
    ring = Ring(NAME, 8 * 6 * 4, slots=3)
    view = RingView(NAME, ring.size)
    slots = [ring.write(picture(n)) for n in range(3)]
    assert sorted(slots) == [0, 1, 2]
    for n, slot in enumerate(slots):
        shown = view.picture(ring.offset(slot), 8, 6)
        assert shown.shape == (8, 6, 4)
        assert (shown == n).all()
        assert np.shares_memory(shown, view.picture(ring.offset(slot), 8, 6)), "a copy"
        with pytest.raises(ValueError, match="read-only"):
            shown[0] = 0
    ring.close()


def test_rows_and_channels_keep_their_order_also_from_other_layouts() -> None:
    ring = Ring(NAME, 8 * 6 * 4)
    view = RingView(NAME, ring.size)
    source = np.arange(8 * 6 * 4, dtype=np.uint8).reshape(8, 6, 4)
    for pixels in (source, np.asfortranarray(source), source[::-1], source[:5, :3]):
        slot = ring.write(pixels)
        shown = view.picture(ring.offset(slot), *pixels.shape[:2])
        assert (shown == pixels).all()
        ring.release(slot)


@PATIENT
@given(st.lists(st.integers(-2, 6), max_size=60))
def test_a_held_slot_is_never_written(steps: list[int]) -> None:
    """Negative steps write a picture, others release a slot, also ones that are not held."""
    ring = Ring(NAME, 64, slots=4)
    view = RingView(NAME, ring.size)
    held: dict[int, int] = {}
    for value, step in enumerate(steps):
        if step < 0:
            slot = ring.write(picture(value, 4, 4))
            assert (slot is None) == (len(held) == 4)
            if slot is not None:
                assert slot not in held
                held[slot] = value
        else:
            ring.release(step)
            held.pop(step, None)
        for slot, expected in held.items():
            assert (view.picture(ring.offset(slot), 4, 4) == expected).all()


def test_a_reader_never_sees_a_torn_picture() -> None:
    ring = Ring(NAME, 256 * 256 * 4, slots=3)
    view = RingView(NAME, ring.size)
    sent: list[tuple[int, int]] = []
    released: list[int] = []
    arrived = threading.Condition()
    free = threading.Semaphore(3)

    def write() -> None:
        for n in range(600):
            with arrived:
                arrived.wait_for(lambda: free.acquire(blocking=False))
                while released:
                    ring.release(released.pop())
            slot = ring.write(picture(n % 256, 256, 256))
            with arrived:
                sent.append((n % 256, slot))
                arrived.notify()

    writer = threading.Thread(target=write)
    writer.start()
    for _ in range(600):
        with arrived:
            while not sent:
                arrived.wait()
            value, slot = sent.pop(0)
        shown = view.picture(ring.offset(slot), 256, 256)
        assert shown.min() == shown.max() == value
        with arrived:
            released.append(slot)
            free.release()
            arrived.notify()
    writer.join()


def test_memory_lives_as_long_as_a_picture_of_it() -> None:
    ring = Ring(NAME, 64)
    view = RingView(NAME, ring.size)
    shown = view.picture(ring.offset(ring.write(picture(7, 4, 4))), 4, 4)
    ring.close()
    del ring, view
    assert (shown == 7).all()


@pytest.mark.skipif(os.name != "posix", reason="names on Windows go with their last handle")
def test_the_name_is_gone_once_the_window_has_the_memory() -> None:
    ring = Ring(NAME, 64)
    RingView(NAME, ring.size)
    with pytest.raises(FileNotFoundError):
        RingView(NAME, ring.size)


def test_a_view_refuses_what_lies_outside() -> None:
    ring = Ring(NAME, 64)
    with pytest.raises(ValueError, match="size"):
        RingView(NAME, ring.size * 2)
    view = RingView(NAME, ring.size)
    with pytest.raises(ValueError, match="buffer"):
        view.picture(ring.size - 4, 4, 4)


def test_no_room_for_a_ring_is_an_error_with_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(fd: int, offset: int, size: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "posix_fallocate", full, raising=False)
    with pytest.raises(UserError) as raised:
        Ring(NAME, 4 << 20)
    assert "pictures of 4.0 MiB" in raised.value.message
    assert "shm-size" in raised.value.remedy


def test_a_ring_suits_pictures_that_fit_and_use_it() -> None:
    ring = Ring(NAME, 8 << 20, slots=1)
    assert ring.suits(8 << 20)
    assert ring.suits(1 << 20)
    assert not ring.suits((8 << 20) + 1)
    assert not ring.suits(64 << 10), "a large ring is not kept for small pictures"
    ring.close()
    small = Ring(NAME, 1 << 20, slots=1)
    assert small.suits(4)
    small.close()
