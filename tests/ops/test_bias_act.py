"""bias_act: derivatives, what it may overwrite, and where the bias goes."""

from __future__ import annotations

import pytest
import torch
from torch.autograd import gradcheck, gradgradcheck

from ops import ACTIVATIONS, bias_act, reference_path


@pytest.mark.parametrize("act", ACTIVATIONS)
def test_twice_differentiable(act: str) -> None:
    torch.manual_seed(0)
    x = torch.randn(2, 3, 4, dtype=torch.float64, requires_grad=True)
    b = torch.randn(3, dtype=torch.float64, requires_grad=True)

    def call(x: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        return bias_act(x, b, act, gain=1.3, clamp=1.7, inplace=True)

    assert gradcheck(call, [x, b])
    assert gradgradcheck(lambda x, b: call(x, b).square(), [x, b])


@pytest.mark.parametrize("act", ["linear", "lrelu", "tanh"])
def test_writes_into_its_input_only_where_told_to(act: str) -> None:
    x, b = torch.randn(1, 3, 4, 4), torch.randn(3)
    kept = x.clone()
    y = bias_act(x, b, act, clamp=0.5)
    assert torch.equal(x, kept)
    b.requires_grad_()
    recorded = bias_act(x, b, act, clamp=0.5, inplace=True)
    assert torch.equal(x, kept), "a graph needs its input"
    torch.testing.assert_close(recorded.detach(), y)


def test_no_bias_and_another_axis() -> None:
    x, b = torch.randn(5, 3), torch.randn(5)
    torch.testing.assert_close(bias_act(x, b, "relu", dim=0, gain=1), (x + b[:, None]).relu())
    for inplace in (False, True):
        y = bias_act(x.clone(), None, "relu", inplace=inplace)
        torch.testing.assert_close(y, x.relu() * 2**0.5)


@pytest.mark.parametrize("gain", [-2.0, 0.0, 0.5])
def test_any_gain_gives_the_same_on_both_paths(gain: float) -> None:
    x, b = torch.randn(2, 3, 4, 4), torch.randn(3)
    fast = bias_act(x.clone(), b, "lrelu", gain=gain, inplace=True)
    with reference_path():
        torch.testing.assert_close(fast, bias_act(x, b, "lrelu", gain=gain))


def test_unknown_activation_names_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"'gelu'.*lrelu.*swish"):
        bias_act(torch.zeros(1, 1), act="gelu")
