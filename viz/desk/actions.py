"""What panels and commands can ask of the application. Everything returns at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Protocol, TypeAlias, TypedDict, Unpack

from renderer.messages.jobs import Quality, Sheet
from renderer.messages.journey import Journey
from renderer.messages.options import EngineOptions
from viz.desk.parts.control import ControlActions
from viz.desk.parts.directions import DirectionActions
from viz.desk.parts.dragging import DraggingActions
from viz.desk.parts.journey import JourneyActions
from viz.desk.parts.output import OutputActions
from viz.desk.parts.projection import ProjectionActions
from viz.desk.parts.timeline import TimelineActions
from viz.desk.settings import SettingsChanges, Side
from viz.gpu.pictures import Frame

Purpose: TypeAlias = Literal[
    "snapshot",
    "session",
    "save_session",
    "save_w",
    "w",
    "mix",
    "compare",
    "captures",
    "exports",
    "run",
    "copy",
    "overlay",
    "target",
    "projection",
    "directions",
    "save_directions",
    "midi",
    "journey",
    "save_journey",
    "sound",
]
"""What a file dialog is for: a snapshot to open; a session (PNG, MP4 or JSON) to restore, or where
to save one; where to save w; a saved w (.npz or .npy) to take as the latent, or into the mix; a
snapshot or a session to show beside the picture; the folder of captures, or of exports; a run to
watch; where to copy a snapshot to; a run to compare the watched one with; a picture to project; a
folder for the projection that the panel shows; a file of directions, or where to save a set of
them; a MIDI file to play; a journey, or where to save one; a sound for it."""


class FilmOptions(TypedDict, total=False):
    """What else an export is made with; the fields are those of `renderer.messages.jobs.Export`."""

    journey: Journey | None
    quality: Quality
    canvas: tuple[int, int] | None
    sound: str


SheetsOf: TypeAlias = Callable[[float], tuple[Sheet, ...]]
"""Makes the sheets of an export for a number of frames per second."""


class SnapshotActions(Protocol):
    """Opening snapshots and sessions."""

    def open_snapshot(self, path: str) -> None:
        """Open a file, a run directory or RUN/KIMG; until it is ready everything stays."""

    def show_snapshot(self, path: str, *, step: bool = True) -> None:
        """Show another snapshot file at the same session: scrubbing, following, comparing.

        At once where the network's facts are known, otherwise when it is loaded. Only the newest
        wish counts, and a click elsewhere in between wins. Nothing changes where it fails.
        step: whether it is a step of undo.
        """

    def compare(self, path: str) -> None:
        """Show something beside the picture, at the same latent.

        path: a snapshot as `open_snapshot` takes it, or a session, of which nothing is linked.
        """

    def watch_run(self, path: str | None) -> None:
        """Follow a run directory; None stands for the one that the open snapshot lies in."""

    def overlay_run(self, path: str | None) -> None:
        """Draw the curves of another run over those of the watched one; None for no run."""

    def follow_run(self, on: bool) -> None:
        """Show new snapshots of the run by themselves, beginning with the newest, or do not."""

    def star_snapshot(self, path: str, on: bool) -> None:
        """Give a snapshot of the watched run a star, or take it away."""

    def note_snapshot(self, path: str, text: str) -> None:
        """Write something about a snapshot of the watched run, in the place of what stood there."""

    def copy_snapshot(self, path: str) -> None:
        """Ask where to copy a snapshot to, and copy it in the background."""

    def measure_snapshot(self, path: str, metric: str) -> None:
        """Measure a snapshot in the background; the value is added to those of its run."""

    def forget_recent(self, path: str) -> None:
        """Take a snapshot out of the list of opened ones."""

    def restore(self, path: str) -> None:
        """Become the session in a PNG or MP4 that we wrote, or in a session's JSON."""

    def use_w(self, path: str) -> None:
        """Take a saved w as the latent."""

    def mix_w(self, path: str) -> None:
        """Add a saved w to the mix."""

    def browse(self, purpose: Purpose) -> None:
        """Show a file dialog; what is chosen there is used for its purpose."""


