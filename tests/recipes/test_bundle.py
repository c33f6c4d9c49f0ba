"""The snapshot of a run that is bundled: which one, and what is written of it."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from common.errors import UserError
from common.runs.facts import Metric
from common.runs.state import RunState, SnapshotFile
from networks.snapshots.snapshot import open_snapshot
from recipes.bundle import command, to_measure
from renderer.messages.bundled import bundled_run
from tests.paths import DATA

METRIC = "fd2k_lite"
WHOLE = bundled_run() / "network-snapshot-000088.safetensors"
"""A snapshot that has D."""


def state(measured, kimg, torn=()):
    files = tuple(SnapshotFile(f"{at}", float(at), 1, 0, at not in torn) for at in kimg)
    done = np.array(measured, float)
    return RunState(
        "run", snapshots=files, metrics={METRIC: Metric(done, done)} if measured else {}
    )


@pytest.mark.parametrize(
    ("measured", "kimg", "torn", "expected"),
    [
        ([], [0, 2, 4, 6, 8, 10], [], [2, 10]),
        ([2, 10], [0, 2, 4, 6, 8, 10], [], []),
        ([2, 10], [0, 2, 4, 8, 10, 12], [], [12]),
        ([], [0, 2, 10, 12], [12], [2, 10]),
        ([], [0], [], []),
    ],
)
def test_snapshots_are_measured_at_a_distance_and_the_newest(measured, kimg, torn, expected):
    found = to_measure(state(measured, kimg, torn), METRIC, every=8)
    assert [file.kimg for file in found] == expected


@pytest.fixture
def run(tmp_path):
    """A run of two measured snapshots, the older of which is nearer to its data."""
    folder = tmp_path / "00000-busts"
    folder.mkdir()
    for kimg, value in ((8, 20.5), (16, 31.0)):
        file = f"network-snapshot-{kimg:06d}.safetensors"
        shutil.copy(WHOLE, folder / file)
        line = {"results": {METRIC: value, f"{METRIC}_floor": 1.5}, "snapshot_pkl": file}
        with (folder / f"metric-{METRIC}.jsonl").open("a") as lines:
            lines.write(json.dumps({**line, "metric": METRIC, "timestamp": 0.0}) + "\n")
    for file in ("training_options.json", "stats.jsonl"):
        shutil.copy(DATA / "earth64-run" / file, folder)
    return folder


def test_the_nearest_snapshot_becomes_a_file_a_sheet_and_a_card(run, tmp_path):
    dest = tmp_path / "best.safetensors"
    done = CliRunner().invoke(command, [str(run), str(dest), "--note", "licence=CC0-1.0"])
    assert done.exit_code == 0, done.output
    opened = open_snapshot(dest)
    assert opened.available == ("G_ema", "D")
    assert opened.metadata["converted_from"] == "network-snapshot-000008.safetensors"
    assert opened.metadata["licence"] == "CC0-1.0"
    with Image.open(tmp_path / "best.jpg") as sheet:
        assert sheet.size == (12 * 64, 8 * 64)
    card = (tmp_path / "best.md").read_text()
    assert "| fd2k_lite | 20.5, where two sets of real pictures are 1.5 apart" in card
    assert "| trained | 8 kimg of " in card
    assert "| ADA | p ended at 0." in card
    assert "the best of 2 snapshots measured" in card


def test_what_is_no_run_and_what_is_no_safetensors_is_told(run, tmp_path):
    with pytest.raises(UserError, match="is no run directory"):
        command.main([str(tmp_path), str(tmp_path / "a.safetensors")], standalone_mode=False)
    with pytest.raises(UserError, match=r"does not end in \.safetensors"):
        command.main([str(run), str(tmp_path / "a.pkl")], standalone_mode=False)


def test_a_card_that_somebody_wrote_is_replaced_only_when_asked_to(run, tmp_path):
    card = tmp_path / "best.md"
    card.write_text("by hand")
    arguments = [str(run), str(tmp_path / "best.safetensors")]
    with pytest.raises(UserError, match=r"best\.md exists already"):
        command.main(arguments, standalone_mode=False)
    assert card.read_text() == "by hand"
    assert not (tmp_path / "best.safetensors").exists()
    command.main([*arguments, "--force"], standalone_mode=False)
    assert card.read_text().startswith("# best")
