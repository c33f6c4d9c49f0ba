"""The panel *Control*: what is listened to, and which knob or message moves what."""

from __future__ import annotations

from imgui_bundle import icons_fontawesome_6 as fa
from imgui_bundle import imgui
from msgspec import structs

from viz.desk.context import Context
from viz.desk.panel import Panel
from viz.panels.control.inputs import Inputs
from viz.panels.control.mappings import Mappings
from viz.session.session import Session
from viz.ui.widgets import em

WIDE_EM = 40
"""The width from which what is listened to lies beside the mappings, in em."""
INPUTS_EM = 18.0
"""The width of what is listened to, beside them, in em."""


class ControlPanel:
    """Keeps what is being typed, and which mapping is open."""

    def __init__(self) -> None:
        self._inputs = Inputs()
        self._mappings = Mappings()

    def draw(self, session: Session, context: Context) -> Session:
        """Draw the panel; return the session with its assignments as they were edited."""
        wide = imgui.get_content_region_avail().x >= em(WIDE_EM)
        flags = imgui.TableFlags_.borders_inner_v | imgui.TableFlags_.no_saved_settings
        if wide and imgui.begin_table("##columns", 2, flags):
            fixed = imgui.TableColumnFlags_.width_fixed
            imgui.table_setup_column("inputs", fixed, em(INPUTS_EM))
            imgui.table_setup_column("mappings", imgui.TableColumnFlags_.width_stretch)
            imgui.table_next_column()
            self._inputs.draw(context)
            imgui.table_next_column()
            after = self._mappings.draw(session.assignments, context)
            imgui.end_table()
        else:
            after = self._mappings.draw(session.assignments, context)
            imgui.separator()
            self._inputs.draw(context)
        if after == session.assignments:
            return session
        return structs.replace(session, assignments=after)


PANEL = Panel(
    "Control", fa.ICON_FA_SLIDERS, "bottom", 4, make=lambda: ControlPanel().draw, open=False
)
