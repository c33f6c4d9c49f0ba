"""Synthesis that runs only the stages whose inputs changed.

A stage's output depends on the network, the rows of w, the noise and the edits of that stage and
of those before it. A digest over exactly these names the output, so whatever is still there under
its name can be used instead of being computed. Nothing is ever invalidated: stale outputs are
merely no longer asked for, and the least recently used go when the bytes run out.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeAlias

import torch
from torch import Tensor

from common.errors import Cancelled
from common.lru import Lru
from common.progress import IsCancelled
from networks.base import NoiseInput, Stage, State
from renderer.messages.frame import Draft
from renderer.messages.request import ChannelEdit, Transform
from renderer.pipeline.drafts import COARSEST, LEAST, Paces, bfloat16_pays
from renderer.pipeline.models import Model
from renderer.pipeline.transform import matrix

UNMOVED: Final = Transform()
"""The picture as the network draws it of itself."""

Scales = Sequence[tuple[int, float]]


@dataclass(frozen=True)
class Edits:
    """Channels of layers that are multiplied by a number.

    layers: pairs of a channel and its factor, by the names of the layers. Layers and channels that
        a network lacks have no effect.
    """

    layers: Mapping[str, Scales]

    @classmethod
    def of(cls, edits: Iterable[ChannelEdit]) -> Edits:
        """The edits of a request; their order does not matter."""
        layers: dict[str, list[tuple[int, float]]] = {}
        for edit in sorted(edits, key=lambda e: (e.layer, e.channel, e.scale)):
            layers.setdefault(edit.layer, []).append((edit.channel, edit.scale))
        return cls(layers)

    def apply(self, name: str, x: Tensor) -> Tensor:
        """The output x [N, C, H, W] of a layer as it is edited, of the same shape."""
        scales = [(c, s) for c, s in self.layers.get(name, ()) if 0 <= c < x.shape[1]]
        if not scales:
            return x
        factor = torch.ones(x.shape[1], dtype=x.dtype)
        for channel, scale in scales:
            factor[channel] *= scale
        return x * factor.to(x.device)[:, None, None]


class Result(NamedTuple):
    """What a run of the synthesis network gives.

    img: the picture [1, img_channels, H, W] where it was asked for.
    activations: of the layers that were asked for, [1, C, H, W] each, by name.
    reused: how many of the `total` stages were not run, because their outputs were there.
    total: how many stages the answer needs.
    draft: how the picture was made, where it is only a draft.
    """

    img: Tensor | None
    activations: dict[str, Tensor]
    reused: int
    total: int
    draft: Draft | None = None


_Name: TypeAlias = tuple[bytes, str]
"""A digest of all that an output depends on, and the layer; "" names the state after a stage."""


class Synthesis:
    """Runs synthesis networks and keeps the outputs of stages, at most `limit` bytes of them."""

    def __init__(self, limit: int) -> None:
        self._outputs: Lru[_Name, State] = Lru(limit, size_of=_size)
        self._paces = Paces()
        # Layers asked for lately. While the picture and an atlas are shown side by side, both ask
        # in turn: keeping the layer on the way to the picture saves running its stage again.
        self._asked_lately: deque[frozenset[str]] = deque(maxlen=4)

    @property
    def kept_bytes(self) -> int:
        """Bytes of all outputs that are kept."""
        return self._outputs.size

    def clear(self) -> None:
        """Forget all outputs, and how long they took (the device or the precision has changed)."""
        self._outputs.clear()
        self._paces.clear()

    def run(
        self,
        model: Model,
        ws: Tensor,
        noise: NoiseInput,
        edits: Edits,
        wanted: Iterable[str],
        picture: bool,
        cancelled: IsCancelled,
        keep: bool = True,
        transform: Transform = UNMOVED,
    ) -> Result:
        """The picture and the activations of a latent, by running no more stages than needed.

        ws: [1, num_ws, w_dim] on the CPU.
        wanted: the names of the layers whose activations to bring back.
        picture: whether to bring the picture too.
        keep: whether new outputs are kept; those that are there are used in either case.
        transform: how the picture is moved, where the network does that.
        Raises Cancelled between stages where `cancelled()` is true.
        """
        stages = model.generator.stages
        if not model.generator.transforms:
            transform = UNMOVED
        names = _digests(model, ws, noise, edits, transform)
        places = {layer.name: index for index, stage in enumerate(stages) for layer in stage.layers}
        stage_of = {name: places[name] for name in wanted if name in places}
        if keep:
            self._asked_lately.append(frozenset(stage_of))
        worth_keeping = frozenset(stage_of).union(*self._asked_lately)
        last = len(stages) - 1 if picture else max(stage_of.values(), default=-1)

        # References first: storing new outputs may evict old ones that this run needs.
        states = {i: state for i in range(last + 1) if (state := self._outputs.get((names[i], "")))}
        found = {
            name: state.x
            for name, i in stage_of.items()
            if (state := self._outputs.get((names[i], name))) and state.x is not None
        }
        goals = {i for name, i in stage_of.items() if name not in found}
        if picture and last not in states:
            goals.add(last)

        todo = _stages_to_run(goals, states.keys())

        def done(index: int, caught: Mapping[str, Tensor]) -> None:
            if keep:
                self._outputs.put((names[index], ""), states[index])
                for name, x in caught.items():
                    self._outputs.put((names[index], name), State(x, None))
            found.update((name, x) for name, x in caught.items() if name in stage_of)

        run = _Run(model, ws, noise, edits, worth_keeping, cancelled, transform)
        for index in todo:
            with self._timed(model, index, draft=False):
                caught = run.stage(index, states)
            done(index, caught)
        img = states[last].img if picture else None
        return Result(img, found, last + 1 - len(todo), last + 1)

    def draft(
        self,
        model: Model,
        ws: Tensor,
        noise: NoiseInput,
        edits: Edits,
        cancelled: IsCancelled,
        transform: Transform = UNMOVED,
    ) -> Result | None:
        """The picture of a latent in a hurry; None where the exact one is as good as ready.

        Arguments and errors are those of `run`. Outputs of exact pictures are used where they are
        there, never the other way round.
        """
        stages, last = model.generator.stages, len(model.generator.stages) - 1
        if not model.generator.transforms:
            transform = UNMOVED
        names = _digests(model, ws, noise, edits, transform)
        exact = {i: state for i in range(last + 1) if (state := self._outputs.get((names[i], "")))}
        rough = {i: s for i in range(last + 1) if (s := self._outputs.get((names[i], _ROUGH)))}
        states = rough | exact
        resolutions = [stage.layers[-1].resolution for stage in stages]
        whole = model.generator.resolution
        least = min(max(whole // COARSEST, LEAST), whole)
        candidates = [i for i in range(last, -1, -1) if resolutions[i] >= least]
        if not model.generator.grows:
            candidates = candidates[:1] if bfloat16_pays() else []
        through = self._paces.choose(
            _kind(model),
            _stages_to_run({last} - exact.keys(), exact.keys()),
            candidates,
            lambda stage: _stages_to_run({stage} - states.keys(), states.keys()),
        )
        if through is None:
            return None
        run = _Run(model, ws, noise, edits, frozenset(), cancelled, transform)
        todo = _stages_to_run({through} - states.keys(), states.keys())
        fast = bfloat16_pays()
        with model.generator.drafting() if fast else nullcontext():
            for index in todo:
                with self._timed(model, index, draft=True):
                    run.stage(index, states)
                self._outputs.put((names[index], _ROUGH), states[index])
        img = states[through].img
        assert img is not None
        img = img if through == last else model.generator.preview(img)
        how = Draft(resolutions[through], "bfloat16" if fast else "float32")
        return Result(img, {}, through + 1 - len(todo), last + 1, how)

    def _timed(self, model: Model, index: int, *, draft: bool) -> AbstractContextManager[None]:
        return self._paces.timed(_kind(model), index, draft=draft)


_ROUGH = "(draft)"
"""Names the state after a stage of a draft; no layer is called so."""


class _Run:
    """Runs stages of one network for one latent."""

    def __init__(
        self,
        model: Model,
        ws: Tensor,
        noise: NoiseInput,
        edits: Edits,
        worth_keeping: frozenset[str],
        cancelled: IsCancelled,
        transform: Transform,
    ) -> None:
        self._stages = model.generator.stages
        device = next(model.generator.parameters()).device
        self._ws = ws.to(device)
        # Not to be moved at all is to be drawn as by any other tool, to the last bit.
        self._moved = None if transform == UNMOVED else matrix(transform).to(device)
        self._noise, self._edits = noise, edits
        self._worth_keeping, self._cancelled = worth_keeping, cancelled

    def stage(self, index: int, states: dict[int, State]) -> dict[str, Tensor]:
        """Run a stage: its output goes into `states`; return what was worth keeping on the way.

        Raises Cancelled between layers: those of a large picture take long.
        """
        caught: dict[str, Tensor] = {}

        def tap(name: str, x: Tensor) -> Tensor:
            if self._cancelled():
                raise Cancelled
            x = self._edits.apply(name, x)
            if name in self._worth_keeping:
                caught[name] = x
            return x

        if self._cancelled():
            raise Cancelled
        before = states[index - 1] if index else State(None, None, self._moved)
        state = self._stages[index](before, self._ws, self._noise, tap)
        last = index == len(self._stages) - 1
        states[index] = State(None, state.img) if last else state
        return caught


def _kind(model: Model) -> tuple[str, int, int]:
    """What networks have in common whose stages take equally long."""
    return model.info.family, model.info.resolution, model.info.parameters


def _stages_to_run(goals: Iterable[int], have: Iterable[int]) -> list[int]:
    """Every goal, and before it all stages back to one whose output is there."""
    have = set(have)
    todo: set[int] = set()
    for goal in goals:
        index = goal
        while index >= 0 and index not in todo:
            todo.add(index)
            if index - 1 in have:
                break
            index -= 1
    return sorted(todo)


def _digests(
    model: Model, ws: Tensor, noise: NoiseInput, edits: Edits, transform: Transform
) -> list[bytes]:
    """The name of each stage's output: a running digest of all that it depends on."""
    digest = hashlib.blake2b(str(model.revision).encode(), digest_size=16)
    if transform != UNMOVED:
        digest.update(repr(transform).encode())
    names = []
    for stage in model.generator.stages:
        rows = ws[0, stage.rows.start : stage.rows.stop]
        digest.update(rows.contiguous().numpy().tobytes())
        digest.update(repr(_stage_inputs(stage, noise, edits)).encode())
        names.append(digest.digest())
    return names


def _stage_inputs(stage: Stage, noise: NoiseInput, edits: Edits) -> object:
    """What a stage's output depends on besides its rows of w and the stages before."""
    changes: list[object] = [(layer.name, edits.layers.get(layer.name)) for layer in stage.layers]
    noisy = [layer.name for layer in stage.layers if layer.noise]
    if not noisy or noise.mode == "none":
        return changes
    if noise.mode == "const":
        own = {name: _digest(noise.maps[name]) for name in noisy if name in noise.maps}
        changes = [changes, own] if own else changes
    seed = noise.seed if noise.mode == "random" else None
    strengths = [(name, noise.strength * noise.layers.get(name, 1.0)) for name in noisy]
    return noise.mode, seed, strengths, changes


def _digest(noise: Tensor) -> bytes:
    return hashlib.blake2b(noise.cpu().contiguous().numpy().tobytes(), digest_size=16).digest()


def _size(state: State) -> int:
    """Bytes of an output."""
    return sum(t.numel() * t.element_size() for t in state if t is not None)
