"""The rows of the panel *Latent* that move the latent: buttons, and how Play and dragging move."""

from __future__ import annotations

from imgui_bundle import icons_fontawesome_6 as fa
from imgui_bundle import imgui
from msgspec import structs

from renderer.messages.request import Arc, Average, Plane, SavedW, Source
from viz.session.changes import motion
from viz.session.session import Motion
from viz.ui import seeds, sliders, widgets
from viz.ui.widgets import em


def draw_buttons(source: Source, moves: Motion) -> tuple[Source, Motion]:
    """Draw Play, Snap, Random and Reset; return the source and how it moves afterwards."""
    gap = em(0.3)
    width = (imgui.get_content_region_avail().x - 3 * gap) / 4
    room = width - 2 * imgui.get_style().frame_padding.x
    titled = room >= imgui.calc_text_size(f"{fa.ICON_FA_DICE} Random").x  # the longest
    saved = isinstance(source, SavedW | Average | Arc)
    icon, text = (fa.ICON_FA_PAUSE, "Pause") if moves.animate else (fa.ICON_FA_PLAY, "Play")
    if widgets.button(
        f"{icon} {text if titled else ''}###play",
        width=width,
        enabled=not saved,
        tip="Drift over the plane by itself, at the speed and heading below.",
    ):
        moves = structs.replace(moves, animate=not moves.animate)
    imgui.same_line(0, gap)
    between = isinstance(source, Plane) and motion.snapped(source) != source
    if widgets.button(
        f"{fa.ICON_FA_MAGNET} {'Snap' if titled else ''}###snap",
        width=width,
        enabled=between,
        tip="Go to the nearest seed now.",
    ):
        assert isinstance(source, Plane)
        source = motion.snapped(source)
    imgui.same_line(0, gap)
    if widgets.button(
        f"{fa.ICON_FA_DICE} {'Random' if titled else ''}###random",
        width=width,
        tip="Go to a seed drawn at random.",
    ):
        source = motion.at_seed(source, seeds.random_seed())
    imgui.same_line(0, gap)
    if widgets.button(
        f"{fa.ICON_FA_ARROW_ROTATE_LEFT} {'Reset' if titled else ''}###reset",
        width=width,
        tip="Back to seed 0 on the plane, with the grid step of 100.",
    ):
        source, moves = Plane(), structs.replace(moves, animate=False)
    return source, moves


def draw_motion(moves: Motion) -> Motion:
    """Draw how Play and dragging move; return it as it was edited."""
    gap = em(0.3)
    widgets.label("Drift", "How Play moves: how fast, and where to.")
    width = (imgui.get_content_region_avail().x - gap) / 2
    speed = _half(
        "Speed",
        moves.speed,
        (0.01, 4.0),
        "%.2f seeds/s",
        width,
        0.25,
        "How fast Play drifts: 1 passes a seed every second.",
        "motion/speed",
        logarithmic=True,
    )
    imgui.same_line(0, gap)
    heading = _half(
        "Heading",
        moves.heading,
        (-180.0, 180.0),
        "%.0f°",
        width,
        0.0,
        "Where Play drifts to: 0° is right on the map (x grows), 90° is down (y grows).",
        "motion/heading",
    )
    widgets.label("Dragging", "How dragging on the picture moves through the plane.")
    drag_speed = _half(
        "Drag speed",
        moves.drag_speed,
        (0.1, 20.0),
        "%.1f seeds",
        width,
        2.0,
        "How far a drag across the whole picture moves. Shift while dragging is ten times slower.",
        "motion/drag-speed",
        logarithmic=True,
    )
    imgui.same_line(0, gap)
    room = imgui.get_content_region_avail().x - imgui.get_frame_height()
    room -= imgui.get_style().item_inner_spacing.x
    fits = imgui.calc_text_size("Snap to seeds").x <= room
    snap = widgets.checkbox(
        f"{'Snap to seeds' if fits else 'Snap'}###Snap to seeds",
        moves.snap,
        default=False,
        tip="Dragging, on the picture and on the map, stops only at whole seeds.",
        control="motion/snap",
    )
    return structs.replace(moves, speed=speed, heading=heading, drag_speed=drag_speed, snap=snap)


def _half(
    name: str,
    value: float,
    bounds: tuple[float, float],
    fmt: str,
    width: float,
    default: float,
    tip: str,
    control: str,
    *,
    logarithmic: bool = False,
) -> float:
    """Draw a slider without a label of its own in half a row; return its value.

    bounds: the lowest and the highest value.
    fmt: how the value is written, in the manner of printf.
    width: in pixels.
    default: what a right-click returns to.
    control: the address at which OSC and MIDI move it.
    logarithmic: equal distances on the slider are equal ratios.
    """
    flags = imgui.SliderFlags_.logarithmic if logarithmic else imgui.SliderFlags_.none
    imgui.set_next_item_width(width)
    value = sliders.slider_float(f"##{name}", value, *bounds, fmt, int(flags))
    return widgets.finish(value, default, tip, control)
