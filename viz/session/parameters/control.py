"""One number or switch of a session that can be read and changed by its address."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import reduce
from typing import Any, Literal, TypeAlias, cast

from msgspec import structs

from renderer.messages.directions import Component
from renderer.messages.model import ModelInfo
from viz.session.session import Session

Kind: TypeAlias = Literal["number", "integer", "switch"]
"""What the values of a control are; those of a switch are 0 and 1."""


@dataclass(frozen=True)
class Scope:
    """What there is to be controlled.

    session: whose values these are.
    model: facts on its network, None until they are known.
    components: the directions of the set that is shown.
    """

    session: Session
    model: ModelInfo | None = None
    components: tuple[Component, ...] = ()


@dataclass(frozen=True)
class Control:
    """One number or switch of a session.

    address: its address below `/ganscope/`.
    title: what people read.
    low, high: the range of its slider; other values are taken too, as typed ones are.
    read: returns its value, None where the session has none.
    write: returns the session with another value.
    kind: what its values are.
    """

    address: str
    title: str
    low: float
    high: float
    read: Callable[[Session], float | None] = field(compare=False)
    write: Callable[[Session, float], Session] = field(compare=False)
    kind: Kind = "number"

    def put(self, session: Session, value: float) -> Session:
        """Return the session with a value, rounded to one that this kind of control has."""
        if self.kind == "integer":
            value = round(value)
        elif self.kind == "switch":
            value = float(value >= 0.5)
        return session if value == self.read(session) else self.write(session, value)


def field_control(
    address: str, title: str, path: str, low: float, high: float, kind: Kind = "number"
) -> Control:
    """Return the control of a field. path: from the session on, such as `render.truncation.psi`."""
    names = path.split(".")

    def read(session: Session) -> float | None:
        value: object = reduce(_field, names, cast(object, session))
        return float(value) if isinstance(value, bool | int | float) else None

    def write(session: Session, value: float) -> Session:
        typed = {"number": float, "integer": int, "switch": bool}[kind](value)
        changed: Session = _with(session, names, typed)
        return changed

    return Control(address, title, low, high, read, write, kind)


def _field(struct: object, name: str) -> object:
    """Return a field; None where the struct, a layer's view perhaps, is not there or another."""
    return getattr(struct, name, None)


def _with(struct: Any, names: list[str], value: object) -> Any:
    """Return a struct with the field at the end of a path of names replaced."""
    first, *rest = names
    new = _with(getattr(struct, first), rest, value) if rest else value
    return structs.replace(struct, **{first: new})


def word(name: str) -> str:
    """Return a name as a part of an address, without what has a meaning in OSC's addresses."""
    return re.sub(r"[^\w.+-]+", "-", name.strip().lower()).strip("-") or "unnamed"
