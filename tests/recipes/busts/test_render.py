"""The real thing, where the packages for it are installed: Embree, and the body model."""

from __future__ import annotations

import importlib.util
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from recipes.busts.caster import EmbreeCaster
from recipes.busts.drawing import draw
from recipes.busts.mesh import unit
from tests.paths import DATA
from tests.recipes.busts.busts_fake import SlowCaster, ball

PICTURE = DATA / "busts" / "seed0-picture0-64.png"

embree = pytest.mark.skipif(
    importlib.util.find_spec("embreex") is None, reason="embreex is not installed"
)


@pytest.fixture(scope="module")
def renderer():
    if importlib.util.find_spec("embreex") is None or importlib.util.find_spec("anny") is None:
        pytest.skip("anny and embreex are not installed")
    cache = Path(os.environ.get("ANNY_CACHE_DIR", Path.home() / ".cache" / "anny"))
    if not list(cache.glob("**/build_compact_model_data*")):
        pytest.skip(f"anny has not been started yet: nothing in {cache} (it takes minutes)")
    from recipes.busts.make import renderer

    return renderer()


@embree
def test_embree_meets_what_plain_arithmetic_meets():
    vertices, faces = ball()
    generator = np.random.default_rng(0)
    origins = unit(generator.normal(size=(500, 3))) * 3
    directions = unit(generator.normal(size=(500, 3)) * 0.7 - origins)
    fast, slow = EmbreeCaster(vertices, faces), SlowCaster(vertices, faces)
    one, two = fast.first(origins, directions), slow.first(origins, directions)
    assert 50 < len(one.rays) < 450
    assert np.array_equal(one.rays, two.rays)
    assert np.mean(one.triangles == two.triangles) > 0.99  # edges may go to either side
    points = [
        np.einsum("nk,nki->ni", hits.weights, vertices[faces[hits.triangles]])
        for hits in (one, two)
    ]
    assert np.allclose(*points, atol=1e-4)
    blocked = fast.blocked(origins, directions)
    assert np.array_equal(np.flatnonzero(blocked), one.rays)


def test_published_pictures_are_rendered_again(renderer):
    # Not to the last bit: processors differ in how they round.
    with Image.open(PICTURE) as image:
        expected = np.asarray(image).astype(int)
    off = np.abs(renderer(draw(0, 0), 64) - expected)
    assert off.mean() < 0.1
    assert np.percentile(off, 99) <= 2


def test_a_picture_does_not_depend_on_those_before(renderer):
    first = renderer(draw(5, 1), 16)
    renderer(draw(5, 2), 16)
    assert np.array_equal(renderer(draw(5, 1), 16), first)


def test_factors_do_what_they_say(renderer):
    calm = draw(0, 4)
    calm = replace(
        calm,
        pose=replace(calm.pose, yaw=0.0, pitch=0.0, roll=0.0),
        light=replace(calm.light, azimuth=0.8),
        hair=replace(calm.hair, volume=0.0),
    )

    def shot(**changes):
        return renderer(replace(calm, **changes), 32).astype(int)

    picture = shot()
    face = (slice(10, 20), slice(8, 24))
    assert picture[face][:, 8:].mean() > picture[face][:, :8].mean() + 10  # light from the right
    eyes_shut = shot(expression=replace(calm.expression, eyes_closed=1.0))
    changed = np.abs(eyes_shut - picture).sum(2)
    rows = np.flatnonzero(changed.max(1) > 20)
    assert rows.min() >= 11
    assert rows.max() <= 16  # eyes are just above the middle, at one height
    hair = shot(hair=replace(calm.hair, volume=1.0))
    top = np.abs(hair - picture)[:8].mean()
    assert top > 4 * np.abs(hair - picture)[18:26].mean()
    turned = shot(pose=replace(calm.pose, yaw=0.7))
    assert np.abs(turned - picture)[face].mean() > 5
