"""Which pictures are measured: generated ones by seed, real ones each once."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from common.errors import UserError
from networks.base import NoiseInput
from networks.families.stylegan2.generator import StyleGAN2Generator
from tests.training.tiny_runs import write_data
from training.data.dataset import ImageDataset
from training.metrics.pictures import Generated, Real, own_random_numbers

CPU = torch.device("cpu")


def generator(c_dim=0, channels=3):
    torch.manual_seed(0)
    G = StyleGAN2Generator(8, c_dim, 8, 16, channels, mapping_layers=1, channel_max=8)
    for block in G.synthesis.values():  # so that noise is seen
        block.conv1.noise_strength.data.fill_(0.5)
    return G.eval().requires_grad_(False)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return write_data(tmp_path_factory.mktemp("data") / "suns", 30, classes=3)


def all_of(real, count, batch):
    batches = [range(i, min(i + batch, count)) for i in range(0, count, batch)]
    with real.reading(batches) as fetch:
        return torch.cat([fetch(numbers) for numbers in batches])


def test_generated_pictures_are_those_of_seeds():
    G = generator()
    images = Generated(G, None, CPU, first=5)(range(2, 6))
    assert (images.dtype, images.shape) == (torch.uint8, (4, 3, 16, 16))
    z = torch.from_numpy(np.stack([np.random.RandomState(5 + i).randn(8) for i in range(2, 6)]))
    with own_random_numbers(CPU, 7):
        img = G.render(
            G.map(z.float())[:, None].expand(-1, G.num_ws, -1), NoiseInput("random", seed=None)
        )
    assert torch.equal(images, (img * 127.5 + 128).clamp(0, 255).to(torch.uint8))
    # The noise is not the network's own, and another batch draws another.
    still = G.render(G.map(z.float())[:, None].expand(-1, G.num_ws, -1))
    assert (images != (still * 127.5 + 128).clamp(0, 255).to(torch.uint8)).float().mean() > 0.1


def test_labels_are_as_frequent_as_in_the_data(data):
    dataset = ImageDataset(data, use_labels=True, mirror=True)
    z, c = Generated(generator(c_dim=3), dataset, CPU).latents(range(600))
    np.testing.assert_allclose(c.mean(0), 1 / 3, atol=0.07)
    unlabelled, _ = Generated(generator(), None, CPU).latents(range(600))
    assert torch.equal(z, unlabelled)


def test_measuring_leaves_random_numbers_alone():
    G = generator()
    torch.manual_seed(3)
    np.random.seed(3)
    before = torch.get_rng_state(), np.random.get_state(legacy=False)["state"]["key"].copy()
    Generated(G, None, CPU)(range(4))
    assert torch.equal(torch.get_rng_state(), before[0])
    assert (np.random.get_state(legacy=False)["state"]["key"] == before[1]).all()


@pytest.mark.parametrize("labels", [False, True])
def test_a_conditional_model_needs_its_labels(data, labels):
    dataset = ImageDataset(data, use_labels=True) if labels else None
    with pytest.raises(UserError, match=r"labels of 5 numbers, the data has (3|none)"):
        Generated(generator(c_dim=5), dataset, CPU)


def test_grey_pictures_get_three_channels():
    images = Generated(generator(channels=1), None, CPU)(range(2))
    assert images.shape == (2, 3, 16, 16)
    assert torch.equal(images[:, 0], images[:, 2])


def test_real_pictures_come_once_each_then_their_mirrored_others(data):
    dataset = ImageDataset(data, mirror=True)
    real = Real(dataset, CPU)
    assert (len(real), real.distinct) == (60, 30)
    images = all_of(real, 60, 7)
    expected = {dataset[i][0].tobytes() for i in range(60)}
    assert {image.numpy().tobytes() for image in images} == expected
    originals = [min(i.numpy().tobytes(), i.flip(2).numpy().tobytes()) for i in images]
    assert len(set(originals[:30])) == 30
    assert originals[30:] == originals[:30]
    straight = {dataset[i][0].tobytes() for i in range(30)}
    flipped = sum(image.numpy().tobytes() not in straight for image in images[:30])
    assert 5 < flipped < 25
    assert torch.equal(all_of(Real(dataset, CPU), 20, 64), images[:20])


def test_reading_stops_with_the_error_of_a_picture(tmp_path):
    folder = write_data(tmp_path / "suns", 20)
    real = Real(ImageDataset(folder), CPU)
    (folder / "img00011.png").write_bytes(b"\x89PNG")
    with pytest.raises(UserError, match=r"img00011\.png"):
        all_of(real, 20, 4)
