"""What is asked of the renderer where a picture is brought into a network, and its face."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt
from msgspec import Struct, field

from common.projection import ProjectionSettings, ProjectionStep
from renderer.messages.request import ClassLabel, Source

WHITE = (255, 255, 255)


class ProjectionSpec(Struct, frozen=True):
    """A picture and how to project it.

    snapshot: the file of the network.
    target: the file of the picture.
    settings: how to search.
    crop: x, y and size of a square of the picture; None: the largest, in the middle.
    background: RGB, what is seen through transparency.
    label: the class, where the network has classes.
    given: where to begin, where settings.start is `given`; else None.
    weights: files of weights that the distance may need.
    """

    snapshot: str
    target: str
    settings: ProjectionSettings = field(default_factory=ProjectionSettings)
    crop: tuple[int, int, int] | None = None
    background: tuple[int, int, int] = WHITE
    label: ClassLabel | None = None
    given: Source | None = None
    weights: tuple[str, ...] = ()


class Projecting(Protocol):
    """A projection under way. `step` and `save_network` compute; the rest is quick.

    Where the engine computes pictures too, these are called in a turn of their own.
    """

    @property
    def spec(self) -> ProjectionSpec:
        """What is projected."""

    @property
    def history(self) -> list[float]:
        """The distance after each step of the search, then of the tuning."""

    @property
    def finished(self) -> bool:
        """Whether there is nothing left to do."""

    @property
    def tuned(self) -> bool:
        """Whether the network itself has been fitted."""

    @property
    def best_step(self) -> int:
        """The step of the search in which the best was met."""

    def step(self) -> ProjectionStep:
        """Go one step on."""

    def target(self) -> npt.NDArray[np.uint8]:
        """The target as it is projected: [R, R, 4]."""

    def picture(self) -> npt.NDArray[np.uint8]:
        """The picture of the last step: [R, R, 4]."""

    def nearest(self) -> npt.NDArray[np.uint8] | None:
        """The picture of the best step since it was begun or gone on with: [R, R, 4]."""

    def latent(self) -> dict[str, npt.NDArray[np.float32]]:
        """The best so far, for an `.npz`: `w` [1, num_ws, w_dim], `noise.<layer>` [H, W]."""

    def save_network(self, path: str) -> None:
        """Write the tuned network as a snapshot. Raises UserError."""

    def state(self) -> bytes:
        """All that is needed to go on in another process."""
