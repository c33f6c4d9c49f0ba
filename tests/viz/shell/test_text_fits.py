"""No text is cut off and no control covers another, however large text is and narrow panels are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from imgui_bundle import imgui

from renderer.messages.journey import Journey, Key
from renderer.messages.request import MixSource, Plane, RenderRequest, Seed
from viz.desk.settings import Settings
from viz.session.session import Session

NARROWEST = (1060, 900)
"""The window in which both columns are as narrow as they get before they collapse."""
REQUEST = RenderRequest("/data/net.pkl", Plane(0.2, 0.1), mix=(MixSource(Seed(7), (0, 1, 1, 0)),))
MIXED = Session(
    REQUEST,
    journey=Journey(tuple(Key(REQUEST, float(time)) for time in range(12)), 11.0),
    moment=11.0,
)


@dataclass(frozen=True)
class Item:
    """What was drawn: its text, its rectangle, and why it is cut off, if it is."""

    window: str
    text: str
    rect: tuple[float, float, float, float]
    fault: str = ""

    def covers(self, other: Item) -> bool:
        """Whether two items of one window share more than an edge."""
        if self.window != other.window:
            return False
        (a, b, c, d), (e, f, g, h) = self.rect, other.rect
        return min(c, g) - max(a, e) > 1.5 and min(d, h) - max(b, f) > 1.5


class Watcher:
    """Stands between the panels and ImGui, and notes what they draw. on: it does so now."""

    BUTTONS = ("button", "small_button")
    TEXTS = ("text_unformatted", "text_disabled", "checkbox")

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.on = False
        self.items: list[Item] = []
        for name in (*self.BUTTONS, *self.TEXTS):
            monkeypatch.setattr(imgui, name, self._watched(name, getattr(imgui, name)))

    def _watched(self, name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        def call(text: str, *arguments: Any, **named: Any) -> Any:
            result = original(text, *arguments, **named)
            if self.on:
                self._note(name, text.split("##")[0])
            return result

        return call

    def _note(self, name: str, text: str) -> None:
        low, high = imgui.get_item_rect_min(), imgui.get_item_rect_max()
        clip = imgui.get_window_draw_list().get_clip_rect_max()
        fault = ""
        if high.x > clip.x + 1:
            fault = f"is cut off at the right by {high.x - clip.x:.0f} px"
        elif name in self.BUTTONS and imgui.calc_text_size(text).x > high.x - low.x + 1:
            fault = "is wider than its button"
        window = imgui.internal.get_current_window_read().name
        self.items.append(Item(window, text, (low.x, low.y, high.x, high.y), fault))


@pytest.mark.parametrize("text", [1.0, 1.5, 2.0])
def test_all_text_of_all_panels_fits(drive, monkeypatch, text: float) -> None:
    watcher = Watcher(monkeypatch)
    faults: list[str] = []

    def test(gui) -> None:
        for panel in gui.app.panels:
            gui.focus(panel.title)
            gui.keys("Right")  # numbers that are there only while pictures come have room too
            gui.settle()
            watcher.items.clear()
            watcher.on = True
            gui.frames(1)
            watcher.on = False
            items = [item for item in watcher.items if item.text.strip()]
            faults.extend(f"{i.window}: {i.text!r} {i.fault}" for i in items if i.fault)
            for n, one in enumerate(items):
                covered = (other for other in items[n + 1 :] if one.covers(other))
                faults.extend(f"{one.window}: {one.text!r} covers {o.text!r}" for o in covered)

    drive(
        test,
        session=MIXED,
        settings=Settings(scale=text, met_timeline=True),
        size=(round(NARROWEST[0] * text), round(NARROWEST[1] * text)),
    )
    assert not faults, "\n".join(sorted(set(faults)))
