"""What the user could want back. A `Session` is frozen: panels take one and return another.

Each `…Changes` has the fields of the class before it, for those who replace some of them; a test
holds the two together.
"""

from __future__ import annotations

from typing import Literal, TypeAlias, TypedDict, Unpack, get_args

import msgspec
from msgspec import Struct, structs

from common.dragging import DragPoint, DragStep
from renderer.messages.bending import Bend
from renderer.messages.journey import Journey
from renderer.messages.request import (
    AugmentView,
    ChannelEdit,
    ClassLabel,
    Direction,
    LayerView,
    MixSource,
    Noise,
    RenderRequest,
    SavedW,
    Source,
    StyleShift,
    Target,
    Transform,
    Truncation,
)
from viz.session.assignment import Assignment

VERSION = 1
"""The version of the format of sessions."""


class RenderChanges(TypedDict, total=False):
    """Fields of `RenderRequest` with their new values."""

    snapshot: str
    source: Source
    label: ClassLabel | None
    truncation: Truncation
    mix: tuple[MixSource, ...]
    noise: Noise
    edits: tuple[ChannelEdit, ...]
    view: LayerView | None
    augment: AugmentView | None
    target: Target | None
    transform: Transform
    bends: tuple[Bend, ...]
    directions: tuple[Direction, ...]
    styles: tuple[StyleShift, ...]


class AugmentChanges(TypedDict, total=False):
    """Fields of `AugmentView` with their new values."""

    p: float | None
    seed: int
    draws: int


class View(Struct, frozen=True):
    """How the picture lies in its panel.

    fit: all of it is shown, as large as there is room.
    zoom: screen pixels per picture pixel, where it is not fitted.
    center: the point of the picture, 0…1 in x and y, in the middle of the panel.
    smooth: enlarged pixels are blended instead of being squares.
    """

    fit: bool = True
    zoom: float = 1.0
    center: tuple[float, float] = (0.5, 0.5)
    smooth: bool = False


class ViewChanges(TypedDict, total=False):
    """Fields of `View` with their new values."""

    fit: bool
    zoom: float
    center: tuple[float, float]
    smooth: bool


Redraw: TypeAlias = Literal["fixed", "change", "animate"]
"""When random noise is drawn anew: never, with every other picture, or all the time."""


class Motion(Struct, frozen=True):
    """How the latent moves: by dragging on the picture, and by itself.

    drag_speed: plane units for a drag across the whole picture.
    snap: dragging stops only at whole seeds.
    animate: the latent moves by itself.
    speed: plane units per second while it does.
    heading: where it moves to, in degrees: 0 is +x, 90 is +y.
    redraw: when random noise is drawn anew.
    redraw_rate: how often per second, where it is drawn all the time.
    """

    drag_speed: float = 2.0
    snap: bool = False
    animate: bool = False
    speed: float = 0.25
    heading: float = 0.0
    redraw: Redraw = "fixed"
    redraw_rate: float = 12.0


class MotionChanges(TypedDict, total=False):
    """Fields of `Motion` with their new values."""

    drag_speed: float
    snap: bool
    animate: bool
    speed: float
    heading: float
    redraw: Redraw
    redraw_rate: float


Part: TypeAlias = Literal["latent", "truncation", "mixing", "noise", "edits", "view"]
"""What a compared picture shares with the session's own, or has for itself."""
PARTS: tuple[Part, ...] = get_args(Part)
"""All parts, in the order of menus."""

Layout: TypeAlias = Literal["grid", "wipe", "flicker", "difference"]
"""How compared pictures are shown: side by side, as two sides of an edge, one after the other, or
as maps of what differs."""


class Pane(Struct, frozen=True):
    """A picture beside the session's own.

    id: a number that tells it from the others while it is there.
    render: its own request, of which the linked parts are overruled by the session's.
    linked: the parts that it shares with the session's picture.
    name: its label, empty for that of its network.
    """

    id: int
    render: RenderRequest
    linked: tuple[Part, ...] = PARTS
    name: str = ""


