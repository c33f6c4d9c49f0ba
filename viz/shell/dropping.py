"""Files that are dropped on the window: what each kind is taken for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from common.errors import UserError
from common.regular import require_regular
from viz.desk.actions import Actions
from viz.desk.tasks import Tasks
from viz.disk.pictures import SESSIONS
from viz.disk.purposes import LATENTS, SNAPSHOTS


def drop(paths: Sequence[str], actions: Actions, tasks: Tasks) -> None:
    """Use the first of the files that can be used: open, restore, or take as the latent.

    Which it is needs a look at the disk, so a thread finds it out.
    """
    names = ", ".join(Path(path).name for path in paths[:3])

    def use(first: str) -> None:
        if len(paths) > 1:
            actions.notify(f"{len(paths)} files were dropped; using {Path(first).name}.")
        suffix = Path(first).suffix.lower()
        if suffix in SESSIONS:
            actions.restore(first)
        elif suffix in LATENTS:
            actions.use_w(first)
        else:
            actions.open_snapshot(first)

    tasks.run(lambda: _first_usable(paths), use, about=f"Looking at {names}")


def _first_usable(paths: Sequence[str]) -> str:
    """Return the first file that can be used, and how. Raises UserError where there is none."""
    refused: list[UserError] = []
    for path in paths:
        try:
            require_regular(path)
        except UserError as error:
            refused.append(error)
            continue
        if Path(path).suffix.lower() in (*SNAPSHOTS, *SESSIONS, *LATENTS) or Path(path).is_dir():
            return path
    if refused:
        raise refused[0]
    names = ", ".join(Path(path).name for path in paths[:3])
    raise UserError(
        f"{names}: neither a snapshot ({', '.join(SNAPSHOTS)} or a run directory) nor a "
        "session (PNG, MP4 or JSON that ganscope wrote) nor a saved w (.npz, .npy)."
    )
