"""Pictures of users as networks make theirs: every kind of file, upright, square, and no bombs."""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from common.errors import UserError
from renderer.pictures.target import Crop, read_target

RED, GREEN, BLUE = (220, 30, 30), (30, 200, 30), (30, 30, 220)


def stripes(width: int, height: int) -> Image.Image:
    """Red left, green in the middle half, blue right."""
    picture = Image.new("RGB", (width, height), GREEN)
    picture.paste(RED, (0, 0, width // 4, height))
    picture.paste(BLUE, (width - width // 4, 0, width, height))
    return picture


def near(pixel, colour, within: int = 12) -> bool:
    return bool(np.abs(np.asarray(pixel, int) - colour).max() <= within)


def test_the_square_in_the_middle(tmp_path: Path) -> None:
    stripes(80, 40).save(tmp_path / "a.png")
    target = read_target(tmp_path / "a.png", 16, 3)
    assert target.shape == (16, 16, 3)
    assert all(near(pixel, GREEN) for pixel in target.reshape(-1, 3))


def test_a_crop_of_its_own(tmp_path: Path) -> None:
    stripes(80, 40).save(tmp_path / "a.png")
    assert near(read_target(tmp_path / "a.png", 8, 3, Crop(0, 3, 16))[4, 4], RED)
    assert near(read_target(tmp_path / "a.png", 8, 3, Crop(64, 24, 16))[4, 4], BLUE)
    for crop in (Crop(70, 0, 16), Crop(-1, 0, 16), Crop(0, 0, 41)):
        with pytest.raises(UserError, match="80×40"):
            read_target(tmp_path / "a.png", 8, 3, crop)


def test_turned_upright_before_it_is_cropped(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its left side
    stripes(80, 40).save(tmp_path / "a.jpg", exif=exif, quality=95)
    assert near(read_target(tmp_path / "a.jpg", 8, 3, Crop(0, 0, 16))[4, 4], RED)
    assert near(read_target(tmp_path / "a.jpg", 8, 3, Crop(0, 64, 16))[4, 4], BLUE)


def test_transparency_is_laid_on_the_colour(tmp_path: Path) -> None:
    Image.new("RGBA", (20, 20), (255, 0, 0, 0)).save(tmp_path / "a.png")
    assert near(read_target(tmp_path / "a.png", 8, 3)[4, 4], (255, 255, 255), 0)
    assert near(read_target(tmp_path / "a.png", 8, 3, background=BLUE)[4, 4], BLUE, 0)


def test_transparency_is_kept_for_networks_that_make_it(tmp_path: Path) -> None:
    picture = Image.new("RGBA", (20, 20), (0, 0, 0, 0))
    picture.paste((*RED, 255), (10, 0, 20, 20))
    picture.save(tmp_path / "a.png")
    target = read_target(tmp_path / "a.png", 8, 4)
    assert near(target[4, 7], (*RED, 255), 2)
    assert target[4, 0, 3] == 0
    stripes(20, 20).save(tmp_path / "b.png")
    assert (read_target(tmp_path / "b.png", 8, 4)[..., 3] == 255).all()
    with pytest.raises(UserError, match="5 channels"):
        read_target(tmp_path / "b.png", 8, 5)


def test_cmyk_animations_grey_and_a_single_pixel(tmp_path: Path) -> None:
    stripes(40, 40).convert("CMYK").save(tmp_path / "cmyk.jpg", quality=95)
    assert near(read_target(tmp_path / "cmyk.jpg", 8, 3)[4, 4], GREEN, 30)
    frames = [Image.new("RGB", (20, 20), colour) for colour in (RED, BLUE)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    assert near(read_target(tmp_path / "a.gif", 8, 3)[4, 4], RED)
    Image.new("RGB", (1, 1), RED).save(tmp_path / "one.png")
    assert near(read_target(tmp_path / "one.png", 8, 3)[7, 0], RED, 0)
    grey = read_target(tmp_path / "one.png", 8, 1)
    assert grey.shape == (8, 8, 1)
    assert grey[0, 0, 0] == pytest.approx(0.299 * 220 + 0.587 * 30 + 0.114 * 30, abs=1)


def test_a_huge_photograph_is_reduced_while_it_is_read(tmp_path: Path) -> None:
    """160 million pixels, which are refused where they would have to be held whole."""
    huge = Image.new("L", (20000, 8000), 200)
    huge.paste(40, (0, 0, 10000, 8000))
    huge.save(tmp_path / "huge.jpg", quality=20)
    target = read_target(tmp_path / "huge.jpg", 32, 3)
    assert near(target[16, 4], (40, 40, 40))
    assert near(target[16, 28], (200, 200, 200))
    with pytest.raises(UserError, match="million pixels"):
        read_target(tmp_path / "huge.jpg", 4096, 3)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "empty"),
        (b"no picture at all, only text", "not an image"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "cannot be projected"),
    ],
)
def test_what_is_no_picture(tmp_path: Path, data: bytes, why: str) -> None:
    (tmp_path / "a.png").write_bytes(data)
    with pytest.raises(UserError, match=why):
        read_target(tmp_path / "a.png", 8, 3)


def test_a_bomb_is_refused_before_it_goes_off(tmp_path: Path) -> None:
    """A PNG of 20,000 × 20,000 white pixels in a few hundred kilobytes."""
    side = 20000

    def chunk(kind: bytes, body: bytes) -> bytes:
        check = zlib.crc32(kind + body).to_bytes(4, "big")
        return len(body).to_bytes(4, "big") + kind + body + check

    head = side.to_bytes(4, "big") * 2 + bytes([1, 0, 0, 0, 0])
    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(b"\0" + b"\xff" * (side // 8)) for _ in range(side))
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head)
    data += chunk(b"IDAT", rows + packer.flush()) + chunk(b"IEND", b"")
    (tmp_path / "bomb.png").write_bytes(data)
    with pytest.raises(UserError, match="bomb"):
        read_target(tmp_path / "bomb.png", 8, 3)


def test_missing_files_and_folders(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="does not exist"):
        read_target(tmp_path / "none.png", 8, 3)
    with pytest.raises(UserError, match="directory"):
        read_target(tmp_path, 8, 3)
