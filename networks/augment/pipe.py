"""Discriminator augmentation (ADA, Appendix B).

Eighteen transformations, each applied to a picture with probability p times its strength, in a
fixed order: geometry, colour, band amplification, noise, cutout. All are differentiable twice,
since the generator learns through them and R1 looks through them.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from networks.augment import wavelets
from networks.augment.color import draw_colors, recolor
from networks.augment.corruption import add_noise, amplify_bands, cut_out, draw_band_gains
from networks.augment.draws import Draws
from networks.augment.geometry import draw_geometry, warp
from networks.augment.groups import COLOR, STRENGTHS


class AugmentPipe(nn.Module):
    """Augments pictures [N, C, H, W], float, −1…1; they are grey, RGB or RGBA where colours change.

    strengths: what p is multiplied with, by the names in STRENGTHS; 0, the default, is off.
    config: the strengths that are not 0.
    p: a buffer of no dimension, 0…1; 0 leaves pictures alone. Write to it in place.
    Raises TypeError for a name that is none, ValueError for a negative strength.
    """

    family = "ada"
    config: dict[str, float]
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
        self.config = {name: value for name, value in self.strengths.items() if value}
        self.register_buffer("p", torch.ones([]))
        taps = torch.tensor(wavelets.lowpass(), dtype=torch.float32)
        bank = torch.tensor(wavelets.filter_bank(), dtype=torch.float32)
        self.register_buffer("lowpass", taps, persistent=False)
        self.register_buffer("bands", bank, persistent=False)
        self._known_p: tuple[Tensor | None, int, float] = None, 0, 0.0

    def forward(
        self,
        images: Tensor,
        debug_percentile: float | None = None,
        *,
        p: float | None = None,
        generator: torch.Generator | None = None,
    ) -> Tensor:
        """Augment a batch.

        What is drawn does not depend on p, which only decides what of it happens: with the same
        generator, whatever happens at a small p happens in the same way at every larger one.
        debug_percentile: applies everything, with every draw at this percentile, 0…1, of its
        distribution (noise itself stays random, and the second rotation is left out).
        p: takes the place of the buffer.
        generator: everything is drawn from it on the CPU, the same on every device; None draws
        from torch's own, and noise on the device of the pictures.
        """
        p = self.probability() if p is None else p
        if p == 0 and debug_percentile is None:
            return images
        # Coordinates do not fit into half precision.
        images = images.to(torch.promote_types(images.dtype, torch.float32))
        with torch.autocast(images.device.type, enabled=False):
            return self._augment(images, Draws(len(images), p, debug_percentile, generator))

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
        """Return p as a number; it is read from the device only after it was written to."""
        tensor, version, value = self._known_p
        if tensor is not self.p or version != self.p._version:
            value = float(self.p)
            self._known_p = self.p, self.p._version, value
        return value
