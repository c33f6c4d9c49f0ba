"""Journey: pictures over time, as keys on a ruler; to scrub, play, keep and export."""

from __future__ import annotations

from imgui_bundle import ImVec2, imgui
from imgui_bundle import icons_fontawesome_6 as fa
from msgspec import structs

from renderer.pictures.journey import editing
from viz.desk.context import Context
from viz.desk.panel import Panel
from viz.panels.journey import controls
from viz.panels.journey.commands import COMMANDS, TITLE
from viz.panels.journey.curve_form import CurveForm
from viz.panels.journey.dropped import take_picture
from viz.panels.journey.key_form import draw_key
from viz.panels.journey.lanes import LEAST, Lanes
from viz.panels.journey.more import More
from viz.session import going
from viz.session.session import Session
from viz.ui import widgets
from viz.ui.keys import take_key
from viz.ui.widgets import em

EMPTY = (
    "A journey passes pictures, one after the other, and everything moves on the way: the latent, "
    "psi, noise, directions, bends. Add the picture as it is, go elsewhere, add that, and play."
)
FORM = 11.5
"""The width of what is beside the lanes, in em."""
NARROW = 26.0
"""The width of the panel below which that is below them, in em."""
LOW = 12.0
"""How high the lanes are then, in em."""
ROWS = 6
"""The rows of the forms; the last two of them are of the curve."""
GAP = 0.6
"""The room between the forms and the lanes, in em."""


class JourneyPanel:
    """Keeps what its lanes show, and which curve is in hand."""

    def __init__(self) -> None:
        self._lanes = Lanes()
        self._curve = CurveForm()
        self._more = More()

    def draw(self, session: Session, context: Context) -> Session:
        """Draw the panel; return the session as it was edited there."""
        session = controls.draw(session, context, self._more)
        if not session.journey.keys:
            imgui.begin_group()
            widgets.hint(EMPTY)
            imgui.dummy(imgui.get_content_region_avail())
            imgui.end_group()
            return take_picture(session, context, 0.0)
        chosen = going.key_at(session.journey, session.moment)
        room = imgui.get_content_region_avail()
        if room.x < em(NARROW):
            session = self._draw_lanes(session, context, ImVec2(room.x, em(LOW)))
            session = self._draw_forms(session, context, chosen)
        else:
            height = max(room.y, em(LEAST))
            low = room.y < ROWS * imgui.get_frame_height_with_spacing()
            paired = low and room.x >= em(NARROW + FORM + GAP)
            width = em(2 * FORM + GAP) if paired else em(FORM)
            # Where there is no height for all of the forms they scroll, and the lanes stay.
            if imgui.begin_child("forms", ImVec2(width, height)):
                session = self._draw_forms(session, context, chosen, paired=paired)
            imgui.end_child()
            imgui.same_line(0, em(GAP))
            size = ImVec2(imgui.get_content_region_avail().x, height)
            session = self._draw_lanes(session, context, size)
        if imgui.is_window_focused(imgui.FocusedFlags_.root_and_child_windows):
            session = _keys(session, context, chosen)
        return session

    def _draw_lanes(self, session: Session, context: Context, size: ImVec2) -> Session:
        if not session.journey.keys:  # the last one has just been taken away
            return session
        return self._lanes.draw(session, context, self._curve.shown(session.journey), size)

    def _draw_forms(
        self, session: Session, context: Context, chosen: int | None, *, paired: bool = False
    ) -> Session:
        """Draw what can be said of the key at the playhead, and of the curve.

        paired: two of their rows lie beside one another, as where there is little height.
        """
        top, width = imgui.get_cursor_pos_y(), imgui.get_content_region_avail().x
        rows = (ROWS - 2) // 2 if paired else ROWS - 2
        width = (width - em(GAP)) / 2 if paired else width

        def beside() -> None:
            if paired:
                imgui.same_line(0, em(GAP))

        session = draw_key(session, context, chosen, width, beside)
        # The form of the curve stays where it is, whether the playhead is at a key or not.
        apart = 0.0 if paired else em(0.3)
        imgui.set_cursor_pos_y(top + rows * imgui.get_frame_height_with_spacing() + apart)
        return self._curve.draw(session, width, beside)


def _keys(session: Session, context: Context, chosen: int | None) -> Session:
    """Take the keys that belong to the panel while it has the focus."""
    if imgui.is_any_item_active() or imgui.get_io().want_text_input:
        return session
    journey = session.journey
    if take_key(imgui.Key.space, repeat=False):
        context.actions.journey.toggle_play()
    elif chosen is not None and take_key(imgui.Key.delete, repeat=False):
        session = structs.replace(session, journey=editing.removed(journey, chosen))
        if session.journey.keys:
            session = going.at_key(session, min(chosen, len(session.journey.keys) - 1))
    elif take_key(imgui.Key.left_arrow):
        before = [i for i, key in enumerate(journey.keys) if key.time < session.moment - 1e-6]
        session = going.at_key(session, before[-1] if before else len(journey.keys) - 1)
    elif take_key(imgui.Key.right_arrow):
        after = [i for i, key in enumerate(journey.keys) if key.time > session.moment + 1e-6]
        session = going.at_key(session, after[0] if after else 0)
    return session


PANEL = Panel(
    TITLE,
    fa.ICON_FA_PERSON_WALKING,
    "bottom",
    1,
    make=lambda: JourneyPanel().draw,
    open=False,
    commands=COMMANDS,
)
