"""Pickles for NVIDIA's programs: their structure, by a loader that does what theirs is known to do.

Theirs runs the source of a network, makes an object of its class without calling its constructor,
and hands it the state. Both programs themselves were tried by hand: they draw the same pictures.
"""

from __future__ import annotations

import pickle
import pickletools
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from common.errors import UserError
from networks.families.stylegan2.generator import StyleGAN2Generator
from networks.pickles.data import Names, Record
from networks.pickles.machine import unpickle
from networks.pickles.write import pickled
from networks.snapshots.for_nvidia import write_for_nvidia
from networks.snapshots.snapshot import open_snapshot
from tests.snapshot_files import DATA, tiny_networks


class Theirs(nn.Module):
    """A class of theirs, as far as ours needs it: keywords, and tensors by name."""

    expected: dict[str, torch.Tensor]

    def __init__(self, **keywords: Any) -> None:
        super().__init__()
        self.keywords = keywords

    def load_state_dict(self, state: Any, *args: Any, **kwargs: Any) -> Any:
        self.loaded = dict(state)
        return None


class TheirGenerator(Theirs):
    """The part of `Generator` in their module of networks."""


class TheirDiscriminator(Theirs):
    """The part of `Discriminator` in their module of networks."""


def _reconstruct_persistent_obj(meta: Any) -> Any:
    assert meta["type"] == "class"
    assert meta["version"] == 6
    module = ModuleType("imported")
    exec(meta["module_src"], vars(module))
    made = vars(module)[meta["class_name"]]
    found = made.__new__(made)
    found.__setstate__(meta["state"])
    return found


