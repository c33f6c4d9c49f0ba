"""Latent: a seed, a point between seeds, or a stored w; the plane of seeds as a map."""

from __future__ import annotations

from imgui_bundle import icons_fontawesome_6 as fa
from imgui_bundle import imgui
from msgspec import structs

from renderer.protocol import ClassLabel, Plane, SavedW, Seed, Source
from viz import motion, widgets
from viz.context import Context
from viz.panel import Panel
from viz.planemap import PlaneMap
from viz.session import Motion, Session
from viz.widgets import em

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


def draw(session: Session, context: Context) -> Session:
    source = session.render.source
    step = source.step if isinstance(source, Plane) else motion.STEP
    kind = {Seed: "seed", Plane: "plane", SavedW: "w"}[type(source)]
    chosen = widgets.segmented("Source", kind, KINDS, default="plane")
    if chosen != kind:
        source = _converted(source, chosen)
    source = widgets.saved_w(source) if isinstance(source, SavedW) else _draw_seed(source, step)
    if isinstance(source, Plane):
        source = _draw_point(source)
    rows = 6 if isinstance(source, Plane) else 5
    rows += 4 if context.model is not None and context.model.c_dim > 0 else 0
    free = imgui.get_content_region_avail().y - rows * imgui.get_frame_height_with_spacing()
    height = min(max(free - em(0.6), em(9)), em(18))
    spot = motion.to_plane(source, step)
    size = (imgui.get_content_region_avail().x, height)
    goal = _map.draw(spot, step, session.render.mix, session.motion, size, context.dt)
    if goal is not None and goal != spot:
        source = goal
    source, moves = _draw_buttons(source, session.motion)
    moves, source = _draw_motion(moves, source)
    if moves != session.motion:
        session = structs.replace(session, motion=moves)
    if source != session.render.source:
        session = session.with_render(source=source)
    if context.model is not None and context.model.c_dim > 0:
        session = _draw_class(session, context.model.c_dim)
    return session


def _converted(source: Source, kind: str) -> Source:
    """The nearest thing of another kind."""
    if kind == "w":
        return SavedW("")
    if kind == "seed":
        return Seed(motion.to_seed(source) or 0)
    return motion.to_plane(source) or Plane()


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
    width = (imgui.get_content_region_avail().x - gap) / 2
    values: list[float] = []
    for name, value in (("x", source.x), ("y", source.y)):
        if values:
            imgui.same_line(0, gap)
        imgui.set_next_item_width(width)
        drag = imgui.drag_float(f"##{name}", value, 0.01, 0, 0, f"{name} %.3f")
        value = widgets.edited(value, drag)
        widgets.tooltip(f"{name}: drag (Shift: faster, Alt: slower), Ctrl+click to type.")
        if imgui.is_item_clicked(imgui.MouseButton_.right):
            value = 0.0
        values.append(value)
    return structs.replace(source, x=values[0], y=values[1])


def _draw_buttons(source: Source, moves: Motion) -> tuple[Source, Motion]:
    gap = em(0.3)
    width = (imgui.get_content_region_avail().x - 3 * gap) / 4
    saved = isinstance(source, SavedW)
    icon, text = (fa.ICON_FA_PAUSE, "Pause") if moves.animate else (fa.ICON_FA_PLAY, "Play")
    if widgets.button(
        f"{icon} {text}###play",
        width=width,
        enabled=not saved,
        tip="Drift over the plane by itself, at the speed and heading below.",
    ):
        moves = structs.replace(moves, animate=not moves.animate)
    imgui.same_line(0, gap)
    between = isinstance(source, Plane) and motion.snapped(source) != source
    if widgets.button(
        f"{fa.ICON_FA_MAGNET} Snap###snap",
        width=width,
        enabled=between,
        tip="Go to the nearest seed now.",
    ):
        assert isinstance(source, Plane)
        source = motion.snapped(source)
    imgui.same_line(0, gap)
    if widgets.button(
        f"{fa.ICON_FA_DICE} Random###random", width=width, tip="Go to a seed drawn at random."
    ):
        seed = Seed(widgets.random_seed())
        plane = motion.to_plane(seed, source.step) if isinstance(source, Plane) else None
        source = plane or seed
    imgui.same_line(0, gap)
    if widgets.button(
        f"{fa.ICON_FA_ARROW_ROTATE_LEFT} Reset###reset",
        width=width,
        tip="Back to seed 0 on the plane, with the grid step of 100.",
    ):
        source, moves = Plane(), structs.replace(moves, animate=False)
    return source, moves


def _draw_motion(moves: Motion, source: Source) -> tuple[Motion, Source]:
    speed = widgets.slider(
        "Speed",
        moves.speed,
        0.01,
        4.0,
        default=0.25,
        logarithmic=True,
        fmt="%.2f seeds/s",
        tip="How fast Play drifts: 1 passes a seed every second.",
    )
    heading = widgets.slider(
        "Heading",
        moves.heading,
        -180.0,
        180.0,
        default=0.0,
        fmt="%.0f°",
        tip="Where Play drifts to: 0° is right on the map (x grows), 90° is down (y grows).",
    )
    drag_speed = widgets.slider(
        "Drag speed",
        moves.drag_speed,
        0.1,
        20.0,
        default=2.0,
        logarithmic=True,
        fmt="%.1f seeds",
        tip="How far a drag across the whole picture moves on the plane. Shift while dragging\n"
        "is ten times slower.",
    )
    snap = widgets.checkbox(
        "Snap to seeds while moving",
        moves.snap,
        default=False,
        tip="Dragging, on the picture and on the map, stops only at whole seeds.",
    )
    if isinstance(source, Plane):
        step = widgets.integer(
            "Grid step",
            source.step,
            low=1,
            high=1_000_000,
            default=100,
            tip="How many seeds one row down on the map is: seed = x + step · y.\n"
            "Changing it keeps x and y, and brings other seeds below and above.",
        )
        source = structs.replace(source, step=step)
    changed = structs.replace(moves, speed=speed, heading=heading, drag_speed=drag_speed, snap=snap)
    return changed, source


def _draw_class(session: Session, classes: int) -> Session:
    widgets.heading("Class")
    label = session.render.label or ClassLabel()
    first = widgets.integer(
        "Class",
        label.first,
        low=0,
        high=classes - 1,
        default=0,
        tip=f"This network is conditional: it was trained on {classes} classes, from 0 on.",
    )
    blending = label.second is not None
    wanted = widgets.checkbox(
        "Blend with another class",
        blending,
        default=False,
        tip="The same z is mapped with both classes, and the two w are blended.",
    )
    second, t = label.second, label.t
    if wanted and second is None:
        second, t = (first + 1) % classes, 0.5
    if wanted and second is not None:
        second = widgets.integer("Second", second, low=0, high=classes - 1, tip="The other class.")
        t = widgets.slider(
            "Blend",
            t,
            0.0,
            1.0,
            default=0.5,
            tip="0 is the first class, 1 the second. w = (1 − t)·w(first) + t·w(second).",
        )
    else:
        second, t = None, 0.0
    changed = ClassLabel(first, second, min(max(t, 0.0), 1.0))
    if changed == (session.render.label or ClassLabel()):
        return session
    return session.with_render(label=changed)


PANEL = Panel("Latent", fa.ICON_FA_COMPASS, "left_middle", 0, draw)
