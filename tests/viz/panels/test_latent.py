"""The Latent panel, driven as a user would."""

from __future__ import annotations

import json

import numpy as np
import pytest
from imgui_bundle import ImVec2, imgui

from renderer.messages.request import ClassLabel, MixSource, Plane, RenderRequest, SavedW, Seed
from tests.inline import InlineClient
from tests.paths import BUSTS, DATA
from tests.viz.conftest import FakeClient
from viz.panels import latent, picture
from viz.panels.latent import fields
from viz.picture import gestures
from viz.session.session import Motion, Session

PANELS = (picture.PANEL, latent.PANEL)


def session(source, **moves) -> Session:
    start = Session(motion=Motion(**moves))
    return start.with_render(snapshot="net.safetensors", source=source)


def open_panel(gui) -> None:
    gui.focus("Latent")
    gui.ctx.set_ref("Latent")


def test_a_typed_seed_is_found_on_the_plane_and_undone_in_one_step(drive) -> None:
    def test(gui) -> None:
        open_panel(gui)
        gui.ctx.item_input_value("##Seed", "4294967295")
        gui.settle()
        assert gui.app.cell.now.render.source == Plane(95.0, 42949672.0)
        assert gui.context.frame.request == gui.app.cell.now.render
        gui.keys("Ctrl+Z")
        assert gui.app.cell.now.render.source == Plane(0.25, 0.5)

    drive(test, panels=PANELS, session=session(Plane(0.25, 0.5)))


def test_seed_buttons_and_arrows_step(drive) -> None:
    def test(gui) -> None:
        open_panel(gui)
        gui.ctx.item_click("+##Seed")
        assert gui.app.cell.now.render.source == Seed(8)
        gui.ctx.key_down(imgui.Key.mod_ctrl)
        gui.ctx.item_click("-##Seed")
        gui.ctx.key_up(imgui.Key.mod_ctrl)
        assert gui.app.cell.now.render.source == Seed(2**32 - 92)
        gui.ctx.item_click("##Seed")
        gui.ctx.key_press(imgui.Key.up_arrow)
        gui.ctx.key_press(imgui.Key.up_arrow)
        gui.ctx.key_press(imgui.Key.enter)
        assert gui.app.cell.now.render.source == Seed(2**32 - 90)

    drive(test, panels=PANELS, session=session(Seed(7)))


def test_switching_the_kind_of_source_keeps_the_picture(drive) -> None:
    def test(gui) -> None:
        open_panel(gui)
        gui.ctx.item_click("Source/Plane")
        assert gui.app.cell.now.render.source == Plane(5.0, 2.0)
        gui.ctx.item_click("Source/Seed")
        assert gui.app.cell.now.render.source == Seed(205)
        gui.ctx.item_click("Source/Saved w")
        assert gui.app.cell.now.render.source == Seed(205), "until a file is chosen"
        gui.ctx.item_input_value("##File", '"/data/w.npz"')
        gui.ctx.item_input_value("##Index", 3)
        assert gui.app.cell.now.render.source == SavedW("/data/w.npz", 3)

    drive(test, panels=PANELS, session=session(Seed(205)))


def test_a_new_grid_step_keeps_the_coordinates(drive) -> None:
    def test(gui) -> None:
        open_panel(gui)
        gui.ctx.item_input_value("##Grid step", 10)
        assert gui.app.cell.now.render.source == Plane(3.5, 2.5, 10)
        gui.ctx.item_click("###reset")
        assert gui.app.cell.now.render.source == Plane()

    drive(test, panels=PANELS, session=session(Plane(3.5, 2.5)))


def test_a_dropped_latent_becomes_the_source(drive, tmp_path) -> None:
    path = str(tmp_path / "w.npz")

    def test(gui) -> None:
        gui.drop(path)
        gui.settle()
        assert gui.context.frame.request.source == SavedW(path)
        gui.keys("Ctrl+Z")
        assert gui.app.cell.now.render.source == Seed(205)

    drive(test, panels=PANELS, session=session(Seed(205)))


