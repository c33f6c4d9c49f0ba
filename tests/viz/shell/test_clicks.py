"""Presses that arrive together with the movement of the mouse."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from imgui_bundle import ImVec2, imgui

# isort: split
import glfw

from viz.shell.clicks import hand_over


@pytest.fixture
def pressed() -> Iterator[list[str]]:
    """What `frame` finds pressed, in a context of ImGui without a window."""
    context = imgui.create_context()
    io = imgui.get_io()
    io.display_size, io.delta_time = ImVec2(400, 300), 1 / 60
    io.backend_flags |= imgui.BackendFlags_.renderer_has_textures
    io.set_ini_filename("")
    yield []
    imgui.destroy_context(context)


def frame(pressed: list[str]) -> None:
    imgui.new_frame()
    imgui.set_next_window_pos(ImVec2(0, 0))
    imgui.set_next_window_size(ImVec2(300, 300))
    imgui.begin("Window")
    for name in ("upper", "lower"):
        imgui.set_next_item_allow_overlap()
        if imgui.button(name, ImVec2(200, 100)):
            keys = imgui.get_io()
            pressed.append(f"Ctrl+{name}" if keys.key_ctrl else name)
    imgui.end()
    imgui.end_frame()


def test_a_click_counts_where_the_mouse_came_in_the_same_frame(pressed: list[str]) -> None:
    frame(pressed)
    for y, name in ((80, "upper"), (190, "lower")):
        imgui.get_io().add_mouse_pos_event(390, 290)
        frame(pressed)
        imgui.get_io().add_mouse_pos_event(100, y)
        hand_over(0, down=True)
        hand_over(0, down=False)
        for _ in range(4):
            frame(pressed)
        assert pressed.pop() == name
    assert pressed == []


def test_modifiers_count_that_were_pressed_elsewhere(pressed: list[str]) -> None:
    frame(pressed)
    imgui.get_io().add_mouse_pos_event(100, 80)
    for down in (True, False):
        hand_over(0, down=down, mods=glfw.MOD_CONTROL)
    for _ in range(4):
        frame(pressed)
    assert pressed == ["Ctrl+upper"]


def test_a_fourth_side_button_is_no_click(pressed: list[str]) -> None:
    frame(pressed)
    hand_over(7, down=True)
    frame(pressed)
    assert not any(imgui.get_io().mouse_down)
