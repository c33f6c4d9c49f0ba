"""The changed styles of a request in words and as flags, and which of them fit a network."""

from __future__ import annotations

from renderer.messages.directions import LARGEST, MOST, style_title
from renderer.messages.model import ModelInfo
from renderer.messages.request import RenderRequest, StyleShift
from viz.session.parameters.parameter import Parameter


def _title(shift: StyleShift) -> str:
    return shift.name or style_title(shift.layer, shift.channel)


def _words(shifts: tuple[StyleShift, ...]) -> str:
    """Say in words which styles are changed, and how far."""
    return ", ".join(f"{_title(s)} {s.amount:+.1f}σ" for s in shifts if s.amount)


def _flags(request: RenderRequest, model: ModelInfo) -> list[str] | None:
    """Return the flags that ask for the same styles; None where flags cannot say them."""
    shifts = [shift for shift in _fitting(request.styles, model) if shift.amount]
    if not all(_can_be_said(shift) for shift in shifts):
        return None
    return [f"--style-channel={_word(shift)}" for shift in shifts]


def _can_be_said(shift: StyleShift) -> bool:
    """Whether the flag takes every number of a shift, its layer, and its name, which is none."""
    named = _title(shift) != style_title(shift.layer, shift.channel)
    taken = abs(shift.amount) <= MOST and 0 < shift.sigma <= LARGEST
    return taken and not named and ":" not in shift.layer


def _word(shift: StyleShift) -> str:
    return f"{shift.layer}:{shift.channel}={float(shift.amount)!r}*{float(shift.sigma)!r}"


def _fitting(shifts: tuple[StyleShift, ...], model: ModelInfo | None) -> tuple[StyleShift, ...]:
    """Return the styles that a network has; all of them where that is not known yet."""
    if model is None:
        return shifts
    counts = {layer.name: layer.styles for layer in model.layers}
    return tuple(s for s in shifts if 0 <= s.channel < counts.get(s.layer, 0))


STYLES = Parameter[tuple[StyleShift, ...]](
    "styles",
    "latent",
    "Style channels",
    _words,
    name="style channels",
    flags=_flags,
    fit=_fitting,
)
