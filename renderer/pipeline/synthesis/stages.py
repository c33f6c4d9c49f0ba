"""What a picture is made of, and the stages of its network: named by that, and run one by one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import torch
from torch import Tensor

from common.errors import Cancelled
from common.progress import IsCancelled
from networks.base import NoiseInput, Scene, Stage, State, StyleTap
from renderer.messages.request import ChannelEdit, RenderRequest, Transform
from renderer.pipeline.models import Model
from renderer.pipeline.synthesis.bending import Bends
from renderer.pipeline.synthesis.recordings import Play, Tensors
from renderer.pipeline.synthesis.styles import Styles
from renderer.pipeline.synthesis.transform import matrix

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


@dataclass(frozen=True)
class Inputs:
    """All that the stages of a network make a picture of.

    ws: [1, num_ws, w_dim] on the CPU.
    transform: how the picture is moved; `UNMOVED` for a network that does not do that.
    bends: what is done to the outputs of layers after the edits.
    styles: what is added to the styles of layers.
    """

    model: Model
    ws: Tensor
    noise: NoiseInput
    edits: Edits
    transform: Transform
    bends: Bends
    styles: Styles

    @classmethod
    def of(
        cls, model: Model, request: RenderRequest, ws: Tensor, maps: Mapping[str, Tensor]
    ) -> Inputs:
        """The inputs of a request. maps: noise in place of the network's own, [H, W] by layer."""
        noise, device = request.noise, device_of(model)
        return cls(
            model,
            ws,
            NoiseInput(
                noise.mode,
                noise.seed,
                noise.strength,
                dict(noise.layers),
                {name: values.to(device) for name, values in maps.items()},
            ),
            Edits.of(request.edits),
            request.transform if model.generator.transforms else UNMOVED,
            Bends.of(request.bends),
            Styles.of(request.styles, model.info),
        )

    def moved(self) -> Tensor | None:
        """How the picture is moved, as `matrix` says, on the network's device.

        None where it is not: not to be moved at all is to be drawn as by any other tool, to the
        last bit.
        """
        unmoved = self.transform == UNMOVED
        return None if unmoved else matrix(self.transform).to(device_of(self.model))

    def scene(self) -> Scene:
        """All of it but w, as what looks for another w of the picture takes it."""
        return Scene(self.noise, StyleTap(self.changed, self.styles.apply), self.moved())

    def changed(self, name: str, x: Tensor) -> Tensor:
        """The output x [N, C, H, W] of a layer as it is edited, then bent, of the same shape."""
        return self.bends.apply(name, self.edits.apply(name, x))

    @cached_property
    def names(self) -> list[bytes]:
        """The name of each stage's output: a running digest of all that it depends on."""
        digest = hashlib.blake2b(str(self.model.revision).encode(), digest_size=16)
        if self.transform != UNMOVED:
            digest.update(repr(self.transform).encode())
        names = []
        for stage in self.model.generator.stages:
            rows = self.ws[0, stage.rows.start : stage.rows.stop]
            digest.update(rows.contiguous().numpy().tobytes())
            digest.update(repr(_changes(stage, self)).encode())
            digest.update(repr(_noise(stage, self.noise)).encode())
            names.append(digest.digest())
        return names


class Run:
    """Runs stages of one network for one picture.

    worth_keeping: the layers whose activations are brought back.
    play: runs a stage where nothing is done to its layers on the way, if not `Stage` itself.
    """

    def __init__(
        self,
        inputs: Inputs,
        worth_keeping: frozenset[str],
        cancelled: IsCancelled,
        play: Play | None = None,
    ) -> None:
        self._stages, self._play = inputs.model.generator.stages, play
        self._inputs, self._moved = inputs, inputs.moved()
        self._ws = inputs.ws.to(device_of(inputs.model))
        self._worth_keeping, self._cancelled = worth_keeping, cancelled

    def stage(self, index: int, states: dict[int, State]) -> dict[str, Tensor]:
        """Run a stage: its output goes into `states`; return what was worth keeping on the way.

        Raises Cancelled between layers: those of a large picture take long.
        """
        if self._cancelled():
            raise Cancelled
        before = states[index - 1] if index else State(None, None, self._moved)
        if self._play is not None and _always_alike(self._stages[index], self._inputs):
            state, caught = self._played(self._play, index, before)
        else:
            state, caught = self._launched(index, before)
        last = index == len(self._stages) - 1
        states[index] = State(None, state.img) if last else state
        return caught

    def _launched(self, index: int, before: State) -> tuple[State, dict[str, Tensor]]:
        caught: dict[str, Tensor] = {}

        def tap(name: str, x: Tensor) -> Tensor:
            if self._cancelled():
                raise Cancelled
            x = self._inputs.changed(name, x)
            if name in self._worth_keeping:
                caught[name] = x
            return x

        changing = StyleTap(tap, self._inputs.styles.apply)
        return self._stages[index](before, self._ws, self._inputs.noise, changing), caught

    def _played(self, play: Play, index: int, before: State) -> tuple[State, dict[str, Tensor]]:
        stage, noise = self._stages[index], self._inputs.noise
        looked_at = [layer.name for layer in stage.layers if layer.name in self._worth_keeping]

        def launch(tensors: Tensors) -> Tensors:
            *state, ws = tensors
            assert ws is not None
            caught: dict[str, Tensor] = {}

            def look(name: str, x: Tensor) -> Tensor:
                if name in looked_at:
                    caught[name] = x
                return x

            return [*stage(State(*state), ws, noise, look), *(caught[n] for n in looked_at)]

        key = (self._inputs.model.revision, index, *looked_at, repr(_noise(stage, noise)))
        (*state,) = play(key, [*before, self._ws], launch)
        caught = zip(looked_at, state[3:], strict=True)
        return State(*state[:3]), {name: x for name, x in caught if x is not None}


def _always_alike(stage: Stage, inputs: Inputs) -> bool:
    """Whether a stage does the same with whatever it is given: no numbers come from elsewhere."""
    changed = inputs.edits.layers.keys() | inputs.bends.layers.keys() | inputs.styles.layers.keys()
    drawn = inputs.noise.mode == "random" or bool(inputs.noise.maps)
    return not any(layer.name in changed or (layer.noise and drawn) for layer in stage.layers)


def _changes(stage: Stage, inputs: Inputs) -> object:
    """What is done to the styles and the outputs of a stage's layers."""
    edits, bends, styles = inputs.edits.layers, inputs.bends.layers, inputs.styles.layers
    names = [layer.name for layer in stage.layers]
    return [(name, edits.get(name), bends.get(name), styles.get(name)) for name in names]


def _noise(stage: Stage, noise: NoiseInput) -> object:
    """What decides which noise the layers of a stage are given."""
    noisy = [layer.name for layer in stage.layers if layer.noise]
    if not noisy or noise.mode == "none":
        return None
    own = {name: _digest(noise.maps[name]) for name in noisy if name in noise.maps}
    seed = noise.seed if noise.mode == "random" else None
    strengths = [(name, noise.strength * noise.layers.get(name, 1.0)) for name in noisy]
    return noise.mode, seed, strengths, own if noise.mode == "const" else None


def _digest(noise: Tensor) -> bytes:
    return hashlib.blake2b(noise.cpu().contiguous().numpy().tobytes(), digest_size=16).digest()


def device_of(model: Model) -> torch.device:
    """Where a network lies."""
    return next(model.generator.parameters()).device
