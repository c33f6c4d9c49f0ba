"""MIDI: what messages say, files that play, ports that come and go, and machines without any."""

from __future__ import annotations

import builtins
import sys
import threading
import types

import pytest
from msgspec import structs

from common.errors import UserError
from renderer.messages.request import RenderRequest, Seed
from viz.control import midi
from viz.control.inbox import Inbox
from viz.control.midi import MidiPorts, Note, file_notes, read
from viz.desk.settings import ControlSettings, Settings
from viz.session.assignment import Assignment
from viz.session.session import Session

mido = pytest.importorskip("mido", reason="the extra midi is not installed")


@pytest.fixture
def performance(tmp_path):
    """A file: a knob turned up in two steps, and a pad hit twice."""
    file = mido.MidiFile(ticks_per_beat=480)
    track = mido.MidiTrack()
    file.tracks.append(track)
    for message in (
        mido.MetaMessage("set_tempo", tempo=500_000),
        mido.Message("control_change", control=7, value=64, time=480),
        mido.Message("note_on", note=36, velocity=20, channel=9, time=0),
        mido.Message("note_off", note=36, channel=9, time=10),
        mido.Message("note_on", note=36, velocity=20, channel=9, time=10),
        mido.Message("note_on", note=36, velocity=0, channel=9, time=10),
        mido.Message("control_change", control=7, value=127, time=450),
    ):
        track.append(message)
    path = tmp_path / "performance.mid"
    file.save(path)
    return path


@pytest.mark.parametrize(
    ("message", "note"),
    [
        (("control_change", {"control": 7, "value": 127}), Note("midi 1 cc 7", 1.0)),
        (("pitchwheel", {"pitch": -8192}), Note("midi 1 pitch bend", 0.0)),
        (("pitchwheel", {"pitch": 8191}), Note("midi 1 pitch bend", 1.0)),
        (("note_on", {"note": 60, "velocity": 127}), Note("midi 1 note 60", 1.0, True)),
        (("note_on", {"note": 60, "velocity": 0}), Note("midi 1 note 60", 0.0, False)),
        (("note_off", {"note": 60, "velocity": 64}), Note("midi 1 note 60", 0.0, False)),
        (("aftertouch", {"value": 0}), Note("midi 1 pressure", 0.0)),
        (("polytouch", {"note": 5, "value": 0}), Note("midi 1 pressure 5", 0.0)),
        (("clock", {}), None),
        (("sysex", {"data": (1, 2)}), None),
    ],
)
def test_messages_are_shares_of_their_sources(message, note) -> None:
    kind, fields = message
    assert read(mido.Message(kind, **fields)) == note


def test_a_file_is_read_with_its_times(performance) -> None:
    notes = file_notes(performance)
    assert notes[0] == (0.5, Note("midi 1 cc 7", 64 / 127))
    assert [note.source for _, note in notes].count("midi 10 note 36") == 4
    assert notes[-1][0] == pytest.approx(1.0)


@pytest.mark.parametrize(
    "junk", [b"", b"MThd", b"MThd\0\0\0\6\0\1\0\1\1\xe0MTrk\0\0\0\4\xff", b"RIFF"]
)
def test_what_is_no_midi_file_is_refused_with_its_name(tmp_path, junk) -> None:
    path = tmp_path / "junk.mid"
    path.write_bytes(junk)
    with pytest.raises(UserError, match=r"junk\.mid"):
        file_notes(path)


def test_one_wrong_byte_raises_nothing_else(performance) -> None:
    whole = performance.read_bytes()
    for place in range(len(whole)):
        for byte in (0, 0x7F, 0xFF):
            performance.write_bytes(whole[:place] + bytes([byte]) + whole[place + 1 :])
            try:
                file_notes(performance)
            except UserError:
                continue


def test_a_file_plays_its_knobs_and_pads_in_the_window(drive, performance) -> None:
    session = Session(
        RenderRequest(source=Seed(5)),
        assignments=(
            Assignment("midi 1 cc 7", "truncation/psi", 0.0, 1.0),
            Assignment("midi 10 note 36", "command/next-seed", toggle=True),
            Assignment("midi 10 note 36", "motion/snap", toggle=True),
        ),
    )

    def test(gui) -> None:
        gui.app.actions.control.play(str(performance))
        gui.until(lambda: gui.context.control.playing == "performance.mid", "it does not begin")
        gui.until(lambda: gui.context.control.playing == "", "it does not end")
        gui.frames(2)
        now = gui.app.cell.now
        assert now.render.truncation.psi == 1.0
        assert now.render.source == Seed(7)  # each hit counts, also a soft one
        assert not now.motion.snap  # over and back

    drive(test, session=session)


