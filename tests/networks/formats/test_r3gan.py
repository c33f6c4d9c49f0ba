"""An R3GAN file is read whole: what is unknown in it, or contradicts itself, is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from common.errors import UserError
from networks.formats.account import Account
from networks.formats.contents import FormatError, TensorRef
from networks.formats.layouts import Found, layout_of, r3gan
from networks.formats.modules import Module, ModuleReader
from networks.formats.refusal import DATA_NAMES
from networks.formats.torch_data import Tensors
from networks.pickles.data import Budget, Names
from networks.pickles.machine import unpickle
from networks.snapshots.build import build
from networks.snapshots.snapshot import open_snapshot
from tests.networks.families.test_r3gan import FILE
from tests.networks.families.test_styleganxl import STEM
from tests.networks.formats.test_styleganxl import at, copied, otherwise

Refs = dict[str, TensorRef]


def read(name: str) -> tuple[Module, Refs]:
    names, budget = Names(DATA_NAMES, lenient=True), Budget()
    root, _ = unpickle(memoryview(FILE.read_bytes()), names, budget=budget)
    tensors = Tensors(budget, names)
    module = ModuleReader(tensors).read(root[name])
    return module, {key: tensors.ref(value) for key, value in module.all_tensors().items()}


FOUND = {name: read(name) for name in ("G_ema", "D")}


def opened(name: str, module: Module | None, refs: Mapping[str, TensorRef]) -> nn.Module:
    """The network, as a file that holds this gives it. Raises FormatError."""
    if layout_of(refs) is not r3gan.LAYOUT:
        raise FormatError("nobody knows it")
    beside: Account[Any] = Account("entry", {})
    found = Found(name, Account("tensor", refs), module, beside, lambda _: None)
    return build(r3gan.read(found), limit=1 << 24)


@torch.inference_mode()
def output(network: Any) -> Tensor:
    """A picture of a generator, or the logits of a discriminator."""
    rng = torch.Generator().manual_seed(3)
    c = torch.eye(4)[:2]
    if hasattr(network, "stages"):
        z = torch.randn(2, network.z_dim, generator=rng)
        made: Tensor = network.render(network.map(z, c)[:, None])
        return made
    logits: Tensor = network(torch.randn(2, 3, 16, 16, generator=rng), c)
    return logits


@pytest.mark.parametrize("name", FOUND)
def test_every_setting_counts(name: str) -> None:
    module, refs = FOUND[name]
    number = 0
    for path, part in module.walk():
        for key, value in part.attributes.items():
            changed, number = copied(module), number + 1
            at(changed, path).attributes[key] = otherwise(value)
            if key in ("training", "DataType"):  # how it was trained
                assert opened(name, changed, refs)
            else:
                with pytest.raises(FormatError, match=key):
                    opened(name, changed, refs)
        changed = copied(module)
        at(changed, path).attributes["spectral_norm"] = True
        with pytest.raises(FormatError, match="spectral_norm"):
            opened(name, changed, refs)
    assert number > 150


@pytest.mark.parametrize("name", FOUND)
def test_every_tensor_counts(name: str) -> None:
    module, refs = FOUND[name]
    assert opened(name, module, refs)
    for key in refs:
        rest = {other: ref for other, ref in refs.items() if other != key}
        for changed in (rest, {**rest, f"{key}_of_mine": refs[key]}):
            # A table of tensors without labels is one of a network without classes.
            told = module if key == "Model.EmbeddingLayer.weight" else None
            with pytest.raises(FormatError):
                opened(name, told, changed)
        with pytest.raises(FormatError, match="of_mine"):
            opened(name, module, {**refs, f"{key}_of_mine": refs[key]})
        with pytest.raises(FormatError):
            opened(name, None, {**refs, key: TensorRef.computed(torch.ones(1, 2, 3, 4, 5))})


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("Model.MainLayers.1.Layers.0.Resampler", "InplaceUpsamplerCUDA"),
        ("Model.MainLayers.0.Layers.1", "AttentionBlock"),
        ("Model.MainLayers.0.Layers.1.NonLinearity1", "BiasedSwish"),
        ("Model.AggregationLayer", "ToneMapping"),
    ],
)
def test_parts_that_compute_something_else_are_refused_by_name(path: str, name: str) -> None:
    module, refs = FOUND["G_ema"]
    changed = copied(module)
    holder, _, last = path.rpartition(".")
    part = at(changed, path)
    other = Module(name, part.source, part.attributes, part.tensors, part.children)
    at(changed, holder).children[last] = other
    with pytest.raises(FormatError, match=f"class {name}"):
        opened("G_ema", changed, refs)


@pytest.mark.parametrize(
    "wrap",
    [
        lambda states: {"G_ema": states["G_ema"], "D": states["D"]},
        lambda states: states["G_ema"],
        lambda states: {k.removeprefix("Model."): v for k, v in states["G_ema"].items()},
        lambda states: {f"module.{k}": v for k, v in states["G_ema"].items()},
    ],
    ids=["both", "alone", "inner", "parallel"],
)
def test_tables_of_tensors_draw_the_same(tmp_path: Path, wrap: Callable[[Any], Any]) -> None:
    states = {n: {k: ref.load() for k, ref in refs.items()} for n, (_, refs) in FOUND.items()}
    torch.save(wrap(states), tmp_path / "x.pt")
    snapshot = open_snapshot(tmp_path / "x.pt", names=None)
    assert torch.equal(output(snapshot.G_ema), output(opened("G_ema", *FOUND["G_ema"])))
    if "D" in snapshot.available:
        assert torch.equal(output(snapshot.D), output(opened("D", *FOUND["D"])))


def test_stages_of_equal_width_and_networks_without_classes_are_read() -> None:
    """As the published ones: nothing mixes channels where their number stays."""
    _, refs = FOUND["G_ema"]
    start = "Model.MainLayers.1.Layers"
    narrow = {k: r for k, r in refs.items() if not k.startswith("Model.MainLayers.2")}
    linear = f"{start}.0.LinearLayer.Layer.weight"
    del narrow[linear]
    for key, shape in (
        (f"{start}.1.LinearLayer1.Layer.weight", (24, 16, 1, 1)),
        (f"{start}.1.LinearLayer3.Layer.weight", (16, 24, 1, 1)),
        ("Model.AggregationLayer.Layer.weight", (1, 16, 1, 1)),
    ):
        narrow[key] = _ref(shape)
    del narrow["Model.EmbeddingLayer.weight"]
    narrow["Model.MainLayers.0.Layers.0.LinearLayer.weight"] = _ref((16, 9))
    G: Any = opened("G_ema", None, narrow)
    assert (G.z_dim, G.c_dim, G.resolution, G.img_channels) == (9, 0, 8, 1)
    assert G.render(torch.randn(1, 1, 9)).shape == (1, 1, 8, 8)
    with pytest.raises(FormatError, match="belongs to no layer"):
        opened("G_ema", None, {**narrow, linear: _ref((16, 16, 1, 1))})


def _ref(shape: tuple[int, ...]) -> TensorRef:
    value = torch.randn(shape)
    return TensorRef(shape, value.dtype, value.clone)


def test_how_long_it_was_trained_is_told(tmp_path: Path) -> None:
    assert open_snapshot(FILE).kimg == 25
    assert open_snapshot(STEM).kimg == 1  # StyleGAN-XL tells it with its progress
    path = tmp_path / "x.pkl"
    path.write_bytes(FILE.read_bytes().replace(b"cur_nimg", b"cur_nimh"))
    assert open_snapshot(path).kimg is None


def test_a_changed_file_is_refused_as_a_file(tmp_path: Path) -> None:
    path = tmp_path / "x.pkl"
    for old, new, words in (
        (b"padding_mode", b"padding_modf", "padding_modf"),
        (b"ResidualBlock", b"AttentionBloc", "AttentionBloc"),
        (b"\x08bfloat16", b"\x08__load__", "torch.__load__"),
    ):
        assert old in FILE.read_bytes(), old
        path.write_bytes(FILE.read_bytes().replace(old, new))
        with pytest.raises(UserError, match=words):
            open_snapshot(path)