def test_a_file_that_holds_a_latent_is_never_a_snapshot(drive, tmp_path) -> None:
    """Files of torch.save have the names of snapshots: what is in them tells them apart."""
    path = tmp_path / "latent.pt"
    path.write_bytes(b"a tensor")

    def test(gui) -> None:
        shown = gui.app.cell.now.render.snapshot
        for open_it in (gui.drop, gui.app.actions.open_snapshot):
            open_it(str(path))
            gui.settle()
            assert gui.context.frame.request.source == SavedW(str(path))
            assert gui.context.frame.request.snapshot == shown
            assert "holds a latent and no network" in gui.app.messages.last.text
            gui.keys("Ctrl+Z")
            assert gui.app.cell.now.render.source == Seed(205)

    drive(test, panels=PANELS, session=session(Seed(205)))


def test_a_latent_on_the_command_line_is_shown_with_the_last_network(drive, tmp_path) -> None:
    path = tmp_path / "latent.pt"
    path.write_bytes(b"a tensor")
    before = session(Seed(205))

    def test(gui) -> None:
        assert gui.context.frame.request.source == SavedW(str(path))
        assert gui.context.frame.request.snapshot == before.render.snapshot

    drive(test, panels=PANELS, session=before, path=str(path))


def map_middle(gui) -> ImVec2:
    box = gui.ctx.item_info("##map").rect_full
    return ImVec2((box.min.x + box.max.x) / 2, (box.min.y + box.max.y) / 2)


def test_a_click_on_the_map_goes_there_and_the_wheel_changes_its_scale(drive) -> None:
    def test(gui) -> None:
        open_panel(gui)
        box = gui.ctx.item_info("##map").rect_full
        unit = (box.max.x - box.min.x) / 5
        middle = map_middle(gui)
        gui.ctx.mouse_move_to_pos(ImVec2(middle.x + unit / 2, middle.y - unit / 4))
        gui.ctx.mouse_click()
        gui.ctx.yield_(2)
        source = gui.app.cell.now.render.source
        assert (source.x, source.y) == pytest.approx((10.5, 19.75), abs=0.03)
        gui.keys("Ctrl+Z")
        assert gui.app.cell.now.render.source == Plane(10.0, 20.0)

        gui.ctx.mouse_move_to_pos(middle)
        gui.ctx.mouse_wheel_y(-3)
        gui.ctx.mouse_move_to_pos(ImVec2(middle.x + unit / 2, middle.y))
        gui.ctx.mouse_click()
        gui.ctx.yield_(2)
        assert gui.app.cell.now.render.source.x == pytest.approx(10 + 0.5 * 1.2**3, abs=0.08)

    drive(test, panels=PANELS, session=session(Plane(10.0, 20.0)))


def test_dragging_on_the_map_with_snap_visits_seeds_only(drive) -> None:
    def test(gui) -> None:
        open_panel(gui)
        middle = map_middle(gui)
        gui.ctx.mouse_move_to_pos(middle)
        gui.ctx.mouse_down()
        for _ in range(20):
            middle = ImVec2(middle.x + 5, middle.y)
            gui.ctx.mouse_move_to_pos(middle)
            assert gui.app.cell.now.render.source.x == round(gui.app.cell.now.render.source.x)
        gui.ctx.mouse_up()
        assert gui.app.cell.now.render.source.x > 4
        gui.keys("Ctrl+Z")
        assert gui.app.cell.now.render.source == Plane(3.25, 2.0)

    drive(test, panels=PANELS, session=session(Plane(3.25, 2.0), snap=True))


def test_a_look_at_a_seed_comes_back_to_the_same_plane(drive) -> None:
    def test(gui) -> None:
        open_panel(gui)
        gui.ctx.item_click("Source/Seed")
        assert gui.app.cell.now.render.source == Seed(57)
        gui.ctx.item_click("Source/Plane")
        assert gui.app.cell.now.render.source == Plane(7.0, 5.0, 10)

    drive(test, panels=PANELS, session=session(Plane(7.0, 5.0, 10)))


def test_play_drifts_and_is_one_step_of_undo(drive) -> None:
    def test(gui) -> None:
        open_panel(gui)
        gui.ctx.item_click("###play")
        gui.frames(10)
        gui.ctx.item_click("###play")
        gui.frames(2)
        moved = gui.app.cell.now.render.source
        assert moved.x > 3.0
        assert moved.y == 2.0
        gui.frames(3)
        assert gui.app.cell.now.render.source == moved
        gui.keys("Ctrl+Z")
        assert gui.app.cell.now.render.source == Plane(3.0, 2.0)

    drive(test, panels=PANELS, session=session(Plane(3.0, 2.0), speed=4.0))


