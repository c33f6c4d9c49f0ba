"""L-BFGS on functions whose minimum is known."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from networks.projection.quasi_newton import QuasiNewton

SCALES = torch.logspace(0, 4, 40)
Function = Callable[[Tensor], Tensor]


def bowl(x: Tensor) -> Tensor:
    """Steep along some axes, flat along others, lowest at 1."""
    return (SCALES * (x - 1).square()).sum()


def valley(x: Tensor) -> Tensor:
    """Rosenbrock's function: its curvature changes sign on the way to (1, 1)."""
    return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2


def walk(x: Tensor, function: Function, steps: int, search: QuasiNewton) -> list[float]:
    values = []
    for _ in range(steps):
        with torch.enable_grad():
            place = x.detach().requires_grad_(True)
            value = function(place)
            (gradient,) = torch.autograd.grad(value, place)
        values.append(value.item())
        search.step(values[-1], gradient)
    return values


@pytest.mark.parametrize(
    ("function", "start"), [(bowl, torch.zeros(40)), (valley, torch.tensor([-1.2, 1.0]))]
)
def test_it_finds_the_minimum(function: Function, start: Tensor) -> None:
    x = start.clone()
    values = walk(x, function, 150, QuasiNewton(x))
    assert min(values) < 1e-5 * values[0]


def test_it_leaves_a_place_that_is_higher_or_no_number() -> None:
    def cliff(x: Tensor) -> Tensor:
        value = bowl(x)
        return value if (x < 0.5).all() else value * float("nan")

    x = torch.zeros(40)
    values = torch.tensor(walk(x, cliff, 60, QuasiNewton(x)))
    assert values.isnan().any(), "it went over the cliff"
    assert not values[-1].isnan() or x.max() < 0.6
    seen = values[~values.isnan()]
    assert seen.min() < 0.5 * seen[0]


def test_it_goes_on_where_it_was() -> None:
    whole, cut = torch.zeros(40), torch.zeros(40)
    expected = walk(whole, bowl, 40, QuasiNewton(whole))
    first = QuasiNewton(cut)
    before = walk(cut, bowl, 17, first)
    again = cut.clone()
    second = QuasiNewton(again)
    second.restore({name: value.clone() for name, value in first.state().items()})
    assert before + walk(again, bowl, 23, second) == expected
    assert torch.equal(again, whole)


def test_a_flat_place_is_left_alone() -> None:
    x = torch.ones(40)
    walk(x, bowl, 3, QuasiNewton(x))
    assert torch.equal(x, torch.ones(40))
