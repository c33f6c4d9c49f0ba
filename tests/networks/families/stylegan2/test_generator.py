"""What the explorer relies on: resuming, tapping, mixing, noise, precision, and equal paths."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
import torch
from torch import Tensor

from networks.base import NoiseInput, State
from networks.families.stylegan2.generator import StyleGAN2Generator
from ops import reference_path

ARCHITECTURES = ["skip", "resnet", "orig"]


def generator(**changes: Any) -> StyleGAN2Generator:
    """Three blocks, every tensor random: fresh networks have no noise and no bias."""
    config = {"z_dim": 6, "c_dim": 0, "w_dim": 5, "img_resolution": 16, "mapping_layers": 2}
    torch.manual_seed(0)
    G = StyleGAN2Generator(**{**config, "channel_base": 128, "channel_max": 12, **changes})
    with torch.no_grad():
        for name, parameter in G.named_parameters():
            if name.endswith(("bias", "noise_strength")):
                parameter.add_(torch.randn_like(parameter) * 0.3)
    return G.eval().requires_grad_(False)


def latents(G: StyleGAN2Generator, batch: int = 2) -> Tensor:
    return torch.randn(batch, G.num_ws, G.w_dim, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_resuming_anywhere_gives_the_whole(architecture: str) -> None:
    G = generator(architecture=architecture)
    ws = latents(G)
    states = [State(None, None)]
    for stage in G.stages:
        states.append(stage(states[-1], ws, NoiseInput()))
    expected = G.render(ws)
    for first in range(len(G.stages)):
        # Kept states serve many pictures: what runs later must not write into them.
        state = states[first]
        for stage in G.stages[first:]:
            state = stage(state, ws, NoiseInput())
        assert state.img is not None
        assert torch.equal(state.img, expected)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_a_stage_reads_its_rows_and_no_other(architecture: str) -> None:
    G = generator(architecture=architecture)
    ws = latents(G)
    read = [row for stage in G.stages for row in stage.rows]
    assert sorted(set(read)) == list(range(G.num_ws))
    for before, after in pairwise(G.stages):
        assert after.rows.start == (
            before.rows.stop - 1 if architecture == "skip" else before.rows.stop
        )
    state = State(None, None)
    for stage in G.stages:
        expected = stage(state, ws, NoiseInput())
        for row in range(G.num_ws):
            changed = ws.clone()
            changed[:, row] += 1
            result = stage(state, changed, NoiseInput())
            same = all(
                a is None or torch.equal(a, b) for a, b in zip(result, expected, strict=True)
            )
            assert same == (row not in stage.rows), (stage.rows, row)
        state = expected


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_layers_are_what_is_tapped(architecture: str) -> None:
    G = generator(architecture=architecture, img_channels=1)
    ws = latents(G)
    seen: dict[str, Tensor] = {}

    def look(name: str, x: Tensor) -> Tensor:
        seen[name] = x
        return x

    G.render(ws, tap=look)
    assert [layer.name for layer in G.layers] == list(seen)
    for layer in G.layers:
        size = (2, layer.channels, layer.resolution, layer.resolution)
        assert seen[layer.name].shape == size, layer
    names = [layer.name for layer in G.layers]
    match architecture:
        case "skip":
            block = ["conv0", "conv1", "torgb", "image"]
            first, last = ["const", "conv1", "torgb", "image"], block
        case "resnet":
            block = ["skip", "conv0", "conv1", "sum"]
            first, last = ["const", "conv1"], [*block, "torgb", "image"]
        case _:
            block = ["conv0", "conv1"]
            first, last = ["const", "conv1"], [*block, "torgb", "image"]
    parts = {"b4": first, "b8": block, "b16": last}
    assert names == [f"{b}.{part}" for b, found in parts.items() for part in found]


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_a_layer_names_the_row_that_drives_it(architecture: str) -> None:
    """The row changes the layer with the tap before held fixed; no other row does."""
    G = generator(architecture=architecture)
    ws = latents(G, 1)
    for layer in G.layers:
        if layer.row is None:
            continue
        kept: dict[str, Tensor] = {}

        def keep(name: str, x: Tensor, kept: dict[str, Tensor] = kept) -> Tensor:
            kept[name] = x
            return x

        G.render(ws, tap=keep)
        for row in range(G.num_ws):
            changed = ws.clone()
            changed[:, row] += 1
            found: list[Tensor] = []

            def hold(
                name: str,
                x: Tensor,
                end: str = layer.name,
                kept: dict[str, Tensor] = kept,
                found: list[Tensor] = found,
            ) -> Tensor:
                if name == end:
                    found.append(x)
                return kept[name]

            G.render(changed, tap=hold)
            assert torch.equal(found[0], kept[layer.name]) == (row != layer.row), (layer, row)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_editing_a_layer_changes_what_follows_and_nothing_before(architecture: str) -> None:
    G = generator(architecture=architecture)
    ws = latents(G)
    plain: dict[str, Tensor] = {}
    G.render(ws, tap=lambda name, x: plain.setdefault(name, x))
    names = list(plain)
    for edited in names:
        seen: dict[str, Tensor] = {}

        def silence(
            name: str, x: Tensor, edited: str = edited, seen: dict[str, Tensor] = seen
        ) -> Tensor:
            seen[name] = x
            if name != edited:
                return x
            x = x.clone()
            x[:, 0] = 0
            return x

        img = G.render(ws, tap=silence)
        before = names[: names.index(edited) + 1]
        assert all(torch.equal(seen[name], plain[name]) for name in before), edited
        assert not torch.equal(img, plain[names[-1]]), edited


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"img_channels": 1, "activation": "swish", "conv_clamp": 1.5},
        {"img_channels": 5, "use_noise": False, "resample_filter": [1, 4, 6, 4, 1]},
        {"resample_filter": [1, 2, 3, 5, 5, 3, 2, 1]},
    ],
    ids=["plain", "clamped", "odd", "long"],
)
def test_fast_path_equals_reference_path(
    changes: dict[str, Any], architecture: str, batch: int
) -> None:
    G = generator(architecture=architecture, **changes).double()
    ws = latents(G, batch).double()
    fast = G.render(ws, NoiseInput("random", seed=3))
    with reference_path():
        expected = G.render(ws, NoiseInput("random", seed=3))
    assert fast.dtype == torch.float64
    assert fast.shape == (batch, G.img_channels, 16, 16)
    torch.testing.assert_close(fast, expected, rtol=1e-9, atol=1e-9)
    torch.testing.assert_close(fast[:1], G.render(ws[:1], NoiseInput("random", seed=3)))


def test_recording_a_graph_changes_no_number() -> None:
    G = generator()
    ws = latents(G)
    expected = G.render(ws)
    G.requires_grad_(True)
    img = G.render(ws)
    torch.testing.assert_close(img.detach(), expected)
    img.sum().backward()
    assert all(p.grad is not None for p in G.synthesis.parameters())


def test_noise() -> None:
    G = generator()
    ws = latents(G)
    none = G.render(ws, NoiseInput("none"))
    const = G.render(ws, NoiseInput("const"))
    drawn = G.render(ws, NoiseInput("random", seed=5))
    assert torch.equal(drawn, G.render(ws, NoiseInput("random", seed=5)))
    assert not torch.equal(drawn, G.render(ws, NoiseInput("random", seed=6)))
    assert not torch.equal(const, none)
    assert torch.equal(none, G.render(ws, NoiseInput("random", seed=5, strength=0)))
    noisy = [layer.name for layer in G.layers if layer.noise]
    assert noisy == ["b4.conv1", "b8.conv0", "b8.conv1", "b16.conv0", "b16.conv1"]
    off = NoiseInput("const", layers=dict.fromkeys(noisy, 0.0))
    assert torch.equal(none, G.render(ws, off))
    free = [G.render(ws, NoiseInput("random", seed=None)) for _ in range(2)]
    assert not torch.equal(*free)


def test_noise_of_layers_and_samples_is_independent() -> None:
    const = torch.zeros(64, 64)
    noise = NoiseInput("random", seed=1)
    a, b = noise.sample("b64.conv0", const, 2), noise.sample("b64.conv1", const, 2)
    assert a is not None
    assert b is not None
    draws = torch.cat([a, b]).flatten(1)
    correlation = torch.corrcoef(draws) - torch.eye(4)
    assert correlation.abs().max() < 0.1
    assert torch.all((draws.std(1) - 1).abs() < 0.1)
    # A seed is a network-wide promise: other layers must not shift what this one gets.
    assert torch.equal(a, noise.sample("b64.conv0", const, 2))


@pytest.mark.parametrize("c_dim", [0, 3])
def test_mapping(c_dim: int) -> None:
    G = generator(
        c_dim=c_dim, mapping_layers=8, layer_features=9, embed_features=4 if c_dim else None
    )
    assert G.mapping.fc0.weight.shape == (9, 10 if c_dim else 6)
    z, c = torch.randn(4, 6), torch.eye(3)[[0, 1, 2, 0]]
    w = G.map(z, c if c_dim else None)
    assert w.shape == (4, 5)
    # z is normalised first (StyleGAN's pixel norm): its length says nothing.
    torch.testing.assert_close(G.map(z * 7, c if c_dim else None), w)
    if c_dim:
        assert not torch.allclose(G.map(z, c.roll(1, 0)), w)
        with pytest.raises(ValueError, match="conditional"):
            G.map(z)


def test_w_avg_follows_the_mean() -> None:
    G = generator(w_avg_beta=0.9)
    G.w_avg.fill_(1.0)
    G.update_w_avg(torch.tensor([[3.0] * 5, [5.0] * 5]))
    torch.testing.assert_close(G.w_avg, torch.full([5], 0.9 * 1 + 0.1 * 4))


def test_configuration_survives_json() -> None:
    G = generator(c_dim=2, architecture="resnet", resample_filter=(1, 2, 1))
    G2 = StyleGAN2Generator(**json.loads(json.dumps(G.config)))
    G2.load_state_dict(G.state_dict())
    ws = latents(G)
    with torch.no_grad():
        assert torch.equal(G2.render(ws), G.render(ws))
    assert G2.config == G.config


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_half_precision_on_request(architecture: str) -> None:
    """The two top resolutions in float16: the picture stays float32 and close."""
    G = generator(architecture=architecture, num_fp16_res=2)
    ws = latents(G)
    full = G.render(ws)
    G.set_precision("float16")
    seen: dict[str, torch.dtype] = {}

    def look(name: str, x: Tensor) -> Tensor:
        seen[name] = x.dtype
        return x

    half = G.render(ws, tap=look)
    assert half.dtype == torch.float32
    assert seen == {layer.name: layer.dtype for layer in G.layers}
    assert {name.split(".")[0] for name, d in seen.items() if d == torch.float16} == {"b8", "b16"}
    assert not torch.equal(half, full)
    torch.testing.assert_close(half, full, atol=0.02 * float(full.abs().max()), rtol=0)
    G.set_precision("float32")
    assert torch.equal(G.render(ws), full)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_autocast_reaches_every_layer(architecture: str) -> None:
    """Features that slip back into float32 are converted for every convolution again."""
    G = generator(architecture=architecture, num_fp16_res=0)
    ws = latents(G)
    seen: dict[str, torch.dtype] = {}

    def look(name: str, x: Tensor) -> Tensor:
        seen[name] = x.dtype
        return x

    full = G.render(ws)
    with torch.autocast("cpu", torch.bfloat16):
        rough = G.render(ws, tap=look)
    full_precision = {name for name, dtype in seen.items() if dtype != torch.bfloat16}
    assert {name.split(".")[1] for name in full_precision} == {"const", "torgb", "image"}
    torch.testing.assert_close(rough, full, atol=0.1 * float(full.abs().max()), rtol=0)


def test_clamping_bounds_the_features() -> None:
    G = generator(conv_clamp=0.25)
    seen: dict[str, Tensor] = {}
    G.render(latents(G), tap=lambda name, x: seen.setdefault(name, x))
    for name in ("b4.conv1", "b8.conv0", "b16.conv1", "b16.torgb"):
        assert seen[name].abs().max() == 0.25


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"img_resolution": 24}, "power of two"),
        ({"architecture": "unet"}, "orig, skip, resnet"),
        ({"activation": "gelu"}, "lrelu"),
    ],
)
def test_impossible_configurations_are_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        generator(**changes)
