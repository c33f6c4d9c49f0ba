"""The dialog that every export begins with: what kind, how fast, how large, where to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from imgui_bundle import ImVec2, imgui
from imgui_bundle import icons_fontawesome_6 as fa

from common import units
from renderer.messages.jobs import Sheet
from viz.desk.context import Context
from viz.desk.settings import ExportOptions
from viz.export.exports import finished, size_of
from viz.ui import theme, widgets
from viz.ui.keys import take_key
from viz.ui.text import muted, shorten
from viz.ui.widgets import em

SheetsOf = Callable[[float], tuple[Sheet, ...]]
"""Makes the sheets of an export for a number of frames per second."""

RATES = (10.0, 12.0, 15.0, 24.0, 25.0, 30.0, 50.0, 60.0)
"""The frames per second that can be chosen for a video."""
SCALES = ((0.5, "½×"), (1.0, "1×"), (2.0, "2×"), (4.0, "4×"), (8.0, "8×"))
"""The sizes that can be chosen, as factors, with the text of the button."""
DEFAULT = ExportOptions()
"""What a right-click on a control returns to."""


class ExportDialog:
    """The dialog of one panel, which calls `open` from a button and `draw` in every frame."""

    def __init__(self) -> None:
        self._title = ""
        self._name = ""
        self._moving = self._labelled = False
        self._sheets_of: SheetsOf = lambda _: ()
        self._raw: tuple[float, tuple[Sheet, ...]] = (0.0, ())
        self._made: tuple[ExportOptions, tuple[Sheet, ...]] | None = None
        self._options = DEFAULT
        self._asked = False

    def open(self, title: str, sheets_of: SheetsOf, name: str, *, moving: bool = False) -> None:
        """Show the dialog.

        title: of its window.
        sheets_of: makes what is exported, again when the frames per second change; the dialog
            sets `hold`, `scale` and whether there are labels.
        name: of the file, without suffix.
        moving: the sheets are frames of one movement, and none of them stays.
        """
        self._title, self._name, self._moving = title, name, moving
        self._sheets_of, self._made = sheets_of, None
        self._raw = self._options.fps, sheets_of(self._options.fps)
        self._labelled = any(any(sheet.labels) for sheet in self._raw[1])
        self._asked = True

    def draw(self, context: Context) -> None:
        """Draw the dialog while it is open; start the export when that is pressed."""
        popup = f"{self._title}###export"
        if self._asked:
            self._asked = False
            self._options = context.settings.export
            imgui.open_popup(popup)
        center = imgui.get_main_viewport().get_center()
        imgui.set_next_window_pos(center, imgui.Cond_.appearing, ImVec2(0.5, 0.5))
        imgui.set_next_window_size(ImVec2(em(30), 0))
        flags = imgui.WindowFlags_.no_saved_settings | imgui.WindowFlags_.no_resize
        if not imgui.begin_popup_modal(popup, None, flags)[0]:
            return
        imgui.push_style_var(imgui.StyleVar_.item_spacing, ImVec2(em(0.5), em(0.5)))
        self._draw_form(context)
        imgui.pop_style_var()
        imgui.end_popup()

    def _draw_form(self, context: Context) -> None:
        single = len(self._sheets()) == 1
        self._draw_options(single)
        target = self._draw_target(context, single)
        self._draw_summary(context)
        imgui.dummy(ImVec2(0, em(0.2)))
        width = em(7)
        room = imgui.get_content_region_avail().x - 2 * width - imgui.get_style().item_spacing.x
        imgui.set_cursor_pos_x(imgui.get_cursor_pos_x() + room)
        cancelled = widgets.button("Cancel", width=width)
        cancelled = cancelled or take_key(imgui.Key.escape, repeat=False)
        imgui.same_line()
        accent = theme.color(theme.current().accent_strong)
        imgui.push_style_color(imgui.Col_.button, accent)
        ready = bool(self._name.strip()) and bool(self._sheets())
        if widgets.button("Export", width=width, enabled=ready):
            context.actions.change_settings(export=self._options)
            context.actions.export(self._sheets(), str(target), self._options.fps)
            cancelled = True
        imgui.pop_style_color()
        if cancelled:
            imgui.close_current_popup()

    def _draw_options(self, single: bool) -> None:
        options = self._options
        kind = widgets.segmented(
            "Format",
            options.kind,
            (
                ("mp4", "Video (MP4)", "H.264: plays everywhere."),
                ("png", "Picture (PNG)", "Just as it was drawn, with its session in it.")
                if single
                else ("png", "Sequence (PNG)", "A folder with one PNG per picture, loss-free."),
            ),
        )
        fps, seconds = options.fps, options.seconds
        if kind == "mp4":
            rates = sorted({*RATES, fps})
            tip = "Frames per second of the video."
            named = [(rate, f"{rate:g} per second") for rate in rates]
            fps = widgets.choice("Frames", fps, named, default=DEFAULT.fps, tip=tip)
            if not self._moving:
                tip = "How long each picture stays."
                seconds = widgets.slider(
                    "Stay",
                    seconds,
                    0.02,
                    5.0,
                    default=DEFAULT.seconds,
                    tip=tip,
                    fmt="%.2f s each",
                    logarithmic=True,
                )
        sizes = [
            (scale, text, "Reduced, smoothed." if scale < 1 else "Pixels stay sharp squares.")
            for scale, text in SCALES
        ]
        scale = widgets.segmented("Size", options.scale, sizes, default=DEFAULT.scale)
        labels = options.labels
        if self._labelled:
            widgets.label("")
            tip = "The names of the pictures in their corners."
            labels = widgets.checkbox("Labels", labels, default=DEFAULT.labels, tip=tip)
        self._options = ExportOptions(kind, fps, min(60.0, max(0.0, seconds)), scale, labels)

    def _draw_target(self, context: Context, single: bool) -> Path:
        """Draw the name and the folder; return the path that they make.

        A number is added to the name later, where it is taken.
        """
        suffix = ".mp4" if self._options.kind == "mp4" else ".png" if single else ""
        folder = context.settings.captures
        widgets.label("Name", "Nothing is overwritten: a taken name gets a number.")
        imgui.set_next_item_width(-em(3) if suffix else -1)
        _, self._name = imgui.input_text("##Name", self._name)
        if suffix:
            imgui.same_line(0, em(0.4))
            muted(suffix)
        widgets.label("Folder", "The folder for captures.")
        side = imgui.get_frame_height()
        imgui.align_text_to_frame_padding()
        room = imgui.get_content_region_avail().x - side - em(0.6)
        imgui.text_unformatted(shorten(str(folder), room))
        widgets.tooltip(str(folder))
        imgui.same_line(imgui.get_window_width() - side - imgui.get_style().window_padding.x)
        if imgui.button(f"{fa.ICON_FA_FOLDER_OPEN}###Choose folder", ImVec2(side, 0)):
            context.actions.browse("captures")
        widgets.tooltip("Choose another folder.")
        return folder / f"{self._name.strip().replace('/', '-')}{suffix}"

    def _draw_summary(self, context: Context) -> None:
        sheets, options = self._sheets(), self._options
        frames = sum(sheet.hold for sheet in sheets)
        told = self._moving and options.kind == "mp4"
        facts = [] if told else [_count(len(sheets), "picture")]
        if options.kind == "mp4":
            facts += [_count(frames, "frame"), units.duration(frames / options.fps)]
        size = size_of(sheets[0], context.models) if sheets else None
        if size is not None:
            facts.append(f"{size[0]} × {size[1]}")
        widgets.label("Makes")
        muted(", ".join(facts))

    def _sheets(self) -> tuple[Sheet, ...]:
        options = self._options
        if self._raw[0] != options.fps:
            self._raw = options.fps, self._sheets_of(options.fps)
        if self._made is None or self._made[0] != options:
            self._made = options, finished(self._raw[1], options, moving=self._moving)
        return self._made[1]


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'s' * (number != 1)}"
