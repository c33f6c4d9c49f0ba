"""The bar below a comparison: the settings of its layout."""

from __future__ import annotations

from imgui_bundle import ImVec2, imgui
from imgui_bundle import icons_fontawesome_6 as fa

from renderer.pictures import colormaps
from viz.compare.bar_controls import draw_ground, gap, tool
from viz.compare.gain import automatic
from viz.compare.shown import Shown
from viz.session import comparing
from viz.session.ranges import GAIN, RATE
from viz.session.session import Session
from viz.ui import theme
from viz.ui.sliders import slider_float
from viz.ui.widgets import em, tooltip

RATES = (0.5, 1.0, 2.0, 3.0, 4.0, RATE.high)
"""Pictures per second that flicker offers."""


def draw(session: Session, all_shown: list[Shown], corner: ImVec2, width: float) -> Session:
    """Draw the settings of the session's layout; the grid has none.

    all_shown: the compared pictures, the main one first.
    corner: the upper left corner of the bar, as a screen position.
    width: its width in pixels.
    """
    draw_ground(corner, width)
    imgui.set_cursor_screen_pos(ImVec2(corner.x + em(0.6), corner.y + em(0.25)))
    match session.compare.layout:
        case "wipe":
            return _wipe(session, all_shown, corner.x + width)
        case "flicker":
            return _flicker(session, all_shown, corner.x + width)
        case "difference":
            return _difference(session, all_shown, corner.x + width)
        case "grid":
            return session


def _wipe(session: Session, all_shown: list[Shown], right: float) -> Session:
    compare = session.compare
    tight = right - imgui.get_cursor_screen_pos().x < em(31)
    first, second = comparing.pair(compare)
    names = ("Left", "Right") if compare.upright else ("Top", "Bottom")
    chosen = _choose(names[0], first, all_shown, tight=tight)
    if chosen != first:
        session = comparing.referred(session, chosen)
    gap(tight=tight)
    chosen = _choose(names[1], second, all_shown, tight=tight)
    if chosen != second:
        session = comparing.opposed(session, chosen)
    gap(tight=tight)
    for upright, icon, tip in (
        (True, fa.ICON_FA_ARROWS_LEFT_RIGHT, "Side to side."),
        (False, fa.ICON_FA_ARROWS_UP_DOWN, "Top to bottom."),
    ):
        if tool(icon, tip.rstrip("."), tip, active=compare.upright == upright):
            session = session.with_compare(upright=upright)
        imgui.same_line(0, em(0.12))
    return session


def _flicker(session: Session, all_shown: list[Shown], right: float) -> Session:
    compare = session.compare
    current = comparing.blinked(compare, imgui.get_time())
    icon, tip = (
        (fa.ICON_FA_PAUSE, "Stop at this picture.")
        if compare.blink
        else (fa.ICON_FA_PLAY, "One after the other by themselves.")
    )
    if tool(icon, "Blink", tip):
        session = session.with_compare(blink=not compare.blink, blinked=current)
    imgui.same_line()
    imgui.set_next_item_width(em(7.5))
    # A list: on the way of a slider the pictures would change with every frame of the window.
    rates = sorted({*RATES, min(compare.rate, RATE.high)})
    index = rates.index(min(compare.rate, RATE.high))
    texts = [f"{rate:g} per second" for rate in rates]
    changed, index = imgui.combo("##rate", index, texts)
    if changed:
        session = session.with_compare(rate=rates[index])
    tooltip("Pictures per second. More than six would not be safe for everybody's eyes.")
    gap()
    spare = imgui.get_style().item_spacing.x + 2 * imgui.get_style().frame_padding.x
    room = right - imgui.get_cursor_screen_pos().x - em(0.5)
    if sum(imgui.calc_text_size(shown.label.title).x + spare for shown in all_shown) > room:
        chosen = _choose("Picture", current, all_shown, tight=True)
        if chosen != current:
            session = session.with_compare(blink=False, blinked=chosen)
        return session
    for shown in all_shown:
        active = shown.number == current and not compare.blink
        if tool("", shown.label.title, "Stop at this picture (B: the next).", active=active):
            session = session.with_compare(blink=False, blinked=shown.number)
        imgui.same_line()
    return session


