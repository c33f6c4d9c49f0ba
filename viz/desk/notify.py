"""Saying something to the user."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class Notify(Protocol):
    """Puts a line into the status bar, and shows it for a while where it is an error."""

    def __call__(
        self,
        text: str,
        *,
        error: bool = False,
        file: str = "",
        holds: Callable[[], bool] | None = None,
    ) -> None:
        """Say `text`, a sentence or two; an error stays in sight for longer.

        file: what was written, which can be shown in its folder.
        holds: whether it is still true; asked in every frame, and once it is not, the line leaves
            the status bar. None for what stays true, because it tells of something that is over.
        """
