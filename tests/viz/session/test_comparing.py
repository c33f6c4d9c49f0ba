"""Comparison as arithmetic on sessions: linking, swapping, removing, undo, files, sheets."""

from __future__ import annotations

import itertools
import json
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from common.dragging import DragPoint
from renderer.messages.request import (
    ChannelEdit,
    ClassLabel,
    LayerView,
    MixSource,
    Noise,
    Plane,
    RenderRequest,
    SavedW,
    Seed,
    Truncation,
)
from tests.viz.conftest import make_model
from viz.compare import sheets
from viz.compare.labels import labels
from viz.disk import store
from viz.session import comparing
from viz.session.history import History
from viz.session.parameters.table import linked_with
from viz.session.ranges import RATE
from viz.session.session import PARTS, Compare, Drag, Motion, Pane, Session

MAIN = RenderRequest(
    "/runs/a/network-snapshot-000040.pkl",
    Plane(1.5, 2.5),
    ClassLabel(1),
    Truncation(0.7),
    (MixSource(Seed(7), (1.0,)),),
    Noise("random", 3),
    (ChannelEdit("b8.conv0", 2),),
    LayerView("b8.conv0"),
)
OTHER = RenderRequest("/runs/a/network-snapshot-000008.pkl", Seed(9), None, Truncation(0.2))
GONE = RenderRequest("/runs/b/own.pkl", Seed(1), None, Truncation(1.5))


def compared(*panes: Pane, **changes: object) -> Session:
    return Session(MAIN, compare=Compare(on=True, panes=panes, **changes))


def drawn(session: Session) -> tuple[RenderRequest, ...]:
    """The requests where every network has a place for everything."""
    return (
        session.render,
        *(comparing.request_of(p, session.render) for p in session.compare.panes),
    )


def test_every_field_of_a_request_but_the_network_and_the_target_can_be_linked() -> None:
    fields = [field for part in PARTS for field in linked_with(part)]
    assert sorted([*fields, "snapshot", "target"]) == sorted(RenderRequest.__struct_fields__)


def test_a_pane_has_the_linked_parts_of_the_session_and_its_own_others() -> None:
    session = compared(Pane(1, OTHER), Pane(2, OTHER, ("latent", "noise")), Pane(3, OTHER, ()))
    _, linked, mixed, own = drawn(session)
    assert linked == structs.replace(MAIN, snapshot=OTHER.snapshot)
    assert (mixed.source, mixed.label, mixed.noise) == (MAIN.source, MAIN.label, MAIN.noise)
    assert (mixed.truncation, mixed.mix, mixed.view) == (OTHER.truncation, (), None)
    assert own == OTHER


def test_unlinking_goes_on_from_where_it_was_and_linking_follows_again() -> None:
    session = comparing.relinked(compared(Pane(1, OTHER)), 1, "latent", linked=False)
    assert drawn(session)[1].source == MAIN.source
    session = session.with_render(source=Seed(5))
    assert drawn(session)[1].source == MAIN.source
    session = comparing.relinked(session, 1, "latent", linked=True)
    assert drawn(session)[1].source == Seed(5)
    assert session.compare.panes[0].linked == PARTS


def test_linking_all_reaches_every_pane() -> None:
    session = compared(Pane(1, OTHER), Pane(2, GONE, ()))
    apart = comparing.all_relinked(session, "truncation", linked=False)
    assert all("truncation" not in pane.linked for pane in apart.compare.panes)
    assert drawn(apart)[1].truncation == MAIN.truncation
    assert drawn(apart)[2].truncation == GONE.truncation
    together = comparing.all_relinked(apart, "truncation", linked=True)
    assert {request.truncation for request in drawn(together)} == {MAIN.truncation}


@given(st.sets(st.sampled_from(PARTS)), st.sets(st.sampled_from(PARTS)))
@settings(deadline=None)
def test_swapping_changes_places_and_twice_changes_nothing(one: set, two: set) -> None:
    panes = (Pane(1, OTHER, tuple(p for p in PARTS if p in one), "ours"), Pane(2, GONE, tuple(two)))
    session = compared(*panes, name="theirs")
    swapped = comparing.swapped(session, 1)
    before, after = drawn(session), drawn(swapped)
    assert (after[0], after[1]) == (before[1], before[0])
    assert (swapped.compare.name, swapped.compare.panes[0].name) == ("ours", "theirs")
    assert comparing.swapped(swapped, 1) == session


