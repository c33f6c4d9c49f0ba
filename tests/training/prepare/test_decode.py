"""Every kind of picture: what `decode` makes of it, against Pillow or arithmetic."""

from __future__ import annotations

import contextlib
import io
import struct
import warnings
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageOps

from common.images import decode as decoding
from common.images.decode import WHITE, SkipError
from tests.training.data.dataset_files import noise, png


def decode(data: bytes, background=WHITE) -> tuple[Image.Image, list[str]]:
    decoded = decoding.decode(data, background)
    return decoded.image, decoded.notes


def file(image: Image.Image, kind: str = "PNG", **options) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def smooth(*shape: int) -> np.ndarray:
    y, x = np.mgrid[: shape[0], : shape[1]]
    planes = [(3 * x + y * (i + 1)) % 256 for i in range(shape[2] if len(shape) > 2 else 1)]
    return np.stack(planes, -1).astype(np.uint8).reshape(shape)


def plain(data: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP", "TIFF"])
def test_rgb_is_what_pillow_reads(kind):
    data = file(Image.fromarray(smooth(20, 30, 3)), kind)
    image, notes = decode(data)
    assert image.mode == "RGB"
    assert np.array_equal(np.asarray(image), plain(data))
    assert notes == []


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "BMP", "TIFF", "GIF"])
def test_grey_stays_grey(kind):
    data = file(Image.fromarray(smooth(20, 30)), kind)
    image, notes = decode(data)
    assert image.mode == "L"
    with Image.open(io.BytesIO(data)) as same:
        assert np.array_equal(np.asarray(image), np.asarray(same.convert("L")))
    assert notes == ([] if kind != "GIF" else ["palette converted to grey"])


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_rotation_is_applied_and_not_kept(kind, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = file(Image.fromarray(smooth(16, 24, 3)), kind, exif=exif)
    image, notes = decode(data)
    with Image.open(io.BytesIO(data)) as expected:
        upright = np.asarray(ImageOps.exif_transpose(expected))
    assert np.array_equal(np.asarray(image), upright)
    assert image.size == ((16, 24) if orientation >= 5 else (24, 16))
    assert image.info == {}
    if kind != "TIFF":  # Pillow itself turns those
        assert notes == (["turned upright as EXIF says"] if orientation > 1 else [])


def test_broken_exif_of_a_sound_picture_does_no_harm():
    picture = Image.fromarray(smooth(16, 24, 3))
    image, _ = decode(file(picture, "JPEG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff"))
    assert np.array_equal(np.asarray(image), plain(file(picture, "JPEG")))


@pytest.mark.parametrize("background", [(255, 255, 255), (0, 0, 0), (10, 200, 77)])
def test_transparency_is_laid_on_the_background(background):
    pixels = smooth(20, 30, 4)
    image, notes = decode(png(pixels), background)
    alpha = pixels[:, :, 3:].astype(int)
    exact = (pixels[:, :, :3] * alpha + np.array(background) * (255 - alpha)) / 255
    assert image.mode == "RGB"
    assert np.abs(np.asarray(image) - exact).max() <= 0.5 + 1e-9
    assert notes == ["transparency laid on the background"]


def test_an_alpha_channel_that_hides_nothing_changes_nothing():
    pixels = smooth(20, 30, 4)
    pixels[:, :, 3] = 255
    image, notes = decode(png(pixels))
    assert np.array_equal(np.asarray(image), pixels[:, :, :3])
    assert notes == []


def test_grey_with_alpha_stays_grey_on_a_grey_background_only():
    image = Image.fromarray(smooth(8, 8, 2), "LA")
    assert decode(file(image))[0].mode == "L"
    assert decode(file(image), (255, 0, 0))[0].mode == "RGB"


def test_palettes_with_and_without_transparency():
    indices = smooth(16, 16) % 4
    palette = [10, 20, 30, 200, 0, 0, 0, 200, 0, 0, 0, 200]
    image = Image.fromarray(indices, "P")
    image.putpalette(palette)
    colours = np.array(palette).reshape(4, 3)[indices]
    got, notes = decode(file(image))
    assert np.array_equal(np.asarray(got), colours)
    assert notes == ["palette converted to RGB"]
    seen, _ = decode(file(image, transparency=1), (1, 2, 3))
    colours[indices == 1] = (1, 2, 3)
    assert np.array_equal(np.asarray(seen), colours)
    some, _ = decode(file(image, transparency=bytes([255, 255, 0, 255])), (1, 2, 3))
    assert (np.asarray(some)[indices == 2] == (1, 2, 3)).all()


def test_a_transparent_colour_of_rgb_and_of_grey():
    pixels = smooth(8, 8, 3)
    pixels[2, 3] = (9, 8, 7)
    got, _ = decode(file(Image.fromarray(pixels), transparency=(9, 8, 7)))
    assert tuple(np.asarray(got)[2, 3]) == (255, 255, 255)
    grey = smooth(8, 8)
    got, _ = decode(file(Image.fromarray(grey), transparency=int(grey[4, 4])), (0, 0, 0))
    assert (np.asarray(got) == np.where(grey == grey[4, 4], 0, grey)).all()


def test_cmyk():
    for kind in ("JPEG", "TIFF"):
        data = file(Image.fromarray(smooth(16, 16, 4), "CMYK"), kind)
        image, notes = decode(data)
        with Image.open(io.BytesIO(data)) as same:
            assert np.array_equal(np.asarray(image), np.asarray(same.convert("RGB")))
        assert notes == ["CMYK converted to RGB"]


def test_sixteen_bit_grey_is_rounded_not_cut():
    values = np.array([[0, 128, 129, 256], [257, 32768, 65406, 65535]], np.uint16)
    for kind in ("PNG", "TIFF"):
        image, notes = decode(file(Image.fromarray(values), kind))
        assert image.mode == "L"
        assert np.array_equal(np.asarray(image), np.round(values / 257))
        assert notes == ["16-bit grey rounded to 8 bits"]


def test_one_bit_becomes_grey():
    image, _ = decode(file(Image.fromarray(smooth(8, 8) > 20)))
    assert image.mode == "L"
    assert set(np.unique(np.asarray(image))) <= {0, 255}


def test_float_and_32_bit_pixels_are_left_out():
    for pixels in (np.zeros((8, 8), np.float32), np.full((8, 8), 1 << 20, np.int32)):
        with pytest.raises(SkipError, match="pixels of a kind that is not read"):
            decode(file(Image.fromarray(pixels), "TIFF"))


def test_an_icc_profile_is_converted_to_srgb_and_srgb_left_alone():
    pixels = smooth(16, 16, 3)
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    got, notes = decode(file(Image.fromarray(pixels), icc_profile=srgb))
    assert np.array_equal(np.asarray(got), pixels)
    assert notes == []
    got, notes = decode(file(Image.fromarray(pixels), icc_profile=swapped_primaries(srgb)))
    assert notes == ["ICC profile converted to sRGB"]
    # In that profile red is what sRGB calls green, and the reverse.
    assert np.abs(np.asarray(got).astype(int) - pixels[:, :, [1, 0, 2]]).max() <= 2
    got, notes = decode(file(Image.fromarray(pixels), icc_profile=b"no profile"))
    assert np.array_equal(np.asarray(got), pixels)
    assert notes == ["unusable ICC profile ignored"]


def swapped_primaries(profile: bytes) -> bytes:
    """An sRGB profile whose tags of red and green are exchanged, under another name."""
    swap = {b"rXYZ": b"gXYZ", b"gXYZ": b"rXYZ"}
    data = bytearray(profile)
    for i in range(struct.unpack_from(">I", data, 128)[0]):
        at = 132 + 12 * i
        data[at : at + 4] = swap.get(bytes(data[at : at + 4]), data[at : at + 4])
    for text in ("sRGB", "sRGB".encode("utf-16-be").decode("latin-1")):
        data = data.replace(text.encode("latin-1"), text.replace("s", "t").encode("latin-1"))
    return bytes(data)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_header(width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 100)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels)


