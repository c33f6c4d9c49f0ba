"""Numbers as people read them."""

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


def kimg(thousands: float) -> str:
    """Training progress in thousands of pictures, as `40 kimg`; a digit behind the point at most
    where there are several before it."""
    rounded = round(thousands, 1) if thousands >= 10 else thousands
    return f"{rounded:,.7g} kimg"


def duration(seconds: float) -> str:
    """`4.2 s`, `3:07` or `1:02:05`."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