def test_points_end_where_a_picture_of_a_network_built_otherwise_takes_the_place() -> None:
    points = (DragPoint(5, (20.0, 20.0), (40.0, 20.0)),)
    session = compared(Pane(1, OTHER)).with_drag(points=points)
    models = {each.snapshot: make_model(each.snapshot) for each in (MAIN, OTHER)}
    assert comparing.swapped(session, 1, models).drag.points == points
    models[OTHER.snapshot] = make_model(OTHER.snapshot, resolution=128)
    assert comparing.swapped(session, 1, models).drag == Drag()


def test_what_was_kept_stays_while_the_session_goes_on() -> None:
    session = comparing.kept(comparing.kept(Session(MAIN)))
    assert [pane.name for pane in session.compare.panes] == ["Before", "Before 2"]
    assert session.compare.on
    moved = session.with_render(source=Seed(1), truncation=Truncation(0.1))
    assert drawn(moved)[1:] == (MAIN, MAIN)


@given(st.integers(1, 5), st.integers(0, 5), st.integers(0, 5), st.lists(st.integers(1, 5)))
@settings(deadline=None)
def test_two_sides_of_a_wipe_are_always_two_pictures(
    count: int, reference: int, other: int, gone: list[int]
) -> None:
    panes = tuple(Pane(i, OTHER) for i in range(1, count + 1))
    session = compared(*panes, reference=reference, other=other)
    for number in gone:
        if len(session.compare.panes) > 1:
            number = min(number, len(session.compare.panes))
            pair = comparing.pair(session.compare)
            names = [0, *(pane.id for pane in session.compare.panes)]
            sides = [names[side] for side in pair]
            removed = session.compare.panes[number - 1].id
            session = comparing.removed(session, number)
            names = [0, *(pane.id for pane in session.compare.panes)]
            first, second = comparing.pair(session.compare)
            assert first != second
            assert max(first, second) <= len(session.compare.panes)
            if removed not in sides:
                assert [names[first], names[second]] == sides
    assert 1 <= comparing.partner(session.compare) <= len(session.compare.panes)


def test_choosing_the_other_side_changes_sides() -> None:
    session = compared(Pane(1, OTHER), Pane(2, GONE))
    assert comparing.pair(comparing.referred(session, 1).compare) == (1, 0)
    assert comparing.pair(comparing.referred(session, 2).compare) == (2, 1)
    assert comparing.pair(comparing.opposed(session, 0).compare) == (1, 0)
    assert comparing.pair(comparing.opposed(session, 2).compare) == (0, 2)


def test_ids_are_used_again_so_that_streams_do_not_pile_up() -> None:
    session = comparing.added(comparing.added(Session(MAIN), OTHER), GONE)
    session = comparing.added(comparing.removed(session, 1), OTHER)
    assert sorted(comparing.stream(p) for p in session.compare.panes) == ["compare-1", "compare-2"]


def test_without_the_last_pane_there_is_nothing_to_compare() -> None:
    assert not comparing.removed(compared(Pane(1, OTHER)), 1).compare.on


def test_a_request_fits_its_network_and_asks_little_of_one_that_is_not_known() -> None:
    session = compared(Pane(1, structs.replace(OTHER, snapshot="~/own.pkl")))
    session = session.with_render(truncation=Truncation(0.7, 11))
    path = os.path.expanduser("~/own.pkl")
    small = make_model(path, resolution=16)
    fitted = comparing.requests(session, {path: small})[1]
    assert (fitted.snapshot, fitted.label, fitted.truncation.cutoff) == (path, None, None)
    assert fitted.view == MAIN.view
    assert fitted.edits == MAIN.edits
    unknown = comparing.requests(session)[1]
    assert (unknown.view, unknown.edits, unknown.truncation.cutoff) == (None, (), None)
    assert (unknown.source, unknown.mix) == (MAIN.source, MAIN.mix)


