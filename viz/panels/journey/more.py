"""The menu of further ways to add keys: bookmarks, seeds, and whole journeys made by rule."""

from __future__ import annotations

from imgui_bundle import imgui
from msgspec import structs

from common.units import counted
from renderer.messages.journey import Journey
from renderer.messages.request import SEEDS, RenderRequest
from renderer.pictures.journey import editing, generators
from viz.desk.context import Context
from viz.session import going
from viz.session.inspection import plain
from viz.session.session import Session
from viz.session.without_place import told
from viz.ui import widgets
from viz.ui.seeds import random_seed
from viz.ui.text import muted
from viz.ui.widgets import em

SEED_TIP = "Seeds, such as 0-7 or 85,100,75: a key for each, after those that are there."
RULES: tuple[tuple[str, bool, generators.Space, str], ...] = (
    ("Random walk in W", True, "w", "Seeds drawn at random, on a smooth curve that closes."),
    (
        "Random walk in Z",
        True,
        "z",
        "The same on great circles, where every picture is as likely as a seed's.",
    ),
    (
        "Circle around this in W",
        False,
        "w",
        "Towards the seed and the one after it, as far as the radius says, and around.",
    ),
    (
        "Great circle in Z",
        False,
        "z",
        "Through the seed, the one after it, and their opposites.",
    ),
)
"""The journeys made by rule: name, whether it is a walk (or a circle), where it goes, a tooltip."""
NETWORK_TIP = (
    "Whatever networks the keys were made with, as where one of them is gone. Layers and "
    "directions that this network lacks have no effect."
)
MOST_KEYS = 300
"""The most keys of a walk, and the most seeds that are added at once."""
LONGEST = 600.0
"""The most seconds that one may last."""
RADII = (0.05, 4.0)
"""The least and the largest radius of a circle in w; 1 goes as far as the seeds are."""


class More:
    """Keeps what was typed into the menu.

    seeds: to be added, as text.
    count: keys of a walk.
    seed: draws the seeds of a walk; a circle goes to it and to the one after it. Another one is
        drawn whenever the menu opens.
    seconds: from key to key of a walk; a circle takes four times as long.
    radius: of a circle in w, as a share of the way to its seeds.
    """

    def __init__(self) -> None:
        self.seeds = "0-7"
        self.count, self.seed, self.seconds, self.radius = 8, 0, editing.STEP, 0.5

    def draw(self, session: Session, context: Context) -> Session:
        """Draw the menu while it is open; return the session with what was added."""
        if not imgui.begin_popup("more"):
            return session
        journey, said = self._draw(session, context)
        drawn = _draw_network(session, context)
        imgui.end_popup()
        if said:
            context.actions.notify(said)
        if journey is session.journey:
            return drawn
        before = session.journey.keys
        extended = journey.keys[: len(before)] == before
        session = structs.replace(session, journey=journey)
        return going.at_moment(session, session.moment if extended else 0.0)

    def _draw(self, session: Session, context: Context) -> tuple[Journey, str]:
        """Draw what is in the menu; return the journey as it was changed, and what was done."""
        before = session.journey
        journey = self._draw_bookmarks(before, context)
        journey = self._draw_seeds(journey, session.render)
        if journey is not before:
            return journey, f"{counted(len(journey.keys) - len(before.keys), 'key')} added"
        imgui.separator()
        replaced = f"in place of {counted(len(before.keys), 'key')}" if before.keys else ""
        made, name = self._draw_rules(session.render, replaced)
        if made is not None:
            said = f"{name} from seed {self.seed}: {counted(len(made.keys), 'key')}"
            said = f"{said}, {made.duration:.3g} s"
            return made, f"{said}, {replaced}" if replaced else said
        imgui.separator()
        if imgui.menu_item("Take all keys away", "", False, bool(before.keys))[0]:
            return Journey(), f"{counted(len(before.keys), 'key')} taken away"
        return before, ""

    def _draw_bookmarks(self, journey: Journey, context: Context) -> Journey:
        kept = [bookmark for bookmark in context.bookmarks if bookmark.session is not None]
        if not imgui.begin_menu("From a bookmark", bool(kept)):
            return journey
        for bookmark in kept:
            if imgui.menu_item(f"{bookmark.name}##{bookmark.path}", "", False)[0]:
                assert bookmark.session is not None
                journey = _extended(journey, [bookmark.session.render])
        if len(kept) > 1:
            imgui.separator()
            if imgui.menu_item("All of them", "", False)[0]:
                journey = _extended(journey, [b.session.render for b in kept if b.session])
        imgui.end_menu()
        return journey

    def _draw_seeds(self, journey: Journey, base: RenderRequest) -> Journey:
        imgui.set_next_item_width(em(9))
        enter = imgui.InputTextFlags_.enter_returns_true
        entered, self.seeds = imgui.input_text("##Seeds", self.seeds, enter)
        widgets.tooltip(SEED_TIP)
        imgui.same_line(0, em(0.3))
        found = _seeds(self.seeds)
        pressed = widgets.button("Add seeds", tip=SEED_TIP, enabled=bool(found))
        if not found or not (pressed or entered):
            return journey
        imgui.close_current_popup()
        seeds = generators.through_seeds(base, found, editing.STEP, closed=False)
        return _extended(journey, [key.render for key in seeds.keys])

    def _draw_rules(self, base: RenderRequest, replaced: str) -> tuple[Journey | None, str]:
        """Draw the journeys made by rule, and what they are made with.

        replaced: what they take the place of, in words. Return the one that was chosen, if one was,
        and its name.
        """
        if imgui.is_window_appearing():
            self.seed = random_seed()
        width = em(6)
        self.count = _whole("Keys", self.count, 2, MOST_KEYS, "Of a walk.", width)
        tip = "Draws the seeds: the same one makes the same journey again."
        self.seed = _whole("Seed", self.seed, 0, SEEDS - 1, tip, width)
        self.seconds = _number(
            "Seconds",
            self.seconds,
            0.1,
            LONGEST,
            "From key to key; a circle takes four times.",
            width,
        )
        tip = "Of a circle in W: 1 goes as far as the seeds are."
        self.radius = _number("Radius", self.radius, *RADII, tip, width)
        if replaced:
            muted(f"Made {replaced}:")
        made, chosen = None, ""
        for name, walks, space, tip in RULES:
            if imgui.menu_item(name, "", False)[0]:
                made, chosen = self._made(base, space, walks=walks), name
            widgets.tooltip(tip)
        return made, chosen

    def _made(self, base: RenderRequest, space: generators.Space, *, walks: bool) -> Journey:
        if walks:
            return generators.walk(base, self.seed, self.count, self.seconds, space=space)
        after, seconds = (self.seed + 1) % SEEDS, 4 * self.seconds
        radius = self.radius
        return generators.circle(base, self.seed, after, seconds, space=space, radius=radius)


