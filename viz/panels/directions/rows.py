"""One direction as a row: its star, its name, how far w is moved along it, and its strip."""

from __future__ import annotations

from imgui_bundle import ImVec2, imgui
from imgui_bundle import icons_fontawesome_6 as fa
from msgspec import structs

from renderer.messages.directions import Component, reach
from renderer.messages.model import ModelInfo
from viz.desk.context import Context
from viz.panels.directions.export import ask_export
from viz.panels.directions.strips import PLACES, StripPictures
from viz.session.changes import directions
from viz.session.parameters.latent_controls import direction_addresses
from viz.session.session import Session
from viz.ui import sliders, theme, widgets
from viz.ui.mouse import item_held
from viz.ui.widgets import em

NAME_EM = 6.5
"""The width of the name, in em."""
LARGEST_EM = 4.0
"""The side of a picture of the strip at most, in em."""


class DirectionRow:
    """Draws rows, and keeps the pictures of their strips and the name that is being typed."""

    def __init__(self) -> None:
        self.pictures = StripPictures()
        self._typed = ""

    def draw(self, session: Session, context: Context, index: int, component: Component) -> Session:
        """Draw the row of a direction; return the session moved along it."""
        model = context.model
        assert model is not None
        imgui.push_id(f"direction{index}")
        low = imgui.get_cursor_screen_pos()
        width = imgui.get_content_region_avail().x
        component = self._draw_name(context, index, component)
        session = _draw_amount(session, context, index, component, model)
        session = self._draw_strip(session, context, index, component, width)
        if context.directions.selected == index:
            bar = ImVec2(low.x - em(0.45), low.y), ImVec2(low.x - em(0.25), _bottom())
            ink = theme.ink(theme.current().accent)
            imgui.get_window_draw_list().add_rect_filled(*bar, ink, em(0.1))
        imgui.dummy(ImVec2(0, em(0.2)))
        imgui.pop_id()
        return session

    def _draw_name(self, context: Context, index: int, component: Component) -> Component:
        """Draw the star and the name; return the direction as it is called now."""
        palette, side = theme.current(), imgui.get_frame_height()
        color = palette.accent if component.star else palette.muted
        imgui.push_style_color(imgui.Col_.button, theme.color(palette.window))
        imgui.push_style_color(imgui.Col_.text, theme.color(color, 1.0 if component.star else 0.6))
        pressed = imgui.button(f"{fa.ICON_FA_STAR}###star", ImVec2(side, 0))
        imgui.pop_style_color(2)
        widgets.tooltip("One of those that you like. The star button above shows these alone.")
        changed = structs.replace(component, star=not component.star) if pressed else component
        imgui.same_line(0, em(0.15))
        imgui.set_next_item_width(em(NAME_EM))
        _, text = imgui.input_text("##name", component.name)
        if imgui.is_item_activated():
            context.actions.directions.select(index)
        if imgui.is_item_deactivated_after_edit() and text.strip():
            changed = structs.replace(changed, name=text.strip())
        of = "what it changes lies in the region" if component.style else "the whole"
        share = "" if component.strength is None else f" {component.strength:.1%} of {of}."
        widgets.tooltip(f"{component.name}: click to type what it changes.{share}")
        if changed is not component:
            context.actions.directions.change(index, changed)
        return changed

    def _draw_strip(
        self, session: Session, context: Context, index: int, component: Component, width: float
    ) -> Session:
        """Draw the pictures along the direction; a drag on them moves w."""
        gap, count, far = em(0.15), len(PLACES), reach(component)
        side = min((width - gap * (count - 1)) / count, em(LARGEST_EM))
        low = imgui.get_cursor_screen_pos()
        whole = side * count + gap * (count - 1)
        imgui.invisible_button("strip", ImVec2(whole, side))
        seen = imgui.is_item_visible()
        hovered = imgui.is_item_hovered()
        middles = low.x + side / 2, low.x + whole - side / 2
        if item_held():
            context.actions.directions.select(index)
            share = (imgui.get_mouse_pos().x - middles[0]) / (middles[1] - middles[0])
            share = min(max(share, 0.0), 1.0)
            value = float(f"{far * (2 * share - 1):.3g}")
            session = _moved(session, component, 0.0 if abs(value) < 0.02 * far else value)
        elif imgui.is_item_clicked(imgui.MouseButton_.right):
            session = _moved(session, component, 0.0)
        widgets.tooltip(f"Drag across: from −{far:g}σ to +{far:g}σ. Right-click: not at all.")
        if not seen:
            return session
        palette, canvas = theme.current(), imgui.get_window_draw_list()
        rounding = imgui.get_style().frame_rounding
        for place, share in enumerate(PLACES):
            a = ImVec2(low.x + place * (side + gap), low.y)
            b = ImVec2(a.x + side, a.y + side)
            canvas.add_rect_filled(a, b, theme.ink(palette.back), rounding)
            picture = self.pictures.find(session, context, component, share * far)
            if picture is not None:
                key = f"direction {index} {place}"
                context.draw_image(picture, a, b, smooth=session.view.smooth, key=key)
        now = directions.amount(session.render, component) / far
        _draw_mark(middles, low.y, side, now, strong=hovered or imgui.is_item_active())
        return session


