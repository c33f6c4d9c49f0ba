"""What panels and commands can ask for (`viz.desk.actions.Actions`), carried out."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Unpack

from imgui_bundle import imgui

from renderer.messages.jobs import SaveW, Sheet
from renderer.messages.journey import Journey
from renderer.messages.options import EngineOptions
from renderer.messages.request import MixSource, SavedW
from renderer.pictures.metadata import encode_png
from viz.compare.saving import save_comparison
from viz.desk.actions import FilmOptions, Purpose, SheetsOf
from viz.desk.context import Context
from viz.desk.settings import SettingsChanges, Side
from viz.desk.tasks import Failed, describe
from viz.disk import file_manager, store
from viz.disk.clipboard import copy_png
from viz.disk.measuring import measure
from viz.disk.pictures import SESSIONS, session_of
from viz.gpu.pictures import Frame
from viz.session.changes import mixing
from viz.shell.chosen_files import ChosenFiles
from viz.shell.parts import Parts


class AppActions:
    """Hands every action over to the part of the application that does it.

    parts: the parts of the application.
    context: the facts of the present frame.
    run: runs a named command.
    """

    def __init__(
        self, parts: Parts, context: Callable[[], Context], run: Callable[[str], None]
    ) -> None:
        self._parts = parts
        self._context = context
        self._run = run
        self.timeline = parts.timeline
        self.projection = parts.projections
        self.directions = parts.directions
        self.dragging = parts.drags
        self.control = parts.remote
        self.journey = parts.journeys
        self.output = parts.output
        self.files = ChosenFiles(parts, self)
        self.dialogs = self.files.dialogs

    # -- snapshots and sessions ---------------------------------------------------------------

    def open_snapshot(self, path: str) -> None:
        self._parts.opening.open(path)

    def show_snapshot(self, path: str, *, step: bool = True) -> None:
        self._parts.opening.showing.show(path, step=step)

    def compare(self, path: str) -> None:
        file = Path(os.path.expanduser(path.strip()))
        if file.suffix.lower() in SESSIONS:
            self._parts.restoring.compare(file)
        else:
            self._parts.restoring.compare_snapshot(path.strip())

    def watch_run(self, path: str | None) -> None:
        self._parts.run_watch.choose(path)

    def overlay_run(self, path: str | None) -> None:
        self._parts.run_marks.compare(path or "")

    def follow_run(self, on: bool) -> None:
        self._parts.run_watch.follow(on)

    def star_snapshot(self, path: str, on: bool) -> None:
        self._parts.run_marks.star(path, on)

    def note_snapshot(self, path: str, text: str) -> None:
        self._parts.run_marks.note(path, text)

    def copy_snapshot(self, path: str) -> None:
        self.files.copy(path)

    def measure_snapshot(self, path: str, metric: str) -> None:
        name = Path(path).name
        if self._parts.far:
            self.notify(f"{name} is on another machine: measure it there.", error=True)
            return
        self._parts.errands.start(
            f"Measuring {metric} of {name}",
            lambda errand: measure(path, metric, errand),
            lambda values: self.notify(f"{name}: {values}"),
        )

    def forget_recent(self, path: str) -> None:
        self._parts.lists.forget_recent(path)

    def restore(self, path: str) -> None:
        self._parts.restoring.restore(path)

    def use_w(self, path: str) -> None:
        cell = self._parts.cell
        cell.set(cell.now.with_render(source=SavedW(path)))

    def mix_w(self, path: str) -> None:
        cell = self._parts.cell
        model = self._context().model
        rows = () if model is None else model.rows
        added = mixing.with_band(MixSource(SavedW(path)), "fine", rows)
        mix = (*cell.now.render.mix, added)
        cell.set(cell.now.with_render(mix=mix))

    def browse(self, purpose: Purpose) -> None:
        self.files.browse(purpose)

    # -- keeping what is on the screen --------------------------------------------------------

    def save_session(self, path: str) -> None:
        data, to = store.encode(self._parts.drags.shown), Path(os.path.expanduser(path))

        def failed(error: Failed) -> None:
            self.notify(f"The session could not be saved. {describe(error)}", error=True)

        self._parts.tasks.run(
            lambda: store.write_atomically(to, data),
            lambda _: self.notify(f"Saved {path}", file=str(to)),
            failed,
            about=f"Saving {to.name}",
        )

    def save_w(self, path: str) -> None:
        request = self._parts.drags.shown.render
        label = f"Saving w as {Path(path).name}"
        self._parts.jobs.start(SaveW(path, request), label)

    def ask_export(
        self,
        title: str,
        sheets_of: SheetsOf,
        name: str,
        *,
        moving: bool = False,
        journey: Journey | None = None,
        sound: str = "",
    ) -> None:
        self._parts.overlays.export.open(
            title, sheets_of, name, moving=moving, journey=journey, sound=sound
        )

    def export(
        self,
        sheets: tuple[Sheet, ...],
        path: str,
        fps: float = 30.0,
        **film: Unpack[FilmOptions],
    ) -> None:
        self._parts.exports.start(sheets, path, fps, **film)

    def capture_picture(self, frame: Frame | None = None) -> None:
        context, session = self._context(), self._parts.cell.now
        if frame is None and session.compare.on and session.compare.panes:
            save_comparison(session, context, context.place.columns)
        else:
            made = session if frame is not None else context.seen_of(session)
            picture = self._parts.recording.picture
            self._keep(frame or context.seen, lambda exact: picture(exact, made))

    def _keep(self, frame: Frame | None, then: Callable[[Frame], None]) -> None:
        if frame is None:
            self.notify("There is no picture yet.", error=True)
        else:
            self._parts.exact.give(frame, then)

    def copy_picture(self) -> None:
        session = self._context().seen_of(self._parts.cell.now)

        def failed(error: Failed) -> None:
            self.notify(f"The picture was not copied. {describe(error)}", error=True)

        def copy(frame: Frame) -> None:
            pixels = frame.pixels.copy()
            made = store.encode(session_of(session, frame.request))
            self._parts.tasks.run(
                lambda: copy_png(encode_png(pixels, made)),
                lambda _: self.notify("The picture is on the clipboard."),
                failed,
                about="Copying the picture",
            )

        self._keep(self._context().seen, copy)

    def capture_window(self) -> None:
        self._parts.shots.ask(None, lambda path: self.notify(f"Saved {path}", file=str(path)))

    def toggle_recording(self) -> None:
        self._parts.recording.toggle()

    def add_bookmark(self) -> None:
        context, add = self._context(), self._parts.bookmarks.add
        session = context.seen_of(self._parts.cell.now)
        self._keep(context.seen, lambda exact: add(exact, session))

    def rename_bookmark(self, path: str, name: str) -> None:
        self._parts.bookmarks.rename(Path(path), name)

    def remove_bookmark(self, path: str) -> None:
        self._parts.bookmarks.remove(Path(path))

    def undelete_bookmark(self) -> None:
        self._parts.bookmarks.undelete()

    def copy_text(self, text: str, note: str) -> None:
        imgui.set_clipboard_text(text)
        self.notify(note)

    def reveal(self, path: str) -> None:
        def failed(error: Failed) -> None:
            self.notify(f"It cannot be shown in its folder. {describe(error)}", error=True)

        self._parts.tasks.run(
            lambda: file_manager.reveal(Path(path)),
            lambda _: None,
            failed,
            quiet=True,
            about="Starting the file manager",
        )

    # -- the program itself -------------------------------------------------------------------

    def notify(self, text: str, *, error: bool = False, file: str = "") -> None:
        self._parts.messages.add(text, error=error, file=file)

    def change_settings(self, **changes: Unpack[SettingsChanges]) -> None:
        self._parts.settings.change(**changes)

    def configure(self, options: EngineOptions) -> None:
        self._parts.client.configure(options)
        self._parts.feed.forget_all()
        self._parts.settings.change(engine=options)

    def cancel_job(self, job: int) -> None:
        if not self._parts.errands.cancel(job):
            self._parts.jobs.cancel(job)

    def restart_renderer(self) -> None:
        self._parts.client.restart()

    def give_up_renderer(self) -> None:
        self._parts.client.give_up()

    def run_command(self, name: str) -> None:
        self._run(name)

    def undo(self) -> None:
        self._halt()
        if not self._parts.drags.take_back():
            self._parts.cell.undo()

    def redo(self) -> None:
        self._halt()
        self._parts.cell.redo()

    def _halt(self) -> None:
        """Stop what moves by itself: it would go on from there and bury what can be redone."""
        self._parts.timeline.stop()
        self._parts.remote.halt()
        self._parts.journeys.stop()
        self._parts.opening.showing.forget()

    def focus_panel(self, title: str) -> None:
        self._parts.host.focus_panel(title)

    def show_panel(self, title: str, visible: bool) -> None:
        self._parts.host.show_panel(title, visible)

    def is_panel_visible(self, title: str) -> bool:
        return self._parts.host.is_panel_visible(title)

    def toggle_side(self, side: Side) -> None:
        self._parts.host.toggle_side(side)

    def is_side_open(self, side: Side) -> bool:
        return self._parts.host.is_side_open(side)

    def toggle_picture_only(self) -> None:
        self._parts.overlays.picture_only = not self._parts.overlays.picture_only

    def toggle_full_screen(self) -> None:
        host, overlays = self._parts.host, self._parts.overlays
        if host.full_screen:
            overlays.picture_only = False  # which leaves the full screen too
        elif not self.output.toggle():
            host.full_screen = overlays.picture_only = True
            host.fill_display(True)

    def toggle_help(self) -> None:
        self._parts.overlays.help.toggle()

    def open_palette(self) -> None:
        self._parts.overlays.palette.open()

    def reset_layout(self) -> None:
        self._parts.host.reset_layout()

    def quit(self) -> None:
        self._parts.host.quit()
