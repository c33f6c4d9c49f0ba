"""A renderer that is reached through a command's pipes, as one on another machine is."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from common.errors import UserError
from renderer.client import far_side, reconnecting
from renderer.client.client import StatusChanged
from renderer.client.elsewhere import parse_elsewhere
from renderer.client.remedies import remedy as what_to_do
from renderer.messages.jobs import Export, Load, SaveW, Sheet
from renderer.messages.options import EngineOptions
from renderer.messages.project_job import Project
from renderer.messages.projection import ProjectionSpec
from renderer.messages.to_window import FrameReady, Hello, JobDone, JobFailed, Loaded, Progress
from tests.renderer.client.client_kit import (
    FAKE,
    PATIENCE,
    Window,
    ask,
    far,
    notes,
    snapshot,
    wait_for_note,
)
from tests.renderer.server.fake_pipeline import KILLS

ENV = {"GANSCOPE_PIPELINE": FAKE}


def failed(window: Window) -> str:
    """What the window says once it has given up."""
    event = window.wait(lambda e: isinstance(e, StatusChanged) and e.state == "failed")
    assert isinstance(event, StatusChanged)
    return event.text


def test_pictures_come_over_a_pipe_exactly(tmp_path: Path) -> None:
    net = snapshot(tmp_path, size=300)
    with Window(EngineOptions(device="cpu"), env=ENV, elsewhere=far()) as window:
        for seed in (3, 77, 5):
            frame = window.frame(window.client.submit(ask(net, seed)))
            assert frame.pixels.shape == (300, 300, 4)
            assert (frame.pixels == seed).all()
            assert frame.message.info.draft is None
            assert not frame.pixels.flags.writeable
            frame.release()
        hello = window.all(Hello)[0]
        assert isinstance(hello, Hello)
        assert hello.device == "cpu", "the options came with the first message"
        assert hello.host
        window.client.configure(EngineOptions(device="other"))
        event = window.wait(lambda e: isinstance(e, Hello))
        assert isinstance(event, Hello)
        assert (event.device, event.host) == ("other", hello.host)


def test_what_moves_comes_as_jpeg_and_is_no_answer_until_it_is_exact(tmp_path: Path) -> None:
    net = snapshot(tmp_path, size=700)
    with Window(env=ENV, elsewhere=far()) as window:
        id = window.client.submit(ask(net, 9), drafts=True)
        frame = window.frame(id)
        assert frame.message.packing == "jpeg"
        assert frame.message.info.draft is not None
        assert frame.message.info.draft.jpeg > 0
        frame = window.frame(id)
        assert frame.message.info.draft is None
        assert (frame.pixels == 9).all()
        assert len(notes(net, "render")) == 1, "it is drawn once and sent twice"


def test_of_what_moves_the_last_is_exact_and_none_before_it_needs_to_be(tmp_path: Path) -> None:
    net = snapshot(tmp_path, size=700)
    with Window(env=ENV, elsewhere=far()) as window:
        for seed in range(1, 30):
            last = window.client.submit(ask(net, seed), drafts=True)
        frame = window.frame(last)
        while frame.message.info.draft is not None:
            frame = window.frame(last)
        assert (frame.pixels == 29).all()


def test_what_others_print_is_passed_over_and_what_we_print_never_comes(tmp_path: Path) -> None:
    code = (
        "import os, runpy, sys\n"
        "os.write(1, b'Welcome to farland!\\n' * 50)\n"
        "sys.argv = ['renderer.server']\n"
        "import renderer.server.streamed as streamed\n"
        "take = streamed.take_stdio\n"
        "def noisy():\n"
        "    pipes = take()\n"
        "    print('a library prints', flush=True); os.system('echo a child prints')\n"
        "    return pipes\n"
        "streamed.take_stdio = noisy\n"
        "streamed.main()\n"
    )
    net = snapshot(tmp_path)
    with Window(env=ENV, elsewhere=far("-c", code)) as window:
        assert (window.frame(window.client.submit(ask(net, 4))).pixels == 4).all()
        end = time.monotonic() + PATIENCE
        wanted = {"Welcome to farland!", "a library prints", "a child prints"}
        while not wanted <= set(window.client.log):
            assert time.monotonic() < end, window.client.log
            time.sleep(0.01)


def test_another_version_is_refused_with_both_named() -> None:
    greeting = {"version": "9.9", "messages": "cafecafe", "host": "farland"}
    code = (
        "import sys, time\n"
        f"sys.stdout.write('\\0ganscope renderer ' + {json.dumps(json.dumps(greeting))} + '\\n')\n"
        "sys.stdout.flush(); time.sleep(600)\n"
    )
    with Window(env=ENV, elsewhere=far("-c", code)) as window:
        said = failed(window)
    assert "farland is version 9.9" in said
    assert "this one is 0.1.0" in said
    assert "Install the same version" in said


def test_another_version_that_understands_us_is_told_of_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconnecting, "FIRST", 0.01)
    code = (
        "import renderer.server.streamed as streamed\n"
        "streamed.version = lambda: '9.9'\n"
        "streamed.main()\n"
    )
    net = snapshot(tmp_path)
    with Window(env=ENV, elsewhere=far("-c", code)) as window:
        window.frame(window.client.submit(ask(net, 1)))
        assert window.client.pid is not None
        os.kill(window.client.pid, signal.SIGKILL)
        window.wait(lambda e: isinstance(e, StatusChanged) and e.text.endswith("again"))
        told = [e for e in window.all(StatusChanged) if "9.9" in e.text]  # type: ignore[attr-defined]
    (event,) = told
    assert isinstance(event, StatusChanged)
    assert event.warning
    assert event.state == "ready"
    assert "farland is version 9.9, and this one is 0.1.0" in event.text
    assert "Install the same version" in event.text


def test_one_from_before_there_were_any_elsewhere_is_called_older() -> None:
    code = "def main(factory, prefix, options): pass\nmain()"
    with Window(env=ENV, elsewhere=far("-c", code)) as window:
        assert "the ganscope there is older" in failed(window)


def test_garbage_in_place_of_a_renderer_ends_with_its_words() -> None:
    code = "print('This account is currently not available.')"
    with Window(env=ENV, elsewhere=far("-c", code)) as window:
        said = failed(window)
    assert said.startswith("No renderer at farland: “This account is currently not available.” is")
    assert "is not what a renderer says" in said


def test_endless_garbage_ends_too() -> None:
    with Window(env=ENV, elsewhere=far("-c", "while True: print('x' * 999)")) as window:
        assert "farland" in failed(window)


@pytest.mark.parametrize(
    ("said", "remedy"),
    [
        ("ssh: Could not resolve hostname gpu: Name or service not known", "name of the host"),
        ("u@gpu: Permission denied (publickey,password).", "ssh-copy-id"),
        ("Host key verification failed.", "Connect once by hand"),
        ("bash: line 1: exec: python3: not found", "ssh://u@gpu/path/to/python"),
        ("/usr/bin/python3: No module named renderer", "Install ganscope there"),
        ("ssh: connect to host gpu port 22: Connection refused", "ssh server"),
        ("ssh: connect to host gpu port 22: Connection timed out", "reachable"),
    ],
)
def test_why_ssh_fails_comes_with_what_to_do(said: str, remedy: str) -> None:
    assert remedy in what_to_do(parse_elsewhere("ssh://u@gpu"), (said,))
    code = f"import sys; sys.stderr.write({said!r}); sys.exit(255)"
    with Window(elsewhere=far("-c", code)) as window:
        assert said.rstrip(".") in failed(window)


def test_a_command_that_is_not_there_is_named() -> None:
    with Window(elsewhere=parse_elsewhere("cmd:no-such-command-anywhere --flag")) as window:
        assert "no-such-command-anywhere" in failed(window)


def test_names_of_renderers() -> None:
    ssh = parse_elsewhere("ssh://me@gpu.example:2222/opt/my env/bin/python")
    assert ssh.command[0] == "ssh"
    assert ssh.command[-5:-1] == ("-p", "2222", "--", "me@gpu.example")
    start = "exec '/opt/my env/bin/python' -P -X faulthandler -m renderer.server"
    assert ssh.command[-1] == start
    assert "BatchMode=yes" in ssh.command, "nobody would see a question"
    assert parse_elsewhere("ssh://[::1]").host == "::1"
    home = parse_elsewhere("ssh://gpu/~/env/bin/python").command[-1]
    assert home.startswith("exec ~/env/bin/python ")
    assert parse_elsewhere("cmd:srun -p gpu 'a b'").command == ("srun", "-p", "gpu", "a b")
    keys = [
        parse_elsewhere(name).key for name in ("ssh://a@h", "ssh://a@h:2/x", "cmd:a@h", "cmd:a h")
    ]
    assert keys[0] == keys[1], "a port and a Python make no other machine"
    assert len(set(keys)) == 3
    wrong = "", "gpu", "ssh://", "ssh://-oProxyCommand=x", "ssh://a@-x", "ssh://h:99999", "tcp://h"
    for text in (*wrong, "ssh://h;ls", "ssh://u@h h", "cmd:", "cmd:'open"):
        with pytest.raises(UserError):
            parse_elsewhere(text)


def test_a_lost_line_is_told_and_taken_up_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconnecting, "FIRST", 0.05)
    net, gate = snapshot(tmp_path), tmp_path / "gate"
    slow = snapshot(tmp_path, "slow", load_gate=str(gate))
    with Window(env=ENV, elsewhere=far()) as window:
        window.frame(window.client.submit(ask(net, 1)))
        job = window.client.start(Load(slow))
        wait_for_note(slow, "load slow")
        window.client.submit(ask(net, KILLS), stream="other")
        wait_for_note(net, f"begin {KILLS}")
        lost = window.wait(lambda e: isinstance(e, StatusChanged) and e.state == "restarting")
        assert isinstance(lost, StatusChanged)
        assert "connection to farland was lost" in lost.text
        window.client.submit(ask(net, 2), stream="other")
        id = window.client.submit(ask(net, 3))
        gate.touch()
        assert (window.frame(id).pixels == 3).all()
        assert any(isinstance(e, Loaded) and e.job == job for e in window.events)
        ready = [e for e in window.all(StatusChanged) if e.state == "ready"]  # type: ignore[attr-defined]
        assert "again" in ready[-1].text  # type: ignore[attr-defined]
        tried = [e for e in window.all(StatusChanged) if e.text == "Connecting to farland"]  # type: ignore[attr-defined]
        assert tried[-1].state == "restarting"  # type: ignore[attr-defined]
        assert tried[-1].line.lost, "why it is tried again"  # type: ignore[attr-defined]


def test_jobs_fail_and_can_be_cancelled_while_there_is_no_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconnecting, "FIRST", 600.0)
    net, slow = snapshot(tmp_path), snapshot(tmp_path, "slow", load_gate=str(tmp_path / "never"))
    with Window(env=ENV, elsewhere=far()) as window:
        window.frame(window.client.submit(ask(net, 1)))
        job = window.client.start(Load(slow))
        wait_for_note(slow, "load slow")
        window.client.submit(ask(net, KILLS))
        window.wait(lambda e: isinstance(e, StatusChanged) and e.state == "restarting")
        window.client.cancel(job)
        event = window.wait(lambda e: isinstance(e, JobFailed) and e.job == job)
        assert isinstance(event, JobFailed)
        assert event.cancelled
        other = window.client.start(Load(net))
        event = window.wait(lambda e: isinstance(e, JobFailed) and e.job == other)
        assert isinstance(event, JobFailed)
        assert "farland" in event.failure.message
        # Whoever does not want to wait has it tried at once.
        window.client.restart()
        id = window.client.submit(ask(net, 6))
        assert (window.frame(id).pixels == 6).all()
    assert any(isinstance(e, FrameReady) for e in window.events)


def test_files_that_a_job_writes_arrive_here_whole(tmp_path: Path) -> None:
    net = snapshot(tmp_path, size=64)
    here = tmp_path / "here"
    here.mkdir()
    sheets = tuple(Sheet((ask(net, seed),)) for seed in (1, 2, 3))
    with Window(env=ENV, elsewhere=far()) as window:
        job = window.client.start(SaveW(str(here / "w.npz"), ask(net, 41)))
        event = window.wait(lambda e: isinstance(e, JobDone | JobFailed) and e.job == job)
        assert isinstance(event, JobDone), event
        assert event.text == f"Wrote {here / 'w.npz'}"
        assert (here / "w.npz").read_text() == "41"
        for name in ("film.mp4", "frames"):
            job = window.client.start(Export(str(here / name), sheets, 25.0))
            event = window.wait(lambda e, job=job: getattr(e, "job", 0) == job and is_end(e))
            assert isinstance(event, JobDone), event
            assert str(here / name) in event.text
        pictures = sorted((here / "frames").iterdir())
        assert len(pictures) == 3
        with Image.open(pictures[1]) as picture:
            assert (np.asarray(picture) == 2).all(), "exact"
        assert (here / "film.mp4").stat().st_size > 500
        # What is there is not written over, and nothing is left of what came.
        job = window.client.start(Export(str(here / "frames"), sheets, 25.0))
        event = window.wait(lambda e: getattr(e, "job", 0) == job and is_end(e))
        assert isinstance(event, JobFailed)
        assert "exists already" in event.failure.message
    assert {path.name for path in here.iterdir()} == {"w.npz", "film.mp4", "frames"}


def test_a_job_that_fails_names_the_path_that_was_asked_for(tmp_path: Path) -> None:
    target = str(tmp_path / "film.avi")
    sheets = (Sheet((ask(snapshot(tmp_path), 1),)),)
    with Window(env=ENV, elsewhere=far()) as window:
        job = window.client.start(Export(target, sheets))
        event = window.wait(lambda e: getattr(e, "job", 0) == job and is_end(e))
    assert isinstance(event, JobFailed)
    assert event.path == target
    assert "ganscope-" not in event.failure.message


def test_jobs_that_keep_files_beside_the_renderer_are_refused(tmp_path: Path) -> None:
    spec = ProjectionSpec(snapshot(tmp_path), "picture.png")
    with Window(env=ENV, elsewhere=far()) as window:
        window.wait(lambda e: isinstance(e, Hello))
        job = window.client.start(Project("picture.png", spec, str(tmp_path)))
        event = window.wait(lambda e: getattr(e, "job", 0) == job and is_end(e))
    assert isinstance(event, JobFailed)
    assert "farland" in event.failure.message


def is_end(event: object) -> bool:
    return isinstance(event, JobDone | JobFailed)


def test_an_export_whose_line_is_lost_is_made_anew_when_it_is_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconnecting, "FIRST", 0.05)
    gate = tmp_path / "gate"
    net = snapshot(tmp_path, size=64, render_gate=str(gate))
    here = tmp_path / "here"
    here.mkdir()
    with Window(env=ENV, elsewhere=far()) as window:
        sheets = tuple(Sheet((ask(net, seed),)) for seed in (1, 2, 3))
        job = window.client.start(Export(str(here / "frames"), sheets, 25.0))
        wait_for_note(net, "begin 1")
        assert window.client.pid is not None
        os.kill(window.client.pid, signal.SIGKILL)
        event = window.wait(lambda e: isinstance(e, Progress) and e.job == job and e.fraction < 0)
        assert isinstance(event, Progress)
        assert "farland" in event.text
        gate.touch()
        event = window.wait(lambda e: getattr(e, "job", 0) == job and is_end(e))
        assert isinstance(event, JobDone), event
        assert len(list((here / "frames").iterdir())) == 3
    assert [path.name for path in here.iterdir()] == ["frames"]


def test_an_export_outlives_any_number_of_tries_to_get_the_line_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconnecting, "FIRST", 0.01)
    monkeypatch.setattr(reconnecting, "LONGEST", 0.01)
    monkeypatch.setattr(far_side, "LOSSES", 2)
    gate, up, tries = tmp_path / "gate", tmp_path / "up", tmp_path / "tries"
    up.touch()
    net = snapshot(tmp_path, size=64, render_gate=str(gate))
    code = (
        "import pathlib, runpy, sys\n"
        f"if not pathlib.Path({str(up)!r}).exists():\n"
        f"    with open({str(tries)!r}, 'a') as tries: tries.write('.')\n"
        "    sys.exit('Connection refused')\n"
        "runpy.run_module('renderer.server', run_name='__main__')\n"
    )
    with Window(env=ENV, elsewhere=far("-c", code)) as window:
        target = tmp_path / "frames"
        job = window.client.start(Export(str(target), (Sheet((ask(net, 1),)),), 25.0))
        wait_for_note(net, "begin 1")
        up.unlink()
        assert window.client.pid is not None
        os.kill(window.client.pid, signal.SIGKILL)
        end = time.monotonic() + PATIENCE
        while not tries.exists() or len(tries.read_text()) < 4:
            assert time.monotonic() < end
            time.sleep(0.02)
        gate.touch()
        up.touch()
        event = window.wait(lambda e: getattr(e, "job", 0) == job and is_end(e))
        assert isinstance(event, JobDone), event
        assert target.is_dir()


def test_a_job_whose_line_is_lost_again_and_again_is_given_up_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconnecting, "FIRST", 0.01)
    monkeypatch.setattr(reconnecting, "LONGEST", 0.01)
    monkeypatch.setattr(far_side, "LOSSES", 2)
    net = snapshot(tmp_path, size=64)
    target = tmp_path / "film.mp4"
    with Window(env=ENV, elsewhere=far()) as window:
        job = window.client.start(Export(str(target), (Sheet((ask(net, KILLS),)),), 25.0))
        event = window.wait(lambda e: getattr(e, "job", 0) == job and is_end(e))
        assert isinstance(event, JobFailed)
        assert "farland was lost before film.mp4 was done" in event.failure.message
        assert event.failure.remedy
        assert len(notes(net, f"begin {KILLS}")) == 2
    assert not [path for path in tmp_path.iterdir() if "film" in path.name]
