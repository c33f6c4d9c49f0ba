"""The controls of what w is made of: latent, class, truncation, style mixing, and directions."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from msgspec import structs

from renderer.messages.directions import Component, StyleChannel, reach, style_title
from renderer.messages.model import ModelInfo
from renderer.messages.request import (
    Arc,
    Average,
    ClassLabel,
    MixSource,
    Plane,
    SavedW,
    Seed,
    Source,
)
from viz.session.changes import directions, mixing, motion
from viz.session.parameters.control import Control, Kind, Scope, field_control, word
from viz.session.session import Session

# -- latent and class -----------------------------------------------------------------------------


def source_controls(scope: Scope) -> tuple[Control, ...]:
    """Return the controls of where the latent comes from."""
    match scope.session.render.source:
        case Seed() | Plane():
            return (
                *(_point("latent", "Latent", axis, _source, _with_source) for axis in "xy"),
                _seed("latent", "Latent", _source, _with_source),
            )
        case SavedW(data=data):
            if data:
                return ()
            index = "render.source.index"
            return (field_control("latent/index", "Index of the saved w", index, 0, 99, "integer"),)
        case Average(parts=parts):
            return tuple(_average_weight(index) for index in range(len(parts)))
        case Arc():
            return (
                field_control("latent/t", "Along the arc", "render.source.t", 0.0, 1.0),
                field_control("latent/turn", "Turns of the arc", "render.source.turn", 0.0, 1.0),
            )


def _source(session: Session) -> Source:
    return session.render.source


def _with_source(session: Session, source: Source) -> Session:
    return session.with_render(source=source)


def _point(
    start: str,
    title: str,
    axis: str,
    get: Callable[[Session], Source],
    put: Callable[[Session, Source], Session],
) -> Control:
    """Return the control of a coordinate of a point of the plane. axis: `x` or `y`."""

    def read(session: Session) -> float | None:
        plane = motion.to_plane(get(session))
        return None if plane is None else float(getattr(plane, axis))

    def write(session: Session, value: float) -> Session:
        plane = motion.to_plane(get(session))
        if plane is None:
            return session
        return put(session, structs.replace(plane, **{axis: value}))

    return Control(f"{start}/{axis}", f"{title} {axis}", 0.0, 10.0, read, write)


def _seed(
    start: str,
    title: str,
    get: Callable[[Session], Source],
    put: Callable[[Session, Source], Session],
) -> Control:
    def write(session: Session, value: float) -> Session:
        seed = min(max(int(value), 0), 2**32 - 1)
        return put(session, motion.at_seed(get(session), seed))

    def read(session: Session) -> float | None:
        return motion.to_seed(get(session))

    return Control(f"{start}/seed", f"{title} seed", 0, 999, read, write, "integer")


def _average_weight(index: int) -> Control:
    def read(session: Session) -> float | None:
        source = session.render.source
        if not isinstance(source, Average) or index >= len(source.parts):
            return None
        return source.parts[index].weight

    def write(session: Session, value: float) -> Session:
        source = session.render.source
        assert isinstance(source, Average)
        parts = list(source.parts)
        parts[index] = structs.replace(parts[index], weight=value)
        return session.with_render(source=Average(tuple(parts)))

    title = f"Weight of latent {index + 1}"
    return Control(f"latent/weight/{index + 1}", title, 0.0, 1.0, read, write)


def label_controls(scope: Scope) -> tuple[Control, ...]:
    """Return the controls of the class, and of its blend with another."""
    classes = 2 if scope.model is None else scope.model.c_dim
    if not classes:
        return ()
    return (
        _label("class", "Class", "first", classes - 1, "integer"),
        _label("class/second", "Second class", "second", classes - 1, "integer"),
        _label("class/blend", "Blend of classes", "t", 1, "number"),
    )


def _label(address: str, title: str, field: str, high: int, kind: Kind) -> Control:
    def read(session: Session) -> float | None:
        value = getattr(session.render.label or ClassLabel(), field)
        return None if value is None else float(value)

    def write(session: Session, value: float) -> Session:
        label = session.render.label or ClassLabel()
        held = min(max(value, 0), high)
        new = int(held) if kind == "integer" else float(held)
        return session.with_render(label=structs.replace(label, **{field: new}))

    return Control(address, title, 0, high, read, write, kind)


# -- truncation -----------------------------------------------------------------------------------


def truncation_controls(scope: Scope) -> tuple[Control, ...]:
    """Return the controls of psi, of the cutoff, and of psi of each row where these differ."""
    model = scope.model
    if model is not None and not model.truncates:
        return ()
    curve = scope.session.render.truncation.curve or ()
    return (
        field_control("truncation/psi", "psi", "render.truncation.psi", -1.0, 2.0),
        *(() if model is None else (_cutoff(model),)),
        *(_row_psi(row) for row in range(len(curve))),
    )


def _cutoff(model: ModelInfo) -> Control:
    def read(session: Session) -> float:
        cutoff = session.render.truncation.cutoff
        return model.num_ws if cutoff is None else min(cutoff, model.num_ws)

    def write(session: Session, value: float) -> Session:
        rows = max(int(value), 0)
        cutoff = None if rows >= model.num_ws else rows
        truncation = structs.replace(session.render.truncation, cutoff=cutoff)
        return session.with_render(truncation=truncation)

    return Control("truncation/cutoff", "Cutoff", 0, model.num_ws, read, write, "integer")


def _row_psi(row: int) -> Control:
    def read(session: Session) -> float | None:
        curve = session.render.truncation.curve
        return curve[row] if curve is not None and row < len(curve) else None

    def write(session: Session, value: float) -> Session:
        curve = list(session.render.truncation.curve or ())
        curve[row] = value
        truncation = structs.replace(session.render.truncation, curve=tuple(curve))
        return session.with_render(truncation=truncation)

    return Control(f"truncation/row/{row}", f"psi of row {row}", -1.0, 2.0, read, write)


# -- style mixing ---------------------------------------------------------------------------------


def mix_controls(scope: Scope) -> tuple[Control, ...]:
    """Return the controls of each column of style mixing."""
    return tuple(
        control
        for index, source in enumerate(scope.session.render.mix)
        for control in _of_column(index, source, scope.model)
    )


def _of_column(index: int, source: MixSource, model: ModelInfo | None) -> list[Control]:
    start, title = f"mixing/{index + 1}", f"Column {index + 1}"
    controls = [_enabled(start, title, index)]
    if isinstance(source.source, Seed | Plane):
        get, put = _column_source(index)
        controls += [_point(start, title, axis, get, put) for axis in "xy"]
        controls.append(_seed(start, title, get, put))
    if model is None:
        return [*controls, _weights(f"{start}/row/0", f"{title}, row 0", index, [0])]
    bands: tuple[mixing.Band, ...] = ("all", "coarse", "middle", "fine")
    for band in bands:
        rows = mixing.band_rows(band, model.rows)
        controls.append(_weights(f"{start}/{band}", f"{title}, {band} rows", index, rows))
    for row in range(model.num_ws):
        controls.append(_weights(f"{start}/row/{row}", f"{title}, row {row}", index, [row]))
    return controls


def _column_source(
    index: int,
) -> tuple[Callable[[Session], Source], Callable[[Session, Source], Session]]:
    """Return what reads and what changes the source of a column."""

    def get(session: Session) -> Source:
        mix = session.render.mix
        # A column that is gone has no point and no seed, like a latent out of a file.
        return mix[index].source if index < len(mix) else SavedW("")

    def put(session: Session, source: Source) -> Session:
        return _with_column(
            session, index, structs.replace(session.render.mix[index], source=source)
        )

    return get, put


def _with_column(session: Session, index: int, source: MixSource) -> Session:
    return session.with_render(mix=mixing.replaced(session.render.mix, index, source))


def _enabled(start: str, title: str, index: int) -> Control:
    def read(session: Session) -> float | None:
        mix = session.render.mix
        return float(mix[index].enabled) if index < len(mix) else None

    def write(session: Session, value: float) -> Session:
        source = structs.replace(session.render.mix[index], enabled=bool(value))
        return _with_column(session, index, source)

    return Control(f"{start}/enabled", f"{title} used", 0, 1, read, write, "switch")


def _weights(address: str, title: str, index: int, rows: list[int]) -> Control:
    """Return the control of the weights of a column in some rows, which become one number."""

    def read(session: Session) -> float | None:
        mix = session.render.mix
        if index >= len(mix) or not rows:
            return None
        return sum(mixing.weight(mix[index], row) for row in rows) / len(rows)

    def write(session: Session, value: float) -> Session:
        source = session.render.mix[index]
        weights = mixing.with_weights(source.weights, rows, value)
        return _with_column(session, index, structs.replace(source, weights=weights))

    return Control(address, title, 0.0, 1.0, read, write)


# -- directions -----------------------------------------------------------------------------------


def direction_controls(scope: Scope) -> tuple[Control, ...]:
    """Return the control of how far a picture goes along each direction there is to choose from,
    and each style channel."""
    known = {(each.vector, _channel(each.style)): each for each in scope.components}
    for direction in scope.session.render.directions:
        component = Component(
            direction.vector, direction.name, first=direction.first, last=direction.last
        )
        known.setdefault((direction.vector, None), component)
    for shift in scope.session.render.styles:
        style = StyleChannel(shift.layer, shift.channel, shift.sigma)
        name = shift.name or style_title(shift.layer, shift.channel)
        known.setdefault((b"", _channel(style)), Component(b"", name, style=style))
    components = tuple(known.values())
    addresses = direction_addresses(components)
    return tuple(_direction(*pair) for pair in zip(addresses, components, strict=True))


def _channel(style: StyleChannel | None) -> tuple[str, int, float] | None:
    """Return what tells a style channel from others."""
    return None if style is None else (style.layer, style.channel, style.sigma)


@lru_cache(maxsize=8)
def direction_addresses(components: tuple[Component, ...]) -> tuple[str, ...]:
    """Return the address of each direction, by its name; equal names are numbered."""
    addresses: list[str] = []
    for component in components:
        first = name = f"direction/{word(component.name)}"
        number = 2
        while name in addresses:
            name, number = f"{first}-{number}", number + 1
        addresses.append(name)
    return tuple(addresses)


def _direction(address: str, component: Component) -> Control:
    def write(session: Session, value: float) -> Session:
        return structs.replace(
            session, render=directions.with_amount(session.render, component, value)
        )

    return Control(
        address,
        f"Direction {component.name or 'unnamed'}",
        -reach(component),
        reach(component),
        lambda session: directions.amount(session.render, component),
        write,
    )
