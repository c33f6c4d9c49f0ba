"""What is replaced in a session is checked by type, for every field that there is."""

from __future__ import annotations

from typing import Any, get_type_hints

import pytest

from renderer.messages.request import AugmentView, RenderRequest
from viz.session import session as session_module
from viz.session.session import Compare, Drag, Motion, Session, View


@pytest.mark.parametrize(
    ("part", "name"),
    [
        (RenderRequest, "Render"),
        (View, "View"),
        (Motion, "Motion"),
        (Compare, "Compare"),
        (AugmentView, "Augment"),
        (Drag, "Drag"),
    ],
)
def test_changes_have_the_fields_and_types_of_what_they_change(part: Any, name: str) -> None:
    changes = getattr(session_module, f"{name}Changes")
    fields = {k: v for k, v in get_type_hints(part).items() if k in part.__struct_fields__}
    assert get_type_hints(changes) == fields
    assert changes.__total__ is False


def test_each_part_is_replaced_in_its_own_place() -> None:
    session = (
        Session()
        .with_render(snapshot="a.pkl")
        .with_view(zoom=2.0)
        .with_motion(speed=3.0)
        .with_compare(rate=4.0)
        .with_augment(draws=5)
        .with_drag(mask=b"m")
    )
    assert session == Session(
        RenderRequest("a.pkl"),
        View(zoom=2.0),
        Motion(speed=3.0),
        Compare(rate=4.0),
        AugmentView(draws=5),
        drag=Drag(mask=b"m"),
    )
