"""From what a user names to a snapshot file, and what a run wrote down about it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from common.errors import UserError
from common.runs import locate, names, stats
from common.runs.facts import training_options
from tests.paths import DATA

RUN = DATA / "earth64-run"


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run directory with snapshots at 0, 8 and 200 kimg, the last being written."""
    run = tmp_path / "00000-toy"
    run.mkdir()
    for kimg in (0, 8):
        (run / f"network-snapshot-{kimg:06d}.pkl").write_bytes(b"\x80\x04N.")
    (run / "network-snapshot-000200.pkl").write_bytes(b"\x80\x04B\xff\xff\x00\x00weights")
    (run / "fakes000200.png").write_bytes(b"x")
    return run


def write_stats(run: Path, *ticks: tuple[float, object]) -> None:
    lines = [
        json.dumps({"Progress/kimg": {"mean": kimg}, "Progress/augment": {"mean": p}})
        for kimg, p in ticks
    ]
    (run / "stats.jsonl").write_text("\n".join(lines) + "\n")


def test_a_file_is_itself_however_it_is_named(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = run / "network-snapshot-000008.pkl"
    monkeypatch.chdir(run)
    monkeypatch.setenv("HOME", str(run.parent))
    for text in (str(file), file.name, f'"{file}"', f" {file} \n", file.as_uri()):
        assert locate.resolve(text) == file
    assert locate.resolve("~/00000-toy/network-snapshot-000008.pkl") == file
    spaced = run / "한글 name.pkl"
    spaced.write_bytes(b"x")
    assert locate.resolve(spaced.as_uri()) == spaced


def test_a_run_is_its_newest_complete_snapshot(run: Path) -> None:
    assert locate.resolve(str(run)) == run / "network-snapshot-000008.pkl"
    (run / "network-snapshot-000200.pkl").write_bytes(b"\x80\x04N.")
    assert locate.resolve(str(run) + "/") == run / "network-snapshot-000200.pkl"
    assert locate.resolve(str(RUN)).name == "network-snapshot-000040.pkl"
    shutil.copy(RUN.parents[2] / "assets" / "busts64.safetensors", run)
    ours = run / "network-snapshot-000200.safetensors"
    (run / "busts64.safetensors").rename(ours)
    assert locate.resolve(str(run)) == ours


def test_a_snapshot_without_a_number_counts_where_there_is_no_other(run: Path) -> None:
    (run / "network-snapshot.pkl").write_bytes(b"\x80\x04N.")
    assert locate.resolve(str(run)).name == "network-snapshot-000008.pkl"
    for numbered in run.glob("network-snapshot-*.pkl"):
        numbered.unlink()
    assert locate.resolve(str(run)).name == "network-snapshot.pkl"


def test_run_and_kimg_is_exact_or_says_what_there_is(run: Path) -> None:
    assert locate.resolve(f"{run}/8").name == "network-snapshot-000008.pkl"
    assert locate.resolve(f"{run}/000000").name == "network-snapshot-000000.pkl"
    with pytest.raises(UserError) as caught:
        locate.resolve(f"{run}/12")
    assert "no snapshot at 12 kimg" in caught.value.message
    assert "0, 8, 200" in caught.value.remedy


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("network-snapshot-00008.pkl", "Did you mean network-snapshot-000008.pkl?"),
        ("a/b/c.pkl", "exists up to"),
        ("", "No snapshot is named"),
        ("\0", "holds a NUL character"),
    ],
)
def test_what_does_not_exist_is_answered_with_what_does(run: Path, name: str, words: str) -> None:
    with pytest.raises(UserError) as caught:
        locate.resolve(f"{run}/{name}" if name.isprintable() and name else name)
    assert words in str(caught.value)


def test_directories_without_snapshots_say_what_they_hold(run: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="Name one of its runs: 00000-toy"):
        locate.resolve(str(tmp_path))
    (tmp_path / "ffhq.pkl").write_bytes(b"x")
    with pytest.raises(UserError, match=r"Name one of its files: ffhq\.pkl"):
        locate.resolve(str(tmp_path))
    for snapshot in ("000000", "000008"):
        (run / f"network-snapshot-{snapshot}.pkl").unlink()
    with pytest.raises(UserError, match="still being written"):
        locate.resolve(str(run))


