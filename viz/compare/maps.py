"""Maps of what differs between two pictures, and their numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from imgui_bundle import ImVec2, imgui

from renderer.pictures.compose import DifferenceNumbers
from viz.compare import labels
from viz.compare.cells import Cell
from viz.compare.shown import Shown, coherent
from viz.desk.context import Context
from viz.gpu.pictures import Difference, Frame
from viz.session import comparing
from viz.session.session import Session
from viz.ui.text import shorten
from viz.ui.widgets import em, tooltip

NUMBERS_TIP = (
    "Over all pixels and R, G and B, in levels of 0…255. mean: of the absolute differences. RMS: "
    "root of the mean square. PSNR: 20·log10(255 / RMS) in dB, ∞ where all is equal. changed: "
    "pixels of which any channel differs."
)
"""Shown over the numbers of a map."""


IDENTICAL = "The pictures are identical."
"""What is said instead of numbers where there is no difference."""


def facts(numbers: DifferenceNumbers) -> tuple[tuple[str, str], ...]:
    """Return the names and values that are written under a map."""
    if not numbers.changed:
        return ((IDENTICAL, ""),)
    psnr = "∞" if math.isinf(numbers.psnr_db) else f"{numbers.psnr_db:.1f} dB"
    return (
        ("mean |Δ|", f"{numbers.mean_absolute:.2f}"),
        ("RMS", f"{numbers.rms:.2f}"),
        ("max", str(numbers.maximum)),
        ("PSNR", psnr),
        ("changed", f"{numbers.changed * 100:.1f} %"),
    )


_WIDEST = DifferenceNumbers(188.88, 188.88, 255, 88.8, 1.0)
"""Numbers that take as much room as any do."""


def foot(width: float) -> float:
    """Return the height of the numbers under a map, in pixels.

    There are as many lines as the widest numbers need, so that the height does not change.
    width: of the map, in pixels.
    """
    further = _flow(facts(_WIDEST), width)[-1][1]
    return float(imgui.get_frame_height() + further * imgui.get_text_line_height())


def _flow(texts: Sequence[tuple[str, str]], width: float) -> list[tuple[float, int]]:
    """Return where each (name, value) begins: its x in pixels from the left edge, and its line."""
    start = em(0.5)
    x, line, places = start, 0, []
    for name, value in texts:
        wide = imgui.calc_text_size(name).x + em(0.35) + imgui.calc_text_size(value).x
        if x > start and x + wide > width - em(0.3):
            x, line = start, line + 1
        places.append((x, line))
        x += wide + em(1.1)
    return places


class Maps:
    """Draws maps, and keeps the newest of each pair of pictures.

    It stays in sight while the pictures move and do not belong together.
    """

    def __init__(self) -> None:
        self._newest: dict[str, Difference] = {}

    def draw(
        self,
        session: Session,
        context: Context,
        reference: Shown,
        other: Shown,
        cell: Cell,
        head: float,
        foot: float,
    ) -> None:
        """Draw a map in a cell, its heading above and its numbers below it.

        reference: the picture that is subtracted.
        other: the picture that it is subtracted from.
        head: height of the heading, in pixels.
        foot: height of the numbers, in pixels.
        """
        key = f"{reference.number} {other.number}"
        moment = _of_one_moment(reference, other, context.kept)
        if moment is not None:
            found = context.difference(key, *moment, comparing.gain(session.compare))
            if found is not None:
                self._newest[key] = found
        title = labels.difference_title(reference.label, other.label)
        _line(title, ImVec2(cell.corner.x, cell.corner.y - head), cell.area.x, head)
        failed = next((side for side in (reference, other) if side.failure is not None), None)
        made = self._newest.get(key)
        networks = (reference.request.snapshot, other.request.snapshot)
        if made is not None and (made.of[0].snapshot, made.of[1].snapshot) != networks:
            made = None
        bottom = ImVec2(cell.corner.x, cell.far.y)
        if failed is not None or made is None:
            cell.draw(session, context, failed or other, f"map {other.number}")
            _line("", bottom, cell.area.x, foot)
            return
        canvas = imgui.get_window_draw_list()
        canvas.push_clip_rect(cell.corner, cell.far, True)
        low, high = cell.rect(cell.own(session, (made.width, made.height)))
        context.draw_image(made, low, high, smooth=session.view.smooth, key=f"map {other.number}")
        canvas.pop_clip_rect()
        current = made.of == (reference.request, other.request)
        _numbers(made.numbers, bottom, cell.area.x, foot, current=current)


def _of_one_moment(
    reference: Shown, other: Shown, kept: Frame | None
) -> tuple[Frame, Frame] | None:
    """Return frames of both pictures at the same latent, None where there are none.

    kept: the session's picture of a moment ago.
    """
    earlier = replace(reference, frame=kept) if reference.number == 0 else reference
    for side in (reference, earlier):
        if side.frame is not None and other.frame is not None and coherent(side, other):
            return side.frame, other.frame
    return None


def _numbers(
    numbers: DifferenceNumbers, corner: ImVec2, width: float, height: float, *, current: bool
) -> None:
    _line("", corner, width, height)
    canvas = imgui.get_window_draw_list()
    muted = imgui.get_color_u32(imgui.Col_.text_disabled)
    ink = imgui.get_color_u32(imgui.Col_.text) if current else muted
    top = corner.y + (imgui.get_frame_height() - imgui.get_font_size()) / 2
    texts = facts(numbers)
    for (name, value), (left, line) in zip(texts, _flow(texts, width), strict=True):
        x, y = corner.x + left, top + line * imgui.get_text_line_height()
        canvas.add_text(ImVec2(x, y), muted, name)
        canvas.add_text(ImVec2(x + imgui.calc_text_size(name).x + em(0.35), y), ink, value)
    imgui.set_cursor_screen_pos(corner)
    imgui.dummy(ImVec2(width, height))
    text = "\n".join(f"{name}: {value}" if value else name for name, value in facts(numbers))
    tooltip(f"{text}\n\n{NUMBERS_TIP}")


def _line(text: str, corner: ImVec2, width: float, height: float) -> None:
    canvas = imgui.get_window_draw_list()
    far = ImVec2(corner.x + width, corner.y + height)
    canvas.add_rect_filled(corner, far, imgui.get_color_u32(imgui.Col_.window_bg))
    at = ImVec2(corner.x + em(0.5), corner.y + (height - imgui.get_font_size()) / 2)
    canvas.add_text(at, imgui.get_color_u32(imgui.Col_.text), shorten(text, width - em(1)))
