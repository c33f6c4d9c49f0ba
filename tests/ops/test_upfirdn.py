"""upfirdn2d against its definition written out, and its gradients."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.autograd import gradcheck, gradgradcheck

from ops import (
    downsample2d,
    on_reference_path,
    reference_path,
    setup_filter,
    upfirdn2d,
    upsample2d,
)


def definition(
    x: np.ndarray,
    f: np.ndarray,
    up: tuple[int, int],
    down: tuple[int, int],
    pad: tuple[int, int, int, int],
    flip: bool,
    gain: float,
) -> np.ndarray:
    """y[o] = gain · Σ_k f[k] · u[down·o + k − pad], one number at a time, for one channel."""
    (h, w), (fh, fw) = x.shape, f.shape
    if not flip:
        f = f[::-1, ::-1]
    rows = (h * up[1] + pad[2] + pad[3] - fh) // down[1] + 1
    columns = (w * up[0] + pad[0] + pad[1] - fw) // down[0] + 1
    y = np.zeros((rows, columns))
    for oy, ox, ky, kx in product(range(rows), range(columns), range(fh), range(fw)):
        iy, ix = oy * down[1] + ky - pad[2], ox * down[0] + kx - pad[0]
        on_grid = iy % up[1] == 0 and ix % up[0] == 0
        if on_grid and 0 <= iy // up[1] < h and 0 <= ix // up[0] < w:
            y[oy, ox] += gain * f[ky, kx] * x[iy // up[1], ix // up[0]]
    return y


def arguments(draw: Any) -> dict[str, Any]:
    small = st.integers(1, 3)
    pad = st.integers(-3, 6)
    return {
        "up": (draw(small), draw(small)),
        "down": (draw(small), draw(small)),
        "padding": (draw(pad), draw(pad), draw(pad), draw(pad)),
        "flip_filter": draw(st.booleans()),
        "gain": draw(st.sampled_from([1.0, -0.5, 4.0])),
    }


@st.composite
def problems(draw: Any) -> tuple[Tensor, Tensor, dict[str, Any]]:
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    kwargs = arguments(draw)
    h, w = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    separable = draw(st.booleans())
    taps = draw(st.integers(1, 14)) if separable else (draw(st.integers(1, 5)), 1 + h % 4)
    f = torch.from_numpy(rng.normal(size=taps)).float()
    (ux, uy), (left, right, top, bottom) = kwargs["up"], kwargs["padding"]
    assume(w * ux + left + right >= f.shape[-1] and h * uy + top + bottom >= f.shape[0])
    assume(left >= ux - w * ux and right > -w * ux and top >= uy - h * uy and bottom > -h * uy)
    return torch.from_numpy(rng.normal(size=(2, 3, h, w))), f, kwargs


@given(problem=problems())
@settings(max_examples=300, deadline=None)
def test_equals_its_definition(problem: tuple[Tensor, Tensor, dict[str, Any]]) -> None:
    x, f, kwargs = problem
    matrix = (torch.outer(f, f) if f.ndim == 1 else f).double().numpy()
    y = upfirdn2d(x, f, **kwargs)
    with reference_path():
        reference = upfirdn2d(x, f, **kwargs)
    for n, c in product(range(2), range(3)):
        expected = definition(x[n, c].numpy(), matrix, *kwargs.values())
        scale = 1e-5 * (1 + np.abs(expected).max())
        np.testing.assert_allclose(y[n, c].numpy(), expected, atol=scale)
        np.testing.assert_allclose(reference[n, c].numpy(), expected, atol=scale)


PADDED_OUT_OF_REACH = (
    torch.ones(2, 3, 1, 1, dtype=torch.float64),
    torch.tensor([[0.5, -0.5]]),
    {"up": (3, 1), "down": (3, 1), "padding": (3, -2, 0, 0), "flip_filter": False, "gain": 1.0},
)


@given(problem=problems())
@example(problem=PADDED_OUT_OF_REACH)
@settings(max_examples=100, deadline=None)
def test_the_gradient_is_the_adjoint(problem: tuple[Tensor, Tensor, dict[str, Any]]) -> None:
    x, f, kwargs = problem
    x = x.clone().requires_grad_()
    y = upfirdn2d(x, f, **kwargs)
    v = torch.randn(y.shape, dtype=y.dtype)
    (fast,) = torch.autograd.grad(y, x, v)
    with reference_path():
        (plain,) = torch.autograd.grad(upfirdn2d(x, f, **kwargs), x, v)
    assert fast.shape == x.shape
    torch.testing.assert_close(fast, plain, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize(
    ("taps", "up", "down", "padding"),
    [
        ([1, 3, 3, 1], 1, 1, (2, 1, 2, 1)),
        ([1, 3, 3, 1], 2, 1, (2, 1, 2, 1)),
        ([1, 3, 3, 1], 1, 2, (-1, 2, 3, -1)),
        ([1, 2, 3, 4, 3, 2, 1, 5, 2, 1], (3, 1), (2, 2), (4, 5, 6, -2)),
        ([[1, 2, 0], [0, 5, -1]], 2, 3, (-1, 4, 2, -1)),
    ],
)
def test_first_and_second_derivatives(
    taps: Any, up: Any, down: Any, padding: tuple[int, ...]
) -> None:
    f = torch.tensor(taps, dtype=torch.float32)
    f = f / f.sum()
    x = torch.randn(1, 2, 6, 7, dtype=torch.float64, requires_grad=True)

    def call(x: Tensor) -> Tensor:
        return upfirdn2d(x, f, up, down, padding, gain=1.5)

    assert gradcheck(call, [x])
    # Squared, as upfirdn2d itself has no second derivative to check.
    assert gradgradcheck(lambda x: call(x).square(), [x])


def test_a_constant_picture_stays_constant_inside() -> None:
    f = setup_filter([1, 3, 3, 1])
    x = torch.full((1, 3, 12, 12), 0.7)
    for y, size in (
        (upfirdn2d(x, f, padding=(2, 1, 2, 1)), 12),
        (upsample2d(x, f), 24),
        (downsample2d(x, f), 6),
        (upsample2d(x, f, up=(2, 1)), (12, 24)),
    ):
        assert y.shape[2:] == ((size, size) if isinstance(size, int) else size)
        inside = y[:, :, 3:-3, 3:-3] if y.shape[2] > 6 else y[:, :, 1:-1, 1:-1]
        torch.testing.assert_close(inside, torch.full_like(inside, 0.7))


def test_resampling_does_not_shift_the_picture() -> None:
    """Up by two and down again keeps the centre of mass of a spot where it was."""
    f = setup_filter([1, 3, 3, 1])
    x = torch.zeros(1, 1, 17, 17)
    x[..., 8, 8] = 1
    y = downsample2d(upsample2d(x, f), f)
    torch.testing.assert_close(y, y.flip(2))
    torch.testing.assert_close(y, y.flip(3))


def test_a_filter_written_to_is_read_again() -> None:
    f = setup_filter([1, 3, 3, 1])
    x = torch.randn(1, 1, 8, 8)
    before = upfirdn2d(x, f)
    f.mul_(2)
    torch.testing.assert_close(upfirdn2d(x, f), 2 * before)


def test_what_inference_made_serves_training() -> None:
    """Kernels are kept between calls; one that was made in inference mode must not poison."""
    f = setup_filter([2, 5, 7, 1, 3])
    with torch.inference_mode():
        upfirdn2d(torch.randn(1, 2, 8, 8), f)
    x = torch.randn(1, 2, 8, 8, requires_grad=True)
    upfirdn2d(x, f).sum().backward()
    assert x.grad is not None


@pytest.mark.parametrize("factors", [{"up": 2}, {"down": 2}, {}], ids=["up", "down", "same"])
def test_the_precision_is_that_of_the_picture(factors: dict[str, Any]) -> None:
    """Autocast rounds features, but not the picture that they are added to."""
    f = setup_filter([1, 3, 3, 1])
    x = torch.randn(2, 3, 8, 8)
    y = upfirdn2d(x, f, padding=2, **factors)
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(upfirdn2d(x, f, padding=2, **factors), y)
    for dtype in (torch.bfloat16, torch.float16):
        rough = upfirdn2d(x.to(dtype), f, padding=2, **factors)
        assert rough.dtype == dtype
        assert (rough - y).abs().max() < 0.01 * y.abs().max()


@pytest.mark.parametrize(
    ("x", "kwargs", "words"),
    [
        (torch.zeros(3, 4, 4), {}, r"\[N, C, H, W\]"),
        (torch.zeros(1, 1, 2, 2), {"padding": (0, 0, 1, 1)}, "does not fit"),
        (torch.zeros(1, 1, 2, 2), {"padding": (-2, 9, 9, 9)}, "crops all"),
        (torch.zeros(1, 1, 9, 9), {"up": 0}, "at least 1"),
    ],
)
def test_impossible_requests_are_refused(x: Tensor, kwargs: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        upfirdn2d(x, setup_filter([1, 3, 3, 1]), **kwargs)


def test_filters() -> None:
    row = torch.tensor([1.0, 2, 3]) / 6
    torch.testing.assert_close(setup_filter([1, 2, 3]), torch.outer(row, row))
    long = setup_filter(range(1, 9))
    torch.testing.assert_close(long, torch.arange(1.0, 9) / 36)
    for bad in ([], [[1.0]], [1, -1], [0]):
        with pytest.raises(ValueError, match="filter"):
            setup_filter(bad)  # type: ignore[arg-type]


def test_the_switch_ends_with_its_block() -> None:
    def fail() -> None:
        with reference_path():
            assert on_reference_path()
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert not on_reference_path()
