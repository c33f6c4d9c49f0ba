"""Words for what is shown: text that comes from a file made fit for it, and sizes."""

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


def side_squared(shape: tuple[int, int]) -> str:
    """Height and width of a picture where there is little room: `64²`, or `96×64` (the width
    first) where they differ."""
    height, width = shape
    return f"{height}²" if height == width else f"{width}×{height}"


def by(shape: tuple[int, int]) -> str:
    """Height and width of a picture in a sentence, the width first: `96 × 64`."""
    height, width = shape
    return f"{width} × {height}"
