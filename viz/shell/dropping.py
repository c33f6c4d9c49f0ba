"""Files that are dropped on the window: what each kind is taken for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, TypeAlias

from common.errors import UserError
from common.regular import require_regular
from viz.desk.actions import Actions
from viz.desk.tasks import Tasks
from viz.disk.pictures import SESSIONS, is_session, read_session
from viz.disk.purposes import LATENTS, SNAPSHOTS

Kind: TypeAlias = Literal["snapshot", "session", "latent"]
"""What a dropped file is used as."""


def drop(paths: Sequence[str], actions: Actions, tasks: Tasks) -> None:
    """Use the first of the files that can be used: open, restore, or take as the latent.

    Which it is needs a look at the disk, so a thread finds it out.
    """
    names = ", ".join(Path(path).name for path in paths[:3])

    def use(found: tuple[str, Kind]) -> None:
        first, kind = found
        if len(paths) > 1:
            actions.notify(f"{len(paths)} files were dropped; using {Path(first).name}.")
        if kind == "session":
            actions.restore(first)
        elif kind == "latent":
            actions.use_w(first)
        else:
            actions.open_snapshot(first)

    tasks.run(lambda: _first_usable(paths), use, about=f"Looking at {names}")


def _first_usable(paths: Sequence[str]) -> tuple[str, Kind]:
    """Return the first file that can be used, and how. Raises UserError where there is none."""
    refused: list[UserError] = []
    for path in paths:
        try:
            kind = _kind(Path(path))
        except UserError as error:
            refused.append(error)
            continue
        if kind is not None:
            return path, kind
    if refused:
        raise refused[0]
    names = ", ".join(Path(path).name for path in paths[:3])
    raise UserError(
        f"{names}: neither a snapshot ({', '.join(SNAPSHOTS)} or a run directory) nor a "
        "session (PNG, MP4 or JSON that ganscope wrote) nor a saved w (.npz, .npy)."
    )


def _kind(path: Path) -> Kind | None:
    """Return what a file is used as, None for nothing. Raises UserError for what never can be."""
    require_regular(path)
    suffix = path.suffix.lower()
    if path.is_dir() or suffix in SNAPSHOTS:
        return "snapshot"
    if suffix in SESSIONS:
        return "session"
    if suffix in LATENTS:
        return "latent"
    if is_session(path):
        read_session(path)  # says what another kind of picture lacks
        return "session"
    return None
