"""Published metrics against torch-fidelity, where it is installed. The weights mean nothing:
published ones would have to be downloaded."""

from __future__ import annotations

import io
import re

import numpy as np
import pytest
import torch

from common.errors import UserError
from training.metrics import distances, networks, published

CPU = torch.device("cpu")

try:
    published._library("torch_fidelity")
except UserError as missing:
    pytest.skip(f"torch-fidelity: {missing}", allow_module_level=True)


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """An empty folder of checkpoints."""
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    (tmp_path / "checkpoints").mkdir()
    return tmp_path / "checkpoints"


def images(count=4, size=64):
    generator = torch.Generator().manual_seed(0)
    return torch.randint(0, 256, (count, 3, size, size), generator=generator, dtype=torch.uint8)


def unfilled(kind, *features):
    """The library's network as it is made, without weights from anywhere."""
    empty = io.BytesIO()
    torch.save({}, empty)
    empty.seek(0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kind, "load_state_dict", lambda *_: None)
        return kind("test", list(features), feature_extractor_weights_path=empty)


def test_inception_from_a_file_gives_features_and_logits(hub, tmp_path):
    kind = published._library("torch_fidelity.feature_extractor_inceptionv3")
    theirs = unfilled(kind.FeatureExtractorInceptionV3, "2048", "logits_unbiased")
    given = tmp_path / "mine.pth"
    torch.save(theirs.state_dict(), given)
    found = networks.load("inception", CPU, [given])
    assert re.fullmatch(r"inception-2015-12-05 [0-9a-f]{8} \(not as published\)", found.key)
    expected = torch.cat(theirs(images()), dim=1)
    assert torch.equal(found.run(images()), expected)
    assert expected.shape == (4, found.d + 1008)

    torch.save(theirs.state_dict(), hub / kind.URL_INCEPTION_V3.rpartition("/")[2])
    assert torch.equal(networks.load("inception", CPU).run(images()), expected)
    state = theirs.state_dict()
    del state["fc.weight"]
    torch.save(state, given)
    with pytest.raises(UserError, match=r"mine\.pth does not fit its network.*fc\.weight"):
        networks.load("inception", CPU, [given])


def test_vgg_and_lpips_are_the_library_s(hub):
    vision = published._library("torchvision").models
    library = published._library("torch_fidelity.sample_similarity_lpips")
    torch.manual_seed(0)
    url = vision.VGG16_Weights.IMAGENET1K_V1.url
    torch.save(vision.vgg16().state_dict(), hub / url.rpartition("/")[2])
    linear = {
        f"lin{i}.model.1.weight": torch.rand(1, c, 1, 1)
        for i, c in enumerate((64, 128, 256, 512, 512))
    }
    torch.save(linear, hub / "weights-vgg16-lpips.pth")
    theirs = library.SampleSimilarityLPIPS("test")
    ours = networks.load("lpips", CPU)
    a, b = images().float().split(2)
    torch.testing.assert_close(
        ours.run(torch.cat([a, b]))[:, 0], theirs(a, b).flatten(), rtol=1e-5, atol=0
    )
    kind = published._library("torch_fidelity.feature_extractor_vgg16").FeatureExtractorVGG16
    features = networks.load("vgg16", CPU)
    assert features.run(images()).shape == (4, 4096)
    torch.testing.assert_close(features.run(images()), kind("test", ["fc2_relu"])(images())[0])


def test_distances_are_the_library_s():
    rng = np.random.RandomState(0)
    real = torch.from_numpy(rng.randn(300, 8)).float()
    fake = torch.from_numpy(rng.randn(250, 8)).float() * 0.9 + 0.2
    fid = published._library("torch_fidelity.metric_fid")
    kid = published._library("torch_fidelity.metric_kid")
    prc = published._library("torch_fidelity.metric_prc")
    isc = published._library("torch_fidelity.metric_isc")

    stats = [fid.fid_features_to_statistics(x) for x in (real, fake)]
    expected = fid.fid_statistics_to_metric(*stats, verbose=False)["frechet_inception_distance"]
    moments = [distances.Moments.of(x) for x in (real, fake)]
    assert distances.frechet(*moments) == pytest.approx(expected, rel=1e-6)

    settings = {
        "kid_kernel": "poly",
        "kid_kernel_poly_degree": 3,
        "kid_kernel_poly_gamma": None,
        "kid_kernel_poly_coef0": 1,
    }
    expected = kid.kernel_mmd(real[:250].numpy(), fake.numpy(), **settings)
    assert distances.kernel(real[:250], fake) == pytest.approx(expected, rel=1e-4)

    expected = prc.calculate_precision_recall_full(fake, real)
    assert distances.precision_recall(real, fake) == pytest.approx(expected)

    logits = torch.from_numpy(rng.randn(200, 30)).float() * 2
    expected = isc.isc_features_to_metric(logits, shuffle=False)
    assert distances.inception_score(logits) == pytest.approx(
        tuple(expected[f"inception_score_{name}"] for name in ("mean", "std"))
    )
