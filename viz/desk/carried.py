"""What is being dragged from one panel to another."""

from __future__ import annotations

from renderer.messages.request import RenderRequest


class Carried:
    """The picture under the mouse: ImGui carries no more than a number with a drag.

    request: makes it; None until something is dragged.
    label: names it beside the mouse.
    """

    def __init__(self) -> None:
        self.request: RenderRequest | None = None
        self.label = ""
