"""The bars of a comparison: above it what is compared and how, below it the layout's settings."""

from __future__ import annotations

from collections.abc import Callable

from imgui_bundle import ImVec2, imgui
from imgui_bundle import icons_fontawesome_6 as fa

from common import units
from renderer.pictures import colormaps
from viz.compare.header import can_swap
from viz.compare.shown import Shown
from viz.desk.context import Context
from viz.desk.facts import FileEntry
from viz.session import comparing
from viz.session.ranges import GAIN, RATE
from viz.session.session import Layout, Session
from viz.ui import theme
from viz.ui.text import shorten
from viz.ui.widgets import edited, em, tooltip

LAYOUTS: tuple[tuple[Layout, str, str, str], ...] = (
    ("grid", fa.ICON_FA_TABLE_CELLS_LARGE, "Grid", "Side by side."),
    ("wipe", fa.ICON_FA_CIRCLE_HALF_STROKE, "Wipe", "Two over each other; drag the edge."),
    ("flicker", fa.ICON_FA_BOLT, "Flicker", "One after the other in the same place."),
    ("difference", fa.ICON_FA_PLUS_MINUS, "Difference", "Where and by how much they differ."),
)
RATES = (0.5, 1.0, 2.0, 3.0, 4.0, RATE.high)


def height() -> float:
    """Of either bar."""
    return float(imgui.get_frame_height() + em(0.5))


def draw_top(
    session: Session,
    context: Context,
    all_shown: list[Shown],
    corner: ImVec2,
    width: float,
    export: Callable[[], None],
) -> Session:
    """Layout, add, link, swap, export, close."""
    _ground(corner, width)
    words = width > em(43)
    imgui.set_cursor_screen_pos(ImVec2(corner.x + em(0.4), corner.y + em(0.25)))
    imgui.push_style_var(imgui.StyleVar_.item_spacing, ImVec2(em(0.12), 0))
    for layout, icon, name, tip in LAYOUTS:
        active = session.compare.layout == layout
        if _tool(icon, name, f"{name}. {tip}", words=words, active=active):
            session = session.with_compare(layout=layout)
        imgui.same_line()
    imgui.pop_style_var()
    _gap()
    if _tool(fa.ICON_FA_PLUS, "Add", "One more picture.", words=words):
        imgui.open_popup("##add")
    session = _add_menu(session, context)
    panes = len(session.compare.panes)
    imgui.same_line()
    tip = "What all pictures share, and what each has for itself."
    if _tool(fa.ICON_FA_LINK, "Link", tip, words=words, enabled=panes > 0):
        imgui.open_popup("##link")
    session = _link_menu(session)
    imgui.same_line()
    number = comparing.partner(session.compare) if panes else 0
    ready = panes > 0 and can_swap(context, all_shown[number])
    tip = "The main picture and the other one change places (X)."
    if _tool(fa.ICON_FA_RIGHT_LEFT, "Swap", tip, words=words, enabled=ready):
        session = comparing.swapped(session, number, context.models)
    imgui.same_line()
    tip = "Write it as a picture or a video."
    if _tool(fa.ICON_FA_FILE_EXPORT, "Export", tip, words=words, enabled=panes > 0):
        export()
    side = imgui.get_frame_height()
    imgui.set_cursor_screen_pos(ImVec2(corner.x + width - side - em(0.4), corner.y + em(0.25)))
    if _tool(fa.ICON_FA_XMARK, "Close", "Back to the one picture (Y); nothing is lost."):
        session = session.with_compare(on=False)
    return session


def draw_bottom(session: Session, all_shown: list[Shown], corner: ImVec2, width: float) -> Session:
    """The settings of the layout."""
    _ground(corner, width)
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
    _gap(tight=tight)
    chosen = _choose(names[1], second, all_shown, tight=tight)
    if chosen != second:
        session = comparing.opposed(session, chosen)
    _gap(tight=tight)
    for upright, icon, tip in (
        (True, fa.ICON_FA_ARROWS_LEFT_RIGHT, "Side to side."),
        (False, fa.ICON_FA_ARROWS_UP_DOWN, "Top to bottom."),
    ):
        if _tool(icon, tip.rstrip("."), tip, active=compare.upright == upright):
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
    if _tool(icon, "Blink", tip):
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
    _gap()
    gap = imgui.get_style().item_spacing.x + 2 * imgui.get_style().frame_padding.x
    room = right - imgui.get_cursor_screen_pos().x - em(0.5)
    if sum(imgui.calc_text_size(shown.label.title).x + gap for shown in all_shown) > room:
        chosen = _choose("Picture", current, all_shown, tight=True)
        if chosen != current:
            session = session.with_compare(blink=False, blinked=chosen)
        return session
    for shown in all_shown:
        active = shown.number == current and not compare.blink
        if _tool("", shown.label.title, "Stop at this picture (B: the next).", active=active):
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
    _gap(tight=tight)
    if not tight:
        imgui.align_text_to_frame_padding()
        imgui.text_disabled("Gain")
        imgui.same_line()
    imgui.set_next_item_width(em(5 if tight else 8))
    flags = imgui.SliderFlags_.logarithmic
    gain = comparing.gain(compare)
    gain = edited(gain, imgui.slider_float("##gain", gain, *GAIN, "× %.1f", flags))
    if imgui.is_item_clicked(imgui.MouseButton_.right):
        gain = 1.0
    tooltip("Gain: how strongly differences are coloured. The numbers do not change.")
    _gap(tight=tight)
    gain = GAIN.nearest(gain)  # typed numbers may lie outside
    _legend(gain, right)
    return session.with_compare(gain=gain)


