"""OSC messages over UDP, received by a thread."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from ipaddress import ip_address

from common.errors import UserError, why
from viz.control.inbox import Inbox
from viz.control.osc_packets import MalformedError, messages

SOURCE = "osc "
"""What the name of a source begins with that sends OSC; its address follows."""
BUFFER = 1 << 20
"""Bytes that the system is asked to keep while the thread does something else."""


def datagram_socket(host: str) -> socket.socket:
    """Return a socket for UDP with an IP address. Raises ValueError for a name, and OSError.

    Names are not looked up: that can take seconds, in which the window would stand still.
    """
    family = socket.AF_INET6 if ip_address(host).version == 6 else socket.AF_INET
    return socket.socket(family, socket.SOCK_DGRAM)


class OscReceiver:
    """Listens at one address until it is closed.

    inbox: takes what arrives.
    host: an IP address of this machine; 127.0.0.1 hears this machine alone.
    port: 0 for any that is free.

    Raises UserError where nobody can listen there.
    """

    def __init__(self, inbox: Inbox, host: str, port: int) -> None:
        self._inbox = inbox
        try:
            self._socket = datagram_socket(host)
        except (OSError, ValueError) as error:
            raise _refused(host, port, error) from error
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
            self._socket.bind((host, port))
            self._socket.settimeout(1.0)  # should the datagram that ends it get lost
        except (OSError, OverflowError) as error:
            self._socket.close()
            raise _refused(host, port, error) from error
        self.port = int(self._socket.getsockname()[1])
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._receive, name="osc", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening, so that the port is free again."""
        self._closing.set()
        host, port, *rest = self._socket.getsockname()
        here = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
        with suppress(OSError):  # then its time runs out
            self._socket.sendto(b"", (here, port, *rest))
        self._thread.join()

    def _receive(self) -> None:
        with self._socket:
            while not self._closing.is_set():
                try:
                    packet = self._socket.recv(1 << 16)
                except TimeoutError:
                    continue
                except OSError:
                    # Windows tells here that what this socket sent found nobody.
                    self._inbox.drop()
                    continue
                if not self._closing.is_set():
                    self._take(packet)

    def _take(self, packet: bytes) -> None:
        try:
            received = messages(packet)
        except MalformedError:
            self._inbox.drop()
            return
        for address, value in received:
            if value is None:
                self._inbox.press(SOURCE + address)
            else:
                self._inbox.put(SOURCE + address, value)


def _refused(host: str, port: int, error: Exception) -> UserError:
    return UserError(
        f"OSC cannot be received at {host}:{port}: {why(error)}.",
        "Choose another address or port in the panel Control.",
    )
