"""Latents in files, read without trusting them. Free of torch."""

from __future__ import annotations

import os
import zipfile

import numpy as np
import numpy.typing as npt

from common.errors import UserError, reason


def read_w(path: str) -> npt.NDArray[np.float32]:
    """The array of a `.npz` (key `w`) or `.npy`: one to three axes, finite, float32.

    Raises UserError for anything else; nothing in the file is ever executed.
    """
    try:
        # Opened here: numpy leaves the file open where it turns out to be damaged.
        with open(os.path.expanduser(path), "rb") as file:
            stored = np.load(file, allow_pickle=False)
            if isinstance(stored, np.lib.npyio.NpzFile):
                keys = stored.files
                w = stored["w"] if "w" in keys else None
            else:
                keys, w = [], stored
    except OSError as error:
        raise UserError(f"Cannot read the saved w {path}: {reason(error)}.") from error
    except (ValueError, EOFError, KeyError, NotImplementedError, zipfile.BadZipFile) as error:
        raise UserError(
            f"{path} is no readable .npz or .npy file of numbers.", "It may be damaged."
        ) from error
    if w is None:
        found = f"it holds {', '.join(keys)}" if keys else "it is empty"
        raise UserError(f"{path} has no array named w ({found}).", "Save latents under the key w.")
    if w.dtype.kind not in "fiu" or w.ndim not in (1, 2, 3) or w.size == 0:
        raise UserError(
            f"{path} holds an array {list(w.shape)} of {w.dtype}.",
            "A saved w is [w_dim], [N, w_dim] or [N, num_ws, w_dim], of floats.",
        )
    w = np.ascontiguousarray(w, np.float32)
    if not np.isfinite(w).all():
        raise UserError(f"{path} holds values that are not finite.", "It may be damaged.")
    return w
