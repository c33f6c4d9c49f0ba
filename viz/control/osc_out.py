"""OSC messages that say what has changed, to one place."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from common.errors import UserError, why
from viz.control.osc_in import datagram_socket
from viz.control.osc_packets import packet
from viz.session.controls import ROOT


class OscSender:
    """Sends values as they change, and all of them at first.

    host: an IP address. port: where somebody listens there. Raises UserError.
    """

    def __init__(self, host: str, port: int) -> None:
        self._to = (host, port)
        self._told: dict[str, float] = {}
        try:
            self._socket = datagram_socket(host)
            self._socket.setblocking(False)
        except (OSError, ValueError) as error:
            text = f"OSC cannot be sent to {host}:{port}: {why(error)}."
            raise UserError(text, "Type an IP address and a port, as 192.168.1.20:9001.") from error

    def tell(self, values: Mapping[str, float]) -> None:
        """Send what is not as it was told last. values: by address below `/ganscope/`."""
        changed = {key: value for key, value in values.items() if self._told.get(key) != value}
        for address, value in changed.items():
            # UDP promises nothing: whoever is not there, or does not keep up, gets the next one.
            with suppress(OSError):
                self._socket.sendto(packet(ROOT + address, value), self._to)
        self._told = dict(values)

    def close(self) -> None:
        """Send no more."""
        self._socket.close()
