"""Digests of tensors: by them a file of ours knows whether its weights are the ones written.

A header that is whole says nothing of what follows it: a copy that broke off, or a disk that lost
blocks, leaves zeros there, and a network of zeros draws without complaint.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

import torch
from torch import Tensor


def digest(tensor: Tensor) -> str:
    """The first 16 bytes of SHA-256 of a tensor's elements in memory order, in hexadecimal."""
    # As bytes: NumPy knows no bfloat16.
    elements = tensor.detach().cpu().contiguous().flatten().view(torch.uint8)
    return hashlib.sha256(elements.numpy().data).hexdigest()[:32]


def text_digest(value: object) -> str:
    """The same of what JSON can hold. Raises TypeError for what it cannot."""
    text = json.dumps(value, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def digests(tensors: Mapping[str, Tensor]) -> dict[str, str]:
    """The digest of each tensor, by name."""
    return {name: digest(tensor) for name, tensor in tensors.items()}


def is_as_written(tensor: Tensor, name: str, known: Mapping[str, object]) -> bool:
    """Whether a tensor has the digest that `known` holds under its name; True where it has none."""
    return name not in known or known[name] == digest(tensor)
