"""Looking for style channels, and for axes of layers, in the networks of the pipeline."""

from __future__ import annotations

import numpy as np
import pytest
from msgspec import structs

from common.errors import Cancelled, UserError
from networks.families.dcgan.generator import DCGANGenerator
from renderer.messages.directions import (
    Find,
    FromFile,
    LayerAxes,
    NamedStyles,
    Region,
    StylesOfRegion,
    decode_set,
    encode_set,
    shift_of,
)
from renderer.messages.options import EngineOptions
from renderer.messages.request import RenderRequest, Seed
from renderer.pipeline.pipeline import Pipeline
from tests.paths import BUSTS, DATA
from tests.toy_generator import ToySnapshot

NETWORK, PLAIN = str(BUSTS), str(DATA / "sg2-uncond-32.pkl")
MOUTH = Region(22, 36, 20, 10)


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    monkeypatch.setenv("GANSCOPE_HOME", str(tmp_path / "home"))


@pytest.fixture(scope="module")
def pipeline():
    return Pipeline(EngineOptions(device="cpu", threads=1))


def search(pipeline, find, cancelled=lambda: False):
    running = pipeline.find_directions(find, cancelled)
    while running.found is None:
        running.step()
    return running.found


def region(request, where=MOUTH, count=4):
    return Find(request.snapshot, StylesOfRegion(request, where), count)


def test_what_is_found_changes_the_region_and_little_else(pipeline):
    request = RenderRequest(NETWORK, Seed(12))
    found = search(pipeline, region(request))
    assert found.title == "Styles of 20×10 at 22, 36"
    assert len(found.components) == 4
    shares = [component.strength for component in found.components]
    assert shares == sorted(shares, reverse=True)
    rows = slice(MOUTH.y, MOUTH.y + MOUTH.height), slice(MOUTH.x, MOUTH.x + MOUTH.width)
    area = MOUTH.width * MOUTH.height / 64**2
    for component in found.components:
        low, high = (
            pipeline.render(structs.replace(request, styles=(shift_of(component, a),))).pixels
            for a in (-6.0, 6.0)
        )
        away = np.abs(high.astype(float) - low)[..., :3].mean(2)
        assert away[rows].sum() / away.sum() > 3 * area
        assert away[rows].mean() > 2, "levels of 255: it is seen"
    later = {layer.name for layer in pipeline.load(NETWORK).layers if layer.channels == 3}
    for component in found.components:
        assert component.style.colours == (component.style.layer in later)


def test_a_set_of_styles_is_kept_and_refused_where_they_are_not(pipeline, tmp_path):
    found = search(pipeline, Find(NETWORK, NamedStyles((("b16.conv1", 63), ("b8.torgb", 2)))))
    assert [c.name for c in found.components] == ["b16.conv1 63", "b8.torgb 2"]
    assert [c.style.colours for c in found.components] == [False, True]
    path = tmp_path / "mine.directions.json"
    path.write_bytes(encode_set(found))
    assert decode_set(path.read_bytes(), "it") == found
    assert search(pipeline, Find(NETWORK, FromFile(str(path)))) == found
    assert found.fits(pipeline.load(NETWORK))
    assert not found.fits(pipeline.load(PLAIN))
    with pytest.raises(UserError, match=r"style channel 63 of b16\.conv1, which sg2"):
        search(pipeline, Find(PLAIN, FromFile(str(path))))
    bad = structs.replace(found.components[0].style, channel=-1)
    damaged = structs.replace(found, components=(structs.replace(found.components[0], style=bad),))
    with pytest.raises(UserError, match="no network has"):
        decode_set(encode_set(damaged), "it")


def test_what_cannot_be_looked_for_says_so(pipeline):
    request = RenderRequest(PLAIN, Seed(1))
    with pytest.raises(UserError, match="no pixel of the picture"):
        search(pipeline, region(request, Region(32, 0, 5, 5)))
    with pytest.raises(UserError, match="no layer 'b9' with styles"):
        search(pipeline, Find(PLAIN, NamedStyles((("b9", 0),))))
    with pytest.raises(UserError, match=r"no style 9999"):
        search(pipeline, Find(PLAIN, NamedStyles((("b8.conv1", 9999),))))
    with pytest.raises(Cancelled):
        search(pipeline, region(request), lambda: True)
    network = DCGANGenerator(z_dim=9, channels=(4, 3, 3, 3, 3)).eval()
    other = Pipeline(
        EngineOptions(device="cpu", threads=1), lambda path, progress, stop: ToySnapshot(network)
    )
    with pytest.raises(UserError, match="no styles, so there are no style channels"):
        search(other, region(RenderRequest("tiny", Seed(1))))


def test_axes_of_a_layer_are_directions_as_long_as_w_spreads(pipeline):
    found = search(pipeline, Find(PLAIN, LayerAxes("b8.conv1", 600), 3))
    assert found.title == "PCA of b8.conv1, 600 samples"
    assert [c.name for c in found.components] == ["PC 1", "PC 2", "PC 3"]
    w = np.stack([pipeline.latent(RenderRequest(PLAIN, Seed(s)))[0, 0] for s in range(500)])
    for component in found.components:
        vector = np.frombuffer(component.vector, "<f4")
        length = np.linalg.norm(vector)
        assert (w @ vector / length).std() == pytest.approx(length, rel=0.15)
    assert search(pipeline, Find(PLAIN, LayerAxes("b8.conv1", 600), 3)) == found
    with pytest.raises(UserError, match="no layer 'b9'"):
        search(pipeline, Find(PLAIN, LayerAxes("b9", 600)))
    with pytest.raises(UserError, match="the same for every latent"):
        search(pipeline, Find(PLAIN, LayerAxes("b4.const", 100)))
