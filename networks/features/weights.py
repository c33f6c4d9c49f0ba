"""Tensors by name out of a file that torch or safetensors wrote. Nothing in it is run."""

from __future__ import annotations

from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load
from torch import Tensor

from networks.formats.contents import FormatError, TensorRef
from networks.formats.torch_data import TORCH_NAMES, Tensors, read_legacy, read_zip
from networks.pickles.data import Budget, Names
from networks.snapshots.snapshot import explained, source_of


def read_weights(path: Path) -> dict[str, Tensor]:
    """A state_dict. Raises UserError for anything else."""
    source = source_of(path)
    with explained(source.path):
        if source.head[8:9] == b"{":
            try:
                return load(bytes(source.data))
            except SafetensorError as error:
                raise FormatError(f"it is a damaged safetensors file ({error})") from error
        names, budget = Names(TORCH_NAMES), Budget()
        read = read_zip if source.head[:2] == b"PK" else read_legacy
        root, stored = read(source.data, names, budget)
        tensors = Tensors(budget, names, stored)
        if not isinstance(root, dict) or not all(isinstance(name, str) for name in root):
            raise FormatError("it holds no weights by name", "A state_dict is needed.")
        refs: dict[str, TensorRef] = {
            name: tensors.ref(value) for name, value in root.items() if tensors.is_tensor(value)
        }
        return {name: ref.load() for name, ref in refs.items()}