SOUND = file(Image.fromarray(noise(0, 32, 32, 3)), "JPEG")
BAD = {
    "empty file": b"",
    "not an image of a kind that is read": b"hello, world",
    "more than 120 million pixels (a decompression bomb?)": png_header(100_000, 100_000),
    "more pixels than its bytes can hold (a decompression bomb?)": png_header(10_000, 10_000),
    "corrupt or truncated": SOUND[: len(SOUND) // 2],
}


@pytest.mark.parametrize("reason", BAD)
def test_bad_files_are_left_out_for_a_reason(reason):
    with pytest.raises(SkipError) as skip:
        decode(BAD[reason])
    assert skip.value.reason == reason


def test_no_pixels_and_half_a_png_are_left_out():
    whole = png(noise(0, 64, 64, 3))
    for data in (png_header(0, 5), png_header(5, 0), whole[:-500], whole[:40]):
        with pytest.raises(SkipError):
            decode(data)


SEEDS = [
    file(Image.fromarray(smooth(12, 12, 3)), kind) for kind in ("PNG", "JPEG", "WEBP", "BMP", "GIF")
] + [
    file(Image.fromarray(smooth(12, 12, 3)), "TIFF", compression="tiff_lzw"),
    file(Image.fromarray(smooth(12, 12).astype(np.uint16)), "PNG"),
]


@settings(max_examples=300, deadline=None)
@given(
    seed=st.sampled_from(SEEDS),
    edits=st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), min_size=1, max_size=6),
    keep=st.floats(0.1, 1),
)
def test_any_damage_gives_a_picture_or_a_reason(seed, edits, keep):
    data = bytearray(seed[: int(len(seed) * keep)])
    for where, byte in edits:
        data[int(where * len(data))] = byte
    with warnings.catch_warnings(record=True) as warned, contextlib.suppress(SkipError):
        image, _ = decode(bytes(data))
        assert image.mode in ("L", "RGB")
        image.load()
    assert not warned
