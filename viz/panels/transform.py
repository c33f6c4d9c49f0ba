"""Transform: the picture shifted, turned and scaled by its network, which draws what comes in."""

from __future__ import annotations

from imgui_bundle import icons_fontawesome_6 as fa

from renderer.messages.request import Transform
from viz.desk.context import Context
from viz.desk.panel import Panel
from viz.session.ranges import ANGLE, SCALE, SHIFT
from viz.session.session import Session
from viz.ui import widgets

NOT_HERE = (
    "This network does not move its pictures, so a transform has no effect on it. StyleGAN3 "
    "and StyleGAN-XL do: what moves into the picture at its edges is drawn as well."
)
"""What the panel says where there is nothing to set."""

HOW = "On the picture, with Ctrl+Shift: left drag shifts, right drag turns, the wheel scales."
"""How the mouse does the same."""


def draw(session: Session, context: Context) -> Session:
    """Draw the panel; return the session with the transform as it was edited."""
    before = session.render.transform
    if context.model is not None and not context.model.transforms:
        widgets.hint(NOT_HERE)
        return session
    x = widgets.slider(
        "Right",
        before.x,
        -1.0,
        1.0,
        default=0.0,
        fmt="%.3f pictures",
        tip="How far to the right, as a share of the picture. The network draws anew what comes in "
        "at the other side, so textures move with what they belong to. 0 is as trained.",
        control="transform/x",
    )
    y = widgets.slider(
        "Down",
        before.y,
        -1.0,
        1.0,
        default=0.0,
        fmt="%.3f pictures",
        tip="How far down, as a share of the picture. 0 is as trained.",
        control="transform/y",
    )
    rotate = widgets.slider(
        "Turn",
        before.rotate,
        -180.0,
        180.0,
        default=0.0,
        fmt="%.1f°",
        tip="Against the clock, about the middle of the picture. Networks of configuration R turn "
        "what they draw; those of configuration T were made for shifts, and it falls apart.",
        control="transform/rotate",
    )
    scale = widgets.slider(
        "Scale",
        before.scale,
        0.25,
        4.0,
        default=1.0,
        fmt="× %.2f",
        logarithmic=True,
        tip="2 is twice as large. No network was trained for it: a little shows what lies around "
        "the picture, much breaks it.",
        control="transform/scale",
    )
    after = Transform(
        SHIFT.nearest(x), SHIFT.nearest(y), ANGLE.nearest(rotate), SCALE.nearest(scale)
    )
    if widgets.button(
        f"{fa.ICON_FA_ARROW_ROTATE_LEFT}  Reset###Reset",
        width=-1,
        enabled=after != Transform(),
        tip="The picture as the network draws it of itself.",
    ):
        after = Transform()
    widgets.hint(HOW)
    return session if after == before else session.with_render(transform=after)


PANEL = Panel("Transform", fa.ICON_FA_UP_DOWN_LEFT_RIGHT, "left_middle", 2, draw=draw)
