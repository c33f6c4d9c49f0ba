"""Every number and switch of a session by its address: what OSC and MIDI can move.

Those of the request come from the records of its parameters, so a new parameter that says which
controls it has is reached from outside by itself.
"""

from __future__ import annotations

from collections.abc import Mapping

from viz.session.inspection import channels_of
from viz.session.parameters.control import Control, Scope, field_control
from viz.session.parameters.synthesis import edit_control
from viz.session.parameters.table import PARAMETERS
from viz.session.ranges import GAIN, RATE
from viz.session.session import Session

ROOT = "/ganscope/"
"""What every address of ours begins with."""


def controls(scope: Scope) -> tuple[Control, ...]:
    """Return every control there is now, in the order of the parameters."""
    own = (control for parameter in PARAMETERS for control in parameter.controls(scope))
    return (*own, *_OF_THE_WINDOW)


def by_address(scope: Scope) -> Mapping[str, Control]:
    """Return every control there is now by its address below ROOT."""
    return {control.address: control for control in controls(scope)}


def find(scope: Scope, known: Mapping[str, Control], address: str) -> Control | None:
    """Return the control of an address; None where there is none.

    known: those of `by_address`. Channels of layers are found here, though they are too many to be
    listed before one of them is edited.
    """
    control = known.get(address)
    if control is not None:
        return control
    start, _, rest = address.partition("/")
    layer, _, channel = rest.rpartition("/")
    channels = channels_of(scope.model)
    if start != "edit" or not channel.isdecimal() or len(channel) > 6:
        return None
    return edit_control(layer, int(channel)) if int(channel) < channels.get(layer, 0) else None


def _write_zoom(session: Session, value: float) -> Session:
    return session.with_view(fit=False, zoom=value)


_OF_THE_WINDOW = (
    field_control("motion/animate", "Play", "motion.animate", 0, 1, "switch"),
    field_control("motion/speed", "Drift speed", "motion.speed", 0.0, 4.0),
    field_control("motion/heading", "Drift heading", "motion.heading", -180.0, 180.0),
    field_control("motion/drag-speed", "Drag speed", "motion.drag_speed", 0.1, 20.0),
    field_control("motion/snap", "Snap to seeds", "motion.snap", 0, 1, "switch"),
    field_control("motion/noise-rate", "Rate of noise", "motion.redraw_rate", 1.0, 60.0),
    field_control("picture/smooth", "Smooth pixels", "view.smooth", 0, 1, "switch"),
    Control("picture/zoom", "Zoom", 1.0, 16.0, lambda session: session.view.zoom, _write_zoom),
    field_control("compare/on", "Comparison", "compare.on", 0, 1, "switch"),
    field_control("compare/split", "Edge of the wipe", "compare.split", 0.0, 1.0),
    field_control("compare/blink", "Flicker", "compare.blink", 0, 1, "switch"),
    field_control("compare/rate", "Rate of flicker", "compare.rate", *RATE),
    field_control("compare/gain", "Gain of differences", "compare.gain", *GAIN),
)
"""The controls of how the session moves and is shown."""
