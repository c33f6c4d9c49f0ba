"""What counts as one step of undo."""

from __future__ import annotations

import itertools

from renderer.messages.request import Seed
from viz.session.cell import SessionCell
from viz.session.history import History
from viz.session.session import Session


def seeds(*numbers: int) -> list[Session]:
    return [Session().with_render(source=Seed(n)) for n in numbers]


def test_a_drag_is_one_step_up_to_the_frame_that_lets_go() -> None:
    history, (a, b, c, d) = History(), seeds(0, 1, 2, 3)
    history.record(a, b, gesture=True)
    history.record(b, b, gesture=True)
    history.record(b, c, gesture=True)
    history.record(c, d, gesture=False)
    history.record(d, d, gesture=False)
    assert history.undo(d) == a
    assert not history.can_undo
    assert history.redo(a) == d


def test_two_key_presses_are_two_steps() -> None:
    history, (a, b, c) = History(), seeds(0, 1, 2)
    history.record(a, b, gesture=False)
    history.record(b, c, gesture=False)
    assert history.undo(c) == b
    assert history.undo(b) == a


def test_two_drags_with_a_pause_are_two_steps() -> None:
    history, (a, b, c) = History(), seeds(0, 1, 2)
    history.record(a, b, gesture=True)
    history.record(b, b, gesture=False)
    history.record(b, c, gesture=True)
    assert history.undo(c) == b


def test_an_animation_is_one_step_though_controls_are_held_meanwhile() -> None:
    history, (a, b, c, d) = History(), seeds(0, 1, 2, 3)
    for before, after in ((a, b), (b, c), (c, d)):
        history.record(before, before, gesture=True)
        history.drift(before, after, moving=True)
    history.record(d, d, gesture=False)
    history.drift(d, d, moving=False)
    assert history.undo(d) == a
    assert not history.can_undo


def test_a_change_during_an_animation_is_a_step_of_its_own() -> None:
    history, (a, b) = History(), seeds(0, 1)
    psi = b.with_render(edits=())
    changed = psi.with_render(mix=(), source=Seed(7))
    history.drift(a, b, moving=True)
    history.record(b, changed, gesture=False)
    history.drift(changed, seeds(8)[0], moving=True)
    assert history.undo(seeds(8)[0]) == b
    assert history.undo(b) == a


def test_something_new_after_undo_forgets_what_was_undone() -> None:
    history, (a, b, c) = History(), seeds(0, 1, 2)
    history.record(a, b, gesture=False)
    history.undo(b)
    history.record(a, c, gesture=False)
    assert not history.can_redo
    assert history.redo(c) == c


def test_undo_keeps_how_the_picture_lies_in_its_panel() -> None:
    history, (a, b) = History(), seeds(0, 1)
    history.record(a, b, gesture=False)
    zoomed = b.with_view(fit=False, zoom=3.0)
    assert history.undo(zoomed).view == zoomed.view


def test_the_oldest_steps_are_forgotten() -> None:
    history = History(limit=3)
    sessions = seeds(*range(10))
    for before, after in itertools.pairwise(sessions):
        history.record(before, after, gesture=False)
    current = sessions[-1]
    for expected in (8, 7, 6, 6):
        current = history.undo(current)
        assert current.render.source == Seed(expected)


def test_what_replaces_a_session_hides_no_change_of_the_same_frame() -> None:
    """As a run that is followed, or played, has a new snapshot in the frame of a click."""
    a, b = seeds(0, 1)
    cell = SessionCell(a)
    cell.set(b)
    cell.replace(b.with_render(snapshot="new.pkl"))
    cell.end_frame(gesture=False)
    cell.set(cell.now.with_render(source=Seed(2)))
    cell.end_frame(gesture=False)
    cell.undo()
    assert cell.now.render == b.with_render(snapshot="new.pkl").render
    cell.undo()
    assert cell.now == a
    assert not cell.can_undo


def test_what_replaces_a_session_in_a_drag_leaves_it_one_step() -> None:
    a, b, c = seeds(0, 1, 2)
    cell = SessionCell(a)
    for session in (b, c):
        cell.set(session)
        cell.replace(session.with_render(snapshot="new.pkl"))
        cell.end_frame(gesture=True)
    cell.end_frame(gesture=False)
    cell.undo()
    assert cell.now == a
    assert not cell.can_undo
