"""Addresses of the web are no files."""

from __future__ import annotations

import re

from common.errors import UserError

# One slash is left of two where the text has been through a path.
_URL = re.compile(r"(https?|ftp|s3|gs|hf):/", re.IGNORECASE)


def refuse_url(text: str) -> None:
    """Raises UserError where `text` is an address; it says that nothing is downloaded."""
    if _URL.match(text.strip()):
        raise UserError(
            f"{text.strip()} is an address, and nothing is downloaded here.",
            "Fetch it first, and give the path of the file.",
        )
