"""Projection: a picture of one's own, looked for in the network while everything else goes on."""

from __future__ import annotations

from pathlib import Path

from imgui_bundle import ImVec2, imgui
from imgui_bundle import icons_fontawesome_6 as fa

from renderer.messages.project_job import STREAM
from viz.desk import far_away
from viz.desk.context import Context
from viz.desk.panel import Panel
from viz.desk.parts.projection import Projection
from viz.gpu.pictures import Frame, Picture
from viz.panels.projection import options, plot
from viz.panels.projection.commands import COMMANDS
from viz.panels.projection.controls import draw_buttons, draw_state, draw_trouble
from viz.panels.projection.crop import CropSquare
from viz.panels.projection.list import draw_list
from viz.session.session import Session
from viz.ui import widgets
from viz.ui.text import muted, shorten
from viz.ui.widgets import em

EMPTY = (
    "Drop a picture here, or choose one above: the latent is looked for that the network draws it "
    "from. "
)
THEN = "What is found can be mixed, averaged and changed layer by layer."
THEN_Z = "What is found can be averaged, and moved along directions."
"""What can be done with a latent of a network without w, whose layers have no styles."""
TALLEST = 15.0
"""The height of the pictures at most, in em."""


class ProjectionPanel:
    """Keeps what the mouse holds of the square."""

    def __init__(self) -> None:
        self._square = CropSquare()

    def draw(self, session: Session, context: Context) -> Session:
        """Draw the panel. The session changes when a projection ends, not here."""
        tip = "Choose a picture to look for. Pictures can be dropped on the window too."
        never = far_away.no_projection(context)
        label = f"{fa.ICON_FA_PLUS}  Picture…###Add"
        if widgets.button(label, tip=never or tip, enabled=not never):
            context.actions.browse("target")
        item = context.projection.selected
        if item is None:
            imgui.spacing()
            no_w = context.model is not None and context.model.w_is_z
            widgets.hint(never or EMPTY + (THEN_Z if no_w else THEN))
            return session
        draw_buttons(item, context)
        draw_state(item, context)
        if len(context.projection.items) > 1:
            draw_list(item, context)
        self._draw_pictures(item, context)
        draw_trouble(item, context)
        if item.distances:
            plot.draw(item)
        if item.stage == "chosen":
            options.draw(context)
        elif item.spec is not None:
            widgets.hint(options.words(item.spec))
        return session

    def _draw_pictures(self, item: Projection, context: Context) -> None:
        """Draw the picture with its square, and what has been found beside it."""
        found = _found(item, context)
        gap = imgui.get_style().item_spacing.x
        room = imgui.get_content_region_avail().x
        width = (room - gap) / 2 if found is not None else room
        muted(shorten(Path(item.path).name, width))
        if found is not None:
            imgui.same_line(imgui.get_cursor_start_pos().x + width + gap)
            near = "" if item.psnr is None else f", {item.psnr:.1f} dB"
            muted(f"{'Found' if item.stage == 'done' else 'Best so far'}{near}")
        corner = imgui.get_cursor_screen_pos()
        target = context.file_image(item.path, item.version, large=True)
        height = em(4)
        if isinstance(target, str):
            widgets.hint(target)
        elif target is not None and item.size is not None:
            size = _inside(target, width)
            low = ImVec2(corner.x + (width - size.x) / 2, corner.y)
            high = ImVec2(low.x + size.x, low.y + size.y)
            context.draw_image(target, low, high, smooth=True, key="projection target")
            crop = self._square.draw(
                item.crop, item.size, low, high, enabled=item.stage == "chosen"
            )
            if crop != item.crop:
                context.actions.projection.set_crop(item.id, crop)
            height = size.y
        if found is not None:
            size = _inside(found, width)
            low = ImVec2(corner.x + width + gap + (width - size.x) / 2, corner.y)
            high = ImVec2(low.x + size.x, low.y + size.y)
            context.draw_image(found, low, high, smooth=True, key="projection found")
            height = max(height, size.y)
        imgui.set_cursor_screen_pos(corner)
        imgui.dummy(ImVec2(room, height))


def _inside(picture: Picture, width: float) -> ImVec2:
    """The size of a picture that fits the room for it, in pixels of the screen."""
    scale = min(width / max(picture.width, 1), em(TALLEST) / max(picture.height, 1))
    return ImVec2(max(picture.width * scale, 1), max(picture.height * scale, 1))


def _found(item: Projection, context: Context) -> Picture | None:
    """What has been found: the renderer's newest picture of it, or that in its folder."""
    if item.stage == "running":
        frame: Frame | None = context.frames.get(STREAM)
        if frame is not None:
            return frame if item.distances else None
    if not item.picture:
        return None
    picture = context.file_image(item.picture, item.picture_version)
    return None if isinstance(picture, str) else picture


PANEL = Panel(
    "Projection",
    fa.ICON_FA_CROSSHAIRS,
    "right",
    4,
    make=lambda: ProjectionPanel().draw,
    commands=COMMANDS,
)
