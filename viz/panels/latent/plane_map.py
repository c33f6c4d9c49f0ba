"""The plane of seeds as a small map: where the latent is, was, and what is around it."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Sequence
from typing import TypeAlias

from imgui_bundle import ImVec2, ImVec4, imgui

from renderer.messages.request import Corner, MixSource, Plane, corners, seed_at
from viz.panels.latent.map_menu import MapMenu
from viz.session.changes import mixing, motion
from viz.session.session import Motion
from viz.ui.mouse import item_held
from viz.ui.widgets import em, show_tooltip

DrawSeed: TypeAlias = Callable[[int, ImVec2, ImVec2], None]
"""Draws the small picture of a seed between two screen positions, where there is one."""

LABEL_SIZE = 0.88
"""The size of the numbers of seeds, as a share of that of other text."""
PICTURE_EM, SMALLEST_EM = 3.6, 1.8
"""The side of a seed's picture at most, and the one below which there is none, in em."""
UNITS_ACROSS = 5.0
"""How many seeds the map is wide at first."""
NEAREST, WIDEST = 1.5, 400.0
"""How many seeds the map is wide at least and at most."""
TRAIL = 240
"""How many of the last points of the latent are drawn."""
NICE = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
"""Distances between two lines of the grid, in seeds."""


def nice_spacing(pixels_per_unit: float, wanted: float) -> int:
    """Return the smallest round number of units that is at least `wanted` pixels wide."""
    return next((n for n in NICE if n * pixels_per_unit >= wanted), NICE[-1])


def to_edge(
    dx: float, dy: float, half_width: float, half_height: float
) -> tuple[float, float] | None:
    """Return where the ray (dx, dy) from the middle leaves the rectangle, None inside it."""
    factor = max(abs(dx) / half_width, abs(dy) / half_height)
    return (dx / factor, dy / factor) if factor > 1 else None


