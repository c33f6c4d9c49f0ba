"""Bias, activation, gain and clamp: the end of every layer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt

import torch
import torch.nn.functional as F
from torch import Tensor

from ops import reference
from ops.path import on_reference_path


@dataclass(frozen=True)
class Activation:
    """A function of one number, applied to each.

    function: f itself.
    gain: makes the output of unit variance again (He et al. 2015).
    inplace: f that overwrites its input, for those with f(a·x) = a·f(x) where a > 0, so that a
        gain can move to the other side of f. None: there is none.
    """

    function: Callable[[Tensor], Tensor]
    gain: float = 1.0
    inplace: Callable[[Tensor], Tensor] | None = None


def _lrelu(x: Tensor) -> Tensor:
    return F.leaky_relu(x, 0.2)


def _lrelu_(x: Tensor) -> Tensor:
    return F.leaky_relu_(x, 0.2)


def _identity(x: Tensor) -> Tensor:
    return x


ACTIVATIONS: dict[str, Activation] = {
    "linear": Activation(_identity, inplace=_identity),
    "relu": Activation(F.relu, sqrt(2), inplace=F.relu_),
    "lrelu": Activation(_lrelu, sqrt(2), inplace=_lrelu_),
    "tanh": Activation(torch.tanh),
    "sigmoid": Activation(torch.sigmoid),
    "elu": Activation(F.elu),
    "selu": Activation(F.selu),
    "softplus": Activation(F.softplus),
    "swish": Activation(F.silu, sqrt(2)),
}


def activation(name: str) -> Activation:
    """Raises ValueError for a name that is not in ACTIVATIONS."""
    try:
        return ACTIVATIONS[name]
    except KeyError:
        known = ", ".join(ACTIVATIONS)
        raise ValueError(f"unknown activation {name!r}; known are {known}") from None


def bias_act(
    x: Tensor,
    bias: Tensor | None = None,
    act: str = "linear",
    *,
    dim: int = 1,
    gain: float | None = None,
    clamp: float | None = None,
    inplace: bool = False,
) -> Tensor:
    """clamp(gain · act(x + bias)), of the shape of x.

    bias: [x.shape[dim]] or None. act: a name in ACTIVATIONS. gain: None takes the activation's
    own. clamp: limits to −clamp…clamp. inplace: x may be overwritten where no gradient is
    recorded. Differentiable twice. Raises ValueError for an unknown activation.
    """
    f = activation(act)
    gain = f.gain if gain is None else float(gain)
    recording = torch.is_grad_enabled() and (
        x.requires_grad or (bias is not None and bias.requires_grad)
    )
    if on_reference_path() or recording or not (inplace and f.inplace and gain > 0):
        return reference.bias_act(x, bias, dim, f.function, gain, clamp)
    # gain · f(x + b) = f(gain·b + gain·x): two passes over memory that is already there.
    if bias is not None:
        shape = [-1 if i == dim else 1 for i in range(x.ndim)]
        torch.add(bias.reshape(shape) * gain, x, alpha=gain, out=x)
    elif gain != 1:
        x.mul_(gain)
    x = f.inplace(x)
    return x if clamp is None else x.clamp_(-clamp, clamp)
