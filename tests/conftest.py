"""Options of the whole suite."""

from __future__ import annotations

import os
import signal

import pytest
from hypothesis import settings

# The same examples every time, so that a red run is about the change at hand. To look for new
# ones: pytest --hypothesis-profile=explore
settings.register_profile("steady", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None)
settings.load_profile("steady")

# Side by side (pytest -n auto), each process has its share of the processors. torch and what tests
# start read this when they begin.
if workers := int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "0")):
    os.environ.setdefault("OMP_NUM_THREADS", str(max((os.cpu_count() or 1) // workers, 1)))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-screenshots",
        action="store_true",
        help="save what the window looks like now as what it should look like",
    )


def pytest_configure() -> None:
    """A suite that was started in the background has inherited that Ctrl+C is ignored."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
