"""The sides around the picture: how large they are, which are collapsed, and what shows in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from imgui_bundle import imgui

from viz.desk.panel import Panel
from viz.desk.settings import SettingsCell, Side
from viz.shell.sides import docks
from viz.shell.sides.docks import SIDES
from viz.shell.sides.sharing import ACROSS, DOWN, LEAST_STACKED, STRIP, Limits, Wish, fit

LEARNING = 3
"""The frames of a new layout in which all panels are drawn, to learn where they are."""

LEAST_WISH = 1.0
"""The least size of a side that is taken for true, in em: a broken layout may say 0, or less."""

CERTAIN = 3
"""The frames for which a panel that was moved stands in another place before that counts."""


class Columns:
    """Decides in every frame what stands around the picture.

    panels: those of the window.
    settings: remember which sides the user collapsed.
    focus: brings a panel to the front; the window sets it.
    """

    def __init__(self, panels: Iterable[Panel], settings: SettingsCell) -> None:
        self._panels = tuple(panels)
        self._settings = settings
        self.focus: Callable[[str], None] = lambda title: None
        self._sides: dict[str, Side | None] = {}
        self._doubts: dict[str, int] = {}
        self._leaves: dict[str, int] = {}
        self._places: dict[str, tuple[float, float]] = {}
        self._wishes: dict[int, float] = {}
        self._given: dict[int, float] = {}
        self._forced: set[Side] = set()
        self._front: dict[Side, str] = {}
        self._sizes: dict[Side, float] = dict.fromkeys(SIDES, 1.0)
        self._tabs: set[Side] = set()
        self._tight: set[Side] = set()
        self._shown: set[str] = set()
        self._open: set[str] = set()
        self._to_learn = LEARNING
        self._wanted: list[str] = []

    # -- what the window asks -----------------------------------------------------------------

    def learn(self) -> None:
        """Forget the layout: there is a new one."""
        for known in (self._sides, self._leaves, self._wishes, self._given):
            known.clear()
        self._forced.clear()
        self._to_learn = LEARNING

    @property
    def learning(self) -> bool:
        """Whether all panels are drawn, to learn where they are."""
        return self._to_learn > 0

    def begin(self, width: float, height: float, open_: Iterable[str]) -> None:
        """Share the window out, before its panels are drawn.

        width, height: of the room for panels and strips, in pixels.
        open_: the titles of the panels that the user did not close.
        """
        self._open = set(open_)
        self._look()
        if self.learning:
            self._to_learn -= any(self._sides.values())  # the runner docks them after some frames
        else:
            em = imgui.get_font_size()
            self._share(("left", "right"), width / em, ACROSS)
            self._share(("bottom",), height / em, DOWN)
            self._stack(height / em)
            for title in self._wanted:
                self.reveal(title)
            self._wanted.clear()
        self._shown = {title for title in self._open if self._is_shown(title)}

    def draws(self, title: str) -> bool:
        """Whether a panel that is open is drawn in this frame."""
        return self.learning or title in self._shown

    def panels_of(self, side: Side) -> tuple[Panel, ...]:
        """Return the open panels of a side, in the order of their places."""
        here = [p for p in self._panels if p.title in self._open]
        here = [p for p in here if self._sides.get(p.title) == side]
        return tuple(sorted(here, key=lambda p: self._places.get(p.title, (0.0, 0.0))))

    def in_front(self, title: str) -> bool:
        """Whether a panel is seen: its side is open, and it is the first of its tabs."""
        return self.draws(title) and docks.is_in_front(title)

    def strip_em(self, side: Side) -> float:
        """Return the width of the strip at that edge of the window in em, 0 where it has none."""
        if self.learning or not self.panels_of(side):
            return 0.0
        return STRIP if self._sizes[side] == 0 or self._keeps_strip(side) else 0.0

    # -- how it is shared out -----------------------------------------------------------------

    def _look(self) -> None:
        """Note where the panels are that were drawn in the last frame."""
        for title in self._open:
            window = imgui.internal.find_window_by_name(title)
            if window is None or not window.was_active:
                continue
            node = docks.node_of(title)
            side = docks.side_of(node)
            # While sides open and collapse, places of two frames are mixed: only what stays counts.
            same = self.learning or side == self._sides.get(title, side)
            self._doubts[title] = 0 if same else self._doubts.get(title, 0) + 1
            if self._doubts[title] in (0, CERTAIN):
                self._sides[title] = side
                self._leaves[title] = 0 if node is None else node.id_
                if node is not None and side not in self._tabs:
                    self._places[title] = (node.pos.y, node.pos.x)
            if node is not None:
                docks.keep_tab_in_sight(node)

    def _share(self, sides: tuple[Side, ...], room: float, limits: Limits) -> None:
        """Share `room` em among these sides and the picture."""
        sides = tuple(side for side in sides if self.panels_of(side))
        axis = 1 if sides == ("bottom",) else 0
        whole = {side: self._whole(side) for side in sides}
        em = imgui.get_font_size()
        for node in (node for nodes in whole.values() for node in nodes):
            now = (node.size_ref.x, node.size_ref.y)[axis]
            dragged = abs(now - self._given.get(node.id_, now)) > 1 and imgui.is_mouse_down(0)
            if dragged or node.id_ not in self._wishes:
                self._wishes[node.id_] = max(now / em, LEAST_WISH)
        wishes = {
            side: Wish(
                sum(self._wishes[node.id_] for node in nodes),
                open=side not in self._settings.now.collapsed,
                forced=side in self._forced,
                strip=self._keeps_strip(side),
            )
            for side, nodes in whole.items()
        }
        unforced = fit(room, [replace(wish, forced=False) for wish in wishes.values()], limits)
        self._tight -= set(sides)
        self._tight |= {side for side, size in zip(sides, unforced, strict=True) if not size}
        for side, size in zip(sides, fit(room, list(wishes.values()), limits), strict=True):
            self._sizes[side] = size
            for node in whole[side] if size else ():
                share = self._wishes[node.id_] / wishes[side].size
                self._given[node.id_] = round(share * size * em)
                docks.resize(node, axis, self._given[node.id_])

    def _keeps_strip(self, side: Side) -> bool:
        """Whether a column has its strip while it is open, too: to choose in it, or to close it."""
        return side in self._tabs or (side != "bottom" and side in self._tight & self._forced)

    def _whole(self, side: Side) -> list[imgui.internal.DockNode]:
        """The outermost nodes of a side: one, unless the user docked others beside it."""
        nodes = (docks.node_of(panel.title) for panel in self.panels_of(side))
        whole = (docks.whole_side(node) for node in nodes if node is not None)
        return list({node.id_: node for node in whole}.values())

    def _stack(self, height: float) -> None:
        """Show the panels of a column one at a time where there is no height for all of them."""
        for side in ("left", "right"):
            leaves = {self._leaves[panel.title] for panel in self.panels_of(side)}
            if len(leaves) > 1 and height / len(leaves) < LEAST_STACKED:
                self._tabs.add(side)
            else:
                self._tabs.discard(side)

    def _is_shown(self, title: str) -> bool:
        side = self._sides.get(title)
        if side is None:
            return True
        if side in self._tabs and self._leaves[title] != self._leaves[self._chosen(side)]:
            return False
        return self._sizes[side] > 0

    def _chosen(self, side: Side) -> str:
        """The panel that shows in a column of one at a time: until one is chosen the tallest."""
        titles = [panel.title for panel in self.panels_of(side)]
        if self._front.get(side) not in titles:
            nodes = {title: docks.node_of(title) for title in titles}
            heights = {title: node.size_ref.y for title, node in nodes.items() if node is not None}
            self._front[side] = max(titles, key=lambda title: heights.get(title, 0.0))
        return self._front[side]

    # -- what the user asks -------------------------------------------------------------------

    def is_open(self, side: Side) -> bool:
        """Whether a side is not collapsed."""
        return self._sizes[side] > 0

    def toggle(self, side: Side) -> None:
        """Collapse a side, or open it, whatever room there is."""
        if self.is_open(side):
            self._forced.discard(side)
            self._remember(side, open_=False)
        else:
            self._force(side)

    def press(self, title: str) -> None:
        """Bring a panel to the front, as its button in a strip does; again collapses its side."""
        side = self._sides.get(title)
        if side is not None and self.in_front(title):
            self.toggle(side)
        else:
            self.focus(title)

    def reveal(self, title: str) -> None:
        """Open the side of a panel, so that it can come to the front."""
        side = self._sides.get(title)
        if self.learning:
            self._wanted.append(title)
        elif side is not None:
            self._front[side] = title
            self._force(side)

    def _force(self, side: Side) -> None:
        # Where both columns lack the room, the one that was opened last has it.
        self._forced -= {"left", "right"} if side != "bottom" else {side}
        self._forced.add(side)
        self._remember(side, open_=True)
        self._sizes[side] = self._sizes[side] or 1.0

    def _remember(self, side: Side, *, open_: bool) -> None:
        collapsed = set(self._settings.now.collapsed) - {side}
        if not open_:
            collapsed.add(side)
        if collapsed != set(self._settings.now.collapsed):
            self._settings.change(collapsed=tuple(s for s in SIDES if s in collapsed))
