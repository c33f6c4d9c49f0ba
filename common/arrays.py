"""Arrays as the bytes of files."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt


def npz_bytes(arrays: Mapping[str, npt.NDArray[np.generic]]) -> bytes:
    """The bytes of an uncompressed `.npz` with these arrays under their names."""
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type] # numpy's stubs do not know its **
    return buffer.getvalue()


def content_name(arrays: Mapping[str, npt.NDArray[np.generic]]) -> str:
    """A name that arrays have by their names and numbers: 20 digits, the same for the same."""
    digest = hashlib.blake2b(digest_size=10)
    for name in sorted(arrays):
        digest.update(name.encode() + arrays[name].tobytes())
    return digest.hexdigest()
