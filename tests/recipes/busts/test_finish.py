"""What points are made of: the face, what is worn, lips, and what lies in hollows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from recipes.busts import camera
from recipes.busts.carve import carved
from recipes.busts.drawing import draw
from recipes.busts.finish import finish
from recipes.busts.mesh import unit
from recipes.busts.points import hit
from tests.recipes.busts.busts_fake import BallCaster, ball_bust

PLAIN = draw(0, 0)
STONE = replace(
    PLAIN.materials.body,
    red=0.6,
    green=0.5,
    blue=0.4,
    metalness=0.0,
    roughness=0.5,
    patina=0.0,
    veins=0.0,
    bands=0.0,
    clouds=0.0,
)
GOLD = replace(STONE, red=0.9, blue=0.1, metalness=1.0)
MATERIALS = replace(PLAIN.materials, body=STONE, cloth=GOLD, hair_share=0.0, lips=0.0)
FACTORS = replace(PLAIN, materials=MATERIALS)


def seen(**covers):
    """Points of the ball as the camera sees them, `covers` everywhere as they are given."""
    bust = ball_bust()
    rays = camera.rays(8, np.array([0.5, 0.5]))
    hits = BallCaster().first(np.broadcast_to(camera.LENS, rays.directions.shape), rays.directions)
    points = hit(bust, hits, rays, FACTORS)
    count = len(points.rest)
    bare = {name: np.zeros(count) for name in ("hair", "cloth", "brows", "lips", "hollow")}
    given = {name: np.full(count, value) for name, value in covers.items()}
    return replace(points, relief=np.ones(count), **{**bare, **given}), bust


def made(factors=FACTORS, **covers):
    return finish(*seen(**covers), factors)


def with_materials(**changes):
    return replace(FACTORS, materials=replace(MATERIALS, **changes))


def test_the_face_is_of_the_body_and_the_cloth_of_its_own():
    face, cloth = made(), made(cloth=1.0)
    assert face.albedo == pytest.approx(np.broadcast_to([0.6, 0.5, 0.4], face.albedo.shape))
    assert face.metalness.max() == 0
    assert cloth.metalness.min() == 1
    assert cloth.albedo == pytest.approx(np.broadcast_to([0.9, 0.5, 0.1], cloth.albedo.shape))


def test_hair_is_of_the_cloth_as_far_as_it_says():
    own, gilt = made(hair=1.0), made(with_materials(hair_share=1.0), hair=1.0)
    half = made(with_materials(hair_share=0.5), hair=1.0)
    assert own.metalness.max() == 0
    assert gilt.metalness.min() == 1
    assert half.metalness == pytest.approx(np.full(len(half.metalness), 0.5))


def test_grooves_are_darker_than_ridges():
    points, bust = seen(hair=1.0)
    low = finish(replace(points, relief=-points.relief), bust, FACTORS)
    assert np.all(low.albedo < 0.7 * finish(points, bust, FACTORS).albedo)


def test_lips_are_redder():
    lips = made(with_materials(lips=0.8), lips=1.0).albedo
    assert np.all(lips < made().albedo)
    assert np.all(lips[:, 0] / lips[:, 1] > 1.2 * 0.6 / 0.5)


def test_patina_lies_in_hollows_and_is_no_metal():
    bronze = replace(
        GOLD, patina=0.8, second_red=0.1, second_green=0.4, second_blue=0.3, clouds=0.0
    )
    factors = with_materials(body=bronze)
    flat, hollow = made(factors), made(factors, hollow=1.0)
    assert flat.metalness.min() == 1
    assert hollow.metalness.max() < 0.4
    assert np.all(hollow.albedo[:, 0] < 0.5)


def test_veins_run_through_the_block_where_it_was_cut():
    veined = replace(STONE, veins=1.0, second_red=0.0, second_green=0.0, second_blue=0.0)
    here = made(with_materials(body=veined, offset=(0.1, 0.5, 0.5))).albedo
    there = made(with_materials(body=veined, offset=(0.6, 0.5, 0.5))).albedo
    assert np.ptp(here[:, 0]) > 0.2
    assert np.abs(here - there).mean() > 0.03


def test_relief_tilts_normals_only_where_there_is_hair_or_cloth():
    smooth = unit(np.random.default_rng(1).normal(size=(500, 3)))
    none, full = np.zeros(500), np.ones(500)
    for hairy, clothed in ((none, none), (full, none), (none, full)):
        normals, height = carved(smooth, smooth, hairy, clothed, np.eye(3), PLAIN)
        assert np.allclose(np.linalg.norm(normals, axis=1), 1)
        tilted = np.abs(normals - smooth).max(1) > 1e-6
        assert tilted.mean() == pytest.approx(max(hairy.max(), clothed.max()), abs=0.1)
        assert np.ptp(height) > 0.8 or not tilted.any()
