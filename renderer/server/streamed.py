"""A renderer whose window is on another machine: all it needs comes through stdin and stdout."""

from __future__ import annotations

import os
import signal
import socket
import sys
from typing import NoReturn

from renderer.messages.bundled import bundled_snapshot
from renderer.messages.engine import PIPELINE
from renderer.messages.greeting import (
    Greeting,
    messages_of_this_version,
    version,
    write_greeting,
)
from renderer.messages.protocol import decode_to_renderer
from renderer.messages.to_renderer import Configure
from renderer.server.deliveries import Deliveries
from renderer.server.disk_service import DiskService
from renderer.server.far_window import FarWindow
from renderer.server.server import Server, be_modest, take_stdio
from renderer.transport.credit import Credit
from renderer.transport.link import Link
from renderer.transport.stream_sender import StreamSender

SILENCE = 60.0
"""Seconds without a word from the window, which says something every few seconds, until it counts
as gone: a line that is cut tells neither of its ends."""


def main() -> NoReturn:
    """Say hello, be told what to compute on, and serve until the window goes."""
    if sys.stdin.isatty():
        print("This is the renderer. It is started by a window: visualizer.py --renderer …")
        sys.exit(2)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    reader, writer = take_stdio()
    host = socket.gethostname()
    write_greeting(
        writer, Greeting(version(), messages_of_this_version(), host, str(bundled_snapshot()))
    )
    link = Link(reader, writer)
    first = link.receive()
    if first is None:
        sys.exit(0)  # the window has heard enough
    options = decode_to_renderer(first)
    if not isinstance(options, Configure):
        raise ValueError(f"the first message says what to compute on, and is no {options}")
    be_modest()
    # The pipeline of a test comes by its environment; nobody can name one through the stream.
    factory = os.environ.get("GANSCOPE_PIPELINE", PIPELINE)
    credit = Credit()
    server = Server(
        link,
        lambda send: StreamSender(send, credit),
        host=host,
        silence=SILENCE,
        far=lambda send: FarWindow(DiskService(send), Deliveries(send, credit)),
    )
    server.run(factory, options.options)
