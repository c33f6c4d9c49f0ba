"""The search for the w, and the noise, that make a picture: one step at a time.

StyleGAN2, Appendix D, and beyond it: a w for each layer (Abdal et al. 2019) with a pull towards the
customs of W (Zhu et al. 2020), a start at the best of some seeds, pixels beside features, noise
maps that follow slowly, L-BFGS after Adam, and pivotal tuning (Roich et al. 2021). Whoever advances
it may stop between any two steps, look at what there is, and go on, also in another process from
the bytes of `state`.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from common.errors import UserError
from common.progress import IsCancelled, never
from common.projection import Phase, ProjectionSettings, ProjectionStep
from networks.base import Generator, NoiseInput
from networks.features.distance import Distance
from networks.projection import noise_maps, schedule, space
from networks.projection.adam import Adam
from networks.projection.quasi_newton import QuasiNewton
from networks.projection.start import Seeds
from networks.projection.tuning import PIXELS, Tuning
from ops import first_gradients

NOISE_WEIGHT: Final = 1e5
"""Of the correlation of noise maps (StyleGAN2, Appendix D)."""
ROAMING: Final = 0.25
"""The share of steps in which Adam moves w and noise; in the others L-BFGS moves w alone."""
NOISE_PACE: Final = 0.1
"""The learning rate of noise maps, as a share of that of w. Adam moves what hardly matters as far
as what matters: at the same rate maps wander at random, and w never comes to rest."""
_KEY: Final = "projection"
_VERSION: Final = 2


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


class Projection:
    """A search under way.

    settings: how it searches.
    target: the picture that is searched for, [1, img_channels, R, R] in −1…1.
    history: the distance after each step of the search, then of the tuning.
    best: the nearest that was met; None before the first step of the search.
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
        self._G = _frozen_copy(G)
        self._device = next(self._G.parameters()).device
        self.target = target.to(self._device, torch.float32)
        self._c = None if c is None else c.to(self._device)
        self._apart = distance.to(self.target)
        self._space = space.measure(self._G, self._c)
        self._random = torch.Generator().manual_seed(settings.seed)
        self.history: list[float] = []
        self.best: Found | None = None
        self._picture: Tensor | None = None
        self._searched, self._tuned_steps = 0, 0
        self._tuning: Tuning | None = None
        # A search that begins near the target must not be thrown out of there.
        self._explores = settings.start == "average"
        self._seeds = (
            Seeds(self._G, distance, self.target, self._c, settings.seeds)
            if settings.start == "best"
            else None
        )
        start = self._space.mean.expand(1, self._G.num_ws, -1) if given is None else given[None]
        self._begin(start.to(self._device))

    def _begin(self, ws: Tensor) -> None:
        """Search from ws [1, num_ws, w_dim] on."""
        rows = ws if self.settings.space == "w+" else ws.mean(1, keepdim=True)
        self._rows = rows.clone().requires_grad_(True)
        own = noise_maps.own_maps(self._G, self._spread_out(rows)) if self.settings.noise else {}
        self._maps = {name: noise.requires_grad_(True) for name, noise in own.items()}
        pace = [1.0, *(NOISE_PACE for _ in self._maps)]
        self._adam = Adam([self._rows, *self._maps.values()], pace)
        self._quasi_newton = QuasiNewton(self._rows)

    @torch.no_grad()
    def begin_noise(self, maps: Mapping[str, Tensor]) -> None:
        """Search the noise from these maps on, [H, W] by layer, before the first step.

        Where the noise is not searched nothing changes.
        """
        for name, noise in self._maps.items():
            if name in maps:
                noise.copy_(maps[name])

    @property
    def phase(self) -> Phase:
        """What the next step does."""
        if self._seeds is not None:
            return "start"
        if self._searched < self.settings.steps:
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
                return self._search()
            case "tune":
                return self._tune()
        return ProjectionStep("done", 0, 0, None, self.best.distance if self.best else None)

    def picture(self) -> Tensor:
        """The picture of the step before, [1, img_channels, R, R], without computing it again.

        Where no step was taken since it was begun or resumed, that of the w where it stands.
        """
        if self._picture is None:
            with torch.no_grad():
                noise = NoiseInput(maps=self._maps)
                self._picture = self._G.render(self._ws(), noise)
        return self._picture

    def result(self) -> Tensor:
        """The picture of the best latent, by the tuned network where it was tuned."""
        with torch.no_grad():
            return self.network.render(self._best().ws, NoiseInput(maps=self._best().maps))

    @property
    def network(self) -> Generator:
        """The network that draws the result: tuned, where it was tuned."""
        return self._G if self._tuning is None else self._tuning.tuned

    @property
    def was_tuned(self) -> bool:
        """Whether the network has been fitted to the picture."""
        return self._tuning is not None

    @property
    def found(self) -> Found:
        """The best so far; where nothing was searched yet, the place where it begins."""
        return self._best()

    def _best(self) -> Found:
        if self.best is None:
            return Found(self._ws().detach(), {}, float("inf"), 0)
        return self.best

    def _ws(self) -> Tensor:
        return self._spread_out(self._rows)

    def _spread_out(self, rows: Tensor) -> Tensor:
        return rows.expand(-1, self._G.num_ws, -1)

    def _compare_seeds(self) -> ProjectionStep:
        assert self._seeds is not None
        w, nearest = self._seeds.advance()
        done = ProjectionStep("start", self._seeds.done, self._seeds.total, nearest, nearest)
        if self._seeds.done >= self._seeds.total:
            self._seeds, self._picture = None, None
            self._begin(self._spread_out(w[:, None]))
        return done

    def _search(self) -> ProjectionStep:
        value = self._settle() if self._searched >= self._roaming else self._roam()
        self._searched += 1
        self.history.append(value)
        assert self.best is not None
        return ProjectionStep(
            "search", self._searched, self.settings.steps, value, self.best.distance
        )

    @property
    def _roaming(self) -> int:
        """How many steps are taken with Adam."""
        return round(ROAMING * self.settings.steps)

    def _roam(self) -> float:
        """One step of StyleGAN2, Appendix D. Returns the distance."""
        t = self._searched / self._roaming
        wandering = None
        if self._explores:
            draw = torch.randn(1, 1, self._G.w_dim, generator=self._random)
            wandering = draw.to(self._device) * self._space.spread * schedule.exploration(t)
        moved = [self._rows, *self._maps.values()]
        value, _, gradients = self._evaluate(moved, wandering)
        self._adam.step(
            gradients, schedule.learning_rate((self._searched + 1) / (self._roaming + 1))
        )
        noise_maps.normalise(self._maps.values())
        return value

    def _settle(self) -> float:
        """One evaluation of L-BFGS, which moves w alone. Returns the distance."""
        value, loss, (gradient,) = self._evaluate([self._rows])
        self._quasi_newton.step(loss, gradient)
        return value

    def _evaluate(
        self, moved: list[Tensor], wandering: Tensor | None = None
    ) -> tuple[float, float, list[Tensor]]:
        """The distance, the loss, and its gradient along what is to be moved.

        wandering: what is added to w, [1, 1, w_dim].
        """
        with first_gradients(), torch.enable_grad():
            ws = self._ws() if wandering is None else self._ws() + wandering
            img = self._G.render(ws, NoiseInput(maps=self._maps))
            distance = self._apart(img).sum()
            loss = distance + PIXELS * (img - self.target).square().mean()
            loss = loss + self.settings.pull * self._space.unlikeliness(self._rows)
            if len(moved) > 1:
                loss = loss + NOISE_WEIGHT * noise_maps.correlation(self._maps.values())
            found = torch.autograd.grad(loss, moved, allow_unused=True)
        value = distance.item()
        self._picture = img.detach()
        if self.best is None or value < self.best.distance:
            kept = {name: noise.detach().clone() for name, noise in self._maps.items()}
            self.best = Found(ws.detach().clone(), kept, value, self._searched)
        gradients = [
            torch.zeros_like(tensor) if gradient is None else gradient
            for gradient, tensor in zip(found, moved, strict=True)
        ]
        return value, loss.item(), gradients

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
            min(self.history[self._searched :]),
        )

    def _new_tuning(self) -> Tuning:
        best = self._best()
        return Tuning(self._G, self._distance, self.target, best.ws, NoiseInput(maps=best.maps))

    def _random_w(self) -> Tensor:
        z = torch.randn(1, self._G.z_dim, generator=self._random).to(self._device)
        with torch.no_grad():
            return self._G.map(z, self._c)

    def state(self) -> bytes:
        """All that is needed to go on in another process: a safetensors file."""
        tensors = {"target": self.target, "rows": self._rows, "random": self._random.get_state()}
        tensors |= {f"maps.{name}": noise for name, noise in self._maps.items()}
        tensors |= {f"adam.{name}": value for name, value in self._adam.state().items()}
        quasi_newton = self._quasi_newton.state()
        tensors |= {f"quasi_newton.{name}": value for name, value in quasi_newton.items()}
        facts: dict[str, Any] = {
            "version": _VERSION,
            "settings": msgspec.to_builtins(self.settings),
            "searched": self._searched,
            "tuned": self._tuned_steps,
            "history": self.history,
            "seeds": None if self._seeds is None else self._seeds.done,
        }
        if self._c is not None:
            tensors["c"] = self._c
        if self._seeds is not None and self._seeds.best is not None:
            tensors["nearest"], facts["nearest"] = self._seeds.best
        if self.best is not None:
            tensors["best.ws"] = self.best.ws
            tensors |= {f"best.maps.{name}": noise for name, noise in self.best.maps.items()}
            facts["best"] = [self.best.distance, self.best.step]
        if self._tuning is not None:
            tensors |= {f"tuning.{name}": t for name, t in self._tuning.state().items()}
        whole = {name: t.detach().cpu().contiguous().clone() for name, t in tensors.items()}
        return save(whole, metadata={_KEY: json.dumps(facts)})

    @classmethod
    def resume(cls, G: Generator, distance: Distance, state: bytes) -> Projection:
        """Go on from the bytes of `state`, with the same network and distance. Raises UserError."""
        try:
            facts = _facts(state)
            tensors = load(state)
            settings = msgspec.convert(facts["settings"], ProjectionSettings)
            begun = msgspec.structs.replace(settings, start="given")
            given = tensors["rows"][0].expand(G.num_ws, -1)
            projection = cls(G, distance, tensors["target"], begun, tensors.get("c"), given)
            projection._restore(settings, facts, tensors)
        except (SafetensorError, KeyError, ValueError, TypeError, RuntimeError) as error:
            raise UserError(
                "The saved state of the projection cannot be read, or is of another network.",
                "Begin again.",
            ) from error
        return projection

    def _restore(
        self, settings: ProjectionSettings, facts: dict[str, Any], tensors: dict[str, Tensor]
    ) -> None:
        def under(prefix: str) -> dict[str, Tensor]:
            return {k[len(prefix) :]: t for k, t in tensors.items() if k.startswith(prefix)}

        self.settings, self._explores = settings, settings.start == "average"
        self._random.set_state(tensors["random"])
        with torch.no_grad():
            # A w that was spread over all rows and averaged again differs in its last digit.
            self._rows.copy_(tensors["rows"])
            for name, noise in under("maps.").items():
                self._maps[name].copy_(noise)
        self._adam.restore(under("adam."))
        self._quasi_newton.restore(under("quasi_newton."))
        self._searched, self._tuned_steps = facts["searched"], facts["tuned"]
        self.history = list(facts["history"])
        if facts["seeds"] is not None:
            known = tensors.get("nearest")
            best = None if known is None else (known.to(self._device), facts["nearest"])
            self._seeds = Seeds(
                *(self._G, self._distance, self.target, self._c, settings.seeds),
                done=facts["seeds"],
                best=best,
            )
        if "best" in facts:
            maps = {name: t.to(self._device) for name, t in under("best.maps.").items()}
            self.best = Found(tensors["best.ws"].to(self._device), maps, *facts["best"])
        if tuning := under("tuning."):
            self._tuning = self._new_tuning()
            self._tuning.restore(tuning)


def _facts(state: bytes) -> dict[str, Any]:
    """The JSON in the header of a safetensors file. Raises KeyError, TypeError and ValueError."""
    length = int.from_bytes(state[:8], "little")
    facts: dict[str, Any] = json.loads(json.loads(state[8 : 8 + length])["__metadata__"][_KEY])
    if facts["version"] != _VERSION:
        raise ValueError("another version")
    return facts


def _frozen_copy(G: Generator) -> Generator:
    """The same network with weights of its own, in float32, that need no gradient.

    What was opened in inference mode cannot be searched with; a copy can.
    """
    with torch.inference_mode(False):
        own = copy.deepcopy(G)
        for module in own.modules():
            for name, weight in module._parameters.items():
                if weight is not None:
                    module._parameters[name] = torch.nn.Parameter(weight.clone(), False)
            for name, buffer in module._buffers.items():
                if buffer is not None:
                    module._buffers[name] = buffer.clone()
    own.eval().set_precision("float32")
    return own
