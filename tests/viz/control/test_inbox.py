"""What arrives between two frames: the newest of each source, and every press."""

from __future__ import annotations

import threading

from viz.control.inbox import MOST, MOST_PRESSES, Arrival, Inbox


def test_the_newest_of_each_source_is_left_and_the_window_is_woken_once() -> None:
    woken: list[int] = []
    inbox = Inbox(lambda: woken.append(1))
    for n in range(1000):
        inbox.put("a", n / 1000)
        inbox.put("b", -1.0)
    assert inbox.take()[0] == {"a": Arrival(0.999, 1), "b": Arrival(-1.0, 0)}
    assert len(woken) == 1
    assert inbox.take()[0] == {}
    inbox.put("a", 0.7)
    assert len(woken) == 2
    assert inbox.take()[0] == {"a": Arrival(0.7, 0)}  # still held: no press


def test_a_press_and_its_release_between_two_frames_are_not_lost() -> None:
    inbox = Inbox(lambda: None)
    for _ in range(3):
        inbox.put("pad", 1.0)
        inbox.put("pad", 0.0)
    inbox.press("message")
    inbox.press("message")
    arrived = inbox.take()[0]
    assert arrived["pad"] == Arrival(0.0, 3)
    assert arrived["message"] == Arrival(1.0, 2, bare=True)


def test_a_soft_key_is_a_press() -> None:
    inbox = Inbox(lambda: None)
    inbox.put("key", 0.1, down=True)
    inbox.put("key", 0.0, down=False)
    assert inbox.take()[0]["key"].presses == 1


def test_neither_sources_nor_presses_grow_without_end() -> None:
    inbox = Inbox(lambda: None)
    for n in range(8 * MOST):
        inbox.put(f"source {n}", 1.0)
    for _ in range(1000):
        inbox.press("source 0")
    arrived = inbox.take()[0]
    assert len(arrived) == MOST
    assert arrived["source 0"].presses == MOST_PRESSES
    assert inbox.counts == (MOST + 1000, 7 * MOST)


def test_nothing_is_lost_between_threads() -> None:
    inbox = Inbox(lambda: None)
    total = 0

    def send(source: str) -> None:
        for _ in range(2000):
            inbox.press(source)

    threads = [threading.Thread(target=send, args=(f"{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        total += len(inbox.take()[0])
    for thread in threads:
        thread.join()
    assert inbox.counts == (8000, 0)
