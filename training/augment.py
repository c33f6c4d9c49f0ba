"""Discriminator augmentation: Karras et al. 2020, "Training Generative Adversarial Networks with
Limited Data" ("ADA"), Appendix B.

Eighteen transformations, each applied to a picture with probability p times its strength, in a
fixed order: geometry, colour, band amplification, noise, cutout. All are differentiable twice,
since the generator learns through them and R1 looks through them.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from training import wavelets
from training.augment_color import draw_colors, recolor
from training.augment_corruption import add_noise, amplify_bands, cut_out, draw_band_gains
from training.augment_draws import Draws
from training.geometry import draw_geometry, warp

BLIT = {"xflip": 1.0, "rotate90": 1.0, "xint": 1.0}
GEOM = {"scale": 1.0, "rotate": 1.0, "aniso": 1.0, "xfrac": 1.0}
COLOR = {"brightness": 1.0, "contrast": 1.0, "lumaflip": 1.0, "hue": 1.0, "saturation": 1.0}
FILTER = {"imgfilter": 1.0}
NOISE = {"noise": 1.0}
CUTOUT = {"cutout": 1.0}

GROUPS: dict[str, dict[str, float]] = {
    "blit": BLIT,
    "geom": GEOM,
    "color": COLOR,
    "filter": FILTER,
    "noise": NOISE,
    "cutout": CUTOUT,
    "bg": BLIT | GEOM,
    "bgc": BLIT | GEOM | COLOR,
    "bgcf": BLIT | GEOM | COLOR | FILTER,
    "bgcfn": BLIT | GEOM | COLOR | FILTER | NOISE,
    "bgcfnc": BLIT | GEOM | COLOR | FILTER | NOISE | CUTOUT,
}
STRENGTHS = tuple(GROUPS["bgcfnc"])


class AugmentPipe(nn.Module):
    """Pictures [N, C, H, W] float, −1…1 -> augmented pictures. Grey or RGB where colours change.

    strengths: by the names in STRENGTHS, what p is multiplied with; 0, the default, is off.
    p: buffer, 0-dim, 0…1; 0 leaves pictures alone. Write to it in place. Everything but noise
    is drawn on the CPU from torch's global generator.
    Raises TypeError for a name that is none, ValueError for a negative strength.
    """

    p: Tensor
    lowpass: Tensor
    bands: Tensor

    def __init__(self, **strengths: float) -> None:
        super().__init__()
        for name, value in strengths.items():
            if name not in STRENGTHS:
                raise TypeError(f"no augmentation is called {name}; there are {STRENGTHS}")
            if value < 0:
                raise ValueError(f"the strength of {name} is at least 0, not {value}")
        self.strengths = {name: float(strengths.get(name, 0)) for name in STRENGTHS}
        self.register_buffer("p", torch.ones([]))
        taps = torch.tensor(wavelets.lowpass(), dtype=torch.float32)
        bank = torch.tensor(wavelets.filter_bank(), dtype=torch.float32)
        self.register_buffer("lowpass", taps, persistent=False)
        self.register_buffer("bands", bank, persistent=False)
        self._known_p: tuple[Tensor | None, int, float] = None, 0, 0.0

    def forward(self, images: Tensor, debug_percentile: float | None = None) -> Tensor:
        """debug_percentile: apply everything, with every draw at this percentile, 0…1, of its
        distribution (noise itself stays random, and the second rotation is left out)."""
        p = self.probability()
        if p == 0 and debug_percentile is None:
            return images
        # Coordinates do not fit into half precision.
        images = images.to(torch.promote_types(images.dtype, torch.float32))
        with torch.autocast(images.device.type, enabled=False):
            return self._augment(images, Draws(len(images), p, debug_percentile))

    def _augment(self, images: Tensor, draw: Draws) -> Tensor:
        on, (channels, h, w) = self.strengths, images.shape[1:]
        G = draw_geometry(draw, on, (w, h))
        if G is not None:
            images = warp(images, G, self.lowpass)
        if any(on[name] for name in COLOR):
            affine = draw_colors(draw, on, channels)
            if affine is not None:
                images = recolor(images, affine)
        if on["imgfilter"]:
            images = amplify_bands(images, draw_band_gains(draw, on["imgfilter"]), self.bands)
        if on["noise"]:
            images = add_noise(images, draw, on["noise"])
        if on["cutout"]:
            images = cut_out(images, draw, on["cutout"])
        return images

    def probability(self) -> float:
        """p as a number, read from the device only after it was written to."""
        tensor, version, value = self._known_p
        if tensor is not self.p or version != self.p._version:
            value = float(self.p)
            self._known_p = self.p, self.p._version, value
        return value
