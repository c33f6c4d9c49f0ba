"""What a network knows of the places of its picture: the activations of one of its layers."""

from __future__ import annotations

from functools import partial
from typing import Final, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from common.errors import UserError
from networks.base import Generator, Layer, Scene, State, StyleTap, styled
from ops.prepared import PreparedWeights, delivered

SHARE: Final = 4
"""The features that are followed by default have at least a quarter of the picture's resolution."""


class Seen(NamedTuple):
    """What was seen on the way to a picture, in float32.

    features: of the layer, [1, C, H, W].
    image: what the stages up to there have added to the picture, [1, channels, h, w]; None where
        the family makes its picture only at the end.
    """

    features: Tensor
    image: Tensor | None


def usable_layers(G: Generator) -> tuple[Layer, ...]:
    """The layers that can be followed: maps of features that follow w, and no pictures.

    What comes before the first layer that a row of w drives is the same for every latent.
    """
    return tuple(
        layer
        for layer in G.layers[_first_driven(G) :]
        if layer.channels > max(4, G.img_channels) and layer.resolution > 1
    )


def default_layer(G: Generator) -> Layer:
    """The last layer of the lowest resolution that is at least a quarter of the picture's.

    Pan et al. (2023, Section 4) take that of 128² for pictures of 512². Where there is none, the
    finest. Raises ValueError for a network without a map of features.
    """
    layers = usable_layers(G)
    if not layers:
        raise ValueError("a network without maps of features")
    fine = [rate(layer) for layer in layers if rate(layer) * SHARE >= G.resolution]
    wanted = min(fine, default=max(rate(layer) for layer in layers))
    return [layer for layer in layers if rate(layer) == wanted][-1]


def layer_named(G: Generator, name: str) -> Layer:
    """The layer that a user names, or the default one for an empty name. Raises UserError."""
    layers = {layer.name: layer for layer in usable_layers(G)}
    if not layers:
        raise UserError("This network has no maps of features, so its points cannot be dragged.")
    if not name:
        return default_layer(G)
    if name in layers:
        return layers[name]
    if any(layer.name == name for layer in G.layers[: _first_driven(G)]):
        raise same_for_all(G, name)
    raise UserError(
        f"The network has no layer {name!r} to drag points by.",
        f"Choose from: {', '.join(layers)}.",
    )


def same_for_all(G: Generator, name: str) -> UserError:
    """What to tell of a layer that w has no effect on."""
    others = ", ".join(layer.name for layer in usable_layers(G) if layer.name != name)
    return UserError(
        f"The output of {name} is the same for every latent.", f"Choose from: {others}."
    )


def _first_driven(G: Generator) -> int:
    """The place of the first layer that a row of w drives; 0 where none is."""
    return next((place for place, layer in enumerate(G.layers) if layer.row is not None), 0)


def rate(layer: Layer) -> int:
    """How many of its samples lie along the longer side of the picture; more may lie beyond."""
    return layer.resolution if layer.sampling is None else layer.sampling.after


class FeatureMap:
    """The activations of a layer as a function of w, by running no more stages than needed.

    layer: the one that is looked at.
    rows: how many rows of w it depends on, counted from the first.
    """

    def __init__(self, G: Generator, layer: Layer, scene: Scene) -> None:
        self.layer = layer
        self._G, self._scene = G, scene
        self._prepared = PreparedWeights(delivered().choose)
        names = [{each.name for each in stage.layers} for stage in G.stages]
        self._stages = next(i for i, known in enumerate(names) if layer.name in known) + 1
        before = G.layers[: [each.name for each in G.layers].index(layer.name) + 1]
        self.rows = max((each.row + 1 for each in before if each.row is not None), default=1)

    def of(self, ws: Tensor) -> Seen:
        """The features of ws [1, num_ws, w_dim], and the picture as far as it is made there."""
        caught: list[Tensor] = []

        def look(name: str, x: Tensor) -> Tensor:
            x = self._scene.tap(name, x)
            if name == self.layer.name:
                caught.append(x)
            return x

        tap = StyleTap(look, partial(styled, self._scene.tap))
        state = State(None, None, self._scene.transform)
        with self._prepared.using(torch.float32, at_once=True):
            for stage in self._G.stages[: self._stages]:
                state = stage(state, ws, self._scene.noise, tap)
        return Seen(caught[0].float(), None if state.img is None else state.img.float())

    def at(self, features: Tensor, places: Tensor) -> Tensor:
        """The features at places of the picture, between samples blended linearly.

        features: [1, C, H, W]. places: [..., 2], x and y in pixels of the picture -> [..., C].
        """
        size = torch.tensor([features.shape[3], features.shape[2]], device=places.device)
        per_pixel = rate(self.layer) / self._G.resolution
        height, width = self._inner
        # What lies beyond the picture lies there on all sides alike.
        margin = (size - torch.tensor([width, height], device=places.device)) / 2
        grid = 2 * (places * per_pixel + margin) / size - 1
        found = F.grid_sample(
            features, grid.reshape(1, 1, -1, 2), padding_mode="border", align_corners=False
        )
        return found[0, :, 0].T.reshape(*places.shape[:-1], -1)

    def weights(self, mask: Tensor, features: Tensor) -> Tensor:
        """A mask [h, w] over the picture as one of the features: [1, 1, H, W]; 0 beyond it.

        What covers a sample only in part counts in part.
        """
        height, width = self._inner
        small = F.interpolate(mask[None, None], size=(height, width), mode="area")
        left = (features.shape[3] - width) // 2
        top = (features.shape[2] - height) // 2
        right, bottom = features.shape[3] - width - left, features.shape[2] - height - top
        return F.pad(small, (left, right, top, bottom))

    @property
    def _inner(self) -> tuple[int, int]:
        """How many samples lie along the height and the width of the picture."""
        height, width = self._G.img_shape
        along = rate(self.layer) / self._G.resolution
        return max(1, round(height * along)), max(1, round(width * along))
