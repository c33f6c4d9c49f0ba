"""What an exact continuation needs, in one safetensors file that is replaced as a whole.

It holds the networks too: a snapshot may be thinned out or copied away, and two files written one
after the other could be of two different moments.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load, save
from torch import Tensor, nn

from common.errors import UserError, why
from networks.formats.digests import digests, is_as_written
from networks.formats.tensor_file import write_tensors
from training.run.instead import instead_of_continuing

KEY: Final = "ganscope-training-state"
VERSION: Final = 1

Tensors = dict[str, Tensor]


def write(path: Path, tensors: Mapping[str, Tensor], document: Mapping[str, Any]) -> None:
    """Replace the state at `path`. It is on the disk before it takes the name. Raises UserError."""
    # The library refuses tensors that share memory.
    stored = {name: value.detach().cpu().contiguous().clone() for name, value in tensors.items()}
    header = {KEY: json.dumps({**document, "version": VERSION, "digests": digests(stored)})}
    write_tensors(path, stored, header)


def to_bytes(tensors: Mapping[str, Tensor]) -> bytes:
    """Tensors as one rank sends them to the first."""
    return save({name: value.detach().cpu().contiguous() for name, value in tensors.items()})


def from_bytes(data: bytes) -> Tensors:
    """The inverse of `to_bytes`."""
    return load(data)


def read(path: Path) -> tuple[Tensors, dict[str, Any]]:
    """The tensors and the document of the state at `path`. Raises UserError."""
    try:
        with safe_open(path, framework="pt") as file:
            text = (file.metadata() or {}).get(KEY)
            if text is None:
                raise UserError(f"{path} is no training state.", instead_of_continuing(path.parent))
            document = json.loads(text)
            tensors = {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118
    except FileNotFoundError as error:
        raise UserError(
            f"{path.parent} was stopped before it saved anything: it has no {path.name}.",
            instead_of_continuing(path.parent),
        ) from error
    except (OSError, SafetensorError, ValueError) as error:
        raise UserError(
            f"Cannot read {path}: {why(error)}.", instead_of_continuing(path.parent)
        ) from error
    if document.get("version") != VERSION:
        raise UserError(
            f"{path} was written by another version of ganscope.",
            instead_of_continuing(path.parent),
        )
    known = document.pop("digests", {})  # states from before digests have none
    for name, tensor in tensors.items():
        if not is_as_written(tensor, name, known):
            raise UserError(
                f"{path} is damaged: {name} is not as it was written.",
                instead_of_continuing(path.parent),
            )
    return tensors, document


def prefixed(prefix: str, tensors: Mapping[str, Tensor]) -> Tensors:
    """The tensors under names that begin with `prefix.`."""
    return {f"{prefix}.{name}": value for name, value in tensors.items()}


def part(prefix: str, tensors: Mapping[str, Tensor]) -> Tensors:
    """The tensors whose names begin with `prefix.`, without it."""
    start = prefix + "."
    return {k.removeprefix(start): v for k, v in tensors.items() if k.startswith(start)}


def optimizer_state(optimizer: torch.optim.Optimizer, network: nn.Module) -> Tensors:
    """Adam's tensors as `exp_avg.mapping.fc0.weight`; parameters not yet stepped have none."""
    return {
        f"{kind}.{name}": torch.as_tensor(value)
        for name, parameter in network.named_parameters()
        for kind, value in optimizer.state.get(parameter, {}).items()
    }


def load_optimizer(
    optimizer: torch.optim.Optimizer, network: nn.Module, tensors: Mapping[str, Tensor]
) -> None:
    """The inverse of `optimizer_state`, in place and bit for bit."""
    parameters = dict(network.named_parameters())
    optimizer.state.clear()
    for key, value in tensors.items():
        kind, _, name = key.partition(".")
        parameter = parameters[name]
        # Adam keeps its count of steps on the CPU.
        device = torch.device("cpu") if kind == "step" else parameter.device
        optimizer.state[parameter][kind] = value.to(device)


def random_state(device: torch.device) -> Tensors:
    """Where the random generators of this process are: torch's, numpy's and Python's."""
    _, words, *gauss = random.getstate()
    numpy_state = np.random.get_state(legacy=False)
    keys: Any = numpy_state["state"]
    state = {
        "torch": torch.get_rng_state(),
        "numpy": torch.from_numpy(keys["key"].astype(np.int64)),
        "numpy_rest": torch.tensor(
            [keys["pos"], numpy_state["has_gauss"], numpy_state["gauss"]], dtype=torch.float64
        ),
        "python": torch.tensor(words, dtype=torch.int64),
        "python_gauss": torch.tensor([] if gauss[0] is None else [gauss[0]], dtype=torch.float64),
    }
    if device.type == "cuda":
        state["cuda"] = torch.cuda.get_rng_state(device)
    return state


def set_random_state(state: Mapping[str, Tensor], device: torch.device) -> None:
    """The inverse of `random_state`."""
    gauss = state["python_gauss"].tolist()
    words = tuple(state["python"].tolist())
    random.setstate((3, words, gauss[0] if gauss else None))
    position, has_gauss, cached = state["numpy_rest"].tolist()
    keys = state["numpy"].numpy().astype(np.uint32)
    np.random.set_state(("MT19937", keys, int(position), int(has_gauss), cached))
    torch.set_rng_state(state["torch"])
    if device.type == "cuda" and "cuda" in state:
        torch.cuda.set_rng_state(state["cuda"], device)
