"""What lies over a picture: it leaves while nobody moves, and can be read on every picture."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from viz.panels import picture
from viz.picture import pill
from viz.picture.rest import FADE_AFTER, FADE_SECONDS, Rest
from viz.session import comparing
from viz.session.session import Session

PANELS = (picture.PANEL,)


def test_what_lies_over_a_picture_fades_when_the_mouse_rests() -> None:
    rest = Rest()
    rest.pass_time(0.02, awake=False)
    assert rest.opacity == 0.0, "at the start nobody has moved"
    rest.pass_time(0.02, awake=True)
    assert rest.opacity == 1.0
    rest.pass_time(FADE_AFTER, awake=False)
    assert rest.opacity == 1.0
    rest.pass_time(FADE_SECONDS / 2, awake=False)
    assert rest.opacity == pytest.approx(0.5)
    rest.pass_time(FADE_SECONDS, awake=False)
    assert rest.opacity == 0.0


def shot(gui, tmp_path) -> np.ndarray:
    """The window's picture, without the bars above and below it."""
    gui.shot(tmp_path / "shot.png")
    with Image.open(tmp_path / "shot.png") as image:
        return np.asarray(image)[60:-60, 20:-20]


def toolbar_of(gui, compared: bool):
    panel = gui.panel("Picture")
    return panel._comparison._toolbar if compared else panel._toolbar


@pytest.mark.parametrize("compared", [False, True])
def test_nothing_is_left_over_the_picture(drive, tmp_path, compared: bool) -> None:
    def test(gui) -> None:
        if compared:
            gui.app.cell.set(comparing.kept(gui.app.cell.now))
            gui.settle()
        gui.ctx.mouse_move("**/##picture0" if compared else "Picture/##picture")
        toolbar = toolbar_of(gui, compared)
        gui.until(lambda: toolbar.rest.opacity == 0, "the toolbar stays")
        bare = shot(gui, tmp_path)
        gui.ctx.mouse_move_to_pos(gui.ctx.item_info("**/###zoom").rect_full.min)
        gui.frames(3)
        assert toolbar.rest.opacity == 1
        assert (shot(gui, tmp_path) != bare).any()
        gui.app.actions.toggle_picture_only()
        gui.settle()
        assert not gui.ctx.item_exists("**/###zoom")

    drive(test, panels=PANELS, session=Session().with_render(snapshot="net.safetensors"))


def contrast(first: tuple[float, ...], second: tuple[float, ...]) -> float:
    """The contrast of two colours (R, G, B in 0…1), as WCAG 2.2 defines it: 1…21."""
    lights = []
    for color in (first, second):
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in color]
        lights.append(float(np.dot(linear, (0.2126, 0.7152, 0.0722))))
    return (max(lights) + 0.05) / (min(lights) + 0.05)


@pytest.mark.parametrize("under", [0.0, 0.5, 1.0])
def test_what_is_written_over_a_picture_is_read_on_every_one(under: float) -> None:
    *plate, opacity = pill.PLATE
    seen = tuple(opacity * channel + (1 - opacity) * under for channel in plate)
    assert contrast(pill.INK[:3], seen) > 7, "level AAA"
