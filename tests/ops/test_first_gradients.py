"""`first_gradients`: the same values and gradients as the definitions, of inputs alone."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from ops import ACTIVATIONS, bias_act, first_gradients, modulated_conv2d, reference_path
from ops import setup_filter as low_pass

DOUBLE = torch.float64


def _gradients(call, *inputs: Tensor) -> list[Tensor]:
    y = call(*inputs)
    torch.manual_seed(1)
    weights = torch.randn(y.shape, dtype=DOUBLE)
    return [y.detach(), *torch.autograd.grad((y * weights).sum(), inputs)]


@pytest.mark.parametrize("clamp", [None, 0.7])
@pytest.mark.parametrize("gain", [None, 0.5, -1.5])
@pytest.mark.parametrize("act", ACTIVATIONS)
def test_activations(act: str, gain: float | None, clamp: float | None) -> None:
    torch.manual_seed(0)
    x = torch.randn(2, 3, 5, 4, dtype=DOUBLE, requires_grad=True)
    b = torch.randn(3, dtype=DOUBLE)
    kept = x.detach().clone()

    def call(x: Tensor) -> Tensor:
        return bias_act(x, b, act, gain=gain, clamp=clamp, inplace=True)

    with first_gradients():
        fast = _gradients(call, x)
    assert torch.equal(x, kept)
    with reference_path():
        for one, other in zip(fast, _gradients(call, x), strict=True):
            torch.testing.assert_close(one, other)


@pytest.mark.parametrize("up", [1, 2])
@pytest.mark.parametrize("demodulate", [False, True])
def test_modulated_convolutions_of_one_sample(demodulate: bool, up: int) -> None:
    torch.manual_seed(0)
    x = torch.randn(1, 4, 6, 6, dtype=DOUBLE, requires_grad=True)
    s = torch.randn(1, 4, dtype=DOUBLE, requires_grad=True)
    noise = torch.randn(1, 1, 6 * up, 6 * up, dtype=DOUBLE, requires_grad=True)
    weight = torch.randn(5, 4, 3, 3, dtype=DOUBLE)

    def call(x: Tensor, s: Tensor, noise: Tensor) -> Tensor:
        f = low_pass([1, 3, 3, 1])
        how = {"up": up, "padding": 1, "demodulate": demodulate, "flip_weight": up == 1}
        return modulated_conv2d(x, weight, s, noise=noise, f=f, **how)

    with first_gradients():
        fast = _gradients(call, x, s, noise)
    with reference_path():
        for one, other in zip(fast, _gradients(call, x, s, noise), strict=True):
            torch.testing.assert_close(one, other)


def test_trainable_weights_keep_their_gradient() -> None:
    """Tuning trains the weights of a network: they are not taken for constants then."""
    x, b = torch.randn(1, 3, 4, 4), torch.zeros(3, requires_grad=True)
    with first_gradients():
        bias_act(x, b, "lrelu").sum().backward()
    assert b.grad is not None
    assert b.grad.abs().sum() > 0
