"""The dialog that every export begins with: what kind, how fast, how large, where to."""

from __future__ import annotations

import math
import os
from pathlib import Path

from imgui_bundle import ImVec2, imgui
from imgui_bundle import icons_fontawesome_6 as fa
from msgspec import structs

from common import units
from renderer.messages.jobs import Quality, Sheet
from renderer.messages.journey import Journey
from renderer.pictures.codecs import CARRIERS, MAX_FPS
from renderer.pictures.journey.frame import frame_count
from viz.desk.actions import SheetsOf
from viz.desk.context import Context
from viz.desk.settings import ExportKind, ExportOptions
from viz.export.exports import finished, size_of
from viz.export.naming import target_of
from viz.ui import theme, widgets
from viz.ui.keys import take_key
from viz.ui.text import muted, shorten
from viz.ui.widgets import em

RATES = (10.0, 12.0, 15.0, 24.0, 25.0, 30.0, 50.0, 60.0)
"""The frames per second that can be chosen for a video."""
SIZES: tuple[tuple[tuple[float, int, bool], str], ...] = (
    ((1.0, 0, False), "As it is"),
    ((1.0, 512, False), "512 pixels"),
    ((1.0, 1080, False), "1080 pixels (Full HD)"),
    ((1.0, 1440, False), "1440 pixels"),
    ((1.0, 2160, False), "2160 pixels (4K)"),
    ((1.0, 720, True), "1280 × 720 with black sides"),
    ((1.0, 1080, True), "1920 × 1080 with black sides"),
    ((1.0, 1440, True), "2560 × 1440 with black sides"),
    ((1.0, 2160, True), "3840 × 2160 with black sides"),
    ((0.5, 0, False), "Half"),
    ((2.0, 0, False), "2 times"),
    ((4.0, 0, False), "4 times"),
    ((8.0, 0, False), "8 times"),
)
"""The sizes that can be chosen, with their names: a factor, the pixels of the shorter side that
count instead where they are not 0, and whether black makes a frame of 16:9 of it."""
FILMS: tuple[tuple[ExportKind, str], ...] = (
    ("mp4", "Video (MP4)"),
    ("webm", "Video (WebM)"),
    ("mov", "Video (ProRes)"),
    ("gif", "Animation (GIF)"),
    ("webp", "Animation (WebP)"),
)
"""The kinds of film, with their names."""
KIND_TIP = (
    "MP4 (H.264) plays everywhere. WebM (VP9) is smaller and takes longer. ProRes is for editing. "
    "GIF has 256 colours, the same ones in every frame; WebP has all. PNGs are loss-free."
)
QUALITIES: tuple[tuple[Quality, str, str], ...] = (
    ("best", "Best", "Hardly to be told from the pictures."),
    ("good", "Good", "About a third of the bytes."),
    ("small", "Small", "For sending."),
)
"""How a film can be compressed, with names and tooltips."""
SIZE_TIP = (
    "In pixels: of the shorter side of the whole. Enlarged pixels look as they do in the window: "
    "{} now; Smooth pixels (S) in the menu Picture changes it."
)
SOUND_TIP = "A WAV, FLAC, OGG or MP3 file that is heard with the film, as long as it lasts."
NAME_TIP = (
    "Nothing is overwritten: a taken name gets a number. A whole path, such as ~/films/loop, goes "
    "to its own folder."
)
LEAST_FPS = 0.1
"""The fewest frames per second that can be typed."""
DEFAULT = ExportOptions()
"""What a right-click on a control returns to."""


