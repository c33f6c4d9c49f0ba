"""MIDI in: what messages are called, and the ports that they come from.

`mido` and `python-rtmidi` are imported only where MIDI is used; the extra `midi` brings them.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from common.errors import UserError
from viz.control.inbox import Inbox

INSTALL = "pip install 'ganscope[midi]'"
"""How MIDI is had where it is not installed."""
SECONDS = 2.0
"""How often ports are looked for: a keyboard that is plugged in is heard after this."""
LONGEST = 4 << 20
"""Bytes of a MIDI file: far more than a performance of knobs has."""


@dataclass(frozen=True)
class Note:
    """What a message of MIDI says of one source.

    source: its name, such as `midi 1 cc 7`.
    share: its value, 0…1.
    down: a key or a pad is held; None for what is no button.
    """

    source: str
    share: float
    down: bool | None = None


def read(message: Any) -> Note | None:
    """Return what a message of `mido` says; None for kinds that are no knob."""
    channel = f"midi {message.channel + 1}" if hasattr(message, "channel") else ""
    match message.type:
        case "control_change":
            return Note(f"{channel} cc {message.control}", message.value / 127)
        case "note_on":
            down = message.velocity > 0
            return Note(f"{channel} note {message.note}", message.velocity / 127, down)
        case "note_off":
            return Note(f"{channel} note {message.note}", 0.0, False)
        case "pitchwheel":
            return Note(f"{channel} pitch bend", (message.pitch + 8192) / 16383)
        case "aftertouch":
            return Note(f"{channel} pressure", message.value / 127)
        case "polytouch":
            return Note(f"{channel} pressure {message.note}", message.value / 127)
        case _:
            return None


def file_notes(path: Path) -> tuple[tuple[float, Note], ...]:
    """Return what a MIDI file plays, with the seconds at which it does.

    Raises UserError for what is no MIDI file, and OSError.
    """
    mido = _mido()
    if path.stat().st_size > LONGEST:
        raise UserError(f"{path}: this is too long for a MIDI file.", "Choose another file.")
    content = io.BytesIO(path.read_bytes())
    damaged = (OSError, ValueError, EOFError, LookupError, TypeError, ArithmeticError)
    try:
        return tuple(_played(mido.MidiFile(file=content, clip=True)))
    except (*damaged, mido.KeySignatureError) as error:
        text = f"{path}: no MIDI file ({error or type(error).__name__})."
        raise UserError(text, "Choose a file with the suffix .mid.") from error


def _played(file: Any) -> Iterator[tuple[float, Note]]:
    at = 0.0
    for message in file:  # its times are the seconds since the message before
        at += message.time
        note = read(message)
        if note is not None:
            yield at, note


def _mido() -> Any:
    """Return the module. Raises UserError where it is not installed."""
    try:
        import mido
    except ImportError as error:
        raise UserError("MIDI needs the packages mido and python-rtmidi.", INSTALL) from error
    return mido


class MidiPorts:
    """Listens to every MIDI input that there is, also to those that come later.

    inbox: takes what arrives.
    changed: is called, from a thread, when ports have come or gone.
    names: of the ports that are heard.
    problem: why there is none, or why one of them is not heard.
    """

    def __init__(self, inbox: Inbox, changed: Callable[[], None]) -> None:
        self._inbox, self._changed = inbox, changed
        self._ports: dict[str, Any] = {}
        self._closing = threading.Event()
        self.names: tuple[str, ...] = ()
        self.problem = ""
        self._thread = threading.Thread(target=self._look, name="midi", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Let go of the ports; the thread ends by itself."""
        self._closing.set()

    def _look(self) -> None:
        try:
            import mido
            import rtmidi  # noqa: F401 - mido would say only later that it is not there

            backend = mido.Backend("mido.backends.rtmidi")
        except ImportError:
            self._tell((), f"MIDI needs mido and python-rtmidi: {INSTALL}")
            return
        while not self._closing.is_set():
            try:
                self._follow(backend)
            except (OSError, ValueError) as error:
                # Asking again would have the system's library complain again and again.
                self._tell((), f"MIDI does not answer ({error}). Switch it off and on to try again")
                break
            self._closing.wait(SECONDS)
        for port in self._ports.values():
            port.close()

    def _follow(self, backend: Any) -> None:
        """Open the ports that have come, and close those that have gone."""
        there = set(backend.get_input_names())
        for name in set(self._ports) - there:
            self._ports.pop(name).close()
        problem = ""
        for name in sorted(there - set(self._ports)):
            try:
                self._ports[name] = backend.open_input(name, callback=partial(heard, self._inbox))
            except (OSError, ValueError) as error:
                problem = f"{name}: {error}"  # in use elsewhere, perhaps: it is tried again
        self._tell(tuple(sorted(self._ports)), problem)

    def _tell(self, names: tuple[str, ...], problem: str) -> None:
        if (names, problem) != (self.names, self.problem):
            self.names, self.problem = names, problem
            self._changed()


def heard(inbox: Inbox, message: Any) -> None:
    """Put a message of `mido` into the inbox."""
    note = read(message)
    if note is not None:
        inbox.put(note.source, note.share, note.down)