def _difference(session: Session, all_shown: list[Shown], right: float) -> Session:
    compare = session.compare
    reference = comparing.pair(compare)[0] if compare.panes else 0
    tight = right - imgui.get_cursor_screen_pos().x < em(38)
    chosen = _choose("From", reference, all_shown, tight=tight)
    tooltip("The reference: what the others are measured from.")
    if chosen != reference:
        session = comparing.referred(session, chosen)
    gap(tight=tight)
    if not tight:
        imgui.align_text_to_frame_padding()
        imgui.text_disabled("Gain")
        imgui.same_line()
    imgui.set_next_item_width(em(5 if tight else 8))
    flags = imgui.SliderFlags_.logarithmic
    gain = comparing.gain(compare)
    gain = slider_float("##gain", gain, *GAIN, "× %.1f", int(flags))
    if imgui.is_item_clicked(imgui.MouseButton_.right):
        gain = 1.0
    tooltip("Gain: how strongly differences are coloured. The numbers do not change.")
    imgui.same_line()
    if tool("", "Auto", "The gain at which these differences are seen best."):
        gain = automatic([shown.frame for shown in all_shown], reference)
    gap(tight=tight)
    gain = GAIN.nearest(gain)  # typed numbers may lie outside
    _legend(gain, right)
    return session.with_compare(gain=gain)


def _legend(gain: float, right: float) -> None:
    """Draw the scale of the map in levels of brightness."""
    low = imgui.get_cursor_screen_pos()
    span = 255 / gain
    ends = f"−{span:.0f}", f"+{span:.0f}"
    wide = [imgui.calc_text_size(text).x for text in ends]
    room = right - low.x - sum(wide) - em(1.6)
    if room < em(3):
        return
    width, line = min(room, em(12)), imgui.get_frame_height()
    x = right - width - wide[1] - em(1.2)
    canvas = imgui.get_window_draw_list()
    muted = imgui.get_color_u32(imgui.Col_.text_disabled)
    y = low.y + (line - imgui.get_font_size()) / 2
    canvas.add_text(ImVec2(x - wide[0] - em(0.4), y), muted, ends[0])
    canvas.add_text(ImVec2(x + width + em(0.4), y), muted, ends[1])
    table, steps = colormaps.table("signed"), 48
    top, bottom = round(low.y + line * 0.28), round(low.y + line * 0.72)
    for i in range(steps):
        r, g, b = (int(v) for v in table[round(i * 255 / (steps - 1))])
        ink = imgui.get_color_u32(theme.color(r << 16 | g << 8 | b))
        left, right = (round(x + width * n / steps) for n in (i, i + 1))
        canvas.add_rect_filled(ImVec2(left, top), ImVec2(right, bottom), ink)
    imgui.set_cursor_screen_pos(ImVec2(x, low.y))
    imgui.invisible_button("##legend", ImVec2(width, line))
    tooltip(
        "Blue: darker than the reference, red: brighter, in levels of brightness (luma) out of "
        "255. Stronger differences than the ends have the colour of the ends."
    )


def _choose(name: str, number: int, all_shown: list[Shown], *, tight: bool = False) -> int:
    """Draw a drop-down list of the pictures; return the number of the chosen one."""
    if not tight:
        imgui.align_text_to_frame_padding()
        imgui.text_disabled(name)
        imgui.same_line()
    imgui.set_next_item_width(em(6.5 if tight else 9))
    titles = [shown.label.title for shown in all_shown]
    changed, chosen = imgui.combo(f"##{name}", number, titles)
    return chosen if changed else number
