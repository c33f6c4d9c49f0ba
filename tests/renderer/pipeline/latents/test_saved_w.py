"""Files that are no saved w, or pretend to be a very large one: refused at once, by name."""

from __future__ import annotations

import io
import os
import time
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

from common.errors import UserError
from renderer.pipeline.latents.saved_w import read_w

MAGIC = b"\x93NUMPY\x01\x00"


def header(text: str) -> bytes:
    """The head of a .npy of which `text` says what it holds."""
    data = text.encode() + b"\n"
    return MAGIC + len(data).to_bytes(2, "little") + data


def claims(shape: str, dtype: str = "<f4") -> bytes:
    return header(f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}")


def archive(array: bytes, *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as file, file.open("w.npy", "w") as member:
        member.write(array)
    return buffer.getvalue()


def bomb() -> bytes:
    """An .npz of 1 MB that unpacks to 256 MB of zeros, and says that it unpacks to 4 GB."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file,
        file.open("w.npy", "w", force_zip64=True) as member,
    ):
        member.write(claims("(2048, 1024, 512)"))
        block = bytes(1 << 20)
        for _ in range(256):
            member.write(block)
    return buffer.getvalue()


def with_a_broken_stream() -> bytes:
    whole = bytearray(archive(np.random.RandomState(0).bytes(4096)))
    whole[60:70] = b"\xff" * 10
    return bytes(whole)


WHOLE = claims("(2, 4)") + np.arange(8, dtype="<f4").tobytes()

HOSTILE = {
    "2^60 numbers": claims("(1152921504606846976,)"),
    "2^60 rows of a w": claims("(1152921504606846976, 18, 512)"),
    "more than the file has": claims("(64, 512)") + bytes(100),
    "a negative size": claims("(-1, 512)"),
    "sizes that are no numbers": claims("('a', 512)"),
    "long numbers": claims(f"({'9' * 5000},)"),
    "deeply nested": claims("(" * 3000 + ")" * 3000),
    "no closing bracket": header("{'descr': '<f4', 'shape': (4,"),
    "no text": MAGIC + b"\x10\x00" + b"\xff" * 16,
    "a name of no encoding": header("{'descr': '\\xff\\udcff', "),
    "an odd version": b"\x93NUMPY\x09\x00" + bytes(64),
    "a record": header("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (4,), }"),
    "an object": claims("(4,)", "|O"),
    "nothing but a header": claims("(4,)"),
    "an empty file": b"",
    "an archive of 2^60 numbers": archive(claims("(1152921504606846976,)")),
    "an archive with a broken header": archive(b"\x93NUMPY\x01\x00\x80\x00{'de"),
    "an archive with a broken stream": with_a_broken_stream(),
    "an archive that is cut": archive(WHOLE)[:-40],
    "an archive that unpacks to much": bomb(),
    "a folder of nothing": b"PK\x05\x06" + bytes(18),
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_what_is_no_w_is_refused_at_once(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "w.npz"
    path.write_bytes(data)
    begun = time.monotonic()
    tracemalloc.start()
    try:
        with pytest.raises(UserError, match=r"w\.npz") as caught:
            read_w(str(path))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert time.monotonic() - begun < 5
    assert peak < 64 << 20
    assert len(str(caught.value)) < 12_000


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "w.npy")
    with pytest.raises(UserError, match=r"w\.npy: it is a pipe"):
        read_w(str(tmp_path / "w.npy"))
    with pytest.raises(UserError, match="is a directory"):
        read_w(str(tmp_path))


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    with open(tmp_path / "w.npy", "wb") as file:
        file.write(WHOLE)
        file.truncate(1 << 40)  # a hole, which takes no room on the disk
    with pytest.raises(UserError, match="1,048,576 MiB large"):
        read_w(str(tmp_path / "w.npy"))


@pytest.mark.parametrize("dtype", ["<f4", ">f8", "<f2", "<i8", "|u1"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_every_order_and_type_of_numbers_is_read(tmp_path: Path, dtype: str, order: str) -> None:
    w = np.arange(24).reshape(2, 3, 4).astype(dtype, order=order)
    np.save(tmp_path / "w.npy", w)
    np.savez_compressed(tmp_path / "w.npz", z=np.ones(3), w=w)
    for name in ("w.npy", "w.npz"):
        assert (read_w(str(tmp_path / name)) == w).all()
        assert read_w(str(tmp_path / name)).dtype == np.float32


def test_numbers_beyond_float32_are_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "w.npy", np.full(4, 1e300))
    with pytest.raises(UserError, match="not finite"):
        read_w(str(tmp_path / "w.npy"))


@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "legacy"])
@pytest.mark.parametrize(
    "wrap",
    [
        lambda w: w,
        lambda w: {"w": w, "loss": 0.1},
        lambda w: {"photo.png": {"img": torch.zeros(1, 3, 4, 4), "latent": w, "noise": [w]}},
        lambda w: [w],
        lambda w: {"latents": w.double().requires_grad_()},
    ],
    ids=["alone", "w", "rosinality's projector", "list", "double"],
)
def test_what_projection_tools_save_with_torch(tmp_path: Path, wrap, zipped) -> None:
    w = torch.randn(1, 6, 4)
    path = tmp_path / "latent.pt"
    torch.save(wrap(w), path, _use_new_zipfile_serialization=zipped)
    assert np.array_equal(read_w(str(path)), w.numpy())


@pytest.mark.parametrize(
    ("shape", "read"), [((6, 4), (1, 6, 4)), ((4,), (4,)), ((1, 4), (1, 4))], ids=str
)
def test_what_is_kept_of_one_picture_is_one_latent(tmp_path: Path, shape, read) -> None:
    w, path = torch.randn(shape), tmp_path / "projected.pt"
    torch.save({"photo.png": {"img": torch.zeros(1), "latent": w, "noise": [w]}}, path)
    assert read_w(str(path)).shape == read
    torch.save({"latent": w}, path)
    assert read_w(str(path)).shape == shape


def test_files_of_torch_without_a_latent_say_so(tmp_path: Path) -> None:
    path = tmp_path / "other.pt"
    for value, words in (
        ({"state": {"weight": torch.zeros(2, 2)}}, "no latent that is known by its name"),
        (torch.zeros(2, 3, 4, 5), r"a tensor \[2, 3, 4, 5\]"),
        (torch.zeros(3, dtype=torch.int64), "int64"),
        (torch.tensor([1.0, float("nan")]), "not finite"),
        (torch.nn.Linear(2, 2), "which is refused"),
    ):
        torch.save(value, path)
        with pytest.raises(UserError, match=words):
            read_w(str(path))
    torch.save(torch.zeros(1).expand(1 << 14, 1 << 10, 8), path)
    with pytest.raises(UserError, match=r"too much|beyond"):
        read_w(str(path))
    whole = path.read_bytes()
    for length in (3, 40, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(UserError):
            read_w(str(path))
