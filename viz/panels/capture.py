"""Keep what is on the screen: pictures that carry their session, sequences, w, a command line."""

from __future__ import annotations

from pathlib import PurePath

from imgui_bundle import ImVec2, imgui
from imgui_bundle import icons_fontawesome_6 as fa

from common import units
from viz.compare.saving import saving_words
from viz.desk import far_away
from viz.desk.context import Context
from viz.desk.facts import FileEntry
from viz.desk.panel import Panel
from viz.session.command_line import command_line
from viz.session.session import Session
from viz.ui import theme, widgets
from viz.ui.text import muted, shorten
from viz.ui.widgets import em

FOLDER_TIP = "Everything is written into this folder. Enter applies what is typed."
"""Shown over the folder of captures."""
SESSION_TIP = (
    "Every PNG carries the session it was made from: drop it on the window, and everything is as "
    "it was."
)
"""Shown under the buttons that save a picture."""


class CapturePanel:
    """Holds the folder that is typed but not yet applied."""

    def __init__(self) -> None:
        self._typed = ""
        self._shown = ""

    def draw(self, session: Session, context: Context) -> Session:
        """Draw the panel; return the session as it was edited there."""
        wide = imgui.get_content_region_avail().x > em(44)
        size = ImVec2(em(26), 0) if wide else ImVec2(0, 0)
        flags = imgui.ChildFlags_.none if wide else imgui.ChildFlags_.auto_resize_y
        if imgui.begin_child("controls", size, flags):
            self._draw_folder(context)
            _draw_what(session, context)
            _draw_buttons(session, context)
            widgets.hint(SESSION_TIP)
        imgui.end_child()
        if wide:
            imgui.same_line(0, em(1.2))
        if imgui.begin_child("files"):
            _draw_files(context)
        imgui.end_child()
        return session

    def _draw_folder(self, context: Context) -> None:
        folder = str(context.settings.captures)
        if folder != self._shown:
            self._shown = self._typed = folder
        widgets.label("Folder", FOLDER_TIP)
        side, gap = imgui.get_frame_height(), em(0.2)
        imgui.set_next_item_width(imgui.get_content_region_avail().x - 2 * (side + gap))
        flags = imgui.InputTextFlags_.enter_returns_true | imgui.InputTextFlags_.elide_left
        entered, self._typed = imgui.input_text("##Folder", self._typed, flags)
        widgets.tooltip(f"{folder}\n\n{FOLDER_TIP}")
        if entered:
            context.actions.change_settings(capture_folder=self._typed.strip())
        imgui.same_line(0, gap)
        if imgui.button(f"{fa.ICON_FA_FOLDER_OPEN}###Choose folder", ImVec2(side, 0)):
            context.actions.browse("captures")
        widgets.tooltip("Choose another folder.")
        imgui.same_line(0, gap)
        if imgui.button(f"{fa.ICON_FA_ARROW_UP_RIGHT_FROM_SQUARE}###Show folder", ImVec2(side, 0)):
            context.actions.reveal(folder)
        widgets.tooltip("Show it in the file manager.")


def _draw_what(session: Session, context: Context) -> None:
    widgets.label("Picture", "What Save picture writes: the picture itself, without zoom.")
    frame = context.frame
    if frame is None:
        muted("none yet")
        return
    words = saving_words(session, context)
    if session.compare.on and session.compare.panes:
        imgui.text_unformatted("The comparison")
    else:
        imgui.text_unformatted(f"{frame.width} × {frame.height} PNG")
        imgui.same_line(0, em(0.6))
        muted(shorten(PurePath(context.upcoming).name, imgui.get_content_region_avail().x))
    widgets.tooltip(words)


