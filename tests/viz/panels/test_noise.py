"""The Noise panel, driven as a user would."""

from __future__ import annotations

import pytest
from msgspec import structs

from renderer.client.client import ReceivedFrame
from renderer.messages.request import Noise, SavedW, Seed
from tests.viz.conftest import FakeClient
from viz.panels import latent, noise, picture
from viz.panels.noise import with_mode
from viz.session.session import Session
from viz.ui import widgets

PANELS = (picture.PANEL, latent.PANEL, noise.PANEL)


def session(value: Noise = Noise()) -> Session:  # noqa: B008 - frozen
    return Session().with_render(snapshot="net.safetensors", noise=value)


def open_panel(gui) -> None:
    gui.focus("Noise")
    gui.ctx.set_ref("Noise")


@pytest.mark.parametrize(
    ("button", "mode", "redraw"),
    [
        ("None", "none", "fixed"),
        ("Random", "random", "change"),
        ("Seeded", "random", "fixed"),
        ("Animate", "random", "animate"),
    ],
)
def test_modes(drive, button: str, mode: str, redraw: str) -> None:
    def test(gui) -> None:
        open_panel(gui)
        gui.ctx.item_click(f"Noise/{button}")
        assert gui.app.cell.now.render.noise.mode == mode
        assert gui.app.cell.now.motion.redraw == redraw
        gui.ctx.item_click("Noise/Constant")
        assert gui.app.cell.now.render.noise.mode == "const"

    drive(test, panels=PANELS, session=session())


def test_random_noise_changes_with_the_picture_and_seeded_noise_does_not(drive) -> None:
    def test(gui) -> None:
        open_panel(gui)
        gui.ctx.item_click("Noise/Random")
        gui.settle()
        seed = gui.app.cell.now.render.noise.seed
        gui.keys("Right")
        gui.settle()
        assert gui.app.cell.now.render.noise.seed == seed + 1
        assert gui.context.frame.request == gui.app.cell.now.render
        gui.ctx.item_click("Noise/Seeded")
        gui.ctx.item_input_value("##Noise seed", "77")
        gui.keys("Right")
        assert gui.app.cell.now.render.noise.seed == 77
        gui.ctx.item_click("Re-draw")
        assert gui.app.cell.now.render.noise.seed == 78
        gui.keys("Ctrl+Z")
        assert gui.app.cell.now.render.noise.seed == 77

    drive(test, panels=PANELS, session=session())


def test_animated_noise_goes_on_by_itself_until_it_is_stopped(drive) -> None:
    def test(gui) -> None:
        open_panel(gui)
        gui.ctx.item_click("Noise/Animate")
        gui.ctx.item_input_value("##Rate", 60)
        before = gui.app.cell.now.render.noise.seed
        gui.frames(40)
        assert gui.app.cell.now.render.noise.seed > before
        gui.ctx.item_click("Noise/Seeded")
        stopped = gui.app.cell.now.render.noise.seed
        gui.frames(20)
        assert gui.app.cell.now.render.noise.seed == stopped

    drive(test, panels=PANELS, session=session())


def test_strengths_of_all_and_of_single_layers(drive) -> None:
    def test(gui) -> None:
        open_panel(gui)
        gui.ctx.item_input_value("##Strength", 2.0)
        gui.ctx.item_click("###layers")
        gui.ctx.item_input_value("##b8.conv0", 0.5)
        gui.settle()
        expected = Noise(strength=2.0, layers=(("b8.conv0", 0.5),))
        assert gui.context.frame.request.noise == expected
        assert not gui.ctx.item_exists("##b8.torgb"), "layers without noise have no slider"
        gui.ctx.item_click("##b8.conv0", 1)
        assert gui.app.cell.now.render.noise == Noise(strength=2.0)
        gui.ctx.item_click("Reset all")
        assert gui.app.cell.now.render.noise == Noise()

    drive(test, panels=PANELS, session=session())


class Projected(FakeClient):
    """Draws saved latents with the noise that was saved with them."""

    def poll(self):
        events = super().poll()
        for event in events:
            if isinstance(event, ReceivedFrame) and isinstance(
                event.message.request.source, SavedW
            ):
                info = structs.replace(event.message.info, noise_maps=("b4.conv1", "b8.conv0"))
                event.message = structs.replace(event.message, info=info)
        return events


def test_noise_of_a_projection_is_called_so(drive, monkeypatch) -> None:
    told = []
    monkeypatch.setattr(widgets, "hint", told.append)

    def test(gui) -> None:
        open_panel(gui)
        gui.settle()
        assert not any("projection" in text for text in told)
        gui.app.cell.set(gui.app.cell.now.with_render(source=SavedW("w.npz")))
        gui.settle()
        told.clear()
        gui.frames(2)
        assert "From the projection: 2 layers have the noise saved with the w." in told

    drive(test, panels=PANELS, session=session(), client=Projected())


def test_undo_and_redo_stop_noise_that_is_drawn_all_the_time(drive) -> None:
    """It would bury what comes back: another undo would only take the newest noise back."""

    def test(gui) -> None:
        cell = gui.app.cell
        cell.set(cell.now.with_render(source=Seed(1)))
        gui.settle()
        cell.set(with_mode(cell.now, "animate"))
        first = cell.now.render.noise.seed
        gui.until(lambda: cell.now.render.noise.seed != first, "it is drawn")
        for seed in (2, 3, 4):
            cell.set(cell.now.with_render(source=Seed(seed)))
            gui.frames(3)
        seen = []
        for keys in (*["Ctrl+Z"] * 3, *["Ctrl+Shift+Z"] * 3):
            gui.keys(keys)
            gui.frames(3)
            seen.append(cell.now.render.source)
        assert seen == [Seed(seed) for seed in (3, 2, 1, 2, 3, 4)]

    drive(test)
