"""Synthesis that runs only the stages whose inputs changed.

A stage's output depends on the network, the rows of w, the noise and the edits of that stage and
of those before it. A digest over exactly these names the output, so whatever is still there under
its name can be used instead of being computed. Nothing is ever invalidated: stale outputs are
merely no longer asked for, and the least recently used go when the bytes run out.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import nullcontext
from typing import Final, NamedTuple, TypeAlias

import torch
from torch import Tensor

from common.lru import Lru
from common.progress import IsCancelled
from networks.base import Generator, State
from renderer.messages.frame import Draft
from renderer.pipeline.drafts import COARSEST, LEAST, SMOOTH, Paces, bfloat16_pays
from renderer.pipeline.models import Model
from renderer.pipeline.synthesis.recordings import Recordings
from renderer.pipeline.synthesis.stages import Inputs, Run, device_of
from renderer.pipeline.weights import draft_dtype


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
"""A digest of all that an output depends on, and what it is: a layer, or one of the next two."""
_EXACT: Final = ""
"""The state after a stage;"""
_ROUGH: Final = "(draft)"
"""and the same of a draft. No layer is called so."""


class Synthesis:
    """Runs synthesis networks and keeps the outputs of stages, at most `limit` bytes of them.

    recordings: of stages, on devices where playing them is faster.
    """

    def __init__(self, limit: int, recordings: Recordings | None = None) -> None:
        self._recordings = recordings or Recordings()
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
        self._recordings.clear()
        self._paces.clear()

    def slow(self, model: Model) -> bool:
        """Whether a picture of a network takes so long that there are drafts of it."""
        stages = range(len(model.generator.stages))
        seconds = self._paces.expected(_kind(model), stages, draft=False)
        return seconds is not None and seconds > SMOOTH

    def weights_were_prepared(self, model: Model) -> None:
        """Find out anew how long drafts of a network take."""
        self._paces.forget_drafts(_kind(model))

    def run(
        self,
        inputs: Inputs,
        wanted: Iterable[str],
        picture: bool,
        cancelled: IsCancelled,
        keep: bool = True,
    ) -> Result:
        """The picture and the activations of a latent, by running no more stages than needed.

        wanted: the names of the layers whose activations to bring back.
        picture: whether to bring the picture too.
        keep: whether new outputs are kept; those that are there are used in either case.
        Raises Cancelled between layers where `cancelled()` is true.
        """
        stages, names = inputs.model.generator.stages, inputs.names
        places = {layer.name: index for index, stage in enumerate(stages) for layer in stage.layers}
        stage_of = {name: places[name] for name in wanted if name in places}
        if keep:
            self._asked_lately.append(frozenset(stage_of))
        worth_keeping = frozenset(stage_of).union(*self._asked_lately)
        last = len(stages) - 1 if picture else max(stage_of.values(), default=-1)

        # References first: storing new outputs may evict old ones that this run needs.
        states = self._kept(names[: last + 1], _EXACT)
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
                self._outputs.put((names[index], _EXACT), states[index])
                for name, x in caught.items():
                    self._outputs.put((names[index], name), State(x, None))
            found.update((name, x) for name, x in caught.items() if name in stage_of)

        play = self._recordings.on(device_of(inputs.model))
        run = Run(inputs, worth_keeping, cancelled, play)
        with inputs.model.using_prepared(torch.float32, at_once=True):
            for index in todo:
                with self._paces.timed(_kind(inputs.model), index, draft=False):
                    caught = run.stage(index, states)
                done(index, caught)
        img = states[last].img if picture else None
        return Result(img, found, last + 1 - len(todo), last + 1)

    def draft(self, inputs: Inputs, cancelled: IsCancelled, keep: bool = True) -> Result | None:
        """The picture of a latent in a hurry; None where the exact one is as good as ready.

        Outputs of exact pictures are used where they are there, never the other way round.
        keep: as in `run`. No exact picture follows what is not kept, so it has all stages: the
            colours of lower ones are others.
        Raises Cancelled between layers where `cancelled()` is true.
        """
        generator, kind, names = inputs.model.generator, _kind(inputs.model), inputs.names
        last = len(names) - 1
        fast = bfloat16_pays()
        exact = self._kept(names, _EXACT)
        states = self._kept(names, _ROUGH) | exact
        through = self._paces.choose(
            kind,
            _stages_to_run({last} - exact.keys(), exact.keys()),
            _candidates(generator, fast, whole=not keep),
            lambda stage: _stages_to_run({stage} - states.keys(), states.keys()),
        )
        if through is None:
            return None
        run = Run(inputs, frozenset(), cancelled)
        todo = _stages_to_run({through} - states.keys(), states.keys())
        with (
            generator.drafting() if fast else nullcontext(),
            inputs.model.using_prepared(draft_dtype()),
        ):
            for index in todo:
                with self._paces.timed(kind, index, draft=True):
                    run.stage(index, states)
                if keep:
                    self._outputs.put((names[index], _ROUGH), states[index])
        img = states[through].img
        assert img is not None
        img = img if through == last else generator.preview(img)
        how = Draft(_resolutions(generator)[through], "bfloat16" if fast else "float32")
        return Result(img, {}, through + 1 - len(todo), last + 1, how)

    def _kept(self, names: Iterable[bytes], what: str) -> dict[int, State]:
        """The outputs that are there of stages from the first on, by their index."""
        found = ((i, self._outputs.get((name, what))) for i, name in enumerate(names))
        return {i: state for i, state in found if state is not None}


def _candidates(generator: Generator, faster: bool, whole: bool) -> Iterator[int]:
    """The stages that a draft may be taken after, the best first.

    faster: whether the same stages take less time in a draft.
    whole: whether a draft has to have all of them.
    """
    resolutions, full = _resolutions(generator), generator.resolution
    if generator.grows and not whole:
        least = min(max(full // COARSEST, LEAST), full)
        yield from (i for i in reversed(range(len(resolutions))) if resolutions[i] >= least)
    elif faster:
        yield len(resolutions) - 1


def _resolutions(generator: Generator) -> list[int]:
    """Pixels a side after each stage."""
    return [stage.layers[-1].resolution for stage in generator.stages]


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


def _size(state: State) -> int:
    """Bytes of an output."""
    return sum(t.numel() * t.element_size() for t in state if t is not None)
