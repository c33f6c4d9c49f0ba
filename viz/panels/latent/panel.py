"""Latent: a seed, a point between seeds, or a stored w; the plane of seeds as a map."""

from __future__ import annotations

from typing import Literal, TypeAlias

from imgui_bundle import ImVec2, imgui
from imgui_bundle import icons_fontawesome_6 as fa
from msgspec import structs

from renderer.messages.request import Arc, Average, Plane, SavedW, Seed, Source
from viz.desk.context import Context
from viz.desk.panel import Panel
from viz.gpu.pictures import fitted
from viz.panels.latent import class_label
from viz.panels.latent.arc import draw_arc
from viz.panels.latent.average import draw_average
from viz.panels.latent.fields import draw_point, draw_saved, draw_seed
from viz.panels.latent.moving import draw_buttons, draw_motion
from viz.panels.latent.plane_map import PlaneMap
from viz.picture.miniatures import Miniatures
from viz.session.changes import motion
from viz.session.session import Session
from viz.ui import widgets
from viz.ui.widgets import em

Kind: TypeAlias = Literal["seed", "plane", "w", "average", "arc"]
"""What the latent is: the picture of a seed, a point between seeds, a stored w, a mean, or a point
between two seeds in Z."""

KINDS: tuple[tuple[Kind, str, str], ...] = (
    ("seed", "Seed", "The picture of one seed, as the published tools make it."),
    (
        "plane",
        "Plane",
        "A point of the plane of seeds. Between whole numbers the four seeds around "
        "are blended in W, so that moving is smooth. Drag on the picture to move.",
    ),
    ("w", "Saved w", "A stored latent: a .npz, .npy or .pt file, e.g. of a projection."),
)
"""The kinds of source that can be chosen, with the text of the button and its tooltip."""
MEAN: tuple[Kind, str, str] = (
    "average",
    "Average",
    "The mean of several latents, which are chosen among the bookmarks.",
)
"""The kind that is offered only while the source is one."""
BETWEEN: tuple[Kind, str, str] = (
    "arc",
    "Arc",
    "A point of the great circle through two seeds in Z, as journeys go along it.",
)
"""The kind that is offered only while the source is one."""


class LatentPanel:
    """Keeps the map's view, and what is needed to come back from one kind of source to another."""

    def __init__(self) -> None:
        self._map = PlaneMap()
        self._miniatures = Miniatures()
        # A stored latent is wanted but no file is chosen: the picture stays until one is.
        self._choosing = False
        # The step of the plane that was left for a seed, so that coming back finds the same plane.
        self._step = motion.STEP

    def draw(self, session: Session, context: Context) -> Session:
        """Draw the panel; return the session with the source and the motion as edited."""
        before = session.render.source
        if isinstance(before, Plane):
            self._step = before.step
        step = self._step
        source = self._draw_kind(before)
        if isinstance(source, Average) and not self._choosing:
            source = draw_average(source)
        elif isinstance(source, Arc) and not self._choosing:
            source = draw_arc(source)
        elif isinstance(source, SavedW) or self._choosing:
            source = draw_saved(source, context)
        else:
            source = draw_seed(source, step)
        if context.model is not None and context.model.c_dim > 0:
            session = class_label.draw_class(session, context.model.c_dim, context.class_names)
        if isinstance(source, Plane) and not self._choosing:
            source = draw_point(source)
        rows = 3
        free = imgui.get_content_region_avail().y - rows * imgui.get_frame_height_with_spacing()
        size = (imgui.get_content_region_avail().x, min(max(free - em(0.4), em(9)), em(20)))
        spot = motion.to_plane(source, step)

        def draw(seed: int, low: ImVec2, high: ImVec2) -> None:
            picture = self._miniatures.find(session, context, Seed(seed))
            if picture is not None:
                place = fitted(picture, low, high)
                context.draw_image(picture, *place, smooth=True, key=f"map {seed}")

        goal = self._map.draw(
            spot, step, session.render.mix, session.motion, size, context.dt, draw
        )
        source = goal if goal is not None and goal != spot else source
        source, moves = draw_buttons(source, session.motion)
        moves = draw_motion(moves)
        if source != before:
            self._choosing = False
            session = session.with_render(source=source)
        if moves != session.motion:
            session = structs.replace(session, motion=moves)
        return session

    def _draw_kind(self, source: Source) -> Source:
        """Draw the choice between the kinds; return the same picture as a source of that kind."""
        kind: Kind = "w" if self._choosing else _kind(source)
        kinds = KINDS
        if isinstance(source, Average | Arc):
            kinds = (*KINDS, MEAN if isinstance(source, Average) else BETWEEN)
        chosen = widgets.segmented("Source", kind, kinds, default="plane")
        if chosen == kind:
            return source
        self._choosing = chosen == "w"
        if chosen == "seed":
            return Seed(motion.to_seed(source) or 0)
        if chosen == "plane":
            return motion.to_plane(source, self._step) or Plane(step=self._step)
        return source


def _kind(source: Source) -> Kind:
    match source:
        case Seed():
            return "seed"
        case Plane():
            return "plane"
        case SavedW():
            return "w"
        case Average():
            return "average"
        case Arc():
            return "arc"


PANEL = Panel("Latent", fa.ICON_FA_COMPASS, "left_middle", 0, make=lambda: LatentPanel().draw)
