"""OSC messages from another process move the picture, and controls learn what moves them."""

from __future__ import annotations

import socket
import subprocess
import sys

import msgspec
import pytest
from imgui_bundle import imgui
from msgspec import structs

from renderer.messages.request import Plane, RenderRequest, Seed, Truncation
from viz.control.osc_packets import packet
from viz.desk.settings import ControlSettings, Settings
from viz.session.assignment import Assignment
from viz.session.controls import by_address
from viz.session.session import Session

SEND = """
import socket, sys
from viz.control.osc_packets import packet
out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for message in sys.argv[2:]:
    address, value = message.split("=")
    out.sendto(packet(address, float(value)), ("127.0.0.1", int(sys.argv[1])))
"""


@pytest.fixture
def settings(tmp_path) -> Settings:
    """Settings that listen at a free port of this machine."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    control = ControlSettings(osc=True, port=port)
    return Settings(capture_folder=str(tmp_path), control=control)


def send(gui, *messages: str) -> None:
    """Send messages, written as ADDRESS=NUMBER, from another process; wait until they are here."""
    port = gui.app.settings.now.control.port
    before = sum(gui.context.control.counts)
    subprocess.run([sys.executable, "-c", SEND, str(port), *messages], check=True, timeout=300)
    gui.until(lambda: sum(gui.context.control.counts) >= before + len(messages), "nothing arrived")


def test_psi_moves_in_the_frame_after_its_message(drive, settings) -> None:
    frames: list[float] = []

    def test(gui) -> None:
        def note() -> None:
            """Keep psi at the end of every frame from the one on in which the message was here."""
            if gui.app.remote.inbox.counts[0]:
                frames.append(gui.app.cell.now.render.truncation.psi)

        gui.app.every_frame = note
        send(gui, "/ganscope/truncation/psi=0.25")
        gui.frames(2)
        gui.settle()
        assert gui.context.frame.request.truncation.psi == 0.25

    drive(test, settings=settings)
    # It may arrive in the middle of a frame, which has taken what was there; the next one has it.
    assert 0.25 in frames[:2]


def test_a_run_of_messages_is_one_step_of_undo(drive, settings) -> None:
    def test(gui) -> None:
        gui.app.remote._clock = lambda: 100.0  # however slow this machine is, no time passes
        gui.app.remote.inbox._clock = lambda: 100.0
        for value in ("0.1", "0.2", "0.3"):
            send(gui, f"/ganscope/truncation/psi={value}")
            gui.frames(3)
        assert gui.app.cell.now.render.truncation.psi == pytest.approx(0.3)
        gui.keys("Ctrl+Z")
        assert gui.app.cell.now.render.truncation.psi == 1.0
        assert not gui.app.cell.can_undo
        gui.app.remote._clock = gui.app.remote.inbox._clock = lambda: 200.0
        send(gui, "/ganscope/truncation/psi=0.5")
        gui.frames(3)
        gui.app.remote._clock = gui.app.remote.inbox._clock = lambda: 300.0
        send(gui, "/ganscope/truncation/psi=0.6")
        gui.frames(3)
        gui.keys("Ctrl+Z")
        assert gui.app.cell.now.render.truncation.psi == 0.5  # a pause begins another step

    drive(test, settings=settings)


def test_a_flood_is_one_change_and_no_frame_is_late(drive, settings) -> None:
    def test(gui) -> None:
        out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        to = ("127.0.0.1", gui.app.settings.now.control.port)
        submitted = len(gui.app.client.requests)
        taken: list[int] = []
        take = gui.app.remote.inbox.take

        def counted():
            arrived = take()
            taken.append(len(arrived[0]))
            return arrived

        gui.app.remote.inbox.take = counted
        with out:
            for n in range(3000):
                out.sendto(packet("/ganscope/truncation/psi", n / 3000), to)
                out.sendto(packet("/ganscope/noise/strength", n / 1500), to)
            out.sendto(packet("/ganscope/truncation/psi", 0.5), to)
        gui.until(lambda: gui.app.cell.now.render.truncation.psi == 0.5, "the newest was lost")
        gui.settle()
        assert max(taken) <= 2  # of each control only the newest
        assert len(gui.app.client.requests) - submitted <= len(taken) + 5

    drive(test, settings=settings)


def test_commands_switches_and_what_does_not_exist(drive, settings) -> None:
    session = Session(RenderRequest(source=Seed(5)))

    def test(gui) -> None:
        send(
            gui,
            "/ganscope/command/next-seed=1",
            "/ganscope/motion/snap=1",
            "/ganscope/no/such/thing=1",
            "/ganscope/truncation/psi=1e30",
            "/ganscope/edit/b8.conv0/3=0",
            "/ganscope/edit/b8.conv0/99999=0",
        )
        gui.frames(3)
        now = gui.app.cell.now
        assert now.render.source == Seed(6)
        assert now.motion.snap
        assert now.render.truncation.psi == 1e6  # the end of its range
        assert [(e.layer, e.channel) for e in now.render.edits] == [("b8.conv0", 3)]
        send(gui, "/ganscope/latent/x=12.5")
        gui.frames(3)
        assert gui.app.cell.now.render.source == Plane(12.5, 0.0)

    drive(test, settings=settings, session=session)


def test_what_is_damaged_is_dropped_and_counted(drive, settings) -> None:
    def test(gui) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            for junk in (b"", b"GET / HTTP/1.1", b"#bundle\0", b"/a\0\0,f\0\0\x7f\xc0\0\0"):
                out.sendto(junk, ("127.0.0.1", gui.app.settings.now.control.port))
        gui.until(lambda: gui.context.control.counts[1] == 4, "they were not counted")
        send(gui, "/ganscope/truncation/psi=0.5")
        gui.frames(3)
        assert gui.app.cell.now.render.truncation.psi == 0.5
        received = gui.context.control.counts[0]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            bare = b"/ganscope/truncation/psi" + bytes(4) + b"," + bytes(3)
            out.sendto(bare, ("127.0.0.1", gui.app.settings.now.control.port))
        gui.until(lambda: gui.context.control.counts[0] > received, "it did not arrive")
        gui.frames(3)
        assert gui.app.cell.now.render.truncation.psi == 0.5, "it said no number"

    drive(test, settings=settings)


def test_a_control_learns_its_knob_by_a_right_click_on_its_name(drive, settings) -> None:
    def test(gui) -> None:
        gui.app.remote._clock = lambda: 100.0  # however slow this machine is, no time passes
        gui.app.remote.inbox._clock = lambda: 100.0
        gui.ctx.set_ref("Truncation")
        info = gui.ctx.item_info("##psi")
        gui.ctx.mouse_move_to_pos(imgui.ImVec2(info.rect_full.min.x - 60, info.rect_full.min.y + 8))
        gui.ctx.mouse_click(imgui.MouseButton_.right)
        gui.ctx.item_click("//$FOCUSED/###Control by")
        gui.frames(2)
        assert gui.context.control.learning == "truncation/psi"
        send(gui, "/ganscope/noise/strength=2", "/1/fader3=0.5")
        gui.frames(3)
        assert gui.context.control.learning == ""
        expected = Assignment("osc /1/fader3", "truncation/psi", -1.0, 2.0)
        assert gui.app.cell.now.assignments == (expected,)
        assert gui.app.cell.now.render.truncation.psi == 1.0  # it does not jump to the knob
        send(gui, "/1/fader3=1.0")
        gui.frames(3)
        assert gui.app.cell.now.render.truncation.psi == 2.0
        gui.keys("Ctrl+Z")
        gui.keys("Ctrl+Z")
        assert gui.app.cell.now.assignments == ()

    drive(test, settings=settings)


def test_a_right_click_on_the_control_still_puts_its_default_back(drive, settings) -> None:
    def test(gui) -> None:
        gui.ctx.set_ref("Truncation")
        gui.ctx.item_input_value("##psi", 0.5)
        gui.ctx.item_click("##psi", imgui.MouseButton_.right)
        assert gui.app.cell.now.render.truncation.psi == 1.0
        gui.ctx.item_input_value("##psi", 0.5)
        gui.ctx.key_down(imgui.Key.mod_shift)
        gui.ctx.item_click("##psi", imgui.MouseButton_.right)
        gui.ctx.key_up(imgui.Key.mod_shift)
        assert gui.app.cell.now.render.truncation.psi == 0.5
        gui.ctx.item_click("//$FOCUSED/###Control by")
        gui.frames(2)
        assert gui.context.control.learning == "truncation/psi"
        gui.keys("Escape")
        assert gui.context.control.learning == ""

    drive(test, settings=settings)


def test_a_smoothed_control_glides_and_arrives(drive, settings) -> None:
    knob = Assignment("osc /knob", "truncation/psi", 0.0, 1.0, smoothing=0.2)
    seen: list[float] = []

    def test(gui) -> None:
        gui.app.every_frame = lambda: seen.append(gui.app.cell.now.render.truncation.psi)
        send(gui, "/knob=0")
        gui.until(lambda: gui.app.cell.now.render.truncation.psi == 0.0, "it never arrives")
        assert not gui.app.remote.animating
        assert any(0.0 < psi < 1.0 for psi in seen)
        assert seen == sorted(seen, reverse=True)

    drive(test, settings=settings, session=Session(assignments=(knob,)))


def test_values_are_sent_as_they_change(drive, settings) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as inbox:
        inbox.bind(("127.0.0.1", 0))
        inbox.settimeout(300)
        out = f"127.0.0.1:{inbox.getsockname()[1]}"
        control = structs.replace(settings.control, out=out)

        def test(gui) -> None:
            gui.ctx.set_ref("Truncation")
            gui.ctx.item_input_value("##psi", 0.75)
            wanted = packet("/ganscope/truncation/psi", 0.75)
            while inbox.recv(1 << 16) != wanted:
                pass

        drive(test, settings=structs.replace(settings, control=control))


def test_nothing_is_listed_and_sent_anew_while_the_session_rests(drive, monkeypatch) -> None:
    """Hundreds of controls were made, read and compared in every frame."""
    made: list[Session] = []

    def counted(scope):
        made.append(scope.session)
        return by_address(scope)

    monkeypatch.setattr("viz.control.remote.by_address", counted)
    mapped = tuple(Assignment(f"osc /{i}", "truncation/psi") for i in range(5))
    settings = Settings(control=ControlSettings(out="127.0.0.1:9"))

    def test(gui) -> None:
        gui.focus("Control")
        gui.settle()
        made.clear()
        gui.frames(20)
        assert not made
        gui.app.cell.set(gui.app.cell.now.with_render(truncation=Truncation(0.25)))
        gui.frames(3)
        assert len(made) == 1

    drive(test, settings=settings, session=Session(RenderRequest("net"), assignments=mapped))


def test_a_port_that_is_taken_is_said_with_its_remedy(drive, settings) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", settings.control.port))

        def test(gui) -> None:
            assert gui.context.control.osc == ""
            problem = gui.context.control.problems[0]
            assert "already in use" in problem
            assert [toast.text for toast in gui.app.messages.toasts] == [problem]

        drive(test, settings=settings)


def test_mappings_are_edited_switched_off_and_deleted_in_the_panel(drive, settings) -> None:
    mapping = Assignment("midi 1 cc 7", "noise/strength", 0.0, 4.0)

    def test(gui) -> None:
        gui.focus("Control")
        gui.ctx.set_ref("Control")
        gui.ctx.item_click("**/$$0/###Edit")
        gui.frames(2)
        gui.ctx.item_click("//$FOCUSED/Curve/Log")
        gui.ctx.item_click("//$FOCUSED/Invert")
        gui.ctx.key_press(imgui.Key.escape)
        gui.frames(2)
        changed = structs.replace(mapping, curve="logarithmic", invert=True)
        assert gui.app.cell.now.assignments == (changed,)
        gui.ctx.item_click("**/$$0/##enabled")
        gui.frames(2)
        assert not gui.app.cell.now.assignments[0].enabled
        gui.ctx.item_click("**/$$0/###Delete")
        gui.frames(2)
        assert gui.app.cell.now.assignments == ()

    drive(test, settings=settings, session=Session(assignments=(mapping,)))


def test_a_session_keeps_its_mappings_in_its_file() -> None:
    mapping = Assignment("osc /1/x", "bend/1/amount", 1.0, 2.0, "exponential", 0.3, True, True)
    session = Session(assignments=(mapping,))
    again = msgspec.json.decode(msgspec.json.encode(session), type=Session)
    assert again == session


def test_an_unknown_address_is_dropped_and_said(drive, settings) -> None:
    def test(gui) -> None:
        send(gui, "/ganscope/truncation/psi=0.25", "/ganscope/trunkation/psi=1", "/1/fader=0.5")
        gui.until(lambda: gui.context.control.counts == (1, 2), "they count as received")
        assert gui.context.control.unknown in ("/ganscope/trunkation/psi", "/1/fader")
        gui.app.remote.learn("truncation/psi")
        send(gui, "/1/fader=0.75")
        gui.frames(3)
        assert gui.context.control.counts == (2, 2), "what is learned is of use"

    drive(test, settings=settings)
