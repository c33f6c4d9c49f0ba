"""Style channels: what they are in every family, and which of them change a part of a picture."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from networks.base import Generator, NoiseInput, Scene, StyleTap, no_tap
from networks.directions.spread import Draws, Sampling
from networks.directions.style_channels import (
    Concentrated,
    search,
    style_sigmas,
)
from networks.families.lucidrains.generator import LucidrainsGenerator
from networks.families.stylegan1.generator import StyleGAN1Generator
from networks.families.stylegan2.generator import StyleGAN2Generator
from networks.families.stylegan3.generator import StyleGAN3Generator
from networks.frozen import frozen_copy

REGION = slice(2, 8), slice(4, 12)


def stylegan2(architecture: str = "skip") -> Generator:
    return StyleGAN2Generator(
        8, 0, 8, 16, mapping_layers=2, channel_base=64, channel_max=8, architecture=architecture
    )


NETWORKS = {
    "stylegan2": stylegan2,
    "stylegan2 resnet": lambda: stylegan2("resnet"),
    "stylegan1": lambda: StyleGAN1Generator(8, 0, 8, 16, mapping_layers=2, channel_base=64),
    "stylegan3": lambda: StyleGAN3Generator(
        8, 0, 8, 16, channel_base=64, channel_max=8, num_layers=6
    ),
    "lucidrains": lambda: LucidrainsGenerator(8, 16, (6, 5, 4), mapping_lr_multiplier=1.0),
}


def network(name: str = "stylegan2", seed: int = 0) -> Generator:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        made = NETWORKS[name]().eval().requires_grad_(False)
        for weight in made.parameters():  # constants, biases and noise are as after some training
            weight += 0.1 * torch.randn_like(weight)
    return made


def spread(G: Generator):
    sampling = Sampling(G, 2000, 0, None)
    while not sampling.finished:
        sampling.step()
    return sampling.spread()


def latents(G: Generator, count: int) -> list[Tensor]:
    return [w[None, None].repeat(1, G.num_ws, 1).clone() for w in Draws(G, 5, None).w(count)]


def shifted(G: Generator, ws: Tensor, layer: str, channel: int, step: float) -> Tensor:
    def change(name: str, styles: Tensor) -> Tensor:
        if name != layer:
            return styles
        unit = torch.zeros_like(styles)
        unit[:, channel] = step
        return styles + unit

    with torch.inference_mode():
        return G.render(ws, tap=StyleTap(no_tap, change))


@pytest.mark.parametrize("name", NETWORKS)
def test_a_changed_style_is_a_changed_bias_of_its_affine_layer(name: str) -> None:
    G = network(name)
    (ws,) = latents(G, 1)
    styled = {layer.name: layer.styles for layer in G.layers if layer.styles}
    told = {style.layer: len(style.weight) for stage in G.stages for style in stage.style_weights()}
    assert styled == {layer: count for layer, count in told.items() if layer}
    affines = [m for n, m in G.named_modules() if n.endswith("affine") and "input" not in n]
    assert sorted(len(affine.bias) for affine in affines) == sorted(styled.values())
    plain, matched = G.render(ws), 0
    for layer, count in styled.items():
        for channel in {1, count - 1}:
            drawn = shifted(G, ws, layer, channel, 0.7)
            assert not torch.equal(drawn, plain)
            for affine in affines:
                if len(affine.bias) != count:
                    continue
                before = affine.bias.data.clone()
                affine.bias.data[channel] += 0.7 / getattr(affine, "lr", 1.0)
                matched += torch.allclose(G.render(ws), drawn, atol=1e-5)
                affine.bias.data = before
    assert matched == 2 * len(styled), "each is the bias of one layer, and of no other"


@pytest.mark.parametrize("name", NETWORKS)
def test_how_far_styles_spread_is_what_they_do_over_w(name: str) -> None:
    G = network(name)
    seen: dict[str, Tensor] = {}

    def look(layer: str, styles: Tensor) -> Tensor:
        seen[layer] = styles
        return styles

    w = Draws(G, 9, None).w(600)
    with torch.inference_mode():
        for part in w.split(200):
            ws = part[:, None].repeat(1, G.num_ws, 1)
            seen_before = dict(seen)
            G.render(ws, NoiseInput("none"), StyleTap(no_tap, look))
            seen = {
                n: torch.cat([seen_before[n], s]) if n in seen_before else s
                for n, s in seen.items()
            }
    sigmas = style_sigmas(G, spread(G))
    assert sigmas.keys() == seen.keys()
    for layer, styles in seen.items():
        np.testing.assert_allclose(sigmas[layer], styles.std(0).numpy(), rtol=0.15)


def finish(steps) -> tuple[list[Concentrated], list[float]]:
    fractions = []
    while True:
        try:
            fractions.append(next(steps))
        except StopIteration as end:
            return end.value, fractions


@pytest.mark.parametrize("name", ["stylegan2", "stylegan3", "stylegan1"])
def test_the_search_finds_what_drawing_every_channel_finds(name: str) -> None:
    G = network(name)
    sigmas, looked = style_sigmas(G, spread(G)), latents(G, 2)
    truth: dict[tuple[str, int], tuple[float, float]] = {}
    for layer, sigma in sigmas.items():
        for channel, step in enumerate(sigma):
            away = [
                [shifted(G, ws, layer, channel, s).clamp(-1, 1) for s in (step, -step)]
                for ws in looked
            ]
            maps = torch.cat([(a - b).abs().mean(1) for a, b in away]).double()
            inside = maps[:, REGION[0], REGION[1]]
            truth[layer, channel] = float(inside.sum() / maps.sum()), float(inside.mean())
    found, fractions = finish(
        search(frozen_copy(G), looked, REGION, Scene(NoiseInput()), sigmas, 5, 0)
    )
    assert len(found) == 5
    for each in found:
        assert each.share == pytest.approx(truth[tuple(each.channel)][0], abs=1e-4)
        assert each.sigma == pytest.approx(sigmas[each.channel.layer][each.channel.number])
    assert [each.share for each in found] == sorted((e.share for e in found), reverse=True)
    changes = sorted((change for _, change in truth.values()), reverse=True)
    clearly = changes[len(changes) // 10]
    best = max(share for share, change in truth.values() if change >= clearly)
    assert found[0].share >= 0.95 * best, "of those that clearly change it, the best is found"
    weak = changes[len(changes) // 2]
    assert all(truth[tuple(each.channel)][1] > weak for each in found)
    assert fractions == sorted(fractions)
    assert fractions[0] > 0
    assert fractions[-1] == 1
    again, _ = finish(search(frozen_copy(G), looked, REGION, Scene(NoiseInput()), sigmas, 5, 0))
    assert again == found


def test_what_is_done_to_layers_is_done_while_it_is_looked_for() -> None:
    G = network()
    silent = Scene(NoiseInput(), lambda name, x: x * 0 if name.endswith("torgb") else x)
    sigmas = style_sigmas(G, spread(G))
    found, _ = finish(search(frozen_copy(G), latents(G, 1), REGION, silent, sigmas, 5, 0))
    assert found == [], "no style changes a picture without colours"
