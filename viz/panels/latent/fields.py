"""The rows of the panel *Latent* that say what the source is: a seed, a point or a stored w."""

from __future__ import annotations

from imgui_bundle import icons_fontawesome_6 as fa
from imgui_bundle import imgui
from msgspec import structs

from common import units
from renderer.messages.request import Plane, SavedW, Seed, Source
from viz.desk.context import Context
from viz.picture.found import draw_choice, fitting
from viz.session.changes import motion
from viz.session.ranges import STEP
from viz.ui import controlled, seeds, widgets
from viz.ui.widgets import em


def draw_saved(source: Source, context: Context) -> Source:
    """Draw rows for the file and the latent in it; return the source as it was edited.

    Without a file the source that was given is returned, so that the picture stays.
    """
    tip = "A .npz (key w), .npy or .pt of shape [w_dim], [N, w_dim] or [N, num_ws, w_dim]. Of "
    tip += "[N, w_dim] each row is a w of its own, also where N is num_ws."
    widgets.label("File", tip)
    side, gap = imgui.get_frame_height(), em(0.15)
    buttons = 2 if fitting(context) else 1
    imgui.set_next_item_width(-buttons * (side + gap))
    old = source.path if isinstance(source, SavedW) else ""
    path = widgets.path_field("File", old, ".npz, .npy or .pt", tip)
    imgui.same_line(0, gap)
    if widgets.button(f"{fa.ICON_FA_FOLDER_OPEN}###browse", width=side, tip="Choose a file."):
        context.actions.browse("w")
    if buttons == 2:
        imgui.same_line(0, gap)
        tip = "Choose what was found of a picture."
        if widgets.button(f"{fa.ICON_FA_CROSSHAIRS}###found", width=side, tip=tip):
            imgui.open_popup("##projections")
        if imgui.begin_popup("##projections"):
            if found := draw_choice(context, old):
                path = found
                imgui.close_current_popup()
            imgui.end_popup()
    if path and path != old:
        source = SavedW(path)
    if not isinstance(source, SavedW):
        widgets.hint("The picture stays as it is until a file is chosen.")
        if context.model is not None and context.model.w_is_z:
            widgets.hint("This network has no w: what was saved of it is z itself.")
        return source
    if source.data:
        widgets.hint("The picture carries this w, so the file need not be there.")
        return source
    latents = context.latents_in(source)
    tip = "Which latent, where the file holds several."
    if latents is not None:
        tip = f"Which of the file's {units.counted(latents, 'latent')}, from 0. The left and right "
        tip += "keys go through them."
    high = None if latents is None else latents - 1
    index = widgets.integer(
        "Index", source.index, low=0, high=high, default=0, tip=tip, control="latent/index"
    )
    return structs.replace(source, index=index)


def draw_seed(source: Source, step: int) -> Source:
    """Draw the row for the seed; return a source of the same kind at the seed that was typed.

    step: how many seeds one row down on the plane is.
    """
    seed = motion.to_seed(source) or 0
    typed = seeds.seed(
        "Seed",
        seed,
        default=0,
        large_step=step,
        shuffle=True,
        control="latent/seed",
        tip="z is drawn from numpy's RandomState(seed), as in NVIDIA's tools: a seed gives the "
        "same picture here and there. Type any number below 2³². On the plane this is the seed "
        "nearest to the point.",
    )
    if typed == seed:
        return source
    return (
        motion.to_plane(Seed(typed), step) or source if isinstance(source, Plane) else Seed(typed)
    )


def draw_point(source: Plane) -> Plane:
    """Draw the row for x, y and the step of the plane; return the point as it was edited."""
    widgets.label("Point", "Where on the plane: seed = x + step · y. Drag, or Ctrl+click to type.")
    gap = em(0.3)
    width = (imgui.get_content_region_avail().x - 2 * gap) / 3
    values: list[float] = []
    for name, value in (("x", source.x), ("y", source.y)):
        imgui.set_next_item_width(width)
        fmt = _fitting(name, value, width)
        # A value is no coarser for want of room to write it.
        flags = imgui.SliderFlags_.none if "%.3f" in fmt else imgui.SliderFlags_.no_round_to_format
        drag = imgui.drag_float(f"##{name}", value, widgets.drag_speed(0.01), 0, 0, fmt, flags)
        value = widgets.edited(value, drag)
        widgets.tooltip(f"{name}: drag (Shift: slower), Ctrl+click to type.")
        if controlled.offer(f"latent/{name}", resets=True):
            pass
        elif imgui.is_item_clicked(imgui.MouseButton_.right):
            value = 0.0
        values.append(value)
        imgui.same_line(0, gap)
    imgui.set_next_item_width(width)
    _, step = imgui.drag_int("##Grid step", source.step, widgets.drag_speed(0.5), *STEP, "step %d")
    widgets.tooltip(
        "Grid step: how many seeds one row down on the map is. Changing it keeps x and y, and "
        "brings other seeds above and below. Drag, or Ctrl+click to type."
    )
    if imgui.is_item_clicked(imgui.MouseButton_.right):
        step = motion.STEP
    step = STEP.nearest(step)
    return structs.replace(source, x=values[0], y=values[1], step=step)


def _fitting(name: str, value: float, width: float) -> str:
    """Return how a coordinate is written in a field of so many pixels, in the manner of printf."""
    room = width - 2 * imgui.get_style().frame_padding.x
    written = [(f"{name} ", digits) for digits in (3, 2, 1)] + [("", 1), ("", 0)]
    for start, digits in written:
        if imgui.calc_text_size(f"{start}{value:.{digits}f}").x <= room:
            return f"{start}%.{digits}f"
    return "%.0f"
