"""Lazy regularisation's Adam, finite gradients, and the averaged generator."""

from __future__ import annotations

import copy
import math

import pytest
import torch
from torch import nn

from networks.families.stylegan2.generator import StyleGAN2Generator
from training.learn.optim import ema_beta, finite_gradients, lazy_adam, update_ema
from training.run.stats import Statistics


@pytest.mark.parametrize(("interval", "c"), [(4, 4 / 5), (16, 16 / 17), (None, 1)])
def test_adam_is_slowed_for_the_extra_steps(interval, c):
    p = nn.Parameter(torch.zeros(1))
    group = lazy_adam([p], lr=0.002, betas=(0.0, 0.99), eps=1e-8, interval=interval).param_groups[0]
    assert group["lr"] == pytest.approx(0.002 * c)
    assert group["betas"] == pytest.approx((0.0, 0.99**c))
    # interval + 1 steps forget as much as `interval` steps did.
    if interval is not None:
        assert group["betas"][1] ** (interval + 1) == pytest.approx(0.99**interval)


def test_gradients_that_are_not_finite_are_replaced_and_counted():
    parameters = [nn.Parameter(torch.zeros(2, 2)), nn.Parameter(torch.zeros(3))]
    unused = nn.Parameter(torch.zeros(1))
    parameters[0].grad = torch.tensor([[1.0, math.nan], [math.inf, -2.0]])
    parameters[1].grad = torch.tensor([-math.inf, 0.5, 0.0])
    assert int(finite_gradients([*parameters, unused])) == 3
    assert parameters[0].grad.tolist() == [[1, 0], [1e5, -2]]
    assert parameters[1].grad.tolist() == [-1e5, 0.5, 0]
    assert unused.grad is None


def test_the_average_has_its_half_life():
    # 10,000 images in batches of 32 halve what was there.
    assert ema_beta(32, 10**6, 10, None) ** (10_000 / 32) == pytest.approx(0.5)
    assert ema_beta(32, 10**6, 10, 0.05) == ema_beta(32, 10**6, 10, None)
    # At first the half-life is 5 % of the images seen.
    assert ema_beta(16, 1600, 10, 0.05) == pytest.approx(0.5 ** (16 / 80))
    assert ema_beta(16, 16, 0, None) == 0


def test_the_average_moves_and_copies_buffers():
    torch.manual_seed(0)
    network = StyleGAN2Generator(4, 0, 4, 8, channel_max=4)
    average = copy.deepcopy(network)
    with torch.no_grad():
        for p in network.parameters():
            p.add_(1)
        network.mapping.w_avg.fill_(3)
    before = copy.deepcopy(average)
    update_ema(average, network, 0.75)
    pairs = zip(before.parameters(), average.parameters(), strict=True)
    for old, new in pairs:
        torch.testing.assert_close(new, old + 0.25)
    assert torch.equal(average.w_avg, torch.full([4], 3.0))


def test_statistics_are_means_and_deviations_of_all_elements():
    statistics = Statistics("cpu")
    torch.manual_seed(0)
    pieces = [torch.randn(n, 1) for n in (3, 5, 8)]
    for piece in pieces:
        statistics.report("x", piece)
    statistics.report("y", torch.tensor(2.0))
    saved = statistics.tensors()
    entries = statistics.read()
    every = torch.cat(pieces).double()
    assert entries["x"]["num"] == 16
    assert entries["x"]["mean"] == pytest.approx(float(every.mean()))
    assert entries["x"]["std"] == pytest.approx(float(every.std(unbiased=False)))
    assert entries["y"] == {"num": 1, "mean": 2.0, "std": 0.0}
    empty = statistics.read()["x"]  # a phase that this tick did not have
    assert empty["num"] == 0
    assert math.isnan(empty["mean"])
    statistics.load(saved)
    assert statistics.read() == entries
