"""Groups of a layer's channels as panels see them."""

from __future__ import annotations

from typing import Protocol, TypeAlias

Groups: TypeAlias = tuple[tuple[int, ...], ...]
"""The channels of each group, the largest group first."""


class ChannelGroups(Protocol):
    """Which channels of the network on the screen show the same things."""

    def of(self, layer: str) -> Groups | None:
        """The groups of a layer, None where nobody has looked for them."""

    def find(self, layer: str) -> None:
        """Look for the groups of a layer."""

    def looking_at(self, layer: str) -> bool:
        """Whether its groups are being looked for."""
