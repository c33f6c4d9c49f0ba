"""The mapping network of StyleGAN (Karras et al. 2019, "SG", Figure 1b)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from networks.base import needed_labels
from networks.families.pggan.layers import Dense, normalize_pixels


class Mapping(nn.Module):
    """z [N, z_dim], c [N, c_dim] -> w [N, w_dim].

    The embedding of the label, as long as z, is put behind z, and both are normalised together.
    w_avg: the moving average of w, the centre that truncation moves towards (SG, Appendix B).
    """

    w_avg: Tensor

    def __init__(
        self,
        z_dim: int,
        c_dim: int,
        w_dim: int,
        *,
        layers: int,
        layer_features: int,
        act: str,
        lr: float,
        normalize_latents: bool,
        w_avg_beta: float,
    ) -> None:
        super().__init__()
        self.c_dim, self.depth, self.w_avg_beta = c_dim, layers, w_avg_beta
        self.normalize_latents = normalize_latents
        if c_dim:
            self.embed = nn.Parameter(torch.randn(c_dim, z_dim))
        widths = [z_dim * (2 if c_dim else 1), *[layer_features] * (layers - 1), w_dim]
        for index in range(layers):
            self.add_module(f"fc{index}", Dense(widths[index], widths[index + 1], act, lr=lr))
        self.register_buffer("w_avg", torch.zeros(w_dim))

    def forward(self, z: Tensor, c: Tensor | None = None) -> Tensor:
        x = z.to(self.w_avg.dtype)
        if self.c_dim:
            x = torch.cat([x, needed_labels(c, self.c_dim).to(x.dtype) @ self.embed], 1)
        if self.normalize_latents:
            x = normalize_pixels(x)
        for index in range(self.depth):
            x = self.get_submodule(f"fc{index}")(x)
        return x

    @torch.no_grad()
    def update_w_avg(self, w: Tensor) -> None:
        """Move w_avg towards the mean of w [N, w_dim], as training does with every batch."""
        self.w_avg.copy_(w.detach().mean(0).lerp(self.w_avg, self.w_avg_beta))
