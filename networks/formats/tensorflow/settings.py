"""The settings of NVIDIA's TensorFlow networks: what they mean, and which do not matter."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any, Final

from networks.formats.account import Account
from networks.formats.contents import FormatError, TensorRef
from networks.formats.tensorflow.state import NetworkState
from ops import ACTIVATIONS

SHAPES: Final = (
    r"num_channels|resolution|label_size|latent_size|dlatent_size|dlatent_broadcast|mapping_layers"
    r"|mapping_fmaps|label_fmaps|fmap_(base|decay|min|max|const)|mbstd_num_features"
)
"""Sizes: the tensors say them as well, and it is by those that a network is built."""
PROGRAM: Final = (
    r"randomize_noise|is_training|is_validation|is_template_graph|force_clean_graph|return_dlatents"
    r"|fused_modconv|(mapping|synthesis)_func|style_mixing_prob|truncation_(psi|cutoff)_val|freeze_layers"
)
"""How their program trains or computes the same picture."""
TRUNCATION: Final = ("truncation_psi", "truncation_cutoff")


class Settings:
    """What the functions that built a network were told. What they were not told has a default.

    known: a pattern of the names that do not matter.
    """

    def __init__(self, state: NetworkState, known: str = "") -> None:
        self._of = state.builder
        self._entries: Account[Any] = Account("setting", _merged(state))
        for pattern in filter(None, (SHAPES, PROGRAM, known)):
            self._entries.pass_over(pattern)

    def value(self, name: str, default: Any, kind: Collection[type]) -> Any:
        """A setting. Raises FormatError where it is of none of the types `kind`."""
        if name not in self._entries:
            return default
        value = self._entries.take(name)
        if type(value) not in kind:
            raise FormatError(f"its setting {name} is {value!a:.60}, which is none")
        return value

    def flag(self, name: str, default: bool) -> bool:
        """A setting that is true or false."""
        found: bool = self.value(name, default, (bool, int))
        return bool(found)

    def number(self, name: str, default: float | None) -> Any:
        """A number, or None."""
        return self.value(name, default, (int, float, type(None)))

    def activation(self, name: str, default: str = "lrelu") -> str:
        """The name of an activation."""
        found: str = self.value(name, default, (str,))
        if found not in ACTIVATIONS:
            raise FormatError(f"its setting {name} is {found!a:.60}, which is unknown")
        return found

    def taps(self, name: str, default: list[float]) -> list[float]:
        """A filter; empty where there is none."""
        found: list[Any] | None = self.value(name, default, (list, type(None)))
        if any(type(tap) not in (int, float) for tap in found or ()):
            raise FormatError(f"its setting {name} is {found!a:.60}, which is no filter")
        return [float(tap) for tap in found or ()]

    def size(self, name: str, default: int) -> int:
        """A size that no tensor says by itself."""
        found: int = self.value(name, default, (int,))
        if not 0 <= found < 1 << 16:
            raise FormatError(f"its setting {name} is {found}")
        return found

    def only(self, name: str, *allowed: Any) -> None:
        """Raise FormatError for a setting that is there and is none of `allowed`."""
        if name not in self._entries:
            return
        value = self._entries.take(name)
        if value not in allowed:
            raise FormatError(
                f"its setting {name} is {value!a:.60}, which this version cannot draw",
                f"Networks whose {name} is {allowed[0]!a} can be opened.",
            )

    def settle(self) -> None:
        """Raise FormatError for a setting that nobody has asked for."""
        self._entries.settle(f"what {self._of} is known to take")


def _merged(state: NetworkState) -> dict[str, Any]:
    """The settings of a network and of its parts: each part is told everything, and ignores what
    is the others'. Raises FormatError where they contradict each other."""
    merged: dict[str, Any] = {}
    for part in (state, *state.components.values()):
        for name, value in part.settings.items():
            if name in merged and merged[name] != value:
                raise FormatError(f"its setting {name[:60]!a} is not the same in all its parts")
            merged[name] = value
    return merged


def resolutions(variables: Account[TensorRef], pattern: str) -> list[int]:
    """The resolutions in the names of variables; `pattern` has one group. They begin with 4."""
    found = {int(match[1]) for name in variables if (match := re.match(pattern, name))}
    expected = [4 << level for level in range(min(len(found), 12))]
    if not found or sorted(found) != expected:
        raise FormatError(f"its layers ({sorted(found)[:12]}) are not of 4, 8, 16 … pixels")
    return expected


def count(variables: Account[TensorRef], pattern: str) -> int:
    """How many variables there are named `pattern` with 0, 1, 2 … in place of `{}`."""
    number = 0
    while pattern.format(number) in variables:
        number += 1
    return number


def dimensions(ref: TensorRef, name: str, amount: int) -> tuple[int, ...]:
    """The shape of a tensor. Raises FormatError where it has not `amount` dimensions."""
    if len(ref.shape) != amount or 0 in ref.shape:
        raise FormatError(f"the tensor {name} has the shape {list(ref.shape)}")
    return ref.shape


def number_of(variables: Account[TensorRef], name: str, default: float) -> float:
    """A variable of one element."""
    if name not in variables:
        return default
    ref = variables.take(name)
    if ref.shape not in ((), (1,)):
        raise FormatError(f"the tensor {name} has the shape {list(ref.shape)}")
    return float(ref.load().item())
