"""The snapshot and the training run that come with the program, wherever it is installed."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from msgspec import structs

from renderer.messages.request import RenderRequest

_SNAPSHOTS = ("busts128.safetensors", "busts64.safetensors")
"""Those in `assets`, the one that opens first in front: pictures and sessions name older ones."""


def bundled_snapshot() -> Path:
    """Return the path of the bundled snapshot that opens first on this machine."""
    return _asset(_SNAPSHOTS[0])


def bundled_run() -> Path:
    """Return the path of the run directory that comes along, to try what is there for runs on."""
    return _asset("runs") / "00000-busts64-mirror-small"


def installed(path: str) -> str:
    """Return the path of a bundled snapshot as it is here, where it was of another installation.

    A file that exists, and any other path, stays as it is.
    """
    name = Path(path).name
    return str(_asset(name)) if name in _SNAPSHOTS and not Path(path).exists() else path


def at_hand(request: RenderRequest) -> RenderRequest:
    """Return the request with its snapshot as `installed` finds it here."""
    found = installed(request.snapshot)
    return request if found == request.snapshot else structs.replace(request, snapshot=found)


def _asset(name: str) -> Path:
    return Path(str(resources.files("assets") / name))
