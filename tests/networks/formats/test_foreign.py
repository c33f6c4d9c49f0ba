"""Files of other programs give the pictures of those programs, or say why they cannot."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Final

import numpy as np
import pytest
import torch

from common.errors import UserError
from networks.snapshots.listing import list_pickle
from networks.snapshots.snapshot import open_snapshot, source_of
from tests.foreign import EVERYTHING, SMALL, WITHOUT_IT, difference, files, reference
from tests.watch import watch

FOLDERS: Final = (
    "sg2ada",
    "sg2-of-sg3repo",
    "old-torch",
    "forks",
    "r3gan",
    "rosinality-sg2",
    "stylegan-xl",
    "tf-legacy-converted",
    "tf-pggan",
    "tf-stylegan1",
    "tf-stylegan2",
    "tf-stylegan2-ada",
)
"""The folders whose networks can be drawn."""
LIMITS: Final = {"tf-stylegan1": 3e-4}
"""How far pictures may be off, of their peak, where it is more than 1e-4: normalisation over all
pixels makes more of the order in which sums are taken."""
OTHER_FAMILIES: Final = {"swagan": "SWAGAN", "sg3r": "StyleGAN3"}
"""Files in them that hold something else, by a word of their name, and what they are called."""
CANARY: Final = "h2-canary-embedded-source-was-run"


def check(path: Path) -> None:
    watch.events.clear()
    with watch.armed_now():
        snapshot = open_snapshot(path)
        list_pickle(source_of(path))
    assert watch.events == []
    drawn = reference(path)
    computed = "mean_latent" in drawn  # w_avg is not in the file: theirs is of other samples
    for psi in np.atleast_1d(drawn["psi"]).tolist():
        limit = 0.05 if computed and psi != 1 else LIMITS.get(path.parent.name, 1e-4)
        assert difference(snapshot.G_ema, drawn, psi) <= limit, (path.name, psi)
    logits = path.with_name(f"{path.stem}.D.npz")
    if logits.exists():
        D = open_snapshot(path, names=("D",)).D
        c = torch.zeros(3, D.c_dim)
        if D.c_dim:
            c[:, int(drawn["label"])] = 1
        with torch.inference_mode():
            images = torch.from_numpy(drawn["images_f32"][0])
            found = {"batch": D(images, c if D.c_dim else None)}
            alone = [D(images[i : i + 1], c[i : i + 1] if D.c_dim else None) for i in range(3)]
            found["single"] = torch.cat(alone)
        theirs = np.load(logits)
        for key in found.keys() & set(theirs.files):
            assert np.allclose(found[key].numpy(), theirs[key], atol=1e-5), (path.name, key)


def other_family(path: Path) -> str | None:
    return next((words for part, words in OTHER_FAMILIES.items() if part in path.stem), None)


@pytest.fixture
def no_canary(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The files hold, in the place of source text, a text that would write this file."""
    for variable in ("TMPDIR", "TEMP", "TMP"):
        monkeypatch.setenv(variable, str(tmp_path))
    for path in files(SMALL)[:1]:
        open_snapshot(path)  # imports what is imported late
        list_pickle(source_of(path))
    return tmp_path / CANARY


@pytest.mark.parametrize("path", files(SMALL), ids=lambda path: path.stem)
def test_their_pictures(path: Path, no_canary: Path) -> None:
    family = other_family(path)
    if family is None:
        check(path)
    else:
        with pytest.raises(UserError, match=family):
            open_snapshot(path)
    assert not no_canary.exists()


@pytest.mark.skipif(not files(EVERYTHING, *FOLDERS), reason=WITHOUT_IT)
def test_all_their_pictures(no_canary: Path) -> None:
    for path in files(EVERYTHING, *FOLDERS):
        if other_family(path) is None:
            check(path)
    assert not no_canary.exists()


@pytest.mark.skipif(not files(EVERYTHING), reason=WITHOUT_IT)
def test_nothing_in_any_of_their_files_is_run(no_canary: Path) -> None:
    watch.events.clear()
    for path in files(EVERYTHING):
        with watch.armed_now():
            list_pickle(source_of(path))
            with contextlib.suppress(UserError):
                open_snapshot(path, names=None)
    assert watch.events == []
    assert not no_canary.exists()
