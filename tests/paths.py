"""Where tests find the repository and their data."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "tests" / "data"
BUSTS = ROOT / "assets" / "busts64.safetensors"
"""A small trained network, of 64×64."""