class Backend:
    """What `mido.Backend` is, with ports that a test plugs in and out.

    there: the ports. open: those that are open, with what they call.
    """

    there: tuple[str, ...] = ()
    open: dict[str, object] = {}  # noqa: RUF012 - the fixture makes it anew

    def __init__(self, name: str) -> None:
        assert name == "mido.backends.rtmidi"

    def get_input_names(self) -> list[str]:
        return list(Backend.there)

    def open_input(self, name: str, callback: object) -> object:
        if name == "busy":
            raise OSError("it is in use")
        Backend.open[name] = callback
        return types.SimpleNamespace(close=lambda: Backend.open.pop(name))


@pytest.fixture
def backend(monkeypatch) -> type[Backend]:
    Backend.there, Backend.open = (), {}
    monkeypatch.setattr(mido, "Backend", Backend)
    monkeypatch.setitem(sys.modules, "rtmidi", types.ModuleType("rtmidi"))
    monkeypatch.setattr(midi, "SECONDS", 0.001)
    return Backend


def test_ports_that_come_are_heard_and_those_that_go_are_closed(backend) -> None:
    inbox, changed = Inbox(lambda: None), threading.Event()
    ports = MidiPorts(inbox, changed.set)

    def wait(names: tuple[str, ...]) -> None:
        while ports.names != names:
            assert changed.wait(300)
            changed.clear()

    backend.there = ("knobs", "busy")
    wait(("knobs",))
    assert "busy" in ports.problem
    backend.open["knobs"](mido.Message("control_change", control=1, value=127))
    assert inbox.take()[0]["midi 1 cc 1"].value == 1.0
    backend.there = ("keys",)
    wait(("keys",))
    assert set(backend.open) == {"keys"}
    assert ports.problem == ""
    ports.close()
    ports._thread.join(300)
    assert backend.open == {}


def test_without_the_extra_the_panel_says_how_to_have_it(drive, monkeypatch) -> None:
    real = builtins.__import__

    def missing(name: str, *rest: object) -> object:
        if name in ("mido", "rtmidi"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", missing)

    def test(gui) -> None:
        gui.focus("Control")
        gui.ctx.item_click("//Control/**/Listen to MIDI")
        gui.until(lambda: bool(gui.context.control.problems), "nothing is said")
        assert "pip install 'ganscope[midi]'" in gui.context.control.problems[0]

    drive(test, settings=Settings(control=ControlSettings()))


def test_a_system_that_has_no_midi_is_asked_once(backend, monkeypatch) -> None:
    asked = []

    def refuse(self) -> list[str]:
        asked.append(1)
        raise OSError("no sequencer")

    monkeypatch.setattr(Backend, "get_input_names", refuse)
    ports = MidiPorts(Inbox(lambda: None), lambda: None)
    ports._thread.join(300)
    assert "no sequencer" in ports.problem
    assert asked == [1]


def test_a_real_port_of_this_machine() -> None:
    """Through a virtual port, where the system has such."""
    rtmidi = pytest.importorskip("rtmidi", reason="python-rtmidi is not installed")
    try:
        out = mido.Backend("mido.backends.rtmidi").open_output("ganscope test", virtual=True)
    except (OSError, NotImplementedError, rtmidi.RtMidiError) as error:
        pytest.skip(f"this machine has no virtual MIDI ports ({error})")
    inbox, came = Inbox(lambda: came.set()), threading.Event()
    ports = MidiPorts(inbox, came.set)
    try:
        while not any("ganscope test" in name for name in ports.names):
            assert came.wait(300)
            came.clear()
        out.send(mido.Message("control_change", control=3, value=0))
        assert came.wait(300)
        assert inbox.take()[0]["midi 1 cc 3"].value == 0.0
    finally:
        ports.close()
        out.close()


def test_a_disabled_mapping_moves_nothing(drive, performance) -> None:
    knob = Assignment("midi 1 cc 7", "truncation/psi", 0.0, 0.5)
    session = Session(assignments=(structs.replace(knob, enabled=False),))

    def test(gui) -> None:
        gui.app.actions.control.play(str(performance))
        gui.until(lambda: gui.context.control.last is not None, "it does not begin")
        gui.until(lambda: gui.context.control.playing == "", "it does not end")
        gui.frames(2)
        assert gui.app.cell.now.render.truncation.psi == 1.0

    drive(test, session=session)