def test_every_format_shows_whether_it_is_complete(tmp_path: Path) -> None:
    bundled = RUN.parents[2] / "assets" / "busts64.safetensors"
    archive = tmp_path / "a.pt"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("archive/data.pkl", b"x" * 1000)
    for whole in (RUN / "network-snapshot-000040.pkl", bundled, archive):
        assert locate.is_complete(whole)
        half = tmp_path / "half"
        half.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
        assert not locate.is_complete(half)
    assert not locate.is_complete(tmp_path / "missing")


@pytest.mark.parametrize("length", [0x80, 0x280, 0x480, 0x4B50])
def test_a_length_that_begins_like_another_format_does_not_mislead(
    tmp_path: Path, length: int
) -> None:
    """Safetensors begin with the length of a header: one in 32 looks like a pickle."""
    table = json.dumps({"w": {"dtype": "U8", "shape": [4], "data_offsets": [0, 4]}}).encode()
    whole, half = tmp_path / "whole", tmp_path / "half"
    data = length.to_bytes(8, "little") + table.ljust(length) + bytes(4)
    whole.write_bytes(data)
    half.write_bytes(data[:-1])
    assert locate.is_complete(whole)
    assert not locate.is_complete(half)


def test_p_of_a_snapshot_is_what_the_run_wrote_at_that_time(run: Path) -> None:
    assert stats.augment_p(RUN, 40) == pytest.approx(0.0896, abs=1e-6)
    assert stats.augment_p(RUN) == pytest.approx(0.09472, abs=1e-6)
    assert stats.augment_p(run) is None
    write_stats(run, (0.5, 0.0), (7.9, 0.1), (8.2, 0.2), (8.9, float("nan")), (9.1, 0.3))
    assert stats.augment_p(run, 8) == 0.2
    assert stats.augment_p(run, 7) == 0.1
    assert stats.augment_p(run, 200) == 0.3


def test_stats_may_be_cut_short_or_begin_again(run: Path) -> None:
    write_stats(run, (8.0, 0.4), (9.0, 0.5), (0.5, 0.0), (8.1, 0.1))
    with open(run / "stats.jsonl", "a") as file:
        file.write('[]\n\n"text"\n{"Progress/kimg": {"mean": 8.2}, "Progress/augm')
    assert stats.augment_p(run, 8) == 0.1
    assert stats.augment_p(run) == 0.1
    assert [tick["Progress/kimg"] for tick in stats.read(run)] == [8.0, 9.0, 0.5, 8.1]


def test_training_options_are_there_or_not(run: Path) -> None:
    options = training_options(RUN)
    assert options is not None
    assert options["G_kwargs"]["z_dim"] == 128
    assert training_options(run) is None
    for broken in ('{"a": 1', "[1]", "[" * 100_000):
        (run / "training_options.json").write_text(broken)
        assert training_options(run) is None
    assert locate.is_run(run)


def test_it_never_imports_torch() -> None:
    code = (
        "import sys, common.runs.locate;"
        "assert not {'torch', 'numpy', 'networks'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=RUN.parents[2])


def test_names_are_read_as_they_are_written() -> None:
    assert names.snapshot_name(200) == "network-snapshot-000200.safetensors"
    assert names.read_snapshot_name(names.snapshot_name(7)) == (7, ".safetensors")
    assert names.read_snapshot_name("network-snapshot.pkl") == (None, ".pkl")
    for other in ("network-snapshot-1.onnx", "network-snapshot-1 (1).pkl", "fakes000001.png"):
        assert names.read_snapshot_name(other) is None
    assert names.kimg_of("run/my-network-snapshot-000200 (1).pkl") == 200
    assert names.kimg_of("network-snapshot-000200/ffhq.pkl") is None


def test_the_newest_of_two_formats_is_ours() -> None:
    files = [
        "network-snapshot-000008.safetensors",
        "network-snapshot-000008.pkl",
        "network-snapshot.safetensors",
        "network-snapshot-000000.pt",
    ]
    kimg = {file: getattr(names.read_snapshot_name(file), "kimg", None) for file in files}
    assert sorted(files, key=lambda file: names.age(file, kimg[file])) == [
        "network-snapshot.safetensors",
        "network-snapshot-000000.pt",
        "network-snapshot-000008.pkl",
        "network-snapshot-000008.safetensors",
    ]