class ExportDialog:
    """The dialog of the window; `Actions.ask_export` opens it."""

    def __init__(self) -> None:
        self._title = ""
        self._name = ""
        self._moving = self._labelled = self._named = False
        self._sheets_of: SheetsOf = lambda _: ()
        self._raw: tuple[float, tuple[Sheet, ...]] = (0.0, ())
        self._made: tuple[ExportOptions, tuple[Sheet, ...]] | None = None
        self._options = DEFAULT
        self._asked = False
        self._journey: Journey | None = None
        self._sound = self._place = ""

    def open(
        self,
        title: str,
        sheets_of: SheetsOf,
        name: str,
        *,
        moving: bool = False,
        journey: Journey | None = None,
        sound: str = "",
    ) -> None:
        """Show the dialog; see `Actions.ask_export`."""
        self._title, self._name, self._moving = title, name.replace("/", "-"), moving
        self._journey, self._sound = journey, sound
        self._sheets_of, self._asked = sheets_of, True

    def draw(self, context: Context) -> None:
        """Draw the dialog while it is open; start the export when that is pressed.

        Call it in every frame, outside of all windows.
        """
        popup = f"{self._title}###export"
        if self._asked:
            self._asked, self._place = False, context.elsewhere
            if self._place:  # which cannot read what lies here
                self._sound = ""
            self._options = context.settings.export
            self._raw, self._made = (self._options.fps, self._sheets_of(self._options.fps)), None
            self._labelled = any(any(sheet.labels) for sheet in self._raw[1])
            if self._still:
                # Of one picture nobody expects half a second of film.
                self._options = structs.replace(self._options, kind="png")
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

    @property
    def _still(self) -> bool:
        return len(self._raw[1]) == 1 and not self._moving

    def _draw_form(self, context: Context) -> None:
        single = len(self._sheets()) == 1 and self._journey is None
        # What is typed into a field, or chosen in a list, is ended by the same key; so is the
        # choice in the palette that has opened the dialog in this frame.
        elsewhere = imgui.is_any_item_active() or not imgui.is_window_focused()
        elsewhere = elsewhere or imgui.is_window_appearing()
        self._draw_options(single)
        target = self._draw_target(context, single)
        self._draw_summary(context)
        imgui.dummy(ImVec2(0, em(0.2)))
        width = em(7)
        room = imgui.get_content_region_avail().x - 2 * width - imgui.get_style().item_spacing.x
        imgui.set_cursor_pos_x(imgui.get_cursor_pos_x() + room)
        cancelled = widgets.button("Cancel", width=width)
        if imgui.is_window_focused():  # and no dialog above it, which Escape is for then
            cancelled = cancelled or take_key(imgui.Key.escape, repeat=False)
        imgui.same_line()
        accent = theme.color(theme.current().accent_strong)
        imgui.push_style_color(imgui.Col_.button, accent)
        ready = target is not None and bool(self._sheets())
        entered = self._named or (not elsewhere and _return_pressed())
        pressed = widgets.button("Export", tip="Return", width=width, enabled=ready)
        if pressed or (ready and entered):
            self._export(context, str(target))
            cancelled = True
        imgui.pop_style_color()
        if cancelled:
            imgui.close_current_popup()

    def _export(self, context: Context, target: str) -> None:
        kept = self._options
        if self._still:  # which says nothing of what is wanted of several
            kept = structs.replace(kept, kind=context.settings.export.kind)
        context.actions.change_settings(export=kept)
        options = self._options
        heard = self._sound if f".{options.kind}" in CARRIERS else ""
        context.actions.export(
            self._sheets(),
            target,
            options.fps,
            journey=self._journey,
            quality=options.quality,
            canvas=options.canvas,
            sound=heard if self._place else os.path.expanduser(heard),
        )

    def _draw_options(self, single: bool) -> None:
        options = self._options
        png: tuple[ExportKind, str] = ("png", "Picture (PNG)" if single else "Sequence (PNG)")
        kind = widgets.choice("Format", options.kind, (*FILMS, png), tip=KIND_TIP)
        fps, seconds = options.fps, options.seconds
        if kind != "png":
            fps = _draw_rate(fps)
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
        look = "smooth" if any(sheet.smooth for sheet in self._raw[1]) else "sharp squares"
        chosen = options.scale, options.side, options.wide
        default = DEFAULT.scale, DEFAULT.side, DEFAULT.wide
        size = widgets.choice("Size", chosen, SIZES, default=default, tip=SIZE_TIP.format(look))
        lanczos = widgets.choice(
            "Enlarged",
            options.lanczos,
            ((False, f"As in the window ({look})"), (True, "Lanczos")),
            default=DEFAULT.lanczos,
            tip="How pixels are enlarged. Lanczos is smooth without being soft.",
        )
        quality = options.quality
        if kind not in ("png", "gif"):
            quality = widgets.segmented("Quality", quality, QUALITIES, default=DEFAULT.quality)
        if f".{kind}" in CARRIERS and (self._moving or len(self._raw[1]) > 1):
            where = f" It lies on {self._place}, where the film is made." if self._place else ""
            widgets.label("Sound", SOUND_TIP + where)
            imgui.set_next_item_width(-1)
            self._sound = widgets.path_field("Sound", self._sound, "none", SOUND_TIP + where)
        labels = options.labels
        if self._labelled:
            widgets.label("")
            tip = "The names of the pictures in their corners."
            labels = widgets.checkbox("Labels", labels, default=DEFAULT.labels, tip=tip)
        scale, side, wide = size
        seconds = min(60.0, max(0.0, seconds))
        self._options = ExportOptions(
            kind, fps, seconds, scale, side, labels, wide, quality, lanczos
        )

    def _draw_target(self, context: Context, single: bool) -> Path | None:
        """Draw the name and the folder; return the path that they make, None for none."""
        kind = self._options.kind
        suffix = f".{kind}" if kind != "png" or single else ""
        widgets.label("Name", NAME_TIP)
        imgui.set_next_item_width(-em(3.4) if suffix else -1)
        _, self._name = imgui.input_text("##Name", self._name)
        self._named = imgui.is_item_deactivated() and _return_pressed()
        if suffix:
            imgui.same_line(0, em(0.4))
            muted(suffix)
        folder = context.settings.exports
        target = target_of(folder, self._name, suffix)
        if target is not None:
            folder = target.parent
        widgets.label("Folder", "That for exports, unless the name says another one.")
        side = imgui.get_frame_height()
        imgui.align_text_to_frame_padding()
        room = imgui.get_content_region_avail().x - side - em(0.6)
        imgui.text_unformatted(shorten(str(folder), room))
        widgets.tooltip(str(folder))
        imgui.same_line(imgui.get_window_width() - side - imgui.get_style().window_padding.x)
        if imgui.button(f"{fa.ICON_FA_FOLDER_OPEN}###Choose folder", ImVec2(side, 0)):
            context.actions.browse("exports")
        widgets.tooltip("Choose another folder.")
        return target

    def _draw_summary(self, context: Context) -> None:
        sheets, options = self._sheets(), self._options
        frames = sum(sheet.hold for sheet in sheets)
        if self._journey is not None:
            frames = frame_count(self._journey, options.fps)
        told = self._moving and options.kind != "png"
        pictures = frames if self._journey is not None else len(sheets)
        facts = [] if told else [units.counted(pictures, "picture")]
        if options.kind != "png":
            facts += [units.counted(frames, "frame"), units.duration(frames / options.fps)]
        sizes = {size for sheet in sheets if (size := size_of(sheet, context.models)) is not None}
        if sizes:
            width, height = (max(size[axis] for size in sizes) for axis in (0, 1))
            if options.canvas is not None:
                height, width = options.canvas
            facts.append(f"{width} × {height}")
        widgets.label("Makes")
        muted(", ".join(facts))
        if len(sizes) > 1:
            widgets.label("")
            video = options.kind != "png"
            muted("Smaller ones are enlarged." if video else "Smaller ones stay as they are.")

    def _sheets(self) -> tuple[Sheet, ...]:
        options = self._options
        if self._raw[0] != options.fps:
            self._raw = options.fps, self._sheets_of(options.fps)
        if self._made is None or self._made[0] != options:
            self._made = options, finished(self._raw[1], options, moving=self._moving)
        return self._made[1]


def _draw_rate(fps: float) -> float:
    """Draw the frames per second, as a field and as a list; return what they have become."""
    tip = f"Frames per second of the video: any number up to {MAX_FPS:g}."
    widgets.label("Frames", tip)
    imgui.set_next_item_width(em(5))
    fps = widgets.edited(fps, imgui.input_float("##Rate", fps, 0.0, 0.0, "%.6g"))
    fps = min(max(fps, LEAST_FPS), MAX_FPS) if math.isfinite(fps) else DEFAULT.fps
    fps = widgets.finish(fps, DEFAULT.fps, tip)
    imgui.same_line(0, em(0.4))
    imgui.set_next_item_width(-1)
    names = [f"{rate:g} per second" for rate in RATES]
    index = RATES.index(fps) if fps in RATES else -1
    changed, index = imgui.combo("##Frames", index, names)
    widgets.tooltip("The usual ones.")
    return RATES[index] if changed else fps


def _return_pressed() -> bool:
    keys = (imgui.Key.enter, imgui.Key.keypad_enter)
    return any(imgui.is_key_pressed(key, False) for key in keys)
