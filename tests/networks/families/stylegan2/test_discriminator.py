"""The discriminator: equal paths, every architecture, conditioning, groups, freezing."""

from __future__ import annotations

import json
from typing import Any

import pytest
import torch

from networks.families.stylegan2.discriminator import StyleGAN2Discriminator, minibatch_stddev
from ops import reference_path

ARCHITECTURES = ["resnet", "skip", "orig"]


def discriminator(**changes: Any) -> StyleGAN2Discriminator:
    torch.manual_seed(0)
    config = {"c_dim": 0, "img_resolution": 16, "channel_base": 128, "channel_max": 12}
    return StyleGAN2Discriminator(**{**config, **changes}).eval()


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"img_channels": 1, "c_dim": 3, "mapping_layers": 2},
        {"c_dim": 3, "cmap_dim": 7, "resample_filter": [1, 2, 1], "activation": "softplus"},
        {"mbstd_group_size": None, "mbstd_num_channels": 2, "conv_clamp": 0.5},
    ],
    ids=["plain", "grey", "conditional", "groups"],
)
def test_fast_path_equals_reference_path(changes: dict[str, Any], architecture: str) -> None:
    D = discriminator(architecture=architecture, **changes).double()
    img = torch.randn(4, D.img_channels, 16, 16, dtype=torch.float64)
    c = torch.eye(3, dtype=torch.float64)[[0, 1, 2, 2]] if D.c_dim else None
    with torch.no_grad():
        fast = D(img, c)
        with reference_path():
            expected = D(img, c)
    assert fast.shape == (4, 1)
    torch.testing.assert_close(fast, expected, rtol=1e-9, atol=1e-9)
    recorded = D(img, c)
    torch.testing.assert_close(recorded.detach(), expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_configuration_survives_json(architecture: str) -> None:
    D = discriminator(architecture=architecture, c_dim=2)
    D2 = StyleGAN2Discriminator(**json.loads(json.dumps(D.config))).eval()
    D2.load_state_dict(D.state_dict())
    img, c = torch.randn(2, 3, 16, 16), torch.eye(2)
    assert torch.equal(D2(img, c), D(img, c))


def test_labels_matter_and_are_asked_for() -> None:
    D = discriminator(c_dim=3)
    img, c = torch.randn(3, 3, 16, 16), torch.eye(3)
    assert not torch.allclose(D(img, c), D(img, c.roll(1, 0)))
    with pytest.raises(ValueError, match="conditional"):
        D(img)


def test_minibatch_standard_deviation() -> None:
    """Two groups of two, which are samples {0, 2} and {1, 3}; alike samples deviate by 0."""
    x = torch.randn(4, 6, 3, 3)
    x[2] = x[0]
    y = minibatch_stddev(x, 2, 1)
    assert y.shape == (4, 7, 3, 3)
    assert torch.equal(y[:, :6], x)
    assert y[0, 6].max() == y[2, 6].min() == pytest.approx(1e-4)
    expected = ((x[1] - x[3]).abs() / 2).mean()
    torch.testing.assert_close(y[1, 6], expected.expand(3, 3), atol=1e-5, rtol=1e-5)
    assert torch.equal(y[1, 6], y[3, 6])
    with pytest.raises(ValueError, match="batch of 5"):
        minibatch_stddev(torch.zeros(5, 6, 3, 3), 4, 1)
    assert minibatch_stddev(x[:3], 4, 2).shape == (3, 8, 3, 3), "a small batch is one group"


def test_freezing_counts_from_the_picture() -> None:
    D = discriminator(freeze_layers=5)
    trained = {name.rsplit(".", 1)[0] for name, _ in D.named_parameters()}
    frozen = {"b16.fromrgb", "b16.conv0", "b16.conv1", "b16.skip", "b8.conv0"}
    assert trained.isdisjoint(frozen)
    assert {"b8.conv1", "b8.skip", "b4.conv", "b4.out"} <= trained
    free = discriminator()
    assert {k: v.shape for k, v in D.state_dict().items()} == {
        k: v.shape for k, v in free.state_dict().items()
    }
    D.requires_grad_(True)
    D(torch.randn(2, 3, 16, 16)).sum().backward()
    assert not any(t.requires_grad for name, t in D.named_buffers())


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_half_precision_on_request(architecture: str) -> None:
    D = discriminator(architecture=architecture, num_fp16_res=1)
    img = torch.randn(2, 3, 16, 16)
    with torch.no_grad():
        full = D(img)
        D.set_precision("float16")
        half = D(img)
    assert half.dtype == torch.float32
    assert not torch.equal(half, full)
    torch.testing.assert_close(half, full, atol=0.02 * float(full.abs().max()), rtol=0)