@pytest.fixture(params=["training.networks", "training.networks_stylegan2"])
def program(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """One of their programs, which can be imported while a test runs."""
    install(monkeypatch, request.param)
    return str(request.param)


def install(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Make their module of networks importable under this name."""
    persistence, package = ModuleType("torch_utils.persistence"), ModuleType("training")
    vars(persistence)["_reconstruct_persistent_obj"] = _reconstruct_persistent_obj
    package.__path__ = []
    networks = ModuleType(name)
    networks.__spec__ = ModuleSpec(name, None)
    vars(networks).update(Generator=TheirGenerator, Discriminator=TheirDiscriminator)
    hidden = [found for found in sys.modules if found.partition(".")[0] == "training"]
    for found in hidden:
        monkeypatch.delitem(sys.modules, found)
    for place, module in (
        ("torch_utils", ModuleType("torch_utils")),
        ("torch_utils.persistence", persistence),
        ("training", package),
        (name, networks),
    ):
        monkeypatch.setitem(sys.modules, place, module)
    setattr(package, name.rpartition(".")[2], networks)


@pytest.mark.parametrize("c_dim", [0, 3])
def test_their_loader_builds_their_class_and_fills_it(
    tmp_path: Path, program: str, c_dim: int
) -> None:
    networks, path = tiny_networks(c_dim), tmp_path / "network.pkl"
    options = {"training_set_kwargs": {"resolution": 8}}
    write_for_nvidia(path, networks, metadata={**options, "notes": ["x"]})
    with path.open("rb") as file:
        root = pickle.load(file)
    assert root.keys() == {"G", "D", "G_ema", "augment_pipe", "training_set_kwargs"}
    assert root["training_set_kwargs"] == {"resolution": 8}
    assert root["augment_pipe"] is None
    G, D = root["G_ema"], root["D"]
    assert root["G"] is G
    assert isinstance(G, TheirGenerator)
    assert isinstance(D, TheirDiscriminator)
    assert not G.training
    blocks = {"channel_base": 32, "channel_max": 4, "num_fp16_res": 0, "conv_clamp": None}
    blocks |= {"architecture": "skip", "resample_filter": [1, 3, 3, 1], "activation": "lrelu"}
    blocks["use_noise"] = True
    inner = blocks if program.endswith("stylegan2") else {"synthesis_kwargs": blocks}
    assert G.keywords == {
        "z_dim": 4,
        "c_dim": c_dim,
        "w_dim": 4,
        "img_resolution": 8,
        "img_channels": 3,
        "mapping_kwargs": {
            "num_layers": 2,
            "embed_features": None,
            "layer_features": None,
            "activation": "lrelu",
            "lr_multiplier": 0.01,
            "w_avg_beta": 0.995,
        },
        **inner,
    }
    assert D.keywords["epilogue_kwargs"]["mbstd_group_size"] == 4
    assert D.keywords["block_kwargs"]["freeze_layers"] == 0
    for theirs, ours in ((G, networks["G_ema"]), (D, networks["D"])):
        expected = ours.state_dict()
        assert theirs.loaded.keys() == expected.keys()
        assert all(torch.equal(v, expected[k]) for k, v in theirs.loaded.items())


def test_without_a_discriminator_there_is_a_module_in_its_place(
    tmp_path: Path, program: str
) -> None:
    networks, path = tiny_networks(), tmp_path / "network.pkl"
    write_for_nvidia(path, {"G_ema": networks["G_ema"]})
    with path.open("rb") as file:
        root = pickle.load(file)
    assert isinstance(root["D"], nn.Identity)
    assert list(root["D"].parameters()) == []
    snapshot = open_snapshot(path, names=None)
    assert snapshot.available == ("G_ema", "G")
    assert "notes" not in snapshot.metadata


@pytest.mark.parametrize("name", ["sg2-cond-16", "foreign/sg2ada/rgba-16"])
def test_we_read_our_own(tmp_path: Path, name: str) -> None:
    before = open_snapshot(DATA / f"{name}.pkl", names=None)
    path = tmp_path / "network.pkl"
    write_for_nvidia(path, before.networks, metadata=before.metadata)
    after = open_snapshot(path, names=None)
    for key in before.networks.keys() & {"G_ema", "G", "D"}:
        network = after.networks[key]
        state = before.networks[key].state_dict()
        assert network.config == before.networks[key].config
        assert all(torch.equal(v, state[k]) for k, v in network.state_dict().items())
    options = "training_set_kwargs"
    assert after.metadata.get(options) == before.metadata.get(options)


@pytest.mark.parametrize("name", ["sg3-r-cond-32", "sg3-t-odd-32"])
def test_stylegan3_is_of_their_class_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    before = open_snapshot(DATA / f"{name}.pkl")
    path, G = tmp_path / "network.pkl", before.G_ema
    write_for_nvidia(path, {"G_ema": G})
    after = open_snapshot(path)
    assert after.G_ema.config.items() >= G.config.items()
    state = G.state_dict()
    assert all(torch.equal(v, state[k]) for k, v in after.G_ema.state_dict().items())
    install(monkeypatch, "training.networks_stylegan3")
    with path.open("rb") as file:
        theirs = pickle.load(file)["G_ema"]
    assert isinstance(theirs, TheirGenerator)
    assert all(torch.equal(v, state[k]) for k, v in theirs.loaded.items())
    assert theirs.loaded.keys() == state.keys()
    keywords = theirs.keywords
    assert keywords.pop("mapping_kwargs") == {
        "num_layers": G.config["mapping_layers"],
        "lr_multiplier": G.config["mapping_lr_multiplier"],
        "w_avg_beta": G.config["w_avg_beta"],
    }
    # Those of their constructors of the network, its synthesis and its layers, none left out.
    assert keywords.keys() == {
        *("z_dim", "c_dim", "w_dim", "img_resolution", "img_channels", "channel_base"),
        *("channel_max", "num_layers", "num_critical", "first_cutoff", "first_stopband"),
        *("last_stopband_rel", "margin_size", "output_scale", "num_fp16_res", "conv_kernel"),
        *("filter_size", "lrelu_upsampling", "use_radial_filters", "conv_clamp"),
        "magnitude_ema_beta",
    }
    data = path.read_bytes()
    assert data.count(b"filter_size") == 2  # their keyword and ours
    path.write_bytes(data.replace(b"filter_size", b"filter_sise"))
    with pytest.raises(UserError, match="not all there"):
        open_snapshot(path)


def test_other_families_are_refused(tmp_path: Path) -> None:
    network = open_snapshot(DATA / "foreign" / "tf-pggan" / "16-lod1.pkl").G_ema
    with pytest.raises(UserError, match=r"family pggan.*StyleGAN2 and StyleGAN3"):
        write_for_nvidia(tmp_path / "a.pkl", {"G_ema": network})


def test_settings_that_are_missing_are_found(tmp_path: Path) -> None:
    path = tmp_path / "network.pkl"
    write_for_nvidia(path, {"G_ema": tiny_networks()["G_ema"]})
    data = path.read_bytes()
    assert data.count(b"use_noise") == 2  # their keyword and ours
    path.write_bytes(data.replace(b"use_noise", b"use_voice"))
    with pytest.raises(UserError, match="not all there"):
        open_snapshot(path)


@pytest.mark.parametrize(
    ("keyword", "value"),
    [("channels", [4, 3]), ("output_resolution", 4), ("image_filter", [1, 2, 1])],
)
def test_what_their_networks_do_not_know_is_refused(
    tmp_path: Path, keyword: str, value: Any
) -> None:
    plan: dict[str, Any] = {"img_resolution": 8, "channel_max": 4, keyword: value}
    G = StyleGAN2Generator(z_dim=4, c_dim=0, w_dim=4, **plan)
    with pytest.raises(UserError, match=rf"{keyword} = .*safetensors"):
        write_for_nvidia(tmp_path / "a.pkl", {"G_ema": G})
    assert list(tmp_path.iterdir()) == []


def test_written_pickles_are_those_of_python() -> None:
    shared = Record("collections.OrderedDict", ())
    value = {
        "text": "ü€",
        "numbers": [0, -1, 255, 1 << 40, 0.5, True, False, None],
        "bytes": b"x" * 5000,
        "deep": (1, ("a", {"b": []})),
        "twice": [shared, shared],
    }
    data = b"".join(pickled(value))
    assert [name for name, _, _ in pickletools.genops(data)][-1].name == "STOP"
    found = pickle.loads(data)
    assert found["twice"][0] is found["twice"][1]
    assert {**found, "twice": None} == {**value, "twice": None}
    ours, _ = unpickle(memoryview(data), Names({"collections.OrderedDict"}))
    assert ours["numbers"] == value["numbers"]
    with pytest.raises(TypeError, match="ndarray"):
        list(pickled({"array": np.zeros(2)}))
