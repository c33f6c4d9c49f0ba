"""A picture brought into a network: seeds are compared, w and noise searched, the network tuned.

The search begins at the best of some seeds (`start`), goes from there (`search`), and may end with
pivotal tuning (`tuning`). Whoever advances it may stop between any two steps, look at what there
is, and go on, also in another process from the bytes of `state`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec
import torch
from safetensors import SafetensorError
from torch import Tensor

from common.errors import UserError
from common.progress import IsCancelled, never
from common.projection import Phase, ProjectionSettings, ProjectionStep
from networks.base import Generator, NoiseInput
from networks.features.distance import Distance
from networks.frozen import frozen_copy
from networks.projection import space
from networks.projection.saved import Saved
from networks.projection.search import Found, Search
from networks.projection.start import Seeds
from networks.projection.tuning import Tuning


class Projection:
    """A projection under way.

    settings: how it searches.
    target: the picture that is searched for, [1, img_channels, R, R] in −1…1.
    history: the distance after each step of the search, then of the tuning.
    """

    def __init__(
        self,
        G: Generator,
        distance: Distance,
        target: Tensor,
        settings: ProjectionSettings,
        c: Tensor | None = None,
        given: Tensor | None = None,
    ) -> None:
        """G: is copied, so others may use it meanwhile.

        target: [1, img_channels, R, R] of G's resolution, in −1…1.
        c: the class as [1, c_dim] of a conditional network.
        given: where to begin, [num_ws, w_dim]; where settings.start is `given`.
        """
        self.settings, self._distance = settings, distance
        self._G = frozen_copy(G)
        self._device = next(self._G.parameters()).device
        self.target = target.to(self._device, torch.float32)
        self._c = None if c is None else c.to(self._device)
        self._apart = distance.to(self.target)
        self._space = space.measure(self._G, self._c)
        self._random = torch.Generator().manual_seed(settings.seed)
        self.history: list[float] = []
        self._picture: Tensor | None = None
        self._seeds = (
            Seeds(self._G, distance, self.target, self._c, settings.seeds)
            if settings.start == "best"
            else None
        )
        start = self._space.mean.expand(1, self._G.num_ws, -1) if given is None else given[None]
        self._search = self._search_from(start.to(self._device))
        self._tuning: Tuning | None = None
        self._tuned_steps = 0

    def _search_from(self, ws: Tensor) -> Search:
        return Search(
            self._G, self._apart, self.target, self._space, self.settings, ws, self._random
        )

    def begin_noise(self, maps: Mapping[str, Tensor]) -> None:
        """Search the noise from these maps on, [H, W] by layer, before the first step.

        Where the noise is not searched nothing changes.
        """
        self._search.begin_noise(maps)

    @property
    def phase(self) -> Phase:
        """What the next step does."""
        if self._seeds is not None:
            return "start"
        if self._search.done < self.settings.steps:
            return "search"
        return "tune" if self._tuned_steps < self.settings.tune else "done"

    @property
    def finished(self) -> bool:
        """Whether there is nothing left to do."""
        return self.phase == "done"

    def run(self, cancelled: IsCancelled = never) -> Iterator[ProjectionStep]:
        """Step by step to the end, or until `cancelled()`; another call goes on."""
        while not self.finished and not cancelled():
            yield self.step()

    def step(self) -> ProjectionStep:
        """One step: some seeds, one move of w, or one of the network. Nothing where it is done."""
        match self.phase:
            case "start":
                return self._compare_seeds()
            case "search":
                return self._advance_search()
            case "tune":
                return self._tune()
        return ProjectionStep("done", 0, 0, None, self.best.distance if self.best else None)

    def picture(self) -> Tensor:
        """The picture of the step before, [1, img_channels, R, R], without computing it again.

        Where no step was taken since it was begun or resumed, that of the w where it stands.
        """
        if self._picture is None:
            with torch.no_grad():
                noise = NoiseInput(maps=self._search.maps)
                self._picture = self._G.render(self._search.ws, noise)
        return self._picture

    def result(self) -> Tensor:
        """The picture of the best latent, by the tuned network where it was tuned."""
        with torch.no_grad():
            return self.network.render(self.found.ws, NoiseInput(maps=self.found.maps))

    @property
    def network(self) -> Generator:
        """The network that draws the result: tuned, where it was tuned."""
        return self._G if self._tuning is None else self._tuning.tuned

    @property
    def was_tuned(self) -> bool:
        """Whether the network has been fitted to the picture."""
        return self._tuning is not None

    @property
    def best(self) -> Found | None:
        """The nearest that was met; None before the first step of the search."""
        return self._search.best

    @property
    def found(self) -> Found:
        """The best so far; where nothing was searched yet, the place where it begins."""
        return self.best or Found(self._search.ws.detach(), {}, float("inf"), 0)

    def _compare_seeds(self) -> ProjectionStep:
        assert self._seeds is not None
        w, nearest = self._seeds.advance()
        done = ProjectionStep("start", self._seeds.done, self._seeds.total, nearest, nearest)
        if self._seeds.done >= self._seeds.total:
            self._seeds, self._picture = None, None
            self._search = self._search_from(w[:, None].expand(-1, self._G.num_ws, -1))
        return done

    def _advance_search(self) -> ProjectionStep:
        value, self._picture = self._search.step()
        self.history.append(value)
        assert self.best is not None
        return ProjectionStep(
            "search", self._search.done, self.settings.steps, value, self.best.distance
        )

    def _tune(self) -> ProjectionStep:
        tuning = self._tuning = self._tuning or self._new_tuning()
        value, self._picture = tuning.step(self._random_w)
        self._tuned_steps += 1
        self.history.append(value)
        return ProjectionStep(
            "tune",
            self._tuned_steps,
            self.settings.tune,
            value,
            min(self.history[self._search.done :]),
        )

    def _new_tuning(self) -> Tuning:
        ws, noise = self.found.ws, NoiseInput(maps=self.found.maps)
        return Tuning(self._G, self._distance, self.target, ws, noise)

    def _random_w(self) -> Tensor:
        z = torch.randn(1, self._G.z_dim, generator=self._random).to(self._device)
        with torch.no_grad():
            return self._G.map(z, self._c)

    def state(self) -> bytes:
        """All that is needed to go on in another process: a safetensors file."""
        saved = Saved(
            {
                "settings": msgspec.to_builtins(self.settings),
                "history": self.history,
                "tuned": self._tuned_steps,
                "seeds": None if self._seeds is None else self._seeds.done,
            },
            {"target": self.target, "random": self._random.get_state()},
        )
        if self._c is not None:
            saved.tensors["c"] = self._c
        if self._seeds is not None and self._seeds.best is not None:
            saved.tensors["nearest"], saved.facts["nearest"] = self._seeds.best
        self._search.save(saved)
        if self._tuning is not None:
            saved.put("tuning.", self._tuning.state())
        return saved.to_bytes()

    @classmethod
    def resume(cls, G: Generator, distance: Distance, state: bytes) -> Projection:
        """Go on from the bytes of `state`, with the same network and distance. Raises UserError."""
        try:
            saved = Saved.from_bytes(state)
            settings = msgspec.convert(saved.facts["settings"], ProjectionSettings)
            tensors = saved.tensors
            given = tensors["rows"][0].expand(G.num_ws, -1)
            projection = cls(G, distance, tensors["target"], settings, tensors.get("c"), given)
            projection._restore(saved)
        except (SafetensorError, KeyError, ValueError, TypeError, RuntimeError) as error:
            raise UserError(
                "The saved state of the projection cannot be read, or is of another network.",
                "Begin again.",
            ) from error
        return projection

    def _restore(self, saved: Saved) -> None:
        self._random.set_state(saved.tensors["random"])
        self.history = list(saved.facts["history"])
        self._tuned_steps = saved.facts["tuned"]
        if saved.facts["seeds"] is None:
            self._seeds = None
        elif self._seeds is not None:
            self._seeds.done = saved.facts["seeds"]
            if "nearest" in saved.tensors:
                w = saved.tensors["nearest"].to(self._device)
                self._seeds.best = w, saved.facts["nearest"]
        self._search.restore(saved)
        if tuning := saved.under("tuning."):
            self._tuning = self._new_tuning()
            self._tuning.restore(tuning)