def test_linked_parts_follow_what_is_shown_while_the_picture_moves() -> None:
    session = compared(Pane(1, OTHER), Pane(2, OTHER, ()))
    behind = structs.replace(MAIN, source=Plane(1.0, 2.0))
    main, linked, own = comparing.requests(session, shown=behind)
    assert (main.source, linked.source, own.source) == (MAIN.source, behind.source, OTHER.source)


def test_flicker_goes_round_stops_and_is_never_faster_than_is_safe() -> None:
    compare = Compare(panes=(Pane(1, OTHER), Pane(2, GONE)), rate=2.0)
    assert [comparing.blinked(compare, t / 2 + 0.01) for t in range(5)] == [0, 1, 2, 0, 1]
    assert comparing.blinked(structs.replace(compare, blink=False, blinked=4), 9.0) == 1
    wild = structs.replace(compare, rate=1e9)
    seen = [comparing.blinked(wild, t / 1000) for t in range(1000)]
    assert sum(a != b for a, b in itertools.pairwise(seen)) <= RATE.high
    comparing.blinked(structs.replace(compare, rate=0.0), 9.0)


@pytest.mark.parametrize(
    ("count", "size", "columns"),
    [(1, (9, 9), 1), (2, (20, 10), 2), (2, (10, 20), 1), (4, (10, 10), 2), (3, (30, 10), 3)],
)
def test_cells_are_as_large_as_they_can_be(count, size, columns) -> None:
    assert comparing.columns(count, *size) == columns


def test_no_area_is_too_small_for_a_grid() -> None:
    assert comparing.columns(3, 1.0, 1.0, lost=20.0) in (1, 2, 3)


# -- undo, files --------------------------------------------------------------------------------


def test_panes_and_links_are_steps_of_undo_and_the_edge_of_a_wipe_is_none() -> None:
    history, start = History(), Session(MAIN)
    one = comparing.added(start, OTHER)
    wiped = one.with_compare(layout="wipe", split=0.1, gain=3.0)
    apart = comparing.relinked(wiped, 1, "noise", linked=False)
    swapped = comparing.swapped(apart, 1)
    for before, after in ((start, one), (one, wiped), (wiped, apart), (apart, swapped)):
        history.record(before, after, gesture=False)
    assert history.undo(swapped) == apart
    assert history.undo(apart).compare.panes == one.compare.panes
    nothing = history.undo(wiped)
    assert nothing.compare.panes == ()
    assert not nothing.compare.on
    assert (nothing.compare.split, nothing.compare.layout) == (0.1, "wipe")
    again = history.redo(nothing)
    assert again.compare.on
    assert again.compare.panes == one.compare.panes
    assert not history.can_undo or history.undo(again).compare.panes == ()


def test_closing_the_comparison_is_no_step_and_undo_does_not_open_it() -> None:
    history = History()
    session = compared(Pane(1, OTHER))
    moved = session.with_render(source=Seed(4))
    history.record(session, moved, gesture=False)
    closed = moved.with_compare(on=False)
    history.record(moved, closed, gesture=False)
    assert not history.undo(closed).compare.on


def test_a_comparison_survives_its_file_and_old_files_open() -> None:
    session = compared(Pane(1, OTHER, ("noise",), "ours"), Pane(3, GONE), layout="difference")
    assert store.decode_session(store.encode(session), "session.json") == session
    old = json.loads(store.encode(session))
    del old["compare"]
    assert store.decode_session(json.dumps(old), "old.json") == Session(MAIN)
    newer = json.loads(store.encode(session))
    newer["compare"]["panes"][0]["something"] = 1
    assert store.decode_session(json.dumps(newer), "newer.json") == session


def test_a_restored_session_without_panes_leaves_the_comparison_alone() -> None:
    current = compared(Pane(1, OTHER))
    plain, other = Session(OTHER), compared(Pane(5, GONE), layout="wipe")
    assert comparing.restored(plain, current) == structs.replace(plain, compare=current.compare)
    assert comparing.restored(other, current) == other


# -- names and sheets ---------------------------------------------------------------------------


