"""The rows of the panel *Latent* for the class of a conditional network."""

from __future__ import annotations

from collections.abc import Sequence

from renderer.messages.request import ClassLabel
from viz.session.session import Session
from viz.ui import widgets


def draw_class(session: Session, classes: int, names: Sequence[str] = ()) -> Session:
    """Draw the class and the class it is blended with; return the session with both.

    classes: how many the network was trained on.
    names: what they are called, empty where that is not known.
    """
    before = session.render.label or ClassLabel()
    tip = f"This network is conditional: it was trained on {classes} classes, from 0 on."
    first = _one("Class", before.first, classes, names, tip, default=0, control="class")
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
        second = _one("Second", second, classes, names, "The other class.", control="class/second")
        t = widgets.slider(
            "Blend",
            t,
            0.0,
            1.0,
            default=0.5,
            tip="0 is the first class, 1 the second. w = (1 − t)·w(first) + t·w(second).",
            control="class/blend",
        )
    label = ClassLabel(first, second, min(max(t, 0.0), 1.0))
    return session.with_render(label=label) if label != before else session


def _one(
    title: str,
    number: int,
    classes: int,
    names: Sequence[str],
    tip: str,
    default: int | None = None,
    control: str = "",
) -> int:
    """Draw the row for one class, as a list where the classes have names; return its number."""
    if names:
        options = [(i, f"{i}  {name}") for i, name in enumerate(names)]
        return widgets.choice(title, number, options, default=default, tip=tip, control=control)
    return widgets.integer(
        title, number, low=0, high=classes - 1, default=default, tip=tip, control=control
    )
