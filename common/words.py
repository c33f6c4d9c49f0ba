"""Text that comes from a file, made fit to be shown."""

from __future__ import annotations


def escaped(text: str, limit: int | None = None) -> str:
    """`text` as one line that cannot steer a terminal or turn the direction of what is read.

    Whatever is not printable (control and direction characters, line ends, bytes that are no
    text) is written as Python writes it, \\x1b.

    limit: characters that are kept, at most; None keeps all.
    """
    shown = text if limit is None else text[:limit]
    if not shown.isprintable():
        shown = "".join(
            char if char.isprintable() else char.encode("unicode_escape").decode() for char in shown
        )
    if limit is not None and (len(shown) > limit or len(text) > limit):
        return shown[: max(limit - 1, 0)] + "…"
    return shown
