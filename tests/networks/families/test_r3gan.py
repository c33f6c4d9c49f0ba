"""R3GAN draws what its own program draws, tells what it can do, and can learn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from networks.families.r3gan.discriminator import R3GANDiscriminator
from networks.families.r3gan.generator import R3GANGenerator
from networks.families.r3gan.layers import Residual
from networks.snapshots.snapshot import open_snapshot
from ops import reference_path
from tests.foreign import SMALL, difference, reference

FILE = SMALL / "r3gan" / "cond-16.pkl"
SMALL_STAGES: dict[str, Any] = {
    "widths": (6, 6, 4),
    "hidden": (8, 8, 6),
    "groups": (2, 4, 1),
    "blocks": (1, 2, 1),
}


def filled(network: nn.Module) -> nn.Module:
    """With weights that leave nothing out: blocks begin as nothing."""
    torch.manual_seed(0)
    for value in network.parameters():
        nn.init.normal_(value, std=0.5)
    return network.eval()


def slow(state: dict[str, Tensor], w: Tensor, z_dim: int) -> Tensor:
    """A picture from the paper's figures, with torch's own layers only."""

    def lrelu(x: Tensor, bias: Tensor) -> Tensor:
        return F.leaky_relu(x + bias[:, None, None], 0.2)

    def upsampled(x: Tensor) -> Tensor:
        tent = torch.tensor([1.0, 3.0, 3.0, 1.0], dtype=x.dtype) / 4
        f = torch.outer(tent, tent).expand(x.shape[1], 1, 4, 4)
        return F.conv_transpose2d(x, f, stride=2, padding=1, groups=x.shape[1])

    s = {name.removeprefix("synthesis."): value.double() for name, value in state.items()}
    w = w.double()
    if "b4.embed.weight" in s:
        w = torch.cat([w[:, :z_dim], w[:, z_dim:] @ s["b4.embed.weight"].T], 1)
    x = s["b4.basis"][None] * (w @ s["b4.linear.weight"].T)[:, :, None, None]
    for resolution in (4, 8, 16):
        own = f"b{resolution}"
        if resolution > 4:
            if f"{own}.up.linear.weight" in s:
                x = F.conv2d(x, s[f"{own}.up.linear.weight"])
            x = upsampled(x)
        index = 0
        while f"{own}.res{index}.conv0.weight" in s:
            block = f"{own}.res{index}"
            y = lrelu(F.conv2d(x, s[f"{block}.conv0.weight"]), s[f"{block}.conv0.bias"])
            weight = s[f"{block}.conv1.weight"]
            groups = y.shape[1] // weight.shape[1]
            y = F.conv2d(y, weight, padding=weight.shape[-1] // 2, groups=groups)
            x = x + F.conv2d(lrelu(y, s[f"{block}.conv1.bias"]), s[f"{block}.conv2.weight"])
            index += 1
    return F.conv2d(x, s["b16.colours.weight"])


@torch.inference_mode()
def test_pictures_and_logits_are_theirs() -> None:
    snapshot, theirs = open_snapshot(FILE, names=("G_ema", "D")), reference(FILE)
    assert difference(snapshot.G_ema, theirs, 1.0) <= 1e-5
    with reference_path():
        assert difference(snapshot.G_ema, theirs, 1.0) <= 1e-5
    images = torch.from_numpy(theirs["images_f32"][0])
    c = torch.eye(4)[[2, 2, 2]]
    logits = np.load(FILE.with_name("cond-16.D.npz"))["batch"]  # of the public code as well
    assert np.abs(snapshot.D(images, c).numpy() - logits).max() < 1e-6
    other = snapshot.D(images, torch.eye(4)[[1, 1, 1]]).numpy()
    assert np.abs(other - logits).max() > 1e-3


@torch.inference_mode()
@pytest.mark.parametrize("c_dim", [0, 3])
@pytest.mark.parametrize("kernel", [1, 3, 5])
def test_it_is_what_the_paper_says(c_dim: int, kernel: int) -> None:
    G: Any = filled(R3GANGenerator(5, c_dim, embed_features=4, kernel=kernel, **SMALL_STAGES))
    w = G.map(torch.randn(2, 5), torch.eye(3)[[0, 2]] if c_dim else None)
    assert w.shape == (2, 5 + c_dim)
    expected = slow(G.state_dict(), w, 5)
    assert (G.render(w[:, None]) - expected).abs().max() <= 1e-5 * expected.abs().max()


def test_what_it_has_and_what_it_lacks_is_told() -> None:
    G = open_snapshot(FILE).G_ema
    assert (G.num_ws, G.w_is_z, G.w_avg, G.transforms, G.grows) == (1, True, None, False, False)
    assert not any(layer.noise for layer in G.layers)
    assert [layer.row for layer in G.layers] == [0] + [None] * (len(G.layers) - 1)
    names = [layer.name for layer in G.layers]
    assert names[:4] == ["b4.basis", "b4.res0.conv0", "b4.res0.conv1", "b4.res0"]
    assert names[-1] == "b16.image"
    seen: dict[str, tuple[int, ...]] = {}

    def tap(name: str, x: Tensor) -> Tensor:
        assert name not in seen
        seen[name] = tuple(x.shape)
        return x

    with torch.inference_mode():
        G.render(torch.zeros(1, 1, G.w_dim), tap=tap)
    told = {e.name: (1, e.channels, e.resolution, e.resolution) for e in G.layers}
    assert list(seen.items()) == list(told.items())


@torch.inference_mode()
def test_a_draft_is_near_the_picture() -> None:
    G = open_snapshot(FILE).G_ema
    w = G.map(torch.randn(1, 16, generator=torch.Generator().manual_seed(1)), torch.eye(4)[[1]])
    exact = G.render(w[:, None])
    with G.drafting():
        draft = G.render(w[:, None])
    assert draft.dtype == torch.float32
    assert 0 < (draft - exact).abs().mean() < 0.01 * exact.abs().max()


def test_a_block_is_nothing_as_training_begins() -> None:
    torch.manual_seed(0)
    x = torch.randn(2, 8, 4, 4)
    block = Residual(8, 16, 4, 3, gain=1.0)
    assert torch.equal(block(x), x)
    G = R3GANGenerator(5, **SMALL_STAGES)
    deep = R3GANGenerator(5, **SMALL_STAGES | {"blocks": (16, 16, 16)})
    weights = [dict(net.named_parameters()) for net in (G, deep)]
    shallow, thin = (p["synthesis.b4.res0.conv0.weight"].std().item() for p in weights)
    assert thin < shallow  # Fixup: the more blocks, the less each begins with


@pytest.mark.parametrize("c_dim", [0, 2])
def test_both_networks_learn(c_dim: int) -> None:
    torch.manual_seed(0)
    G: Any = filled(R3GANGenerator(5, c_dim, embed_features=3, **SMALL_STAGES)).train()
    stages = {key: value[::-1] for key, value in SMALL_STAGES.items()}
    D: Any = filled(R3GANDiscriminator(c_dim, embed_features=3, **stages)).train()
    c = torch.eye(2)[[0, 1, 0, 1]] if c_dim else None
    img = G.render(G.map(torch.randn(4, 5), c)[:, None])
    assert img.shape == (4, 3, 16, 16)
    assert D(img, c).shape == (4, 1)
    D(img, c).mean().backward()
    for network in (G, D):
        assert all(p.grad is not None and p.grad.any() for p in network.parameters())
    # R1 and R2, which the method rests on, need second derivatives.
    real = torch.randn(4, 3, 16, 16, requires_grad=True)
    (slope,) = torch.autograd.grad(D(real, c).sum(), real, create_graph=True)
    slope.square().sum().backward()
    assert [x.shape[2] for x in D.features(real)] == [16, 8, 4]


@pytest.mark.parametrize(
    "wrong",
    [
        {"widths": ()},
        {"widths": (6, 6)},
        {"widths": (4,) * 20},
        {"hidden": (8, 8, 0)},
        {"hidden": (8, 8.0, 8)},
        {"groups": (3, 4, 1)},
        {"blocks": (1, -1, 1)},
        {"blocks": (1, 10**6, 1)},
        {"kernel": 2},
        {"kernel": 99},
        {"filter_size": 0},
        {"filter_size": 99},
        {"img_channels": 0},
        {"c_dim": 2, "embed_features": 0},
    ],
    ids=str,
)
def test_what_no_network_has_is_refused(wrong: dict[str, Any]) -> None:
    for make in (lambda **k: R3GANGenerator(5, **k), R3GANDiscriminator):
        with pytest.raises(ValueError, match=r"\w"):
            make(**(SMALL_STAGES | wrong))
