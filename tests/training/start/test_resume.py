"""A new run takes from a snapshot what fits, and says what it took."""

from __future__ import annotations

import pytest
import torch

from common.errors import UserError
from networks.families.stylegan2.discriminator import StyleGAN2Discriminator
from networks.families.stylegan2.generator import StyleGAN2Generator
from networks.snapshots.snapshot import open_snapshot, write_snapshot
from tests.paths import DATA
from tests.training.tiny_runs import make, start, state_of, tiny, write_data
from training.run import state
from training.start import launch, resume

PLAIN = DATA / "sg2-uncond-32.pkl"


def fresh(**changes):
    """Untrained networks like those of the snapshot but for `changes`."""
    opened = open_snapshot(PLAIN, names=None)
    made = {}
    for name, kind in (
        ("G", StyleGAN2Generator),
        ("D", StyleGAN2Discriminator),
        ("G_ema", StyleGAN2Generator),
    ):
        known = {k: v for k, v in changes.items() if k in opened[name].config}
        made[name] = kind(**{**opened[name].config, **known})
    return opened, made


def test_the_same_networks_take_everything():
    opened, made = fresh()
    for entry in resume.transfer(opened, made):
        assert not entry.missing
        assert not entry.unlike
        for name, value in opened[entry.network].state_dict().items():
            assert torch.equal(made[entry.network].state_dict()[name], value)
        count = len(entry.taken)
        assert str(entry) == (
            f"{entry.network}: {count} of {count} tensors, 100 % of the numbers in "
            f"it, taken from {entry.network}."
        )


def test_what_does_not_fit_is_named_and_left_alone():
    opened, made = fresh(z_dim=16, mapping_layers=3)
    untouched = made["G"].mapping.fc0.weight.clone()
    G, D, _ = resume.transfer(opened, made)
    assert "mapping.fc0.weight" in G.unlike
    assert set(G.missing) == {"mapping.fc2.weight", "mapping.fc2.bias"}
    assert torch.equal(made["G"].mapping.fc0.weight, untouched)
    assert torch.equal(
        made["G"].synthesis["b4"].conv1.weight, opened.G.synthesis["b4"].conv1.weight
    )
    assert not D.unlike
    assert "of another shape: mapping.fc0.weight" in str(G)
    assert "not in it: mapping.fc2.weight, mapping.fc2.bias" in str(G)


def test_a_snapshot_without_a_discriminator(monkeypatch):
    opened, made = fresh()
    del opened.networks["D"], opened.networks["G"]
    G, D, _ = resume.transfer(opened, made)
    assert G.source == "G_ema"
    assert str(D) == "D: not in the snapshot; starts untrained."


def test_networks_of_another_kind_are_refused():
    opened, _ = fresh()
    other = StyleGAN2Generator(7, 0, 9, 32, 1, channel_base=96, channel_max=12, use_noise=False)
    with pytest.raises(UserError, match=r"Nothing in .* fits"):
        resume.transfer(opened, {"G": other, "G_ema": other})


def test_a_run_starts_with_the_weights_and_freezes_layers(tmp_path):
    opened = open_snapshot(PLAIN, names=None)
    without = {"c_dim", "img_resolution", "img_channels"}
    G, D = (
        {k: v for k, v in opened[name].config.items() if k not in without} for name in ("G", "D")
    )
    data = write_data(tmp_path / "suns", 40, size=32)
    options = tiny(
        data,
        total_kimg=0.064,
        G_kwargs=G,
        D_kwargs={**D, "freeze_layers": 4},
        resume_pkl=str(PLAIN),
        ema_rampup=None,
        ema_kimg=1000,
    )
    run = make(tmp_path, options)
    start(run)
    log = (run / "log.txt").read_text()
    assert "D: " in log
    assert "100 % of the numbers in it, taken from G_ema." in log
    after = open_snapshot(run / "network-snapshot-000000.safetensors", names=None)
    old, new = opened.D.state_dict(), after.D.state_dict()
    kept = {name for name in old if torch.equal(old[name], new[name])}
    frozen = {f"b32.{layer}.weight" for layer in ("fromrgb", "conv0", "conv1", "skip")}
    assert frozen <= kept
    assert "b16.conv0.weight" not in kept
    # The average moved by next to nothing in 64 of 1,000,000 images: it came from the snapshot.
    name = "synthesis.b4.const"
    torch.testing.assert_close(
        after.G_ema.state_dict()[name], opened.G_ema.state_dict()[name], atol=1e-3, rtol=0
    )