def test_keys_step_over_the_plane(drive) -> None:
    def test(gui) -> None:
        gui.focus("Picture")
        gui.keys("Right")
        gui.keys("Down")
        assert gui.app.cell.now.render.source == Plane(5.0, 3.0)
        gui.keys("Shift+Left")
        assert gui.app.cell.now.render.source.x == pytest.approx(4.9)

    drive(test, panels=PANELS, session=session(Plane(4.0, 2.0)))


def test_the_map_shows_crowds_and_far_places(drive) -> None:
    """Sources beside, on top of and far from the spot, a fine grid, seeds below zero."""
    mix = tuple(MixSource(Seed(seed), (1.0,)) for seed in (0, 1, 99, 101, 70432, 2**32 - 1))
    start = session(Plane(-0.5, -0.5, 3)).with_render(mix=(*mix, MixSource(SavedW("w.npz"))))

    def test(gui) -> None:
        open_panel(gui)
        gui.ctx.mouse_move_to_pos(map_middle(gui))
        for notches in (-60, 90):
            gui.ctx.mouse_wheel_y(notches)
            gui.frames(2)
        assert not gui.app.messages.toasts

    drive(test, panels=PANELS, session=start)


def test_classes_are_chosen_and_blended(drive) -> None:

    def test(gui) -> None:
        open_panel(gui)
        assert gui.app.cell.now.render.label == ClassLabel(0)
        gui.ctx.item_input_value("##Class", 4)
        gui.ctx.item_click("Blend with another class")
        assert gui.app.cell.now.render.label == ClassLabel(4, 0, 0.5)
        gui.ctx.item_input_value("##Second", 2)
        gui.ctx.item_input_value("##Blend", 0.25)
        gui.settle()
        assert gui.context.frame.request.label == ClassLabel(4, 2, 0.25)
        gui.ctx.item_input_value("##Class", 99)
        assert gui.app.cell.now.render.label == ClassLabel(4, 2, 0.25)

    drive(test, panels=PANELS, session=session(Plane()), client=FakeClient(c_dim=5))


def test_blending_classes_of_a_real_network_goes_from_one_to_the_other(drive) -> None:
    seen: dict[float | None, bytes] = {}

    def test(gui) -> None:
        open_panel(gui)
        assert gui.context.model.c_dim > 2

        def picture() -> bytes:
            gui.settle()
            assert gui.context.frame.request == gui.app.cell.now.render
            return gui.context.frame.pixels.tobytes()

        gui.ctx.item_input_value("##Class", 1)
        first = picture()
        gui.ctx.item_input_value("##Class", 2)
        second = picture()
        gui.ctx.item_click("Blend with another class")
        gui.ctx.item_input_value("##Second", 1)
        for t in (0.0, 0.5, 1.0):
            gui.ctx.item_input_value("##Blend", t)
            seen[t] = picture()
        assert seen[0.0] == second
        assert seen[1.0] == first
        assert seen[0.5] not in (first, second)

    path = str(DATA / "sg2-cond-16.pkl")
    drive(test, client=InlineClient(), path=path, panels=PANELS, session=Session())


def test_what_is_no_seed_is_refused_and_the_field_says_so(drive, monkeypatch) -> None:
    said: list[str] = []
    write = imgui.text_unformatted

    def note(text: str) -> None:
        said.append(text)
        write(text)

    def test(gui) -> None:
        open_panel(gui)
        monkeypatch.setattr(imgui, "text_unformatted", note)
        gui.ctx.item_click("##Seed")
        gui.ctx.key_chars("4294967296")
        gui.frames(2)
        assert "Seeds go from 0 to 4294967295." in said
        assert gui.app.cell.now.render.source == Seed(7), "neither wrapped nor cut off"
        gui.ctx.key_chars("1")
        gui.frames(2)
        said.clear()
        gui.frames(2)
        assert not any(text.startswith("Seeds go") for text in said)
        gui.ctx.key_press(imgui.Key.enter)
        gui.settle()
        assert gui.app.cell.now.render.source == Seed(71)
        gui.ctx.item_input_value("##Seed", "-5")
        gui.settle()
        assert gui.app.cell.now.render.source == Seed(71)

    drive(test, panels=PANELS, session=session(Seed(7)))


