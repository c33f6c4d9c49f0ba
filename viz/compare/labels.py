"""What compared pictures are called: by what tells them apart."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import NamedTuple

from common import units
from common.runs.names import read_snapshot_name
from renderer.messages.model import ModelInfo
from renderer.messages.request import RenderRequest
from viz.session.parameters import latent, network, synthesis, table
from viz.session.session import PARTS, Part, Session

BETWEEN = " · "
"""What stands between the parts of a label."""


class Label(NamedTuple):
    """What a compared picture is called.

    title: the name that the user gave it, or that of its network, and as much of the detail as
        tells it from the others.
    detail: what else is known, the most telling first, with BETWEEN between its parts.
    """

    title: str
    detail: str


def labels(session: Session, models: Mapping[str, ModelInfo]) -> tuple[Label, ...]:
    """Return the labels of the session's picture and of each pane, in this order.

    models: facts on the networks, by path.
    """
    compare = session.compare
    renders = [session.render, *(pane.render for pane in compare.panes)]
    names = [compare.name, *(pane.name for pane in compare.panes)]
    folders = {PurePath(render.snapshot).parent for render in renders}
    made: list[Label] = []
    for number, (render, name) in enumerate(zip(renders, names, strict=True)):
        network, kimg = network_name(render.snapshot, models)
        first = [network] if name else []
        own = _own(session, number) if number else []
        folder = [PurePath(render.snapshot).parent.name] if len(folders) > 1 else []
        title, detail = name or network, [p for p in (*first, *own, *folder, *kimg) if p]
        while detail and any(title == label.title for label in made):
            title = f"{title}, {detail.pop(0)}"
        made.append(Label(title, BETWEEN.join(detail)))
    return tuple(made)


def network_name(path: str, models: Mapping[str, ModelInfo]) -> tuple[str, list[str]]:
    """Return the name of a network, and what is to be added to it where there is room.

    A snapshot of a run is called by its kimg; another by its name, to which its kimg is added
    where it is known.
    path: of the snapshot.
    models: facts on the networks, by path.
    """
    known = read_snapshot_name(PurePath(path).name)
    if known is not None and known.kimg is not None:
        return units.kimg(known.kimg), []
    model = models.get(network.absolute(path))
    kimg = model.kimg if model is not None else None
    return PurePath(path).stem or "no network", [] if kimg is None else [units.kimg(kimg)]


def difference_title(first: Label, second: Label) -> str:
    """Return the title of a map of `second` minus `first`."""
    return f"{second.title} − {first.title}"


def full(label: Label) -> str:
    """Return the title of a label with its detail behind it."""
    return f"{label.title}{BETWEEN}{label.detail}" if label.detail else label.title


def _own(session: Session, number: int) -> list[str]:
    """Say in a few words what a pane (from 1) does not share and has otherwise at present."""
    pane, main = session.compare.panes[number - 1], session.render
    if pane.render.target is not None:
        return []  # a picture from a file comes from no latent
    return [
        _value(part, pane.render)
        for part in PARTS
        if part not in pane.linked
        and any(getattr(pane.render, f) != getattr(main, f) for f in table.linked_with(part))
    ]


def _value(part: Part, render: RenderRequest) -> str:
    """Say in a few words what a request has in a part."""
    match part:
        case "latent":
            return latent.source_words(render.source)
        case "truncation":
            return latent.truncation_words(render.truncation)
        case "noise":
            return f"noise {render.noise.mode}"
        case "mixing":
            return "own mix" if render.mix else "not mixed"
        case "edits":
            return "own edits" if render.edits or render.bends else "no edits"
        case "view":
            moved = synthesis.transform_words(render.transform)
            return moved or (render.view.layer if render.view is not None else "the picture")
