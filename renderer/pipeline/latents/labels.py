"""Classes as the vectors that networks take."""

from __future__ import annotations

import torch
from torch import Tensor

from common.errors import UserError
from renderer.messages.request import ClassLabel
from renderer.pipeline.models import Model


def one_hot(label: int, model: Model) -> Tensor:
    """Return the vector of a class, [1, c_dim]. Raises UserError where there is no such class."""
    if not 0 <= label < model.info.c_dim:
        raise UserError(
            f"{model.info.name} has no class {label}.",
            f"Its classes go from 0 to {model.info.c_dim - 1}.",
        )
    c = torch.zeros(1, model.info.c_dim)
    c[0, label] = 1
    return c


def label_vector(model: Model, label: ClassLabel | None) -> Tensor | None:
    """Return the class as a discriminator takes it, [1, c_dim]; None where there are no classes.

    Two classes that are blended become the blend of their vectors.
    """
    if not model.info.c_dim:
        return None
    label = label or ClassLabel()
    c = one_hot(label.first, model)
    if label.second is not None and label.t != 0:
        c = torch.lerp(c, one_hot(label.second, model), label.t)
    return c
