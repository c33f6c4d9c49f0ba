"""Camera and light on a ball whose normals are known, with a ray caster in numpy."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from recipes.busts import camera, studio
from recipes.busts.drawing import draw
from recipes.busts.mesh import hollowness, vertex_normals
from recipes.busts.render import picture
from tests.recipes.busts.busts_fake import BallCaster, DarkCaster, ball, ball_bust

SIZE = 16


def factors(azimuth=0.0, elevation=0.5, **material):
    plain = draw(0, 0)
    stone = {
        "red": 0.5,
        "green": 0.5,
        "blue": 0.5,
        "metalness": 0.0,
        "roughness": 0.6,
        "translucency": 0.0,
        "patina": 0.0,
        "veins": 0.0,
        "bands": 0.0,
        "clouds": 0.0,
        **material,
    }
    materials = plain.materials
    return replace(
        plain,
        light=replace(plain.light, azimuth=azimuth, elevation=elevation, warmth=0.0),
        materials=replace(
            materials, body=replace(materials.body, **stone), hair_share=0.0, lips=0.0
        ),
        drapery=replace(plain.drapery, neckline=0.0),
    )


def shot(caster=BallCaster, size=SIZE, **changes):
    return picture(ball_bust(), caster(), factors(**changes), size).astype(int)


def test_light_from_the_left_brightens_the_left_and_mirrors():
    left, right = shot(azimuth=-1.0), shot(azimuth=1.0)
    half = SIZE // 2
    inside = slice(SIZE // 4, -SIZE // 4)
    assert left[inside, :half].mean() > left[inside, half:].mean() + 25
    assert np.abs(left - right[:, ::-1]).mean() < 1.5


def test_light_from_above_brightens_the_top():
    high, low = shot(elevation=0.95), shot(elevation=0.25)
    top = (slice(4, 7), slice(6, 10))
    bottom = (slice(9, 12), slice(6, 10))
    assert (high[top].mean() - high[bottom].mean()) > (low[top].mean() - low[bottom].mean()) + 10


def test_what_light_cannot_reach_is_dark_but_not_the_wall():
    lit, dark = shot(), shot(DarkCaster)
    middle = (slice(6, 9), slice(7, 9))
    assert dark[middle].mean() < 0.4 * lit[middle].mean()
    assert np.array_equal(dark[0, 0], lit[0, 0])


def test_material_colours_the_ball():
    red = shot(red=0.6, green=0.05, blue=0.05)[7, 8]
    assert red[0] > 2 * red[1]
    gold = shot(red=0.95, green=0.6, blue=0.1, metalness=1.0, roughness=0.3)
    assert gold[..., 0].max() > gold[..., 2].max()


def test_a_picture_looks_the_same_at_another_size():
    large = shot(size=32)
    small = large.reshape(16, 2, 16, 2, 3).mean((1, 3))
    assert np.abs(small - shot(size=16)).mean() < 1.5


def test_rays_spread_from_the_lens_over_the_picture():
    rays = camera.rays(2, np.array([0.5, 0.5]))
    assert np.allclose(rays.places, [[-0.5, 0.5], [0.5, 0.5], [-0.5, -0.5], [0.5, -0.5]])
    at_eyes = camera.LENS + rays.directions * (camera.DISTANCE / rays.directions[:, 1:2])
    half = camera.HALF / 2
    assert np.allclose(at_eyes[0], [-half, 0, camera.MIDDLE + half])


@pytest.mark.parametrize("count", [1, 4, 6, 64])
def test_points_spread_evenly(count):
    points = camera.spread_points(count)
    assert points.shape == (count, 2)
    assert points.min() > 0
    assert points.max() < 1.2
    for axis in points[:, :].T if count in (1, 4, 64) else points[:, :1].T:
        assert np.allclose(np.sort(axis), (np.arange(count) + 0.5) / count)


def test_film_rises_from_black_to_white_as_srgb():
    light = np.linspace(0, 30, 2000)
    shown = camera.develop(light)
    assert shown[0] == 0
    assert np.all(np.diff(shown) >= 0)
    assert shown.max() == pytest.approx(1)
    assert shown.max() <= 1
    assert camera.develop(np.array([-1.0]))[0] == 0


def test_lights_stand_where_they_are_said_to():
    assert np.allclose(studio.direction(0, 0), [0, -1, 0])
    assert np.allclose(studio.direction(np.pi / 2, 0), [1, 0, 0])
    assert np.allclose(studio.direction(1.3, np.pi / 2), [0, 0, 1])
    lights = studio.Studio(factors(azimuth=-0.7).light)
    points = lights.key_points(64)
    assert np.allclose(np.linalg.norm(points, axis=1), 1)
    assert np.allclose(points.mean(0), lights.key, atol=0.01)
    angles = np.arccos(points @ lights.key)
    assert 0.9 * studio.KEY_SPREAD < angles.max() <= studio.KEY_SPREAD
    assert np.allclose(studio.dome().mean(0), 0, atol=0.01)


def test_half_a_dome_gives_half_the_light():
    lights = studio.Studio(factors().light)
    normals = np.array([[0, 0, 1.0]])
    dome = studio.dome()
    whole = lights.dome_light(normals, np.ones((1, len(dome))))
    left = lights.dome_light(normals, (dome[:, :1] < 0).T.astype(float))
    right = lights.dome_light(normals, (dome[:, :1] >= 0).T.astype(float))
    assert np.allclose(left + right, whole)
    assert np.all(left > 0)


def test_normals_and_hollows_of_a_ball():
    vertices, faces = ball(24, 32)
    poles = np.abs(vertices[:, 2]) < 0.9  # where faces meet in a point they are not even
    normals = vertex_normals(vertices, faces)
    assert np.einsum("ij,ij->i", normals, vertices)[poles].min() > 0.995
    assert hollowness(vertices, faces, normals).max() == 0
    inside = faces[:, ::-1]
    small = vertices * 0.1
    assert hollowness(small, inside, vertex_normals(small, inside))[poles].min() == 1
