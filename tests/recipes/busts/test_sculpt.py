"""Hair, cloth, the turn of the head and the cut, on a ball with two eyes."""

from __future__ import annotations

import numpy as np
import pytest

from recipes.busts import drapery, hair
from recipes.busts.body import Shape
from recipes.busts.factors import Drapery, Hair, Pose
from recipes.busts.mesh import unit
from recipes.busts.sculpt import cut, rotation, sculpt, turned
from tests.recipes.busts.busts_fake import ball

STRAIGHT = Pose(0, 0, 0)
BALD = Hair(volume=0, wave_depth=1, wave_width=0.5, hairline=0, curl=0)
FULL = Hair(volume=1, wave_depth=1, wave_width=0.5, hairline=0, curl=0)
NO_CLOTH = Drapery(neckline=0, folds=1, side=0)


@pytest.fixture
def shape():
    """A head of radius 0.11 m in the world, its eyes in front and halfway up."""
    vertices, faces = ball()
    head = vertices + np.array([0, 0.8, 0])
    eye, aside = vertices * 0.1, np.array([0.3, 0, 0])
    rest = np.concatenate([head, eye + aside, eye - aside])
    count = len(vertices)
    ears = np.zeros(3 * count)
    ears[:count] = np.abs(head[:, 0]) > 0.9
    return Shape(
        vertices=rest * 0.11 + [0, -0.1, 0.65],
        faces=np.concatenate([faces, faces + count, faces + 2 * count]),
        rest=rest,
        eyes=np.repeat([0, 1, 2], count),
        ears=ears,
        lips=np.zeros(3 * count),
        pivot=np.array([0, 0.8, -0.4]) * 0.11 + [0, -0.1, 0.65],
    )


@pytest.mark.parametrize("pose", [STRAIGHT, Pose(0.7, 0.2, -0.1), Pose(-0.5, -0.2, 0.1)])
def test_eyes_are_always_at_one_height_and_heads_at_one_size(shape, pose):
    bust = sculpt(shape, BALD, NO_CLOTH, pose)
    assert bust.eye_centres[:, 2].mean() == pytest.approx(0, abs=1e-9)
    head = bust.vertices[bust.eyes == 0]
    assert np.ptp(head, axis=0).max() == pytest.approx(2, rel=0.06)


def test_the_face_turns_where_the_pose_says(shape):
    # As seen: x right, z up, the camera at −y.
    right = sculpt(shape, BALD, NO_CLOTH, Pose(yaw=0.6, pitch=0, roll=0))
    assert right.eye_centres[:, 0].mean() > 0.1
    ahead = np.array([0, -1.0, 0])
    assert (rotation(0.3, 0, 0) @ ahead)[0] > 0
    assert (rotation(0, 0.3, 0) @ ahead)[2] < 0
    assert (rotation(0, 0, 0.3) @ [0, 0, 1.0])[0] > 0
    turn = rotation(0.4, -0.2, 0.1)
    assert np.allclose(turn @ turn.T, np.eye(3))
    assert np.linalg.det(turn) == pytest.approx(1)


def test_shoulders_turn_a_third_as_far():
    pose = Pose(yaw=0.6, pitch=0, roll=0)
    head, chest = turned(np.array([[0, -1.0, 0.5], [0, -1.0, -2.5]]), np.zeros(3), pose)
    assert np.arctan2(head[0], -head[1]) == pytest.approx(0.6)
    assert np.arctan2(chest[0], -chest[1]) == pytest.approx(0.6 * 0.35, abs=0.006)


def test_hair_grows_on_the_skull_and_nowhere_else(shape):
    cover = hair.cover(shape, FULL, 0.16)
    _, y, z = shape.rest.T
    head = shape.eyes == 0
    assert cover[head & (z > 0.85)].min() == 1
    assert cover[(y < 0.3) & (z < 0.2)].max() == 0  # the face
    assert cover[~head].max() == 0
    assert cover[shape.ears == 1].max() == 0
    higher = hair.cover(shape, Hair(1, 1, 0.5, hairline=1, curl=0), 0.16)
    assert np.all(higher <= cover)
    assert higher.sum() < cover.sum()


def test_hair_thickens_the_skull_only_where_it_grows(shape):
    bald, full = (sculpt(shape, h, NO_CLOTH, STRAIGHT) for h in (BALD, FULL))
    grown = np.linalg.norm(full.vertices - bald.vertices, axis=1)
    assert bald.hair.max() == 0
    assert grown[full.hair == 0].max() < 1e-9
    # Its relief makes it up to 1.3 times as thick.
    assert 0.18 < grown[full.hair == 1].max() < 0.18 * 1.35


def test_strands_and_curls_are_two_reliefs_of_the_same_height():
    points = unit(np.random.default_rng(0).normal(size=(4000, 3))) + np.array([0, 0.8, 0])
    strands, curls = (hair.relief(points, Hair(1, 1, 0.5, 0, curl=curl)) for curl in (0.0, 1.0))
    for height in (strands, curls):
        assert -1.3 < height.min() < -0.5
        assert 0.5 < height.max() < 1.3
    assert abs(np.corrcoef(strands, curls)[0, 1]) < 0.2


def test_brows_are_two_arcs_above_the_eyes():
    x, z = np.meshgrid(np.linspace(-0.6, 0.6, 121), np.linspace(-0.2, 0.5, 71))
    front = np.stack([x.ravel(), np.full(x.size, -0.2), z.ravel()], axis=1)
    found = hair.brows(front).reshape(x.shape)
    assert found.max() > 0.9
    assert found[z < 0.05].max() < 0.1
    assert found[np.abs(x) < 0.05].max() == 0
    assert np.allclose(found, found[:, ::-1])
    assert hair.brows(front + np.array([0, 1.5, 0])).max() == 0  # and none at the back of the head


def test_cloth_lies_below_its_neckline_which_hangs_lower_in_front(shape):
    wide, none = Drapery(neckline=1, folds=1, side=0), NO_CLOTH
    z = np.linspace(-2.5, 0, 200)
    front = np.stack([np.zeros(200), np.full(200, -0.2), z], axis=1)
    side = front + np.array([1.3, 1.0, 0])
    covered = drapery.cover(front, wide)
    assert covered[0] == 1
    assert covered[-1] == 0
    assert np.all(np.diff(covered) <= 0)
    assert covered.sum() < drapery.cover(side, wide).sum()
    assert drapery.cover(side[z > -1.6], none).max() == 0
    stands = drapery.thickness(shape, wide)
    assert stands[shape.rest[:, 2] > -1].max() == 0


def test_the_cut_draws_in_shoulders_and_leaves_the_head():
    head = unit(np.random.default_rng(0).normal(size=(100, 3))) + np.array([0, 0.8, 0])
    assert np.allclose(cut(head), head)
    arm = np.stack([np.linspace(0, 6, 50), np.full(50, 0.95), np.full(50, -1.9)], axis=1)
    reach = cut(arm)[:, 0]
    assert np.all(np.diff(reach) > 0)  # nothing passes through anything else
    assert reach.max() < 1.3
