"""Options of the whole suite."""

from __future__ import annotations

import signal

import pytest
from hypothesis import settings

# The same examples every time, so that a red run is about the change at hand. To look for new
# ones: pytest --hypothesis-profile=explore
settings.register_profile("steady", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None)
settings.load_profile("steady")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-screenshots",
        action="store_true",
        help="save what the window looks like now as what it should look like",
    )


def pytest_configure() -> None:
    """A suite that was started in the background has inherited that Ctrl+C is ignored."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
