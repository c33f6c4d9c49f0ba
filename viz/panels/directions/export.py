"""What a video of a direction is made of: there and back, gently, at one session."""

from __future__ import annotations

import math
import re

from renderer.messages.directions import Component
from renderer.messages.jobs import Sheet
from viz.desk.context import Context
from viz.panels.directions.strips import at
from viz.session.session import Session

SECONDS = 4.0
"""How long the way there and back takes."""
FAR = 3.0
"""How far it goes, in standard deviations."""


def ask_export(session: Session, context: Context, component: Component) -> None:
    """Show the dialog of an export of one direction."""

    def sheets(fps: float) -> tuple[Sheet, ...]:
        count = max(2, round(SECONDS * fps))
        amounts = (-FAR * math.cos(2 * math.pi * frame / count) for frame in range(count))
        requests = (at(session.render, component, amount) for amount in amounts)
        return tuple(Sheet((request,), smooth=session.view.smooth) for request in requests)

    name = re.sub(r"[^\w.-]+", "-", component.name).strip("-.") or "direction"
    context.actions.ask_export(f"Export {component.name}", sheets, name, moving=True)
