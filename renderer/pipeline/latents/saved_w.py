"""Latents in files, written, and read without trusting them. Free of torch.

What a file says of its array is held against what a w can be before any of its numbers are read,
so a file that claims too much, or unpacks to too much, costs neither time nor memory.
"""

from __future__ import annotations

import math
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Final, NamedTuple

import numpy as np
import numpy.typing as npt
from numpy.lib import format as npy

from common.arrays import content_name, npz_bytes
from common.errors import UserError, reason
from common.files import open_file, write_atomically
from common.units import counted
from renderer.messages.request import SavedW
from renderer.pipeline.latents.wanted import Wanted, in_rows

MAX_BYTES: Final = 256 << 20
"""Of a file and of its numbers: more than 7,000 latents of 18 rows of 512 float32."""

NOISE: Final = "noise."
"""What the key of a noise map begins with; the name of its layer follows."""

_DAMAGED: Final = "It may be damaged."
_SHOWN: Final = 8


class _Header(NamedTuple):
    """What the head of a `.npy` says of the numbers that follow it.

    shape: the length of every axis.
    by_columns: whether the first axis changes fastest (Fortran's order).
    dtype: the type of a number.
    """

    shape: tuple[int, ...]
    by_columns: bool
    dtype: np.dtype[np.generic]


_W: Final = Wanted("saved w", ("w",))


class SavedLatent(NamedTuple):
    """A latent as a file holds it.

    w: [w_dim], [N, w_dim] or [N, num_ws, w_dim].
    maps: noise maps, [H, W] by layer; empty where the file holds none.
    maps_name: `content_name` of the maps as the file names them; empty where it holds none.
    """

    w: npt.NDArray[np.float32]
    maps: dict[str, npt.NDArray[np.float32]]
    maps_name: str = ""

    @property
    def nbytes(self) -> int:
        """Bytes of all numbers."""
        return self.w.nbytes + sum(noise.nbytes for noise in self.maps.values())


def read_w(path: str) -> npt.NDArray[np.float32]:
    """The array of a `.npz` (key `w`), a `.npy` or a `.pt`: one to three axes, finite, float32.

    Raises UserError for anything else; nothing in the file is ever executed.
    """
    return read_latent(path).w


def read_latent(path: str) -> SavedLatent:
    """w as `read_w` reads it, and the noise maps beside it (keys `noise.<layer>`) where it has any.

    Raises UserError as `read_w` does.
    """
    return _read_with(path, _read, _W)


def _read_with(
    path: str, read: Callable[[IO[bytes], str], dict[str, npt.NDArray[np.generic]]], wanted: Wanted
) -> SavedLatent:
    """The arrays that `read` finds in a file, as float32 and finite. Raises UserError."""
    try:
        with open_file(os.path.expanduser(path)) as file:
            stored = read(file, path)
    except UserError:
        raise
    except OSError as error:
        raise UserError(f"Cannot read the {wanted.title} {path}: {reason(error)}.") from error
    # The parsers of numpy, zipfile and zlib raise whatever they stumble over.
    except Exception as error:
        raise UserError(
            f"{path} is no readable .npz, .npy or .pt file of numbers.", _DAMAGED
        ) from error
    with np.errstate(over="ignore"):  # what does not fit into float32 becomes infinite
        arrays = {name: np.array(values, np.float32, order="C") for name, values in stored.items()}
    if not all(np.isfinite(values).all() for values in arrays.values()):
        raise UserError(f"{path} holds values that are not finite.", _DAMAGED)
    w = arrays.pop("w")
    maps = {name.removeprefix(NOISE): noise for name, noise in arrays.items()}
    return SavedLatent(w, maps, content_name(arrays) if arrays else "")


def carried_w(source: SavedW, num_ws: int, w_dim: int, network: str) -> npt.NDArray[np.float32]:
    """The w that a request carries, [num_ws, w_dim].

    network: what errors call the one that is to draw it.
    Raises UserError where it is of another size, or not finite.
    """
    name, size = source.path or "The saved w", len(source.data)
    if size != 4 * num_ws * w_dim:
        raise UserError(
            f"The latent is what a drag in another network came to: it has {size // 4:,} numbers, "
            f"but {network} takes {rows_in_words(num_ws, w_dim)}.",
            "Choose another latent, such as Plane.",
        )
    w = np.frombuffer(source.data, "<f4").reshape(num_ws, w_dim).astype(np.float32)
    if not np.isfinite(w).all():
        raise UserError(f"{name} holds values that are not finite.", _DAMAGED)
    return w


def rows_in_words(rows: int, length: int) -> str:
    """Say how many numbers a w has."""
    return f"{counted(rows, 'row')} of {counted(length, 'number')}"


def read_numbers(path: str, wanted: Wanted) -> npt.NDArray[np.float32]:
    """One array of a file as `read_w` reads it, which a `.npz` or a `.pt` may hold under any key.

    Where none of the keys is there the file must hold a single array. What lies in columns is
    turned, [n, 1, w_dim].
    Raises UserError as `read_w` does.
    """

    def read(file: IO[bytes], path: str) -> dict[str, npt.NDArray[np.generic]]:
        return {"w": _one(file, path, wanted)}

    return _read_with(path, read, wanted).w


