"""Text to read: tables of facts that can be copied, and boxes that say what went wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal, TypeAlias

from imgui_bundle import ImVec2, imgui
from imgui_bundle import icons_fontawesome_6 as fa

from renderer.messages.failure import Failure
from viz.ui import theme
from viz.ui.widgets import em, tooltip

Row: TypeAlias = tuple[str, str, str]
"""A label, its value, and a tooltip that may be empty."""

Copy: TypeAlias = Callable[[str, str], None]
"""Takes a text to the clipboard, with a note that says so."""


def facts(
    name: str, rows: Iterable[Row], copy: Copy, label_em: float = 6.5, *, pairs: int = 1
) -> None:
    """Draw a table of labels and values with their tooltips; a click on a value copies it.

    name: of the table, unique in its window.
    copy: copies a value.
    label_em: width of a column of labels, in em.
    pairs: how many labels with their values are in a row.
    """
    flags = imgui.TableFlags_.sizing_fixed_fit | imgui.TableFlags_.pad_outer_x
    imgui.push_style_var(imgui.StyleVar_.cell_padding, ImVec2(0, em(0.12)))
    if imgui.begin_table(f"##{name}", 2 * pairs, flags):
        for i in range(pairs):
            imgui.table_setup_column(f"label{i}", imgui.TableColumnFlags_.width_fixed, em(label_em))
            imgui.table_setup_column(f"value{i}", imgui.TableColumnFlags_.width_stretch)
        for label, value, tip in rows:
            imgui.table_next_column()
            muted(shorten(label, em(label_em - 0.4)))
            tooltip(tip or (label if imgui.calc_text_size(label).x > em(label_em - 0.4) else ""))
            imgui.table_next_column()
            copyable(label, value, copy)
        imgui.end_table()
    imgui.pop_style_var()


def copyable(label: str, value: str, copy: Copy) -> None:
    """Draw a value on one line, shortened in the middle if it is too long. A click copies it."""
    room = imgui.get_content_region_avail().x
    shown = shorten(value, room)
    if imgui.selectable(f"{shown}##{label}", False)[0]:
        copy(value, f"Copied: {label}")
    if shown != value:
        tooltip(f"{value}\n\nClick to copy.")
    else:
        tooltip("Click to copy.")


def shorten(text: str, room: float, *, at: Literal["middle", "end"] = "middle") -> str:
    """Return the text on one line, with … in the place of what does not fit.

    room: the width in pixels that there is.
    at: where something is left out: paths and names are told apart by both ends, sentences are
        read from the start.
    """
    text = " ".join(text.split())
    if imgui.calc_text_size(text).x <= room:
        return text
    low, high = 0, len(text)
    while high - low > 1:
        kept = (low + high) // 2
        fits = imgui.calc_text_size(_cut(text, kept, at)).x <= room
        low, high = (kept, high) if fits else (low, kept)
    return _cut(text, low, at)


def _cut(text: str, kept: int, at: Literal["middle", "end"]) -> str:
    """The text with … in the place of all but `kept` characters."""
    tail = kept // 2 if at == "middle" else 0
    return text[: kept - tail] + "…" + (text[-tail:] if tail else "")


def muted(text: str) -> None:
    """Draw a text in the quiet colour of what matters less."""
    imgui.push_style_color(imgui.Col_.text, imgui.get_style_color_vec4(imgui.Col_.text_disabled))
    imgui.text_unformatted(text)
    imgui.pop_style_color()


def title(text: str) -> None:
    """Draw a line in a larger size."""
    imgui.push_font(None, imgui.get_style().font_size_base * 1.2)
    imgui.text_unformatted(shorten(text, imgui.get_content_region_avail().x))
    imgui.pop_font()
    tooltip(text)


def failure_box(name: str, failure: Failure, buttons: Iterable[tuple[str, str]] = ()) -> str:
    """Draw a failure with its remedy; return the text of the button pressed, or an empty one.

    name: of the box, unique in its window.
    buttons: their texts and tooltips.
    """
    palette = theme.current()
    pressed = ""
    imgui.push_style_color(imgui.Col_.child_bg, theme.color(palette.error, 0.10))
    imgui.push_style_color(imgui.Col_.border, theme.color(palette.error, 0.45))
    flags = imgui.ChildFlags_.borders | imgui.ChildFlags_.auto_resize_y
    flags |= imgui.ChildFlags_.always_use_window_padding
    if imgui.begin_child(f"##{name}", ImVec2(0, 0), flags):
        imgui.push_text_wrap_pos(0.0)
        imgui.text_colored(theme.color(palette.error), fa.ICON_FA_TRIANGLE_EXCLAMATION)
        imgui.same_line()
        imgui.text_unformatted(failure.message)
        if failure.remedy:
            imgui.text_unformatted(failure.remedy)
        imgui.pop_text_wrap_pos()
        for i, (text, tip) in enumerate(buttons):
            if i:
                imgui.same_line()
            if imgui.small_button(text):
                pressed = text
            tooltip(tip)
    imgui.end_child()
    imgui.pop_style_color(2)
    return pressed
