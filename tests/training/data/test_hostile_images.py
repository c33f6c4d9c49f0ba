"""Files made to fill the memory, or to break a decoder: told by name, soon, in little memory."""

from __future__ import annotations

import subprocess
import sys
import zipfile

import numpy as np
import pytest

from common.errors import UserError
from tests.paths import ROOT
from tests.training.data.dataset_files import noise, png
from tests.training.prepare.test_decode import png_header
from training.data import archive as archives
from training.data.archive import Archive, UnreadableError
from training.data.dataset import ImageDataset
from training.data.unpacking import swollen


@pytest.mark.parametrize(
    ("side", "why"), [(20_000, "more than 120 million pixels"), (8192, "than its bytes can hold")]
)
def test_a_header_of_many_pixels_is_refused(tmp_path, side, why):
    (tmp_path / "0.png").write_bytes(png_header(side, side))
    with pytest.raises(UserError, match=rf"0\.png of .* cannot be read: .*{why}"):
        ImageDataset(tmp_path)


def test_a_large_picture_is_read(tmp_path):
    # 4096², the largest that networks are published for, packed as well as any can be.
    (tmp_path / "0.png").write_bytes(png(np.zeros((4096, 4096), np.uint8)))
    data = ImageDataset(tmp_path)
    data.verify()
    assert data[0][0].shape == (1, 4096, 4096)


@pytest.mark.parametrize("packing", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_an_entry_that_unpacks_to_far_more_is_not_unpacked(tmp_path, packing):
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w", packing) as file:
        file.writestr("0.png", bytes(80 << 20))
        file.writestr("1.png", bytes(1 << 20))
    archive = Archive(path)
    with pytest.raises(UnreadableError, match="unpacks to far more than it is"):
        archive.read("0.png")
    assert len(archive.read("1.png")) == 1 << 20
    with pytest.raises(UserError, match=r"0\.png of .*unpacks to far more"):
        ImageDataset(path)


def test_an_entry_that_lies_about_its_packed_size_is_no_way_around_it(tmp_path):
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("0.png", bytes(80 << 20))
    data = bytearray(path.read_bytes())
    entry = data.find(b"PK\x01\x02")
    data[entry + 20 : entry + 24] = (80 << 20).to_bytes(4, "little")
    path.write_bytes(data)
    with pytest.raises(UnreadableError, match="unpacks to far more than it is"):
        Archive(path).read("0.png")


def test_what_pictures_and_labels_are_packed_by_is_never_a_bomb():
    assert not swollen(1 << 10, 1 << 26)
    assert not swollen(10 << 20, 300 << 20)
    assert swollen(1 << 20, 1 << 30)


def test_a_broken_entry_of_every_packing_is_an_error_of_ours(tmp_path):
    sound = noise(0, 32, 32, 3).transpose(2, 0, 1)
    for packing in (zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        path = tmp_path / f"{packing}.zip"
        with zipfile.ZipFile(path, "w", packing) as file:
            file.writestr("0.png", png(noise(0, 32, 32, 3)))
        whole = path.read_bytes()
        for at in range(35, len(whole) - 80, 97):
            data = bytearray(whole)
            data[at] ^= 0xFF
            path.write_bytes(data)
            pixels, message = attempt(path)
            # Some bytes change nothing, such as the size of a dictionary.
            assert "0.png of" in message or np.array_equal(pixels, sound)


def attempt(path):
    try:
        return ImageDataset(path)[0][0], ""
    except UserError as error:
        return None, error.message


def test_no_memory_for_a_file_is_an_error_of_ours(tmp_path, monkeypatch):
    (tmp_path / "0.png").write_bytes(png(noise(0, 8, 8, 3)))

    def no_memory(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(archives.Path, "open", no_memory)
    with pytest.raises(UserError, match="too large for the memory that is free"):
        ImageDataset(tmp_path)


BOMBS = """
import gzip, io, struct, sys, tarfile
kind, path = sys.argv[1:]
with gzip.open(path, "wb", 6) as file:
    if kind == "mnist":
        file.write(struct.pack(">4I", 0x803, 640 << 10, 32, 32))
        for _ in range(640):
            file.write(bytes(1 << 20))
    else:
        member = tarfile.TarInfo("a" * 99)
        if kind == "name":
            member.type = tarfile.GNUTYPE_LONGNAME
        member.size = 640 << 20
        file.write(member.tobuf(tarfile.GNU_FORMAT))
        for _ in range(640):
            file.write(bytes(1 << 20))
"""

MEASURED = """
import sys, visualizer
try:
    visualizer.main()
finally:
    # Not ru_maxrss, which begins with that of the process that started this one.
    peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
    print("KiB", peak.split()[1], file=sys.stderr)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="measures memory as Linux counts it")
@pytest.mark.parametrize("kind", ["mnist", "member", "name"])
def test_archives_that_unpack_to_gigabytes_are_refused_soon_and_in_little_memory(tmp_path, kind):
    bomb = tmp_path / f"{kind}.gz"
    python = [sys.executable, "-c"]
    subprocess.run([*python, BOMBS, kind, bomb], check=True)
    assert bomb.stat().st_size < 1 << 20
    done = subprocess.run(
        [*python, MEASURED, "dataset", "--source", bomb, "--dest", tmp_path / "out.zip"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert "unpacks to" in done.stderr
    assert str(bomb) in done.stderr
    assert "Traceback" not in done.stderr
    assert int(done.stderr.split()[-1]) < 400 << 10
