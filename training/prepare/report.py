"""What came of the images: how many were written, what was left out and why, what was changed."""

from __future__ import annotations

from dataclasses import dataclass, field

from common.images.decode import DEEP

SHOWN = 3  # names given per reason


@dataclass(slots=True)
class Report:
    """What is known of a data set while it is made.

    written: images in it.
    size: their width and height in pixels.
    mode: `L` for grey, `RGB` or `RGBA`.
    classes: how many classes are labelled; 0 without labels.
    highest: the highest value in pictures of 16-bit grey; None without any.
    span: the values of those that became black and white.
    general: what is to be said of all of them, a sentence each.
    skipped: names of the images left out, by reason.
    notes: names of the images that something was done to, by what.
    """

    written: int = 0
    size: tuple[int, int] = (0, 0)
    mode: str = ""
    classes: int = 0
    highest: int | None = None
    span: tuple[int, int] = DEEP
    general: list[str] = field(default_factory=list)
    skipped: dict[str, list[str]] = field(default_factory=dict)
    notes: dict[str, list[str]] = field(default_factory=dict)

    def skip(self, name: str, reason: str) -> None:
        """Count an image that is left out."""
        self.skipped.setdefault(reason, []).append(name)

    def note(self, name: str, note: str) -> None:
        """Count an image that something was done to."""
        self.notes.setdefault(note, []).append(name)

    @property
    def skips(self) -> int:
        """How many images are left out."""
        return sum(map(len, self.skipped.values()))

    def lines(self) -> list[str]:
        """The report in words, a line each."""
        colour = "grey" if self.mode == "L" else self.mode
        labels = f", {self.classes} classes" if self.classes else ""
        result = [
            f"{_images(self.written)} of {self.size[0]}×{self.size[1]} pixels, {colour}{labels}."
        ]
        result += [*self.general, *self._dark()]
        result += [_counted(note, names) for note, names in self.notes.items()]
        if self.skipped:
            result.append(f"Skipped {self.skips}:")
            result += [_counted(why, names) for why, names in self.skip_order()]
        return result

    def _dark(self) -> list[str]:
        # Instruments write 10, 12 or 14 bits into 16, which leaves pictures nearly black.
        if self.highest is None or self.span != DEEP or self.highest >= 1 << 15:
            return []
        high = (1 << max(self.highest.bit_length(), 1)) - 1
        return [
            f"The 16-bit values reach {self.highest} of 65535, so the pictures are dark: "
            f"--range 0 {high} spreads them."
        ]

    def reasons(self) -> str:
        """The reasons why images were skipped, in one line."""
        return ", ".join(f"{len(names)} × {why}" for why, names in self.skip_order())

    def skip_order(self) -> list[tuple[str, list[str]]]:
        """The reasons with the names of their images, the most frequent first."""
        return sorted(self.skipped.items(), key=lambda item: -len(item[1]))


def _images(count: int) -> str:
    return f"{count:,} image{'' if count == 1 else 's'}"


def _counted(what: str, names: list[str]) -> str:
    shown = ", ".join(names[:SHOWN]) + (", …" if len(names) > SHOWN else "")
    return f"{len(names):>8,}  {what}: {shown}"
