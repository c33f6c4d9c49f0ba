"""The jobs that the renderer does in the background: each is one file, which is found by itself.

A file defines `JOB`, a `renderer.server.job.Job`. The type of its arguments is a subclass of
`renderer.messages.jobs.Work`.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

from renderer.messages.to_renderer import kind_of
from renderer.server.job import Job


def find_jobs() -> dict[str, Job[Any]]:
    """Return the jobs of all files in this folder, by the tag of their type of Work."""
    names = [module.name for module in pkgutil.iter_modules(__path__)]
    found: list[Job[Any]] = [importlib.import_module(f"{__name__}.{name}").JOB for name in names]
    return {kind_of(job.work): job for job in found}
