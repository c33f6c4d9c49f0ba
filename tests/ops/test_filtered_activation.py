"""The filtered leaky ReLU in tiles, and as it is differentiated, against its plain definition."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.autograd import gradcheck, gradgradcheck

from ops import filtered_lrelu, reference_path


def taps(count: int, *, square: bool = False) -> Tensor:
    """A filter that is neither symmetric nor, where it is square, a product of two rows."""
    generator = torch.Generator().manual_seed(count)
    f = torch.rand((count, count) if square else (count,), generator=generator) + 0.1
    return f / f.sum()


def padding(size: int, out: int, up: int, down: int, lengths: tuple[int, int]) -> tuple[int, int]:
    """What makes `out` samples of `size`, shared out over both ends."""
    total = (out - 1) * down + sum(lengths) - 1 - size * up
    return (total + up) // 2, total - (total + up) // 2


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_tiles_give_what_the_definition_gives(data: st.DataObject) -> None:
    up, down = data.draw(st.sampled_from([1, 2, 3, 4])), data.draw(st.sampled_from([1, 2, 4]))
    sizes = st.integers(3, 80)
    height, width = data.draw(sizes), data.draw(sizes)
    lengths = data.draw(st.integers(1, 13)), data.draw(st.integers(1, 13))
    # More than a tile has, in both directions, and not a whole number of them.
    outs = data.draw(st.integers(1, 120)), data.draw(st.integers(1, 120))
    edges = (
        *padding(width, outs[1], up, down, lengths),
        *padding(height, outs[0], up, down, lengths),
    )
    square = data.draw(st.booleans())
    channels = data.draw(st.sampled_from([1, 5, 32, 33]))
    x = torch.randn(data.draw(st.integers(1, 2)), channels, height, width)
    arguments = {
        "bias": torch.randn(channels) if data.draw(st.booleans()) else None,
        "up_filter": taps(lengths[0]),
        "down_filter": taps(lengths[1], square=square),
        "up": up,
        "down": down,
        "padding": edges,
        "clamp": data.draw(st.sampled_from([None, 0.5])),
    }
    try:
        with reference_path():
            expected = filtered_lrelu(x, **arguments)
    except (RuntimeError, ValueError):  # the padded picture is smaller than a filter
        return
    kept = x.clone()
    y = filtered_lrelu(x, **arguments)
    assert y.shape == expected.shape == (len(x), channels, *outs)
    assert (y - expected).abs().max() <= 1e-5 * expected.abs().max().clamp(min=1e-3)
    assert torch.equal(x, kept)


@pytest.mark.parametrize("square", [False, True], ids=["separable", "radial"])
def test_gradients_are_those_of_the_definition(square: bool) -> None:
    torch.manual_seed(0)
    x = torch.randn(1, 2, 7, 5, dtype=torch.float64, requires_grad=True)
    bias = torch.randn(2, dtype=torch.float64, requires_grad=True)

    def run(x: Tensor, bias: Tensor) -> Tensor:
        up, down = taps(8).double(), taps(8, square=square).double()
        return filtered_lrelu(x, bias, up, down, up=4, down=2, padding=(5, 4, -2, 3), clamp=0.8)

    def gradients() -> tuple[Tensor, ...]:
        y = run(x, bias)
        first = torch.autograd.grad(y.square().sum(), (x, bias), create_graph=True)
        return (y, *first, *torch.autograd.grad(first[0].square().sum(), (x, bias)))

    with reference_path():
        plain = gradients()
    for fast, slow in zip(gradients(), plain, strict=True):
        torch.testing.assert_close(fast, slow, rtol=1e-6, atol=1e-8)
    assert gradcheck(run, (x, bias))
    assert gradgradcheck(run, (x, bias))


def test_what_is_searched_is_what_is_drawn() -> None:
    x = torch.randn(1, 3, 20, 20)
    arguments = {"up": 2, "down": 2, "padding": (8, 8, 8, 8), "clamp": 256.0}
    drawn = filtered_lrelu(x, None, taps(12), taps(12), **arguments)
    searched = filtered_lrelu(x.requires_grad_(), None, taps(12), taps(12), **arguments)
    torch.testing.assert_close(drawn, searched.detach(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_short_numbers_are_filtered_as_long_ones_on_a_cpu(dtype: torch.dtype) -> None:
    x = torch.randn(1, 4, 30, 30)
    arguments = {"up": 2, "down": 2, "padding": (11, 10, 11, 10), "clamp": 256.0}
    y = filtered_lrelu(x.to(dtype), None, taps(12), taps(12), **arguments)
    assert y.dtype == dtype
    expected = filtered_lrelu(x.to(dtype).float(), None, taps(12), taps(12), **arguments)
    assert torch.equal(y, expected.to(dtype))


def test_a_filter_that_does_not_fit_is_refused() -> None:
    x = torch.zeros(1, 1, 4, 4)
    for lengths in ((12, 1), (1, 12)):
        with pytest.raises(ValueError, match="fit"):
            filtered_lrelu(x, None, *map(taps, lengths), up=2, down=2)
