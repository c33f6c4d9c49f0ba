"""Noise: where the noise inputs come from, how strong they are, and when they are drawn anew."""

from __future__ import annotations

from typing import Literal, TypeAlias

from imgui_bundle import icons_fontawesome_6 as fa
from imgui_bundle import imgui
from msgspec import structs

from common.units import by
from renderer.messages.model import LayerInfo, ModelInfo
from renderer.messages.request import Noise, SavedW
from viz.desk.context import Context
from viz.desk.panel import Panel
from viz.session.changes import motion
from viz.session.parameters.synthesis import layer_strength, with_layer
from viz.session.session import Redraw, Session
from viz.ui import seeds, widgets

STRONGEST = 4.0
"""The highest strength that the sliders offer."""

Choice: TypeAlias = Literal["none", "const"] | Redraw
"""The modes of noise, with random noise by when it is drawn anew."""

MODES: tuple[tuple[Choice, str, str], ...] = (
    ("none", "None", "No noise at all: only what w decides. Textures turn smooth and painterly."),
    (
        "const",
        "Constant",
        "The noise maps stored in the network: fixed, the same for every picture. "
        "The usual choice for comparing pictures.",
    ),
    (
        "change",
        "Random",
        "New noise with every new picture. What flickers while you drag is what the network "
        "leaves to chance: hair, pores, foliage.",
    ),
    (
        "fixed",
        "Seeded",
        "Random noise from a seed of your choice: other than the stored noise, yet repeatable.",
    ),
    (
        "animate",
        "Animate",
        "New noise all the time, so that everything that depends on it shimmers.",
    ),
)
"""The modes that can be chosen, with the text of the button and its tooltip."""


def noise_mode(session: Session) -> Choice:
    """Return the mode of noise that is chosen in the session."""
    mode = session.render.noise.mode
    return session.motion.redraw if mode == "random" else mode


def with_mode(session: Session, mode: Choice) -> Session:
    """Return the session with another mode of noise."""
    noise = session.render.noise
    if mode == "none" or mode == "const":
        return session.with_render(noise=structs.replace(noise, mode=mode))
    session = session.with_motion(redraw=mode)
    return session.with_render(noise=structs.replace(noise, mode="random"))


def draw(session: Session, context: Context) -> Session:
    """Draw the panel; return the session with the noise as it was edited."""
    if context.model is not None and not context.model.has_noise:
        widgets.hint("This network has no noise inputs, so noise has no effect on it.")
        return session
    mode = noise_mode(session)
    chosen = widgets.segmented("Noise", mode, MODES, default="const", labelled=False)
    if chosen != mode:
        session = with_mode(session, chosen)
    mode = chosen
    _draw_origin(session, context, mode)
    session = _draw_seed(session, mode)
    noise = session.render.noise
    imgui.begin_disabled(mode == "none")
    strength = widgets.slider(
        "Strength",
        noise.strength,
        0.0,
        STRONGEST,
        default=1.0,
        fmt="× %.2f",
        tip="How strong all noise is, as a multiple of what the network has learnt. "
        "1 is as trained, 0 none; more than 1 shows where noise acts.",
        control="noise/strength",
    )
    if strength != noise.strength:
        noise = structs.replace(noise, strength=max(0.0, strength))
    if context.model is not None:
        noise = _draw_layers(noise, context.model)
    imgui.end_disabled()
    return session.with_render(noise=noise) if noise != session.render.noise else session


def _draw_origin(session: Session, context: Context, mode: Choice) -> None:
    """Say whether the noise is the network's own, where it comes with a saved latent."""
    if not isinstance(session.render.source, SavedW):
        return
    maps = context.frame.info.noise_maps if context.frame is not None else ()
    if maps:
        widgets.hint(f"From the projection: {len(maps)} layers have the noise saved with the w.")
    elif mode != "const":
        widgets.hint("Noise that was saved with the w, as by a projection, is drawn by Constant.")


def _draw_seed(session: Session, mode: str) -> Session:
    noise = session.render.noise
    if noise.mode != "random":
        return session
    if mode == "animate":
        rate = widgets.slider(
            "Rate",
            session.motion.redraw_rate,
            1.0,
            60.0,
            default=12.0,
            fmt="%.0f draws per second",
            tip="How often new noise is drawn. The picture follows as fast as it can be rendered.",
            control="motion/noise-rate",
        )
        if rate != session.motion.redraw_rate:
            session = session.with_motion(redraw_rate=min(max(rate, 0.1), 240.0))
    seed = seeds.seed(
        "Noise seed",
        noise.seed,
        default=0,
        tip="Equal seeds draw equal noise, on every machine and device.",
        control="noise/seed",
        shuffle=True,
    )
    if seed != noise.seed:
        session = session.with_render(noise=structs.replace(noise, seed=seed))
    widgets.label("")
    if widgets.button(
        f"{fa.ICON_FA_ROTATE}  Re-draw###Re-draw", width=-1, tip="New noise now (next seed)."
    ):
        session = motion.redraw(session)
    return session


def _draw_layers(noise: Noise, model: ModelInfo) -> Noise:
    layers = [layer for layer in model.layers if layer.noise]
    changed = sum(1 for layer in layers if layer_strength(noise, layer.name) != 1.0)
    title = f"Layers · {changed} changed" if changed else "Layers"
    if not imgui.collapsing_header(f"{title}###layers"):
        return noise
    enabled = changed > 0 or noise.strength != 1.0
    if widgets.button(
        f"{fa.ICON_FA_ARROW_ROTATE_LEFT}  Reset all###Reset all",
        width=-1,
        enabled=enabled,
        tip="The strengths as the network has learnt them, everywhere.",
    ):
        noise = structs.replace(noise, strength=1.0, layers=())
    for layer in layers:
        strength = widgets.slider(
            layer.name,
            layer_strength(noise, layer.name),
            0.0,
            STRONGEST,
            default=1.0,
            fmt="× %.2f",
            tip=_layer_tip(layer),
            control=f"noise/layer/{layer.name}",
        )
        if strength != layer_strength(noise, layer.name):
            noise = with_layer(noise, layer.name, max(0.0, strength))
    return noise


def _layer_tip(layer: LayerInfo) -> str:
    size = layer.resolution
    what = "coarse" if size <= 8 else "middle" if size <= 32 else "fine"
    return (
        f"Noise of {layer.name}: one value for each of its {by(layer.shape)} places, added to all "
        f"{layer.channels} channels; {what} variation. Right-click for 1, as learnt."
    )


PANEL = Panel("Noise", fa.ICON_FA_BRAILLE, "left_middle", 1, draw=draw)
