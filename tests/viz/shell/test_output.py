"""The clean output: the picture alone on black, by its pixels, beside controls that go on."""

from __future__ import annotations

import numpy as np
import pytest
from imgui_bundle import imgui
from msgspec import structs
from PIL import Image

from viz.desk.parts.output import Display
from viz.desk.settings import OutputSettings, Settings
from viz.gpu.stage import placed

SQUARES = Settings(output=OutputSettings(smooth=False))


@pytest.mark.parametrize(
    ("picture", "area", "smooth", "expected"),
    [
        ((64, 64), (960, 540), False, (224, 14, 512, 512)),
        ((64, 64), (960, 540), True, (210, 0, 540, 540)),
        ((1024, 1024), (960, 540), False, (210, 0, 540, 540)),
        ((64, 32), (100, 100), False, (18, 34, 64, 32)),
        ((1000, 1), (100, 100), True, (0, 49, 100, 1)),
    ],
)
def test_where_the_picture_lies(picture, area, smooth, expected) -> None:
    assert placed(picture, area, smooth=smooth) == expected


def shown(gui) -> np.ndarray:
    """What the output shows: [height, width, 3]."""
    read = gui.on_its_thread(lambda: gui.app.output.read(gui.context.frame))
    return read[..., :3].astype(int)


def test_square_pixels_are_exact_and_all_around_is_black(drive) -> None:
    def test(gui) -> None:
        gui.app.actions.output.show("")
        gui.frames(3)
        assert gui.context.output.on
        pixels, frame = shown(gui), gui.context.frame
        height, width = pixels.shape[:2]
        x, y, wide, high = placed((frame.width, frame.height), (width, height), smooth=False)
        inside = pixels[y : y + high, x : x + wide]
        factor = wide // frame.width
        expected = np.kron(frame.pixels[..., :3].astype(int), np.ones((factor, factor, 1), int))
        assert (inside == expected).all()
        outside = pixels.copy()
        outside[y : y + high, x : x + wide] = 0
        assert not outside.any()

    drive(test, settings=SQUARES)


def test_smooth_fills_the_height_and_follows_psi(drive) -> None:
    def test(gui) -> None:
        gui.app.actions.output.show("")
        gui.frames(3)
        first = shown(gui)
        rows = first.any((1, 2))
        assert rows.all()
        draws = gui.app.output.draws
        gui.ctx.set_ref("Truncation")
        gui.ctx.item_input_value("##psi", 0.3)
        gui.settle()
        assert gui.app.output.draws > draws
        assert (shown(gui) != first).any()
        still = gui.app.output.draws
        gui.frames(5)
        assert gui.app.output.draws == still  # nothing new is not drawn again

    drive(test)


def test_a_picture_that_is_reduced_is_the_mean_of_its_pixels(drive) -> None:
    from tests.viz.conftest import FakeClient

    def test(gui) -> None:
        gui.app.actions.output.show("")
        gui.frames(3)
        pixels, frame = shown(gui), gui.context.frame
        height, width = pixels.shape[:2]
        x, y, wide, high = placed((frame.width, frame.height), (width, height), smooth=True)
        source = frame.pixels[..., :3].astype(float)
        means = pixels[y : y + high, x : x + wide].mean((0, 1)) - source.mean((0, 1))
        assert abs(means).max() < 1.0

    drive(test, client=FakeClient(resolution=1200))


def test_the_controls_and_their_pictures_stay_as_they_are(drive, tmp_path) -> None:
    def test(gui) -> None:
        def look(name: str) -> np.ndarray:
            from PIL import Image

            gui.ctx.mouse_move_to_pos(imgui.ImVec2(5, 400))
            gui.frames(3)
            gui.shot(tmp_path / name)
            return np.asarray(Image.open(tmp_path / name).convert("RGB"))

        before = look("before.png")
        gui.app.actions.output.show("")
        gui.frames(3)
        during = look("during.png")
        gui.app.actions.output.close()
        gui.frames(3)
        assert not gui.context.output.on
        after = look("after.png")
        rows = slice(0, 840)  # above the times in the status bar
        assert (before[rows] == during[rows]).all()
        assert (before[rows] == after[rows]).all()

    drive(test)


