"""A StyleGAN3 file is read whole: what is unknown in it, or contradicts itself, is refused."""

from __future__ import annotations

import math
import tracemalloc
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from common.errors import UserError
from networks.families.stylegan3.generator import StyleGAN3Generator
from networks.formats.account import Account
from networks.formats.contents import FormatError, NetworkData, TensorRef
from networks.formats.layouts import Found, nvidia_stylegan3
from networks.formats.modules import Module, ModuleReader
from networks.formats.refusal import DATA_NAMES
from networks.formats.settings.stylegan3_config import config_from_tensors
from networks.formats.torch_data import Tensors
from networks.pickles.data import Budget, Names
from networks.pickles.machine import unpickle
from networks.snapshots.build import unfilled
from networks.snapshots.snapshot import open_snapshot
from tests.paths import DATA

ODD = DATA / "sg3-t-odd-32.pkl"


def read(path: Path = ODD) -> Module:
    names, budget = Names(DATA_NAMES), Budget()
    root, _ = unpickle(memoryview(path.read_bytes()), names, budget=budget)
    return ModuleReader(Tensors(budget, names)).read(root["G_ema"])


MODULE = read()


def opened(module: Module) -> NetworkData:
    """The network, once everything in the file fits it. Raises FormatError."""
    tensors = Tensors(Budget(), Names(DATA_NAMES))
    refs = {name: tensors.ref(record) for name, record in module.all_tensors().items()}
    beside: Account[Any] = Account("entry", {})
    found = Found("G_ema", Account("tensor", refs), module, beside, lambda _: None)
    data = nvidia_stylegan3.read(found)
    unfilled(data)
    return data


def copied(module: Module) -> Module:
    """A copy to be changed; its tensors stay where they are."""
    children = {name: copied(child) for name, child in module.children.items()}
    attributes = deepcopy(module.attributes)
    return Module(module.class_name, module.source, attributes, dict(module.tensors), children)


def at(module: Module, path: str) -> Module:
    """The module at a path."""
    found = module if not path else module.child(path)
    assert found is not None
    return found


def settings() -> Iterator[tuple[str, str]]:
    """Every setting of every module that has an effect on pictures, or repeats one that has."""
    for path, module in MODULE.walk():
        for key, value in module.attributes.items():
            aside = key.startswith("_init") or key == "training"
            # `None` stands for what is no number and no text.
            if not aside and (value is not None or key == "embed"):
                yield path, key


def otherwise(value: Any) -> Any:
    match value:
        case bool():
            return not value
        case int() | float():
            return value + 1
        case list():
            return [*value[1:], "x"]
        case _:
            return "relu"


def test_the_file_as_it_is_is_read() -> None:
    data = opened(copied(MODULE))
    assert data.family == "stylegan3"
    assert data.config["filter_size"] == 4
    assert data.config["output_scale"] == 0.5
    assert len(list(settings())) > 200


def test_every_setting_that_says_something_else_is_refused_by_name() -> None:
    for path, key in settings():
        module = copied(MODULE)
        attributes = at(module, path).attributes
        attributes[key] = otherwise(attributes[key])
        with pytest.raises(FormatError) as caught:
            opened(module)
        assert key in caught.value.reason, (path, key)


def test_every_setting_that_is_unknown_is_refused_by_name() -> None:
    for path, _ in MODULE.walk():
        module = copied(MODULE)
        at(module, path).attributes["spectral_norm"] = False
        with pytest.raises(FormatError, match="spectral_norm"):
            opened(module)
    module = copied(MODULE)
    module.attributes["_init_kwargs"]["aliasing"] = 1
    with pytest.raises(FormatError, match="aliasing"):
        opened(module)
    module = copied(MODULE)
    module.attributes["_init_kwargs"]["mapping_kwargs"]["activation"] = "relu"
    with pytest.raises(FormatError, match=r"mapping_kwargs\.activation"):
        opened(module)


def test_every_module_that_is_unknown_is_refused_by_name() -> None:
    module = copied(MODULE)
    at(module, "synthesis").children["attention"] = Module("Attention", "", {}, {})
    with pytest.raises(FormatError, match=r"synthesis\.attention"):
        opened(module)


