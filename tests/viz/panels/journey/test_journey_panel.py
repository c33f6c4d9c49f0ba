"""The panel Journey: keys are added, moved and gone to, all of it in the session."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest
from imgui_bundle import imgui
from msgspec import structs

from common.errors import UserError
from renderer.messages.bending import Bend
from renderer.messages.failure import Failure
from renderer.messages.journey import Curve, Journey, Key, Knob, Point
from renderer.messages.request import Plane, RenderRequest, Seed, Truncation
from renderer.messages.to_renderer import BACKGROUND
from renderer.messages.to_window import RenderFailed
from renderer.pictures.journey.editing import with_network
from renderer.pictures.journey.files import read_journey, write_journey
from renderer.pictures.journey.frame import at
from tests.viz.conftest import FakeClient
from viz.desk.settings import Settings
from viz.session import going
from viz.session.session import Session

NET = "net.safetensors"
GONE = "gone.safetensors"


def request(seed: int, psi: float = 1.0) -> RenderRequest:
    return RenderRequest(NET, Seed(seed), truncation=Truncation(psi))


JOURNEY = Journey((Key(request(1, 0.2)), Key(request(2, 0.8), 2.0), Key(request(3), 4.0)), 4.0)
SESSION = Session(request(1, 0.2), journey=JOURNEY)


def now(gui) -> Session:
    return gui.app.cell.now


def open_panel(gui) -> None:
    gui.focus("Journey")
    gui.settle()
    gui.ctx.set_ref("Journey")


def ruler(gui):
    return gui.ctx.window_info("//Journey/ruler").window


def forms(gui):
    return gui.ctx.window_info("//Journey/forms").window


def test_a_journey_is_made_by_adding_what_is_seen(drive) -> None:
    def test(gui) -> None:
        open_panel(gui)
        gui.ctx.item_click("###Add")
        gui.settle()
        for seed in (7, 9):
            gui.app.cell.set(now(gui).with_render(source=Seed(seed)))
            gui.settle()
            gui.ctx.item_click("###Add")
            gui.settle()
        keys = now(gui).journey.keys
        assert [key.render.source for key in keys] == [Plane(), Seed(7), Seed(9)]
        assert [key.time for key in keys] == [0.0, 2.0, 4.0]
        assert now(gui).moment == 4.0
        gui.keys("Ctrl+Z")
        assert len(now(gui).journey.keys) == 2, "each key is one step of undo"
        gui.keys("Ctrl+Y")
        assert now(gui).journey.keys == keys
        gui.ctx.item_click("###Loop")
        gui.frames(2)
        assert (now(gui).journey.closed, now(gui).journey.duration) == (True, 6.0)

    drive(test, session=Session().with_render(snapshot=NET))


def test_a_click_goes_to_a_key_and_a_drag_moves_it_in_time(drive) -> None:
    def test(gui) -> None:
        open_panel(gui)
        gui.ctx.set_ref(ruler(gui))
        gui.ctx.item_click("key 2")
        gui.settle()
        assert (now(gui).render, now(gui).moment) == (JOURNEY.keys[1].render, 2.0)
        gui.ctx.mouse_move("key 2")
        gui.ctx.mouse_down(0)
        at = imgui.get_mouse_pos()
        gui.ctx.mouse_move_to_pos(imgui.ImVec2(at.x + 60, at.y))
        gui.ctx.mouse_up(0)
        gui.settle()
        times = [key.time for key in now(gui).journey.keys]
        assert times[0] == 0.0
        assert 2.1 < times[1] < 3.5
        assert now(gui).moment == times[1]
        assert now(gui).render == JOURNEY.keys[1].render, "its picture stays"
        gui.keys("Ctrl+Z")
        assert now(gui).journey == JOURNEY, "all of the drag is one step"

    drive(test, session=SESSION)


def test_dragging_on_the_ruler_shows_what_lies_between(drive) -> None:
    def test(gui) -> None:
        open_panel(gui)
        gui.ctx.set_ref(ruler(gui))
        info = gui.ctx.item_info("##ground")
        y = info.rect_full.min.y + 6
        left, right = info.rect_full.min.x, info.rect_full.max.x
        gui.ctx.mouse_move_to_pos(imgui.ImVec2(left + 0.4 * (right - left), y))
        gui.ctx.mouse_down(0)
        gui.ctx.mouse_move_to_pos(imgui.ImVec2(left + 0.6 * (right - left), y))
        gui.ctx.mouse_up(0)
        gui.settle()
        moment = now(gui).moment
        assert 2.2 < moment < 2.7
        assert now(gui).render == at(JOURNEY, moment)
        assert gui.context.frame.request == at(JOURNEY, moment)

    drive(test, session=SESSION)


def test_keys_of_the_keyboard(drive) -> None:
    def test(gui) -> None:
        open_panel(gui)
        gui.ctx.set_ref(ruler(gui))
        gui.ctx.item_click("key 1")
        gui.keys("Right")
        assert now(gui).moment == 2.0
        gui.keys("Right")
        gui.keys("Left")
        assert now(gui).moment == 2.0
        gui.ctx.key_press(imgui.Key.delete)
        gui.frames(2)
        assert [key.time for key in now(gui).journey.keys] == [0.0, 4.0]
        gui.keys("Space")
        gui.until(lambda: gui.context.journey.playing)
        assert not now(gui).motion.animate, "Space is the panel's here"

    drive(test, session=SESSION)


def test_the_row_of_a_key_changes_it(drive) -> None:
    def test(gui) -> None:
        open_panel(gui)
        gui.ctx.set_ref(forms(gui))
        gui.ctx.combo_click("##Going/Arc in Z")
        gui.ctx.combo_click("##Ease/Slow start")
        gui.frames(2)
        key = now(gui).journey.keys[0]
        assert (key.going, key.ease) == ("slerp", "in")
        gui.app.cell.set(now(gui).with_render(truncation=Truncation(0.5)))
        gui.settle()
        gui.ctx.item_click("###Replace")
        gui.frames(2)
        assert now(gui).journey.keys[0].render.truncation == Truncation(0.5)
        gui.ctx.item_click("###Later")
        gui.frames(2)
        assert [k.render.source for k in now(gui).journey.keys] == [Seed(2), Seed(1), Seed(3)]
        assert now(gui).moment == 2.0
        gui.ctx.item_click("###Duplicate")
        gui.frames(2)
        assert [k.time for k in now(gui).journey.keys] == [0.0, 2.0, 3.0, 4.0]
        gui.ctx.item_click("###Delete")
        gui.frames(2)
        assert [k.time for k in now(gui).journey.keys] == [0.0, 2.0, 4.0]

    drive(test, session=SESSION)


def test_playing_goes_through_all_of_it_as_one_step_of_undo(drive) -> None:
    client = FakeClient()

    def test(gui) -> None:
        open_panel(gui)
        gui.ctx.item_click("###Play")
        gui.until(lambda: now(gui).moment > 1.0, "it does not go on")
        assert gui.context.journey.rate > 0
        gui.until(lambda: not gui.context.journey.playing, "it does not end")
        gui.settle()
        assert now(gui).moment == 4.0
        assert now(gui).render == JOURNEY.keys[-1].render
        seen = [r for stream, r, _ in client.requests if stream == "main"]
        assert len({r.truncation.psi for r in seen}) > 20
        gui.keys("Ctrl+Z")
        assert now(gui).render == SESSION.render

    drive(test, client=client, session=SESSION)


def test_the_duration_stretches_every_time(drive) -> None:
    def test(gui) -> None:
        open_panel(gui)
        gui.ctx.item_input_value("##Duration", 8.0)
        gui.frames(2)
        assert [key.time for key in now(gui).journey.keys] == [0.0, 4.0, 8.0]

    drive(test, session=SESSION)


def test_an_export_hands_the_journey_to_the_renderer(drive, tmp_path: Path) -> None:
    works = []

    class Client(FakeClient):
        def start(self, work):
            works.append(work)
            return super().start(work)

    def test(gui) -> None:
        open_panel(gui)
        gui.ctx.item_click("###Export")
        gui.frames(3)
        gui.ctx.set_ref("//$FOCUSED")
        gui.ctx.combo_click("##Format/Video (WebM)")
        gui.ctx.combo_click("##Size/1920 × 1080 with black sides")
        gui.ctx.item_click("Quality/Good")
        gui.ctx.item_click("Export")
        gui.settle()
        export = works[-1]
        assert (export.journey, export.quality, export.canvas) == (JOURNEY, "good", (1080, 1920))
        assert len(export.sheets) == 1
        assert Path(export.path).name == "journey.webm"
        assert msgspec.json.decode(export.session, type=Session).journey == JOURNEY

    settings = Settings(capture_folder=str(tmp_path / "captures"))
    drive(test, client=Client(), session=SESSION, settings=settings)


def test_a_journey_is_saved_opened_and_dropped(drive, tmp_path: Path) -> None:
    def test(gui) -> None:
        gui.app.actions.journey.save(str(tmp_path / "a"))
        gui.settle()
        assert read_journey(tmp_path / "a.journey.json") == JOURNEY
        other = Journey((Key(request(8)), Key(request(9), 1.0)), 1.0)
        write_journey(tmp_path / "b.journey.json", other)
        gui.drop(tmp_path / "b.journey.json")
        gui.settle()
        assert now(gui).journey == other
        assert (now(gui).moment, now(gui).render.source) == (0.0, Seed(8))
        assert gui.app.actions.is_panel_visible("Journey")

    drive(test, session=SESSION)


def resolve_but_gone(text: str) -> Path:
    """Find every snapshot but one."""
    if text.endswith("gone.pkl"):
        raise UserError(f"{text} does not exist.")
    return Path(text)


LOST = Journey(tuple(Key(RenderRequest("gone.pkl", Seed(8 + i)), 2.0 * i) for i in range(3)), 4.0)


def draw_with_what_is_shown(gui) -> None:
    """Choose the item by which all keys are drawn with the network on the screen."""
    gui.focus("Journey")
    gui.settle()
    gui.ctx.set_ref("Journey")
    gui.ctx.item_click("###More")
    gui.ctx.item_click("//$FOCUSED/###Network")
    gui.settle()


@pytest.mark.parametrize("gone", ["gone.pkl", "missing.pkl"])
def test_a_journey_whose_network_cannot_be_opened_is_drawn_with_the_one_shown(
    drive, tmp_path: Path, gone: str
) -> None:
    """Its file is not there, or is none that the renderer can open."""
    lost = with_network(LOST, gone)

    def test(gui) -> None:
        before = now(gui)
        write_journey(tmp_path / "lost.journey.json", lost)
        gui.drop(tmp_path / "lost.journey.json")
        gui.settle()
        assert now(gui) == structs.replace(before, journey=lost)
        said = gui.app.messages.last
        assert said.error
        assert f"3 keys, 4 s: lost.journey.json. Its network {gone} cannot be opened" in said.text
        draw_with_what_is_shown(gui)
        drawn = with_network(lost, NET)
        assert now(gui).journey == drawn
        assert gui.context.frame.request == drawn.keys[0].render
        gui.keys("Ctrl+Z")
        assert now(gui).journey == lost
        gui.keys("Ctrl+Z")
        assert now(gui) == before

    drive(test, session=SESSION, resolve=resolve_but_gone)


def test_a_journey_stays_at_its_moment_when_another_network_draws_it(drive) -> None:
    """Also where the key that was gone to is of a network that is not there."""
    mixed = structs.replace(JOURNEY, keys=(*JOURNEY.keys[:2], structs.replace(LOST.keys[2])))

    def test(gui) -> None:
        open_panel(gui)
        gui.app.cell.set(going.at_key(now(gui), 2))
        gui.frames(10)
        assert now(gui).render.snapshot == "gone.pkl"
        draw_with_what_is_shown(gui)
        assert {key.render.snapshot for key in now(gui).journey.keys} == {NET}
        assert (now(gui).moment, gui.context.frame.request) == (
            4.0,
            now(gui).journey.keys[2].render,
        )

    drive(test, session=structs.replace(SESSION, journey=mixed), resolve=resolve_but_gone)


def test_it_is_there_again_after_the_window_was_closed(drive, home: Path) -> None:
    def test(gui) -> None:
        gui.app.cell.set(structs.replace(now(gui), moment=1.0))
        gui.settle()

    drive(test, session=SESSION)
    stored = msgspec.json.decode((home / "session.json").read_bytes(), type=Session)
    assert (stored.journey, stored.moment) == (JOURNEY, 1.0)


def test_a_journey_whose_times_make_no_sense_does_not_lose_the_session(drive, home: Path) -> None:
    keys = tuple(Key(request(i), 1.0) for i in range(3))
    broken = structs.replace(SESSION, journey=Journey(keys, -4.0), moment=1e9)
    home.mkdir(parents=True)
    (home / "session.json").write_bytes(msgspec.json.encode(broken))

    def test(gui) -> None:
        open_panel(gui)
        assert [key.render for key in now(gui).journey.keys] == [key.render for key in keys]
        assert now(gui).journey.duration > 1.0

    drive(test)


def test_a_sound_is_dropped_and_moves_a_number(drive, tmp_path: Path) -> None:
    soundfile = pytest.importorskip("soundfile")
    loud = np.sin(np.arange(4 * 8000) / 3) * np.repeat([0.1, 1.0], 2 * 8000)
    soundfile.write(tmp_path / "a.wav", loud, 8000)

    def test(gui) -> None:
        gui.drop(tmp_path / "a.wav")
        gui.settle()
        track = now(gui).journey.track
        assert track is not None
        assert track.seconds == pytest.approx(4.0)
        gui.frames(2)
        gui.ctx.set_ref(forms(gui))
        gui.ctx.item_click("###Drive")
        gui.frames(2)
        gui.ctx.set_ref("//$FOCUSED")
        gui.ctx.combo_click("##Follows/Loudness")
        gui.ctx.item_input_value("##Gain", 1.0)
        gui.ctx.key_press(imgui.Key.escape)
        gui.settle()
        (drive_,) = now(gui).journey.drives
        assert (drive_.knob, drive_.band, drive_.gain) == (Knob("psi"), "loudness", 1.0)
        plain = at(JOURNEY, 3.0).truncation.psi
        assert at(now(gui).journey, 3.0).truncation.psi == pytest.approx(plain + 1, abs=0.1)
        gui.keys("Ctrl+Z")
        assert now(gui).journey.drives[0].gain == 0.5
        gui.ctx.set_ref("Journey")
        gui.ctx.mouse_move("###Sound")
        gui.ctx.mouse_click(1)
        gui.frames(2)
        assert (now(gui).journey.track, now(gui).journey.drives) == (None, ())

    drive(test, session=SESSION, size=(1440, 1100))


@pytest.mark.parametrize("kind", ["walk", "circle"])
def test_a_thousand_keys_are_drawn_and_gone_through(drive, kind: str) -> None:
    client = FakeClient()
    keys = tuple(Key(request(i, (i % 10) / 10), i * 0.5) for i in range(1000))
    curve = Curve(Knob("psi"), tuple(Point(float(i), i / 500) for i in range(0, 500, 25)))
    long = Journey(keys, 500.0, closed=True, curves=(curve,) if kind == "walk" else ())

    def test(gui) -> None:
        open_panel(gui)
        gui.ctx.item_click("###Play")
        gui.until(lambda: now(gui).moment > 0.5)
        gui.ctx.item_click("###Play")
        gui.settle()

        def drawn() -> set:
            return {r.source for stream, r, _ in client.requests if stream == BACKGROUND}

        gui.until(lambda: len(drawn() & {key.render.source for key in keys}) > 5)
        gui.frames(60)
        assert len(drawn()) < 100, "only pictures that there is room for are asked for"

    drive(test, client=client, session=Session(request(0), journey=long))


class FailingClient(FakeClient):
    """Cannot draw what is of the network GONE."""

    def submit(self, request, stream="main", stats=None, drafts=False) -> int:
        id = super().submit(request, stream, stats, drafts)
        if request.snapshot == GONE:
            self._events.pop()
            self.send(RenderFailed(id, stream, request, Failure(f"{GONE} is not there.")))
        return id


def test_a_key_that_cannot_be_drawn_keeps_no_other_waiting(drive) -> None:
    """The first key's network is gone: it is asked for once, and the pictures of others come."""
    client = FailingClient()
    keys = (Key(structs.replace(request(0), snapshot=GONE)), *JOURNEY.keys[1:])
    session = Session(request(3), journey=Journey(keys, 4.0), moment=4.0)

    def test(gui) -> None:
        open_panel(gui)

        def asked() -> list[RenderRequest]:
            return [r for stream, r, _ in client.requests if stream == BACKGROUND]

        gui.until(lambda: {key.render for key in keys} <= set(asked()), "others wait for it")
        gui.frames(30)
        assert asked().count(keys[0].render) == 1

    drive(test, client=client, session=session)


def test_a_journey_with_keys_that_do_not_fit_says_which(drive, tmp_path: Path) -> None:
    bent = structs.replace(request(2), bends=(Bend("b512.conv0", "scale", 2.0),))
    journey = Journey((Key(request(1)), Key(bent, 1.0)), 1.0)
    write_journey(tmp_path / "bent.journey.json", journey)

    def test(gui) -> None:
        gui.drop(tmp_path / "bent.journey.json")
        gui.settle()
        assert now(gui).journey == journey, "nothing of it is lost"
        said = gui.app.messages.last
        assert said.error
        assert "no place for all of key 2, and draws it without bending" in said.text

    drive(test, session=SESSION)