def test_f11_is_the_output_on_another_display_or_the_picture_over_this_one(
    drive, monkeypatch
) -> None:
    def test(gui) -> None:
        output, filled = gui.app.output, []
        gui.app.host.fill_display = filled.append
        gui.keys("F11")
        assert (gui.app.overlays.picture_only, filled) == (True, [True])
        gui.keys("Escape")
        assert (gui.app.overlays.picture_only, filled) == (False, [True, False])
        gui.keys("Shift+F11")
        assert (gui.app.overlays.picture_only, filled) == (True, [True, False])
        gui.keys("Shift+F11")
        real = output.displays()[0]
        others = [real, Display("Left", 800, 600), Display("Right", 800, 600)]
        asked: list[str] = []
        monkeypatch.setattr(output, "displays", lambda: others)
        monkeypatch.setattr(output, "show", asked.append)
        gui.keys("F11")
        remembered = structs.replace(gui.app.settings.now.output, display="Right")
        gui.app.settings.change(output=remembered)
        gui.keys("F11")
        assert asked == ["Left", "Right"]
        assert not gui.app.overlays.picture_only

    drive(test)


def test_escape_in_the_controls_leaves_the_output_once_nothing_else_is_open(drive) -> None:
    def test(gui) -> None:
        gui.app.actions.output.show("")
        gui.frames(3)
        gui.app.remote.learn("truncation/psi")
        gui.app.overlays.palette.open()
        gui.frames(3)
        gui.keys("Escape")
        assert not gui.app.overlays.palette.visible
        assert (gui.app.remote.learning, gui.context.output.on) == ("truncation/psi", True)
        gui.keys("Escape")
        assert (gui.app.remote.learning, gui.context.output.on) == ("", True)
        gui.keys("Escape")
        gui.frames(3)
        assert not gui.context.output.on

    drive(test)


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_picture_alone_lies_on_black(drive, tmp_path, theme) -> None:
    def test(gui) -> None:
        gui.settle()
        gui.keys("Shift+F11")
        gui.frames(3)
        gui.shot(tmp_path / "alone.png")
        with Image.open(tmp_path / "alone.png") as image:
            edge = np.asarray(image.convert("RGB"))[2:, [-1, -20]]
        assert not edge.any()

    drive(test, settings=Settings(theme=theme))


def test_a_display_that_goes_leaves_a_window_and_a_word(drive) -> None:
    def test(gui) -> None:
        output = gui.app.output
        name = output.displays()[0].name
        gui.app.actions.output.show(name)
        gui.frames(3)
        assert output.display == name
        height, width = shown(gui).shape[:2]
        assert (width, height) == (output.displays()[0].width, output.displays()[0].height)
        import glfw

        # What GLFW does itself with a window whose display is gone.
        gui.on_its_thread(
            lambda: glfw.set_window_monitor(output._window, None, 0, 0, width, height, 0)
        )
        gui.frames(3)
        assert (output.on, output.display) == (True, "")
        assert any("unplugged" in toast.text for toast in gui.app.messages.toasts)
        output._key(output._window, glfw.KEY_ESCAPE, 0, glfw.PRESS, 0)
        gui.frames(2)
        assert not output.on

    drive(test)


def test_the_menu_lists_displays_and_scalings(drive) -> None:
    def test(gui) -> None:
        gui.ctx.set_ref("##MainMenuBar")
        gui.ctx.menu_click("View/Output on display/In a window")
        gui.frames(3)
        assert gui.context.output.on
        gui.ctx.menu_click("View/Output on display/Whole multiples, square pixels")
        gui.frames(2)
        assert not gui.app.settings.now.output.smooth
        gui.ctx.menu_click("View/Output on display/Off")
        gui.frames(3)
        assert not gui.context.output.on

    drive(test)
