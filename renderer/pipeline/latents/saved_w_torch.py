"""Latents that projection tools keep in files of torch.save: a tensor, alone or in tables.

Nothing in a file runs: see `networks.pickles.machine`. This imports torch, which `.npz` files do
not need.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from common.errors import UserError
from networks.formats.contents import FormatError
from networks.formats.numpy_data import NUMPY_NAMES
from networks.formats.pickled import LEGACY_HEAD
from networks.formats.torch_data import TORCH_NAMES, Tensors, read_legacy, read_zip
from networks.pickles.data import Budget, Names, UnsafePickleError

KEYS: Final = ("w", "latent", "latents", "latent_in", "projected_w", "w_pivot", "w_plus", "code")
"""What tools call a latent in a table, in the order in which they are looked for."""
_OF_A_PICTURE: Final = "latent"
"""What rosinality's projector calls it in the table of each picture: [w_dim], or [num_ws, w_dim] of
one picture with `--w_plus`."""
_DEPTH: Final = 3


class _Latent(NamedTuple):
    """A latent in a file.

    record: describes its tensor.
    of_a_picture: it is of one picture, so where it has two axes they are [num_ws, w_dim].
    """

    record: Any
    of_a_picture: bool


def read_torch(data: memoryview, path: str, limit: int) -> npt.NDArray[np.float32]:
    """The latent in a file of torch.save. Raises UserError, naming what the file holds instead.

    limit: bytes of its numbers at most.
    """
    names, budget = Names(TORCH_NAMES | NUMPY_NAMES), Budget()
    try:
        load = read_legacy if bytes(data[: len(LEGACY_HEAD)]) == LEGACY_HEAD else read_zip
        root, stored = load(data, names, budget)
        tensors = Tensors(budget, names, stored)
        found = _find(root, tensors, _DEPTH)
        if found is None:
            raise UserError(
                f"{path} holds no latent that is known by its name.",
                f"Save a tensor alone, or in a table under one of: {', '.join(KEYS)}.",
            )
        ref = tensors.ref(found.record)
    except (FormatError, UnsafePickleError) as error:
        raise UserError(f"Cannot read the saved w {path}: {error.reason}.") from error
    count = int(np.prod(ref.shape))
    if len(ref.shape) not in (1, 2, 3) or not count or not ref.dtype.is_floating_point:
        raise UserError(
            f"{path} holds a tensor {list(ref.shape)} of {ref.dtype}.",
            "Latents and directions are [w_dim], [N, w_dim] or [N, num_ws, w_dim], of floats.",
        )
    if 4 * count > limit:
        raise UserError(f"{path} says that it holds a tensor {list(ref.shape)}: too much for a w.")
    numbers: npt.NDArray[np.float32] = ref.load().float().numpy()
    one = found.of_a_picture and numbers.ndim == 2 and len(numbers) > 1
    return numbers[None] if one else numbers


def _find(value: Any, tensors: Tensors, depth: int, of_a_picture: bool = False) -> _Latent | None:
    """The latent: the value itself, under a known key, or in the only table.

    of_a_picture: it would be of one picture.
    """
    if tensors.is_tensor(value):
        return _Latent(value, of_a_picture)
    if depth == 0 or not isinstance(value, (dict, list, tuple)):
        return None
    if not isinstance(value, dict):
        inside = [(item, False) for item in value]
    else:
        # A table within the table of a file is that of one picture.
        within = depth < _DEPTH
        inside = [(value[key], within and key == _OF_A_PICTURE) for key in KEYS if key in value]
        # Tools that search for several pictures keep a table for each, under its name.
        inside = inside or [(item, False) for item in value.values() if isinstance(item, dict)]
    found = [_find(item, tensors, depth - 1, lone) for item, lone in inside]
    return next((item for item in found if item is not None), None)
