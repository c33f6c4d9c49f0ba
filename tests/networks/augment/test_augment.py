"""The augmentation pipeline: numbers of an independent implementation, how often everything
happens, and derivatives of derivatives."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from networks.augment import GROUPS, STRENGTHS, AugmentPipe, wavelets
from networks.augment.draws import Draws
from ops import reference_path
from tests.paths import DATA


def load(name: str) -> dict[str, np.ndarray]:
    with np.load(DATA / name) as file:
        return {key: file[key] for key in file.files}


RECORDED = load("augment.npz")


def assert_close(actual: Tensor, expected: Tensor) -> None:
    assert actual.shape == expected.shape
    assert (actual - expected).abs().max() <= 1e-4 * expected.abs().max()


@pytest.mark.parametrize("case", sorted(RECORDED.keys() - {"images"}))
def test_parity(case: str) -> None:
    group, percentile = case.split("@")
    pipe = AugmentPipe(**GROUPS[group])
    images, expected = torch.from_numpy(RECORDED["images"]), torch.from_numpy(RECORDED[case])
    assert_close(pipe(images, debug_percentile=float(percentile)), expected)
    with reference_path():
        assert_close(pipe(images, debug_percentile=float(percentile)), expected)


def test_filters() -> None:
    expected = load("augment-filters.npz")
    np.testing.assert_allclose(wavelets.lowpass(), expected["Hz_geom"], atol=1e-7)
    np.testing.assert_allclose(wavelets.filter_bank(), expected["Hz_fbank"], atol=1e-7)


# The share of pictures that change at p = 0.4: some draws come out as no change.
P = 0.4
SHARES = {
    "xflip": P / 2,
    "rotate90": P * 3 / 4,
    # Two offsets up to an eighth of 16 pixels are rounded; both to 0 in 1 case of 16.
    "xint": P * 15 / 16,
    "lumaflip": P / 2,
    "imgfilter": 1 - (1 - P) ** 4,
}


@pytest.mark.parametrize("name", STRENGTHS)
def test_probabilities(name: str) -> None:
    torch.manual_seed(1)
    images = torch.rand(1, 3, 16, 16).expand(1500, -1, -1, -1) * 2 - 1

    def share(strength: float, p: float) -> float:
        pipe = AugmentPipe(**{name: strength})
        pipe.p.fill_(p)
        changed = (pipe(images) - images).abs().flatten(1).amax(1) > 1e-4
        return float(changed.float().mean())

    expected = SHARES.get(name, P)
    # 4 standard deviations of 1500 draws.
    assert share(1, P) == pytest.approx(expected, abs=0.052)
    assert share(0.5, P * 2) == pytest.approx(expected, abs=0.052)
    assert share(1, 0) == 0


def test_draws_have_the_published_spread() -> None:
    torch.manual_seed(0)
    draw = Draws(100_000, 1)
    assert float(draw.normal(0.2).std()) == pytest.approx(0.2, rel=0.02)
    assert float(draw.lognormal(0.5).log2().std()) == pytest.approx(0.5, rel=0.02)
    assert float(draw.half_normal(0.1).square().mean()) == pytest.approx(0.01, rel=0.02)
    assert float(draw.half_normal(0.1).min()) >= 0
    counts = torch.bincount(draw.choice(4).long()) / draw.n
    torch.testing.assert_close(counts, torch.full([4], 0.25), atol=0.01, rtol=0)


def test_noise_is_white_and_as_strong_as_drawn() -> None:
    torch.manual_seed(0)
    pipe = AugmentPipe(noise=1)
    noise = pipe(torch.zeros(4, 3, 64, 64), debug_percentile=0.8)
    strength = 0.1 * float(torch.tensor(0.8).erfinv())
    torch.testing.assert_close(noise.std((1, 2, 3)), torch.full([4], strength), rtol=0.05, atol=0)
    neighbours = (noise[:, :, 1:] * noise[:, :, :-1]).mean() / strength**2
    assert abs(float(neighbours)) < 0.03


def test_p_is_a_buffer_that_may_change_at_any_time() -> None:
    pipe, images = AugmentPipe(brightness=1), torch.zeros(8, 3, 4, 4)
    pipe.p.fill_(0)
    assert pipe(images) is images
    pipe.p.copy_(torch.tensor(1.0))
    assert (pipe(images)[:, 0, 0, 0] != 0).all()
    pipe.load_state_dict({"p": torch.tensor(0.0)})
    assert pipe(images) is images
    pipe.to(torch.float64)
    pipe.p.fill_(1)
    assert (pipe(images)[:, 0, 0, 0] != 0).all()
    assert list(pipe.state_dict()) == ["p"]


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("size", [4, 8, 16, 256])
def test_every_size_grey_and_rgb(size: int, channels: int) -> None:
    torch.manual_seed(0)
    images = torch.rand(4, channels, size, size) * 2 - 1
    for group in GROUPS.values():
        augmented = AugmentPipe(**group)(images)
        assert augmented.shape == images.shape
        assert augmented.isfinite().all()


@pytest.mark.parametrize("shape", [(4, 4), (16, 16), (64, 64), (32, 48)])
def test_borders_are_mirrored(shape: tuple[int, int]) -> None:
    """Nothing from beyond the picture comes in: what is white all over stays white."""
    torch.manual_seed(0)
    augmented = AugmentPipe(**GROUPS["bg"])(torch.ones(16, 1, *shape))
    torch.testing.assert_close(augmented, torch.ones_like(augmented), atol=1e-4, rtol=0)


def test_zooming_in() -> None:
    """Where less than the picture is looked up, too: a ramp becomes less steep by the factor."""
    ramp = torch.linspace(-1, 1, 64).expand(1, 1, 64, 64)
    zoomed = AugmentPipe(scale=1)(ramp, debug_percentile=0.99999)
    factor = 2 ** (0.2 * float(torch.tensor(0.99998, dtype=torch.float64).erfinv()))
    torch.testing.assert_close(zoomed, ramp / factor, atol=2e-3, rtol=0)


def test_grey_is_treated_as_rgb_of_three_equal_channels() -> None:
    grey = torch.rand(3, 1, 8, 8)
    for percentile in (0.1, 0.8):
        pipe = AugmentPipe(brightness=1, contrast=1, lumaflip=1)
        as_rgb = pipe(grey.expand(-1, 3, -1, -1), debug_percentile=percentile)
        expected = as_rgb.mean(1, keepdim=True)
        torch.testing.assert_close(pipe(grey, debug_percentile=percentile), expected)


def test_transparency_is_no_colour() -> None:
    images = torch.rand(3, 4, 8, 8)
    pipe = AugmentPipe(brightness=1, contrast=1, lumaflip=1, hue=1, saturation=1)
    augmented = pipe(images, debug_percentile=0.8)
    torch.testing.assert_close(augmented[:, 3:], images[:, 3:])
    torch.testing.assert_close(augmented[:, :3], pipe(images[:, :3], debug_percentile=0.8))


@pytest.mark.parametrize(("channels", "size"), [(3, 4), (1, 6)])
def test_second_derivatives(channels: int, size: int) -> None:
    pipe = AugmentPipe(**GROUPS["bgcfnc"])
    images = torch.rand(2, channels, size, size, dtype=torch.float64, requires_grad=True)

    def augment(x: Tensor) -> Tensor:
        torch.manual_seed(3)
        # Squared, so that there is something to differentiate twice.
        return pipe(x).square()

    assert torch.autograd.gradcheck(augment, images, fast_mode=True)
    assert torch.autograd.gradgradcheck(augment, images, fast_mode=True)


def test_wrong_arguments() -> None:
    with pytest.raises(TypeError, match="no augmentation is called blur"):
        AugmentPipe(blur=1)
    with pytest.raises(ValueError, match="strength of hue"):
        AugmentPipe(hue=-1)
    with pytest.raises(ValueError, match="2 channels"):
        AugmentPipe(hue=1)(torch.zeros(1, 2, 8, 8))
    with pytest.raises(ValueError, match="percentile"):
        AugmentPipe(hue=1)(torch.zeros(1, 3, 8, 8), debug_percentile=1.5)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_on_a_gpu_the_same_seed_augments_the_same_way_without_waiting() -> None:
    images = torch.rand(8, 3, 32, 32) * 2 - 1
    pipe = AugmentPipe(**(GROUPS["bgcf"] | GROUPS["cutout"]))
    torch.manual_seed(5)
    expected = pipe(images)
    pipe, on_gpu = pipe.cuda(), images.cuda().requires_grad_()
    pipe(on_gpu)
    torch.manual_seed(5)
    torch.cuda.set_sync_debug_mode("error")
    try:
        augmented = pipe(on_gpu)
        augmented.square().sum().backward()
    finally:
        torch.cuda.set_sync_debug_mode("default")
    torch.testing.assert_close(augmented.detach().cpu(), expected, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("name", STRENGTHS)
def test_whatever_happens_at_a_small_p_happens_in_the_same_way_at_a_larger_one(name: str) -> None:
    """So that a drag of p only ever adds to what is seen. Every p draws as many numbers."""
    pipe, images = AugmentPipe(**{name: 1.0}), torch.rand(1, 3, 16, 16) * 2 - 1

    def augmented(seed: int, p: float) -> tuple[Tensor, Tensor]:
        generator = torch.Generator().manual_seed(seed)
        return pipe(images, p=p, generator=generator), generator.get_state()

    changed = 0
    for seed in range(60):
        before, after_before = images, None
        for p in (0.2, 0.5, 0.9):
            now, after = augmented(seed, p)
            happened = not torch.allclose(before, images, atol=1e-5)
            # Of the bands each is amplified or not, and of the two rotations either is.
            if happened and name not in ("imgfilter", "rotate"):
                torch.testing.assert_close(now, before)
            assert after_before is None or torch.equal(after, after_before)
            before, after_before = now, after
            changed += happened
    assert changed > 3


def test_a_generator_of_its_own_leaves_the_global_one_alone() -> None:
    pipe, images = AugmentPipe(**GROUPS["bgcfnc"]), torch.rand(4, 3, 16, 16)
    state = torch.get_rng_state()
    first, second = (pipe(images, p=0.8, generator=torch.Generator().manual_seed(3)) for _ in "ab")
    assert torch.equal(first, second)
    assert torch.equal(torch.get_rng_state(), state)
    assert float(pipe.p) == 1