def _draw_network(session: Session, context: Context) -> Session:
    """Draw the item that has all keys drawn with the network on the screen."""
    snapshot = context.frame.request.snapshot if context.frame is not None else ""
    model = context.models.get(snapshot)
    other = any(key.render.snapshot != snapshot for key in session.journey.keys)
    name = "the network that is shown" if model is None else model.name
    chosen, _ = imgui.menu_item(
        f"Draw all keys with {name}###Network", "", False, other and model is not None
    )
    widgets.tooltip(NETWORK_TIP)
    if not chosen:
        return session
    journey = editing.with_network(session.journey, snapshot)
    said = f"All keys are drawn with {name}. {told(journey, context.models)}"
    context.actions.notify(said.rstrip())
    return going.at_moment(structs.replace(session, journey=journey), session.moment)


def _whole(name: str, value: int, low: int, high: int, tip: str, width: float) -> int:
    """Draw a field for a whole number with its name after it; return what it has become."""
    imgui.set_next_item_width(width)
    _, text = imgui.input_text(name, str(value), imgui.InputTextFlags_.chars_decimal)
    widgets.tooltip(tip)
    return min(max(int(text), low), high) if text.isdecimal() else value


def _number(name: str, value: float, low: float, high: float, tip: str, width: float) -> float:
    """Draw a field for a number with its name after it; return what it has become."""
    imgui.set_next_item_width(width)
    value = widgets.edited(value, imgui.input_float(name, value, 0.0, 0.0, "%.3g"))
    widgets.tooltip(tip)
    return min(max(value, low), high)


def _extended(journey: Journey, requests: list[RenderRequest]) -> Journey:
    """Return the journey with further keys after those that are there."""
    for request in requests:
        journey, _ = editing.added(journey, plain(request), journey.duration)
    return journey


def _seeds(text: str) -> list[int]:
    """Return the seeds that a text names, none where it is not understood; MOST_KEYS at most."""
    found: list[int] = []
    for part in text.replace(" ", "").split(","):
        low, dash, high = part.partition("-")
        if not low.isdecimal() or (dash and not high.isdecimal()):
            return []
        first, last = int(low), int(high) if dash else int(low)
        if not 0 <= first <= last < SEEDS or last - first >= MOST_KEYS:
            return []
        found += range(first, last + 1)
    return found if len(found) <= MOST_KEYS else []
