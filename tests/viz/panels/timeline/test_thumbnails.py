"""Where thumbnails lie, in what order they are made, and what is kept of them."""

from __future__ import annotations

import itertools
import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from renderer.messages.request import RenderRequest, Seed
from viz.desk.facts import FileEntry
from viz.panels.timeline import strip_places, thumbnails
from viz.panels.timeline.player import make_stops
from viz.panels.timeline.strip_places import Span
from viz.panels.timeline.thumbnails import Shelf, reduce


def entries(*names: str) -> list[FileEntry]:
    found = []
    for name in names:
        digits = "".join(c for c in name if c.isdigit())
        found.append(FileEntry(f"/run/{name}", kimg=float(digits) if digits else None))
    return found


# -- places ----------------------------------------------------------------------------------


def test_places_follow_kimg_but_keep_copies_apart_and_pauses_short() -> None:
    assert strip_places.places([0, 200, 400, 600]) == [0, 1, 2, 3]
    assert strip_places.places([0, 200, 400, 800]) == [0, 1, 2, 4]
    assert strip_places.places([0, 200, 200, 400]) == [0, 1, 1.25, 2.25]
    assert strip_places.places([0, 200, 400, 99400]) == [0, 1, 2, 6]
    assert strip_places.places([None, 200, 400]) == [0, 1, 2]
    assert strip_places.places([None]) == [0]
    assert strip_places.places([]) == []


@given(st.lists(st.none() | st.floats(0, 1e6), min_size=1, max_size=40))
def test_every_snapshot_has_a_place_of_its_own(kimgs: list[float | None]) -> None:
    kimgs.sort(key=lambda k: -1.0 if k is None else k)
    places = strip_places.places(kimgs)
    assert all(b - a >= strip_places.CLOSEST for a, b in itertools.pairwise(places))
    for i, place in enumerate(places):
        assert strip_places.nearest(places, place + 0.1, range(len(places))) == i


@given(
    st.lists(st.floats(0, 1000), max_size=12).map(sorted),
    st.floats(1, 300),
)
def test_thumbnails_do_not_overlap_and_stay_inside(centres: list[float], pitch: float) -> None:
    spread = strip_places.spread(centres, 50, 950, pitch)
    fits = (len(centres) - 1) * pitch <= 900
    for a, b in itertools.pairwise(spread):
        assert b - a >= (pitch if fits else 900 / (len(centres) - 1)) - 1e-6
    assert all(50 - 1e-6 <= x <= 950 + 1e-6 for x in spread)
    if centres == spread:
        return
    apart = all(b - a >= pitch for a, b in itertools.pairwise(centres))
    assert not (apart and all(50 <= x <= 950 for x in centres)), "moved without need"


def test_the_choice_stays_the_same_while_the_strip_moves_or_grows() -> None:
    assert strip_places.thinned(range(500), 8) == list(range(0, 500, 63))
    assert strip_places.thinned(range(501), 8) == list(range(0, 501, 63))
    assert strip_places.thinned(range(64), 8) == list(range(0, 64, 8))
    assert strip_places.thinned(range(10, 74), 8) == list(range(16, 74, 8))
    assert strip_places.thinned(range(3), 8) == [0, 1, 2]


@given(st.integers(0, 300), st.integers(1, 20), st.integers(0, 300))
def test_no_more_are_chosen_than_there_is_room_for(count: int, most: int, start: int) -> None:
    chosen = strip_places.thinned(range(start, start + count), most)
    assert len(chosen) <= most
    assert bool(chosen) == bool(count)


def test_an_overview_comes_before_the_details_and_what_is_shown_first_of_all() -> None:
    order = strip_places.coarse_to_fine(list(range(9)), 3)
    assert order[0] == 3
    assert order[1:3] == [0, 8]
    assert order[3:] == [4, 2, 6, 1, 5, 7]
    assert strip_places.coarse_to_fine([], 3) == []
    assert strip_places.coarse_to_fine([7], None) == [7]