class Compare(Struct, frozen=True):
    """Several pictures at once: the session's own, which is number 0, and those of `panes`.

    on: all of them are shown, and not number 0 alone.
    panes: the others, numbered from 1.
    name: the label of number 0, empty for that of its network.
    layout: how they are shown.
    reference: the number of one side of a wipe, and of what differences are taken from.
    other: the number of the other side.
    split: where the edge of a wipe is, 0…1 of the picture, from the left or from the top.
    upright: the edge runs from top to bottom, and parts left from right.
    blink: flicker goes on by itself.
    blinked: the number that flicker shows while it does not.
    rate: pictures per second while it does.
    gain: what differences are multiplied by.
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


class CompareChanges(TypedDict, total=False):
    """Fields of `Compare` with their new values."""

    on: bool
    panes: tuple[Pane, ...]
    name: str
    layout: Layout
    reference: int
    other: int
    split: float
    upright: bool
    blink: bool
    blinked: int
    rate: float
    gain: float


class Beginning(Struct, frozen=True):
    """What a drag of points began with.

    render: the request of its picture.
    points, mask: as in `Drag`.
    w: the latent that it has come to; None in files of before this was kept: any.
    step: what its last step has come to, None where that was not kept.
    """

    render: RenderRequest
    points: tuple[DragPoint, ...] = ()
    mask: bytes = b""
    w: SavedW | None = None
    step: DragStep | None = None


class Drag(Struct, frozen=True):
    """Points of the picture that are to be dragged, and the part of it that may move.

    points: what goes where, in pixels of the network's picture.
    mask: the part that may move (`renderer.messages.drag_job.packed`); empty for all of it.
    begun: what the last drag that has ended began with; None before the first. It counts where
        the picture is what that drag has come to (`viz.session.changes.dragging.beginning`).
    """

    points: tuple[DragPoint, ...] = ()
    mask: bytes = b""
    begun: Beginning | None = None


class DragChanges(TypedDict, total=False):
    """Fields of `Drag` with their new values."""

    points: tuple[DragPoint, ...]
    mask: bytes
    begun: Beginning | None


class Session(Struct, frozen=True):
    """Everything a picture on the screen came from.

    render: the request of the picture.
    view: how it lies in its panel.
    motion: how its latent and its noise move.
    compare: which pictures are shown beside it.
    augment: how the discriminator is asked.
    version: of the format that it was written in.
    drag: which points are to be dragged.
    assignments: which knobs and messages from outside move what.
    journey: the pictures that are passed over time.
    moment: where its playhead is, in seconds.
    stars: the seeds that the user gave a star.
    """

    render: RenderRequest = msgspec.field(default_factory=RenderRequest)
    view: View = msgspec.field(default_factory=View)
    motion: Motion = msgspec.field(default_factory=Motion)
    compare: Compare = msgspec.field(default_factory=Compare)
    augment: AugmentView = msgspec.field(default_factory=AugmentView)
    version: int = VERSION
    drag: Drag = msgspec.field(default_factory=Drag)
    assignments: tuple[Assignment, ...] = ()
    journey: Journey = msgspec.field(default_factory=Journey)
    moment: float = 0.0
    stars: tuple[int, ...] = ()

    def with_render(self, **changes: Unpack[RenderChanges]) -> Session:
        """Return the session with fields of its request replaced."""
        return structs.replace(self, render=structs.replace(self.render, **changes))

    def with_view(self, **changes: Unpack[ViewChanges]) -> Session:
        """Return the session with fields of its view replaced."""
        return structs.replace(self, view=structs.replace(self.view, **changes))

    def with_motion(self, **changes: Unpack[MotionChanges]) -> Session:
        """Return the session with fields of its motion replaced."""
        return structs.replace(self, motion=structs.replace(self.motion, **changes))

    def with_compare(self, **changes: Unpack[CompareChanges]) -> Session:
        """Return the session with fields of its comparison replaced."""
        return structs.replace(self, compare=structs.replace(self.compare, **changes))

    def with_augment(self, **changes: Unpack[AugmentChanges]) -> Session:
        """Return the session with fields of what the discriminator is asked replaced."""
        return structs.replace(self, augment=structs.replace(self.augment, **changes))

    def with_drag(self, **changes: Unpack[DragChanges]) -> Session:
        """Return the session with fields of what is to be dragged replaced."""
        return structs.replace(self, drag=structs.replace(self.drag, **changes))
