"""No command loses a file that is there: it is replaced with --force, and only then."""

from __future__ import annotations

import pytest

from tests.paths import DATA
from tests.renderer.cli.command_line import run

PLAIN = DATA / "sg2-uncond-32.pkl"
QUICK = ("--threads", 1, "--device", "cpu")
COMMANDS = {
    "loop.mp4": ("video", "--network", PLAIN, "--seeds", "1,2", "--w-frames", 1, "--output"),
    "grid.png": ("style-mix", "--network", PLAIN, "--rows", 1, "--cols", 2, "--outdir"),
    "1-2.png": ("style-mix", "--network", PLAIN, "--rows", 1, "--cols", 2, "--outdir"),
    "seed0001.png": ("generate", "--network", PLAIN, "--seeds", 1, "--outdir"),
    "copy.safetensors": ("convert", PLAIN),
    "speed.json": ("bench", "--network", PLAIN, "--frames", 2, "--json"),
}


@pytest.fixture(params=COMMANDS)
def call(request, monkeypatch, capsys, tmp_path):
    """A call of a command, and a file that it would write over."""
    name = request.param
    command = COMMANDS[name]
    there = tmp_path / name
    there.write_bytes(b"the only copy")
    goal = tmp_path if "--outdir" in command else there
    quick = () if command[0] == "convert" else QUICK

    def call(*more):
        return run(monkeypatch, capsys, *command, goal, *quick, *more)

    return call, there


def test_a_file_that_is_there_stays(call, tmp_path):
    command, there = call
    outcome = command()
    assert outcome.code == 1
    assert f"{there} exists already. Give --force to replace" in outcome.err
    assert outcome.err.count("\n") == 1
    assert there.read_bytes() == b"the only copy"
    assert list(tmp_path.iterdir()) == [there]


def test_force_replaces_it(call):
    command, there = call
    outcome = command("--force")
    assert outcome.code == 0, outcome.err
    assert there.read_bytes() != b"the only copy"


def test_of_many_files_the_first_is_named_and_the_rest_counted(monkeypatch, capsys, tmp_path):
    for name in ("1-1.png", "2-2.png", "grid.png"):
        (tmp_path / name).write_bytes(b"")
    outcome = run(monkeypatch, capsys, *COMMANDS["grid.png"], tmp_path, *QUICK)
    assert f"{tmp_path / '1-1.png'}, and 2 more of these files exist already." in outcome.err


def test_pictures_of_ours_are_made_anew(monkeypatch, capsys, tmp_path):
    command = ("generate", "--network", PLAIN, "--seeds", 1, "--outdir", tmp_path, *QUICK)
    assert run(monkeypatch, capsys, *command).code == 0
    before = (tmp_path / "seed0001.png").read_bytes()
    assert run(monkeypatch, capsys, *command, "--trunc", 0.2).code == 0
    assert (tmp_path / "seed0001.png").read_bytes() != before
