"""What the window has to know about a field of a request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from renderer.messages.model import ModelInfo
from renderer.messages.request import RenderRequest
from viz.session.parameters.control import Control, Scope
from viz.session.session import Part

T = TypeVar("T")
"""The type of a field."""


def unchanged(value: T, model: ModelInfo | None) -> T:
    """Return the value as it is, as for fields that fit every network."""
    return value


def uncontrolled(scope: Scope) -> tuple[Control, ...]:
    """Return no controls, as for fields that no knob can move."""
    return ()


@dataclass(frozen=True)
class Parameter(Generic[T]):
    """One field of a request.

    field: its name in `RenderRequest`.
    part: what it is linked with in comparisons, None where every picture has its own.
    title: what a summary calls it, empty where summaries leave it out.
    words: its value in a summary; empty where there is nothing to tell.
    always: it is told even where it is as in a new request.
    name: what a sentence calls it; empty for the title in small letters.
    flags: how the command line says it, for a network that is open, or None where flags cannot;
        without this function, only what it is in a new request can be said, by no flag at all.
    fit: the value with nothing that would fail in a network; for one that is not known yet
        (None), with nothing that could.
    controls: its numbers and switches, which OSC and MIDI move.
    """

    field: str
    part: Part | None
    title: str = ""
    words: Callable[[T], str] = str
    always: bool = False
    name: str = ""
    flags: Callable[[RenderRequest, ModelInfo], list[str] | None] | None = None
    fit: Callable[[T, ModelInfo | None], T] = unchanged
    controls: Callable[[Scope], tuple[Control, ...]] = uncontrolled

    def value(self, request: RenderRequest) -> T:
        """Return what the request has in this field."""
        value: T = getattr(request, self.field)
        return value

    @property
    def noun(self) -> str:
        """What a sentence calls it."""
        return self.name or self.title.lower()

    def is_at_first(self, request: RenderRequest) -> bool:
        """Say whether the field is as in a new request."""
        return self.value(request) == self.value(type(request)())

    def as_flags(self, request: RenderRequest, model: ModelInfo) -> list[str] | None:
        """Return the flags that say the value, None where none can."""
        if self.flags is not None:
            return self.flags(request, model)
        return [] if self.is_at_first(request) else None