def test_labels_tell_pictures_apart() -> None:
    own = Pane(3, structs.replace(GONE, truncation=Truncation(1.5)), ("latent",))
    named = Pane(2, OTHER, (), "The old one")
    session = compared(Pane(1, OTHER), named, own)
    main, linked, called, apart = labels(session, {GONE.snapshot: make_model(GONE.snapshot)})
    assert (main.title, linked.title, apart.title) == ("40 kimg", "8 kimg", "own")
    assert (main.detail, linked.detail) == ("a", "a")
    assert called.title == "The old one"
    assert called.detail.startswith("8 kimg · seed 9 · ψ 0.20")
    assert apart.detail.startswith("ψ 1.50")
    assert apart.detail.endswith("b · 40 kimg")


def test_pictures_of_one_network_are_not_called_the_same() -> None:
    softer = Pane(1, structs.replace(MAIN, truncation=Truncation(0.4)), ("latent",))
    session = comparing.added(compared(softer), MAIN)
    titles = [label.title for label in labels(session, {})]
    assert titles[:2] == ["40 kimg", "40 kimg, ψ 0.40"]
    elsewhere = structs.replace(MAIN, snapshot="/runs/b/network-snapshot-000040.pkl")
    titles = [label.title for label in labels(comparing.added(Session(MAIN), elsewhere), {})]
    assert titles == ["40 kimg", "40 kimg, b"]


def test_sheets_are_what_is_on_the_screen() -> None:
    session = compared(Pane(1, OTHER), Pane(2, GONE), reference=2, other=0, split=0.3, gain=4.0)
    requests, names = comparing.requests(session), ("a", "b", "c")
    (grid,) = sheets.still(session, {}, names, 3)
    assert (grid.requests, grid.layout, grid.columns, grid.labels) == (requests, "grid", 3, names)
    across = session.with_compare(layout="wipe", upright=False)
    (wipe,) = sheets.still(across, {}, names)
    assert wipe.requests == (requests[2], requests[0])
    assert (wipe.split, wipe.upright, wipe.labels) == (0.3, False, ("c", "a"))
    maps = sheets.still(session.with_compare(layout="difference"), {}, names)
    assert [sheet.labels for sheet in maps] == [("c", "a"), ("c", "b")]
    assert all(sheet.gain == 4.0 and sheet.requests[0] == requests[2] for sheet in maps)
    each = sheets.still(session.with_compare(layout="flicker"), {}, names)
    assert [sheet.requests for sheet in each] == [(request,) for request in requests]


def test_a_sweep_goes_from_one_side_to_the_other_and_back() -> None:
    frames = sheets.sweep(compared(Pane(1, OTHER)), {}, ("a", "b"), 25.0)
    splits = [sheet.split for sheet in frames]
    assert len(frames) == 100
    assert (splits[0], max(splits)) == (0.0, pytest.approx(1.0))
    assert splits[:51] == sorted(splits[:51])
    assert splits[50:] == sorted(splits[50:], reverse=True)
    assert len({sheet.requests for sheet in frames}) == 1


def test_a_journey_moves_what_is_linked_as_the_animation_would() -> None:
    session = compared(Pane(1, OTHER), Pane(2, GONE, ()))
    session = structs.replace(session, motion=Motion(speed=2.0, heading=90.0))
    frames = sheets.travel(session, {}, ("a", "b", "c"), 10.0, 3.0)
    assert len(frames) == 30
    for i, sheet in enumerate(frames):
        main, linked, own = (request.source for request in sheet.requests)
        assert (main.x, main.y) == pytest.approx((1.5, 2.5 + 2.0 * i / 10))
        assert linked == main
        assert own == GONE.source
    # Of several differences: the one between the two that a wipe would show.
    for reference, other in ((0, 2), (2, 0), (1, 2)):
        two = session.with_compare(layout="difference", reference=reference, other=other)
        moved = sheets.travel(two, {}, ("a", "b", "c"), 10.0, 1.0)
        assert {sheet.labels for sheet in moved} == {("abc"[reference], "abc"[other])}
    saved = session.with_render(source=SavedW("w.npz"))
    assert sheets.travel(saved, {}, ("a", "b", "c"), 10.0, 3.0) == ()
