"""Waiting for a renderer far away from a terminal: told as it goes, and not for ever."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from renderer.client.events import Line
from tests.paths import ROOT
from tests.renderer.client.test_waiting import QUEUE, SLEEPS, wait_for_end
from viz.desk.facts import Engine
from viz.shell.launch.patience import PATIENCE, Patience


def test_it_ends_after_a_while_with_what_the_command_said_last() -> None:
    now, said = [0.0], list[str]()
    engine = [Engine("starting", None, "", Line("gpu1", 0.0))]
    patience = Patience(lambda: engine[0], said.append, lambda: now[0])
    assert patience.trouble() is None
    assert "gpu1" in said[0]
    for words in (("job queued",), ("job queued", "still queued")):
        engine[0] = Engine("restarting", None, "", Line("gpu1", 0.0, said=words))
        assert patience.trouble() is None
        assert patience.trouble() is None
    assert said[1:] == ["gpu1: job queued", "gpu1: still queued"], "each line once"
    now[0] = PATIENCE - 1
    assert patience.trouble() is None
    now[0] = PATIENCE
    error = patience.trouble()
    assert error is not None
    assert "still queued" in error.message
    engine[0] = Engine("ready")
    assert patience.trouble() is None
    engine[0] = Engine("restarting", None, "", Line("gpu1", 0.0))
    assert patience.trouble() is None, "a line that was lost later has its own time"


def test_another_version_is_told_of_once() -> None:
    said = list[str]()
    engine = [Engine("ready")]
    patience = Patience(lambda: engine[0], said.append)
    assert patience.trouble() is None
    engine[0] = Engine("ready", None, "ganscope on gpu1 is version 9.9.")
    for _ in range(3):
        assert patience.trouble() is None
    assert said == ["ganscope on gpu1 is version 9.9."]


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="needs the signals of a POSIX system")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_and_all_that_it_has_started(tmp_path: Path, number: int) -> None:
    (tmp_path / "queue.py").write_text(QUEUE + SLEEPS)
    command = f"cmd:{sys.executable} {tmp_path / 'queue.py'}"
    process = subprocess.Popen(
        [
            *(sys.executable, str(ROOT / "visualizer.py"), "--renderer", command),
            *("--offscreen", "--screenshot", str(tmp_path / "out.png")),
        ],
        env={**os.environ, "GANSCOPE_HOME": str(tmp_path / "home")},
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stderr is not None
        child = next(int(line.split()[-1]) for line in process.stderr if ": pid " in line)
        process.send_signal(number)
        process.stderr.read()
        assert process.wait() == 130
    wait_for_end(child)
    assert not (tmp_path / "out.png").exists()
