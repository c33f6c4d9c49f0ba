"""One renderer process as the window sees it: its pipes, and a thread for each of them.

One on another machine is the command that reaches it, `ssh` as a rule.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO, cast

import msgspec

from common.errors import UserError
from renderer.client.elsewhere import Elsewhere
from renderer.client.last_words import last_lines, last_words
from renderer.client.outbox import Outbox
from renderer.client.process_health import ProcessHealth
from renderer.client.remedies import remedy
from renderer.client.stderr_log import StderrLog
from renderer.messages.greeting import Greeting, check_greeting, read_greeting
from renderer.messages.options import EngineOptions
from renderer.messages.protocol import decode_to_window
from renderer.messages.to_renderer import Configure, Received, Stop, ToRenderer
from renderer.messages.to_window import FilePart, PixelPart, ToWindow
from renderer.transport.carrier import PixelReceiver
from renderer.transport.link import Link
from renderer.transport.ring_views import RingViews

if TYPE_CHECKING:
    from renderer.transport.stream_receiver import StreamReceiver

ROOT = Path(__file__).resolve().parents[2]
END_TIME = 0.4
LEAVE_TIME = 0.2
"""Seconds that a command which reaches another machine has to clear up there when it is ended, as
`srun` does with a place in a queue."""
# -P: a torch.py in the current folder must not be imported in place of torch.
_PYTHON = (sys.executable, "-P", "-X", "faulthandler")


class Process:
    """Starts at once. `send` never blocks: what the pipe does not take yet waits in a thread.

    health: how it is doing.
    pictures: where its pixels arrive.
    lost: the streams whose newest picture could not be had, as the client notes.
    log: what it wrote to stderr, at last.
    began: when it was started, on the clock of `time.monotonic`.
    greeting: the first words of one on another machine, None before they came.
    refusal: why it is not talked to, None where it is.
    """

    def __init__(
        self,
        pipeline: str,
        prefix: str,
        options: EngineOptions,
        received: Callable[[Process, ToWindow | Greeting], None],
        ended: Callable[[], None],
        env: Mapping[str, str] | None = None,
        elsewhere: Elsewhere | None = None,
    ) -> None:
        """Start the process.

        elsewhere: how one on another machine is reached; None for one on this machine.
        received: called by a thread for every message.
        ended: called by a thread when no more will come.
        Raises OSError where the process cannot be started.
        """
        self.health = ProcessHealth()
        self.greeting: Greeting | None = None
        self.refusal: UserError | None = None
        self._why = ""  # why it was ended from here
        self._printed = ""  # what came in place of its first words
        self._stream: StreamReceiver | None = None
        self.pictures: PixelReceiver = RingViews(prefix)
        self.lost: set[str] = set()
        if elsewhere is not None:
            # What unpacks pictures is not worth importing at every start.
            from renderer.transport.stream_receiver import StreamReceiver

            self.pictures = self._stream = StreamReceiver()
        self._elsewhere = elsewhere
        self._met = threading.Event()  # it may be spoken to
        self.log = StderrLog()
        self.began = time.monotonic()
        self._received = received
        self._ended = ended
        self._outbox = Outbox()
        self._closed_pipe = False
        command = [*_PYTHON, "-m", "renderer.server", pipeline, prefix, _json(options)]
        if elsewhere is None:
            self._met.set()
        else:
            command = list(elsewhere.command)
            self._outbox.put(Configure(options))
        self._popen = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_environment(env),
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            # What reaches another machine hears nothing of Ctrl+C, and has no terminal to ask on.
            start_new_session=elsewhere is not None,
        )
        self._link = Link(_pipe(self._popen.stdout), _pipe(self._popen.stdin))
        self._threads = [
            threading.Thread(target=target, name=f"renderer {target.__name__}", daemon=True)
            for target in (self._receive, self._transmit, self._listen)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def pid(self) -> int:
        """The number that the system gave it."""
        return self._popen.pid

    def send(self, message: ToRenderer) -> None:
        """Have a message written to its pipe as soon as the pipe takes it."""
        self._outbox.put(message)

    def finished(self) -> bool:
        """Whether it has ended, or closed its pipe, which it does only when it ends."""
        if self._closed_pipe:
            self._reap(END_TIME)
        return self._popen.poll() is not None

    def close(self, timeout: float) -> None:
        """End it, with `timeout` seconds for doing so by itself, and reap it."""
        hears = self._met.is_set()
        if timeout and hears:
            self._outbox.put(Stop())
        self._reap(timeout if hears else 0.0)
        if self._elsewhere is not None:
            self._kill()  # what the command has started may outlive it
        self._outbox.close()
        self._met.set()
        for thread in self._threads:
            # A process that the renderer started may hold its pipes open; it is not waited for.
            thread.join(0.2)
        self.pictures.sweep()

    def reason(self) -> str:
        """How it ended, in words, with what it wrote about it."""
        self._threads[2].join(0.5)
        if self.refusal is not None:
            return str(self.refusal)
        how = f"ended with {_status(self._popen.returncode)}"
        if self._elsewhere is not None:
            return self._told(self._elsewhere, how)
        said = last_words(self.log.lines)
        return f"renderer {how}" + (said and f": {said}")

    def _told(self, elsewhere: Elsewhere, how: str) -> str:
        """Why one on another machine ended, and what to do; `how` the command did."""
        if self._why:
            return f"{self._why}."
        said = last_lines(self.log.lines)
        if self._printed:
            printed = f"“{self._printed}” is not what a renderer says first"
            said = f"{said.rstrip('.')}. {printed}" if said else printed
        said = said or f"{elsewhere.command[0]} {how}"
        what = remedy(elsewhere, (*self.log.lines, self._printed))
        return f"{said.rstrip('.')}." + (what and f" {what}")

    def _reap(self, timeout: float) -> None:
        try:
            self._popen.wait(timeout)
        except subprocess.TimeoutExpired:
            self._kill()
            try:
                self._popen.wait(END_TIME)
            except subprocess.TimeoutExpired:  # deep in a driver, or on a very busy machine
                reaper = threading.Thread(target=self._popen.wait, name="renderer end", daemon=True)
                reaper.start()

    def _kill(self) -> None:
        if self._elsewhere is None or not hasattr(os, "killpg"):
            self._popen.kill()
            return
        # A command that reaches another machine may consist of several processes.
        self._signal_group(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self._popen.wait(LEAVE_TIME)
        self._signal_group(signal.SIGKILL)

    def _signal_group(self, number: int) -> None:
        with suppress(ProcessLookupError, PermissionError):  # macOS forbids it where all have ended
            os.killpg(self._popen.pid, number)

    def end(self, why: str) -> None:
        """Kill it, for a reason that `reason` then tells."""
        self._why = why
        self.log.add(why)
        self._kill()

    def _receive(self) -> None:
        try:
            with _pipe(self._popen.stdout) as stdout:
                if self._elsewhere is not None and not self._greeted(stdout):
                    return
                while (data := self._link.receive()) is not None:
                    message = decode_to_window(data)
                    if isinstance(message, PixelPart | FilePart):
                        self._outbox.put(Received(len(message.data)))
                    if isinstance(message, PixelPart):
                        self._part(message)
                    else:
                        self._received(self, message)
        except ValueError as error:  # msgspec.DecodeError is one
            self.end(f"not a message of ours: {error}")
        finally:
            self._closed_pipe = True
            self._ended()

    def _greeted(self, stdout: BinaryIO) -> bool:
        """Wait for its first words; False where there are none that we can answer."""
        greeting, printed = read_greeting(stdout)
        if greeting is None:
            self._printed = printed
            return False
        if printed:
            self.log.add(printed)
        try:
            check_greeting(greeting, self._elsewhere.name if self._elsewhere else greeting.host)
        except UserError as error:
            self.refusal = error
            self._kill()
            return False
        self.greeting = greeting
        self._received(self, greeting)
        self._met.set()
        return True

    def _part(self, part: PixelPart) -> None:
        if self._stream is None:
            raise ValueError("pixels in a stream that has none")
        self._stream.take(part)

    def _transmit(self) -> None:
        # A broken pipe is the end of the process, which whoever watches it reports.
        with suppress(OSError), _pipe(self._popen.stdin):
            self._met.wait()
            if self._elsewhere is not None and self.greeting is None:
                return  # it has been closed before it said anything
            while messages := self._outbox.take():
                self._link.send(*messages)

    def _listen(self) -> None:
        self.log.listen(_pipe(self._popen.stderr))


def _json(options: EngineOptions) -> str:
    return msgspec.json.encode(options).decode()


def _pipe(stream: IO[bytes] | None) -> BinaryIO:
    return cast(BinaryIO, stream)


def _environment(extra: Mapping[str, str] | None) -> dict[str, str]:
    env = {**os.environ, **(extra or {})}
    paths = [str(ROOT), *filter(None, env.get("PYTHONPATH", "").split(os.pathsep))]
    return {**env, "PYTHONPATH": os.pathsep.join(paths)}


def _status(code: int | None) -> str:
    if code is None or code >= 0:
        return f"exit code {code}"
    words = {
        signal.SIGKILL: "killed; out of memory?",
        signal.SIGSEGV: "segmentation fault",
        signal.SIGABRT: "aborted",
        signal.SIGBUS: "bus error; out of shared memory?",
    }
    known = words.get(cast(signal.Signals, -code), signal.strsignal(-code))
    return f"signal {-code} ({known})"
