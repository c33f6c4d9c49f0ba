"""Files that are dropped on the window: what each kind is taken for."""

from __future__ import annotations

from pathlib import Path

from viz.desk.actions import Actions
from viz.disk.dialogs import LATENTS, SNAPSHOTS
from viz.disk.pictures import SESSIONS


def drop(paths: list[str], actions: Actions) -> None:
    """Use the first of the files that can be used: open, restore, or take as the latent."""
    usable = [path for path in paths if _usable(Path(path))]
    if not usable:
        names = ", ".join(Path(path).name for path in paths[:3])
        actions.notify(
            f"{names}: neither a snapshot ({', '.join(SNAPSHOTS)} or a run directory) nor a "
            "session (PNG, MP4 or JSON that ganscope wrote) nor a saved w (.npz, .npy).",
            error=True,
        )
        return
    first = usable[0]
    if len(paths) > 1:
        actions.notify(f"{len(paths)} files were dropped; using {Path(first).name}.")
    suffix = Path(first).suffix.lower()
    if suffix in SESSIONS:
        actions.restore(first)
    elif suffix in LATENTS:
        actions.use_w(first)
    else:
        actions.open_snapshot(first)


def _usable(path: Path) -> bool:
    return path.suffix.lower() in (*SNAPSHOTS, *SESSIONS, *LATENTS) or path.is_dir()
