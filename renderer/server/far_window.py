"""What a renderer does for a window on another machine, besides drawing."""

from __future__ import annotations

from dataclasses import dataclass

from renderer.server.deliveries import Deliveries
from renderer.server.disk_service import DiskService


@dataclass(frozen=True)
class FarWindow:
    """The parts of it.

    disk: answers what the window asks of the disk here.
    deliveries: sends it the files that jobs write.
    """

    disk: DiskService
    deliveries: Deliveries