def test_networks_for_smaller_pictures_start_those_for_larger_ones(tmp_path):
    opened = resume.open_source(PLAIN, resolution=64, channels=3)
    kinds = {"G": StyleGAN2Generator, "D": StyleGAN2Discriminator, "G_ema": StyleGAN2Generator}
    made = {
        name: kind(**{**opened[name].config, "img_resolution": 64}) for name, kind in kinds.items()
    }
    for entry in resume.transfer(opened, made):
        assert not entry.unlike
        assert entry.missing
        assert all("b64." in name for name in entry.missing)
        theirs, ours = opened[entry.network].state_dict(), made[entry.network].state_dict()
        assert all(torch.equal(theirs[name], ours[name]) for name in entry.taken)
        # Of a D that reads its picture at another size, only the layer that read it is left out.
        left = {name for name in theirs if name not in entry.taken}
        assert all("fromrgb" in name for name in left)


@pytest.mark.parametrize(("resolution", "channels"), [(16, 3), (32, 1), (64, 1)])
def test_another_size_is_refused(resolution, channels):
    with pytest.raises(UserError, match="32×32 pixels and 3 channels, the data has") as caught:
        resume.open_source(PLAIN, resolution=resolution, channels=channels)
    needed = {
        16: "--width 32 --height 32",
        32: "--channels 3",
        64: "--width 32 --height 32 --channels 3",
    }[resolution]
    assert f"Prepare the data with `dataset {needed}`, or" in caught.value.remedy


def test_comparing_takes_nothing_and_says_the_same():
    opened, made = fresh(mapping_layers=3)
    before = made["G"].synthesis["b4"].const.clone()
    report = resume.compare(opened, made)
    assert torch.equal(made["G"].synthesis["b4"].const, before)
    assert resume.transfer(opened, made) == report
    assert not torch.equal(made["G"].synthesis["b4"].const, before)
    assert resume.little(opened, report) is None


def test_little_that_fits_is_warned_of_with_the_configuration_to_choose():
    opened, made = fresh(channel_base=128, channel_max=16)
    report = resume.transfer(opened, made)
    G = report[0]
    taken = sum(made["G"].state_dict()[name].numel() for name in G.taken)
    every = sum(value.numel() for value in made["G"].state_dict().values())
    assert G.share == taken / every < resume.ENOUGH
    opened.metadata["training_options"] = {"cfg": "paper256"}
    warning = resume.little(opened, report)
    assert f"Only {int(100 * G.share)} % of G, " in warning
    assert "Choose the --cfg that it was trained with: paper256." in warning


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
@pytest.mark.parametrize("network", ["G", "D", "G_ema"])
def test_weights_that_are_not_finite_are_refused_by_name(tmp_path, network, value):
    opened = open_snapshot(PLAIN, names=None)
    name = next(iter(opened[network].state_dict()))
    opened[network].state_dict()[name].view(-1)[3] = value
    path = tmp_path / "spoilt.safetensors"
    write_snapshot(path, opened.networks)
    with pytest.raises(UserError, match=rf"spoilt.*: 1 of the .* numbers in {network}\.{name} are"):
        resume.open_source(path, resolution=32, channels=3)


@pytest.mark.parametrize("name", ["G.mapping.fc0.weight", "D_opt.exp_avg.b4.out.weight"])
def test_a_state_that_is_not_finite_is_not_continued(tmp_path, name):
    run = make(tmp_path / "runs", tiny(write_data(tmp_path / "suns", 40), total_kimg=0.016))
    start(run)
    tensors, document = state.read(state_of(run))
    tensors[name].view(-1)[0] = float("inf")
    state.write(state_of(run), tensors, document)
    with pytest.raises(UserError, match=f"numbers in {name} are NaN or infinite") as told:
        launch.options_to_continue(run, {"kimg": 1.0})
    assert "earlier snapshot with --resume" in told.value.remedy
