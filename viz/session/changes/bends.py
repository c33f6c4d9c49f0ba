"""The bends of a request as a list that is edited. Pure functions."""

from __future__ import annotations

from typing import TypeAlias

from renderer.messages.bending import FACTS, Bend, Operation

Bends: TypeAlias = tuple[Bend, ...]


def added(bends: Bends, layer: str, operation: Operation) -> Bends:
    """Return the list with a new bend at its end, which does something."""
    return (*bends, Bend(layer, operation, FACTS[operation].start))


def replaced(bends: Bends, index: int, bend: Bend) -> Bends:
    """Return the list with another bend at a place."""
    return (*bends[:index], bend, *bends[index + 1 :])


def removed(bends: Bends, index: int) -> Bends:
    """Return the list without the bend at a place."""
    return (*bends[:index], *bends[index + 1 :])


def duplicated(bends: Bends, index: int) -> Bends:
    """Return the list with the bend at a place twice."""
    return (*bends[: index + 1], bends[index], *bends[index + 1 :])


def earlier(bends: Bends, index: int) -> Bends:
    """Return the list with the bend at a place brought before the one ahead of it."""
    if index == 0:
        return bends
    return (*bends[: index - 1], bends[index], bends[index - 1], *bends[index + 1 :])


def later(bends: Bends, index: int) -> Bends:
    """Return the list with the bend at a place brought behind the next one."""
    return earlier(bends, index + 1) if index + 1 < len(bends) else bends


def channels_words(bend: Bend, channels: int) -> str:
    """Say which channels of a layer a bend is done to."""
    among = channels if bend.channels is None else len(bend.channels)
    words = f"all {channels}" if bend.channels is None else f"{among} of {channels}"
    return words if bend.share == 1 else f"{bend.share:.0%} of {words}, at random"
