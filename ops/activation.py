"""Bias, activation, gain and clamp: the end of every layer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import once_differentiable

from ops import reference
from ops.path import in_first_gradients, on_reference_path


@dataclass(frozen=True)
class Activation:
    """A function of one number, applied to each.

    function: f itself.
    gain: makes the output of unit variance again (He et al. 2015).
    inplace: f that overwrites its input, for those with f(a·x) = a·f(x) where a > 0, so that a
        gain can move to the other side of f. None: there is none.
    slope: of f left of 0, where it has two straight halves and the right one is x itself.
    """

    function: Callable[[Tensor], Tensor]
    gain: float = 1.0
    inplace: Callable[[Tensor], Tensor] | None = None
    slope: float | None = None


def _lrelu(x: Tensor) -> Tensor:
    return F.leaky_relu(x, 0.2)


def _lrelu_(x: Tensor) -> Tensor:
    return F.leaky_relu_(x, 0.2)


def _identity(x: Tensor) -> Tensor:
    return x


ACTIVATIONS: dict[str, Activation] = {
    "linear": Activation(_identity, inplace=_identity, slope=1.0),
    "relu": Activation(F.relu, sqrt(2), inplace=F.relu_, slope=0.0),
    "lrelu": Activation(_lrelu, sqrt(2), inplace=_lrelu_, slope=0.2),
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
    if on_reference_path():
        return reference.bias_act(x, bias, dim, f.function, gain, clamp)
    along = None if bias is None else bias.reshape([-1 if i == dim else 1 for i in range(x.ndim)])
    constant = bias is None or not bias.requires_grad
    if recording and constant and in_first_gradients() and f.slope is not None and gain > 0:
        return _two_halves(x, along, f.slope, gain, clamp)
    if recording or not (inplace and f.inplace and gain > 0):
        return reference.bias_act(x, bias, dim, f.function, gain, clamp)
    # gain · f(x + b) = f(gain·b + gain·x): two passes over memory that is already there.
    if along is not None:
        torch.add(along * gain, x, alpha=gain, out=x)
    elif gain != 1:
        x.mul_(gain)
    x = f.inplace(x)
    return x if clamp is None else x.clamp_(-clamp, clamp)


class _TwoHalves(torch.autograd.Function):
    """gain · f(x + b) of an f with two straight halves; the derivative is told by the result.

    Autograd would keep, and pass over, every step on the way.
    """

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, bias: Tensor | None, slope: float, gain: float, clamp: float | None
    ) -> Tensor:
        y = x * gain if bias is None else torch.add(bias * gain, x, alpha=gain)
        if slope != 1:
            y = F.leaky_relu_(y, slope)
        if clamp is not None:
            y.clamp_(-clamp, clamp)
        ctx.slope, ctx.gain, ctx.clamp = slope, gain, clamp
        if slope != 1 or clamp is not None:
            ctx.save_for_backward(y)
        return y

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None, None, None, None]:
        x_grad = grad if ctx.gain == 1 else grad * ctx.gain
        if ctx.slope != 1 or ctx.clamp is not None:
            (y,) = ctx.saved_tensors
            if ctx.clamp is not None:
                x_grad = x_grad.masked_fill(y.abs() >= ctx.clamp, 0)
            if ctx.slope != 1:
                x_grad = torch.ops.aten.leaky_relu_backward(x_grad, y, ctx.slope, True)
        return x_grad, None, None, None, None


_two_halves: Callable[..., Tensor] = _TwoHalves.apply