def _draw_mark(
    middles: tuple[float, float], top: float, side: float, place: float, *, strong: bool
) -> None:
    """Draw where the picture is on a strip: a line that can be told from any picture.

    middles: of the first and the last picture, on the screen. place: −1 at the first, 1 at the
    last, 0 where nothing is moved.
    """
    if not place and not strong:
        return
    share = (min(max(place, -1.0), 1.0) + 1) / 2
    x = middles[0] + share * (middles[1] - middles[0])
    canvas, thin = imgui.get_window_draw_list(), max(em(0.08), 1.0)
    dark, light = theme.ink(theme.DARK.back, 0.8), theme.ink(theme.DARK.accent)
    canvas.add_rect_filled(ImVec2(x - 2 * thin, top), ImVec2(x + 2 * thin, top + side), dark)
    canvas.add_rect_filled(ImVec2(x - thin, top), ImVec2(x + thin, top + side), light)


def _draw_amount(
    session: Session, context: Context, index: int, component: Component, model: ModelInfo
) -> Session:
    """Draw the slider, and the button of the menu behind it."""
    side = imgui.get_frame_height()
    imgui.same_line(0, em(0.3))
    imgui.set_next_item_width(imgui.get_content_region_avail().x - side - em(0.15))
    before, far = directions.amount(session.render, component), reach(component)
    form = "%+.2fσ" if before else "0"
    value = sliders.slider_float("##amount", before, -far, far, form)
    if imgui.is_item_activated():
        context.actions.directions.select(index)
    what = "this style is changed" if component.style else "w is moved along it"
    tip = f"How far {what}, in standard deviations. Ctrl+click to type."
    value = widgets.finish(value, 0.0, tip, _address(context, index))
    if value != before:
        session = _moved(session, component, value)
    imgui.same_line(0, em(0.15))
    partly, words = _in_part(session, component, model)
    color = theme.current().accent if partly else theme.current().text
    imgui.push_style_color(imgui.Col_.text, theme.color(color))
    pressed = imgui.button(f"{fa.ICON_FA_SLIDERS}###more", ImVec2(side, 0))
    imgui.pop_style_color()
    widgets.tooltip(words)
    if pressed:
        imgui.open_popup("##rows")
    if imgui.begin_popup("##rows"):
        session = _draw_more(session, context, index, component, model)
        imgui.end_popup()
    return session


def _address(context: Context, index: int) -> str:
    """Return the address at which OSC and MIDI move a direction of the set shown."""
    shown = context.directions.shown
    addresses = () if shown is None else direction_addresses(shown.found.components)
    return addresses[index] if index < len(addresses) else ""


def _in_part(session: Session, component: Component, model: ModelInfo) -> tuple[bool, str]:
    """Return whether a direction is less than the whole of it, and what it acts on in words."""
    if component.style:
        colours = " It changes colours, and no shape." if component.style.colours else ""
        return False, f"Style {component.style.channel} of {component.style.layer}.{colours}"
    direction = directions.find(session.render, component)
    orthogonal = direction is not None and direction.orthogonal
    first, last = directions.rows_of(component, model.num_ws)
    words = f"Rows {first} to {last} of w{', orthogonal' if orthogonal else ''}."
    return orthogonal or (first, last) != (0, model.num_ws - 1), words


def _draw_more(
    session: Session, context: Context, index: int, component: Component, model: ModelInfo
) -> Session:
    """Draw what is rarely changed: the rows, whether it spares the others, and a video of it."""
    imgui.dummy(ImVec2(em(18), 0))
    if component.style is None:
        session = _draw_rows(session, context, index, component, model)
    far = reach(component)
    tip = f"A video or pictures from −{far:g}σ to +{far:g}σ and back, at the present session."
    if widgets.button(f"{fa.ICON_FA_FILE_EXPORT}  Export…###Export", tip=tip, width=-1):
        ask_export(session, context, component)
        imgui.close_current_popup()
    return session


def _draw_rows(
    session: Session, context: Context, index: int, component: Component, model: ModelInfo
) -> Session:
    """Draw which rows of w a direction moves, and whether it spares the others."""
    first, last = directions.rows_of(component, model.num_ws)
    if model.num_ws > 1:
        tip = "The first row of w that is moved: earlier ones decide pose and shape."
        first = widgets.slider_int("From row", first, 0, last, default=0, tip=tip)
        tip = "The last row of w that is moved: later ones decide colour and texture."
        last = widgets.slider_int("To row", last, first, model.num_ws - 1, tip=tip)
        if (first, last) != directions.rows_of(component, model.num_ws):
            end = None if last == model.num_ws - 1 else last
            changed = structs.replace(component, first=first, last=end)
            context.actions.directions.change(index, changed)
            return session
    direction = directions.find(session.render, component)
    before = direction is not None and direction.orthogonal
    tip = (
        "It is moved along without its share in the other directions that are in use, so that what "
        "they change stays (InterFaceGAN)."
    )
    after = widgets.checkbox("Orthogonal to the others", before, default=False, tip=tip)
    if after != before:
        spared = directions.with_orthogonal(session.render, component, after)
        session = structs.replace(session, render=spared)
    return session


def _moved(session: Session, component: Component, amount: float) -> Session:
    moved = directions.with_amount(session.render, component, amount)
    return session if moved == session.render else structs.replace(session, render=moved)


def _bottom() -> float:
    """Where the item before ends, on the screen."""
    return imgui.get_item_rect_max().y
