"""Where the picture lies in its panel: fit, zoom, pan, and the pixel under the cursor.

`Viewport` joins a `View` with the sizes of the picture and of the panel. Panel coordinates are
screen pixels from the panel's top left corner; picture coordinates are pixels, y down.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from msgspec import structs

from viz.session.ranges import ZOOM
from viz.session.session import View

ZOOM_STEP = 2**0.25
"""The factor of one notch of the wheel."""


@dataclass(frozen=True)
class Viewport:
    """A picture in an area of the screen.

    view: whether the picture fits its area; otherwise its zoom and the point in the middle.
    width: the picture's, in its own pixels.
    height: the picture's, in its own pixels.
    area: width and height of the area, in screen pixels.
    margin: screen pixels that are left free on every side of a picture that fits.
    """

    view: View
    width: int
    height: int
    area: tuple[float, float]
    margin: float = 0.0

    @property
    def fit_zoom(self) -> float:
        """The zoom at which the whole picture just fits."""
        w, h = (max(1.0, side - 2 * self.margin) for side in self.area)
        return min(w / self.width, h / self.height)

    @property
    def zoom(self) -> float:
        """Screen pixels per picture pixel."""
        return self.fit_zoom if self.view.fit else self.view.zoom

    @property
    def origin(self) -> tuple[float, float]:
        """The picture's top left corner, on a whole screen pixel so that 1:1 is exact."""
        cx, cy = (0.5, 0.5) if self.view.fit else self.view.center
        x = self.area[0] / 2 - cx * self.width * self.zoom
        y = self.area[1] / 2 - cy * self.height * self.zoom
        return float(round(x)), float(round(y))

    def to_picture(self, x: float, y: float) -> tuple[float, float]:
        """The picture coordinates under a point of the panel."""
        ox, oy = self.origin
        return (x - ox) / self.zoom, (y - oy) / self.zoom

    def to_panel(self, x: float, y: float) -> tuple[float, float]:
        """The point of the panel over picture coordinates."""
        ox, oy = self.origin
        return ox + x * self.zoom, oy + y * self.zoom

    def pixel(self, x: float, y: float) -> tuple[int, int] | None:
        """The picture pixel under a point of the panel, None outside the picture."""
        px, py = (math.floor(v) for v in self.to_picture(x, y))
        return (px, py) if 0 <= px < self.width and 0 <= py < self.height else None

    def at_zoom(self, zoom: float, x: float, y: float) -> View:
        """The view at a zoom, with the same picture point under the panel's point (x, y)."""
        zoom = ZOOM.nearest(zoom)
        px, py = self.to_picture(x, y)
        cx = (px + (self.area[0] / 2 - x) / zoom) / self.width
        cy = (py + (self.area[1] / 2 - y) / zoom) / self.height
        return self._placed(zoom, cx, cy)

    def panned(self, dx: float, dy: float) -> View:
        """The view after moving the picture by (dx, dy) screen pixels."""
        ox, oy = self.origin
        cx = (self.area[0] / 2 - ox - dx) / (self.zoom * self.width)
        cy = (self.area[1] / 2 - oy - dy) / (self.zoom * self.height)
        return self._placed(self.zoom, cx, cy)

    def stepped(self, steps: float, x: float, y: float) -> View:
        """The view after `steps` notches of the wheel at (x, y); passing 1:1 stops there once."""
        target = self.zoom * ZOOM_STEP**steps
        if (self.zoom - 1) * (target - 1) < 0 and abs(math.log(self.zoom)) > 1e-3:
            target = 1.0
        return self.at_zoom(target, x, y)

    def _placed(self, zoom: float, cx: float, cy: float) -> View:
        # The centre stays inside the picture, so that it cannot get lost off screen.
        center = (min(max(cx, 0.0), 1.0), min(max(cy, 0.0), 1.0))
        return structs.replace(self.view, fit=False, zoom=zoom, center=center)
