"""Who computes when: the window at once, background work in the time that is left."""

from __future__ import annotations

import threading
import time
from itertools import pairwise

import pytest

from common.errors import Cancelled
from renderer.server.compute_turns import ComputeTurns
from tests.renderer.client.client_kit import PATIENCE


def never() -> bool:
    return False


def in_thread(work) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def test_only_one_computes_at_a_time() -> None:
    turns, inside, most = ComputeTurns(), [], []

    def enter() -> None:
        inside.append(1)
        most.append(len(inside))
        time.sleep(0.001)
        inside.pop()

    def live() -> None:
        for _ in range(40):
            with turns:
                enter()

    def background() -> None:
        for _ in range(5):
            with turns.background(never):
                enter()

    threads = [in_thread(work) for work in (live, live, background)]
    for thread in threads:
        thread.join(PATIENCE)
        assert not thread.is_alive()
    assert set(most) == {1}
    assert len(most) == 85


def test_background_work_goes_on_under_an_endless_animation_and_rests_after_each_turn() -> None:
    turns, log, over = ComputeTurns(), [], threading.Event()

    def animation() -> None:
        while not over.is_set():
            with turns:
                log.append("live")
                time.sleep(0.001)

    def background() -> None:
        for _ in range(4):
            with turns.background(never):
                log.append("background")
                time.sleep(0.01)

    with turns:  # the window has just drawn
        threads = [in_thread(animation), in_thread(background)]
    threads[1].join(PATIENCE)
    over.set()
    threads[0].join(PATIENCE)
    assert log.count("background") == 4
    places = [i for i, who in enumerate(log) if who == "background"]
    between = [b - a for a, b in pairwise(places)]
    assert min(between) > 5, "nine times as long for the window, which had 1 ms pictures to draw"


def test_nobody_to_wait_for_means_no_waiting() -> None:
    turns, done = ComputeTurns(), []

    def background() -> None:
        for i in range(200):
            with turns.background(never):
                time.sleep(0.001)
            done.append(i)

    in_thread(background).join(PATIENCE)
    # With rests between them, 200 turns of a millisecond would take two seconds.
    assert len(done) == 200


def test_waiting_can_be_cancelled_and_lets_the_window_go_on() -> None:
    turns, stop, outcome = ComputeTurns(), threading.Event(), []
    with turns.background(never):
        time.sleep(0.2)  # it now owes the window nearly two seconds

    def background() -> None:
        try:
            with turns.background(stop.is_set):
                outcome.append("drawn")
        except Cancelled:
            outcome.append("cancelled")

    with turns:
        waiting = in_thread(background)
        time.sleep(0.02)
        stop.set()
        waiting.join(PATIENCE)
    assert outcome == ["cancelled"]
    with turns:
        pass


def test_an_error_in_a_turn_ends_it() -> None:
    turns = ComputeTurns()
    with pytest.raises(ZeroDivisionError), turns.background(never):
        raise ZeroDivisionError
    with pytest.raises(ZeroDivisionError), turns:
        raise ZeroDivisionError
    with turns:
        pass
