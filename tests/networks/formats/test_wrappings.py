"""Networks are found in whatever people keep them in."""

from __future__ import annotations

import pickle
from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from common.errors import UserError
from networks.snapshots.snapshot import Snapshot, open_snapshot
from tests.snapshot_files import (
    fake_persistence,
    persistent,
    rosinality_state,
    save,
    tiny_networks,
)


def assert_drawn(snapshot: Snapshot, network: nn.Module) -> None:
    """It has the weights of a network."""
    ours, theirs = snapshot.G_ema.state_dict(), network.state_dict()
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)


def shifted(network: nn.Module) -> nn.Module:
    """A network like another one, which cannot be taken for it."""
    other = tiny_networks()["G_ema"]
    other.load_state_dict(
        {k: v + 1 for k, v in network.state_dict().items() if "filter" not in k}, strict=False
    )
    return other


def notes(snapshot: Snapshot) -> str:
    return "; ".join(snapshot.metadata.get("notes", []))


@pytest.mark.parametrize("how", ["pickle", "zip", "legacy"])
def test_modules_in_every_container_and_wrapping(tmp_path: Path, how: str) -> None:
    networks = tiny_networks()
    G_ema, D = networks["G_ema"], networks["D"]
    path = tmp_path / "file"

    def write(value: Any) -> Path:
        if how == "pickle":
            path.write_bytes(pickle.dumps(value, 4))
        else:
            save(value, path, zipped=how == "zip")
        return path

    with fake_persistence() as function:

        def module(network: nn.Module) -> Any:
            return persistent(function, network)

        assert_drawn(open_snapshot(write(module(G_ema))), G_ema)
        assert_drawn(open_snapshot(write({"G_ema": module(G_ema), "D": None})), G_ema)
        row = (module(shifted(G_ema)), module(D), module(G_ema))
        assert_drawn(open_snapshot(write(row)), G_ema)
        one = module(G_ema)
        both = open_snapshot(write({"G": one, "G_ema": one}), names=None)
        assert_drawn(both, G_ema)
        assert "G" in both.networks
        only = open_snapshot(write({"G": module(G_ema), "D": module(D)}))
        assert_drawn(only, G_ema)
        assert "G is drawn" in notes(only)
        assert only.available == ("G", "D")
        with pytest.raises(UserError, match="does not say which is which"):
            open_snapshot(write((module(G_ema), module(G_ema))))


class Backbone:
    """Something in a discriminator that nobody here has."""


@pytest.mark.parametrize("where", ["object", "setting"])
def test_a_generator_is_drawn_beside_a_discriminator_that_cannot_be_read(
    tmp_path: Path, where: str
) -> None:
    networks, path = tiny_networks(), tmp_path / "file.pkl"
    with fake_persistence() as function:
        D = persistent(function, networks["D"])
        D.meta["state"]["backbone" if where == "object" else "of_mine"] = (
            Backbone() if where == "object" else 2
        )
        G_ema = persistent(function, networks["G_ema"])
        path.write_bytes(pickle.dumps({"G_ema": G_ema, "D": D}, 4))
        snapshot = open_snapshot(path)
        assert_drawn(snapshot, networks["G_ema"])
        everything = open_snapshot(path, names=None)
        assert "D is not read" in notes(everything)
        assert list(everything.networks) == ["G_ema"]
        with pytest.raises(UserError, match=r"Backbone.*refused|of_mine"):
            open_snapshot(path, names=("G_ema", "D"))
        path.write_bytes(pickle.dumps({"G_ema": G_ema, "beside": Backbone()}, 4))
        with pytest.raises(UserError, match=r"Backbone.*refused"):
            open_snapshot(path)


