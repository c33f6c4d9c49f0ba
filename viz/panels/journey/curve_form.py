"""Beside the lane of a curve: which number it shows, what that follows, and how it runs."""

from __future__ import annotations

from collections.abc import Callable

from imgui_bundle import icons_fontawesome_6 as fa
from imgui_bundle import imgui
from msgspec import structs

from renderer.messages.journey import Curve, Journey, Knob
from renderer.pictures.journey import editing
from viz.panels.journey.drives import draw_drive
from viz.panels.journey.knobs import PLAIN, Knobs
from viz.session import going
from viz.session.session import Session
from viz.ui import widgets
from viz.ui.widgets import em

TIP = (
    "The number whose curve is shown. Without points the keys say what it is; with points the "
    "curve does. Double-click in the lane for a point, drag it; a double-click on it takes it away."
)


class CurveForm:
    """Keeps which number is shown.

    knob: that number.
    """

    def __init__(self) -> None:
        self.knob = Knob(PLAIN[0][0])
        self._knobs = Knobs()

    def shown(self, journey: Journey) -> Curve:
        """Return the curve of the number, without points where it has none."""
        return next((c for c in journey.curves if c.knob == self.knob), Curve(self.knob))

    def draw(self, session: Session, width: float, beside: Callable[[], None]) -> Session:
        """Draw the form; return the session as it was edited there.

        width: of a row, in pixels. beside: called between its two rows.
        """
        journey, side, gap = session.journey, imgui.get_frame_height(), em(0.3)
        knobs = self._knobs.of(session)
        index = next((i for i, (knob, _) in enumerate(knobs) if knob == self.knob), 0)
        curved = {curve.knob for curve in journey.curves}
        names = [f"{text} •" if knob in curved else text for knob, text in knobs]
        imgui.set_next_item_width(width)
        _, index = imgui.combo("##Number", index, names)
        widgets.tooltip(TIP)
        beside()
        self.knob = knobs[index][0]
        edited = draw_drive(journey, self.knob)
        curve = self.shown(journey)
        if curve.points:
            imgui.same_line(0, gap)
            smooth = widgets.checkbox("Smooth", curve.smooth, tip="Round, or straight lines.")
            if smooth != curve.smooth:
                edited = editing.with_curve(edited, structs.replace(curve, smooth=smooth))
            imgui.same_line(0, gap)
            tip = "Take all points away: the keys say again what it is."
            if widgets.button(f"{fa.ICON_FA_XMARK}###Clear", tip=tip, width=side):
                edited = editing.with_curve(edited, structs.replace(curve, points=()))
        if edited is journey:
            return session
        return going.at_moment(structs.replace(session, journey=edited), session.moment)
