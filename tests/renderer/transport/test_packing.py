"""Pictures as bytes for a line: exact ones come back as they were, and nothing else is taken."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from renderer.messages.to_window import Packing
from renderer.transport.packing import pack_exactly, pack_lossily, unpack


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.integers(1, 70),
    st.integers(1, 70),
    st.sampled_from(["noise", "flat", "transparent", "clear"]),
    st.integers(0, 2**32 - 1),
)
def test_packed_exactly_every_picture_comes_back(
    height: int, width: int, kind: str, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 256, (height, width, 4), np.uint8)
    if kind == "flat":
        pixels[:] = pixels[0, 0]
    if kind in ("noise", "flat"):
        pixels[..., 3] = 255
    if kind == "clear":
        pixels[..., 3] = 0  # whose colours nobody sees, and which are kept all the same
    packing, data = pack_exactly(pixels)
    assert (unpack(packing, data, height, width) == pixels).all()


def test_pictures_too_wide_for_webp_are_exact_too() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (2, 20000, 4), np.uint8)
    packing, data = pack_exactly(pixels)
    assert packing == "zlib"
    assert (unpack(packing, data, 2, 20000) == pixels).all()


def test_views_that_are_not_contiguous_are_packed_as_they_look() -> None:
    pixels = np.random.default_rng(2).integers(0, 256, (60, 40, 4), np.uint8)[::2, ::-1]
    packing, data = pack_exactly(pixels)
    assert (unpack(packing, data, 30, 40) == pixels).all()


def test_a_jpeg_is_near_and_small() -> None:
    y, x = np.mgrid[0:256, 0:256]
    rgb = np.stack([x, y, (x + y) // 2], -1).astype(np.uint8)
    pixels = np.dstack([rgb, np.full((256, 256), 255, np.uint8)])
    packing, data = pack_lossily(pixels)
    shown = unpack(packing, data, 256, 256)
    assert len(data) < pixels.size / 20
    assert np.abs(shown.astype(int) - pixels).mean() < 2
    assert (shown[..., 3] == 255).all()


@pytest.mark.parametrize("packing", ["webp", "jpeg", "zlib", "", "png"])
def test_garbage_is_refused(packing: Packing) -> None:
    for data in (b"", b"garbage" * 9, pack_lossily(np.zeros((4, 4, 4), np.uint8))[1][:-20]):
        with pytest.raises(ValueError, match=r".+"):
            unpack(packing, data, 8, 8)


def test_a_picture_of_another_size_is_refused() -> None:
    for pack in (pack_exactly, pack_lossily):
        packing, data = pack(np.zeros((4, 6, 4), np.uint8))
        with pytest.raises(ValueError, match="not of"):
            unpack(packing, data, 6, 4)