def test_a_right_click_on_the_map_opens_a_menu_and_moves_nothing(drive) -> None:
    def test(gui) -> None:
        open_panel(gui)
        gui.ctx.item_click("##map", imgui.MouseButton_.right)
        gui.settle()
        assert gui.app.cell.now.render.source == Plane(40.25, 3.5)
        gui.ctx.set_ref("//$FOCUSED")
        gui.ctx.item_click("Snap to the nearest seed")
        gui.settle()
        assert gui.app.cell.now.render.source in (Plane(40.0, 3.0), Plane(40.0, 4.0))
        gui.ctx.set_ref("Latent")
        gui.ctx.item_click("##map", imgui.MouseButton_.right)
        gui.ctx.set_ref("//$FOCUSED")
        gui.ctx.item_click("Back to seed 0")
        gui.settle()
        assert gui.app.cell.now.render.source == Plane()

    drive(test, panels=PANELS, session=session(Plane(40.25, 3.5)))


def test_the_class_stands_directly_under_the_seed(drive) -> None:
    def test(gui) -> None:
        open_panel(gui)
        tops = [
            gui.ctx.item_info(name).rect_full.min.y
            for name in ("##Seed", "##Class", "##x", "##map")
        ]
        assert tops == sorted(tops)

    drive(test, client=FakeClient(c_dim=4), panels=PANELS, session=session(Plane(1.5, 2.0)))


def test_classes_are_called_by_their_names_where_the_data_is_at_hand(drive, tmp_path) -> None:
    run, data = tmp_path / "00000-pets", tmp_path / "pets"
    for folder in (run, data):
        folder.mkdir()
    classes = ["cat", "dog", "owl", "yak"]
    (data / "dataset.json").write_text(json.dumps({"labels": None, "classes": classes}))
    options = {"training_set_kwargs": {"path": str(data)}}
    (run / "training_options.json").write_text(json.dumps(options))
    snapshot = run / "network-snapshot-000008.pkl"
    snapshot.write_bytes(b"\x80\x04.")

    def test(gui) -> None:
        gui.until(lambda: bool(gui.context.class_names))
        assert gui.context.class_names == tuple(classes)
        open_panel(gui)
        gui.ctx.combo_click("##Class/2  owl")
        gui.settle()
        assert gui.app.cell.now.render.label == ClassLabel(2)

    start = Session().with_render(snapshot=str(snapshot))
    drive(test, client=FakeClient(c_dim=4), panels=PANELS, session=start)


def test_a_seed_far_away_is_looked_at_where_it_lies(drive) -> None:
    """Its twin in the plane that is nearest to the seeds before is not near to them either."""

    def test(gui) -> None:
        open_panel(gui)
        gui.app.cell.set(gui.app.cell.now.with_render(source=Plane(39.0, 4_294_967.0)))
        gui.settle()
        box = gui.ctx.item_info("##map").rect_full
        middle = map_middle(gui)
        gui.ctx.mouse_move_to_pos(ImVec2(middle.x + (box.max.x - box.min.x) / 5, middle.y))
        gui.ctx.mouse_click()
        gui.ctx.yield_(2)
        source = gui.app.cell.now.render.source
        assert (source.x, source.y) == pytest.approx((40.0, 4_294_967.0), abs=0.05)

    drive(test, panels=PANELS, session=session(Plane(13.0, 0.0)))


def saved(tmp_path, *shape: int) -> Session:
    """A session at the first latent of a file with an array of zeros of this shape."""
    path = tmp_path / "w.npy"
    np.save(path, np.zeros(shape, np.float32))
    return Session(RenderRequest(str(BUSTS), SavedW(str(path))))


