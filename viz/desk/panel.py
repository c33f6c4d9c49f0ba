"""A panel is one file in viz/panels/ that defines `PANEL`.

`draw(session, context) -> session` is called inside the panel's window every GUI frame.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from imgui_bundle import imgui

from viz.desk.context import Context, Draw
from viz.session.session import Session


@dataclass(frozen=True)
class Panel:
    """title: window title and name in menus. icon: Font Awesome 6 glyph. dock: the dock space it
    starts in: `left_top`, `left_middle`, `left_bottom`, `center` (the picture), `right`, `bottom`
    (`left` = `left_middle`). order: its place among the tabs there; the first is in front.
    wants_padding False: the panel draws to its edges (the picture). open: shown at first start.
    """

    title: str
    icon: str
    dock: str
    order: int
    draw: Draw
    open: bool = True
    wants_padding: bool = True


@contextmanager
def recovered(report: Callable[[Exception], None]) -> Iterator[None]:
    """Give an exception to `report` and leave ImGui as it was, whatever was begun inside."""
    state = imgui.internal.ErrorRecoveryState()
    imgui.internal.error_recovery_store_state(state)
    try:
        yield
    except Exception as error:  # noqa: BLE001 - any bug in drawing must leave the rest usable
        io = imgui.get_io()
        asserts = io.config_error_recovery_enable_assert
        log = io.config_error_recovery_enable_debug_log
        io.config_error_recovery_enable_assert = False
        io.config_error_recovery_enable_debug_log = False
        imgui.internal.error_recovery_try_to_recover_state(state)
        io.config_error_recovery_enable_assert = asserts
        io.config_error_recovery_enable_debug_log = log
        report(error)


class Guard:
    """Draws panels so that one that raises shows its error and harms nothing else."""

    def __init__(self, report: Callable[[str, Exception], None]) -> None:
        self._report = report
        self._failed: dict[str, str] = {}

    def draw(self, panel: Panel, session: Session, context: Context) -> Session:
        """The session that the panel returns, or the one it was given if it raises."""
        if panel.title in self._failed:
            return self._draw_error(panel, session)
        with recovered(lambda error: self._fail(panel, error)):
            return panel.draw(session, context)
        return session

    def _fail(self, panel: Panel, error: Exception) -> None:
        self._failed[panel.title] = f"{type(error).__name__}: {error}"
        self._report(panel.title, error)

    def _draw_error(self, panel: Panel, session: Session) -> Session:
        imgui.text_wrapped(f"This panel stopped: {self._failed[panel.title]}")
        if imgui.button("Try again"):
            del self._failed[panel.title]
        return session
