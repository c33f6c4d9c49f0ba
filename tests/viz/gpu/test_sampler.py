"""Pictures are reduced and enlarged when they change, and not in every frame."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from imgui_bundle import ImVec2, imgui
from OpenGL import GL

from viz.gpu import sampler
from viz.gpu.sampler import KEPT_FRAMES, Sampler
from viz.gpu.texture import Texture


@pytest.fixture
def copies(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    made: list[Any] = []
    copy = sampler.copy

    def counted(*args: Any, **more: Any) -> None:
        made.append(args)
        copy(*args, **more)

    monkeypatch.setattr(sampler, "copy", counted)
    return made


def test_a_window_at_rest_copies_no_pictures(drive, copies) -> None:
    def test(gui) -> None:
        gui.until(lambda: len(copies) > 20, "the map has its small pictures")
        gui.settle()
        gui.frames(3)
        copies.clear()
        gui.frames(10)
        assert copies == []

        gui.keys("Right")
        gui.settle()
        assert copies, "the picture is another"

    drive(test)


@pytest.mark.parametrize("side", [8, 200], ids=["reduced", "enlarged"])
def test_what_lies_on_the_screen_follows_the_picture(drive, side: int) -> None:
    """Contents, size and the texture itself may change; a name may come back with others."""

    def test(gui) -> None:
        sampler = Sampler()

        def draw(picture: Texture, side: int = side) -> int:
            begun = imgui.get_cursor_screen_pos()
            end = ImVec2(begun.x + side, begun.y + side)
            sampler.draw(picture, begun, end, smooth=False, key="here")
            last = [scratch.texture for scratch in sampler._scratch.values()][-1]
            return int(read(last)[0, 0, 0])

        def look() -> None:
            imgui.begin("test")
            first = Texture()
            first.upload(filled(10))
            assert draw(first) == 10
            first.upload(filled(20))
            assert draw(first) == 20
            draw(first, side + 40)
            second = Texture()
            second.upload(filled(30))
            assert draw(second) == 30
            second.delete()
            third = Texture()  # OpenGL gives it the name of the one before
            third.upload(filled(40))
            assert draw(third) == 40
            imgui.end()

        gui.on_its_thread(look)

    drive(test)


def test_what_is_drawn_no_more_is_deleted(drive) -> None:
    """Each seed of the map is a place of its own, and so is each file that was saved."""

    def test(gui) -> None:
        sampler = gui.app.sampler
        picture: list[Texture] = []

        def draw() -> int:
            imgui.begin("test")
            picture.append(Texture())
            picture[0].upload(filled(10))
            low = imgui.get_cursor_screen_pos()
            for place in range(300):
                high = ImVec2(low.x + 8, low.y + 8)
                sampler.draw(picture[0], low, high, smooth=True, key=f"place {place}")
            imgui.end()
            return int(sampler._scratch["place 7/0"].texture.name)

        name = gui.on_its_thread(draw)
        assert len(sampler._scratch) > 300
        gui.frames(3 * KEPT_FRAMES)
        assert not [key for key in sampler._scratch if key.startswith("place")]
        assert not gui.on_its_thread(lambda: GL.glIsTexture(name))
        assert sampler._scratch, "the map is still drawn"

    drive(test)


def filled(value: int) -> np.ndarray:
    return np.full((64, 64, 4), value, np.uint8)


def read(picture: Texture) -> np.ndarray:
    GL.glBindTexture(GL.GL_TEXTURE_2D, picture.name)
    data = GL.glGetTexImage(GL.GL_TEXTURE_2D, 0, GL.GL_RGBA, GL.GL_UNSIGNED_BYTE)
    return np.frombuffer(data, np.uint8).reshape(picture.height, picture.width, 4)
