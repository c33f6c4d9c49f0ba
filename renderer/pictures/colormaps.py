"""Colour maps: tables of 256 colours from the lowest level to the highest. Free of torch.

viridis, magma, inferno and plasma are the tables of Smith, van der Walt and Firing (2015), which
they put in the public domain (CC0); the file holds them as hexadecimal RGB. The others are
blends between a few anchors in Oklab (Ottosson 2020), where equal steps look equal.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources

import numpy as np
import numpy.typing as npt

# signed: two hues that darken away from a light middle, for values around zero.
_ANCHORS = {
    "signed": "0b2559 2166ac 7fb3d9 f4f4f2 ef9a7a b2182b 5c0a1e",
    "rainbow": "30123b 3a5fd9 1fb6d6 3ed675 c9e03a f7a230 d93a0f 6e0803",
}
NAMES = ("gray", "viridis", "magma", "inferno", "plasma", "signed", "rainbow")

_OKLAB_FROM_LMS = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
_LMS_FROM_RGB = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)


@cache
def table(name: str) -> npt.NDArray[np.uint8]:
    """The colours of a map: [256, 3] uint8, read-only. Raises KeyError for an unknown name."""
    if name == "gray":
        colors = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    elif name in _ANCHORS:
        colors = _blend(_ANCHORS[name].split())
    else:
        stored = json.loads(resources.files("assets").joinpath("colormaps.json").read_text())
        colors = np.frombuffer(bytes.fromhex(stored[name]), np.uint8).reshape(256, 3)
    colors.setflags(write=False)
    return colors


def _blend(anchors: list[str]) -> npt.NDArray[np.uint8]:
    rgb = np.array([list(bytes.fromhex(anchor)) for anchor in anchors]) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    lab = np.cbrt(linear @ _LMS_FROM_RGB.T) @ _OKLAB_FROM_LMS.T
    at = np.linspace(0, len(anchors) - 1, 256)
    smooth = np.stack([np.interp(at, np.arange(len(anchors)), axis) for axis in lab.T], axis=1)
    lms = (smooth @ np.linalg.inv(_OKLAB_FROM_LMS).T) ** 3
    linear = np.clip(lms @ np.linalg.inv(_LMS_FROM_RGB).T, 0, 1)
    encoded = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    colors: npt.NDArray[np.uint8] = np.round(encoded * 255).astype(np.uint8)
    return colors
