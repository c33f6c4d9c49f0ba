"""How a picture is moved, as the matrix that its network is told."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from renderer.messages.request import Transform


def matrix(transform: Transform) -> Tensor:
    """[3, 3] float32: where a place of the moved picture lies in the one that is not moved.

    Places are in pictures from the middle, x right and y down. It is the inverse of what is done
    to the picture: scaled, then turned about its middle, then shifted.
    """
    angle = math.radians(transform.rotate)
    c, s, scale = math.cos(angle), math.sin(angle), transform.scale
    # y points down, so that turning against the clock lifts what lies to the right.
    forward = torch.tensor(
        [
            [scale * c, scale * s, transform.x],
            [-scale * s, scale * c, transform.y],
            [0.0, 0.0, 1.0],
        ],
        dtype=torch.float64,
    )
    return forward.inverse().float()
