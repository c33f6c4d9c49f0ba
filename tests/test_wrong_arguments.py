"""Every command with every kind of wrong argument: what is said names it and says what to do.

No traceback, nothing of Python in the text, exit code 1 (what cannot be used) or 2 (what is no
call of the command), and nothing that takes long or is written before.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from PIL import Image

import visualizer
from tests.paths import DATA
from tests.renderer.cli.command_line import Outcome, run

NET = str(DATA / "sg2-uncond-32.pkl")
CLASSES = str(DATA / "sg2-cond-16.pkl")

OF_PYTHON = re.compile(
    r"Traceback|<_?\w+\.|object at 0x|\w(Error|Exception)\b|Errno|\bNone\b|<class|__|\{[a-z_]+\}"
)
"""What shows that an object of Python, or its own words, got into a text."""
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with one of each kind of wrong file, and data that is right."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty").touch()
    (tmp_path / "text").write_text("hello")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
    (tmp_path / "data").mkdir()
    for index in range(8):
        Image.new("RGB", (16, 16), (index * 30, 0, 0)).save(tmp_path / "data" / f"{index}.png")
    return tmp_path


def check(outcome: Outcome) -> str:
    """Check what is said, and return it."""
    said = outcome.err
    assert outcome.code in (1, 2), (outcome.code, outcome.out, said)
    assert not OF_PYTHON.search(said), said
    assert not CONTROL.search(said), repr(said)
    error = said[said.index("Error: ") :]
    assert error.count("\n") == 1, "one line"
    assert len(error) < 700, error
    if outcome.code == 1:
        assert re.fullmatch(r"Error: .+[.!?]\n", error), error
    return error


class Slot(NamedTuple):
    """Where a command takes a path.

    call: the command, with @ for the path.
    fine: kinds of paths that are right there.
    """

    call: str
    fine: tuple[str, ...] = ()


NEW = ("missing", "folder")  # where something is written
READS_IMAGES = "--dest out.zip --workers 1"
SLOTS = [
    Slot("generate --network @ --seeds 1 --outdir out"),
    Slot("generate --request @ --outdir out"),
    Slot(f"generate --network {NET} --projected-w @ --outdir out"),
    Slot(f"generate --network {NET} --seeds 1 --device cpu --outdir @", NEW),
    Slot("style-mix --network @ --rows 1 --cols 2 --styles 0-3 --outdir out"),
    Slot(f"style-mix --network {NET} --rows 1 --cols 2 --styles 0-3 --device cpu --outdir @", NEW),
    Slot("video --network @ --seeds 1,2 --output out"),
    Slot("video --session @ --seeds 1,2 --output out"),
    Slot(f"video --network {NET} --seeds 1,2 --w-frames 1 --device cpu --output @", ("missing",)),
    Slot("project --network @ --target data --outdir out"),
    Slot(f"project --network {NET} --target @ --distance pixels --outdir out", ("blank",)),
    Slot("drag --network @ --seeds 1 --point 1,1:2,2 --outdir out"),
    Slot(f"drag --network {NET} --seeds 1 --point 1,1:2,2 --mask @ --outdir out", ("blank",)),
    Slot(f"drag --network {NET} --projected-w @ --point 1,1:2,2 --outdir out"),
    Slot("video --journey @ --output out"),
    Slot(f"video --network {NET} --walk 1:2 --sound @ --output a.mp4", ("blank",)),
    Slot("average --network @ --seeds 1,2 --output mean.npz"),
    Slot(f"average --network {NET} --w @ --output mean.npz", ("blank",)),
    Slot("directions find --network @ --output a.json"),
    Slot(f"directions find --network {NET} --method boundary --b 1,2 --a @ --output a.json"),
    Slot(f"directions list @ --network {NET}"),
    Slot(f"directions sheet @ --network {NET} --output a.png"),
    Slot("inspect @"),
    Slot("convert @ a.safetensors"),
    Slot(f"convert {NET} @", ("missing", "folder", "blank")),
    Slot("bench --network @"),
    Slot("bench --run @"),
    Slot("metrics --network @"),
    Slot(f"metrics --network {NET} --data @", ("blank",)),
    Slot(f"metrics --network {NET} --data data --metrics fid50k_full --weights @", ("blank",)),
    Slot(f"metrics --network {NET} --data data --outdir @", NEW),
    Slot("train --data @ --outdir out --dry-run", ("blank",)),
    Slot("train --data data --outdir out --dry-run --resume @"),
    Slot("train --continue @ --dry-run"),
    Slot("train --data data --outdir @ --cfg small --kimg 0.001 --device cpu --workers 0", NEW),
    Slot(f"dataset --source @ {READS_IMAGES}", ("blank",)),
    Slot("dataset --source data --workers 1 --dest @", (*NEW, "blank")),
    # What is inside a snapshot is for the renderer to say: `test_explore.py` starts it.
    Slot("explore @ --offscreen", ("blank", "text", "empty")),
    Slot("explore --session @ --offscreen", ("blank",)),
    Slot("@ --offscreen", ("blank", "text", "empty")),
]
PATHS = {
    "missing": "missing.pkl",
    "folder": "folder",
    "text": "text",
    "empty": "empty",
    "pipe": "pipe",
    "below a file": "text/below",
    "too long": "x" * 300,
    "NUL": "a\0b",
    "control": "a\x1b[31mb",
    "blank": "",
    "address": "https://example.org/net.pkl",
}


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pipes among the files")
@pytest.mark.parametrize("slot", SLOTS, ids=[slot.call.replace(f"{DATA}/", "") for slot in SLOTS])
def test_a_path_that_cannot_be_used(place, monkeypatch, capsys, slot):
    before = sorted(place.rglob("*"))
    for kind, path in PATHS.items():
        if kind in slot.fine or (kind == "control" and "missing" in slot.fine):
            continue
        words = [path if word == "@" else word for word in slot.call.split()]
        error = check(run(monkeypatch, capsys, *words))
        named = {
            "control": "a\\x1b[31mb",
            "NUL": "a\\x00b",
            "blank": "named",
            "below a file": "text",
        }.get(kind, path)
        assert named in error, (kind, error)
        if kind == "missing" and "folder" not in slot.fine:
            assert "does not exist" in error or "is not here" in error, error
        if kind == "pipe" and not slot.fine:
            assert "named pipe" in error, error
    assert sorted(place.rglob("*")) == before, "nothing is written"


GENERATE = f"generate --network {NET} --device cpu --outdir out"
TRAIN = "train --data data --outdir out --dry-run"
WORDS = [
    # commands
    ("explor", "No command explor: did you mean explore?"),
    ("explor --offscreen", "did you mean explore?"),
    (f"explor {NET}", "did you mean explore?"),
    ("generat --seeds 1", "did you mean generate?"),
    ("projector --target a.png", "did you mean project?"),
    ("zzz --offscreen", "zzz does not exist."),
    # options
    (f"{GENERATE} --seed 1", "No such option --seed. Did you mean --seeds?"),
    (f"{GENERATE} --sedes 1", "Did you mean --seeds?"),
    (f"{GENERATE} --psi 0.5", "No such option '--psi'.\n"),
    ("bench --repeats 1", "No such option '--repeats'.\n"),
    (f"{TRAIN} --gama 3", "Did you mean --gamma?"),
    (f"{GENERATE} --seeds", "Option '--seeds' requires an argument."),
    ("generate --seeds 1", "Missing option '--outdir'"),
    ("convert a", "Missing argument 'DEST'"),
    ("inspect a b", "Got unexpected extra argument (b)"),
    # numbers and choices
    (f"{GENERATE} --seeds one", "--seeds: 'one' is no number and no range. Write 0-31,40."),
    (f"{GENERATE} --seeds 5-1", "--seeds: the range '5-1' runs backwards."),
    (f"{GENERATE} --seeds -1", "--seeds: "),
    (f"{GENERATE} --seeds 4294967296", "Seeds go from 0 to 4294967295."),
    (f"{GENERATE} --seeds 1 --trunc nan", "--trunc: nan is no finite number."),
    (f"{GENERATE} --seeds 1 --trunc x", "Invalid value for '--trunc': 'x' is not a valid float."),
    (f"{GENERATE} --seeds 1 --trunc-cutoff 99", "--trunc-cutoff: 99 is out of range."),
    (f"{GENERATE} --seeds 1 --class 1", "has no classes. Leave --class out."),
    (f"{GENERATE} --seeds 1 --device gpu", "gpu"),
    (f"{GENERATE} --seeds 1 --noise-mode loud", "'loud' is not one of 'const', 'random', 'none'."),
    (f"{GENERATE} --point 1", "--point: '1' is no point. Write X,Y such as 1.5,-2."),
    (f"{GENERATE} --request {{}}", "--request holds no request"),
    (f"{GENERATE} --request {{", "--request holds no request"),
    (GENERATE, "There is nothing to generate. Give --seeds"),
    (f"generate --network {CLASSES} --device cpu --outdir out --seeds 1", "--class is needed. Its"),
    (
        f"generate --network {CLASSES} --device cpu --outdir out --seeds 1 --class dog",
        "--class: 'dog' is no class. Write 3, or 3:5:0.25.",
    ),
    (
        f"generate --network {CLASSES} --device cpu --outdir out --seeds 1 --class 99",
        "has no class 99. Its classes are 0 to",
    ),
    (f"style-mix --network {NET} --rows 1 --cols 2 --styles 99 --outdir out", "has no layer 99."),
    (f"video --network {NET} --seeds 1,2 --grid 9 --output out", "--grid: '9' is no grid."),
    (f"video --network {NET} --seeds 1,2 --fps 0 --output out", "0 frames per second"),
    (f"video --network {NET} --seeds 1,2 --output a.avi", "a.avi: .avi files are not written."),
    ("osc 9000", "Got unexpected extra argument (9000)"),
    (f"convert {NET} a.safetensors --note x", "'x' is not KEY=TEXT."),
    ("bench --sizes 3", "--sizes: '3' is no size of a network."),
    (f"metrics --network {NET} --metrics fd2k_lit", "Did you mean fd2k_lite?"),
    (f"metrics --network {NET} --metrics fid", "Did you mean fid50k_full?"),
    (f"metrics --network {NET} --metrics speed", "There is no metric 'speed'. There are"),
    (f"metrics --network {NET} --num 0", "0 is not in the range x>=1."),
    (f"metrics --network {NET}", "Give --data"),
    ("metrics", "No network is named. Give --network"),
    ("train --outdir out", "No data is named. Give --data"),
    ("train --data data", "No folder for the run is named. Give --outdir"),
    (f"{TRAIN} --cfg paper", "'paper' is not one of"),
    (f"{TRAIN} --batch 7 --gpus 2", "--batch: a batch of 7 does not divide among 2 GPUs"),
    (f"{TRAIN} --gamma -1", "--gamma: -1.0 is out of range. Use 0 or more"),
    (f"{TRAIN} --kimg 0", "--kimg: 0.0 is out of range."),
    (f"{TRAIN} --p 2 --aug fixed", "--p: 2.0 is out of range."),
    (f"{TRAIN} --aug fixed", "Give it with --p"),
    (f"{TRAIN} --subset 99", "--subset: 99 images are asked for, and data has 8."),
    (f"{TRAIN} --metrics fdi", "There is no metric 'fdi'."),
    (f"{TRAIN} --freezed 2", "Give a snapshot with --resume"),
    (f"{TRAIN} --mirror perhaps", "'perhaps' is not a valid boolean."),
    ("dataset --source data --dest a.zip --width 5", "5"),
    ("dataset --source data --dest a.zip --background fog", "--background: 'fog' is no colour."),
    ("dataset --source data --dest data/b.zip", "lie one inside the other."),
    ("dataset --source data --dest a.zip --range 9 1", "--range"),
    ("explore --size big --offscreen", "'big' is not WxH"),
    ("explore --panel Layer --offscreen", "There is no panel 'Layer'. There are"),
    ("explore --scale 9 --offscreen", "9.0 is not in the range 0.5<=x<=4.0."),
    ("explore --scale nan --offscreen", "Invalid value for '--scale': nan is no finite number."),
    ("explore --measure nan --offscreen", "'--measure': nan is no finite number."),
    ("explore --measure 1 --screenshot a.png", "--measure and --screenshot exclude each other."),
    ("explore --example-run a.pkl", "--example-run opens the run that lies here, and nothing else"),
    (f"convert {NET} a.safetensors --resolution 8 --fade nan", "nan is no finite number."),
    ("project --target a.png --outdir out --pull inf", "'--pull': inf is no finite number."),
    # what is missing is told in the words of the command that was called
    (f"{TRAIN} --cond", "data has no labels. Prepare it with `dataset --labels folders`, or train"),
    (f"metrics --network {CLASSES} --data data", "Give --data with labels"),
]


@pytest.mark.parametrize(
    ("call", "words"), WORDS, ids=[call.replace(f"{DATA}/", "") for call, _ in WORDS]
)
def test_a_call_that_is_wrong(place, monkeypatch, capsys, call, words):
    before = sorted(place.rglob("*"))
    error = check(run(monkeypatch, capsys, *call.split()))
    assert words in error or words in error.replace("'", "")  # as click quotes what it suggests
    if call.startswith("metrics"):
        assert "--cond" not in error, "that is a flag of another command"
    assert sorted(place.rglob("*")) == before, "nothing is written"


def test_every_command_is_called_wrongly():
    called = {slot.call.split()[0] for slot in SLOTS} | {call.split()[0] for call, _ in WORDS}
    assert set(visualizer.COMMANDS) <= called
