"""Grouping the channels of a layer by what they show, as a job of the renderer."""

from __future__ import annotations

from msgspec import Struct

from renderer.messages.jobs import Work
from renderer.messages.request import RenderRequest


class ClusterChannels(Work, frozen=True, tag="cluster_channels"):
    """Group the channels of a layer whose maps are alike (Broad et al. 2021, Section 4.1).

    path: the file of the network.
    request: how seeds are drawn: their class, truncation and noise. Its latent does not matter.
    layer: the name of the layer.
    count: how many groups there are to be.
    samples: how many seeds are looked at.
    """

    request: RenderRequest
    layer: str
    count: int = 8
    samples: int = 24


class Clusters(Struct, frozen=True):
    """How the channels of a layer were grouped.

    layer: its name.
    groups: the channels of each group in ascending order; the largest group first.
    """

    layer: str
    groups: tuple[tuple[int, ...], ...]
