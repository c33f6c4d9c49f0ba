"""Style channels that change a part of a picture and little else.

Styles are what the affine layers make of w, s = A(w); each of their numbers is a channel of its own
(Wu et al. 2021, "StyleSpace Analysis"). Their Section 4 asks which channels act on a part of the
picture, by the gradients of the picture; here the best of those are then drawn.

With σ the standard deviation of a channel over w, and |ΔI| the mean of the absolute change of all
colours of a pixel between s − σ and s + σ, as it is seen (within −1…1), the score of a channel is

    share = Σ_region |ΔI| / Σ_picture |ΔI|

summed over the latent and a few beside it. Channels that hardly change anything may have a high
share by chance: so only that part of all counts, `STRONG`, which changes the region most.
"""

from __future__ import annotations

from collections.abc import Generator as Steps
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final, NamedTuple

import numpy as np
import torch
from torch import Tensor

from networks.base import Generator, Scene, State, StyleTap, styled
from networks.directions.spread import Array, Spread
from ops import first_gradients

STRONG: Final = 0.2
"""The share of all channels that change the region enough, by their gradients."""
PROBES: Final = 6
"""Random signs by which gradients are measured, inside of the region and outside, per latent."""
DRAWN: Final = 3
"""How many times as many channels are drawn as are asked for."""


class Channel(NamedTuple):
    """A style channel. layer: its name. number: from 0."""

    layer: str
    number: int


class Concentrated(NamedTuple):
    """A channel, and what changing it by ± one standard deviation does.

    sigma: that standard deviation. share: of the change that lies in the region, 0…1.
    """

    channel: Channel
    sigma: float
    share: float


def style_sigmas(G: Generator, spread: Spread) -> dict[str, Array]:
    """How far every style spreads over w, a standard deviation, by layer: √(aᵀ C a) for each row a
    of A and the covariance C of w. Empty where no layer has styles."""
    found: dict[str, Array] = {}
    for stage in G.stages:
        for style in stage.style_weights():
            if style.layer:
                rows = style.weight.detach().cpu().double().numpy()
                variance = np.einsum("ci,ij,cj->c", rows, spread.covariance, rows)
                found[style.layer] = np.sqrt(np.maximum(variance, 0.0))
    return found


def search(
    G: Generator,
    latents: Sequence[Tensor],
    region: tuple[slice, slice],
    scene: Scene,
    sigmas: Mapping[str, Array],
    count: int,
    seed: int,
) -> Steps[float, None, list[Concentrated]]:
    """The channels with the highest shares, at most `count`; between two steps there is a moment.

    G: a frozen copy (`networks.frozen`). latents: [1, num_ws, w_dim] each. region: rows and columns
    of the picture. sigmas: as `style_sigmas` gives them. seed: of the random signs.
    """
    inside, outside = {}, {}
    for name, each in sigmas.items():
        inside[name], outside[name] = np.zeros(len(each)), np.zeros(len(each))
    draws = torch.Generator().manual_seed(seed)
    for k, ws in enumerate(latents):
        picture, changes = _differentiable(G, ws, scene, sigmas)
        for probe in range(PROBES):
            for energies, within in ((inside, True), (outside, False)):
                slopes = _slopes(picture, changes, region, within, draws)
                for name, slope in slopes.items():
                    energies[name] += slope**2
                yield 0.5 * (k + (probe + 0.5 * (2 - within)) / PROBES) / len(latents)
        del picture, changes
    wanted = _promising(inside, outside, DRAWN * count)
    summed = dict.fromkeys(wanted, (0.0, 0.0))
    for k, ws in enumerate(latents):
        states = _states(G, ws, scene)
        for place, channel in enumerate(wanted):
            sigma = float(sigmas[channel.layer][channel.number])
            low, high = (
                _changed(G, ws, scene, states, channel, amount) for amount in (-sigma, sigma)
            )
            away = (high - low).abs().mean(1)[0].double()
            part, whole = summed[channel]
            summed[channel] = part + float(away[region].sum()), whole + float(away.sum())
            yield 0.5 + 0.5 * (k + (place + 1) / len(wanted)) / len(latents)
    found = [
        Concentrated(channel, float(sigmas[channel.layer][channel.number]), part / whole)
        for channel, (part, whole) in summed.items()
        if part > 0
    ]
    return sorted(found, key=lambda each: (-each.share, each.channel))[:count]


