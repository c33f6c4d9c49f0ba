"""Drawing panels so that one that fails harms nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from imgui_bundle import imgui

from viz.desk.context import Context
from viz.desk.panel import Panel
from viz.session.session import Session


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
    """Draws the panels of one window so that one that raises shows its error and harms no other.

    report: told the title of a panel that raised, and its error.
    """

    def __init__(self, panels: Iterable[Panel], report: Callable[[str, Exception], None]) -> None:
        self._draws = {panel.title: panel.begin() for panel in panels}
        self._report = report
        self._failed: dict[str, str] = {}

    def draw(self, panel: Panel, session: Session, context: Context) -> Session:
        """Draw a panel; return its session, or the one that it was given if it raises."""
        if panel.title in self._failed:
            self._draw_error(panel)
            return session
        with recovered(lambda error: self._fail(panel, error)):
            return self._draws[panel.title](session, context)
        return session

    def _fail(self, panel: Panel, error: Exception) -> None:
        self._failed[panel.title] = f"{type(error).__name__}: {error}"
        self._report(panel.title, error)

    def _draw_error(self, panel: Panel) -> None:
        imgui.text_wrapped(f"This panel stopped: {self._failed[panel.title]}")
        if imgui.button("Try again"):
            del self._failed[panel.title]
