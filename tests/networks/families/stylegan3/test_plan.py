"""What follows from a network's settings, for any settings that there can be."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from networks.base import NoiseInput, State
from networks.families.stylegan3.filters import lowpass
from networks.families.stylegan3.generator import StyleGAN3Generator
from networks.families.stylegan3.plan import Settings, bands, plan
from ops import reference_path

NETWORK = {"z_dim": 3, "c_dim": 0, "w_dim": 4}


@st.composite
def all_settings(draw: Any) -> dict[str, Any]:
    """Keywords of small networks of every kind."""
    resolution = draw(st.sampled_from([8, 16, 32]))
    layers = draw(st.integers(1, 7))
    cutoff = draw(st.floats(0.5, 3.0))
    return {
        "img_resolution": resolution,
        "img_channels": draw(st.sampled_from([1, 3, 4])),
        "num_layers": layers,
        "num_critical": draw(st.integers(0, layers - 1)),
        "first_cutoff": cutoff,
        "first_stopband": draw(st.floats(max(1.0, cutoff), 4.0)),
        "last_stopband_rel": draw(st.floats(1.0, 2.0)),
        "margin_size": draw(st.integers(0, 6)),
        "channel_base": draw(st.integers(1, 128)),
        "channel_max": draw(st.integers(1, 6)),
        "conv_kernel": draw(st.sampled_from([1, 3])),
        "filter_size": draw(st.sampled_from([2, 4, 6])),
        "lrelu_upsampling": draw(st.sampled_from([1, 2, 4])),
        "use_radial_filters": draw(st.booleans()),
    }


@settings(deadline=None, max_examples=40)
@given(all_settings(), st.sampled_from([None, 0.5]), st.booleans())
@torch.inference_mode()
def test_every_network_draws_and_its_layers_are_as_they_say(
    keywords: dict[str, Any], clamp: float | None, labels: bool
) -> None:
    torch.manual_seed(0)
    network = NETWORK | {"c_dim": 2 if labels else 0}
    G = StyleGAN3Generator(**network, **keywords, conv_clamp=clamp, output_scale=0.5)
    w = G.map(torch.randn(1, 3), torch.eye(2)[:1] if labels else None)
    ws = w[:, None].repeat(1, G.num_ws, 1)
    seen = {}

    def tap(name: str, x: torch.Tensor) -> torch.Tensor:
        seen[name] = tuple(x.shape)
        return x

    img = G.render(ws, tap=tap)
    side = keywords["img_resolution"]
    assert img.shape == (1, keywords["img_channels"], side, side)
    assert img.isfinite().all()
    assert seen == {
        layer.name: (1, layer.channels, layer.resolution, layer.resolution) for layer in G.layers
    }
    assert [stage.rows[0] for stage in G.stages] == list(range(G.num_ws))
    with reference_path():
        plain = G.render(ws)
    assert (plain - img).abs().max() <= 1e-4 * plain.abs().max().clamp(min=1e-3)
    # A picture goes on from any of its layers.
    state = State(None, None)
    for stage in G.stages:
        state = stage(state, ws, NoiseInput())
    assert state.img is not None
    assert torch.equal(state.img, img)
    again = StyleGAN3Generator(**G.config)
    again.load_state_dict(G.state_dict())
    assert torch.equal(again.render(ws), img)


@settings(deadline=None)
@given(all_settings())
def test_bands_widen_to_the_pictures(keywords: dict[str, Any]) -> None:
    made = Settings(**keywords)
    signals = bands(made)
    cutoffs = [signal.cutoff for signal in signals]
    assert cutoffs == sorted(cutoffs)
    assert cutoffs[0] == pytest.approx(made.first_cutoff)
    last = signals[len(signals) - 1 - made.num_critical :]
    assert all(s.cutoff == pytest.approx(made.img_resolution / 2) for s in last)
    assert all(signal.rate >= 2 * signal.cutoff * (1 - 1e-9) for signal in signals)
    assert signals[-1].rate == made.img_resolution
    assert [layer.after.size for layer in plan(made)[-2:]] == [made.img_resolution] * 2


def test_the_published_configurations() -> None:
    """Layers of T and R at 256 pixels, by their names in NVIDIA's files."""
    t = [layer.name for layer in plan(Settings(256))]
    low = ["L0_36_512", "L1_36_512", "L2_36_512", "L3_52_512", "L4_52_512", "L5_84_512"]
    high = ["L10_276_256", "L11_276_181", "L12_276_128", "L13_256_128", "L14_256_3"]
    assert t == [*low, "L6_84_512", "L7_148_512", "L8_148_512", "L9_148_362", *high]
    r = plan(
        Settings(256, channel_base=65536, channel_max=1024, conv_kernel=1, use_radial_filters=True)
    )
    assert r[0].name == "L0_36_1024"
    assert r[-1].name == "L14_256_3"
    assert [layer.radial for layer in r] == [True] * 12 + [False] * 3


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("num_layers", 10**9),
        ("num_layers", 0),
        ("num_layers", True),
        ("num_critical", 14),
        ("num_critical", -1),
        ("margin_size", 1 << 40),
        ("margin_size", -3),
        ("img_resolution", 24),
        ("img_resolution", -64),
        ("img_resolution", 64.0),
        ("first_cutoff", math.nan),
        ("first_cutoff", -2.0),
        ("first_cutoff", 1e9),
        ("first_stopband", math.inf),
        ("first_stopband", 1e-9),
        ("last_stopband_rel", None),
        ("last_stopband_rel", 0.1),
        ("filter_size", 10**6),
        ("filter_size", -6),
        ("lrelu_upsampling", 10**6),
        ("lrelu_upsampling", 0),
        ("conv_kernel", 0),
        ("conv_kernel", "3"),
        ("channel_base", 0),
        ("channel_max", 1 << 40),
        ("use_radial_filters", "yes"),
        ("conv_clamp", math.nan),
        ("conv_clamp", -1.0),
        ("output_scale", math.nan),
    ],
)
def test_settings_of_no_network_are_refused_by_name(setting: str, value: object) -> None:
    keywords: dict[str, Any] = {"img_resolution": 64} | {setting: value}
    with pytest.raises(ValueError, match=setting):
        StyleGAN3Generator(**NETWORK, **keywords)


def test_filters_without_end_are_refused() -> None:
    with pytest.raises(ValueError, match="taps"):
        plan(Settings(64, filter_size=64, lrelu_upsampling=8))


@pytest.mark.parametrize("radial", [False, True])
@pytest.mark.parametrize("taps", [5, 12])
def test_filters_pass_what_they_should(taps: int, radial: bool) -> None:
    f = lowpass(taps, 8.0, 8.0, 64.0, radial)
    assert f.shape == ((taps, taps) if radial else (taps,))
    assert f.sum() == pytest.approx(1.0)
    assert torch.allclose(f, f.flip(0), atol=1e-7)
    row = f.sum(0) if radial else f
    size = 640
    response = torch.fft.rfft(torch.nn.functional.pad(row, (0, size - taps))).abs()
    # 2 periods are in the pass band, 28 in the stop band.
    assert response[20] > 0.9
    assert response[280] < 0.06
