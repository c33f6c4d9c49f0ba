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
from viz.panels.journey.curves import CurvePlot
from viz.panels.journey.key_row import draw_key
from viz.panels.journey.ruler import Ruler
from viz.session import going
from viz.session.session import Session
from viz.ui import widgets
from viz.ui.keys import take_key
from viz.ui.widgets import em

EMPTY = (
    "A journey passes pictures, one after the other, and everything moves on the way: the latent, "
    "psi, noise, directions, bends. Add the picture as it is, go elsewhere, add that, and play."
)
LEAST, MOST = 5.6, 9.0
"""The smallest and the largest height of the ruler, in em."""


class JourneyPanel:
    """Keeps what the ruler shows, and which key and which curve are in hand."""

    def __init__(self) -> None:
        self.ruler = Ruler()
        self.curves = CurvePlot()
        self._more = controls.More()

    def draw(self, session: Session, context: Context) -> Session:
        """Draw the panel; return the session as it was edited there."""
        session = controls.draw(session, context, self._more)
        if not session.journey.keys:
            widgets.hint(EMPTY)
            return session
        chosen = going.key_at(session.journey, session.moment)
        rows = imgui.get_frame_height_with_spacing()
        room = imgui.get_content_region_avail()
        curves = room.y - rows > em(LEAST + 4.4)
        height = room.y - rows - (em(4.9) if curves else 0.0)
        size = ImVec2(room.x, min(max(height, em(LEAST)), em(MOST if curves else 99)))
        session = self.ruler.draw(session, context, size)
        session = draw_key(session, context, chosen)
        if curves:
            session = self.curves.draw(session, context, self.ruler.seen(session.journey))
        if imgui.is_window_focused(imgui.FocusedFlags_.root_and_child_windows):
            session = _keys(session, context, chosen)
        return session


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
