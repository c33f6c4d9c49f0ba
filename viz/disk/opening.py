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

from common.errors import UserError
from common.runs import locate
from renderer.messages.protocol import Failure, ModelInfo
from renderer.messages.request import RenderRequest
from viz.desk.tasks import Failed, describe
from viz.disk import pictures
from viz.session import comparing
from viz.session.fit import fit
from viz.session.session import Session
from viz.shell.feed import Ended

if TYPE_CHECKING:
    from viz.shell.app import App


@dataclass(frozen=True)
class _Load:
    """A load under way. session: what to become then (None: as it is by that time).

    show: it is for `Opening.show`, and means nothing once something else is wished for.
    """

    path: str
    session: Session | None
    first: bool = False
    show: bool = False


@dataclass(frozen=True)
class _Wish:
    """As in `Opening.show`."""

    path: str
    anew: bool


def bundled_snapshot() -> Path:
    """The snapshot that comes with the program."""
    return Path(str(resources.files("assets") / "busts64.safetensors"))


def _at_hand(render: RenderRequest) -> RenderRequest:
    """With the bundled snapshot wherever it is installed here; any other path as it is."""
    bundled, path = bundled_snapshot(), Path(render.snapshot)
    elsewhere = path.name == bundled.name and not path.exists()
    return structs.replace(render, snapshot=str(bundled)) if elsewhere else render


def _localised(session: Session) -> Session:
    """The same for all that a session compares."""
    panes = tuple(structs.replace(p, render=_at_hand(p.render)) for p in session.compare.panes)
    return structs.replace(session, render=_at_hand(session.render)).with_compare(panes=panes)


