"""Weights that no Python package brings: found on disk, downloaded where that can be, never run."""

from __future__ import annotations

import hashlib
import re
import struct
import sys
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from pickle import UnpicklingError
from typing import Final
from urllib.error import URLError

import torch
from torch import Tensor

from common.errors import UserError, reason
from common.regular import require_regular

# What torch's reader of weights raises for what holds none.
_BROKEN: Final = (
    OSError,
    RuntimeError,
    ValueError,
    EOFError,
    UnpicklingError,
    LookupError,
    TypeError,
    AttributeError,
    struct.error,
)
ALTERNATIVE: Final = "Or use fd10k_lite and kd10k_lite, which need no download (they are not FID)."


@dataclass(frozen=True)
class Weights:
    """The tensors of a file.

    path: the file.
    tensors: by name.
    digest: the first 8 of the 64 digits of its SHA-256.
    """

    path: Path
    tensors: Mapping[str, Tensor]
    digest: str

    def described(self, published: str) -> str:
        """The digest for a key; values of weights that are not as published compare with none."""
        return self.digest if self.digest == published else f"{self.digest} (not as published)"


def find(url: str, marker: str, what: str, given: Sequence[Weights]) -> Weights:
    """The weights that are published at `url`. Raises UserError where there are none.

    They are those in `given` that have the tensor `marker`, else those in torch's folder of
    checkpoints, else they are downloaded to there. what: their name in messages.
    """
    for weights in given:
        if marker in weights.tensors:
            return weights
    name = url.rpartition("/")[2]
    folder = Path(torch.hub.get_dir()) / "checkpoints"
    path = folder / name
    if not path.is_file():
        _download(url, path, what)
    weights = read(path)
    if marker not in weights.tensors:
        raise UserError(f"{path} does not hold the {what} weights.", "Remove it and try again.")
    return weights


def read(path: Path) -> Weights:
    """The tensors of a file that torch wrote. Raises UserError; nothing in the file is run."""
    require_regular(path)
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()[:8]
        with warnings.catch_warnings():  # torch warns of TorchScript before it refuses it
            warnings.simplefilter("ignore")
            tensors = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        raise UserError(f"{path} does not exist.", "Check --weights.") from error
    except _BROKEN as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise UserError(f"Cannot read {path}: {reason(error)}.", "Check --weights.") from error
        raise UserError(
            f"{path} holds no weights that can be read.",
            "A whole file with a state_dict is needed; TorchScript and whole modules would have "
            "to be run.",
        ) from error
    if not isinstance(tensors, dict) or not all(isinstance(t, Tensor) for t in tensors.values()):
        raise UserError(f"{path} holds no weights by name.", "A state_dict is needed.")
    return Weights(path, tensors, digest)


def published_digest(url: str) -> str:
    """The digits that the name of a published file ends with; "" where it has none."""
    found = re.search(r"-([0-9a-f]{8})\.pth$", url)
    return found[1] if found else ""


def _download(url: str, path: Path, what: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        print(f"Downloading the {what} weights to {path}", file=sys.stderr)
        torch.hub.download_url_to_file(url, str(path), published_digest(url) or None)
    except (URLError, OSError, RuntimeError) as error:
        reason = getattr(error, "reason", None) or error
        raise UserError(
            f"the {what} weights are not here, and cannot be downloaded: {reason}.",
            f"Get {url} elsewhere, then give the file with --weights, or put it into "
            f"{path.parent}. {ALTERNATIVE}",
        ) from error
