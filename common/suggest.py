"""What somebody may have meant who misspelled a name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

# One wrong letter in a word of four, or two letters changed about in one of five. With less in
# common a suggestion is a guess, and sends people the wrong way.
_ALIKE = 0.75


def closest(word: str, known: Iterable[str]) -> str | None:
    """The name that is most like `word`, in whatever case; None where none is."""
    names = {name.lower(): name for name in known}
    found = difflib.get_close_matches(word.lower(), names, n=1, cutoff=_ALIKE)
    return names[found[0]] if found else None
