"""The truncation of w."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from networks.base.labels import needed_labels


def truncate(
    ws: Tensor,
    w_avg: Tensor | None,
    psi: float | Sequence[float] = 1.0,
    cutoff: int | None = None,
    c: Tensor | None = None,
) -> Tensor:
    """ws [N, num_ws, w_dim] moved towards w_avg [w_dim] (StyleGAN, Appendix B).

    w_avg: None where a network has no such centre; ws then stay what they are. [c_dim, w_dim] where
        each class has its own: ws move towards that of their label, c [N or 1, c_dim], a blend of
        them for a blend of classes.
    psi: one value for the first `cutoff` rows (None: all), or one value for each row.
    Raises ValueError where a label is needed and there is none.
    """
    if w_avg is None:
        return ws
    num_ws = ws.shape[1]
    if isinstance(psi, Sequence):
        factors = [*psi[:num_ws], *([1.0] * (num_ws - len(psi)))]
    else:
        rows = num_ws if cutoff is None else max(0, min(cutoff, num_ws))
        factors = [psi] * rows + [1.0] * (num_ws - rows)
    if all(f == 1 for f in factors):
        return ws
    if w_avg.ndim == 2:
        w_avg = (needed_labels(c, len(w_avg)).to(w_avg) @ w_avg)[:, None]
    scale = torch.tensor(factors, dtype=ws.dtype, device=ws.device)[:, None]
    # torch.lerp would be exact at 1 as well, but rows at exactly 1 must stay bit-identical.
    return torch.where(scale == 1, ws, w_avg + (ws - w_avg) * scale)
