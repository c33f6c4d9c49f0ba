"""What a right click on the map of seeds offers."""

from __future__ import annotations

from typing import Literal, TypeAlias

from imgui_bundle import imgui

from renderer.messages.request import Plane
from viz.session.changes import motion
from viz.ui.seeds import random_seed

Wish: TypeAlias = Literal["usual zoom", "show point"]
"""What the menu asks of the map itself."""


class MapMenu:
    """The menu of the map; keeps the place that was clicked."""

    def __init__(self) -> None:
        self._clicked = Plane()

    def open(self, clicked: Plane) -> None:
        """Open the menu at a place of the plane."""
        self._clicked = clicked
        imgui.open_popup("##map menu")

    def draw(self, spot: Plane | None) -> tuple[Plane | None, Wish | None]:
        """Draw the menu while it is open; return the point to go to, and what the map is to do.

        spot: the latent, None where it lies outside the plane.
        """
        wish: Wish | None = None
        if not imgui.begin_popup("##map menu"):
            return spot, wish
        near, step = motion.to_seed(self._clicked), self._clicked.step
        if imgui.menu_item(f"Go to seed {near}", "Click", False)[0]:
            spot = motion.snapped(self._clicked)
        if imgui.menu_item("Random seed", "R", False)[0]:
            spot = motion.to_plane(motion.at_seed(Plane(step=step), random_seed()), step)
        between = spot is not None and motion.snapped(spot) != spot
        if imgui.menu_item("Snap to the nearest seed", "", False, between)[0] and spot is not None:
            spot = motion.snapped(spot)
        if imgui.menu_item("Back to seed 0", "", False)[0]:
            spot = Plane(step=step)
        imgui.separator()
        if imgui.menu_item("Show where it is", "", False, spot is not None)[0]:
            wish = "show point"
        if imgui.menu_item("Usual zoom", "", False)[0]:
            wish = "usual zoom"
        imgui.end_popup()
        return spot, wish