def test_every_tensor_counts() -> None:
    for path, part in MODULE.walk():
        for name in part.tensors:
            whole = f"{path}.{name}" if path else name
            module = copied(MODULE)
            tensors = at(module, path).tensors
            record = tensors.pop(name)
            if name != "freqs":  # by which the family is known
                with pytest.raises(FormatError) as caught:
                    opened(module)
                assert whole in caught.value.reason
            tensors |= {name: record, "extra": record}
            with pytest.raises(FormatError, match="extra"):
                opened(module)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("num_layers", 10**9),
        ("num_layers", -4),
        ("num_layers", None),
        ("margin_size", 1 << 60),
        ("first_cutoff", math.nan),
        ("first_cutoff", -1.0),
        ("filter_size", 1 << 30),
        ("lrelu_upsampling", 1 << 30),
        ("conv_clamp", [3]),
        ("output_scale", "much"),
        ("img_resolution", 1 << 62),
        ("z_dim", None),
        ("w_dim", -1),
        ("channel_base", 1 << 62),
        ("mapping_kwargs", "none"),
        ("mapping_kwargs", {"num_layers": 10**9}),
        ("mapping_kwargs", {"lr_multiplier": math.inf}),
    ],
)
def test_absurd_settings_are_refused_before_anything_is_built(setting: str, value: Any) -> None:
    module = copied(MODULE)
    module.attributes["_init_kwargs"][setting] = value
    with pytest.raises(FormatError):
        opened(module)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("num_layers", 10**4),
        ("num_layers", 14.0),
        ("num_layers", -1),
        ("mapping_layers", 64),
        ("z_dim", -1),
        ("w_dim", 60_000),
        ("margin_size", 60_000),
        ("filter_size", 60_000),
        ("lrelu_upsampling", 1e9),
        ("first_cutoff", math.nan),
        ("first_stopband", "wide"),
        ("channel_base", 1 << 24),
        ("conv_clamp", -1),
        ("img_resolution", 8192),
        ("attention", True),
    ],
)
def test_absurd_settings_in_our_own_files_are_refused_at_once(setting: str, value: Any) -> None:
    data = opened(copied(MODULE))
    tracemalloc.start()
    try:
        with pytest.raises(FormatError):
            unfilled(replace(data, config=data.config | {setting: value}))
        assert tracemalloc.get_traced_memory()[1] < 50e6
    finally:
        tracemalloc.stop()


def refs(G: StyleGAN3Generator) -> dict[str, TensorRef]:
    return {
        name: TensorRef(tuple(t.shape), t.dtype, lambda t=t: t.clone())
        for name, t in G.state_dict().items()
    }


@pytest.mark.parametrize("radial", [False, True], ids="TR")
@pytest.mark.parametrize("c_dim", [0, 3])
def test_published_networks_are_known_by_their_tensors_alone(radial: bool, c_dim: int) -> None:
    torch.manual_seed(0)
    kernel = 1 if radial else 3
    layers = {"channel_base": 256, "channel_max": 8, "conv_kernel": kernel, "num_fp16_res": 4}
    G = StyleGAN3Generator(6, c_dim, 5, 32, 3, use_radial_filters=radial, **layers)
    found, notes = config_from_tensors(refs(G))
    again = StyleGAN3Generator(**found)
    again.load_state_dict(G.state_dict())
    w = torch.randn(1, again.num_ws, 5)
    with torch.inference_mode():
        assert torch.equal(again.render(w), G.render(w))
    assert "worked out" in notes[0]


def test_other_networks_are_not_taken_for_published_ones() -> None:
    for change in ({"first_cutoff": 1.9}, {"filter_size": 4}, {"lrelu_upsampling": 4}):
        G = StyleGAN3Generator(6, 0, 5, 32, 3, channel_base=256, channel_max=8, **change)
        with pytest.raises(FormatError):
            config_from_tensors(refs(G))
    hostile = refs(StyleGAN3Generator(6, 0, 5, 32, 3, channel_base=256, channel_max=8))
    for name in list(hostile):
        with pytest.raises(FormatError):
            unfilled(guess(hostile, name, None))
        if hostile[name].shape:
            with pytest.raises(FormatError):
                unfilled(guess(hostile, name, replace(hostile[name], shape=(1, 2, 3, 4, 5))))


def guess(tensors: dict[str, TensorRef], name: str, ref: TensorRef | None) -> NetworkData:
    left = {key: value for key, value in tensors.items() if key != name}
    left |= {} if ref is None else {name: ref}
    config, _ = config_from_tensors(left)
    return NetworkData("generator", "stylegan3", config, left)


def test_a_changed_file_is_refused_as_a_file(tmp_path: Path) -> None:
    data = ODD.read_bytes().replace(b"margin_size", b"MARGIN_SIZE")
    (tmp_path / "x.pkl").write_bytes(data)
    with pytest.raises(UserError, match="MARGIN_SIZE"):
        open_snapshot(tmp_path / "x.pkl")