def test_tables_of_tensors_under_the_names_of_others(tmp_path: Path) -> None:
    G_ema, path = tiny_networks()["G_ema"], tmp_path / "file.pt"
    state = G_ema.state_dict()

    def under(prefix: str) -> dict[str, Tensor]:
        return {prefix + name: value for name, value in state.items()}

    for wrapped in (
        state,
        under("module."),
        under("generator."),
        under("module.generator."),
        {"state_dict": state},
        {"params_ema": state, "params": {k: v + 1 for k, v in state.items()}},
        {"G_ema": state, "iteration": 3},
        {"g_ema": state, "g_optim": {"state": {0: {"step": torch.ones(())}}}},
    ):
        snapshot = open_snapshot(save(wrapped, path))
        assert_drawn(snapshot, G_ema)
    assert "published" in notes(snapshot)
    for beside in ({}, {"d": {"unknown.weight": torch.ones(3)}}):
        with pytest.raises(UserError, match=r"entry 'of_mine' is no part"):
            open_snapshot(save({"g_ema": state, "of_mine": torch.ones(3), **beside}, path))


@pytest.mark.parametrize("rows", [1, 6])
def test_an_encoder_with_its_decoder(tmp_path: Path, rows: int) -> None:
    w_avg = torch.linspace(-1, 1, 512)
    checkpoint = {
        "state_dict": OrderedDict(
            [("encoder.input_layer.0.weight", torch.ones(3))]
            + [(f"decoder.{name}", value) for name, value in rosinality_state().items()]
        ),
        "latent_avg": w_avg.repeat(rows, 1) if rows > 1 else w_avg,
        "opts": {"output_size": 16, "exp_dir": "/home/me"},
    }
    snapshot = open_snapshot(save(checkpoint, tmp_path / "psp.pt"))
    assert torch.equal(snapshot.G_ema.w_avg, w_avg)
    assert "encoder is not used" in notes(snapshot)
    assert snapshot.metadata["opts"]["output_size"] == 16
    checkpoint["latent_avg"] = torch.arange(2.0)[:, None].repeat(1, 512)
    with pytest.raises(UserError, match="latent_avg has the shape"):
        open_snapshot(save(checkpoint, tmp_path / "psp.pt"))


def test_filters_of_features_and_of_the_picture_are_told_apart(tmp_path: Path) -> None:
    state, path = rosinality_state(), tmp_path / "file.pt"
    taps = torch.tensor([1.0, 2, 1])
    for name in state:
        if name.endswith("blur.kernel"):
            state[name] = torch.outer(taps, taps) / 16 * 4
    config = open_snapshot(save({"g_ema": state}, path)).G_ema.config
    assert config["resample_filter"] == [0.25, 0.5, 0.25]
    assert config["image_filter"] == [1, 3, 3, 1]
    state["to_rgbs.0.upsample.kernel"] = torch.eye(4)
    with pytest.raises(UserError, match="differs from"):
        open_snapshot(save({"g_ema": state}, path))


def test_noise_of_a_layer_that_cannot_be_is_not_drawn(tmp_path: Path) -> None:
    """A name is enough to claim a layer of any size."""
    state = {k: v for k, v in rosinality_state().items() if not k.startswith("noises.")}
    state["convs.60.conv.weight"] = state["convs.0.conv.weight"]
    path = tmp_path / "file.pt"
    save({"g_ema": state}, path, zipped=True)
    with pytest.raises(UserError, match="far more data"):
        open_snapshot(path)


def test_pictures_that_are_not_square_are_refused_by_name(tmp_path: Path) -> None:
    network, path = tiny_networks()["G_ema"], tmp_path / "wide.pkl"
    with fake_persistence() as function:
        wide = persistent(function, network)
        wide.meta["state"]["init_res"] = [4, 6]
        path.write_bytes(pickle.dumps({"G_ema": wide}, 4))
    with pytest.raises(UserError, match=r"init_res is \[4, 6\]; only \[4, 4\] can be drawn"):
        open_snapshot(path)


def test_other_programs_modules_say_what_to_save(tmp_path: Path) -> None:
    path = tmp_path / "file.pkl"
    with fake_persistence() as function:

        class Holder(nn.Module):
            def state_dict(self, *args: Any, **kwargs: Any) -> Any:
                return rosinality_state()

        path.write_bytes(pickle.dumps({"G_ema": persistent(function, Holder(), {})}, 4))
    with pytest.raises(UserError, match=r"(?s)whole module.*state_dict\(\)"):
        open_snapshot(path)


def test_a_tensor_alone_may_be_a_latent(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"one tensor and no network.*Saved w"):
        open_snapshot(save(torch.zeros(1, 6, 4), tmp_path / "w.pt"))