class PlaneMap:
    """Draws the map and lets the mouse move on it.

    It keeps only what nobody wants back: what part is seen, and the trail of the latent.
    """

    def __init__(self) -> None:
        self._across = UNITS_ACROSS
        self._center = (0.0, 0.0)
        self._started = False
        self._menu = MapMenu()
        self._trail: deque[tuple[float, float]] = deque(maxlen=TRAIL)

    def draw(
        self,
        spot: Plane | None,
        step: int,
        mix: Sequence[MixSource],
        moves: Motion,
        size: tuple[float, float],
        dt: float,
        draw_seed: DrawSeed,
    ) -> Plane | None:
        """Draw the map; return the point to go to, which is `spot` where nobody moves.

        spot: the latent, None where it lies outside the plane.
        step: how many seeds a row of the plane has.
        mix: sources whose places are marked.
        moves: how the latent moves.
        size: width and height in pixels.
        dt: seconds since the last frame.
        draw_seed: draws the small picture of a seed.
        """
        self._draw_seed = draw_seed
        width, height = size = (max(size[0], em(1)), max(size[1], em(1)))
        if spot is not None and not self._started:
            self._center, self._started = (spot.x, spot.y), True
        corner = imgui.get_cursor_screen_pos()
        buttons = imgui.ButtonFlags_.mouse_button_left | imgui.ButtonFlags_.mouse_button_middle
        imgui.invisible_button("##map", ImVec2(width, height), buttons)
        imgui.set_item_key_owner(imgui.Key.mouse_wheel_y)
        hovered = imgui.is_item_hovered()
        held = item_held()
        self._corner, self._size, self._unit = corner, size, width / self._across
        mouse = imgui.get_mouse_pos()
        over = self._to_plane(mouse.x, mouse.y)
        result = spot
        if held:
            result = Plane(*over, step)
            result = motion.snapped(result) if moves.snap else result
        elif imgui.is_item_active():
            delta = imgui.get_io().mouse_delta
            cx, cy = self._center
            self._center = (cx - delta.x / self._unit, cy - delta.y / self._unit)
        elif hovered and imgui.is_mouse_clicked(imgui.MouseButton_.right):
            self._menu.open(Plane(*over, step))
        result, wish = self._menu.draw(result)
        if wish == "usual zoom":
            self._across = UNITS_ACROSS
        elif wish == "show point" and spot is not None:
            self._center = (spot.x, spot.y)
        if hovered and (wheel := imgui.get_io().mouse_wheel):
            self._zoom(1.2**-wheel, over)
        if spot is not None:
            spot = self._in_sight(spot)
            self._remember(spot)
            if not imgui.is_item_active():
                self._follow(spot, dt)
        self._paint(spot, step, mix, moves, over if hovered and not held else None)
        return result

    def _in_sight(self, spot: Plane) -> Plane:
        """Return the point with the same picture that is in sight, or the point itself.

        A twin far away would be no nearer to what is seen, and have coordinates that nobody chose.
        """
        twin = motion.twin_near(spot, *self._center)
        near = math.dist((twin.x, twin.y), self._center) <= self._across
        return twin if near else spot

    def _zoom(self, factor: float, at: tuple[float, float]) -> None:
        across = min(max(self._across * factor, NEAREST), WIDEST)
        factor, self._across = across / self._across, across
        (cx, cy), (ax, ay) = self._center, at
        self._center = (ax + (cx - ax) * factor, ay + (cy - ay) * factor)

    def _remember(self, spot: Plane) -> None:
        point = (spot.x, spot.y)
        if not self._trail or math.dist(self._trail[-1], point) > 0.01:
            self._trail.append(point)

    def _follow(self, spot: Plane, dt: float) -> None:
        """Keep the spot well inside: glide after small moves, cut after jumps."""
        (cx, cy), (width, height) = self._center, self._size
        free = (0.16 * width / self._unit, 0.16 * height / self._unit)
        over = [
            math.copysign(max(0.0, abs(d) - f), d)
            for d, f in ((spot.x - cx, free[0]), (spot.y - cy, free[1]))
        ]
        if max(abs(o) for o in over) > self._across:
            self._center = (spot.x, spot.y)
        else:
            share = 1 - math.exp(-dt * 10)
            self._center = (cx + over[0] * share, cy + over[1] * share)

    def _to_plane(self, x: float, y: float) -> tuple[float, float]:
        (cx, cy), (width, height) = self._center, self._size
        dx, dy = x - self._corner.x - width / 2, y - self._corner.y - height / 2
        return cx + dx / self._unit, cy + dy / self._unit

    def _to_screen(self, x: float, y: float) -> ImVec2:
        (cx, cy), (width, height) = self._center, self._size
        px = self._corner.x + width / 2 + (x - cx) * self._unit
        return ImVec2(px, self._corner.y + height / 2 + (y - cy) * self._unit)

    def _paint(
        self,
        spot: Plane | None,
        step: int,
        mix: Sequence[MixSource],
        moves: Motion,
        over: tuple[float, float] | None,
    ) -> None:
        self._draw = imgui.get_window_draw_list()
        far = ImVec2(self._corner.x + self._size[0], self._corner.y + self._size[1])
        rounding = imgui.get_style().frame_rounding
        self._draw.add_rect_filled(self._corner, far, _ink(imgui.Col_.frame_bg), rounding)
        self._draw.push_clip_rect(self._corner, far, True)
        near = {c.seed: c for c in corners(spot)} if spot is not None else {}
        if spot is not None:
            self._paint_cell(spot)
        self._paint_grid(step, near)
        self._paint_trail()
        for index, source in enumerate(mix):
            self._paint_source(index, source, step)
        if spot is not None:
            self._paint_spot(spot, moves)
        if over is not None:
            self._draw.add_circle(self._to_screen(*over), em(0.4), _ink(imgui.Col_.text, 0.5))
        self._draw.pop_clip_rect()
        self._draw.add_rect(self._corner, far, _ink(imgui.Col_.border), rounding)
        if over is not None:
            self._explain(Plane(*over, step))

    def _paint_cell(self, spot: Plane) -> None:
        x, y = math.floor(spot.x), math.floor(spot.y)
        low, high = self._to_screen(x, y), self._to_screen(x + 1, y + 1)
        self._draw.add_rect_filled(low, high, _ink(imgui.Col_.check_mark, 0.10))

    def _paint_grid(self, step: int, near: dict[int, Corner]) -> None:
        spacing = nice_spacing(self._unit, em(1.1))
        label_spacing = nice_spacing(self._unit, imgui.calc_text_size("00000").x + em(0.9))
        label_spacing = max(label_spacing, spacing)
        (x0, y0), (x1, y1) = self._span()
        columns = range(math.floor(x0 / spacing) * spacing, math.ceil(x1) + 1, spacing)
        rows = range(math.floor(y0 / spacing) * spacing, math.ceil(y1) + 1, spacing)
        left, top = self._corner.x, self._corner.y
        right, bottom = left + self._size[0], top + self._size[1]
        for x in columns:
            strength = 0.30 if x % step == 0 else 0.16 if x % label_spacing == 0 else 0.08
            px = self._to_screen(x, 0).x
            self._draw.add_line(
                ImVec2(px, top), ImVec2(px, bottom), _ink(imgui.Col_.text, strength)
            )
        for y in rows:
            strength = 0.30 if y == 0 else 0.16 if y % label_spacing == 0 else 0.08
            py = self._to_screen(0, y).y
            self._draw.add_line(
                ImVec2(left, py), ImVec2(right, py), _ink(imgui.Col_.text, strength)
            )
        size = imgui.get_font_size() * LABEL_SIZE
        named = [
            (x, y, seed_at(x, y, step))
            for y in rows
            for x in columns
            if not (x % label_spacing or y % label_spacing)
        ]
        # All pictures lie below all numbers: a long one reaches to the picture on its right.
        for x, y, seed in named:
            self._paint_picture(x, y, seed)
        for x, y, seed in named:
            corner = near.get(seed) if label_spacing == 1 else None
            self._paint_crossing(x, y, seed, corner, size)

    def _paint_picture(self, x: int, y: int, seed: int) -> None:
        at, half = self._to_screen(x, y), min(0.30 * self._unit, em(PICTURE_EM) / 2)
        if half > em(SMALLEST_EM) / 2:
            low, high = ImVec2(at.x - half, at.y - half), ImVec2(at.x + half, at.y + half)
            self._draw_seed(seed, low, high)

    def _paint_crossing(
        self, x: int, y: int, seed: int, corner: Corner | None, size: float
    ) -> None:
        at = self._to_screen(x, y)
        share = corner.weight if corner is not None else 0.0
        ink = _ink(imgui.Col_.text, 0.8 + 0.2 * min(1.0, 2 * share))
        radius = em(0.11) + em(0.30) * math.sqrt(share)
        dot = _ink(imgui.Col_.check_mark, 0.9) if share else _ink(imgui.Col_.text, 0.35)
        self._draw.add_circle_filled(at, radius, dot)
        text = ImVec2(at.x + em(0.3), at.y + em(0.18))
        font = imgui.get_font()
        label = str(seed)
        # Seeds below zero wrap around to ten digits, of which the last tell them apart.
        if imgui.calc_text_size(label).x * LABEL_SIZE > self._unit - em(1.0) and len(label) > 5:
            label = f"…{label[-4:]}"
        self._draw_plate(text, imgui.calc_text_size(label).x * LABEL_SIZE, size)
        self._draw.add_text(font, size, text, ink, label)
        if share >= 0.005:
            below = ImVec2(text.x, text.y + size)
            percent = f"{share * 100:.0f} %"
            self._draw_plate(below, imgui.calc_text_size(percent).x * LABEL_SIZE, size)
            self._draw.add_text(font, size, below, _ink(imgui.Col_.text, 0.8), percent)

    def _draw_plate(self, at: ImVec2, width: float, height: float) -> None:
        """Draw the ground under a text, which is read on pictures and lines as well."""
        low = ImVec2(at.x - em(0.15), at.y)
        high = ImVec2(at.x + width + em(0.15), at.y + height)
        self._draw.add_rect_filled(low, high, _ink(imgui.Col_.frame_bg, 0.85), em(0.15))

    def _paint_trail(self) -> None:
        points = list(self._trail)
        for i in range(1, len(points)):
            if math.dist(points[i - 1], points[i]) > 1.5:
                continue
            ink = _ink(imgui.Col_.check_mark, 0.75 * (i / len(points)) ** 2)
            a, b = (self._to_screen(*points[j]) for j in (i - 1, i))
            self._draw.add_line(a, b, ink, em(0.13))

    def _paint_source(self, index: int, source: MixSource, step: int) -> None:
        plane = motion.to_plane(source.source, step)
        if plane is None or plane.step != step:
            return
        plane = motion.twin_near(plane, *self._center)
        rgb = mixing.color(index)
        ink = imgui.get_color_u32(ImVec4(*rgb, 1.0 if source.enabled else 0.35))
        at = self._to_screen(plane.x, plane.y)
        mid = ImVec2(self._corner.x + self._size[0] / 2, self._corner.y + self._size[1] / 2)
        half = (self._size[0] / 2 - em(0.6), self._size[1] / 2 - em(0.6))
        edge = to_edge(at.x - mid.x, at.y - mid.y, *half)
        if edge is None:
            self._draw.add_ngon_filled(at, em(0.45), ink, 4)
            self._draw.add_ngon(at, em(0.45), _ink(imgui.Col_.frame_bg), 4, em(0.1))
            return
        tip = ImVec2(mid.x + edge[0], mid.y + edge[1])
        angle = math.atan2(edge[1], edge[0])
        a, b, c = (
            ImVec2(tip.x + em(0.5) * math.cos(angle + t), tip.y + em(0.5) * math.sin(angle + t))
            for t in (0.0, 2.4, -2.4)
        )
        self._draw.add_triangle_filled(a, b, c, ink)

    def _paint_spot(self, spot: Plane, moves: Motion) -> None:
        at = self._to_screen(spot.x, spot.y)
        accent = _ink(imgui.Col_.check_mark)
        if moves.animate:
            angle = math.radians(moves.heading)
            reach = em(1.8)
            tip = ImVec2(at.x + reach * math.cos(angle), at.y + reach * math.sin(angle))
            self._draw.add_line(at, tip, accent, em(0.14))
            for a in (2.6, -2.6):
                x, y = math.cos(angle + a), math.sin(angle + a)
                barb = ImVec2(tip.x + em(0.5) * x, tip.y + em(0.5) * y)
                self._draw.add_line(tip, barb, accent, em(0.14))
        self._draw.add_circle_filled(at, em(0.85), _ink(imgui.Col_.check_mark, 0.22))
        self._draw.add_circle_filled(at, em(0.42), imgui.get_color_u32(ImVec4(1, 1, 1, 1)))
        self._draw.add_circle_filled(at, em(0.30), accent)

    def _explain(self, plane: Plane) -> None:
        if not imgui.is_item_hovered(imgui.HoveredFlags_.for_tooltip):
            return
        seed = motion.to_seed(plane)
        show_tooltip(
            f"x {plane.x:.2f}, y {plane.y:.2f}, nearest seed {seed}. "
            "Click or drag: go there. Wheel: zoom. Middle-drag: look around. "
            "Right-click: more."
        )

    def _span(self) -> tuple[tuple[float, float], tuple[float, float]]:
        (cx, cy), (width, height) = self._center, self._size
        dx, dy = width / self._unit / 2, height / self._unit / 2
        return (cx - dx, cy - dy), (cx + dx, cy + dy)


def _ink(color: imgui.Col, alpha: float = 1.0) -> int:
    return int(imgui.get_color_u32(color, alpha))
