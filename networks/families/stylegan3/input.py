"""The input of StyleGAN3: waves of fixed frequencies (Karras et al. 2021, Section 3.1, App. F)."""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from torch import Tensor, nn

from networks.base import Layer, NoiseInput, Sampling, Stage, State, Style, Tap, no_tap
from networks.families.stylegan2.layers import Dense
from networks.families.stylegan3.plan import Bands


class FourierInput(Stage):
    """A stage: a plane of waves, which w and the user move, mixed into features.

    A wave is sin(2π(f·p + φ)) of the place p, in pictures from the middle, x right and y down.
    w gives a rotation and a translation, so that a network can turn and move what it draws.

    freqs [C, 2], phases [C]: f, in periods per picture, and φ, in periods.
    transform [3, 3]: where the place p of the picture lies among the waves, as the file has it:
        the inverse of how the picture is moved. The user's own (`State.transform`) acts first.
    """

    freqs: Tensor
    phases: Tensor
    transform: Tensor

    def __init__(self, w_dim: int, signal: Bands) -> None:
        super().__init__()
        c = signal.channels
        self._signal = signal
        self.rows = range(1)
        sampling = Sampling(signal.rate, signal.rate, signal.rate, signal.cutoff)
        self.layers = (Layer("input", signal.size, c, row=0, sampling=sampling),)
        self.weight = nn.Parameter(torch.randn(c, c))
        self.affine = Dense(w_dim, 4)
        with torch.no_grad():
            # No rotation and no translation, whatever w.
            self.affine.weight.zero_()
            self.affine.bias.copy_(torch.eye(4)[0])
        # Evenly in the disc of the pass band.
        angle, radius = 2 * math.pi * torch.rand(c), signal.cutoff * torch.rand(c).sqrt()
        self.register_buffer("transform", torch.eye(3))
        self.register_buffer("freqs", torch.stack([angle.cos(), angle.sin()], 1) * radius[:, None])
        self.register_buffer("phases", torch.rand(c) - 0.5)

    def style_weights(self) -> Iterator[Style]:
        yield Style(0, self.affine.matrix())

    def forward(self, state: State, ws: Tensor, noise: NoiseInput, tap: Tap = no_tap) -> State:
        # Places that are rounded to a lower precision are other places: the picture would jump.
        with torch.autocast(ws.device.type, enabled=False):
            return self._forward(state, ws, tap)

    def _forward(self, state: State, ws: Tensor, tap: Tap) -> State:
        dtype = self.weight.dtype
        moved = _motion(self.affine(ws[:, 0].to(dtype))) @ self.transform
        if state.transform is not None:
            moved = moved @ state.transform.to(moved)
        # Moving the places is the same as turning the frequencies and shifting the phases.
        turned = self.freqs @ moved[:, :2, :2]
        shifted = self.phases + (self.freqs @ moved[:, :2, 2:]).squeeze(2)
        waves = self._waves(turned, shifted)
        x = waves @ (self.weight / math.sqrt(len(self.weight))).T
        return State(tap("input", x.permute(0, 3, 1, 2)), None)

    def _waves(self, freqs: Tensor, phases: Tensor) -> Tensor:
        """[N, C, 2], [N, C] -> [N, size, size, C]."""
        signal = self._signal
        steps = torch.arange(signal.size, device=freqs.device, dtype=freqs.dtype)
        place = (steps + 0.5 - signal.size / 2) / signal.rate
        # A sum for each axis, so that a wave costs one addition for each place.
        across = freqs[:, None, :, 0] * place[:, None]
        down = freqs[:, None, :, 1] * place[:, None] + phases[:, None]
        waves = (2 * math.pi * (across[:, None] + down[:, :, None])).sin_()
        # What an enlarged frequency would alias fades out between the pass band and Nyquist's.
        beyond = (freqs.norm(dim=2) - signal.cutoff) / (signal.rate / 2 - signal.cutoff)
        faded: Tensor = waves * (1 - beyond).clamp(0, 1)[:, None, None]
        return faded


def _motion(affine: Tensor) -> Tensor:
    """[N, 4] -> [N, 3, 3]: (c, s, x, y) is the rotation of cos ∝ c and sin ∝ s after a shift.

    The shift is that of the picture, and so its inverse among the waves.
    """
    direction = affine[:, :2].norm(dim=1, keepdim=True)
    c, s, x, y = (affine / direction).unbind(1)
    zero, one = torch.zeros_like(c), torch.ones_like(c)
    turn = torch.stack([c, -s, zero, s, c, zero, zero, zero, one], 1).reshape(-1, 3, 3)
    shift = torch.stack([one, zero, -x, zero, one, -y, zero, zero, one], 1).reshape(-1, 3, 3)
    return turn @ shift