def _legend(gain: float, right: float) -> None:
    """The scale of the map in levels of brightness."""
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
    """A drop-down list of the pictures."""
    if not tight:
        imgui.align_text_to_frame_padding()
        imgui.text_disabled(name)
        imgui.same_line()
    imgui.set_next_item_width(em(6.5 if tight else 9))
    titles = [shown.label.title for shown in all_shown]
    changed, chosen = imgui.combo(f"##{name}", number, titles)
    return chosen if changed else number


def _add_menu(session: Session, context: Context) -> Session:
    if not imgui.begin_popup("##add"):
        return session
    if imgui.menu_item("This picture as it is now", "Shift+Y", False)[0]:
        session = comparing.kept(session)
    tooltip("Kept beside the picture while you go on editing it.")
    if context.snapshots and imgui.begin_menu("Snapshot of this run"):
        imgui.push_item_flag(imgui.ItemFlags_.auto_close_popups, False)  # for several at once
        for entry in context.snapshots:
            _add_item(entry, context)
        imgui.pop_item_flag()
        imgui.end_menu()
    if context.recent and imgui.begin_menu("Recent"):
        for entry in context.recent:
            _add_item(entry, context)
        imgui.end_menu()
    if context.bookmarks and imgui.begin_menu("Bookmark"):
        for bookmark in context.bookmarks:
            if imgui.menu_item(bookmark.name, "", False, bookmark.session is not None)[0]:
                context.actions.compare(bookmark.path)
        imgui.end_menu()
    imgui.separator()
    if imgui.menu_item("Snapshot or session…", "", False)[0]:
        context.actions.browse("compare")
    tooltip("A file of any format that can be read, or a PNG, MP4 or JSON that ganscope wrote.")
    imgui.end_popup()
    return session


def _add_item(entry: FileEntry, context: Context) -> None:
    name = entry.path.replace("\\", "/").rpartition("/")[2]
    text = name if entry.kimg is None else units.kimg(entry.kimg)
    if imgui.menu_item(f"{shorten(text, em(24))}##{entry.path}", "", False, entry.exists)[0]:
        context.actions.compare(entry.path)
    tooltip(entry.path)


def _link_menu(session: Session) -> Session:
    if not imgui.begin_popup("##link"):
        return session
    imgui.push_item_flag(imgui.ItemFlags_.auto_close_popups, False)
    for part, title in comparing.TITLES.items():
        count = sum(part in pane.linked for pane in session.compare.panes)
        every = count == len(session.compare.panes)
        some = f"{count} of {len(session.compare.panes)}" if count and not every else ""
        if imgui.menu_item(title, some, every)[0]:
            session = comparing.all_relinked(session, part, linked=not every)
    imgui.pop_item_flag()
    imgui.end_popup()
    return session


def _tool(
    icon: str,
    name: str,
    tip: str,
    *,
    words: bool = False,
    active: bool = False,
    enabled: bool = True,
) -> bool:
    """A flat button; its label is `name`, written out where there is room or no icon."""
    text = f"{icon}  {name}" if words and icon else icon or name
    side = imgui.get_frame_height()
    ground = imgui.Col_.button_active if active else imgui.Col_.window_bg
    imgui.push_style_color(imgui.Col_.button, imgui.get_style_color_vec4(ground))
    imgui.push_style_var(imgui.StyleVar_.frame_border_size, 0)
    imgui.begin_disabled(not enabled)
    wide = bool(words or not icon)
    pressed: bool = imgui.button(f"{text}###{name}", ImVec2(0 if wide else side, side))
    imgui.end_disabled()
    imgui.pop_style_var()
    imgui.pop_style_color()
    tooltip(tip)
    return pressed


def _gap(*, tight: bool = False) -> None:
    imgui.same_line(0, em(0.5 if tight else 1.2))


def _ground(corner: ImVec2, width: float) -> None:
    far = ImVec2(corner.x + width, corner.y + height())
    ink = imgui.get_color_u32(imgui.Col_.window_bg)
    imgui.get_window_draw_list().add_rect_filled(corner, far, ink)
