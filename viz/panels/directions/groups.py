"""The two groups of pictures that a boundary lies between, as they are marked."""

from __future__ import annotations

from imgui_bundle import ImVec2, imgui
from imgui_bundle import icons_fontawesome_6 as fa
from msgspec import structs

from common.units import counted
from renderer.messages.request import RenderRequest, Seed
from viz.desk.context import Context
from viz.desk.parts.directions import Group
from viz.session.numbers import listed
from viz.session.parameters.latent import source_words
from viz.session.ranges import SEED
from viz.session.session import Session
from viz.ui import theme, widgets
from viz.ui.text import muted, shorten
from viz.ui.widgets import em

CELL = 4.0
"""The side of a bookmark to choose, in em."""
LABEL_EM = 3.5
"""The width of the letter of a group and the number of its pictures, in em."""
COLUMNS = 5
"""How many bookmarks are in a row."""
LONGEST = 1001
"""The most seeds of a range that is typed: more would be a slip."""


class GroupFields:
    """Draws the groups, and keeps the seeds that are being typed."""

    def __init__(self) -> None:
        self._seeds: dict[Group, str] = {"a": "", "b": ""}

    def draw(self, session: Session, context: Context) -> None:
        """Draw both groups, each in a line of buttons and a line of words."""
        for group in ("a", "b"):
            self._draw(group, session, context)

    def _draw(self, group: Group, session: Session, context: Context) -> None:
        letter, actions = group.upper(), context.actions.directions
        marked = context.directions.group(group)
        imgui.push_id(group)
        imgui.align_text_to_frame_padding()
        imgui.text_unformatted(f"{letter}  {len(marked)}")
        widgets.tooltip(f"Group {letter}: {_words(marked)}")
        imgui.same_line(em(LABEL_EM))
        tip = f"The picture on the screen belongs to {letter}."
        if widgets.button(f"{fa.ICON_FA_PLUS} This###this", tip=tip):
            actions.mark(group, (*marked, _plain(session.render)))
        imgui.same_line(0, em(0.3))
        if widgets.button("Bookmarks###bookmarks", tip="Choose among the bookmarks."):
            imgui.open_popup("##choose")
        imgui.same_line(0, em(0.3))
        side = imgui.get_frame_height()
        imgui.set_next_item_width(imgui.get_content_region_avail().x - side - em(0.3))
        flags = imgui.InputTextFlags_.enter_returns_true
        entered, text = imgui.input_text_with_hint(
            "##seeds", "seeds 1,9-12", self._seeds[group], flags
        )
        self._seeds[group] = text
        widgets.tooltip("Seeds to add, at the truncation of now. Enter adds them.")
        if entered:
            seeds = listed(text, SEED.high + 1, LONGEST)
            if seeds is None:
                context.actions.notify(f"{text!r} are no seeds: write 1,5,9-12.", error=True)
            else:
                base = structs.replace(_plain(session.render), mix=(), directions=())
                more = tuple(structs.replace(base, source=Seed(seed)) for seed in seeds)
                actions.mark(group, (*marked, *more))
                self._seeds[group] = ""
        imgui.same_line(0, em(0.3))
        tip = f"Take all of them out of {letter}."
        if widgets.button(f"{fa.ICON_FA_XMARK}###clear", tip=tip, enabled=bool(marked), width=side):
            actions.mark(group, ())
        if imgui.begin_popup("##choose"):
            _draw_bookmarks(group, context)
            imgui.end_popup()
        imgui.pop_id()


def _draw_bookmarks(group: Group, context: Context) -> None:
    """Draw the bookmarks; a click puts one into the group or takes it out."""
    marked, side = context.directions.group(group), em(CELL)
    shown = [(b, _plain(b.session.render)) for b in context.bookmarks if b.session is not None]
    if not shown:
        muted("There are no bookmarks. Ctrl+B keeps the picture on the screen as one.")
    for place, (bookmark, request) in enumerate(shown):
        if place % COLUMNS:
            imgui.same_line()
        low = imgui.get_cursor_screen_pos()
        high = ImVec2(low.x + side, low.y + side)
        inside = request in marked
        if imgui.invisible_button(bookmark.name, ImVec2(side, side)):
            left = tuple(each for each in marked if each != request)
            context.actions.directions.mark(group, left if inside else (*marked, request))
        widgets.tooltip(bookmark.name)
        context.draw_image(bookmark, low, high, smooth=True, key=f"mark {bookmark.path}")
        if inside or imgui.is_item_hovered():
            ink = theme.ink(theme.current().accent if inside else theme.current().muted)
            imgui.get_window_draw_list().add_rect(low, high, ink, em(0.2), em(0.16))


def _plain(request: RenderRequest) -> RenderRequest:
    """The part of a request that decides its w."""
    return RenderRequest(
        request.snapshot,
        request.source,
        request.label,
        request.truncation,
        request.mix,
        directions=request.directions,
    )


def _words(marked: tuple[RenderRequest, ...]) -> str:
    if not marked:
        return "nothing yet. Ten pictures or more in each group are a good beginning."
    names = ", ".join(source_words(request.source) for request in marked)
    return f"{counted(len(marked), 'picture')}: {shorten(names, em(60), at='end')}"
