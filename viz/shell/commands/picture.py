"""The commands of the menu Picture: going to other seeds, and how the picture is shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePath

from msgspec import structs

from renderer.messages.request import SavedW, Source
from viz.desk.commands import Command, Desk
from viz.picture.viewport import Viewport
from viz.session.changes import motion
from viz.ui.seeds import random_seed
from viz.ui.widgets import em

ELSEWHERE = "Choose Plane in Latent to move from seed to seed."
"""What is said where a latent lies outside the plane of seeds."""


def _step(dx: float, dy: float = 0) -> Callable[[Desk], None]:
    """Go to a neighbouring seed, or by less than 1 a little on in the plane."""

    def run(desk: Desk) -> None:
        source = desk.cell.now.render.source
        latents = desk.context.latents_in(source) if isinstance(source, SavedW) else None
        moved = motion.step_source(source, dx, dy, latents)
        if moved != source:
            desk.cell.set(desk.cell.now.with_render(source=moved))
        else:
            desk.actions.notify(f"{_stays(source, latents, dx)} {ELSEWHERE}")

    return run


def _stays(source: Source, latents: int | None, dx: float) -> str:
    """Say why a step by the keyboard led nowhere.

    latents: how many the file of a saved w holds, None where that is not known.
    dx: the step to the right.
    """
    if not isinstance(source, SavedW):
        return "An average has no neighbours."
    name = PurePath(source.path).name
    if latents is None:
        return f"It is not known yet which latents {name} holds."
    if latents == 1:
        return f"{name} holds one latent, which has no neighbours."
    if abs(dx) < 1:
        return f"{name} holds {latents} latents: the left and right keys go through them."
    return f"This is the {'last' if dx > 0 else 'first'} of the {latents} latents in {name}."


def _randomise(desk: Desk) -> None:
    source = motion.at_seed(desk.cell.now.render.source, random_seed())
    desk.cell.set(desk.cell.now.with_render(source=source))


def _animate(desk: Desk) -> None:
    desk.cell.set(desk.cell.now.with_motion(animate=not desk.cell.now.motion.animate))


def _zoom(steps: float) -> Callable[[Desk], None]:
    """Zoom about the middle of the picture by as much as that many notches of the wheel do."""

    def run(desk: Desk) -> None:
        frame, session = desk.context.frame, desk.cell.now
        if frame is None:
            return
        area = desk.context.place.area
        view = Viewport(session.view, frame.width, frame.height, area, em(0.5))
        changed = view.stepped(steps, area[0] / 2, area[1] / 2)
        desk.cell.set(structs.replace(session, view=changed))

    return run


COMMANDS: tuple[Command, ...] = (
    Command(
        "latent.next",
        "Next seed",
        "Picture",
        _step(1),
        ("Right",),
        repeats=True,
    ),
    Command(
        "latent.previous",
        "Previous seed",
        "Picture",
        _step(-1),
        ("Left",),
        repeats=True,
    ),
    Command("latent.down", "Next row of seeds", "Picture", _step(0, 1), ("Down",), repeats=True),
    Command("latent.up", "Previous row of seeds", "Picture", _step(0, -1), ("Up",), repeats=True),
    *(
        Command(
            f"latent.nudge_{name.lower()}",
            f"Nudge {name.lower()}",
            "",
            _step(dx / 10, dy / 10),
            (f"Shift+{name}",),
            "A tenth of the way to the next seed.",
            repeats=True,
        )
        for name, dx, dy in (("Left", -1, 0), ("Right", 1, 0), ("Up", 0, -1), ("Down", 0, 1))
    ),
    Command("latent.random", "Random seed", "Picture", _randomise, ("R",)),
    Command(
        "latent.animate",
        "Animate",
        "Picture",
        _animate,
        ("Space",),
        checked=lambda desk: desk.cell.now.motion.animate,
    ),
    Command(
        "picture.fit",
        "Fit to panel",
        "Picture",
        lambda desk: desk.cell.set(desk.cell.now.with_view(fit=True, center=(0.5, 0.5))),
        ("F",),
        checked=lambda desk: desk.cell.now.view.fit,
        new_group=True,
    ),
    Command(
        "picture.actual",
        "Actual size",
        "Picture",
        lambda desk: desk.cell.set(desk.cell.now.with_view(fit=False, zoom=1.0)),
        ("1",),
    ),
    Command(
        "picture.zoom_in",
        "Zoom in",
        "Picture",
        _zoom(2),
        ("Plus", "Shift+Plus", "KeypadPlus"),
        repeats=True,
    ),
    Command(
        "picture.zoom_out",
        "Zoom out",
        "Picture",
        _zoom(-2),
        ("Minus", "KeypadMinus"),
        repeats=True,
    ),
    Command(
        "picture.smooth",
        "Smooth pixels",
        "Picture",
        lambda desk: desk.cell.set(desk.cell.now.with_view(smooth=not desk.cell.now.view.smooth)),
        ("S",),
        checked=lambda desk: desk.cell.now.view.smooth,
    ),
)
