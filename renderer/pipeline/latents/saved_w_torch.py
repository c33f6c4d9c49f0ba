"""Latents and directions that tools keep in files of torch.save: a tensor, alone or in tables.

Nothing in a file runs: see `networks.pickles.machine`. This imports torch, which `.npz` files do
not need.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from common.errors import UserError
from networks.formats.contents import FormatError
from networks.formats.numpy_data import NUMPY_NAMES
from networks.formats.pickled import LEGACY_HEAD
from networks.formats.torch_data import TORCH_NAMES, Tensors, read_legacy, read_zip
from networks.pickles.data import Budget, Names, UnsafePickleError
from renderer.pipeline.latents.wanted import Wanted, in_rows

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
    with _refused("saved w", path):
        root, tensors = _opened(data)
        found = _find(root, tensors, _DEPTH)
        if found is None:
            raise UserError(
                f"{path} holds no latent that is known by its name.",
                f"Save a tensor alone, or in a table under one of: {', '.join(KEYS)}.",
            )
        numbers = _numbers(found.record, tensors, path, limit)
    one = found.of_a_picture and numbers.ndim == 2 and len(numbers) > 1
    return numbers[None] if one else numbers


def read_table(data: memoryview, path: str, limit: int, wanted: Wanted) -> npt.NDArray[np.float32]:
    """What is wanted in a file of torch.save: a tensor alone, or in a table under one of its keys,
    or the only tensor there.

    limit: bytes of its numbers at most.
    Raises UserError, naming what the file holds instead.
    """
    with _refused(wanted.title, path):
        root, tensors = _opened(data)
        key, record = None, root
        if isinstance(root, (dict, list, tuple)):
            pairs = list(root.items()) if isinstance(root, dict) else list(enumerate(root))
            inside = {name: value for name, value in pairs if tensors.is_tensor(value)}
            known = [name for name in wanted.keys if name in inside]
            latent = None if known or len(inside) == 1 else _find(root, tensors, _DEPTH)
            if latent is not None:
                inside = {"w": latent.record}
            elif not known and len(inside) != 1:
                have = f"{len(inside)} tensors" if inside else "no tensor"
                raise UserError(
                    f"{path} holds {have}, none of them named {' or '.join(wanted.keys)}.",
                    "Save one tensor alone, or under such a name.",
                )
            key = known[0] if known else next(iter(inside))
            record = inside[key]
        elif not tensors.is_tensor(root):
            raise UserError(f"{path} holds no tensor.", "Save a tensor alone, or in a table.")
        numbers = _numbers(record, tensors, path, limit)
    return in_rows(numbers) if key in wanted.columns else numbers


@contextmanager
def _refused(title: str, path: str) -> Iterator[None]:
    """Raises UserError where the file is refused. title: of what is read."""
    try:
        yield
    except (FormatError, UnsafePickleError) as error:
        raise UserError(f"Cannot read the {title} {path}: {error.reason}.") from error


def _opened(data: memoryview) -> tuple[Any, Tensors]:
    """What a file of torch.save holds, and what makes tensors of its records."""
    names, budget = Names(TORCH_NAMES | NUMPY_NAMES), Budget()
    legacy = bytes(data[: len(LEGACY_HEAD)]) == LEGACY_HEAD
    if not legacy and bytes(data[:1]) == b"\x80":
        raise FormatError("it is a plain pickle, and none of torch.save")
    root, stored = (read_legacy if legacy else read_zip)(data, names, budget)
    return root, Tensors(budget, names, stored)


def _numbers(record: Any, tensors: Tensors, path: str, limit: int) -> npt.NDArray[np.float32]:
    """The numbers of a tensor. Raises UserError for what can be no latent and no direction."""
    ref = tensors.ref(record)
    count = int(np.prod(ref.shape))
    if len(ref.shape) not in (1, 2, 3) or not count or not ref.dtype.is_floating_point:
        raise UserError(
            f"{path} holds a tensor {list(ref.shape)} of {ref.dtype}.",
            "Latents and directions are [w_dim], [N, w_dim] or [N, num_ws, w_dim], of floats.",
        )
    if 4 * count > limit:
        raise UserError(f"{path} says that it holds a tensor {list(ref.shape)}: too much.")
    numbers: npt.NDArray[np.float32] = ref.load().float().numpy()
    return numbers


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
