"""Files that are dropped on the window: what each kind is taken for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

from common.errors import UserError
from common.regular import require_regular
from renderer.messages.directions import SUFFIX, FromFile
from renderer.pictures.journey.files import is_journey
from renderer.pictures.metadata import is_plain_picture
from renderer.pictures.sound.reading import SUFFIXES as SOUNDS
from viz.desk.actions import Actions
from viz.desk.tasks import Tasks
from viz.disk.dialogs.purposes import LATENTS, SNAPSHOTS
from viz.disk.pictures import SESSIONS, is_session
from viz.disk.projections import PICTURES

Kind: TypeAlias = Literal[
    "snapshot", "session", "latent", "target", "directions", "journey", "sound"
]
"""What a dropped file is used as."""


def drop(paths: Sequence[str], actions: Actions, tasks: Tasks, *, far: bool = False) -> None:
    """Use the first of the files that can be used: open, restore, take as the latent, or project.

    far: the renderer is on another machine and cannot open what lies here; sessions, journeys and
        sounds the window reads itself.

    Pictures that hold no session are projected, all of them.
    Which it is needs a look at the disk, so a thread finds it out.
    """
    names = ", ".join(Path(path).name for path in paths[:3])

    def use(found: _Found) -> None:
        first, kind, targets = found
        if far and kind not in ("session", "journey", "sound"):
            raise UserError(
                f"{Path(first).name} lies on this machine, and the renderer is on another one.",
                "Project it in a window there, or by visualizer.py project."
                if kind == "target"
                else "Copy it there, and open it by its path or from the browser.",
            )
        if kind == "target":
            actions.projection.add(targets)
            return
        if len(paths) > 1:
            actions.notify(f"{len(paths)} files were dropped; using {Path(first).name}.")
        if kind == "session":
            actions.restore(first)
        elif kind == "latent":
            actions.use_w(first)
        elif kind == "directions":
            actions.directions.find(FromFile(first))
            actions.focus_panel("Directions")
        elif kind == "sound":
            actions.journey.hear(first)
            actions.focus_panel("Journey")
        elif kind == "journey":
            actions.journey.load(first)
            actions.focus_panel("Journey")
        else:
            actions.open_snapshot(first)

    tasks.run(lambda: _first_usable(paths), use, about=f"Looking at {names}")


class _Found(NamedTuple):
    """What dropped files are taken for.

    first: the first that can be used.
    kind: what it is used as.
    targets: all that are pictures to project, where the first is one.
    """

    first: str
    kind: Kind
    targets: tuple[str, ...] = ()


def _first_usable(paths: Sequence[str]) -> _Found:
    """Return the first file that can be used, and how. Raises UserError where there is none."""
    refused: list[UserError] = []
    for path in paths:
        try:
            kind = _kind(Path(path))
        except UserError as error:
            refused.append(error)
            continue
        if kind == "target":
            return _Found(path, kind, tuple(filter(_may_be_target, paths)))
        if kind is not None:
            return _Found(path, kind)
    if refused:
        raise refused[0]
    names = ", ".join(Path(path).name for path in paths[:3])
    raise UserError(
        f"{names}: neither a snapshot ({', '.join(SNAPSHOTS)} or a run directory) nor a "
        "session (PNG, MP4 or JSON that ganscope wrote) nor a saved w (.npz, .npy, .pt) nor a "
        "picture to project."
    )


def _kind(path: Path) -> Kind | None:
    """Return what a file is used as, None for nothing. Raises UserError for what never can be."""
    require_regular(path)
    suffix = path.suffix.lower()
    if path.is_dir() or suffix in SNAPSHOTS:
        return "snapshot"
    if suffix in LATENTS:
        return "latent"
    if path.name.lower().endswith(SUFFIX):
        return "directions"
    if suffix in SOUNDS:
        return "sound"
    if is_journey(path):
        return "journey"
    if suffix in SESSIONS:
        return "target" if is_plain_picture(path) else "session"
    if suffix in PICTURES or is_plain_picture(path):
        return "target"
    return "session" if is_session(path) else None


def _may_be_target(path: str) -> bool:
    """Whether a file is meant to be projected with others; what is none is refused by name."""
    suffix = Path(path).suffix.lower()
    return (suffix in PICTURES and suffix not in SESSIONS) or is_plain_picture(path)
