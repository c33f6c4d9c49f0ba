"""A StyleGAN-XL file is read whole: what is unknown in it, or contradicts itself, is refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from common.errors import UserError
from networks.base import truncate
from networks.families.styleganxl.generator import StyleGANXLGenerator
from networks.formats.account import Account
from networks.formats.contents import FormatError, TensorRef
from networks.formats.layouts import Found, layout_of
from networks.formats.modules import Module, ModuleReader
from networks.formats.other_families import family_of
from networks.formats.refusal import DATA_NAMES
from networks.formats.settings.expected import dense
from networks.formats.settings.stylegan3_modules import filtered_layer, fourier_input
from networks.formats.torch_data import Tensors
from networks.pickles.data import Budget, Names
from networks.pickles.machine import unpickle
from networks.snapshots.build import build
from networks.snapshots.snapshot import open_snapshot
from tests.foreign import SMALL
from tests.networks.families.test_styleganxl import HEAD, STEM, stacked


def read(path: Path) -> tuple[Module, dict[str, TensorRef]]:
    names, budget = Names(DATA_NAMES, lenient=True), Budget()
    root, _ = unpickle(memoryview(path.read_bytes()), names, budget=budget)
    tensors = Tensors(budget, names)
    module = ModuleReader(tensors).read(root["G_ema"])
    return module, {name: tensors.ref(record) for name, record in module.all_tensors().items()}


def opened(module: Module | None, refs: Mapping[str, TensorRef]) -> StyleGANXLGenerator:
    """The network, as a file that holds this gives it. Raises FormatError."""
    layout = layout_of(refs)
    if layout is None:
        raise FormatError("nobody knows it")
    beside: Account[Any] = Account("entry", {})
    found = Found("G_ema", Account("tensor", refs), module, beside, lambda _: None)
    G: Any = build(layout.read(found), limit=1 << 24)
    return G


def picture(G: StyleGANXLGenerator) -> Tensor:
    rng = torch.Generator().manual_seed(3)
    z, c = torch.randn(2, G.z_dim, generator=rng), torch.eye(G.c_dim)[:2] if G.c_dim else None
    with torch.inference_mode():
        ws = G.map(z, c)[:, None].repeat(1, G.num_ws, 1)
        return G.render(truncate(ws, G.w_avg, 0.7, c=c))


def copied(module: Module) -> Module:
    """A copy to be changed; its tensors stay where they are."""
    children = {name: copied(child) for name, child in module.children.items()}
    attributes = deepcopy(module.attributes)
    return Module(module.class_name, module.source, attributes, dict(module.tensors), children)


def at(module: Module, path: str) -> Module:
    found = module.child(path) if path else module
    assert found is not None
    return found


def otherwise(value: Any) -> Any:
    match value:
        case None:
            return 0.5
        case bool():
            return not value
        case int() | float():
            return value + 1
        case list():
            return [*value[1:], 99]
        case _:
            return "relu"


FILES = {path.stem: read(path) for path in (HEAD, STEM)}
EMA = {"magnitude_ema_beta": 0.99}
HONOURED = {"output_scale"}
"""What is used, and said nowhere else."""


@pytest.mark.parametrize("name", FILES)
def test_every_setting_counts(name: str) -> None:
    module, refs = FILES[name]
    expected, number, refused = picture(opened(module, refs)), 0, 0
    for path, part in module.walk():
        for key, value in part.attributes.items():
            if key.startswith("_init"):
                continue
            changed, number = copied(module), number + 1
            at(changed, path).attributes[key] = otherwise(value)
            try:
                found = picture(opened(changed, refs))
            except FormatError:
                refused += 1
            else:
                # Filters are in the file: how they were designed, and what layers tell again,
                # has no effect.
                assert torch.equal(found, expected) == (key not in HONOURED), (path, key)
    assert refused > 0.75 * number > 200


def test_stems_and_heads_may_be_trained_with_other_settings() -> None:
    """A stem follows magnitudes by its batch size, and may be without a clamp; heads have 256."""
    module, refs = FILES[HEAD.stem]
    expected, changed = picture(opened(module, refs)), copied(module)
    stem = [at(changed, f"synthesis.{name}") for name in ("L0_36_12", "L1_36_12", "L2_36_12")]
    for part in stem:
        part.attributes["magnitude_ema_beta"] = 0.99
        part.attributes["conv_clamp"] = None
    assert torch.equal(picture(opened(changed, refs)), expected)  # nothing comes near 256
    stem[1].attributes["conv_clamp"] = 0.1
    G = opened(changed, refs)
    assert G.config["clamps"][:4] == [0, 0.1, 0, 256]
    assert not torch.allclose(picture(G), expected, atol=1e-3)


@pytest.mark.parametrize("name", FILES)
def test_every_setting_that_is_unknown_is_refused_by_name(name: str) -> None:
    module, refs = FILES[name]
    for path, part in module.walk():
        changed = copied(module)
        at(changed, path).attributes["spectral_norm"] = False
        with pytest.raises(FormatError, match="spectral_norm"):
            opened(changed, refs)
        if isinstance(part.attributes.get("_init_kwargs"), dict):
            changed = copied(module)
            at(changed, path).attributes["_init_kwargs"]["aliasing"] = 1
            with pytest.raises(FormatError, match="aliasing"):
                opened(changed, refs)
    changed = copied(module)
    at(changed, "synthesis").children["attention"] = Module("Attention", "", {}, {})
    with pytest.raises(FormatError, match=r"synthesis\.attention"):
        opened(changed, refs)
    changed = copied(module)
    at(changed, "mapping.embed").attributes["max_norm"] = 1.0  # looking up would scale the rows
    with pytest.raises(FormatError, match="max_norm"):
        opened(changed, refs)


@pytest.mark.parametrize("name", FILES)
def test_every_module_and_what_layers_are_made_of_are_needed(name: str) -> None:
    module, refs = FILES[name]
    layers = at(module, "synthesis").attributes["layer_names"]
    needed = ("conv_kernel", "is_critically_sampled", "out_sampling_rate", "out_size", "out_cutoff")
    for path in (f"synthesis.{layers[2]}", f"synthesis.{layers[-1]}"):
        for key in needed:
            changed = copied(module)
            del at(changed, path).attributes[key]
            with pytest.raises(FormatError, match=key):
                opened(changed, refs)
    for path, key in (("", "c_dim"), ("mapping", "z_dim"), ("synthesis", "output_scale")):
        changed = copied(module)
        del at(changed, path).attributes[key]
        with pytest.raises(FormatError, match=key):
            opened(changed, refs)
    for named in ([], None, ["L0_36_12"], [*layers, "L99_16_3"], ["x"] * len(layers), layers[::-1]):
        changed = copied(module)
        at(changed, "synthesis").attributes["layer_names"] = named
        with pytest.raises(FormatError):
            opened(changed, refs)


@pytest.mark.parametrize("name", FILES)
def test_every_tensor_counts(name: str) -> None:
    module, refs = FILES[name]
    expected = picture(opened(module, refs))
    for key in refs:
        rest = {other: ref for other, ref in refs.items() if other != key}
        with pytest.raises(FormatError):
            opened(module, rest)
        with pytest.raises(FormatError):
            opened(module, {**rest, f"{key}_of_mine": refs[key]})
        with pytest.raises(FormatError, match="of_mine"):
            opened(module, {**refs, f"{key}_of_mine": refs[key]})
    if name == STEM.stem:  # its classes are there, and are nobody's
        table = {"mapping.embed.weight": TensorRef.computed(torch.randn(20, 12))}
        assert torch.equal(picture(opened(module, {**refs, **table})), expected)


def test_a_table_of_fewer_rows_than_classes_is_refused() -> None:
    module, refs = FILES[HEAD.stem]
    changed = copied(module)
    at(changed, "mapping.embed").attributes["num_embeddings"] = 5
    short = {"mapping.embed.weight": TensorRef.computed(torch.randn(5, 12))}
    with pytest.raises(FormatError, match="6 classes and an embedding of 5"):
        opened(changed, {**refs, **short})


def test_tables_of_tensors_are_refused_by_name(tmp_path: Path) -> None:
    for path in (HEAD, STEM):
        G = open_snapshot(path).G_ema
        state = {
            name.replace("embed.rows", "embed.weight"): v for name, v in G.state_dict().items()
        }
        state["mapping.embed.weight"] = torch.ones(20, 12)
        torch.save(state, tmp_path / "x.pt")
        with pytest.raises(UserError, match="table of StyleGAN-XL tensors"):
            open_snapshot(tmp_path / "x.pt")
        assert family_of(state) == "StyleGAN-XL"


def described(G: StyleGANXLGenerator) -> tuple[Module, dict[str, TensorRef]]:
    """A network of ours, as their program would describe it."""

    def module(attributes: dict[str, Any], **children: Module) -> Module:
        return Module("Part", "", attributes, {}, children)

    z, c, w = G.z_dim, G.c_dim, G.w_dim
    sizes = {"z_dim": z, "c_dim": c, "w_dim": w, "num_ws": G.num_ws}
    layers = {
        plan.name: module(
            {
                **filtered_layer(plan, {"w_dim": w, "conv_clamp": clamp or None, **EMA}),
                "filter_size": 6,
                "lrelu_upsampling": 2,
                "use_radial_filters": plan.radial,
            },
            affine=module(dense(w, plan.before.channels)),
        )
        for plan, clamp in zip(G.plans, G.config["clamps"], strict=True)
    }
    signal: Any = G.synthesis["input"]
    picture = {"img_resolution": G.resolution, "img_channels": G.img_channels}
    embed = {"num_embeddings": 9, "embedding_dim": 4, "max_norm": None}
    whole = module(
        {**sizes, **picture},
        mapping=module(
            {**sizes, "num_layers": 2, "w_avg_beta": 0.998},
            embed=module(embed),
            embed_proj=module(dense(4, z, "lrelu")),
            fc0=module(dense(2 * z, w, "lrelu", 0.01)),
            fc1=module(dense(w, w, "lrelu", 0.01)),
        ),
        synthesis=module(
            {"w_dim": w, "num_ws": G.num_ws, "output_scale": 0.25, "layer_names": list(layers)},
            input=module(fourier_input(signal._signal, w), affine=module(dense(w, 4))),
            **layers,
        ),
    )
    return whole, dict(_theirs(G))


def _theirs(G: StyleGANXLGenerator) -> Iterator[tuple[str, TensorRef]]:
    for name, value in G.state_dict().items():
        if name == "mapping.embed.rows":
            rows = torch.cat([value, torch.randn(9 - len(value), 4)])
            yield "mapping.embed.weight", TensorRef.computed(rows)
        else:
            yield name.replace("embed.proj", "embed_proj"), TensorRef.computed(value)


def test_a_head_on_a_head_is_read() -> None:
    G = stacked(3)
    module, computed = described(G)
    # `computed` says that they lie in no file, which a limit on files would then not count.
    refs = {name: TensorRef(r.shape, r.dtype, r.load) for name, r in computed.items()}
    again = opened(module, refs)
    assert again.resolution == 128
    assert again.config == G.config | {"filter_size": 6, "lrelu_upsampling": 2}
    assert torch.equal(picture(again), picture(G))


def test_a_changed_file_is_refused_as_a_file(tmp_path: Path) -> None:
    path = tmp_path / "x.pkl"
    for old, new, words in (
        (b"filter_size", b"filter_sizf", "filter_size is missing"),
        (b"embed_proj", b"embed_prok", "embed_prok"),
        (b"out_half_width", b"out_half_widtx", "half_width"),
    ):
        path.write_bytes(HEAD.read_bytes().replace(old, new))
        with pytest.raises(UserError, match=words):
            open_snapshot(path)


def test_small_copies_are_of_both_kinds() -> None:
    kinds = {p.stem for p in (SMALL / "stylegan-xl").glob("*.pkl")}
    assert kinds == {HEAD.stem, STEM.stem}
    assert [open_snapshot(p).G_ema.c_dim for p in (HEAD, STEM)] == [6, 0]
