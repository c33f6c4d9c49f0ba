"""Every number, size and duration as people read it.

There are three ways to say a duration. `duration` counts along, as a clock does; `rough_duration`
is for sentences and for the time that is left; `log_duration` is the one of the trainer's log,
which tools read.
"""

from __future__ import annotations


def file_size(count: int) -> str:
    """Bytes in binary units with three figures, as `30.1 MB`; a negative count is unknown."""
    if count < 0:
        return "–"
    value, unit = float(count), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if value < 1000:
            break
        value, unit = value / 1024, larger
    return f"{value:.0f} {unit}" if value >= 100 or unit == "B" else f"{value:.3g} {unit}"


def quantity(count: int) -> str:
    """A count with three figures, as `24.8 M`; exact below 10,000."""
    if abs(count) < 10_000:
        return f"{count:,}"
    value = float(count)
    for suffix in ("k", "M"):
        value /= 1000
        if abs(value) < 999.5:
            return f"{value:.3g} {suffix}"
    return f"{value / 1000:.3g} G"


def counted(count: int, what: str) -> str:
    """A number of things, as `1 picture` or `1,200 pictures`."""
    return f"{count:,} {what}{'s' * (count != 1)}"


def span(first: int, last: int, what: str) -> str:
    """Things that are numbered, from the first to the last, as `rows 3–5`, or `row 3`."""
    return f"{what} {first}" if first == last else f"{what}s {first}–{last}"


def picture_size(shape: int | tuple[int, int], channels: int) -> str:
    """The size of pictures, as `64×64 pixels and 3 channels`.

    shape: their side, or height and width.
    """
    height, width = (shape, shape) if isinstance(shape, int) else shape
    return f"{width}×{height} pixels and {channels} channel{'s' * (channels != 1)}"


def side_squared(shape: tuple[int, int]) -> str:
    """Height and width of a picture where there is little room: `64²`, or `96×64` (the width
    first) where they differ."""
    height, width = shape
    return f"{height}²" if height == width else f"{width}×{height}"


def by(shape: tuple[int, int]) -> str:
    """Height and width of a picture in a sentence, the width first: `96 × 64`."""
    height, width = shape
    return f"{width} × {height}"


def kimg(thousands: float) -> str:
    """Where a snapshot lies in its training, as `40 kimg`.

    There is one digit behind the point at most where there are several before it.
    """
    rounded = round(thousands, 1) if thousands >= 10 else thousands
    return f"{rounded:,.7g} kimg"


def kimg_number(thousands: float) -> str:
    """Training progress for a sentence or an axis, without its unit: `40`, `80.7` or `1,235`.

    There is a digit behind the point only below 1000, and only where it says something.
    """
    return f"{thousands:,.1f}" if thousands < 1000 and thousands % 1 else f"{thousands:,.0f}"


def duration(seconds: float) -> str:
    """A duration as a clock shows it: `4.2 s`, `3:07` or `1:02:05`."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def rough_duration(seconds: float) -> str:
    """A duration in its two largest units: `5 d 21 h`, `3 h 12 min`, `12 min`, `40 s`, `0.4 s`."""
    seconds = max(seconds, 0.0)
    for unit, name, below, lower in ((86400, "d", 3600, "h"), (3600, "h", 60, "min")):
        if seconds >= unit:
            whole, rest = divmod(int(seconds), unit)
            return f"{whole} {name} {rest // below} {lower}"
    if seconds >= 100:
        return f"{round(seconds / 60)} min"
    return f"{round(seconds)} s" if seconds >= 10 else f"{seconds:.2g} s"


def ago(seconds: float) -> str:
    """How long ago something was, as `24 min ago`.

    Less than ten seconds, and times to come of clocks that disagree, are `just now`.
    """
    return f"{rough_duration(seconds)} ago" if seconds >= 10 else "just now"


def log_duration(seconds: float) -> str:
    """A duration in up to three units without gaps: `15s`, `1m 19s`, `2h 03m 04s`, `1d 02h 03m`."""
    minutes, s = divmod(round(seconds), 60)
    hours, m = divmod(minutes, 60)
    days, h = divmod(hours, 24)
    parts = [(days, "d"), (h, "h"), (m, "m"), (s, "s")]
    while len(parts) > 1 and parts[0][0] == 0:
        del parts[0]
    (first, unit), *rest = parts[:3]
    return " ".join([f"{first}{unit}", *(f"{count:02}{unit}" for count, unit in rest)])