def holds_latent(path: str) -> bool:
    """Whether a file is one that `read_latent` reads."""
    try:
        read_latent(path)
    except UserError:
        return False
    return True


def write_w(path: str | Path, w: npt.NDArray[np.float32]) -> None:
    """Write w as `.npz` (key `w`), as `read_w` reads it. Raises UserError where that cannot be."""
    write_atomically(Path(path).expanduser(), npz_bytes({"w": w}))


def _read(file: IO[bytes], path: str) -> dict[str, npt.NDArray[np.generic]]:
    """The numbers as they are stored. path: what errors call the file. Raises anything."""
    if not _is_archive(file, path):
        return {"w": _one(file, path, _W)}
    with zipfile.ZipFile(file) as archive:
        members = {name.removesuffix(".npy"): name for name in reversed(archive.namelist())}
        names = [name.removesuffix(".npy") for name in archive.namelist()]
        if "w" not in members:
            more = " …" if len(names) > _SHOWN else ""
            found = f"it holds {', '.join(names[:_SHOWN])}{more}" if names else "it is empty"
            raise UserError(
                f"{path} has no array named w ({found}).", "Save latents under the key w."
            )
        wanted = ["w", *(name for name in members if name.startswith(NOISE))]
        arrays: dict[str, npt.NDArray[np.generic]] = {}
        left = MAX_BYTES
        for name in wanted:
            with archive.open(members[name]) as member:
                arrays[name] = _array(member, path, left, name)
            left -= arrays[name].nbytes
        return arrays


def _one(file: IO[bytes], path: str, wanted: Wanted) -> npt.NDArray[np.generic]:
    """The array under the first of the keys that is there, or the only one. Raises anything."""
    keys = wanted.keys
    if _is_archive(file, path):
        with zipfile.ZipFile(file) as archive:
            members = {name.removesuffix(".npy"): name for name in reversed(archive.namelist())}
            known = next((key for key in keys if key in members), None)
            if known is None and len(members) != 1:
                raise UserError(
                    f"{path} holds {len(members)} arrays, none of them named {' or '.join(keys)}.",
                    "Save one array alone, or under such a name.",
                )
            with archive.open(members[known] if known else next(iter(members.values()))) as member:
                found = _array(member, path)
            return in_rows(found) if known in wanted.columns else found
    if file.read(1) in (b"\x80", b"P"):  # torch.save, before PyTorch 1.6 and since
        file.seek(0)
        return _torch(file, path, wanted)
    file.seek(0)
    return _array(file, path)


def _is_archive(file: IO[bytes], path: str) -> bool:
    """Whether a file is a `.npz`. Raises UserError for one that is too large to be looked into."""
    size = os.fstat(file.fileno()).st_size
    if size > MAX_BYTES:
        raise UserError(
            f"{path} is {size / 2**20:,.0f} MiB large: too much for latents or directions.",
            f"Up to {MAX_BYTES >> 20} MiB are read.",
        )
    head = file.read(2)
    file.seek(0)
    if head != b"PK":
        return False
    with zipfile.ZipFile(file) as archive:
        found = not any(name.endswith("/data.pkl") for name in archive.namelist())
    file.seek(0)
    return found


def _torch(file: IO[bytes], path: str, wanted: Wanted) -> npt.NDArray[np.generic]:
    """The latent, or what else is wanted, in a file of torch.save. Raises UserError."""
    from renderer.pipeline.latents import saved_w_torch  # torch, which other files do not need

    data = memoryview(file.read())
    if wanted is _W:
        return saved_w_torch.read_torch(data, path, MAX_BYTES)
    return saved_w_torch.read_table(data, path, MAX_BYTES, wanted)


def _array(
    stream: IO[bytes], path: str, limit: int = MAX_BYTES, name: str = "w"
) -> npt.NDArray[np.generic]:
    """The array of a `.npy`, of which no more is read than it can have. Raises anything.

    limit: bytes of its numbers at most. name: its key, which says what it is.
    """
    shape, by_columns, dtype = _header(stream)
    if name != "w" and (dtype.kind != "f" or len(shape) != 2 or min(shape) < 1):
        raise UserError(
            f"{path} holds an array {list(shape)} of {dtype} under {name}.",
            "A noise map is [H, W], of floats.",
        )
    if dtype.kind not in "fiu" or len(shape) not in (1, 2, 3) or min(shape) < 1:
        raise UserError(
            f"{path} holds an array {list(shape)} of {dtype}.",
            "Latents and directions are [w_dim], [N, w_dim] or [N, num_ws, w_dim], of floats.",
        )
    count = math.prod(shape)
    if count * max(dtype.itemsize, 4) > limit:
        raise UserError(
            f"{path} says that it holds an array {list(shape)} of {dtype}: too much.",
            f"Up to {MAX_BYTES >> 20} MiB are read.",
        )
    data = stream.read(count * dtype.itemsize)
    return np.frombuffer(data, dtype, count).reshape(shape, order="F" if by_columns else "C")


def _header(stream: IO[bytes]) -> _Header:
    """Read the head of a `.npy` (NumPy Enhancement Proposal 1). Raises anything."""
    version = npy.read_magic(stream)
    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    return _Header(*read(stream))
