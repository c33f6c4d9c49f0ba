"""What panels can ask for (`viz.desk.context.Actions`), carried out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from imgui_bundle import imgui

from renderer.messages.protocol import EngineOptions, Sheet
from renderer.messages.request import MixSource, SavedW
from viz.compare import export as comparison
from viz.compare.view import columns
from viz.desk.tasks import describe
from viz.disk import dialogs, store
from viz.disk.dialogs import LATENTS, SNAPSHOTS, Dialogs
from viz.disk.pictures import SESSIONS

if TYPE_CHECKING:
    from viz.desk.context import Frame
    from viz.shell.app import App


class AppActions:
    """Thin: every method hands over to the part of the application that does it."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._dialogs = Dialogs(app)

    def open_snapshot(self, path: str) -> None:
        self._app.opening.open(path)

    def show_snapshot(self, path: str, *, step: bool = True) -> None:
        self._app.opening.show(path, step=step)

    def compare(self, path: str) -> None:
        self._app.opening.compare(path)

    def watch_run(self, path: str | None) -> None:
        self._app.monitoring.watch(path)

    def follow_run(self, on: bool) -> None:
        self._app.monitoring.follow(on)

    def cancel_job(self, job: int) -> None:
        self._app.client.cancel(job)

    def restart_renderer(self) -> None:
        self._app.client.restart()

    def save_w(self, path: str) -> None:
        job = self._app.client.save_w(self._app.session.render, path)
        self._app.feed.start_job(job, f"Saving w as {Path(path).name}")

    def export(self, sheets: tuple[Sheet, ...], path: str, fps: float = 30.0) -> None:
        self._app.exports.start(sheets, path, fps)

    def capture_picture(self, frame: Frame | None = None) -> None:
        app = self._app
        if frame is None and app.session.compare.on and app.session.compare.panes:
            comparison.save(app.session, app.context, columns())
        else:
            app.recording.picture(frame)

    def capture_window(self) -> None:
        app = self._app
        app.shots.ask(None, lambda path: app.notify(f"Saved {path}"))

    def toggle_recording(self) -> None:
        self._app.recording.toggle()

    def add_bookmark(self) -> None:
        self._app.bookmarks.add()

    def rename_bookmark(self, path: str, name: str) -> None:
        self._app.bookmarks.rename(Path(path), name)

    def remove_bookmark(self, path: str) -> None:
        self._app.bookmarks.remove(Path(path))

    def undelete_bookmark(self) -> None:
        self._app.bookmarks.undelete()

    def forget_recent(self, path: str) -> None:
        self._app.listing.forget_recent(path)

    def reveal(self, path: str) -> None:
        try:
            dialogs.reveal(Path(path))
        except OSError as error:
            self.notify(f"No file manager could be started. {describe(error)}", error=True)

    def restore(self, path: str) -> None:
        self._app.opening.restore(path)

    def use_w(self, path: str) -> None:
        session = self._app.session
        self._app.set_session(session.with_render(source=SavedW(path)))

    def mix_w(self, path: str) -> None:
        session = self._app.session
        mix = (*session.render.mix, MixSource(SavedW(path)))
        self._app.set_session(session.with_render(mix=mix))

    def save_session(self, path: str) -> None:
        session = self._app.session
        try:
            store.write_atomically(Path(path).expanduser(), store.encode(session))
        except OSError as error:
            self.notify(f"The session could not be saved. {describe(error)}", error=True)
        else:
            self.notify(f"Saved {path}")

    def copy_text(self, text: str, note: str) -> None:
        imgui.set_clipboard_text(text)
        self.notify(note)

    def configure(self, options: EngineOptions) -> None:
        self._app.client.configure(options)
        self._app.change_settings(engine=options)

    def change_settings(self, **changes: object) -> None:
        self._app.change_settings(**changes)

    def run_command(self, name: str) -> None:
        self._app.run_command(name)

    def notify(self, text: str, *, error: bool = False) -> None:
        self._app.notify(text, error=error)

    def browse(self, purpose: str) -> None:
        self._dialogs.open(purpose)

    def draw_dialogs(self) -> None:
        """Called every frame, for dialogs that are drawn by us."""
        self._dialogs.draw()

    def drop(self, paths: list[str]) -> None:
        """Files were dropped on the window: the first that can be used is."""
        usable = [p for p in paths if _usable(Path(p))]
        if not usable:
            names = ", ".join(Path(p).name for p in paths[:3])
            self.notify(
                f"{names}: neither a snapshot ({', '.join(SNAPSHOTS)} or a run directory) nor a "
                "session (PNG, MP4 or JSON that ganscope wrote) nor a saved w (.npz, .npy).",
                error=True,
            )
            return
        if len(paths) > 1:
            self.notify(f"{len(paths)} files were dropped; using {Path(usable[0]).name}.")
        if Path(usable[0]).suffix.lower() in SESSIONS:
            self.restore(usable[0])
        elif Path(usable[0]).suffix.lower() in LATENTS:
            # Drops come between frames, where nothing else would note the step.
            before = self._app.session
            self.use_w(usable[0])
            self._app.history.record(before, self._app.session, gesture=False)
        else:
            self.open_snapshot(usable[0])


def _usable(path: Path) -> bool:
    return path.suffix.lower() in (*SNAPSHOTS, *SESSIONS, *LATENTS) or path.is_dir()
