"""What of a request, or of a journey's keys, a network has no place for: it is drawn without it."""

from __future__ import annotations

from collections.abc import Mapping

from renderer.messages.journey import Journey
from renderer.messages.model import ModelInfo
from renderer.messages.request import ClassLabel, RenderRequest
from viz.session.changes.directions import has_effect
from viz.session.parameters.table import PARAMETERS

LOST = ("styles", "edits", "bends")
"""Fields of which a network draws what it has a place for."""


def without_place(request: RenderRequest, model: ModelInfo) -> tuple[str, ...]:
    """Return what of a request has no effect in a network, in words; empty where all of it has."""
    named = {parameter.field: parameter for parameter in PARAMETERS if parameter.field in LOST}
    found = [
        parameter.name
        for field, parameter in named.items()
        if parameter.fit(getattr(request, field), model) != getattr(request, field)
    ]
    if any(len(source.weights) > model.num_ws for source in request.mix):
        found.append(f"rows of w beyond its {model.num_ws}")
    if not all(has_effect(direction, model) for direction in request.directions):
        found.append("directions")
    # A class that a conditional network lacks is no such thing: its picture fails, and says so.
    if request.label not in (None, ClassLabel()) and not model.c_dim:
        found.append("its class")
    return tuple(found)


def told(journey: Journey, models: Mapping[str, ModelInfo]) -> str:
    """Return in a sentence which keys their networks have no place for, empty where none.

    models: the networks that are known, by path; keys of others are passed over.
    """
    lost: dict[str, list[int]] = {}
    whole: dict[str, dict[str, None]] = {}
    for number, key in enumerate(journey.keys, 1):
        model = models.get(key.render.snapshot)
        found = without_place(key.render, model) if model is not None else ()
        if model is not None and found:
            lost.setdefault(model.name, []).append(number)
            whole.setdefault(model.name, {}).update(dict.fromkeys(found))
    return " ".join(
        f"{name} has no place for all of {_numbers(numbers)}, and draws "
        f"{'it' if len(numbers) == 1 else 'them'} without {', '.join(whole[name])}."
        for name, numbers in lost.items()
    )


def _numbers(numbers: list[int]) -> str:
    """Return some keys in words: key 2, keys 1-3, 7."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    texts = [f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs]
    return f"key{'s' if len(numbers) > 1 else ''} {', '.join(texts)}"