class Opening:
    """Loads that were asked for, by job number."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._loads: dict[int, _Load] = {}
        self.failed: Failure | None = None
        self._wish: _Wish | None = None
        self._showing: str | None = None
        self._step = False  # what is shown next is a step of undo
        self._fitted: tuple[RenderRequest, RenderRequest] | None = None

    @property
    def pending(self) -> bool:
        return bool(self._loads) or self._wish is not None

    @property
    def wished(self) -> str | None:
        """The snapshot that will be shown as soon as it is loaded."""
        return self._wish.path if self._wish is not None else self._showing

    def start(self, path: str | None) -> None:
        """At start: the path given, else the last session's snapshot, else the bundled one."""
        app = self._app
        app.begin_with(_localised(app.session))
        text = path or app.session.render.snapshot or str(bundled_snapshot())
        self._locate(text, None, first=True)

    def open(self, text: str) -> None:
        """A file, a run directory or RUN/KIMG."""
        self._locate(text.strip(), None)

    def show(self, path: str, *, step: bool = True, anew: bool = False) -> None:
        """Another snapshot at the same session; see `Actions.show_snapshot`.

        The step that a drag begins with is not lost where the next wish overtakes the first.
        anew: the file has been written since, so what is known of it no longer counts.
        """
        self._wish = _Wish(path, anew)
        self._step |= step

    def forget_wish(self) -> None:
        """Whatever was to be shown is not wanted any more."""
        self._wish, self._showing, self._step = None, None, False

    def advance(self) -> None:
        """Once per GUI frame, after the panels: they return sessions, which would undo this."""
        wish, self._wish = self._wish, None
        if wish is None:
            return
        self._showing = wish.path
        model = None if wish.anew else self._app.feed.models.get(wish.path)
        if model is not None:
            self._shown(model)
            return
        showing = [job for job, load in self._loads.items() if load.show]
        for job in showing[1:]:  # the oldest is being read: let it finish, it is wanted again
            self._app.client.cancel(job)
        if all(load.path != wish.path for load in self._loads.values()):
            self._start(_Load(wish.path, None, show=True))

    def compare(self, text: str) -> None:
        """One more picture beside the session's; see `Actions.compare`."""
        app, path = self._app, Path(text.strip()).expanduser()
        if path.suffix.lower() in pictures.SESSIONS:

            def read() -> RenderRequest:
                return pictures.read_session(path).render

            def beside(render: RenderRequest) -> None:
                app.set_session(comparing.added(app.session, _at_hand(render), (), path.stem))

            app.tasks.run(read, beside)
        else:

            def found(snapshot: Path) -> None:
                render = RenderRequest(str(snapshot))
                app.set_session(comparing.added(app.session, render))

            app.tasks.run(lambda: app.resolve(text.strip()), found)

    def restore(self, path: str) -> None:
        """A session out of a file; its snapshot is opened if need be."""
        self._app.tasks.run(lambda: pictures.read_session(Path(path)), self._become)

    def _become(self, session: Session) -> None:
        app = self._app
        self.forget_wish()
        session = comparing.restored(_localised(session), app.session)
        path = session.render.snapshot
        if not path or path in app.feed.models:
            if not path:
                session = session.with_render(snapshot=app.session.render.snapshot)
            app.set_session(session)
            app.notify("Session restored.")
        else:
            self._locate(path, session)

    def _locate(self, text: str, session: Session | None, *, first: bool = False) -> None:
        self.forget_wish()

        def look() -> tuple[Path, bool]:
            try:
                return self._app.resolve(text), True
            except UserError:
                run = locate.awaits_snapshot(text)
                if run is None:
                    raise
                return run, False

        def found(where: tuple[Path, bool]) -> None:
            path, whole = where
            if whole:
                self._start(_Load(str(path), session, first))
            else:
                self._await(path, first=first)

        def missed(error: Failed) -> None:
            if isinstance(error, UserError):
                failure = Failure(error.message, error.remedy)
            else:
                failure = Failure(describe(error))
            self._tell(failure)
            self._failed(_Load(text, session, first), failure)

        self._app.tasks.run(look, found, missed)

    def _await(self, run: Path, *, first: bool) -> None:
        """Training has only just begun: watch it, and show its first snapshot when it is there."""
        self._app.monitoring.watch(str(run), awaited=True)
        self._app.host.focus_panel("Training")
        self._app.notify(f"{run.name} has no snapshot yet; its first one will be shown.")
        if first:
            self._start(_Load(str(bundled_snapshot()), None, first=True))

    def _start(self, load: _Load) -> None:
        job = self._app.client.load(load.path)
        self._loads[job] = load
        self._app.feed.start_job(job, f"Opening {Path(load.path).name}")

    def ended(self, ended: Ended) -> None:
        """A job of the renderer is over."""
        load = self._loads.pop(ended.job.id, None)
        stale = load is not None and load.show and load.path != self._showing
        if ended.failure is not None and not ended.cancelled and not stale:
            self._tell(ended.failure)
        elif ended.text:
            self._app.notify(ended.text)
        if load is not None and load.show and ended.model is not None:
            self._app.feed.models[load.path] = ended.model
            if not stale:
                self._shown(ended.model)
        elif load is not None and ended.model is not None:
            self._opened(load, ended.model)
        elif load is not None:
            self._failed(load, None if ended.cancelled else ended.failure)

    def _shown(self, model: ModelInfo) -> None:
        app, step = self._app, self._step
        self._showing, self._step = None, False
        app.context.load_failure = None
        before = app.session.render
        if self._fitted is not None and self._fitted[1] == before:
            # Going past a network that lacks a layer must not lose the view of it for good.
            before = self._fitted[0]
        session = structs.replace(app.session, render=fit(before, model))
        self._fitted = before, session.render
        if session.render.snapshot == app.session.render.snapshot:
            app.feed.forget("main")  # the file was written anew
        if step:
            app.set_session(session)
        else:
            app.begin_with(session)

    def _opened(self, load: _Load, model: ModelInfo) -> None:
        app = self._app
        app.context.load_failure = None
        app.feed.models[load.path] = model
        base = load.session or app.session
        session = structs.replace(base, render=fit(base.render, model))
        if load.first:
            app.begin_with(session)
        else:
            app.set_session(session)
        app.feed.forget("main")
        if load.path != str(bundled_snapshot()):
            app.change_settings(recent=app.settings.opened(load.path).recent)
        app.notify(f"Opened {model.name}.")

    def _failed(self, load: _Load, failure: Failure | None) -> None:
        if failure is not None:
            self._app.context.load_failure = (load.path, failure)
        if load.path == self._showing:
            self._showing = None
        if load.first:
            self.failed = failure or Failure("Cancelled.")
            bundled = str(bundled_snapshot())
            if load.path != bundled:
                self._start(_Load(bundled, None, first=True))

    def _tell(self, failure: Failure) -> None:
        self._app.notify(f"{failure.message} {failure.remedy}".strip(), error=True)
