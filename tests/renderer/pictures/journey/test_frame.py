"""What a journey shows at a moment: exact at keys, without jumps between them."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from renderer.messages.bending import Bend
from renderer.messages.journey import (
    EASES,
    GOINGS,
    Curve,
    Journey,
    Key,
    Knob,
    KnownSnapshot,
    Point,
)
from renderer.messages.options import EngineOptions
from renderer.messages.request import (
    Arc,
    Average,
    ChannelEdit,
    ClassLabel,
    Direction,
    MixSource,
    Noise,
    Plane,
    RenderRequest,
    Seed,
    StyleShift,
    Transform,
    Truncation,
)
from renderer.pictures.journey.frame import at, frame_count, frame_time, frames
from renderer.pictures.journey.order import check, in_order, stretched
from renderer.pipeline.pipeline import Pipeline
from tests.paths import DATA

PLAIN = str(DATA / "sg2-uncond-32.pkl")
CLASSES = str(DATA / "sg2-cond-16.pkl")
SPEED = 1e-6
"""Half the seconds between two moments whose difference stands for a speed."""


@pytest.fixture(scope="module")
def pipeline():
    return Pipeline(EngineOptions(device="cpu", threads=1))


def vector(value):
    return np.full(4, value, np.float32).tobytes()


sources = st.one_of(
    st.builds(Seed, st.integers(0, 99)),
    st.builds(Plane, st.integers(0, 9).map(float), st.integers(0, 9).map(float)),
    st.builds(Plane, st.floats(0, 9), st.floats(0, 9)),
)
numbers = st.floats(-2, 2)
requests = st.builds(
    RenderRequest,
    st.just("net"),
    sources,
    truncation=st.one_of(
        st.builds(Truncation, numbers, st.one_of(st.none(), st.integers(0, 8))),
        st.builds(Truncation, curve=st.lists(numbers, max_size=8).map(tuple)),
    ),
    mix=st.lists(
        st.builds(MixSource, sources, st.lists(st.floats(0, 1), max_size=4).map(tuple)), max_size=2
    ).map(tuple),
    noise=st.builds(Noise, st.sampled_from(["none", "const"]), st.integers(0, 3), st.floats(0, 2)),
    edits=st.lists(
        st.builds(ChannelEdit, st.just("b8"), st.integers(0, 3), numbers), max_size=2
    ).map(tuple),
    transform=st.builds(Transform, numbers, numbers, numbers, st.floats(0.5, 2)),
    bends=st.lists(
        st.builds(Bend, st.sampled_from(["a", "b"]), st.sampled_from(["rotate", "add"]), numbers),
        max_size=3,
    ).map(tuple),
    directions=st.lists(
        st.builds(Direction, st.sampled_from([vector(1), vector(2)]), numbers), max_size=2
    ).map(tuple),
)


@st.composite
def journeys(draw, goings=GOINGS, eases=EASES):
    count = draw(st.integers(1, 6))
    time, keys = 0.0, []
    for _ in range(count):
        going = draw(st.sampled_from(goings))
        keys.append(Key(draw(requests), time, going, draw(st.sampled_from(eases))))
        time += draw(st.sampled_from([0.25, 0.5, 1.0, 3.0]))
    closed = draw(st.booleans())
    return Journey(tuple(keys), time if closed else keys[-1].time, closed)


def numbers_of(request):
    """Everything in a request that moves, as one vector by name."""
    found = {f"transform {k}": v for k, v in structs.asdict(request.transform).items()}
    found["noise"] = request.noise.strength if request.noise.mode != "none" else 0.0
    source = request.source
    parts = source.parts if isinstance(source, Average) else ()
    for share in parts or ():
        name = f"w {share.source}"
        found[name] = found.get(name, 0.0) + share.weight
    if not parts:
        found[f"w {source}"] = 1.0
    rows = request.truncation.curve
    for row in range(8):
        inside = request.truncation.cutoff is None or row < request.truncation.cutoff
        psi = request.truncation.psi if inside else 1.0
        if rows is not None:
            psi = rows[row] if row < len(rows) else 1.0
        found[f"psi {row}"] = psi
    for d in request.directions:
        name = f"direction {d.vector!r}"
        found[name] = found.get(name, 0.0) + d.amount
    for mix in request.mix:
        for row, weight in enumerate(mix.weights):
            name = f"mix {mix.source} {row}"
            found[name] = found.get(name, 0.0) + weight
    return found


def far(a, b):
    """The largest difference of any number between two requests; what one lacks is 0 there."""
    a, b = numbers_of(a), numbers_of(b)
    return max(abs(a.get(name, 0.0) - b.get(name, 0.0)) for name in a.keys() | b.keys())


@given(journeys())
def test_at_the_time_of_a_key_its_very_request_is_seen(journey):
    for key in journey.keys:
        assert at(journey, key.time) is key.render
        assert at(journey, key.time + 1e-12) is key.render, "a frame's time is rounded"


@given(journeys(goings=("smooth", "linear"), eases=("none",)), st.floats(0, 1))
def test_nothing_jumps_anywhere(journey, share):
    moment = share * journey.duration
    near = max(0.0, moment - 1e-6), moment + 1e-6
    assert far(at(journey, near[0]), at(journey, near[1])) < 1e-3
    for key in journey.keys:
        assert far(at(journey, key.time), at(journey, key.time + 1e-6)) < 1e-3
        if journey.closed or key.time > 0:
            assert far(at(journey, key.time - 1e-6), at(journey, key.time)) < 1e-3


@given(journeys(goings=("smooth",), eases=("none",)))
def test_not_even_the_speed_jumps_where_ways_are_smooth(journey):
    inner = journey.keys if journey.closed else journey.keys[1:-1]
    for key in inner:
        before, here, after = (
            numbers_of(at(journey, key.time + by)) for by in (-SPEED, 0.0, SPEED)
        )
        for name in before.keys() | here.keys() | after.keys():
            v = [each.get(name, 0.0) for each in (before, here, after)]
            # A jump of the speed by 1 / s would show as SPEED; curvature as SPEED squared.
            assert abs((v[2] - v[1]) - (v[1] - v[0])) < 2e-2 * SPEED, name


@given(journeys(goings=("hold",)), st.floats(0, 0.99))
def test_what_is_held_stays_the_same(journey, share):
    for index, key in enumerate(journey.keys):
        last = index == len(journey.keys) - 1
        end = journey.duration if last else journey.keys[index + 1].time
        assert at(journey, key.time + share * (end - key.time)) is key.render


@given(journeys(), st.sampled_from([0.5, 2.0, 8.0]), st.floats(0, 1))
def test_another_duration_keeps_every_picture(journey, factor, share):
    longer = stretched(journey, journey.duration * factor)
    moment = share * journey.duration
    assert far(at(longer, moment * factor), at(journey, moment)) < 1e-9


@given(journeys(), st.floats(0, 1), st.integers(0, 5))
def test_moving_a_key_changes_nothing_that_is_far_from_it(journey, share, which):
    """No more than the two ways at each side of a key hang on its time."""
    index = which % len(journey.keys)
    keys = list(journey.keys)
    later = keys[index + 1].time if index + 1 < len(keys) else journey.duration
    if not (index and later > keys[index].time):
        return
    moment = (keys[index].time + later) / 2
    keys[index] = structs.replace(keys[index], time=moment)
    moved = structs.replace(journey, keys=tuple(keys))
    assert at(moved, moment) is keys[index].render
    near = {index + way for way in range(-2, 2)}
    if journey.closed:  # the first ways follow the last
        near = {way % len(keys) for way in near}
    for other in set(range(len(keys) - 1)) - near:
        time = keys[other].time + share * (keys[other + 1].time - keys[other].time)
        assert at(moved, time) == at(journey, time)


def through(*found, **changes):
    keys = tuple(Key(r, float(i), changes.get("going", "linear")) for i, r in enumerate(found))
    closed = changes.get("closed", False)
    return Journey(keys, float(len(found) - (not closed)), closed)


def test_the_seam_of_a_closed_journey_is_as_fine_as_any_step(pipeline):
    base = RenderRequest(PLAIN)
    found = [structs.replace(base, source=Seed(seed)) for seed in (3, 14, 15, 92)]
    journey = structs.replace(through(*found, going="smooth", closed=True), duration=4.0)
    w = np.stack([pipeline.latent(r)[0, 0] for r in frames(journey, 12)])
    steps = np.linalg.norm(np.diff(np.concatenate([w, w[:1]]), axis=0), axis=1)
    assert len(w) == 48
    assert steps[-1] <= steps.max()
    turns = np.linalg.norm(np.roll(w, -1, 0) - 2 * w + np.roll(w, 1, 0), axis=1)
    assert turns[0] <= turns.max()
    assert turns[0] < steps.max() / 2, "no corner at the seam"


def test_the_picture_of_a_key_is_its_own_to_the_last_bit(pipeline):
    found = [
        RenderRequest(PLAIN, Seed(seed), truncation=Truncation(psi))
        for seed, psi in ((1, 0.7), (2, 1.0), (3, 0.2))
    ]
    journey = through(*found, going="smooth", closed=True)
    for index, request in enumerate(found):
        drawn = list(frames(journey, 4))[index * 4]
        assert (pipeline.render(drawn).pixels == pipeline.render(request).pixels).all()


def test_w_between_two_keys_is_the_mean_of_theirs_where_psi_stays(pipeline):
    a, b = (RenderRequest(PLAIN, Seed(s), truncation=Truncation(0.6)) for s in (4, 5))
    middle = pipeline.latent(at(through(a, b), 0.5))
    assert np.allclose(middle, (pipeline.latent(a) + pipeline.latent(b)) / 2, atol=1e-5)


def test_classes_are_gone_between_in_w(pipeline):
    a = RenderRequest(CLASSES, Seed(4), ClassLabel(0))
    b = RenderRequest(CLASSES, Seed(5), ClassLabel(2), truncation=Truncation(0.5))
    w = [pipeline.latent(at(through(a, b), t)) for t in (0, 1e-7, 0.5, 1 - 1e-7, 1)]
    assert np.allclose(w[0], w[1], atol=1e-4)
    assert np.allclose(w[3], w[4], atol=1e-4)
    assert not np.allclose(w[0], w[4], atol=1e-2)


def test_a_blend_of_the_same_two_classes_goes_by_its_share():
    a, b = (RenderRequest("n", Seed(4), ClassLabel(0, 1, t)) for t in (0.0, 1.0))
    between = at(through(a, b), 0.25)
    assert between.label == ClassLabel(0, 1, 0.25)
    assert between.source == Seed(4)


def test_great_circles_keep_the_length_of_z():
    a, b = RenderRequest("n", Seed(4)), RenderRequest("n", Plane(5.0, 1.0))
    journey = through(a, b, going="slerp")
    assert at(journey, 0.25).source == Arc(4, 105, 0.25)
    off = through(a, RenderRequest("n", Plane(5.5, 1.0)), going="slerp")
    assert isinstance(at(off, 0.25).source, Average), "what is no seed has no z"


def test_points_of_one_circle_are_joined_the_shorter_way():
    a, b = RenderRequest("n", Arc(4, 5, 0.0, 0.75)), RenderRequest("n", Arc(4, 5, 0.0, 0.0))
    assert at(through(a, b, going="slerp"), 0.5).source == Arc(4, 5, 0.0, 0.875)


def test_what_one_key_lacks_is_there_at_the_amount_that_changes_nothing():
    a = RenderRequest("n", Seed(1), noise=Noise("none"))
    b = RenderRequest(
        "n",
        Seed(1),
        mix=(MixSource(Seed(9), (1.0, 0.5)),),
        noise=Noise("const", 7, 1.0),
        edits=(ChannelEdit("b8", 3, 0.0),),
        bends=(Bend("b8", "zoom", 2.0), Bend("b8", "rotate", 40.0)),
        directions=(Direction(vector(1), 4.0),),
    )
    quarter = at(through(a, b), 0.25)
    assert quarter.mix == (MixSource(Seed(9), (0.25, 0.125)),)
    assert (quarter.noise.mode, quarter.noise.strength) == ("const", 0.25)
    assert quarter.edits == (ChannelEdit("b8", 3, 0.75),)
    assert [bend.amount for bend in quarter.bends] == [1.25, 10.0]
    assert [direction.amount for direction in quarter.directions] == [1.0]


def test_styles_move_from_key_to_key():
    lips = StyleShift("b8.conv0", 3, 4.0, 0.5)
    bare = RenderRequest(PLAIN, Seed(1))
    both = structs.replace(bare, styles=(lips, StyleShift("b8.conv0", 4, -2.0, 0.5)))
    middle = at(through(bare, both), 0.5).styles
    assert [(s.channel, s.amount, s.sigma) for s in middle] == [(3, 2.0, 0.5), (4, -1.0, 0.5)]


def test_an_orthogonal_direction_does_not_jump_where_another_comes(pipeline):
    width = pipeline.latent(RenderRequest(PLAIN)).shape[-1]
    one, other = np.eye(width, dtype=np.float32)[:2]
    leaning = (one + other).astype(np.float32).tobytes()
    a = RenderRequest(PLAIN, Seed(1), directions=(Direction(leaning, 5.0, orthogonal=True),))
    b = structs.replace(a, directions=(*a.directions, Direction(one.tobytes(), 2.0)))
    journey = through(a, b)
    w = [pipeline.latent(at(journey, t)) for t in (0, 1e-6, 1 - 1e-6, 1)]
    assert np.abs(w[1] - w[0]).max() < 1e-3
    assert np.abs(w[3] - w[2]).max() < 1e-3


def test_scales_go_by_ratios():
    a, b = (RenderRequest("n", transform=Transform(scale=s)) for s in (0.5, 2.0))
    assert at(through(a, b), 0.5).transform.scale == pytest.approx(1.0)


def test_psi_goes_row_by_row_where_rows_differ():
    a = RenderRequest("n", truncation=Truncation(0.5, 2))
    b = RenderRequest("n", truncation=Truncation(curve=(0.0, 0.0, 0.0)))
    assert at(through(a, b), 0.5).truncation.curve == (0.25, 0.25, 0.5)
    everywhere = at(through(RenderRequest("n", truncation=Truncation(0.5)), b), 0.5)
    assert everywhere.truncation.curve is not None
    assert everywhere.truncation.curve[:4] == (0.25, 0.25, 0.25, 0.75)


def test_the_snapshot_of_a_run_is_the_nearest_in_kimg():
    run = tuple(KnownSnapshot(f"{kimg}.pkl", float(kimg)) for kimg in (0, 10, 30, 40))
    a, b = RenderRequest("0.pkl"), RenderRequest("40.pkl")
    journey = structs.replace(through(a, b), snapshots=run)
    seen = [at(journey, t).snapshot for t in (0.05, 0.2, 0.6, 0.7, 0.9)]
    assert seen == ["0.pkl", "10.pkl", "30.pkl", "30.pkl", "40.pkl"]
    assert at(through(a, b), 0.9).snapshot == "0.pkl", "others change at the next key"


def test_a_curve_overrules_the_keys_exactly():
    a, b = RenderRequest("n", Seed(1)), RenderRequest("n", Seed(2), truncation=Truncation(0.1))
    points = (Point(0.0, 1.0), Point(1.0, 0.0), Point(2.0, 1.0))
    journey = structs.replace(through(a, b, a), curves=(Curve(Knob("psi"), points, smooth=False),))
    assert [at(journey, t).truncation.psi for t in (0, 0.25, 1, 1.5)] == [1.0, 0.75, 0.0, 0.5]


def test_a_curve_of_a_direction_that_keys_lack_brings_it_with_it():
    knob = Knob("direction", Direction(vector(3)))
    curve = Curve(knob, (Point(0.0, 0.0), Point(1.0, 3.0)), smooth=False)
    journey = structs.replace(through(RenderRequest("n"), RenderRequest("n")), curves=(curve,))
    assert at(journey, 0.5).directions == (Direction(vector(3), 1.5),)


@given(
    st.lists(st.tuples(st.integers(0, 99), numbers), min_size=1, unique_by=lambda p: p[0]),
    st.floats(0, 100),
)
def test_a_smooth_curve_passes_its_points_and_goes_beyond_none(points, moment):
    points = sorted(points)
    curve = Curve(Knob("psi"), tuple(Point(float(t), v) for t, v in points))
    journey = Journey((Key(RenderRequest()),), 100.0, curves=(curve,))
    for t, value in points:
        assert at(journey, float(t)).truncation.psi == pytest.approx(value, abs=1e-9)
    values = [value for _, value in points]
    psi = at(journey, moment).truncation.psi
    assert min(values) - 1e-9 <= psi <= max(values) + 1e-9


def test_a_curve_of_a_closed_journey_has_no_seam():
    curve = Curve(Knob("psi"), (Point(0.5, 0.0), Point(3.0, 1.0), Point(3.5, 0.5)))
    keys = (Key(RenderRequest("n", Seed(1))), Key(RenderRequest("n", Seed(2)), 2.0))
    journey = Journey(keys, 4.0, closed=True, curves=(curve,))
    psi = [at(journey, t).truncation.psi for t in (3.999, 0.0, 0.001)]
    assert max(psi) - min(psi) < 0.01


def test_frames_divide_the_duration_and_meet_the_keys():
    journey = through(*(RenderRequest("n", Seed(seed)) for seed in (1, 2, 3)))
    assert frame_count(journey, 30) == 61
    assert [r.source for r in frames(journey, 1)] == [Seed(1), Seed(2), Seed(3)]
    closed = structs.replace(journey, closed=True, duration=3.0)
    assert frame_count(closed, 30) == 90
    assert frame_time(closed, 30, 30) == 1.0
    thirds = stretched(closed, 0.7)
    assert [r.source for r in frames(thirds, 3 / 0.7)] == [Seed(1), Seed(2), Seed(3)]


def test_a_thousand_keys_are_no_slower_than_a_few():
    """Keys that are far away are never looked at: ten thousand moments of each take as long."""

    def seconds(count):
        found = [
            RenderRequest("n", Seed(i), truncation=Truncation(i / count)) for i in range(count)
        ]
        journey = through(*found, going="smooth", closed=True)
        moments = np.linspace(0, journey.duration, 500)
        best = float("inf")
        for _ in range(3):
            start = time.process_time()
            for moment in moments:
                at(journey, float(moment))
            best = min(best, time.process_time() - start)
        return best

    assert seconds(1000) < 5 * seconds(8)


@pytest.mark.parametrize(
    ("times", "duration", "closed"),
    [
        ((0, 0), 1, False),
        ((1, 0), 1, False),
        ((0, 2), 1, False),
        ((0, 1), 1, True),
        ((-1,), 1, False),
    ],
)
def test_times_that_are_out_of_order_are_refused(times, duration, closed):
    keys = tuple(Key(RenderRequest(), float(t)) for t in times)
    broken = Journey(keys, float(duration), closed)
    with pytest.raises(ValueError, match="journey"):
        check(broken)
    mended = in_order(broken)
    check(mended)
    assert len(mended.keys) == len(keys)
    assert in_order(mended) is mended
