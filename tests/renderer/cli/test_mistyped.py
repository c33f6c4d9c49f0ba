"""Words that are no command, addresses, and names that are nearly right."""

from __future__ import annotations

import pytest

from common.suggest import closest
from tests.paths import DATA
from tests.renderer.cli.command_line import run
from visualizer import COMMANDS


@pytest.mark.parametrize(
    ("word", "words"),
    [
        ("trian", "No command trian: did you mean train?"),
        ("Generate", "did you mean generate?"),
        ("style_mix", "did you mean style-mix?"),
        ("train.py", "No command train.py: did you mean train?"),
        ("style_mixing.py", "No command style_mixing.py: did you mean style-mix?"),
        ("calc_metrics", "did you mean metrics?"),
        ("dataset_tool.py", "did you mean dataset?"),
        ("gen_images.py", "did you mean generate?"),
        ("gen_video", "did you mean video?"),
        ("projector.py", "did you mean project?"),
        ("help", "did you mean --help?"),
        ("faces", "faces does not exist. Check how its name is spelled."),
        ("trian/40", "trian/40 does not exist."),
        ("train.pkl", "train.pkl does not exist."),
    ],
)
def test_a_word_that_is_no_command(monkeypatch, capsys, tmp_path, word, words):
    monkeypatch.chdir(tmp_path)
    outcome = run(monkeypatch, capsys, word, "--offscreen")
    assert outcome.code == 1
    assert words in outcome.err
    assert outcome.err.count("\n") == 1


def test_a_file_of_that_name_is_opened(monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "trian").mkdir()
    outcome = run(monkeypatch, capsys, "trian", "--offscreen")
    assert "holds no network-snapshot" in outcome.err


ADDRESS = "https://example.org/ffhq.pkl"


@pytest.mark.parametrize(
    "arguments",
    [
        (ADDRESS,),
        ("generate", "--network", ADDRESS, "--seeds", 1, "--outdir", "out"),
        ("generate", f"--network={ADDRESS}", "--seeds=1", "--outdir=out"),
        ("generate", "--request", ADDRESS, "--outdir", "out"),
        ("video", "--session", ADDRESS, "--seeds", "1,2", "--output", "out"),
        ("inspect", ADDRESS),
        ("convert", ADDRESS, "a.safetensors"),
        ("train", "--data", ADDRESS, "--outdir", "out"),
        ("train", "--data", "x", "--outdir", "out", "--resume", ADDRESS),
        ("metrics", "--network", "x", "--data", ADDRESS),
        ("dataset", "--source", ADDRESS, "--dest", "out"),
    ],
)
def test_nothing_is_downloaded(monkeypatch, capsys, tmp_path, arguments):
    monkeypatch.chdir(tmp_path)
    outcome = run(monkeypatch, capsys, *arguments)
    assert outcome.code == 1
    assert f"{ADDRESS} is an address, and nothing is downloaded here. Fetch it" in outcome.err
    assert list(tmp_path.iterdir()) == []


def test_a_note_may_hold_an_address(monkeypatch, capsys, tmp_path):
    source, dest = DATA / "sg2-uncond-32.pkl", tmp_path / "a.safetensors"
    assert run(monkeypatch, capsys, "convert", source, dest, f"--note=from={ADDRESS}").code == 0
    dest.unlink()
    assert run(monkeypatch, capsys, "convert", source, dest, "--note", f"from={ADDRESS}").code == 0


@pytest.mark.parametrize(
    ("word", "known", "meant"),
    [
        ("latest", ["lab_str", "last-run"], None),
        ("lates", ["latest"], "latest"),
        ("FFHQ.pkl", ["ffhq.pkl"], "ffhq.pkl"),
        ("open", COMMANDS, None),
        ("run", COMMANDS, None),
    ],
)
def test_only_what_is_much_alike_is_suggested(word, known, meant):
    assert closest(word, known) == meant
