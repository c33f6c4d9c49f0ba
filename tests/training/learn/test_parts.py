"""What is trained, and how, is what the family says of itself."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from common.errors import UserError
from networks import families
from networks.training_traits import PHASES
from tests.added_package import added_to
from tests.tiny_dcgan import FAMILY, TinyDCGAN, TinyDiscriminator
from tests.training.tiny_runs import tiny, write_data
from training.data.dataset import ImageDataset
from training.learn import family, parts
from training.run.distributed import Group


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write_data(tmp_path / "suns", 8)


@pytest.fixture
def dcgan(tmp_path: Path) -> Iterator[None]:
    folder = tmp_path / "families"
    (folder / "tiny_dcgan").mkdir(parents=True)
    (folder / "tiny_dcgan" / "__init__.py").write_text("from tests.tiny_dcgan import FAMILY\n")
    with added_to(families, folder):
        yield


def test_the_phases_of_stylegan2(data: Path) -> None:
    dataset = ImageDataset(str(data))
    built = parts.build(tiny(data), dataset, Group())
    assert list(built.intervals.items()) == [("Gmain", 1), ("Greg", 4), ("Dmain", 1), ("Dreg", 16)]
    less = tiny(data, loss_kwargs={"r1_gamma": 0, "pl_weight": 0}, D_reg_interval=8)
    assert parts.build(less, dataset, Group()).intervals == {"Gmain": 1, "Dmain": 1}
    other = tiny(data, G_reg_interval=None, D_reg_interval=8)
    assert parts.build(other, dataset, Group()).intervals == {"Gmain": 1, "Dmain": 1, "Dreg": 8}


@pytest.mark.usefixtures("dcgan")
def test_a_family_without_regularisers_and_w_avg_is_trained(data: Path) -> None:
    dataset = ImageDataset(str(data))
    options = tiny(data, family="tiny-dcgan", G_kwargs={"channels": 6}, D_kwargs={})
    built = parts.build(options, dataset, Group())
    assert isinstance(built.G, TinyDCGAN)
    assert isinstance(built.D, TinyDiscriminator)
    assert built.G.config["channels"] == 6
    assert built.intervals == {"Gmain": 2, "Dmain": 1}
    assert built.loss.options.style_mixing_prob == built.loss.options.pl_weight == 0
    # Not corrected for regularisers that are not there.
    assert built.G_opt.param_groups[0]["lr"] == options.G_opt_kwargs.lr
    real, none = torch.rand(4, 3, 16, 16) * 2 - 1, torch.zeros(4, 0)
    for phase in built.intervals:
        network = built.G if phase[0] == "G" else built.D
        built.loss.accumulate(phase, real, none, torch.randn(4, 5), none, 1.0, lambda *_: None)
        assert all(p.grad is not None and p.grad.any() for p in network.parameters())


def test_what_cannot_be_trained_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {
        "drawn": dataclasses.replace(FAMILY, training=None),
        "alone": dataclasses.replace(FAMILY, discriminator=None),
    }
    monkeypatch.setattr(family, "families", lambda: known)
    for name in ("drawn", "alone", "missing"):
        with pytest.raises(UserError, match=f"family {name} cannot be trained"):
            family.trainable_family(name)


def test_the_phases_of_every_family_are_in_their_order() -> None:
    for known in families.families().values():
        if known.training is not None:
            phases = list(known.training.intervals)
            assert phases == [phase for phase in PHASES if phase in phases]
