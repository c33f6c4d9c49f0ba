"""How files of snapshots are called. Free of torch, for the window and those who watch runs."""

from __future__ import annotations

import re
from typing import Final

OURS: Final = ".safetensors"
"""What ganscope writes."""

SUFFIXES: Final = (".pkl", ".pt", ".pth", ".tar", ".model", OURS)
"""The suffixes of every format in `networks/formats/`, which a test compares with this."""

SUFFIX_PATTERN: Final = f"(?:{'|'.join(re.escape(suffix) for suffix in SUFFIXES)})"
"""Any of them, in a regular expression."""
