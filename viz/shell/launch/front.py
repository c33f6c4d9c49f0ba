"""Bringing the panels that the command line named to the front."""

from __future__ import annotations

from collections.abc import Callable

from common.errors import UserError
from viz.desk.panel import Panel
from viz.shell.host import Host


class Front:
    """Brings the panels of --panel to the front once the layout stands.

    panels: those of the window.
    host: brings them to the front.
    titles: those of --panel, in letters of any size. Raises UserError for one that is not there.
    opened: whether what the program was started with is there, or is not to be had.
    say: says what that is, once it is there.
    """

    def __init__(
        self,
        panels: tuple[Panel, ...],
        host: Host,
        titles: tuple[str, ...],
        *,
        opened: Callable[[], bool] = lambda: True,
        say: Callable[[], None] | None = None,
    ) -> None:
        known = {panel.title.lower(): panel.title for panel in panels}
        unknown = [title for title in titles if title.lower() not in known]
        if unknown:
            raise UserError(
                f"There is no panel {unknown[0]!r}.", f"There are {', '.join(known.values())}."
            )
        self._host = host
        self._titles = [known[title.lower()] for title in titles]
        self._frame = 0
        self._opened = opened
        self._say = say

    def step(self) -> None:
        """Bring the next panel to the front; called once per frame of the window."""
        self._frame += 1
        if self._frame > 3 and self._titles:
            self._host.focus_panel(self._titles.pop(0))
        elif self._frame > 3 and self._say is not None and self._opened():
            self._say()
            self._say = None

    @property
    def done(self) -> bool:
        """Whether all of them have been brought to the front, and all has been said."""
        return self._frame > 3 and not self._titles and self._say is None
