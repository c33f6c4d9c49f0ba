"""The snapshot that comes with the program, wherever it is installed."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from msgspec import structs

from renderer.messages.request import RenderRequest
from viz.session.session import Session


def bundled_snapshot() -> Path:
    """The path of the bundled snapshot on this machine."""
    return Path(str(resources.files("assets") / "busts64.safetensors"))


def at_hand(render: RenderRequest) -> RenderRequest:
    """The request with the bundled snapshot where it is installed here.

    A session may come from another machine; any other path stays as it is.
    """
    bundled, path = bundled_snapshot(), Path(render.snapshot)
    elsewhere = path.name == bundled.name and not path.exists()
    return structs.replace(render, snapshot=str(bundled)) if elsewhere else render


def localised(session: Session) -> Session:
    """The session with `at_hand` applied to its own request and to all that it compares."""
    panes = tuple(
        structs.replace(pane, render=at_hand(pane.render)) for pane in session.compare.panes
    )
    return structs.replace(session, render=at_hand(session.render)).with_compare(panes=panes)
