"""The network that a request is drawn with."""

from __future__ import annotations

import os
from pathlib import PurePath

from renderer.messages.model import ModelInfo
from renderer.messages.request import RenderRequest
from viz.session.parameters.parameter import Parameter


def absolute(path: str) -> str:
    """Return a path as the renderer names the network that it opened there."""
    return os.path.abspath(os.path.expanduser(path)) if path else ""


def _snapshot_flags(request: RenderRequest, model: ModelInfo) -> list[str] | None:
    path = request.snapshot
    # The command line takes typed text, where blanks around a path are slips.
    return ["--network", path] if path == path.strip() else None


SNAPSHOT = Parameter[str](
    "snapshot",
    None,
    "Network",
    words=lambda path: PurePath(path).name or "none",
    always=True,
    flags=_snapshot_flags,
    fit=lambda path, model: model.path if model is not None else absolute(path),
)
