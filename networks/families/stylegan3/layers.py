"""A layer of StyleGAN3: modulated convolution, filtered activation (Karras et al. 2021, Fig. 4)."""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt
from typing import Any

import torch
from torch import Tensor, nn

from networks.base import Layer, NoiseInput, Sampling, Stage, State, Style, Tap, no_tap, styled
from networks.families.stylegan2.layers import Dense
from networks.families.stylegan3.filters import lowpass
from networks.families.stylegan3.plan import LayerPlan
from ops import bias_act, filtered_lrelu, modulated_conv2d


class FilteredLayer(Stage):
    """A stage: features [N, in, size, size] and one row of w to the next features.

    The last one gives the picture instead, scaled by `output_scale`.

    magnitude_ema []: the mean square of the input, followed during training: the input is scaled
        by its root, which keeps activations at unit variance without normalising any (Section 2.1).
    half_by_default, half_now: as in StyleGAN2's blocks.
    """

    magnitude_ema: Tensor
    up_filter: Tensor | None
    down_filter: Tensor | None

    def __init__(
        self, plan: LayerPlan, w_dim: int, row: int, *, clamp: float | None, output_scale: float
    ) -> None:
        super().__init__()
        self.plan = plan
        self.half_by_default, self.half_now = plan.half, False
        self._clamp, self._output_scale = clamp, output_scale
        inputs, outputs = plan.before.channels, plan.after.channels
        self.rows = range(row, row + 1)
        dtype = torch.float16 if plan.half else torch.float32
        before, after = plan.before, plan.after
        sampling = Sampling(before.rate, plan.between, after.rate, after.cutoff)
        facts: dict[str, Any] = {"dtype": dtype, "row": row, "sampling": sampling}
        self.layers = (Layer(plan.name, after.size, outputs, styles=inputs, **facts),)
        self.affine = Dense(w_dim, inputs, bias=1)
        self.weight = nn.Parameter(torch.randn(outputs, inputs, plan.kernel, plan.kernel))
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.register_buffer("magnitude_ema", torch.ones([]))
        up = down = None
        if plan.up_taps > 1:
            up = lowpass(plan.up_taps, before.cutoff, before.half_width, plan.between, False)
        if plan.down_taps > 1:
            width = after.half_width
            down = lowpass(plan.down_taps, after.cutoff, width, plan.between, plan.radial)
        self.register_buffer("up_filter", up)
        self.register_buffer("down_filter", down)

    def style_weights(self) -> Iterator[Style]:
        gain = 1 / sqrt(self.weight[0].numel()) if self.plan.colours else 1.0
        yield Style(self.rows.start, self.affine.matrix(), self.plan.name, gain)

    def forward(self, state: State, ws: Tensor, noise: NoiseInput, tap: Tap = no_tap) -> State:
        plan, full = self.plan, self.weight.dtype
        assert state.x is not None
        x = state.x.to(torch.float16 if self.half_now else full)
        styles = styled(tap, plan.name, self.affine(ws[:, self.rows.start].to(full)))
        gain = self.magnitude_ema.rsqrt()
        if plan.colours:
            fan_in = self.weight[0].numel()
            x = modulated_conv2d(x, self.weight, styles * (gain / sqrt(fan_in)), demodulate=False)
            x = bias_act(x, self.bias.to(x.dtype), clamp=self._clamp, inplace=True)
            return State(None, tap(plan.name, x.to(full)) * self._output_scale)
        # The scale of weights and styles, which training normalises, demodulation takes away.
        x = modulated_conv2d(x, self.weight, styles, gain=gain, padding=plan.kernel - 1)
        x = filtered_lrelu(
            x,
            self.bias,
            self.up_filter,
            self.down_filter,
            up=plan.up,
            down=plan.down,
            padding=plan.padding,
            clamp=self._clamp,
        )
        return State(tap(plan.name, x), None)
