"""The state of a projection or a drag as bytes: safetensors, with plain facts in the header."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from safetensors.torch import load, save
from torch import Tensor

_KEY: Final = "projection"
_VERSION: Final = 2


@dataclass(frozen=True)
class Saved:
    """What the parts of a projection put away, each under names of its own.

    facts: what JSON can hold.
    tensors: by names such as `adam.0.step`.
    """

    facts: dict[str, Any]
    tensors: dict[str, Tensor]

    def put(self, prefix: str, tensors: Mapping[str, Tensor]) -> None:
        """Keep a part's tensors, with `prefix` before their names."""
        self.tensors.update({prefix + name: tensor for name, tensor in tensors.items()})

    def under(self, prefix: str) -> dict[str, Tensor]:
        """The tensors that were `put` there."""
        return {
            name.removeprefix(prefix): tensor
            for name, tensor in self.tensors.items()
            if name.startswith(prefix)
        }

    def to_bytes(self) -> bytes:
        """A safetensors file."""
        # A copy of each: the format refuses tensors that share their memory.
        whole = {n: t.detach().cpu().contiguous().clone() for n, t in self.tensors.items()}
        return save(whole, metadata={_KEY: json.dumps({"version": _VERSION, **self.facts})})

    @classmethod
    def from_bytes(cls, state: bytes) -> Saved:
        """What `to_bytes` made. Raises SafetensorError, KeyError, TypeError and ValueError."""
        length = int.from_bytes(state[:8], "little")
        facts = json.loads(json.loads(state[8 : 8 + length])["__metadata__"][_KEY])
        if facts["version"] != _VERSION:
            raise ValueError("another version")
        return cls(facts, load(state))
