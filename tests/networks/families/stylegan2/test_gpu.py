"""StyleGAN2 on CUDA: the same numbers in float32, near ones in float16, never an infinity."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from torch import Tensor

from networks.base import NoiseInput
from networks.families.stylegan2.discriminator import StyleGAN2Discriminator
from networks.families.stylegan2.generator import StyleGAN2Generator
from networks.snapshots.snapshot import open_snapshot
from ops import reference_path, setup_filter, upfirdn2d
from tests.paths import DATA

ARCHITECTURES = ["skip", "resnet", "orig"]

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device on this machine"),
]


@pytest.fixture(autouse=True)
def _true_float32() -> Iterator[None]:
    """TensorFloat-32 keeps 10 bits of each factor: fast, and no ground for parity."""
    before = torch.backends.cudnn.allow_tf32, torch.backends.cuda.matmul.allow_tf32
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = False
    yield
    torch.backends.cudnn.allow_tf32, torch.backends.cuda.matmul.allow_tf32 = before


def worst(actual: Tensor, expected: Tensor) -> float:
    """The largest difference, as a share of the peak."""
    expected = expected.to(actual.device)
    return float((actual - expected).abs().max() / expected.abs().max())


@pytest.mark.parametrize("name", ["sg2-uncond-32", "sg2-cond-16"])
def test_parity_in_float32(name: str) -> None:
    snapshot = open_snapshot(DATA / f"{name}.pkl", names=("G_ema", "D"))
    G, D = snapshot.G_ema.cuda(), snapshot.D.cuda()
    with np.load(DATA / f"{name}.npz") as file:
        data = {key: torch.from_numpy(file[key]).cuda() for key in file.files}
    with torch.no_grad():
        assert worst(G.map(data["z"], data["c"]), data["w"][:, 0]) < 1e-4
        assert worst(G.render(data["w"]), data["image_const"]) < 1e-4
        for i in range(len(data["w"])):
            assert worst(G.render(data["w"][i : i + 1]), data["image_const"][i : i + 1]) < 1e-4
        with reference_path():
            assert worst(G.render(data["w"]), data["image_const"]) < 1e-4
        logits = D(data["image_const"], data["c"])
        assert worst(logits, data["discriminator_logits"]) < 1e-4


def generator(architecture: str) -> StyleGAN2Generator:
    torch.manual_seed(0)
    G = StyleGAN2Generator(64, 0, 64, 128, channel_base=8192, architecture=architecture)
    with torch.no_grad():
        for name, parameter in G.named_parameters():
            if name.endswith(("bias", "noise_strength")):
                parameter.add_(torch.randn_like(parameter) * 0.1)
    return G.eval().requires_grad_(False).cuda()


@pytest.mark.parametrize("batch", [1, 4])
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_float16_is_near_float32(architecture: str, batch: int) -> None:
    """Within 2 % of the peak everywhere and 0.3 % on average, on both paths."""
    G = generator(architecture)
    ws = G.map(torch.randn(batch, 64, device="cuda"))[:, None].repeat(1, G.num_ws, 1)
    full = G.render(ws)
    G.set_precision("float16")
    seen: dict[str, torch.dtype] = {}

    def look(name: str, x: Tensor) -> Tensor:
        assert torch.isfinite(x).all(), name
        seen[name] = x.dtype
        return x

    half = G.render(ws, tap=look)
    with reference_path():
        plain = G.render(ws, tap=look)
    assert seen == {layer.name: layer.dtype for layer in G.layers}
    for img in (half, plain):
        assert img.dtype == torch.float32
        assert worst(img, full) < 0.02
        assert (img - full).abs().mean() < 0.003 * full.abs().max()


@pytest.mark.parametrize("batch", [1, 4])
def test_float16_survives_extreme_weights(batch: int) -> None:
    """Styles and weights that overflow float16 before demodulation cancels them."""
    G = generator("skip")
    for name, parameter in G.named_parameters():
        if name.endswith(("conv0.weight", "conv1.weight")):
            parameter.mul_(1e5)
    G.set_precision("float16")
    ws = 300 * torch.randn(batch, G.num_ws, 64, device="cuda")

    def finite(name: str, x: Tensor) -> Tensor:
        assert torch.isfinite(x).all(), name
        return x

    G.render(ws, tap=finite)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_discriminator_in_float16(architecture: str) -> None:
    torch.manual_seed(0)
    D = StyleGAN2Discriminator(0, 128, channel_base=8192, architecture=architecture).cuda()
    img = torch.randn(4, 3, 128, 128, device="cuda")
    full = D(img)
    D.set_precision("float16")
    half = D(img)
    assert half.dtype == torch.float32
    assert worst(half.detach(), full.detach()) < 0.03
    half.sum().backward()
    assert all(torch.isfinite(p.grad).all() for p in D.parameters() if p.grad is not None)


def test_a_seed_gives_the_noise_it_gives_on_a_cpu() -> None:
    G = generator("skip")
    ws = torch.randn(2, G.num_ws, 64)
    on_gpu = G.render(ws.cuda(), NoiseInput("random", seed=7))
    assert worst(on_gpu.cpu(), G.cpu().render(ws, NoiseInput("random", seed=7))) < 1e-4


@pytest.mark.parametrize("taps", [[1, 3, 3, 1], list(range(1, 13)), [[1, 2, 0], [0, 5, -1]]])
@pytest.mark.parametrize(("up", "down"), [(1, 1), (2, 1), (1, 2), (3, 2)])
def test_upfirdn2d_and_its_gradient(taps: list, up: int, down: int) -> None:
    f, x = setup_filter(taps), torch.randn(2, 5, 13, 17, requires_grad=True)

    def derivatives(x: Tensor) -> tuple[Tensor, Tensor]:
        y = upfirdn2d(x, f, up, down, (6, 5, 7, 9), gain=2.0)
        (gradient,) = torch.autograd.grad(y.square().sum(), x)
        return y.detach().cpu(), gradient.cpu()

    on_gpu = derivatives(x.detach().cuda().requires_grad_())
    for gpu, cpu in zip(on_gpu, derivatives(x), strict=True):
        assert worst(gpu, cpu) < 1e-5