def test_a_latent_that_the_picture_carries_needs_no_file(drive, tmp_path) -> None:
    w = np.zeros((10, 128), "<f4").tobytes()
    source = SavedW(str(tmp_path / "gone.npz"), data=w)
    start = Session(RenderRequest(str(BUSTS), source))

    def test(gui) -> None:
        open_panel(gui)
        assert gui.context.frame.request.source == source
        assert not gui.ctx.item_exists("##Index"), "there is no other beside it"
        gui.keys("Right")
        gui.settle()
        assert gui.app.cell.now.render.source == source
        assert gui.app.messages.last.text.startswith("gone.npz holds one latent")
        gui.ctx.item_input_value("##File", "/data/other.npz")
        assert gui.app.cell.now.render.source == SavedW("/data/other.npz")

    drive(test, panels=PANELS, session=start, client=InlineClient())


def test_arrow_keys_go_through_the_latents_of_a_file_and_no_further(drive, tmp_path) -> None:
    start = saved(tmp_path, 3, 128)
    path = start.render.source.path

    def test(gui) -> None:
        for key, index, said in (
            ("Right", 1, ""),
            ("Right", 2, ""),
            ("Right", 2, "This is the last of the 3 latents in w.npy."),
            ("Shift+Left", 2, "w.npy holds 3 latents: the left and right keys go through them."),
            ("Down", 2, "w.npy holds 3 latents: the left and right keys go through them."),
            ("Left", 1, ""),
            ("Left", 0, ""),
            ("Left", 0, "This is the first of the 3 latents in w.npy."),
            ("Left", 0, "This is the first of the 3 latents in w.npy."),
        ):
            before = len(gui.app.messages.items)
            gui.keys(key)
            gui.settle()
            assert gui.app.cell.now.render.source == SavedW(path, index)
            assert gui.context.frame.request.source == SavedW(path, index)
            if said:
                assert gui.app.messages.last.text.startswith(said)
                assert "Choose Plane in Latent" in gui.app.messages.last.text
            else:
                assert len(gui.app.messages.items) == before
        texts = [message.text for message in gui.app.messages.items]
        assert sum("is the first" in text for text in texts) == 1, "a hint is said once in a row"
        open_panel(gui)
        gui.ctx.item_input_value("##Index", 9)
        gui.settle()
        assert gui.app.cell.now.render.source == SavedW(path, 2)
        for _ in range(5):
            gui.keys("Ctrl+Z")
        assert gui.app.cell.now.render.source == SavedW(path), "what led nowhere is no step"
        assert not gui.app.cell.can_undo

    drive(test, panels=PANELS, session=start, client=InlineClient())


def test_a_file_of_one_latent_is_not_left_by_keys_or_drags_which_say_why(
    drive, tmp_path, monkeypatch
) -> None:
    start = saved(tmp_path, 128)
    told: list[str] = []
    monkeypatch.setattr(gestures, "show_tooltip", told.append)

    def test(gui) -> None:
        for key in ("Right", "Left", "Up", "Shift+Down"):
            gui.keys(key)
            gui.settle()
            assert gui.app.cell.now == start
            assert "w.npy holds one latent" in gui.app.messages.last.text
            assert "Choose Plane in Latent" in gui.app.messages.last.text
        assert not gui.app.cell.can_undo
        gui.ctx.set_ref("Picture")
        gui.ctx.mouse_move("##picture")
        gui.ctx.mouse_down(0)
        told.clear()
        gui.ctx.mouse_move_to_pos(ImVec2(imgui.get_mouse_pos().x + 60, imgui.get_mouse_pos().y))
        gui.frames(2)
        gui.ctx.mouse_up(0)
        assert any("Choose Plane in Latent to drag" in text for text in told)
        assert gui.app.cell.now == start

    drive(test, panels=PANELS, session=start, client=InlineClient())


def test_far_coordinates_are_written_whole_in_a_narrow_panel(drive) -> None:
    """They lose digits behind the point rather than before it, and stay what they are."""

    def test(gui) -> None:
        assert fields._fitting("y", 1209.0, 500.0) == "y %.3f"
        room = 2 * imgui.get_style().frame_padding.x + 0.5
        for text, fmt in (("y 1209.00", "y %.2f"), ("1209.0", "%.1f"), ("1", "%.0f")):
            assert fields._fitting("y", 1209.0, imgui.calc_text_size(text).x + room) == fmt
        assert gui.app.cell.now.render.source == Plane(31.12345, 1209.98765)

    start = session(Plane(31.12345, 1209.98765))
    drive(test, panels=PANELS, session=start, size=(350, 450))
