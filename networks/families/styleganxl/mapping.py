"""The mapping network of StyleGAN-XL (Sauer et al. 2022, "XL", Section 3.2)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from networks.families.stylegan2.layers import Dense, Mapping


class ClassEmbedding(nn.Module):
    """Labels [N, c_dim] -> [N, outputs]: what a network that was trained to tell classes knows of
    each, and a layer that learns what to make of it.

    rows [c_dim, features]: of every class. A blend of classes has the blend of their rows.
    """

    def __init__(self, c_dim: int, features: int, outputs: int) -> None:
        super().__init__()
        self.rows = nn.Parameter(torch.randn(c_dim, features))
        self.proj = Dense(features, outputs, "lrelu")

    def forward(self, c: Tensor) -> Tensor:
        projected: Tensor = self.proj(c @ self.rows)
        return projected


class ClassMapping(Mapping):
    """z [N, z_dim], c [N, c_dim] -> w [N, w_dim], with as many numbers of the class as of z.

    w_avg: [c_dim, w_dim], the mean of w in each class; [w_dim] where there are no classes.
    """

    def __init__(
        self,
        z_dim: int,
        c_dim: int,
        w_dim: int,
        *,
        layers: int,
        lr: float,
        w_avg_beta: float,
        class_features: int,
    ) -> None:
        super().__init__(
            z_dim,
            c_dim,
            w_dim,
            layers=layers,
            embed_features=z_dim,
            lr=lr,
            w_avg_beta=w_avg_beta,
            embed=ClassEmbedding(c_dim, class_features, z_dim) if c_dim else None,
        )
        if c_dim:
            self.w_avg = torch.zeros(c_dim, w_dim)
