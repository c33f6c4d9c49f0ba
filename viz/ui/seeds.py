"""The control for a seed: a number to type, with step buttons and a die."""

from __future__ import annotations

import random

from imgui_bundle import ImVec2, imgui
from imgui_bundle import icons_fontawesome_6 as fa

from renderer.messages.request import SEEDS
from viz.ui import theme
from viz.ui.widgets import em, finish, label, tooltip


def seed(
    name: str,
    value: int,
    *,
    default: int | None = None,
    tip: str = "",
    control: str = "",
    large_step: int = 10,
    shuffle: bool = False,
) -> int:
    """Draw a row for a seed, 0 ≤ value < 2³²; return the seed to use from now on.

    The seed is typed, or changed by step buttons or by the up and down keys in the field. Steps
    wrap around; what is typed and is no seed is refused, and the field says so.
    default: what a right-click returns to, None for nothing.
    tip: the tooltip.
    control: the address at which OSC and MIDI move it, empty for none.
    large_step: how much a step is while Ctrl is held.
    shuffle: there is a die that draws a random seed.
    """
    label(name, tip, control)
    return seed_field(
        name,
        value,
        default=default,
        tip=tip,
        control=control,
        large_step=large_step,
        shuffle=shuffle,
    )


def seed_field(
    name: str,
    value: int,
    *,
    default: int | None = None,
    tip: str = "",
    control: str = "",
    large_step: int = 10,
    shuffle: bool = False,
    width: float = -1.0,
) -> int:
    """Draw the field of `seed` without its label; return the seed to use from now on.

    width: in pixels, with the buttons, -1 for the rest of the line.
    """
    side, gap = imgui.get_frame_height(), em(0.15)
    buttons = 3 if shuffle else 2
    total = imgui.get_content_region_avail().x if width < 0 else width
    imgui.set_next_item_width(max(em(2), total - buttons * (side + gap)))
    fast = large_step if imgui.get_io().key_ctrl else 1

    refused: list[str] = []

    def edit(data: imgui.InputTextCallbackData) -> int:
        typed = _number(str(data.buf))
        if data.event_flag == imgui.InputTextFlags_.callback_history:
            sign = 1 if data.event_key == imgui.Key.up_arrow else -1
            _write(data, ((value if typed is None else typed) + sign * fast) % SEEDS)
        elif data.buf and (typed is None or typed >= SEEDS):
            refused.append(str(data.buf))
            _write(data, value)
        return 0

    flags = (
        imgui.InputTextFlags_.chars_decimal
        | imgui.InputTextFlags_.auto_select_all
        | imgui.InputTextFlags_.callback_history
        | imgui.InputTextFlags_.callback_edit
    )
    changed, text = imgui.input_text(f"##{name}", str(value), flags, edit)
    typed = _number(text)
    result = typed if changed and typed is not None and typed < SEEDS else value
    told = _tell_refusal(bool(refused), changed=changed)
    result = finish(result, default, "" if told else tip, control)
    imgui.push_item_flag(imgui.ItemFlags_.button_repeat, True)
    for sign, mark in ((-1, "-"), (1, "+")):
        imgui.same_line(0, gap)
        if imgui.button(f"{mark}##{name}", ImVec2(side, 0)):
            result += sign * fast
        tooltip(f"Seed {mark} 1. Ctrl: {large_step}. Hold to repeat.")
    imgui.pop_item_flag()
    if shuffle:
        imgui.same_line(0, gap)
        if imgui.button(f"{fa.ICON_FA_DICE_FIVE}###{name} dice", ImVec2(side, 0)):
            result = random_seed()
        tooltip("A random seed.")
    return result if result == value else result % SEEDS


def _number(text: str) -> int | None:
    """Return what is typed as a number, None where it is none."""
    return int(text) if text.strip().isdecimal() else None


def _write(data: imgui.InputTextCallbackData, seed: int) -> None:
    data.delete_chars(0, data.buf_text_len)
    data.insert_chars(0, str(seed))


def _tell_refusal(refused: bool, *, changed: bool) -> bool:
    """Say at the field before that what was typed is no seed, until something else is typed.

    refused: it was refused in this frame. changed: something else was typed in this frame.
    Returns whether it is said now.
    """
    store, id = imgui.get_state_storage(), imgui.get_item_id()
    if refused:
        store.set_bool(id, True)
    elif changed or not imgui.is_item_active():
        store.set_bool(id, False)
    told: bool = store.get_bool(id)
    if told:
        low, high = imgui.get_item_rect_min(), imgui.get_item_rect_max()
        ink = imgui.get_color_u32(theme.color(theme.current().error))
        rounding = imgui.get_style().frame_rounding
        imgui.get_window_draw_list().add_rect(low, high, ink, rounding, em(0.1))
        imgui.set_next_window_pos(ImVec2(low.x, high.y + em(0.3)))
        imgui.begin_tooltip()
        imgui.text_unformatted(f"Seeds go from 0 to {SEEDS - 1}.")
        imgui.end_tooltip()
    return told


def random_seed() -> int:
    """Draw a seed at random that is small enough to remember and to read out."""
    return random.SystemRandom().randrange(1_000_000)