def _promising(
    inside: Mapping[str, Array], outside: Mapping[str, Array], count: int
) -> list[Channel]:
    """The strong channels with the highest shares by their gradients, at most `count`.

    inside, outside: the sums of squares of gradients of signed sums of pixels. Their expectation is
    Σ (∂I/∂s)² over these pixels, as the signs are independent (Hutchinson 1990).
    """
    channels = [Channel(name, i) for name, values in inside.items() for i in range(len(values))]
    if not channels:
        return []
    within, beyond = (np.concatenate([*energies.values()]) for energies in (inside, outside))
    share = within / np.maximum(within + beyond, np.finfo(np.float64).tiny)
    share[within < np.quantile(within, 1 - STRONG)] = 0.0
    best = [int(i) for i in np.argsort(-share, kind="stable") if share[i] > 0]
    return [channels[i] for i in best[:count]]


def _differentiable(
    G: Generator, ws: Tensor, scene: Scene, sigmas: Mapping[str, Array]
) -> tuple[Tensor, dict[str, Tensor]]:
    """A picture, and for each layer the changes of its styles in σ that it depends on, all 0."""
    changes: dict[str, Tensor] = {}

    def change(layer: str, styles: Tensor) -> Tensor:
        styles = styled(scene.tap, layer, styles)
        if layer not in sigmas:
            return styles
        changes[layer] = torch.zeros_like(styles).requires_grad_(True)
        return styles + changes[layer] * torch.from_numpy(sigmas[layer]).to(styles)

    with _exact(ws, gradients=True), first_gradients():
        tap = StyleTap(scene.tap, change)
        # Tensors of inference mode cannot be searched with.
        return G.render(ws.clone(), scene.noise, tap, scene.transform), changes


def _slopes(
    picture: Tensor,
    changes: Mapping[str, Tensor],
    region: tuple[slice, slice],
    within: bool,
    draws: torch.Generator,
) -> dict[str, Array]:
    """The gradient of a sum of pixels with random signs, inside of the region or outside."""
    with _exact(picture, gradients=True), first_gradients():
        signs = torch.randint(0, 2, picture.shape, generator=draws) * 2.0 - 1.0
        mask = torch.zeros(picture.shape[2:])
        mask[region] = 1.0
        signs = (signs * (mask if within else 1 - mask)).to(picture)
        gradients = torch.autograd.grad(
            picture, [*changes.values()], signs, retain_graph=True, allow_unused=True
        )
    return {
        name: np.zeros(change.shape[1]) if slope is None else slope[0].cpu().double().numpy()
        for (name, change), slope in zip(changes.items(), gradients, strict=True)
    }


def _states(G: Generator, ws: Tensor, scene: Scene) -> list[State]:
    """What each stage is given: the state before it."""
    states = [State(None, None, scene.transform)]
    with _exact(ws):
        for stage in G.stages:
            states.append(stage(states[-1], ws, scene.noise, scene.tap))
    return states


def _changed(
    G: Generator, ws: Tensor, scene: Scene, states: Sequence[State], channel: Channel, amount: float
) -> Tensor:
    """The picture with one style changed, −1…1; only the stages from its layer on are run."""

    def change(layer: str, styles: Tensor) -> Tensor:
        styles = styled(scene.tap, layer, styles)
        if layer == channel.layer:
            styles = styles.clone()
            styles[:, channel.number] += amount
        return styles

    tap = StyleTap(scene.tap, change)
    first = next(
        i
        for i, stage in enumerate(G.stages)
        if channel.layer in {layer.name for layer in stage.layers}
    )
    state = states[first]
    with _exact(ws):
        for stage in G.stages[first:]:
            state = stage(state, ws, scene.noise, tap)
    assert state.img is not None
    return state.img.float().clamp(-1, 1)


@contextmanager
def _exact(where: Tensor, gradients: bool = False) -> Iterator[None]:
    """In the precision of the weights, with or without gradients, whatever surrounds it."""
    with (
        torch.autocast(where.device.type, enabled=False),
        torch.inference_mode(not gradients),
        torch.set_grad_enabled(gradients),
    ):
        yield
