"""The games of G and D against their equations, and the gradient penalty against one by hand."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from networks.families.pggan.discriminator import PGGANDiscriminator
from networks.families.pggan.generator import PGGANGenerator
from networks.training_traits import TrainingTraits
from training.learn import adversarial
from training.learn.adversarial import GAMES, between, gradient_penalty
from training.learn.loss import LossOptions, PhaseLoss
from training.run.options import AdversarialLoss


class Bilinear(nn.Module):
    """D(x) = xᵀ A x of the four numbers of a picture of 2x2, whose gradient is (A + Aᵀ) x."""

    def __init__(self) -> None:
        super().__init__()
        self.A = nn.Parameter(torch.randn(4, 4, dtype=torch.float64))

    def forward(self, img: Tensor, c: Tensor | None = None) -> Tensor:
        x = img.flatten(1)
        return (x @ self.A * x).sum(1, keepdim=True)


def test_the_losses_are_those_of_the_papers() -> None:
    fake, real = torch.tensor([[-2.0], [0.5]]), torch.tensor([[3.0], [-1.0]])
    logistic, minimax, wgan = GAMES["logistic"], GAMES["minimax"], GAMES["wgan-gp"]
    p_fake, p_real = fake.sigmoid()[:, 0], real.sigmoid()[:, 0]
    torch.testing.assert_close(logistic.generator(fake), -p_fake.log())
    torch.testing.assert_close(minimax.generator(fake), (1 - p_fake).log())
    for game in (logistic, minimax):
        loss = game.discriminator(fake, real)
        torch.testing.assert_close(loss, -(1 - p_fake).log() - p_real.log())
        assert not game.penalises
    torch.testing.assert_close(wgan.generator(fake), torch.tensor([2.0, -0.5]))
    expected = torch.tensor([-5 + 0.001 * 9, 1.5 + 0.001 * 1])
    torch.testing.assert_close(wgan.discriminator(fake, real), expected)
    assert wgan.penalises


@pytest.mark.parametrize("pixels_each", [1, 16])
def test_the_gradient_penalty_by_hand(monkeypatch: pytest.MonkeyPatch, pixels_each: int) -> None:
    torch.manual_seed(0)
    D = Bilinear()
    real, fake = torch.randn(2, 5, 1, 2, 2, dtype=torch.float64)
    share = torch.rand(5, 1, 1, 1, dtype=torch.float64)
    monkeypatch.setattr(adversarial.torch, "rand", lambda *size, **_: share)
    penalty = gradient_penalty(D, real, fake, torch.zeros(5, 0), pixels_each)
    x = (share * real + (1 - share) * fake).flatten(1)
    slope = x @ (D.A + D.A.T)
    # A picture of which each pixel is repeated n times changes D by an n-th at each of them.
    norm = slope.norm(dim=1) / pixels_each**0.5
    torch.testing.assert_close(penalty, (norm - 1) ** 2)
    (ours,) = torch.autograd.grad(penalty.mean(), D.A)
    (by_hand,) = torch.autograd.grad(((norm - 1) ** 2).mean(), D.A)
    torch.testing.assert_close(ours, by_hand)
    assert ours.abs().max() > 0.01


def test_points_lie_between_the_pictures_of_each_pair() -> None:
    points = between(torch.ones(1000, 3, 2, 2), torch.zeros(1000, 3, 2, 2))
    assert (points == points[:, :1, :1, :1]).all()
    shares = points[:, 0, 0, 0]
    assert shares.min() >= 0
    assert shares.max() <= 1
    assert shares.mean() == pytest.approx(0.5, abs=0.05)
    assert shares.std() == pytest.approx(1 / 12**0.5, abs=0.03)


def loss_of(adversarial: AdversarialLoss, **options: float) -> PhaseLoss:
    torch.manual_seed(0)
    G = PGGANGenerator(8, 0, 8, channel_base=32, channel_max=8)
    D = PGGANDiscriminator(0, 8, channel_base=32, channel_max=8)
    chosen = LossOptions(
        **{"r1_gamma": 0, "adversarial": adversarial, "lazy_r1": False, **options}
    ).suited_to(TrainingTraits({"Gmain": 1, "Dmain": 1}))
    return PhaseLoss(G, D, lambda x: x, chosen, device="cpu")


def gradients(loss: PhaseLoss, stats: dict[str, Tensor] | None = None) -> dict[str, Tensor]:
    torch.manual_seed(1)
    real, none = torch.rand(8, 3, 8, 8) * 2 - 1, torch.zeros(8, 0)
    loss.D.zero_grad()
    kept = {} if stats is None else stats
    loss.accumulate("Dmain", real, none, torch.randn(8, 8), none, 1.0, kept.__setitem__)
    return {k: p.grad.clone() for k, p in loss.D.named_parameters() if p.grad is not None}


def test_the_penalty_is_in_every_step_of_d() -> None:
    stats: dict[str, Tensor] = {}
    with_penalty = gradients(loss_of("wgan-gp"), stats)
    loss = loss_of("wgan-gp")
    loss.game = adversarial.Game(loss.game.generator, loss.game.discriminator)
    without = gradients(loss)
    assert stats["Loss/gradient_penalty"].shape == (8,)
    assert with_penalty.keys() == dict(loss.D.named_parameters()).keys() - {
        "b4.fromrgb.weight",
        "b4.fromrgb.bias",
    }
    differs = [name for name in without if not torch.allclose(with_penalty[name], without[name])]
    assert "b8.conv0.weight" in differs


def test_r1_in_every_step_is_the_same_as_in_a_phase_of_its_own() -> None:
    stats: dict[str, Tensor] = {}
    at_once = gradients(loss_of("logistic", r1_gamma=2), stats)
    plain = gradients(loss_of("logistic"))
    apart = loss_of("logistic", r1_gamma=2)
    torch.manual_seed(1)
    real, none = torch.rand(8, 3, 8, 8) * 2 - 1, torch.zeros(8, 0)
    apart.accumulate("Dreg", real, none, torch.randn(8, 8), none, 1.0, lambda *_: None)
    for name, parameter in apart.D.named_parameters():
        if parameter.grad is None:
            assert name.startswith("b4.fromrgb")
            continue
        expected = plain[name] + parameter.grad
        torch.testing.assert_close(at_once[name], expected, rtol=1e-4, atol=1e-6)
    # By definition, of the pictures themselves.
    x = real.requires_grad_(True)
    (slope,) = torch.autograd.grad(apart.D(x).sum(), x)
    torch.testing.assert_close(stats["Loss/r1_penalty"], slope.square().sum((1, 2, 3)))


def test_penalties_mean_the_same_while_networks_grow() -> None:
    """D judges a picture of 4x4 as it would judge the same one in 8x8; so do its penalties."""
    D = loss_of("logistic").D
    D.grow_to(1.0)
    small = torch.rand(4, 3, 4, 4, requires_grad=True)
    large = F.interpolate(small.detach(), scale_factor=2).requires_grad_(True)
    torch.testing.assert_close(D(small), D(large))
    for img, pixels_each in ((small, 4.0), (large, 1.0)):
        norms = adversarial.gradient_norms(D(img), img, pixels_each)
        if img is small:
            first = norms
    torch.testing.assert_close(first, norms)
