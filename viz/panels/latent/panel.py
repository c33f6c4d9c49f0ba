"""Latent: a seed, a point between seeds, or a stored w; the plane of seeds as a map."""

from __future__ import annotations

from imgui_bundle import icons_fontawesome_6 as fa
from imgui_bundle import imgui
from msgspec import structs

from renderer.messages.request import ClassLabel, Plane, SavedW, Seed, Source
from viz.desk.context import Context
from viz.desk.panel import Panel
from viz.panels.latent.plane_map import PlaneMap
from viz.session import motion
from viz.session.ranges import STEP
from viz.session.session import Motion, Session
from viz.ui import widgets
from viz.ui.widgets import em

KINDS = (
    ("seed", "Seed", "The picture of one seed, as the published tools make it."),
    (
        "plane",
        "Plane",
        "A point of the plane of seeds. Between whole numbers the four seeds around\n"
        "are blended in W, so that moving is smooth. Drag on the picture to move.",
    ),
    ("w", "Saved w", "A stored latent: a .npz or .npy file, e.g. of a projection."),
)


_map = PlaneMap()


class _Choosing:
    """A stored latent is wanted but no file is chosen: the picture stays until one is."""

    now = False


class _Grid:
    """The step of the plane that was left for a seed: coming back finds the same plane."""

    step = motion.STEP


def draw(session: Session, context: Context) -> Session:
    before = session.render.source
    if isinstance(before, Plane):
        _Grid.step = before.step
    step = _Grid.step
    source = _draw_kind(before)
    if isinstance(source, SavedW) or _Choosing.now:
        source = _draw_saved(source, context)
    else:
        source = _draw_seed(source, step)
    if isinstance(source, Plane) and not _Choosing.now:
        source = _draw_point(source)
    conditional = context.model is not None and context.model.c_dim > 0
    rows = 3 + (_class_rows(session.render.label) if conditional else 0)
    free = imgui.get_content_region_avail().y - rows * imgui.get_frame_height_with_spacing()
    size = (imgui.get_content_region_avail().x, min(max(free - em(0.4), em(9)), em(20)))
    spot = motion.to_plane(source, step)
    goal = _map.draw(spot, step, session.render.mix, session.motion, size, context.dt)
    source = goal if goal is not None and goal != spot else source
    source, moves = _draw_buttons(source, session.motion)
    moves = _draw_motion(moves)
    if source != before:
        _Choosing.now = False
        session = session.with_render(source=source)
    if moves != session.motion:
        session = structs.replace(session, motion=moves)
    if conditional and context.model is not None:
        session = _draw_class(session, context.model.c_dim)
    return session


def _draw_kind(source: Source) -> Source:
    kind = "w" if _Choosing.now else {Seed: "seed", Plane: "plane", SavedW: "w"}[type(source)]
    chosen = widgets.segmented("Source", kind, KINDS, default="plane")
    if chosen == kind:
        return source
    _Choosing.now = chosen == "w"
    if chosen == "w":
        return source
    return _converted(source, chosen)


def _converted(source: Source, kind: str) -> Source:
    """The same picture as a seed or as a point, where it has one."""
    if kind == "seed":
        return Seed(motion.to_seed(source) or 0)
    return motion.to_plane(source, _Grid.step) or Plane(step=_Grid.step)


def _draw_saved(source: Source, context: Context) -> Source:
    """Rows for the file and the latent in it."""
    tip = "A .npz (key w) or .npy of shape [w_dim], [N, w_dim] or [N, num_ws, w_dim]."
    widgets.label("File", tip)
    side = imgui.get_frame_height()
    imgui.set_next_item_width(-side - em(0.15))
    old = source.path if isinstance(source, SavedW) else ""
    path = widgets.path_field("File", old, ".npz or .npy", tip)
    imgui.same_line(0, em(0.15))
    if widgets.button(f"{fa.ICON_FA_FOLDER_OPEN}###browse", width=side, tip="Choose a file."):
        context.actions.browse("w")
    if path and path != old:
        source = SavedW(path)
    if not isinstance(source, SavedW):
        widgets.hint("The picture stays as it is until a file is chosen.")
        return source
    index = widgets.integer(
        "Index", source.index, low=0, default=0, tip="Which latent, where the file holds several."
    )
    return structs.replace(source, index=index)


