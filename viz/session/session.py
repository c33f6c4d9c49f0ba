"""What the user could want back. A `Session` is frozen: panels take one and return another."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

import msgspec
from msgspec import Struct, structs

from renderer.messages.request import AugmentView, RenderRequest

VERSION = 1


class View(Struct, frozen=True):
    """How the picture lies in its panel. zoom: screen pixels per picture pixel when not `fit`.

    center: the picture point (0…1 in x and y) in the middle of the panel.
    """

    fit: bool = True
    zoom: float = 1.0
    center: tuple[float, float] = (0.5, 0.5)
    smooth: bool = False


class Motion(Struct, frozen=True):
    """How the latent moves: by dragging on the picture, and by itself.

    drag_speed: plane units per picture width. speed: plane units per second, heading: degrees.
    noise `redraw` draws new random noise: never (seeded), with every picture, or continuously,
    `redraw_rate` times per second.
    """

    drag_speed: float = 2.0
    snap: bool = False
    animate: bool = False
    speed: float = 0.25
    heading: float = 0.0
    redraw: Literal["fixed", "change", "animate"] = "fixed"
    redraw_rate: float = 12.0


Part: TypeAlias = Literal["latent", "truncation", "mixing", "noise", "edits", "view"]
"""What a compared picture shares with the session's own, or has for itself."""
PARTS: tuple[Part, ...] = get_args(Part)

Layout: TypeAlias = Literal["grid", "wipe", "flicker", "difference"]


class Pane(Struct, frozen=True):
    """A picture beside the session's own.

    id: tells it from the others while it is there. render: its own request, of which the parts in
    `linked` are overruled by the session's. name: its label, empty = after its network.
    """

    id: int
    render: RenderRequest
    linked: tuple[Part, ...] = PARTS
    name: str = ""


class Compare(Struct, frozen=True):
    """Several pictures at once: the session's own, which is number 0, and those of `panes`.

    name: label of number 0. reference, other: numbers of the two sides of a wipe; differences are
    taken from `reference`. split: the wipe's edge, 0…1 of the picture, from the left where it is
    `upright` and from the top otherwise. rate: pictures per second while they `blink` by
    themselves; number `blinked` is shown while they do not. gain: of differences.
    """

    on: bool = False
    panes: tuple[Pane, ...] = ()
    name: str = ""
    layout: Layout = "grid"
    reference: int = 0
    other: int = 1
    split: float = 0.5
    upright: bool = True
    blink: bool = True
    blinked: int = 0
    rate: float = 2.0
    gain: float = 1.0


class Session(Struct, frozen=True):
    """Everything a picture on the screen came from. augment: how the discriminator is asked."""

    render: RenderRequest = msgspec.field(default_factory=RenderRequest)
    view: View = msgspec.field(default_factory=View)
    motion: Motion = msgspec.field(default_factory=Motion)
    compare: Compare = msgspec.field(default_factory=Compare)
    augment: AugmentView = msgspec.field(default_factory=AugmentView)
    version: int = VERSION

    def with_render(self, **changes: object) -> Session:
        """The same session with fields of its request replaced."""
        return structs.replace(self, render=structs.replace(self.render, **changes))

    def with_view(self, **changes: object) -> Session:
        return structs.replace(self, view=structs.replace(self.view, **changes))

    def with_motion(self, **changes: object) -> Session:
        return structs.replace(self, motion=structs.replace(self.motion, **changes))

    def with_compare(self, **changes: object) -> Session:
        return structs.replace(self, compare=structs.replace(self.compare, **changes))

    def with_augment(self, **changes: object) -> Session:
        return structs.replace(self, augment=structs.replace(self.augment, **changes))
