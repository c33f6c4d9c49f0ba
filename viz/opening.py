"""Opening snapshots and restoring sessions: the way from a path to a picture.

Paths are looked up on a thread (disks can be slow), then the renderer loads the file; until it
has, everything stays as it is, and if it fails nothing has changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import structs

from renderer.protocol import Failure
from viz import capture
from viz.feed import Ended
from viz.fit import fit
from viz.session import Session

if TYPE_CHECKING:
    from viz.app import App


@dataclass(frozen=True)
class _Load:
    """A load under way. session: what to become then (None: as it is by that time)."""

    path: str
    session: Session | None
    first: bool = False


def bundled_snapshot() -> Path:
    """The snapshot that comes with the program."""
    return Path(str(resources.files("assets") / "earth64.safetensors"))


class Opening:
    """Loads that were asked for, by job number."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._loads: dict[int, _Load] = {}
        self.failed: Failure | None = None

    @property
    def pending(self) -> bool:
        return bool(self._loads)

    def start(self, path: str | None) -> None:
        """At start: the path given, else the last session's snapshot, else the bundled one."""
        text = path or self._app.session.render.snapshot or str(bundled_snapshot())
        self._locate(text, None, first=True)

    def open(self, text: str) -> None:
        """A file, a run directory or RUN/KIMG."""
        self._locate(text.strip(), None)

    def restore(self, path: str) -> None:
        """A session out of a file; its snapshot is opened if need be."""
        self._app.tasks.run(lambda: capture.read_session(Path(path)), self._become)

    def _become(self, session: Session) -> None:
        app = self._app
        path = session.render.snapshot
        if not path or path in app.feed.models:
            if not path:
                session = session.with_render(snapshot=app.session.render.snapshot)
            app.set_session(session)
            app.notify("Session restored.")
        else:
            self._locate(path, session)

    def _locate(self, text: str, session: Session | None, *, first: bool = False) -> None:
        def found(path: Path) -> None:
            self._load(str(path), session, first=first)

        self._app.tasks.run(lambda: self._app.resolve(text), found)

    def _load(self, path: str, session: Session | None, *, first: bool) -> None:
        job = self._app.client.load(path)
        self._loads[job] = _Load(path, session, first)
        self._app.feed.start_job(job, f"Opening {Path(path).name}")

    def ended(self, ended: Ended) -> None:
        """A job of the renderer is over."""
        app = self._app
        load = self._loads.pop(ended.job.id, None)
        if ended.failure is not None and not ended.cancelled:
            failure = ended.failure
            app.notify(f"{failure.message} {failure.remedy}".strip(), error=True)
        elif ended.text:
            app.notify(ended.text)
        if load is None:
            return
        if ended.model is None:
            self._failed(load, ended)
            return
        app.context.load_failure = None
        model = ended.model
        app.feed.models[load.path] = model
        base = load.session or app.session
        app.set_session(structs.replace(base, render=fit(base.render, model)))
        app.feed.forget("main")
        app.change_settings(recent=app.settings.opened(load.path).recent)
        app.notify(f"Opened {model.name}.")

    def _failed(self, load: _Load, ended: Ended) -> None:
        if ended.failure is not None and not ended.cancelled:
            self._app.context.load_failure = (load.path, ended.failure)
        if not load.first:
            return
        self.failed = ended.failure or Failure("Cancelled.")
        bundled = str(bundled_snapshot())
        if load.path != bundled:
            self._load(bundled, None, first=False)
