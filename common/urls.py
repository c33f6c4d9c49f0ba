"""What a user may write in the place of a path and that is none."""

from __future__ import annotations

import re

from common.errors import UserError
from common.words import escaped

# One slash is left of two where the text has been through a path.
_URL = re.compile(r"(https?|ftp|s3|gs|hf):/", re.IGNORECASE)


def refuse_nul(text: str) -> None:
    """Raises UserError where `text` holds a NUL character, which no path can."""
    if "\0" in text:
        raise UserError(
            f"{escaped(text, 200)} is no path: it holds a NUL character.", "Write it without."
        )


def refuse_url(text: str) -> None:
    """Raises UserError where `text` is an address; it says that nothing is downloaded."""
    if _URL.match(text.strip()):
        raise UserError(
            f"{text.strip()} is an address, and nothing is downloaded here.",
            "Fetch it first, and give the path of the file.",
        )
