"""Looking for style channels in a network of the pipeline: by a part of a picture, or by name."""

from __future__ import annotations

from collections.abc import Generator as Steps
from typing import Final

import torch

from common.errors import UserError
from networks.base import Generator
from networks.directions.spread import Array, Draws, Spread
from networks.directions.style_channels import search, style_sigmas
from networks.frozen import frozen_copy
from renderer.messages.directions import (
    Component,
    Find,
    NamedStyles,
    Region,
    StyleChannel,
    StylesOfRegion,
    style_title,
)
from renderer.messages.model import ModelInfo
from renderer.pipeline.synthesis.stages import Inputs

BESIDE: Final = 2
"""How many latents beside that of the picture are looked at too."""
AWAY: Final = 0.3
"""How far they are away, in deviations of w from its mean."""


def region_title(region: Region) -> str:
    """What a set is called that was found by a region."""
    return f"Styles of {region.width}×{region.height} at {region.x}, {region.y}"


def region_channels(
    find: Find, how: StylesOfRegion, inputs: Inputs, spread: Spread, generator: Generator
) -> Steps[float, None, tuple[Component, ...]]:
    """The channels that change a part of a picture most; between two steps there is a moment.

    inputs: what the picture is made of. Raises UserError where nothing of the picture is marked,
    and where the network has no styles.
    """
    sigmas = _sigmas(generator, inputs.model.info, spread)
    network = frozen_copy(generator)
    device = next(network.parameters()).device
    own = torch.from_numpy(inputs.ws.numpy().copy()).to(device)
    label = find.label if generator.c_dim else None
    drawn = Draws(generator, find.seed, label).w(BESIDE)
    mean = torch.from_numpy(spread.mean).to(drawn)
    latents = [own, *(own + AWAY * (w - mean) for w in drawn)]
    found = yield from search(
        network,
        latents,
        _inside(how.region, inputs.model.info),
        inputs.scene(),
        sigmas,
        find.count,
        find.seed,
    )
    colours = _colours(inputs.model.info)
    return tuple(
        _component(each.channel.layer, each.channel.number, each.sigma, colours, each.share)
        for each in found
    )


def named_channels(
    how: NamedStyles, generator: Generator, info: ModelInfo, spread: Spread
) -> tuple[Component, ...]:
    """The channels that are named, with how far they spread. Raises UserError."""
    sigmas, colours = _sigmas(generator, info, spread), _colours(info)
    for layer, channel in how.channels:
        if layer not in sigmas:
            raise UserError(
                f"{info.name} has no layer {layer!r} with styles.", f"It has {', '.join(sigmas)}."
            )
        if not 0 <= channel < len(sigmas[layer]):
            raise UserError(
                f"{layer} of {info.name} has no style {channel}.",
                f"Its styles go from 0 to {len(sigmas[layer]) - 1}.",
            )
    return tuple(
        _component(layer, channel, float(sigmas[layer][channel]), colours)
        for layer, channel in how.channels
    )


def _component(
    layer: str, channel: int, sigma: float, colours: frozenset[str], share: float | None = None
) -> Component:
    style = StyleChannel(layer, channel, sigma, layer in colours)
    mark = " ToRGB" if style.colours and "rgb" not in layer.lower() else ""
    return Component(b"", f"{style_title(layer, channel)}{mark}", share, style=style)


def _sigmas(generator: Generator, info: ModelInfo, spread: Spread) -> dict[str, Array]:
    """How far the styles spread, by layer. Raises UserError where no layer has any."""
    found = style_sigmas(generator, spread)
    if not found:
        raise UserError(
            f"The layers of {info.name} have no styles, so there are no style channels.",
            "Networks of StyleGAN, StyleGAN2, StyleGAN3 and StyleGAN-XL have.",
        )
    return found


def _colours(info: ModelInfo) -> frozenset[str]:
    """The layers with styles whose output is a picture."""
    return frozenset(
        layer.name for layer in info.layers if layer.styles and layer.channels == info.img_channels
    )


def _inside(region: Region, info: ModelInfo) -> tuple[slice, slice]:
    """Rows and columns of a region. Raises UserError where it has no pixel of the picture."""
    height, width = info.img_shape
    rows = slice(max(region.y, 0), min(region.y + region.height, height))
    columns = slice(max(region.x, 0), min(region.x + region.width, width))
    if rows.start >= rows.stop or columns.start >= columns.stop:
        raise UserError(
            "The region has no pixel of the picture.",
            f"Pictures of {info.name} are {width}×{height} pixels.",
        )
    return rows, columns