class KeepingActions(Protocol):
    """Writing what is on the screen."""

    def save_session(self, path: str) -> None:
        """Write the session as JSON."""

    def save_w(self, path: str) -> None:
        """Write w of the present request as .npz."""

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
        """Show the dialog of an export, which asks for its kind, speed, size and place.

        title: of the dialog.
        sheets_of: makes what is exported, again when the frames per second change; the dialog
            sets `hold`, `scale` and whether there are labels.
        name: of the file, without suffix.
        moving: the sheets are frames of one movement, and none of them stays.
        journey: its pictures are the frames; of sheets there is one, which says how they lie.
        sound: the file that is heard with it at first.
        """

    def export(
        self,
        sheets: tuple[Sheet, ...],
        path: str,
        fps: float = 30.0,
        **film: Unpack[FilmOptions],
    ) -> None:
        """Write sheets as a film, a picture (.png) or a folder of PNGs, with this session.

        It goes on in the background, beside live pictures; its job is in `Context.jobs`. Nothing
        is overwritten: a number is added to the name where that is taken.
        """

    def capture_picture(self, frame: Frame | None = None) -> None:
        """Write a picture as a PNG into the capture folder, carrying its session.

        frame: the picture, None for what the Picture panel shows, be it a comparison.
        """

    def copy_picture(self) -> None:
        """Put what the Picture panel shows on the clipboard, where the system has one for it."""

    def capture_window(self) -> None:
        """Write the whole window as a PNG into the capture folder."""

    def toggle_recording(self) -> None:
        """Start or stop writing every new picture as a numbered sequence."""

    def add_bookmark(self) -> None:
        """Keep the picture on the screen with its session."""

    def rename_bookmark(self, path: str, name: str) -> None:
        """Call a bookmark something else."""

    def remove_bookmark(self, path: str) -> None:
        """Take a bookmark away; `undelete_bookmark` brings it back."""

    def undelete_bookmark(self) -> None:
        """Put the bookmark back that was removed last."""

    def copy_text(self, text: str, note: str) -> None:
        """Copy a text to the clipboard, and say so in the status bar."""

    def reveal(self, path: str) -> None:
        """Show a file or a folder in the system's file manager."""


class WindowActions(Protocol):
    """What concerns the program itself."""

    def notify(self, text: str, *, error: bool = False, file: str = "") -> None:
        """Put a line into the status bar, and show it for a while where it is an error.

        file: what was written, which can be shown in its folder.
        """

    def change_settings(self, **changes: Unpack[SettingsChanges]) -> None:
        """Replace fields of `Settings`."""

    def configure(self, options: EngineOptions) -> None:
        """Change what the renderer computes on."""

    def cancel_job(self, job: int) -> None:
        """Ask the renderer to give a job up."""

    def restart_renderer(self) -> None:
        """End the renderer, in whatever state it is, and start another."""

    def give_up_renderer(self) -> None:
        """Reach for a renderer on another machine no longer, until it is restarted."""

    def run_command(self, name: str) -> None:
        """Run a named command, if it is enabled. Raises KeyError where there is none."""

    def undo(self) -> None:
        """Go back to before the last step; whatever moves by itself stops."""

    def redo(self) -> None:
        """Go on to after the step that was undone last."""

    def focus_panel(self, title: str) -> None:
        """Bring a panel to the front of its tabs, and open it where it is closed."""

    def show_panel(self, title: str, visible: bool) -> None:
        """Open or close a panel."""

    def is_panel_visible(self, title: str) -> bool:
        """Whether a panel is open."""

    def toggle_side(self, side: Side) -> None:
        """Collapse the panels of a side to a strip, or open them."""

    def is_side_open(self, side: Side) -> bool:
        """Whether a side is not collapsed."""

    def toggle_picture_only(self) -> None:
        """Show the picture over the whole window, or the panels again."""

    def toggle_full_screen(self) -> None:
        """Show the picture alone on the other display, or here where there is only this one.

        Called again, everything is as before.
        """

    def toggle_help(self) -> None:
        """Show or hide the help page."""

    def open_palette(self) -> None:
        """Show the command palette."""

    def reset_layout(self) -> None:
        """Put all panels back to where they start."""

    def quit(self) -> None:
        """Close the window."""


class Actions(SnapshotActions, KeepingActions, WindowActions, Protocol):
    """Everything that can be asked of the application.

    timeline: goes through the snapshots of the run.
    projection: looks for pictures in a network.
    directions: looks for directions in w, and goes along them.
    dragging: drags points of the picture.
    control: has knobs move what is on the screen.
    journey: goes along the journey of the session, and keeps it in files.
    output: shows the picture alone on a display.
    """

    @property
    def timeline(self) -> TimelineActions: ...

    @property
    def projection(self) -> ProjectionActions: ...

    @property
    def directions(self) -> DirectionActions: ...

    @property
    def dragging(self) -> DraggingActions: ...

    @property
    def control(self) -> ControlActions: ...

    @property
    def journey(self) -> JourneyActions: ...

    @property
    def output(self) -> OutputActions: ...
