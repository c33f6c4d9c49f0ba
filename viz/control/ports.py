"""What listens and what sends, opened and closed as the settings say."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from common.errors import UserError
from viz.control.inbox import Inbox
from viz.control.midi import MidiPorts
from viz.desk.notify import Notify
from viz.desk.settings import ControlSettings, SettingsCell

if TYPE_CHECKING:
    from viz.control.osc_in import OscReceiver
    from viz.control.osc_out import OscSender


class Ports:
    """The receiver of OSC, its sender, and the MIDI inputs.

    wake: has a frame drawn soon; any thread may call it.
    notify: tells the user of what cannot be opened.
    sender: sends values, None where that is not wanted.
    """

    def __init__(
        self, inbox: Inbox, settings: SettingsCell, wake: Callable[[], None], notify: Notify
    ) -> None:
        self._inbox, self._settings, self._wake = inbox, settings, wake
        self._notify = notify
        self._open = ControlSettings()
        self._osc: OscReceiver | None = None
        self._midi: MidiPorts | None = None
        self.sender: OscSender | None = None
        self._osc_problem = self._out_problem = ""

    def refresh(self) -> None:
        """Open and close what the settings say; nothing where they are as they were."""
        wanted = self._settings.now.control
        if wanted == self._open:
            return
        before, self._open = self._open, wanted
        if (wanted.osc, wanted.host, wanted.port) != (before.osc, before.host, before.port):
            self._listen(wanted)
        if wanted.out != before.out:
            self._send(wanted.out)
        if wanted.midi != before.midi:
            if self._midi is not None:
                self._midi.close()
            self._midi = MidiPorts(self._inbox, self._wake) if wanted.midi else None

    def close(self) -> None:
        """Close everything, at the end."""
        for port in (self._osc, self._midi, self.sender):
            if port is not None:
                port.close()
        self._osc, self._midi, self.sender = None, None, None

    @property
    def osc(self) -> str:
        """Where OSC messages are received, empty where they are not."""
        return "" if self._osc is None else f"{_bracketed(self._open.host)}:{self._osc.port}"

    @property
    def midi(self) -> tuple[str, ...]:
        """The names of the MIDI inputs that are heard."""
        return () if self._midi is None else self._midi.names

    @property
    def problems(self) -> tuple[str, ...]:
        """What of that which is switched on does not work, and why."""
        midi = "" if self._midi is None else self._midi.problem
        return tuple(text for text in (self._osc_problem, self._out_problem, midi) if text)

    def _listen(self, wanted: ControlSettings) -> None:
        if self._osc is not None:
            self._osc.close()
        self._osc, self._osc_problem = None, ""
        if not wanted.osc:
            return
        from viz.control.osc_in import OscReceiver  # most windows never need it

        try:
            self._osc = OscReceiver(self._inbox, wanted.host, wanted.port)
        except UserError as error:
            self._osc_problem = str(error)
            self._notify(self._osc_problem, error=True)

    def _send(self, out: str) -> None:
        if self.sender is not None:
            self.sender.close()
        self.sender, self._out_problem = None, ""
        if not out:
            return
        from viz.control.osc_out import OscSender

        try:
            self.sender = OscSender(*parse_place(out))
        except UserError as error:
            self._out_problem = str(error)
            self._notify(self._out_problem, error=True)


def parse_place(text: str, host: str = "127.0.0.1") -> tuple[str, int]:
    """Read `ADDRESS:PORT`, `[ADDRESS]:PORT` or `PORT`. Raises UserError.

    host: the IP address where there is only a port.
    """
    before, colon, after = text.strip().rpartition(":")
    address = before.strip("[]") if colon else host
    address = "127.0.0.1" if address == "localhost" else address
    if not (after.isascii() and after.isdecimal()) or not 0 < int(after) < 65536 or not address:
        raise UserError(
            f"{text!r} is no IP address with a port.", "Type it as 127.0.0.1:9000, or a port alone."
        )
    return address, int(after)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
