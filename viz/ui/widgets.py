"""Controls that every panel is made of: a label on the left, the control on the right.

Each takes a value and returns the value to use from now on. Right-click puts the default back;
hovering the label or the control explains it; Ctrl+click on a slider or a drag types a number, and
Shift makes both slower. One that has an address (`control`) can be moved by OSC and MIDI: a
right-click on its name, or Shift with a right-click on itself, opens the menu for that.
The control's ImGui id is `##` + its label, so tests find `Truncation/##psi`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from imgui_bundle import ImVec2, ImVec4, imgui

from viz.ui import controlled, sliders
from viz.ui.layout import em as em
from viz.ui.sliders import drag_speed as drag_speed
from viz.ui.sliders import edited as edited
from viz.ui.tooltips import show_tooltip as show_tooltip
from viz.ui.tooltips import tooltip as tooltip

T = TypeVar("T")
"""The type of the value of a control."""

LABEL_EM = 6.5
"""Width of the column of labels, in em."""


def label(text: str, tip: str = "", control: str = "") -> None:
    """Draw the label of a row in its left column; the next item fills the rest of the line.

    control: the address at which OSC and MIDI move what it names, empty for none.
    """
    imgui.align_text_to_frame_padding()
    imgui.text_unformatted(text)
    controlled.offer_name(control, em(LABEL_EM - 0.5))
    tooltip(tip)
    imgui.same_line(em(LABEL_EM))
    imgui.set_next_item_width(-1)


def finish(value: T, default: T | None, tip: str, control: str = "") -> T:
    """Explain the item before; return `default` where it is right-clicked, else `value`.

    control: the address at which OSC and MIDI move it, empty for none.
    """
    tooltip(tip)
    if controlled.offer(control, resets=default is not None):
        return value
    if default is not None and imgui.is_item_clicked(imgui.MouseButton_.right):
        return default
    return value


def slider(
    name: str,
    value: float,
    low: float,
    high: float,
    *,
    default: float | None = None,
    tip: str = "",
    control: str = "",
    fmt: str = "%.2f",
    logarithmic: bool = False,
) -> float:
    """Draw a slider for a float in low…high; typed values may lie outside.

    default: what a right-click returns to, None for nothing.
    tip: the tooltip.
    control: the address at which OSC and MIDI move it, empty for none.
    fmt: how the value is written, in the manner of printf.
    logarithmic: equal distances on the slider are equal ratios.
    """
    label(name, tip, control)
    flags = imgui.SliderFlags_.logarithmic if logarithmic else imgui.SliderFlags_.none
    value = sliders.slider_float(f"##{name}", value, low, high, fmt, int(flags))
    return finish(value, default, tip, control)


def slider_int(
    name: str,
    value: int,
    low: int,
    high: int,
    *,
    default: int | None = None,
    tip: str = "",
    control: str = "",
    fmt: str = "%d",
) -> int:
    """Draw a slider for an integer in low…high; typed values are clamped.

    default: what a right-click returns to, None for nothing.
    tip: the tooltip.
    control: the address at which OSC and MIDI move it, empty for none.
    fmt: how the value is written, in the manner of printf.
    """
    label(name, tip, control)
    clamp = int(imgui.SliderFlags_.always_clamp)
    value = sliders.slider_int(f"##{name}", value, low, high, fmt, clamp)
    return finish(value, default, tip, control)


def drag(
    name: str,
    value: float,
    *,
    speed: float = 0.01,
    low: float = 0.0,
    high: float = 0.0,
    default: float | None = None,
    tip: str = "",
    control: str = "",
    fmt: str = "%.3f",
) -> float:
    """Draw a field for a float without natural bounds, which is dragged, or typed by Ctrl+click.

    speed: how much the value changes per pixel.
    low, high: the range of the value, which is unbounded where both are 0.
    default: what a right-click returns to, None for nothing.
    tip: the tooltip.
    control: the address at which OSC and MIDI move it, empty for none.
    fmt: how the value is written, in the manner of printf.
    """
    label(name, tip, control)
    speed = drag_speed(speed)
    value = edited(value, imgui.drag_float(f"##{name}", value, speed, low, high, fmt))
    return finish(value, default, tip, control)


def integer(
    name: str,
    value: int,
    *,
    step: int = 1,
    low: int | None = None,
    high: int | None = None,
    default: int | None = None,
    tip: str = "",
    control: str = "",
) -> int:
    """Draw a field for an integer, with step buttons. Enter or leaving the field applies it.

    step: how much a button adds; with Ctrl it is ten times as much.
    low, high: the range that the value is kept in, None for no limit.
    default: what a right-click returns to, None for nothing.
    tip: the tooltip.
    control: the address at which OSC and MIDI move it, empty for none.
    """
    label(name, tip, control)
    _, value = imgui.input_int(f"##{name}", value, step, step * 10)
    if low is not None:
        value = max(low, value)
    if high is not None:
        value = min(high, value)
    return finish(value, default, tip, control)


def path_field(name: str, path: str, hint_text: str, tip: str = "") -> str:
    """Draw a field for a path. Enter or leaving the field applies it, without quotes around it.

    hint_text: what the empty field shows.
    tip: the tooltip of the empty field; otherwise the tooltip is the path.
    """
    flags = imgui.InputTextFlags_.enter_returns_true | imgui.InputTextFlags_.elide_left
    _, text = imgui.input_text_with_hint(f"##{name}", hint_text, path, flags)
    if imgui.is_item_deactivated_after_edit():
        path = text.strip().strip("\"'")
    tooltip(path or tip)
    return path


def checkbox(
    name: str,
    value: bool,
    *,
    default: bool | None = None,
    tip: str = "",
    control: str = "",
) -> bool:
    """Draw a tick box with its label to the right; a right-click returns to `default`.

    control: the address at which OSC and MIDI move it, empty for none.
    """
    _, value = imgui.checkbox(name, value)
    return finish(value, default, tip, control)


def choice(
    name: str,
    value: T,
    options: Sequence[tuple[T, str]],
    *,
    default: T | None = None,
    tip: str = "",
    control: str = "",
) -> T:
    """Draw a drop-down list of named values; return the chosen one.

    options: the values with their names.
    default: what a right-click returns to, None for nothing.
    tip: the tooltip.
    control: the address at which OSC and MIDI move it, empty for none.
    """
    label(name, tip, control)
    index = next((i for i, (option, _) in enumerate(options) if option == value), -1)
    changed, index = imgui.combo(f"##{name}", index, [text for _, text in options])
    if changed and 0 <= index < len(options):
        value = options[index][0]
    return finish(value, default, tip, control)


def segmented(
    name: str,
    value: T,
    options: Sequence[tuple[T, str, str]],
    *,
    default: T | None = None,
    labelled: bool = True,
    width: float | None = None,
) -> T:
    """Draw a few values as adjoining buttons; return the chosen one.

    options: the values, each with the text of its button and its tooltip.
    default: what a right-click returns to, None for nothing.
    labelled: the name is the label of the row; otherwise the buttons take the whole line, each as
        much as its text needs.
    width: of each button in pixels, 0 for that of its text, None for an equal share of the line.
    """
    if labelled:
        label(name)
    gap = em(0.12)
    room = imgui.get_content_region_avail().x - gap * (len(options) - 1)
    texts = [imgui.calc_text_size(text).x if not labelled else 0.0 for _, text, _ in options]
    spare = (room - sum(texts)) / len(options)
    imgui.push_id(name)
    for i, (option, text, tip) in enumerate(options):
        if i:
            imgui.same_line(0, gap)
        side = max(texts[i] + spare, em(1)) if width is None else width
        with lit(option == value):
            clicked = imgui.button(text, ImVec2(side, 0))
        if clicked:
            value = option
        value = finish(value, default, tip)
    imgui.pop_id()
    return value


@contextmanager
def lit(on: bool) -> Iterator[None]:
    """Have buttons drawn as pressed, as those of a choice that holds. on: whether it holds."""
    if on:
        active = imgui.get_style_color_vec4(imgui.Col_.button_active)
        imgui.push_style_color(imgui.Col_.button, active)
        imgui.push_style_color(imgui.Col_.button_hovered, _towards_text(active))
    yield
    if on:
        imgui.pop_style_color(2)


def _towards_text(color: ImVec4) -> ImVec4:
    """The colour under the mouse: a little nearer to that of text, in either theme."""
    text = imgui.get_style_color_vec4(imgui.Col_.text)
    mixed = (a + 0.15 * (b - a) for a, b in zip(color, text, strict=True))
    return ImVec4(*mixed)


def button(
    text: str,
    *,
    tip: str = "",
    enabled: bool = True,
    width: float = 0.0,
    on: bool = False,
    above: ImVec2 | None = None,
) -> bool:
    """Draw a button; return whether it was pressed.

    tip: the tooltip.
    above: where that is shown, as in `show_tooltip`.
    enabled: it can be pressed.
    width: in pixels, 0 for that of its text, -1 for the rest of the line.
    on: it is drawn as pressed, as the choice that holds.
    """
    imgui.begin_disabled(not enabled)
    with lit(on):
        pressed: bool = imgui.button(text, ImVec2(width, 0))
    imgui.end_disabled()
    tooltip(tip, above)
    return pressed


def heading(text: str) -> None:
    """Draw a quiet title between groups of rows."""
    imgui.dummy(ImVec2(0, em(0.1)))
    imgui.separator_text(text)


def hint(text: str) -> None:
    """Say in quiet words what to do here, where there is nothing to show yet."""
    imgui.push_style_color(imgui.Col_.text, imgui.get_style_color_vec4(imgui.Col_.text_disabled))
    imgui.push_text_wrap_pos(0.0)
    imgui.text_unformatted(text)
    imgui.pop_text_wrap_pos()
    imgui.pop_style_color()


def section(text: str, *, open_first: bool = True, fold: bool = False) -> bool:
    """Draw the heading of a foldable part of a panel; return whether the part is open.

    What is in the part is drawn, and computed, only while it is open.
    open_first: it is open until the user folds it.
    fold: it is folded in this frame, whatever the user has done.
    """
    imgui.dummy(ImVec2(0, em(0.1)))
    style = imgui.Col_
    quiet = imgui.get_style_color_vec4(style.frame_bg)
    imgui.push_style_color(style.header, quiet)
    flags = imgui.TreeNodeFlags_.default_open if open_first else imgui.TreeNodeFlags_.none
    if fold:
        imgui.set_next_item_open(False)
    shown: bool = imgui.collapsing_header(text, flags)
    imgui.pop_style_color()
    bottom = imgui.get_window_pos().y + imgui.get_window_height()
    if imgui.is_item_toggled_open() and bottom - imgui.get_item_rect_max().y < em(9):
        imgui.set_scroll_here_y(0.0)
    return shown