def _draw_buttons(session: Session, context: Context) -> None:
    actions, ready = context.actions, context.frame is not None
    width = (imgui.get_content_region_avail().x - imgui.get_style().item_spacing.x) / 2

    def button(icon: str, text: str, tip: str, *, enabled: bool = True, wide: bool = False) -> bool:
        """Draw a button with an icon; return whether it was pressed.

        wide: it takes the rest of the line instead of half a line.
        """
        name = f"{icon}  {text}###{text}"
        return widgets.button(name, tip=tip, enabled=enabled, width=-1 if wide else width)

    saving = f"{saving_words(session, context)} Ctrl+S"
    if button(fa.ICON_FA_IMAGE, "Save picture", saving, enabled=ready):
        actions.capture_picture()
    imgui.same_line()
    if button(fa.ICON_FA_DESKTOP, "Save window", "The whole window as a PNG."):
        actions.capture_window()
    _draw_record(context, ready)
    if button(
        fa.ICON_FA_TERMINAL,
        "Copy command",
        "The command line that makes the same picture, to the clipboard.",
        enabled=bool(session.render.snapshot),
    ):
        seen = context.seen_of(session)
        command = command_line(seen, context.model, context.settings.engine)
        actions.copy_text(command.text, far_away.of_command(command.note, context))
    imgui.same_line()
    tip = "w of this picture, truncated and mixed, as .npz: to project, mix or render again."
    if button(fa.ICON_FA_WAVE_SQUARE, "Save w…", tip, enabled=ready):
        actions.browse("save_w")
    if button(fa.ICON_FA_FLOPPY_DISK, "Save session…", "Everything but the network, as JSON."):
        actions.browse("save_session")
    imgui.same_line()
    if button(fa.ICON_FA_CLOCK_ROTATE_LEFT, "Restore…", "From a session or any PNG saved here."):
        actions.browse("session")


def _draw_record(context: Context, ready: bool) -> None:
    recording = context.recording
    red = theme.color(theme.current().error)
    if recording is None:
        if widgets.button(
            f"{fa.ICON_FA_CIRCLE}  Record sequence###Record",
            tip="Write every new picture, numbered, into a folder of its own (Ctrl+E).",
            enabled=ready,
            width=-1,
        ):
            context.actions.toggle_recording()
        return
    if widgets.button(f"{fa.ICON_FA_SQUARE}  Stop###Record", tip=recording.folder, width=em(6)):
        context.actions.toggle_recording()
    imgui.same_line()
    imgui.align_text_to_frame_padding()
    imgui.text_colored(red, fa.ICON_FA_CIRCLE)
    imgui.same_line(0, em(0.4))
    waiting = f", {recording.waiting} to write" if recording.waiting else ""
    seconds = units.duration(recording.seconds)
    imgui.text_unformatted(f"{recording.frames} pictures, {seconds}{waiting}")


def _draw_files(context: Context) -> None:
    if not context.captured:
        widgets.hint("The files that you save appear here.")
        return
    for i, entry in enumerate(context.captured):
        imgui.push_id(i)
        _draw_file(entry, context)
        imgui.pop_id()


def _draw_file(entry: FileEntry, context: Context) -> None:
    path = PurePath(entry.path)
    side = em(2.6)
    at, start = imgui.get_cursor_screen_pos(), imgui.get_cursor_pos()
    if imgui.selectable("##open", False, 0, ImVec2(0, side))[0]:
        context.actions.copy_text(entry.path, f"Copied: {entry.path}")
    widgets.tooltip(f"{entry.path}\n\nClick: copy the path. Right-click: more.")
    if imgui.begin_popup_context_item("file"):
        if imgui.menu_item("Copy path", "", False)[0]:
            context.actions.copy_text(entry.path, f"Copied: {entry.path}")
        if imgui.menu_item("Show in file manager", "", False)[0]:
            context.actions.reveal(entry.path)
        if imgui.menu_item("Restore its session", "", False)[0]:
            context.actions.restore(entry.path)
        imgui.end_popup()
    after, gap = imgui.get_cursor_pos(), em(0.15)
    if entry.thumbnail is not None:
        picture = entry.thumbnail
        scale = (side - 2 * gap) / max(picture.width, picture.height)
        low = ImVec2(at.x + gap, at.y + gap)
        high = ImVec2(low.x + picture.width * scale, low.y + picture.height * scale)
        context.draw_image(picture, low, high, smooth=True, key=f"file {entry.path}")
    line = imgui.get_text_line_height()
    x = start.x + side + em(0.5)
    room = imgui.get_content_region_avail().x - side - em(1)
    imgui.set_cursor_pos(ImVec2(x, start.y + (side - 2.1 * line) / 2))
    imgui.text_unformatted(shorten(path.name, room))
    imgui.set_cursor_pos(ImVec2(x, start.y + (side + 0.1 * line) / 2))
    muted(shorten(f"{units.file_size(entry.bytes)}   {path.parent}", room))
    imgui.set_cursor_pos(after)
    imgui.dummy(ImVec2(0, 0))


PANEL = Panel("Capture", fa.ICON_FA_CAMERA, "bottom", 1, make=lambda: CapturePanel().draw)
