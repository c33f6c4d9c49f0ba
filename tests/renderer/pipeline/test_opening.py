"""What is opened as a network, and what it turns out to be."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from common.errors import UserError
from renderer.messages.failure import explain
from renderer.messages.options import EngineOptions
from renderer.pipeline.pipeline import Pipeline
from tests.foreign import SMALL


@pytest.fixture
def pipeline() -> Pipeline:
    return Pipeline(EngineOptions(device="cpu", threads=1))


def latent_of(pipeline: Pipeline, path: Path) -> bool:
    """Whether the failure says that the file holds a latent."""
    with pytest.raises(UserError) as caught:
        pipeline.load(str(path))
    failure = explain(caught.value)
    assert failure.message
    return failure.latent


def test_latents_are_told_from_networks_by_what_is_in_them(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    table = {"face.png": {"img": torch.zeros(3, 4, 4), "latent": torch.randn(8)}}
    for name, value in (("pivot", torch.randn(1, 6, 8)), ("projector", table)):
        torch.save(value, tmp_path / f"{name}.pt")
        assert latent_of(pipeline, tmp_path / f"{name}.pt")
    torch.save(torch.randn(6, 8), tmp_path / "old.pt", _use_new_zipfile_serialization=False)
    assert latent_of(pipeline, tmp_path / "old.pt")
    np.save(tmp_path / "w.npy", np.zeros((1, 6, 8), np.float32))
    np.savez(tmp_path / "w.npz", w=np.zeros((6, 8), np.float32))
    assert latent_of(pipeline, tmp_path / "w.npy")
    assert latent_of(pipeline, tmp_path / "w.npz")


def test_what_is_neither_is_called_no_latent(pipeline: Pipeline, tmp_path: Path) -> None:
    torch.save({"conv.weight": torch.zeros(2, 2, 3, 3)}, tmp_path / "another.pt")
    torch.save(torch.zeros(2, 3, 4, 4), tmp_path / "pictures.pt")
    (tmp_path / "text.pt").write_text("hello")
    for name in ("another", "pictures", "text", "nothing"):
        assert not latent_of(pipeline, tmp_path / f"{name}.pt")
    network = SMALL / "rosinality-sg2" / "train-16-blur121.pt"
    assert pipeline.load(str(network)).family == "stylegan2"
