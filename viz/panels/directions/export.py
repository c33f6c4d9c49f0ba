"""What a video of a direction is made of: there and back, gently, at one session."""

from __future__ import annotations

import math
import re

from renderer.messages.directions import Component, reach
from renderer.messages.jobs import Sheet
from viz.desk.context import Context
from viz.panels.directions.strips import at
from viz.session.session import Session

SECONDS = 4.0
"""How long the way there and back takes."""


def ask_export(session: Session, context: Context, component: Component) -> None:
    """Show the dialog of an export of one direction."""

    def sheets(fps: float) -> tuple[Sheet, ...]:
        count = max(2, round(SECONDS * fps))
        far = reach(component)
        amounts = (-far * math.cos(2 * math.pi * frame / count) for frame in range(count))
        requests = (at(session.render, component, amount) for amount in amounts)
        return tuple(Sheet((request,), smooth=session.view.smooth) for request in requests)

    name = re.sub(r"[^\w.-]+", "-", component.name).strip("-.") or "direction"
    context.actions.ask_export(f"Export {component.name}", sheets, name, moving=True)
