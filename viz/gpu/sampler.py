"""Drawing pictures sharp at any zoom.

ImGui samples every texture linearly. A picture that is enlarged without smoothing is therefore
first blown up by a whole factor without interpolation, and one that is reduced is first halved
until at most a factor of two remains; the rest is left to the linear sampler. So enlarged pixels
have crisp edges and equal sizes at every zoom, and reduced pictures do not shimmer.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from imgui_bundle import ImVec2, imgui

from viz.gpu.pictures import Frame, Picture
from viz.gpu.texture import Rect, Texture, contents_of, copy

_CHECKS = (0xFF999999, 0xFF666666)
"""The two greys of the checkerboard behind a transparent picture, as ImGui packs colours."""
_CHECK_EM = 0.75
"""The side of its squares, in sizes of the font."""
KEPT_FRAMES = 120
"""For how many frames at least what was made for a place is kept that is not drawn any more."""


@dataclass
class _Scratch:
    """A texture for what is drawn at one place.

    made: what it was made of, and how.
    drawn: the number of the frame in which it was last.
    """

    texture: Texture = field(default_factory=Texture)
    made: tuple[object, ...] = ()
    drawn: int = 0


class Sampler:
    """The `Painter` that works. It keeps scratch textures for every place that it draws to.

    They are filled again only where the picture or its size has changed: a map of small pictures
    would cost more than all else in a window where nothing happens. Places come and go, as each
    seed of the map is one: what is drawn no more is deleted after a while.
    """

    def __init__(self) -> None:
        self._scratch: dict[str, _Scratch] = {}
        self._swept = 0

    def draw(
        self,
        picture: Picture,
        low: ImVec2,
        high: ImVec2,
        *,
        smooth: bool,
        key: str,
    ) -> None:
        """Draw the whole picture from screen position `low` to `high` in the current window.

        smooth: enlarged pixels run into each other.
        key: a name for this place, unique within a frame.
        """
        self._sweep()
        draw_list = imgui.get_window_draw_list()
        density = imgui.get_io().display_framebuffer_scale.x
        zoom = (high.x - low.x) * density / picture.width
        if zoom <= 0:
            return
        if zoom > 1 and not smooth:
            clip_low, clip_high = draw_list.get_clip_rect_min(), draw_list.get_clip_rect_max()
            area = _visible(picture, low, high, clip_low, clip_high)
            if area is None:
                return
            self._enlarge(picture, area, math.ceil(zoom), key)
            per_x = (high.x - low.x) / picture.width
            per_y = (high.y - low.y) / picture.height
            texture = self._scratch[key].texture.name
            first = ImVec2(low.x + area[0] * per_x, low.y + area[1] * per_y)
            last = ImVec2(low.x + area[2] * per_x, low.y + area[3] * per_y)
        else:
            texture = self._reduce(picture, zoom, key) if zoom < 0.75 else picture.texture
            first, last = low, high
        if isinstance(picture, Frame) and picture.info.transparent:
            _draw_checkerboard(low, high)
        draw_list.add_image(imgui.ImTextureRef(texture), first, last)

    def _enlarge(self, picture: Picture, area: Rect, factor: int, key: str) -> None:
        size = (area[2] - area[0]) * factor, (area[3] - area[1]) * factor
        self._fill(key, picture.texture, area, size, smooth=False)

    def _reduce(self, picture: Picture, zoom: float, key: str) -> int:
        name, width, height, step = picture.texture, picture.width, picture.height, 0
        while zoom < 0.75 and min(width, height) > 1:
            half = max(width // 2, 1), max(height // 2, 1)
            name = self._fill(f"{key}/{step}", name, (0, 0, width, height), half, smooth=True)
            (width, height), zoom, step = half, zoom * 2, step + 1
        return name

    def _fill(
        self, key: str, source: int, area: Rect, size: tuple[int, int], *, smooth: bool
    ) -> int:
        """Copy a part of a texture into a scratch texture, whose name is returned."""
        scratch = self._scratch.get(key) or self._scratch.setdefault(key, _Scratch())
        contents = contents_of(source)
        made = (source, contents, area, size, smooth)
        if contents is None or made != scratch.made:
            scratch.texture.resize(*size)
            copy(source, area, scratch.texture, smooth=smooth)
            scratch.made = made
        scratch.drawn = imgui.get_frame_count()
        return scratch.texture.name

    def _sweep(self) -> None:
        """Delete what has not been drawn since the sweep before; nothing else is of this frame."""
        frame = imgui.get_frame_count()
        if frame - self._swept < KEPT_FRAMES:
            return
        gone = [key for key, scratch in self._scratch.items() if scratch.drawn < self._swept]
        for key in gone:
            self._scratch.pop(key).texture.delete()
        self._swept = frame


def _draw_checkerboard(low: ImVec2, high: ImVec2) -> None:
    """Draw what is seen through a transparent picture, where it is not clipped."""
    draw_list, side = imgui.get_window_draw_list(), imgui.get_font_size() * _CHECK_EM
    clip_low, clip_high = draw_list.get_clip_rect_min(), draw_list.get_clip_rect_max()
    draw_list.push_clip_rect(low, high, intersect_with_current_clip_rect=True)
    draw_list.add_rect_filled(low, high, _CHECKS[0])
    columns = _between(low.x, high.x, clip_low.x, clip_high.x, side)
    for row in _between(low.y, high.y, clip_low.y, clip_high.y, side):
        for column in columns:
            if (row + column) % 2:
                corner = ImVec2(low.x + column * side, low.y + row * side)
                draw_list.add_rect_filled(
                    corner, ImVec2(corner.x + side, corner.y + side), _CHECKS[1]
                )
    draw_list.pop_clip_rect()


def _between(low: float, high: float, clip_low: float, clip_high: float, side: float) -> range:
    """Return the numbers of the squares from `low` to `high` of which anything is seen."""
    first = math.floor((max(low, clip_low) - low) / side)
    return range(first, math.ceil((min(high, clip_high) - low) / side))


def _visible(
    picture: Picture, low: ImVec2, high: ImVec2, clip_low: ImVec2, clip_high: ImVec2
) -> Rect | None:
    """Return the whole pixels of the picture that the clip rectangle lets through."""
    per_x, per_y = (high.x - low.x) / picture.width, (high.y - low.y) / picture.height
    x0 = max(0, math.floor((clip_low.x - low.x) / per_x))
    y0 = max(0, math.floor((clip_low.y - low.y) / per_y))
    x1 = min(picture.width, math.ceil((clip_high.x - low.x) / per_x))
    y1 = min(picture.height, math.ceil((clip_high.y - low.y) / per_y))
    return (x0, y0, x1, y1) if x0 < x1 and y0 < y1 else None
