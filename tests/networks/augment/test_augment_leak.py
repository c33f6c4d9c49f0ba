"""Augmentations do not leak (ADA, Section 2.2 and Appendix C.3): as long as p < 1, whoever matches
the distribution of augmented pictures has matched the distribution of the pictures.

A rotation by a random quarter with probability p mixes the shares of the four orientations by
A = (1 − p) I + p/4, which is invertible except at p = 1.
"""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from networks.augment import AugmentPipe


def pipe_at(p: float, **strengths: float) -> AugmentPipe:
    pipe = AugmentPipe(**strengths)
    pipe.p.fill_(p)
    return pipe


def upright(n: int) -> Tensor:
    """Pictures of a bright sky over a dark ground."""
    rows = torch.linspace(1, -1, 8)
    return rows[None, None, :, None].expand(n, 1, 8, 8)


def orientation(images: Tensor) -> Tensor:
    """The quarter turns, 0 to 3, that brought the sky to where it is."""
    x = images[:, 0]
    sides = [x[:, 0].mean(1), x[:, :, 0].mean(1), x[:, -1].mean(1), x[:, :, -1].mean(1)]
    return torch.stack(sides, 1).argmax(1)


def mixing(p: float, n: int = 2000) -> Tensor:
    """A [4, 4] as the pipeline has it: shares of what turns the pictures of each orientation
    (columns) come out with (rows)."""
    torch.manual_seed(0)
    pipe = pipe_at(p, rotate90=1)
    columns = []
    for turns in range(4):
        seen = orientation(pipe(upright(n).rot90(turns, (2, 3))))
        columns.append(torch.bincount(seen, minlength=4) / n)
    return torch.stack(columns, 1)


@pytest.mark.parametrize("p", [0.2, 0.8, 1.0])
def test_rotations_mix_orientations_as_they_should(p: float) -> None:
    expected = (1 - p) * torch.eye(4) + p / 4
    assert expected[0, 0] == pytest.approx(1 - 3 * p / 4)
    torch.testing.assert_close(mixing(p), expected, atol=0.04, rtol=0)


def learn_orientations(A: Tensor) -> Tensor:
    """Shares of the four orientations after matching augmented shares by gradient descent.

    The generator starts out preferring a wrong orientation, as one that leaks would.
    """
    real = A @ torch.tensor([1.0, 0, 0, 0])
    logits = torch.tensor([0.0, 1, 0, 0], requires_grad=True)
    optimizer = torch.optim.Adam([logits], lr=0.1)
    for _ in range(300):
        optimizer.zero_grad()
        loss = F.kl_div((A @ logits.softmax(0)).log(), real, reduction="sum")
        loss.backward()
        optimizer.step()
    return logits.detach().softmax(0)


def test_upright_pictures_are_recovered_below_certainty() -> None:
    assert learn_orientations(mixing(0.8))[0] > 0.9
    certain = torch.full([4, 4], 0.25)
    assert learn_orientations(certain)[0] < 0.5, "always rotated, nothing tells upright"


def test_a_picture_is_recovered_through_rotations_by_any_angle() -> None:
    """Pixels that are learnt only from how their rotated copies look on average: at p = 0.8 a
    fifth of them is not rotated, and that is enough to come out upright."""
    torch.manual_seed(0)
    pipe, batch = pipe_at(0.8, rotate=1), 256
    with torch.no_grad():
        target = torch.stack([pipe(upright(batch)).mean(0) for _ in range(8)]).mean(0)
    picture = upright(1).rot90(1, (2, 3)).clone().requires_grad_()
    optimizer = torch.optim.Adam([picture], lr=0.1)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1, 0.05, 120)
    for _ in range(120):
        optimizer.zero_grad()
        average = pipe(picture.expand(batch, -1, -1, -1)).mean(0)
        (average - target).square().sum().backward()
        optimizer.step()
        schedule.step()
    found, wanted = picture.detach().flatten(), upright(1).flatten()
    assert torch.corrcoef(torch.stack([found, wanted]))[0, 1] > 0.9
