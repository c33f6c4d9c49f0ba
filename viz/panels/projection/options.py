"""How a picture is looked for."""

from __future__ import annotations

from pathlib import Path

from msgspec import structs

from common.projection import ProjectionSettings, Space
from renderer.messages.projection import ProjectionSpec
from viz.desk.context import Context
from viz.ui import widgets

SPACES: tuple[tuple[Space, str, str], ...] = (
    ("w", "W", "One row for all layers: less exact, and edits like any seed of the network."),
    ("w+", "W+", "A row for each layer: far more exact."),
)
STARTS: tuple[tuple[str, str], ...] = (
    ("best", "the best of many seeds"),
    ("average", "the average, w_avg"),
    ("given", "the latent on the screen"),
)
DISTANCES: tuple[tuple[str, str], ...] = (
    ("lite", "features of EfficientNet-Lite0"),
    ("discriminator", "features of the network's own D"),
    ("pixels", "pixels at several sizes"),
)
STEPS = (50, 1000)
"""The range of the slider for steps."""


def draw(context: Context) -> None:
    """Draw the options; they are remembered for the next picture."""
    now = context.settings.projection
    space = widgets.segmented("Space", now.space, SPACES, default="w+")
    steps = widgets.slider_int(
        "Steps",
        now.steps,
        *STEPS,
        default=ProjectionSettings().steps,
        tip="How long it is looked for. More is more exact, with less and less gain.",
    )
    start = widgets.choice(
        "Begin with", now.start, STARTS, default="best", tip="Where the search begins."
    )
    distance = widgets.choice(
        "Compare by",
        now.distance,
        DISTANCES,
        default=ProjectionSettings().distance,
        tip="What makes two pictures alike.",
    )
    noise = widgets.checkbox(
        "Optimise the noise too",
        now.noise,
        default=ProjectionSettings().noise,
        tip="Finer details are found, which no longer move with the latent.",
    )
    tune = widgets.slider_int(
        "Tune",
        now.tune,
        0,
        500,
        default=0,
        fmt="%d steps" if now.tune else "no",
        tip="Afterwards change the weights of the network around the latent, until it draws "
        "exactly this picture (pivotal tuning). The tuned network is a snapshot of its own.",
    )
    changed = structs.replace(
        now, space=space, start=start, distance=distance, noise=noise, steps=steps, tune=tune
    )
    if changed != now:
        context.actions.change_settings(projection=changed)


def words(spec: ProjectionSpec) -> str:
    """Say in words how a picture is, or was, looked for."""
    settings = spec.settings
    start = dict(STARTS).get(settings.start, settings.start)
    distance = dict(DISTANCES).get(settings.distance, settings.distance)
    noise = " with its noise" if settings.noise else ""
    tuned = f"; then {settings.tune} steps of tuning" if settings.tune else ""
    return (
        f"{settings.steps} steps in {settings.space.upper()}{noise} of {Path(spec.snapshot).name}, "
        f"beginning with {start}, compared by {distance}{tuned}."
    )
