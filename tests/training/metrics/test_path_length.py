"""Path lengths, of generators whose lengths can be told from their weights."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import nn

from training.metrics import path_length
from training.metrics.names import parse
from training.metrics.pictures import Generated

CPU = torch.device("cpu")


class Linear(nn.Module):
    """w = B z; a grey picture of 16x16 whose first pixels are w, and noise everywhere else."""

    z_dim, w_dim, c_dim, num_ws, resolution, img_channels = 6, 6, 0, 1, 16, 1

    def __init__(self, B):
        super().__init__()
        self.B = B

    def set_precision(self, precision):
        self.precision = precision

    def map(self, z, c=None):
        assert self.precision == "float32"
        return z @ self.B.T

    def render(self, ws, noise):
        img = torch.zeros(len(ws), 1, 16, 16)
        img[:, 0, 0, :6] = ws[:, 0]
        assert (noise.mode, noise.seed) == ("random", None)
        img[:, 0, 1:] = torch.randn(len(ws), 15, 16)
        return img


def squared(images):
    """Distances of pairs, in −1…1: the sum of squares over one of the three equal channels."""
    a, b = (images.double() / 127.5).chunk(2)
    assert a.shape[1:] == (3, 16, 16)
    return (a - b)[:, 0].square().sum((1, 2))[:, None]


def measured(name, B, count=40):
    generated = Generated(Linear(B), None, CPU)
    return path_length.lengths(parse(name), generated, squared)(range(count))[:, 0].double(), (
        generated.latents(range(count), points=2)[0].double().chunk(2)
    )


B = torch.from_numpy(np.random.RandomState(0).randn(6, 6)).float()


@pytest.mark.parametrize("sampling", ["end", "full"])
def test_a_straight_path_in_w_is_as_long_as_its_ends_are_apart(sampling):
    found, (a, b) = measured(f"ppl2_w{sampling}", B)
    expected = ((b - a) @ B.double().T).square().sum(1)
    torch.testing.assert_close(found, expected, rtol=0.005, atol=0)


@pytest.mark.parametrize("sampling", ["end", "full"])
def test_a_path_in_z_is_an_arc(sampling):
    """On the sphere of radius √d the speed is √d times the angle, wherever on the path."""
    found, (a, b) = measured(f"ppl2_z{sampling}", torch.eye(6))
    angle = torch.acos(torch.nn.functional.cosine_similarity(a, b))
    torch.testing.assert_close(found, 6 * angle.square(), rtol=0.005, atol=0)


def test_full_paths_are_looked_at_everywhere():
    places = path_length._places(parse("ppl2_wfull"), 0, range(2000))
    counts = torch.histc(places.float(), 10, 0, 1)
    assert counts.min() > 140
    assert torch.equal(places[500:600], path_length._places(parse("ppl2_wfull"), 500, range(100)))
    assert not path_length._places(parse("ppl2_wend"), 0, range(5)).any()


def test_points_of_an_arc():
    a, b = torch.tensor([[3.0, 0]]), torch.tensor([[0.0, 0.2]])
    t = torch.tensor([[1 / 3]], dtype=torch.float64)
    found = path_length.spherical(a, b, t)
    expected = [math.cos(math.pi / 6) * math.sqrt(2), math.sin(math.pi / 6) * math.sqrt(2)]
    np.testing.assert_allclose(found[0], expected, rtol=1e-6)


def test_an_arc_without_length_is_a_point():
    a = torch.tensor([[1.0, 2, 2]])
    found = path_length.spherical(a, 5 * a, torch.tensor([[0.3]], dtype=torch.float64))
    torch.testing.assert_close(found, a / 3 * math.sqrt(3))


def test_faces_are_cropped_and_large_pictures_averaged():
    img = torch.zeros(1, 1, 1024, 1024)
    img[:, :, 384:896, 256:768] = 0.5
    img[:, :, 384:386, 256:258] = torch.tensor([[1.0, 0], [1, -2]])
    crop = path_length.prepared(img, crop=True)
    assert crop.shape == (1, 3, 256, 256)
    assert crop[0, 2, 0, 0] == 127.5
    assert (crop[0, 0, 0, 1:] == 0.75 * 255).all()
    whole = path_length.prepared(img, crop=False)
    assert whole.shape == (1, 3, 256, 256)
    assert whole[0, 0, 96, 64] == pytest.approx(127.5 + 127.5 * (0 + 12 * 0.5) / 16)
    assert path_length.prepared(img[:, :, :64, :64], crop=False).shape == (1, 3, 64, 64)


def test_the_lowest_and_highest_hundredth_do_not_count():
    values = torch.arange(1.0, 1001)[torch.randperm(1000, generator=torch.Generator())]
    values[values == 1000] = 1e9
    values[values == 1] = -1e9
    assert path_length.typical(values) == pytest.approx(np.arange(10, 992).mean(), abs=1)
