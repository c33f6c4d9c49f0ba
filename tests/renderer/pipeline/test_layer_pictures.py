"""Every way of looking at a layer, against a direct computation with numpy."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from common.errors import UserError
from renderer.messages.frame import AtlasLayout
from renderer.messages.request import LayerView, Spectrum
from renderer.pictures import colormaps
from renderer.pipeline import layer_pictures


@pytest.fixture
def x():
    return torch.from_numpy(np.random.RandomState(0).randn(1, 5, 8, 8).astype(np.float32))


def show(x, **view):
    return layer_pictures.layer(x, LayerView("any", **view))[0].permute(1, 2, 0).numpy()


def level(values):
    return np.clip(values * 127.5 + 128, 0, 255).astype(np.uint8)


def test_rgb_shows_three_channels_around_mid_grey_divided_by_their_peak(x):
    values = x[0, 1:4].numpy().transpose(1, 2, 0)
    assert np.array_equal(show(x, channel=1, normalize=False), level(values))
    peak = np.abs(values).max()
    shown = show(x, channel=1).astype(int)
    assert np.abs(shown - level(values / peak)).max() <= 1
    assert {shown.min(), shown.max()} & {0, 255}
    assert np.array_equal(show(x, channel=99), show(x, channel=2))
    assert (show(torch.zeros(1, 3, 4, 4)) == 128).all()


def test_fewer_than_three_channels_are_grey(x):
    grey = show(x[:, :2], channel=1, normalize=False)
    assert np.array_equal(grey, level(x[0, 1].numpy())[..., None].repeat(3, 2))


def test_gain_is_in_decibels_of_amplitude(x):
    shown = show(x, mode="channel", channel=4, normalize=False, gain_db=-20)
    expected = level(x[0, 4].numpy() * 0.1)
    assert np.abs(shown[..., 0].astype(int) - expected).max() <= 1


@pytest.mark.parametrize("name", colormaps.NAMES)
def test_one_channel_goes_through_the_colour_map(x, name):
    shown = show(x, mode="channel", channel=2, normalize=False, colormap=name)
    assert np.array_equal(shown, colormaps.table(name)[level(x[0, 2].numpy())])


def test_colour_maps_are_what_their_names_say():
    ends = {"viridis": ((68, 1, 84), (253, 231, 37)), "magma": ((0, 0, 4), (252, 253, 191))}
    for name, (first, last) in ends.items():
        assert tuple(colormaps.table(name)[0]) == first
        assert tuple(colormaps.table(name)[255]) == last
    for name in ("gray", "viridis", "magma", "inferno", "plasma"):
        luma = colormaps.table(name) @ (0.2126, 0.7152, 0.0722)
        assert (np.diff(luma) > -1.5).all(), name
    signed = colormaps.table("signed").astype(int)
    middle = signed[127:129]
    assert middle.min() > 235
    assert (np.ptp(middle, axis=1) < 6).all()
    assert (signed[:100, 2] > signed[:100, 0]).all()
    assert (signed[156:, 0] > signed[156:, 2]).all()


@pytest.mark.parametrize(
    ("channels", "size", "cell", "expected"),
    [
        (5, 8, 64, AtlasLayout(5, 3, 2, 25)),  # 8 px enlarged by 3
        (5, 4, 64, AtlasLayout(5, 3, 2, 25)),  # 4 px enlarged by 6
        (16, 4, 10, AtlasLayout(16, 4, 4, 9)),  # at most 10 px: enlarged by 2
        (3, 64, 16, AtlasLayout(3, 2, 2, 17)),  # averaged over 4x4
        (1, 20, 8, AtlasLayout(1, 1, 1, 8)),  # averaged over 3x3: 7 px
        (512, 4, 64, AtlasLayout(512, 23, 23, 25)),
    ],
)
def test_the_atlas_shows_every_channel_where_its_layout_says(channels, size, cell, expected):
    x = np.random.RandomState(1).randn(channels, size, size).astype(np.float32)
    shown, layout = layer_pictures.layer(
        torch.from_numpy(x)[None], LayerView("any", "atlas", normalize=False, cell=cell)
    )
    assert layout == expected
    pixels = shown.permute(1, 2, 0).numpy()
    assert pixels.shape == (layout.rows * layout.cell, layout.columns * layout.cell, 3)
    inner = layout.cell - 1
    assert inner <= cell
    for channel in range(layout.rows * layout.columns):
        i, j = divmod(channel, layout.columns)
        tile = pixels[i * layout.cell :, j * layout.cell :][: layout.cell, : layout.cell]
        if channel >= channels:
            assert (tile == 24).all()
            continue
        assert (tile[inner:] == 24).all()
        assert (tile[:, inner:] == 24).all()
        if size % inner == 0 or inner % size == 0:
            step = max(1, size // inner)
            small = x[channel].reshape(size // step, step, -1, step).mean((1, 3))
            times = max(1, inner // size)
            values = small.repeat(times, 0).repeat(times, 1)
            apart = tile[:inner, :inner, 0].astype(int) - level(values)
            assert np.abs(apart).max() <= 1


def test_an_atlas_is_normalised_channel_by_channel_or_over_all(x):
    x[0, 3] *= 100

    def peaks(view):
        shown, layout = layer_pictures.layer(x, view)
        tiles = shown[0].view(layout.rows, layout.cell, layout.columns, layout.cell)
        return (tiles[:, :24, :, :24].int() - 128).abs().amax((1, 3)).flatten()

    assert peaks(LayerView("any", "atlas"))[:5].min() >= 126
    together = peaks(LayerView("any", "atlas", per_channel=False))
    assert together[3] >= 127
    assert together[[0, 1, 2, 4]].max() <= 8


@pytest.mark.parametrize("window", ["none", "hann", "kaiser"])
def test_the_spectrum_is_the_windowed_fft_in_decibels(window):
    x = np.random.RandomState(2).randn(16, 16)
    taper = {
        "none": np.ones(16),
        "hann": np.hanning(17)[:16],
        "kaiser": np.kaiser(17, 8.0)[:16],
    }[window]
    taper = np.outer(taper, taper)
    power = np.abs(np.fft.fftshift(np.fft.fft2(x * taper))) ** 2 / (taper**2).sum()
    expected = (10 * np.log10(power) + 40) / 80 * 2 - 1
    shown = show(
        torch.from_numpy(x.astype(np.float32))[None, None],
        mode="channel",
        normalize=False,
        spectrum=Spectrum(-40, 40, window),
    )
    assert np.abs(shown[..., 0].astype(int) - level(expected)).max() <= 1


def test_white_noise_lies_at_zero_decibels_and_a_wave_where_its_frequency_is():
    noise = np.random.RandomState(3).randn(1, 64, 64).astype(np.float32)
    shown = layer_pictures.spectrum(torch.from_numpy(noise), Spectrum(-40, 40, "hann")).numpy()
    # The mean of 10·log10 of an exponential variable is 2.5 dB below that of its mean.
    assert shown.mean() * 40 == pytest.approx(-2.5, abs=0.5)
    wave = np.cos(2 * np.pi * 10 * np.arange(64) / 64)[None, None].repeat(64, 1)
    shown = layer_pictures.spectrum(torch.from_numpy(wave.astype(np.float32)), Spectrum()).numpy()[
        0
    ]
    peaks = np.argwhere(shown > shown.max() - 1e-3)
    assert {tuple(p) for p in peaks} == {(32, 22), (32, 42)}


def test_spectra_that_cannot_be_shown_and_unknown_colour_maps_say_so(x):
    with pytest.raises(UserError, match=r"range of the spectrum \(3 to 3 dB\) is empty"):
        show(x, spectrum=Spectrum(3, 3))
    with pytest.raises(UserError, match=r"no colour map 'jet'.*viridis"):
        show(x, colormap="jet")
    with pytest.raises(UserError, match="gain"):
        show(x, gain_db=float("inf"))


def test_silence_extremes_and_half_precision_can_be_looked_at(x):
    assert (show(torch.zeros(1, 1, 8, 8), mode="channel", spectrum=Spectrum()) == 0).all()
    x[0, 0, 0, 0], x[0, 0, 0, 1], x[0, 0, 0, 2] = float("nan"), float("inf"), -float("inf")
    shown = show(x, mode="channel", normalize=False)
    assert [tuple(pixel) for pixel in shown[0, :3]] == [(255, 0, 255), (255,) * 3, (0,) * 3]
    half = show(x.half(), channel=1)
    assert np.abs(half.astype(int) - show(x, channel=1)).max() <= 1


def test_pictures_of_any_number_of_channels_become_rgba():
    img = torch.linspace(-1.2, 1.2, 5 * 12).view(1, 5, 3, 4)
    for channels, chosen in ((1, [0, 0, 0]), (2, [0, 0, 0]), (3, [0, 1, 2]), (4, [0, 1, 2])):
        pixels = layer_pictures.rgba(layer_pictures.picture(img[:, :channels]))
        assert np.array_equal(pixels[..., :3], level(img[0].numpy()[chosen].transpose(1, 2, 0)))
        alpha = level(img[0, 3].numpy()) if channels == 4 else 255
        assert (pixels[..., 3] == alpha).all()
        assert pixels.flags.c_contiguous