def test_zooming_keeps_what_is_under_the_mouse_and_never_leaves_the_run() -> None:
    whole = Span(-0.5, 99.5)
    near = whole.zoomed(0.5, 20.0, 0.25, whole)
    assert near.length == 50
    assert (20.0 - near.low) / near.length == pytest.approx(0.25)
    for _ in range(20):
        near = near.zoomed(0.5, 20.0, 0.25, whole)
    assert near.length == strip_places.NEAREST_ZOOM
    assert near.low < 20.0 < near.high
    far = near.holding(99.0, whole)
    assert far.high == 99.5
    assert far.length == near.length
    assert near.holding(20.0, whole) == near
    for _ in range(20):
        far = far.zoomed(2.0, 99.0, 1.0, whole)
    assert far == whole


# -- stops -----------------------------------------------------------------------------------


def test_stops_are_in_the_order_of_training_and_copies_are_told_apart() -> None:
    names = ("s-40.safetensors", "s-40.pkl", "s-8.pkl", "s.pkl")
    stops = make_stops(entries(*names), entries("s-48.pkl"))
    assert [stop.path for stop in stops] == [
        f"/run/{name}" for name in ("s.pkl", "s-8.pkl", "s-40.pkl", "s-40.safetensors", "s-48.pkl")
    ]
    labels = [stop.label for stop in stops]
    assert labels == ["s.pkl", "8 kimg", "40 kimg (.pkl)", "40 kimg (.safetensors)", "48 kimg"]
    assert [stop.writing for stop in stops] == [False] * 4 + [True]
    assert len({stop.mark for stop in stops}) == 5


# -- what is kept ----------------------------------------------------------------------------


class FakeTexture:
    alive = 0

    def __init__(self) -> None:
        FakeTexture.alive += 1
        self.width = self.height = 0

    def upload(self, pixels: np.ndarray) -> None:
        self.height, self.width = pixels.shape[:2]

    def delete(self) -> None:
        FakeTexture.alive -= 1


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> Shelf:
    monkeypatch.setattr(thumbnails, "Texture", FakeTexture)
    monkeypatch.setattr(FakeTexture, "alive", 0)
    return Shelf(3 * 4 * 16 * 16)


def key(path: str, seed: int = 0, written: int = 1) -> thumbnails.Key:
    return RenderRequest(path, Seed(seed)), written, 100


PIXELS = np.zeros((16, 16, 4), np.uint8)


def test_what_was_used_least_recently_goes_and_its_texture_with_it(shelf: Shelf) -> None:
    for path in "abc":
        shelf.put(key(path), PIXELS)
    assert shelf.find(key("a")) is not None
    shelf.put(key("d"), PIXELS)
    assert [shelf.find(key(path)) is not None for path in "abcd"] == [True, False, True, True]
    assert shelf.latest("b") is None
    assert shelf.textures.size == shelf.textures.limit
    assert FakeTexture.alive == 3
    shelf.put(key("a"), np.zeros((8, 8, 4), np.uint8))  # smaller than before
    assert shelf.textures.size == 2 * PIXELS.nbytes + PIXELS.nbytes // 4
    shelf.clear()
    assert (shelf.textures.size, FakeTexture.alive) == (0, 0)


def test_another_latent_and_another_writing_of_the_file_are_other_thumbnails(shelf: Shelf) -> None:
    shelf.put(key("a", seed=1), PIXELS)
    assert shelf.find(key("a", seed=2)) is None
    assert shelf.find(key("a", seed=1, written=2)) is None
    assert shelf.latest("a") is shelf.find(key("a", seed=1))
    shelf.put(key("a", seed=2), PIXELS)
    assert shelf.latest("a") is shelf.find(key("a", seed=2))
    assert shelf.find(key("a", seed=1)) is not None, "going back finds it again"


def test_reduced_thumbnails_keep_shape_and_mean_and_small_ones_keep_their_pixels() -> None:
    noise = np.frombuffer(os.urandom(512 * 256 * 4), np.uint8).reshape(512, 256, 4)
    small = reduce(noise, 128)
    assert small.shape == (128, 64, 4)
    assert (small[..., 3] == 255).all()
    assert abs(small[..., :3].mean() - noise[..., :3].mean()) < 2
    assert small[..., :3].std() < noise[..., :3].std() / 2, "it must average, not drop"
    large = reduce(noise[:32, :32], 128)
    assert large.shape == (128, 128, 4)
    assert (large[::4, ::4, :3] == noise[:32, :32, :3]).all()
    assert (large[3::4, 3::4, :3] == noise[:32, :32, :3]).all()
    assert reduce(noise[:100, :100], 128).shape == (100, 100, 4)
