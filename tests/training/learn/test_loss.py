"""The four training phases against numbers of an independent implementation, and what each of
them may and may not touch."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from networks.families.stylegan2.discriminator import StyleGAN2Discriminator
from networks.families.stylegan2.generator import StyleGAN2Generator
from networks.training_traits import PHASES, Phase
from tests.paths import DATA
from training.learn import loss as losses
from training.learn.loss import GeneratorPass, LossOptions, PhaseLoss, mix_styles


class Setup:
    """The recorded networks and batch, and one call of a phase."""

    def __init__(self, **options: float) -> None:
        with np.load(DATA / "loss-16.npz") as file:
            self.data = {name: torch.from_numpy(file[name]) for name in file.files}
        width = {"channel_base": 256, "channel_max": 16, "conv_clamp": None}
        self.G = StyleGAN2Generator(32, 0, 32, 16, mapping_layers=2, **width)
        self.D = StyleGAN2Discriminator(0, 16, **width)
        for prefix, network in (("G/", self.G), ("D/", self.D)):
            network.load_state_dict(
                {key[2:]: value for key, value in self.data.items() if key.startswith(prefix)}
            )
        gamma = float(self.data["r1_gamma"])
        self.options = LossOptions(**{"r1_gamma": gamma, "style_mixing_prob": 0, **options})
        self.stats: dict[str, list[Tensor]] = defaultdict(list)

    def loss(self, **more: object) -> PhaseLoss:
        nets = {"G": self.G, "D": self.D, "augment": lambda x: x, **more}
        return PhaseLoss(**nets, options=self.options, device="cpu")

    def run(self, loss: PhaseLoss, phase: Phase, gain: float = 1.0) -> None:
        real, z, c = self.data["real"], self.data["z"], self.data["c"]
        loss.accumulate(phase, real, c, z, c, gain, lambda k, v: self.stats[k].append(v))

    def gradients(self, network: nn.Module) -> dict[str, Tensor]:
        return {k: v.grad.clone() for k, v in network.named_parameters() if v.grad is not None}


def check(setup: Setup, phase: Phase, gain: float = 1.0) -> None:
    trained, other = (setup.G, setup.D) if phase[0] == "G" else (setup.D, setup.G)
    assert not setup.gradients(other)
    gradients = setup.gradients(trained)
    assert gradients.keys() == dict(trained.named_parameters()).keys()
    for name, gradient in gradients.items():
        # The gradient of a noise strength follows from noise that was drawn, not recorded.
        if not name.endswith("noise_strength"):
            expected = setup.data[f"grad/{phase}/{name}"] * gain
            assert (gradient - expected).abs().max() <= 1e-4 * expected.abs().max(), name


@pytest.mark.parametrize("phase", PHASES)
def test_gradients(phase: Phase, monkeypatch: pytest.MonkeyPatch) -> None:
    setup = Setup()
    if phase == "Greg":
        monkeypatch.setattr(losses.torch, "randn_like", lambda x: setup.data["pl_noise"])
    loss = setup.loss()
    setup.run(loss, phase, gain=4)
    check(setup, phase, gain=4)
    expected_mean = setup.data["pl_mean_after"] if phase == "Greg" else torch.zeros([])
    torch.testing.assert_close(loss.pl_mean, expected_mean, rtol=1e-4, atol=0)
    assert not any(value.requires_grad for values in setup.stats.values() for value in values)


def test_an_overflow_does_not_spoil_the_mean_length(monkeypatch: pytest.MonkeyPatch) -> None:
    setup = Setup()
    loss = setup.loss()
    setup.run(loss, "Greg")
    mean = loss.pl_mean.clone()
    assert mean > 0
    monkeypatch.setattr(losses.torch, "randn_like", lambda x: torch.full_like(x, float("inf")))
    setup.run(loss, "Greg")
    assert loss.pl_mean == mean


def test_micro_batches_add_up() -> None:
    setup = Setup()
    loss = setup.loss()
    for _ in range(2):
        setup.run(loss, "Dmain", gain=0.5)
    check(setup, "Dmain")


@pytest.mark.parametrize("phase", PHASES)
def test_bfloat16(phase: Phase, monkeypatch: pytest.MonkeyPatch) -> None:
    """Gradients still point where they should, second derivatives among them."""
    setup = Setup()
    if phase == "Greg":
        monkeypatch.setattr(losses.torch, "randn_like", lambda x: setup.data["pl_noise"])
    with torch.autocast("cpu", torch.bfloat16):
        setup.run(setup.loss(), phase)
    network = setup.G if phase[0] == "G" else setup.D
    found = {k: v for k, v in setup.gradients(network).items() if "noise_strength" not in k}
    ours = torch.cat([gradient.flatten() for gradient in found.values()])
    expected = torch.cat([setup.data[f"grad/{phase}/{name}"].flatten() for name in found])
    assert torch.cosine_similarity(ours, expected, dim=0) > 0.96
    assert all(value.dtype == torch.float32 for values in setup.stats.values() for value in values)


def test_statistics_are_those_of_the_logits() -> None:
    setup = Setup()
    loss = setup.loss()
    for phase in PHASES:
        setup.run(loss, phase)
    with torch.no_grad():
        logits = setup.D(setup.data["real"], None)
    means = {name: torch.cat([v.flatten() for v in x]).mean() for name, x in setup.stats.items()}
    torch.testing.assert_close(means["Loss/scores/real"], logits.mean())
    torch.testing.assert_close(means["Loss/signs/real"], logits.sign().mean())
    assert means.keys() >= {"Loss/scores/fake", "Loss/signs/fake", "Loss/pl_penalty"}
    assert means.keys() >= {"Loss/G/loss", "Loss/D/loss", "Loss/G/reg", "Loss/D/reg"}
    torch.testing.assert_close(means["Loss/D/reg"], means["Loss/r1_penalty"] * 5)


def test_r1_looks_through_the_augmentation() -> None:
    """The slope is that of D(augment(x)) in x: halving the contrast quarters the penalty."""
    setup, halved = Setup(), Setup()
    setup.data["real"] = setup.data["real"] * 0.5
    setup.run(setup.loss(), "Dreg")
    halved.run(halved.loss(augment=lambda x: x * 0.5), "Dreg")
    (direct,), (through,) = (s.stats["Loss/r1_penalty"] for s in (setup, halved))
    torch.testing.assert_close(through, direct / 4)


def test_the_discriminator_sees_only_augmented_pictures() -> None:
    setup = Setup()
    seen: list[Tensor] = []
    setup.D.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    loss = setup.loss(augment=lambda x: x * 0 + 0.25)
    for phase in PHASES:
        setup.run(loss, phase)
    assert len(seen) == 4
    assert all((x == 0.25).all() for x in seen)


def test_balanced_consistency() -> None:
    """With an augmentation that changes nothing the terms vanish; otherwise both push on D."""
    plain, same = Setup(), Setup(bcr_real=10, bcr_fake=10)
    plain.run(plain.loss(), "Dmain")
    same.run(same.loss(consistency=lambda x: x), "Dmain")
    for name, gradient in plain.gradients(plain.D).items():
        torch.testing.assert_close(same.gradients(same.D)[name], gradient)
    flipped = Setup(bcr_real=10)
    flipped.run(flipped.loss(consistency=lambda x: x.flip(3)), "Dmain")
    assert not torch.allclose(
        flipped.gradients(flipped.D)["b16.conv0.weight"],
        plain.gradients(plain.D)["b16.conv0.weight"],
    )
    with torch.no_grad():
        D, real = flipped.D, plain.data["real"]
        expected = (D(real) - D(real.flip(3))).square()[:, 0]
    torch.testing.assert_close(flipped.stats["Loss/bcr/real"][0], expected)
    with pytest.raises(ValueError, match="bCR"):
        flipped.loss()


def test_style_mixing() -> None:
    w, other = torch.zeros(4000, 3), torch.ones(4000, 3)
    ws = mix_styles(w, other, 5, 0.9)
    second = ws[:, :, 0]
    assert (second[:, 0] == 0).all()
    assert (second.diff(dim=1) >= 0).all(), "from the crossover on, every row is the other's"
    # 90 % are mixed, each crossover of 1 to 4 as often as the others.
    shares = torch.stack([(second.sum(1) == k).float().mean() for k in range(5)])
    torch.testing.assert_close(
        shares, torch.tensor([0.1, 0.225, 0.225, 0.225, 0.225]), atol=0.03, rtol=0
    )
    assert (mix_styles(w, other, 5, 0.0) == 0).all()


def test_w_avg_follows_the_mapping() -> None:
    setup = Setup()
    before = setup.G.w_avg.clone()
    setup.run(setup.loss(), "Gmain")
    with torch.no_grad():
        w = setup.G.map(setup.data["z"], None).mean(0)
    torch.testing.assert_close(setup.G.w_avg, w.lerp(before, 0.995))


@pytest.mark.filterwarnings("ignore:Grad strides do not match bucket view")  # [1, 16]: no matter
@pytest.mark.parametrize("phase", ["Gmain", "Dmain", "Dreg"])
def test_gradients_under_data_parallelism(phase: Phase, tmp_path: Path) -> None:
    """After every phase in turn: DDP complains at the next call where a gradient was missing."""
    dist.init_process_group("gloo", f"file://{tmp_path}/store", rank=0, world_size=1)
    try:
        setup = Setup()
        G = DistributedDataParallel(GeneratorPass(setup.G))
        loss = setup.loss(G=G, D=DistributedDataParallel(setup.D))
        for other in (*PHASES, *PHASES):
            setup.run(loss, other)
        setup.G.zero_grad()
        setup.D.zero_grad()
        setup.run(loss, phase)
        check(setup, phase)
    finally:
        dist.destroy_process_group()
