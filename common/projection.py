"""How a picture is brought into a network: what can be chosen. Free of torch, for the window knows
it; `networks.projection` does it."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from msgspec import Struct

Space: TypeAlias = Literal["w", "w+"]
"""w: one w for all layers, which is what the network was trained with.
w+: one for each layer (Abdal et al. 2019), which comes closer to pictures it never saw."""

DISTANCES: Final = ("lite", "discriminator", "pixels", "lpips")
"""What tells how far two pictures are apart; several are added, joined by `+`."""

STARTS: Final = ("best", "average")
"""Where the search begins, besides a seed and a saved w: the best of some seeds by the distance, or
the average w."""


class ProjectionSettings(Struct, frozen=True):
    """What a projection depends on besides the network and the picture.

    steps: of the search for w, at least 1.
    space: what is searched.
    noise: whether the noise maps are searched too; without, they stay the network's own.
    start: `best`, `average`, or `given` where a w is handed over.
    seeds: of how many the best is taken.
    distance: names of DISTANCES, joined by `+`.
    seed: of all random numbers.
    pull: the weight of the distance to the average w, measured in the spread of W (P-norm+ of Zhu
        et al. 2020); 0: none.
    tune: steps in which the network itself is fitted around the w that was found (pivotal tuning,
        Roich et al. 2021); 0: it stays as it is.
    """

    steps: int = 300
    space: Space = "w+"
    noise: bool = True
    start: str = "best"
    seeds: int = 256
    distance: str = "lite"
    seed: int = 303
    pull: float = 1e-3
    tune: int = 0


Phase: TypeAlias = Literal["start", "search", "tune", "done"]
"""Comparing seeds, looking for w, fitting the network, and the end."""


class ProjectionStep(Struct, frozen=True):
    """What one step has come to.

    phase: what is being done.
    done, total: steps of that phase; while seeds are compared, seeds.
    distance: of the picture that was looked at; None where nothing was.
    best: the smallest distance of this phase so far.
    """

    phase: Phase
    done: int
    total: int
    distance: float | None = None
    best: float | None = None
