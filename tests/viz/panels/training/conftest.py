"""Runs are looked at often, so that no test waits for the next look."""

from __future__ import annotations

import pytest

from viz.panels.training import watch


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "INTERVAL", 0.02)
