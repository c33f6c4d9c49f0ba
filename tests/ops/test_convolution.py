"""Fast convolutions against their definitions: values, gradients, second gradients, range."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.autograd import gradgradcheck

from ops import conv2d_resample, modulated_conv2d, reference_path, setup_filter

DOUBLE = torch.float64


def both(call, *inputs: Tensor) -> tuple[list[Tensor], list[Tensor]]:
    """[y, dy/dinputs…, d|dy|²/dinputs…] by the fast path and by the reference."""

    def derivatives() -> list[Tensor]:
        y = call(*inputs)
        torch.manual_seed(1)
        first = torch.autograd.grad(
            (y * torch.randn(y.shape, dtype=DOUBLE)).sum() + y.square().sum(),
            inputs,
            create_graph=True,
        )
        second = torch.autograd.grad(sum(g.square().sum() for g in first), inputs)
        return [y.detach(), *(g.detach() for g in first), *second]

    fast = derivatives()
    with reference_path():
        return fast, derivatives()


@pytest.mark.parametrize("separable", [False, True], ids=["short", "long"])
@pytest.mark.parametrize("flip_weight", [False, True])
@pytest.mark.parametrize(("k", "padding"), [(1, 0), (3, 1), (3, 0)])
@pytest.mark.parametrize(("up", "down"), [(1, 1), (2, 1), (1, 2), (2, 2)])
@pytest.mark.parametrize("groups", [1, 2])
def test_conv2d_resample(
    k: int, padding: int, up: int, down: int, groups: int, flip_weight: bool, separable: bool
) -> None:
    f = setup_filter([1, 2, 0, 3, 1, 5, 2, 1, 1] if separable else [1, 3, 4, 1])
    x = torch.randn(2, 4, 7, 8, dtype=DOUBLE, requires_grad=True)
    w = torch.randn(6, 4 // groups, k, k, dtype=DOUBLE, requires_grad=True)

    def call(x: Tensor, w: Tensor) -> Tensor:
        return conv2d_resample(
            x,
            w,
            f,
            up=up,
            down=down,
            padding=padding,
            groups=groups,
            flip_weight=flip_weight,
        )

    for fast, reference in zip(*both(call, x, w), strict=True):
        torch.testing.assert_close(fast, reference)


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize(("k", "padding"), [(1, 0), (3, 1)])
@pytest.mark.parametrize(("up", "down"), [(1, 1), (2, 1), (1, 2)])
@pytest.mark.parametrize("demodulate", [False, True])
def test_modulated_conv2d(
    batch: int, k: int, padding: int, up: int, down: int, demodulate: bool
) -> None:
    f = setup_filter([1, 3, 3, 1])
    size = 6 * up // down
    inputs = [
        torch.randn(shape, dtype=DOUBLE, requires_grad=True)
        for shape in ((batch, 4, 6, 6), (5, 4, k, k), (batch, 4), (1, 1, size, size), ())
    ]

    def call(x: Tensor, w: Tensor, s: Tensor, noise: Tensor, gain: Tensor) -> Tensor:
        return modulated_conv2d(
            x,
            w,
            s,
            noise=noise,
            gain=gain,
            f=f,
            up=up,
            down=down,
            padding=padding,
            demodulate=demodulate,
            flip_weight=up == 1,
        )

    for fast, reference in zip(*both(call, *inputs), strict=True):
        torch.testing.assert_close(fast, reference)
    # Without a graph other code runs, which writes in place: not into what it was given.
    before = [t.detach().clone() for t in inputs]
    with torch.no_grad():
        torch.testing.assert_close(call(*inputs), reference_of(call, *inputs))
    for now, then in zip(inputs, before, strict=True):
        assert torch.equal(now, then)


def reference_of(call, *inputs: Tensor) -> Tensor:
    with reference_path():
        return call(*inputs)


@pytest.mark.parametrize("batch", [1, 2])
def test_second_derivative_of_demodulation(batch: int) -> None:
    """Numerically, so that an error in the definition itself would show."""
    x = torch.randn(batch, 2, 3, 3, dtype=DOUBLE, requires_grad=True)
    w = torch.randn(2, 2, 3, 3, dtype=DOUBLE, requires_grad=True)
    s = torch.randn(batch, 2, dtype=DOUBLE, requires_grad=True)
    assert gradgradcheck(lambda x, w, s: modulated_conv2d(x, w, s, padding=1), [x, w, s])


def test_demodulated_maps_have_unit_variance() -> None:
    """StyleGAN2, Section 2.2: for inputs of unit variance, whatever the styles."""
    torch.manual_seed(0)
    x, w = torch.randn(2, 32, 64, 64), torch.randn(8, 32, 3, 3)
    styles = torch.tensor([[0.01], [100.0]]) * torch.rand(2, 32)
    std = modulated_conv2d(x, w, styles, padding=1).std((2, 3))
    assert torch.all((std - 1).abs() < 0.1)


@pytest.mark.parametrize("path", ["fast", "reference"])
@pytest.mark.parametrize("batch", [1, 2])
def test_float16_stays_in_range(batch: int, path: str) -> None:
    """Weights and styles far beyond float16's 65504 cancel in the demodulation."""
    torch.manual_seed(0)
    x, w = torch.randn(batch, 16, 8, 8), 1e5 * torch.randn(4, 16, 3, 3)
    styles = 3e4 * torch.randn(batch, 16)

    def call(x: Tensor) -> Tensor:
        return modulated_conv2d(x, w, styles, padding=1)

    half = call(x.half()) if path == "fast" else reference_of(call, x.half())
    assert half.dtype == torch.float16
    torch.testing.assert_close(half.float(), call(x), atol=0.02, rtol=0.01)
    assert not torch.equal(half.float(), call(x)), "computed in float32 after all"


def test_styles_of_zero_give_zero_not_nan_in_float16() -> None:
    x, w = torch.randn(1, 4, 8, 8), torch.randn(4, 4, 3, 3)
    y = modulated_conv2d(x.half(), w, torch.zeros(1, 4), padding=1)
    assert torch.equal(y, torch.zeros_like(y))
