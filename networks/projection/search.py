"""The search for the w, and the noise, that come nearest to a picture, one step at a time.

StyleGAN2, Appendix D, and beyond it: a w for each layer (Abdal et al. 2019) with a pull towards the
customs of W (Zhu et al. 2020), pixels beside features, noise maps that follow slowly, and L-BFGS
after Adam.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from common.projection import ProjectionSettings
from networks.base import Generator, NoiseInput
from networks.projection import noise_maps, schedule
from networks.projection.adam import Adam
from networks.projection.quasi_newton import QuasiNewton
from networks.projection.saved import Saved
from networks.projection.space import Space
from networks.projection.tuning import PIXELS
from ops import first_gradients
from ops.prepared import PreparedWeights, delivered

NOISE_WEIGHT: Final = 1e5
"""Of the correlation of noise maps (StyleGAN2, Appendix D)."""
ROAMING: Final = 0.25
"""The share of steps in which Adam moves w and noise; in the others L-BFGS moves w alone."""
NOISE_PACE: Final = 0.1
"""The learning rate of noise maps, as a share of that of w. Adam moves what hardly matters as far
as what matters: at the same rate maps wander at random, and w never comes to rest."""


@dataclass(frozen=True)
class Found:
    """A latent and how far its picture is from the target.

    ws: [1, num_ws, w_dim].
    maps: the noise maps, [H, W] by layer; empty where the network's own are used.
    distance: of its picture.
    step: after how many steps of the search it was met.
    """

    ws: Tensor
    maps: dict[str, Tensor]
    distance: float
    step: int


class Search:
    """A w, and noise maps, on their way to a picture.

    done: how many steps were taken.
    best: the nearest that was met; None before the first step.
    """

    def __init__(
        self,
        G: Generator,
        apart: Callable[[Tensor], Tensor],
        target: Tensor,
        space: Space,
        settings: ProjectionSettings,
        ws: Tensor,
        random: torch.Generator,
    ) -> None:
        """apart: the distance of pictures to `target` [1, img_channels, R, R].

        ws: where it begins, [1, num_ws, w_dim]. random: what it draws its random numbers from.
        """
        self._G, self._apart, self._target, self._space = G, apart, target, space
        self._prepared = PreparedWeights(delivered().choose)
        self._settings, self._random = settings, random
        self.done = 0
        self.best: Found | None = None
        rows = ws if settings.space == "w+" else ws.mean(1, keepdim=True)
        self._rows = rows.clone().requires_grad_(True)
        own = noise_maps.own_maps(G, self.ws) if settings.noise else {}
        self.maps = {name: noise.requires_grad_(True) for name, noise in own.items()}
        pace = [1.0, *(NOISE_PACE for _ in self.maps)]
        self._adam = Adam([self._rows, *self.maps.values()], pace)
        self._quasi_newton = QuasiNewton(self._rows)

    @torch.no_grad()
    def begin_noise(self, maps: Mapping[str, Tensor]) -> None:
        """Search the noise from these maps on, [H, W] by layer, before the first step.

        Where the noise is not searched nothing changes.
        """
        for name, noise in self.maps.items():
            if name in maps:
                noise.copy_(maps[name])

    @property
    def ws(self) -> Tensor:
        """Where it stands, [1, num_ws, w_dim]."""
        return self._rows.expand(-1, self._G.num_ws, -1)

    def step(self) -> tuple[float, Tensor]:
        """One step. Returns the distance before it, and the picture that it is of."""
        roaming = round(ROAMING * self._settings.steps)
        value, img = self._roam(roaming) if self.done < roaming else self._settle()
        self.done += 1
        return value, img

    def _roam(self, roaming: int) -> tuple[float, Tensor]:
        """One of `roaming` steps of StyleGAN2, Appendix D."""
        wandering = None
        # A search that begins near the target must not be thrown out of there.
        if self._settings.start == "average":
            draw = torch.randn(1, 1, self._G.w_dim, generator=self._random)
            share = schedule.exploration(self.done / roaming)
            wandering = draw.to(self._rows.device) * self._space.spread * share
        moved = [self._rows, *self.maps.values()]
        value, img, _, gradients = self._evaluate(moved, wandering)
        self._adam.step(gradients, schedule.learning_rate((self.done + 1) / (roaming + 1)))
        noise_maps.normalise(self.maps.values())
        return value, img

    def _settle(self) -> tuple[float, Tensor]:
        """One evaluation of L-BFGS, which moves w alone."""
        value, img, loss, (gradient,) = self._evaluate([self._rows])
        self._quasi_newton.step(loss, gradient)
        return value, img

    def _evaluate(
        self, moved: list[Tensor], wandering: Tensor | None = None
    ) -> tuple[float, Tensor, float, list[Tensor]]:
        """The distance, its picture, the loss, and its gradient along what is to be moved.

        wandering: what is added to w, [1, 1, w_dim].
        """
        with first_gradients(), torch.enable_grad():
            ws = self.ws if wandering is None else self.ws + wandering
            with self._prepared.using(torch.float32, at_once=True):
                img = self._G.render(ws, NoiseInput(maps=self.maps))
            distance = self._apart(img).sum()
            loss = distance + PIXELS * (img - self._target).square().mean()
            loss = loss + self._settings.pull * self._space.unlikeliness(self._rows)
            if len(moved) > 1:
                loss = loss + NOISE_WEIGHT * noise_maps.correlation(self.maps.values())
            found = torch.autograd.grad(loss, moved, allow_unused=True)
        value = distance.item()
        if self.best is None or value < self.best.distance:
            kept = {name: noise.detach().clone() for name, noise in self.maps.items()}
            self.best = Found(ws.detach().clone(), kept, value, self.done)
        gradients = [
            torch.zeros_like(tensor) if gradient is None else gradient
            for gradient, tensor in zip(found, moved, strict=True)
        ]
        return value, img.detach(), loss.item(), gradients

    def save(self, saved: Saved) -> None:
        """Put away all that changes."""
        saved.facts["searched"] = self.done
        saved.tensors["rows"] = self._rows
        saved.put("maps.", self.maps)
        saved.put("adam.", self._adam.state())
        saved.put("quasi_newton.", self._quasi_newton.state())
        if self.best is not None:
            saved.facts["best"] = [self.best.distance, self.best.step]
            saved.tensors["best.ws"] = self.best.ws
            saved.put("best.maps.", self.best.maps)

    @torch.no_grad()
    def restore(self, saved: Saved) -> None:
        """Go on from what `save` put away."""
        self.done = saved.facts["searched"]
        # A w that was spread over all rows and averaged again differs in its last digit.
        self._rows.copy_(saved.tensors["rows"])
        for name, noise in saved.under("maps.").items():
            self.maps[name].copy_(noise)
        self._adam.restore(saved.under("adam."))
        self._quasi_newton.restore(saved.under("quasi_newton."))
        if "best" in saved.facts:
            device = self._rows.device
            maps = {name: noise.to(device) for name, noise in saved.under("best.maps.").items()}
            ws = saved.tensors["best.ws"].to(device)
            self.best = Found(ws, maps, *saved.facts["best"])
