"""Arrays as the bytes of files."""

from __future__ import annotations

import io
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt


def npz_bytes(arrays: Mapping[str, npt.NDArray[np.generic]]) -> bytes:
    """The bytes of an uncompressed `.npz` with these arrays under their names."""
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type] # numpy's stubs do not know its **
    return buffer.getvalue()
