"""The plane of seeds, and what moves by itself."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from renderer.messages.request import Noise, Plane, RenderRequest, SavedW, Seed, corners, seed_at
from viz.session.changes import motion
from viz.session.session import Motion, Session

coordinates = st.floats(-1e4, 1e4, allow_nan=False)
planes = st.builds(Plane, coordinates, coordinates, st.integers(1, 1000))


def blend(plane: Plane) -> dict[int, float]:
    """Which seeds a point is made of: equal blends are equal pictures."""
    shares: dict[int, float] = {}
    for seed, weight in corners(plane):
        shares[seed] = shares.get(seed, 0.0) + weight
    return {seed: share for seed, share in shares.items() if share > 1e-6}


@given(planes)
def test_folding_and_twins_show_the_same_picture(plane: Plane) -> None:
    folded = motion.fold(plane)
    assert 0 <= folded.x < plane.step or folded.x == pytest.approx(plane.step)
    twin = motion.twin_near(plane, 3.0, -2.0)
    assert blend(twin) == pytest.approx(blend(plane), abs=1e-5)
    if plane.x >= 0:  # a step to the left of 0 may round up to the whole step
        assert blend(folded) == pytest.approx(blend(plane), abs=1e-5)


@given(planes, coordinates, coordinates)
def test_no_other_twin_is_nearer(plane: Plane, x: float, y: float) -> None:
    twin = motion.twin_near(plane, x, y)
    nearest = math.dist((twin.x, twin.y), (x, y))
    for k in (-1, 1):
        other = math.dist((twin.x + k * plane.step, twin.y - k), (x, y))
        assert other >= nearest - 1e-6 * (1 + nearest)


def test_corners_are_the_bilinear_weights() -> None:
    assert corners(Plane(3.25, 2.5, 10)) == (
        (23, 0.375),
        (24, 0.125),
        (33, 0.375),
        (34, 0.125),
    )


def test_seeds_below_zero_wrap_as_the_protocol_says() -> None:
    assert seed_at(-1, 0, 100) == 2**32 - 1
    assert motion.to_seed(Plane(0.4, -1.0, 100)) == 2**32 - 100


@given(st.integers(0, 2**32 - 1), st.integers(1, 5000))
def test_a_seed_is_at_its_point_of_the_plane(seed: int, step: int) -> None:
    plane = motion.to_plane(Seed(seed), step)
    assert plane is not None
    assert motion.to_seed(plane) == seed


def test_a_stored_latent_has_no_place_on_the_plane() -> None:
    assert motion.to_plane(SavedW("w.npz")) is None
    assert motion.to_seed(SavedW("w.npz")) is None


def session(**moves: object) -> Session:
    return Session(render=RenderRequest(source=Plane(1.0, 2.0)), motion=Motion(**moves))


def test_animation_follows_speed_heading_and_time() -> None:
    start = session(animate=True, speed=2.0, heading=90.0)
    after = motion.advance(start, start, 5.0, 5.1).render.source
    assert isinstance(after, Plane)
    assert (after.x, after.y) == pytest.approx((1.0, 2.2))


def test_animation_does_not_jump_after_a_stall() -> None:
    start = session(animate=True, speed=1.0)
    after = motion.advance(start, start, 0.0, 60.0).render.source
    assert isinstance(after, Plane)
    assert after.x == pytest.approx(1.0 + motion.LONGEST_STEP)


def test_animation_wraps_into_the_next_row_with_the_same_picture() -> None:
    start = session(animate=True, speed=1.0).with_render(source=Plane(99.95, 0.0))
    after = motion.advance(start, start, 0.0, 0.1).render.source
    assert isinstance(after, Plane)
    assert (after.x, after.y) == pytest.approx((0.05, 1.0))


def test_animation_takes_a_seed_to_the_plane_and_leaves_a_stored_latent() -> None:
    start = session(animate=True, speed=1.0).with_render(source=Seed(205))
    after = motion.advance(start, start, 0.0, 0.1).render.source
    assert after == Plane(5.1, 2.0)
    stored = start.with_render(source=SavedW("w.npz"))
    assert motion.advance(stored, stored, 0.0, 0.1) == stored
    assert not motion.moving(stored)


def noisy(redraw: str, **moves: object) -> Session:
    return session(redraw=redraw, **moves).with_render(noise=Noise("random", seed=7))


def test_random_noise_is_redrawn_with_every_new_picture_only() -> None:
    before = noisy("change")
    assert motion.advance(before, before, 0.9, 1.0) == before
    moved = before.with_render(source=Plane(1.5, 2.0))
    assert motion.advance(moved, before, 0.9, 1.0).render.noise.seed == 8
    seeded = moved.with_motion(redraw="fixed")
    assert motion.advance(seeded, before, 0.9, 1.0).render.noise.seed == 7


def test_undoing_a_change_does_not_draw_new_noise() -> None:
    old, now = noisy("change"), motion.redraw(noisy("change").with_render(source=Plane(9.0)))
    assert motion.advance(old, now, 0.9, 1.0) == old


def test_a_noise_seed_that_was_typed_is_used_as_it_is() -> None:
    before = noisy("change")
    typed = before.with_render(noise=structs.replace(before.render.noise, seed=100))
    assert motion.advance(typed, before, 0.9, 1.0).render.noise.seed == 100


@pytest.mark.parametrize("frames", [10, 37, 240])
def test_animated_noise_is_drawn_at_its_rate_whatever_the_frame_rate(frames: int) -> None:
    now = noisy("animate", redraw_rate=12.0)
    for i in range(1, 4 * frames + 1):
        now = motion.advance(now, now, (i - 1) / frames, i / frames)
    assert now.render.noise.seed - 7 == 48


def test_constant_noise_never_moves() -> None:
    still = noisy("animate").with_render(noise=Noise("const"))
    assert not motion.moving(still)
    assert motion.advance(still, still, 9.0, 10.0) == still


def test_keyboard_steps_end_at_seeds_and_nudges_lie_between_them() -> None:
    assert motion.step_source(Seed(0), -1, 0) == Seed(2**32 - 1)
    assert motion.step_source(Seed(5), 0, 1) == Seed(105)
    assert motion.step_source(Seed(5), 0.1, 0) == Plane(5.1, 0.0)
    assert motion.step_source(Plane(0.6, 1.3), 1, 0) == Plane(2.0, 1.3)
    assert motion.step_source(Plane(0.6, 1.3), 0, -0.1) == Plane(0.6, pytest.approx(1.2))


def test_keyboard_steps_stay_in_the_file_of_a_saved_w() -> None:
    first, last = SavedW("w.npz", 0), SavedW("w.npz", 2)
    assert motion.step_source(first, 1, 0, 3) == SavedW("w.npz", 1)
    assert motion.step_source(last, -1, 0, 3) == SavedW("w.npz", 1)
    assert motion.step_source(first, -1, 0, 3) == first
    assert motion.step_source(last, 1, 0, 3) == last
    assert motion.step_source(first, 1, 0, 1) == first
    assert motion.step_source(first, 0, 1, 3) == first
    assert motion.step_source(first, 0.1, 0, 3) == first
    assert motion.step_source(first, 1, 0) == first, "nobody knows yet how many there are"
    assert motion.step_source(last, -1, 0) == SavedW("w.npz", 1)
    beyond = SavedW("w.npz", 9)
    assert motion.step_source(beyond, 1, 0, 3) == last
