"""The snapshot and the training run that come with the program, wherever it is installed."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from msgspec import structs

from renderer.messages.request import RenderRequest


def bundled_snapshot() -> Path:
    """Return the path of the bundled snapshot on this machine."""
    return Path(str(resources.files("assets") / "busts64.safetensors"))


def bundled_run() -> Path:
    """Return the path of the run directory that comes along, to try what is there for runs on."""
    return Path(str(resources.files("assets") / "runs" / "00000-busts64-mirror-small"))


def at_hand(request: RenderRequest) -> RenderRequest:
    """Return the request with the bundled snapshot where it is installed here.

    A request may come from another machine or folder; any other path stays as it is.
    """
    bundled, path = bundled_snapshot(), Path(request.snapshot)
    elsewhere = path.name == bundled.name and not path.exists()
    return structs.replace(request, snapshot=str(bundled)) if elsewhere else request