def _draw_seed(source: Source, step: int) -> Source:
    seed = motion.to_seed(source) or 0
    typed = widgets.seed(
        "Seed",
        seed,
        default=0,
        large_step=step,
        shuffle=True,
        tip="z is drawn from numpy's RandomState(seed), as in NVIDIA's tools: a seed gives the\n"
        "same picture here and there. Type any number below 2³². On the plane this is the seed\n"
        "nearest to the point.",
    )
    if typed == seed:
        return source
    return (
        motion.to_plane(Seed(typed), step) or source if isinstance(source, Plane) else Seed(typed)
    )


def _draw_point(source: Plane) -> Plane:
    widgets.label("Point", "Where on the plane: seed = x + step · y. Drag, or Ctrl+click to type.")
    gap = em(0.3)
    width = (imgui.get_content_region_avail().x - 2 * gap) / 3
    values: list[float] = []
    for name, value in (("x", source.x), ("y", source.y)):
        imgui.set_next_item_width(width)
        drag = imgui.drag_float(f"##{name}", value, 0.01, 0, 0, f"{name} %.3f")
        value = widgets.edited(value, drag)
        widgets.tooltip(f"{name}: drag (Shift: faster, Alt: slower), Ctrl+click to type.")
        if imgui.is_item_clicked(imgui.MouseButton_.right):
            value = 0.0
        values.append(value)
        imgui.same_line(0, gap)
    imgui.set_next_item_width(width)
    _, step = imgui.drag_int("##Grid step", source.step, 0.5, *STEP, "step %d")
    widgets.tooltip(
        "Grid step: how many seeds one row down on the map is. Changing it keeps x and y, and "
        "brings other seeds above and below. Drag, or Ctrl+click to type."
    )
    if imgui.is_item_clicked(imgui.MouseButton_.right):
        step = motion.STEP
    step = STEP.nearest(step)
    return structs.replace(source, x=values[0], y=values[1], step=step)


def _draw_buttons(source: Source, moves: Motion) -> tuple[Source, Motion]:
    gap = em(0.3)
    width = (imgui.get_content_region_avail().x - 3 * gap) / 4
    room = width - 2 * imgui.get_style().frame_padding.x
    titled = room >= imgui.calc_text_size(f"{fa.ICON_FA_DICE} Random").x  # the longest
    saved = isinstance(source, SavedW)
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
        source = motion.at_seed(source, widgets.random_seed())
    imgui.same_line(0, gap)
    if widgets.button(
        f"{fa.ICON_FA_ARROW_ROTATE_LEFT} {'Reset' if titled else ''}###reset",
        width=width,
        tip="Back to seed 0 on the plane, with the grid step of 100.",
    ):
        source, moves = Plane(), structs.replace(moves, animate=False)
    return source, moves


def _draw_motion(moves: Motion) -> Motion:
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
        logarithmic=True,
    )
    imgui.same_line(0, gap)
    snap = widgets.checkbox(
        "Snap to seeds",
        moves.snap,
        default=False,
        tip="Dragging, on the picture and on the map, stops only at whole seeds.",
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
    *,
    logarithmic: bool = False,
) -> float:
    """A slider without a label of its own, in half a row."""
    flags = imgui.SliderFlags_.logarithmic if logarithmic else imgui.SliderFlags_.none
    imgui.set_next_item_width(width)
    value = widgets.edited(value, imgui.slider_float(f"##{name}", value, *bounds, fmt, flags))
    widgets.tooltip(tip)
    return default if imgui.is_item_clicked(imgui.MouseButton_.right) else value


def _class_rows(label: ClassLabel | None) -> int:
    return 4 if label is not None and label.second is not None else 2


def _draw_class(session: Session, classes: int) -> Session:
    before = session.render.label or ClassLabel()
    first = widgets.integer(
        "Class",
        before.first,
        low=0,
        high=classes - 1,
        default=0,
        tip=f"This network is conditional: it was trained on {classes} classes, from 0 on.",
    )
    widgets.label("")
    blended = widgets.checkbox(
        "Blend with another class",
        before.second is not None,
        default=False,
        tip="The same z is mapped with both classes, and the two w are blended.",
    )
    second, t = before.second, before.t
    if not blended:
        second, t = None, 0.0
    elif second is None:
        second, t = (first + 1) % classes, 0.5
    if second is not None:
        second = widgets.integer("Second", second, low=0, high=classes - 1, tip="The other class.")
        t = widgets.slider(
            "Blend",
            t,
            0.0,
            1.0,
            default=0.5,
            tip="0 is the first class, 1 the second. w = (1 − t)·w(first) + t·w(second).",
        )
    label = ClassLabel(first, second, min(max(t, 0.0), 1.0))
    return session.with_render(label=label) if label != before else session


PANEL = Panel("Latent", fa.ICON_FA_COMPASS, "left_middle", 0, draw=draw)
