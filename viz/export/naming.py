"""Where an export goes: from what was typed for its name. Looks at no disk."""

from __future__ import annotations

import os
from pathlib import Path


def target_of(folder: Path, typed: str, suffix: str) -> Path | None:
    """Return the path that a typed name means; None where it names nothing to write.

    folder: of names that say none, and of relative paths.
    typed: a name or a path, with or without its suffix; ~ is the user's own folder.
    suffix: of what is written, empty for a folder of pictures.
    """
    text = typed.strip()
    if text.startswith("~/"):
        text = str(Path.home()) + text[1:]
    path = Path(os.path.normpath(folder / text))
    if not text or text == "~" or text.endswith(("/", os.sep, "..")) or not path.name:
        return None
    named = bool(suffix) and path.name.lower().endswith(suffix) and path.name.lower() != suffix
    return path if named else path.with_name(f"{path.name}{suffix}")
