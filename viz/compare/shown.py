"""What a comparison shows: the request of each picture, and its newest frame."""

from __future__ import annotations

from dataclasses import dataclass

from msgspec import structs

from renderer.messages.failure import Failure
from renderer.messages.request import RenderRequest
from viz.compare.labels import BETWEEN, Label, labels
from viz.desk.context import Context
from viz.desk.facts import Wait
from viz.gpu.pictures import Frame
from viz.session import comparing
from viz.session.session import PARTS, Part, Session


@dataclass(frozen=True)
class Shown:
    """One compared picture.

    number: 0 is the main picture, which the panels edit; n is the n-th pane.
    label: what it is called.
    request: what it is to show.
    frame: the newest picture of it that there is, not always of `request` yet.
    failure: why there is none of `request`, None where nothing failed.
    linked: what it shares with the main picture.
    wait: what it waits for, None where it is what is wanted.
    """

    number: int
    label: Label
    request: RenderRequest
    frame: Frame | None
    failure: Failure | None
    linked: tuple[Part, ...]
    wait: Wait | None = None

    @property
    def whole(self) -> bool:
        """Whether it shares everything with the main picture."""
        return len(self.linked) == len(PARTS)


def gather(session: Session, context: Context) -> list[Shown]:
    """Ask for every picture, and tell what there is of each, the main one first."""
    context.ask_panes()
    requests = comparing.requests(session, context.models)
    streams = ["main", *(comparing.stream(pane) for pane in session.compare.panes)]
    linked = [PARTS, *(pane.linked for pane in session.compare.panes)]
    there = {f.request: f for name in streams if (f := context.frames.get(name)) is not None}
    named = labels(session, context.models)
    return [
        Shown(
            number,
            _without_layer(named[number], session.render, request, context)
            if "view" in linked[number]
            else named[number],
            request,
            there.get(request) or context.frames.get(stream),
            context.failures.get(stream),
            linked[number],
            context.waits.get(stream),
        )
        for number, (stream, request) in enumerate(zip(streams, requests, strict=True))
    ]


def _without_layer(
    label: Label, main: RenderRequest, request: RenderRequest, context: Context
) -> Label:
    """Return the label, saying so first where the network cannot show the layer looked at."""
    if main.view is None or request.view is not None or request.snapshot not in context.models:
        return label
    missing = f"no {main.view.layer}"
    return Label(label.title, BETWEEN.join(part for part in (missing, label.detail) if part))


def coherent(first: Shown, second: Shown) -> bool:
    """Whether two frames show their linked parts at the same values, and the wanted networks."""
    if first.frame is None or second.frame is None or first.failure or second.failure:
        return False
    a, b = first.frame.request, second.frame.request
    if (a.snapshot, b.snapshot) != (first.request.snapshot, second.request.snapshot):
        return False
    both = {*first.linked} & {*second.linked}
    return all(_same(part, a, b) for part in both)


def _same(part: Part, a: RenderRequest, b: RenderRequest) -> bool:
    match part:
        case "latent":
            return a.source == b.source
        case "truncation":
            return (a.truncation.psi, a.truncation.curve) == (b.truncation.psi, b.truncation.curve)
        case "mixing":
            return a.mix == b.mix
        case "noise":
            return structs.replace(a.noise, layers=()) == structs.replace(b.noise, layers=())
        case "edits" | "view":
            return True  # what a network lacks is left out, so these may differ


def size_of(all_shown: list[Shown]) -> tuple[int, int]:
    """Return the size that the zoom counts from, which is that of the session's picture."""
    frames = [shown.frame for shown in all_shown if shown.frame is not None]
    return (frames[0].width, frames[0].height) if frames else (1, 1)
