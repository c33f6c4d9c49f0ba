"""The weights of one network as they were prepared, and which ones are still to be.

A network tells by itself what there is to prepare: while it draws a picture inside of `using`,
`ops.modulated_conv2d` asks for each weight in the form that suits the shapes at hand. What is not
there yet is made on the spot, or noted and made later piece by piece.

store = PreparedWeights(delivered().choose)
with store.using(torch.float32, at_once=True):
    network.render(ws)      # the same up to the rounding of float32, and every time the same
while store.missing(torch.bfloat16):
    store.make_one(torch.bfloat16)
with store.using(torch.bfloat16):
    network.render(ws)      # faster again, and the same up to the rounding of bfloat16
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import NamedTuple, TypeAlias

import torch
from torch import Tensor
from torch.utils.weak import WeakIdKeyDictionary

from ops.path import in_first_gradients, on_reference_path
from ops.prepared.forms import FORMS, Form, Use

Choose: TypeAlias = Callable[[tuple[int, int], Use, torch.dtype], str]
"""From the channels that come in and go out, the use and the number format to a name in FORMS.
Any other name means that nothing is prepared."""


@dataclass(frozen=True)
class Prepared:
    """A weight for one use.

    form: what convolves.
    squares: Σ w² over the taps, [I, O] float32, of which norms are made (StyleGAN2, eq. 3).
    dtype: what it computes in.
    """

    form: Form
    squares: Tensor
    dtype: torch.dtype

    def __call__(self, x: Tensor, f: Tensor | None) -> Tensor:
        """x [1, I, H, W], of any number format, convolved. f: the filter that upsamples."""
        return self.form(x.to(self.dtype, memory_format=torch.channels_last), f)


@dataclass
class _Weight:
    """What is known of a weight.

    version: counts its changes; what was made of an older one is wrong.
    uses: what it was used for.
    made: what was made for each use and number format; None where nothing is faster than the
        definition.
    """

    version: int
    uses: set[Use] = field(default_factory=set)
    made: dict[tuple[Use, torch.dtype], Prepared | None] = field(default_factory=dict)


class PreparedWeights:
    """Kept as long as the network. Not safe to use from several threads at once.

    A weight that is written to is forgotten, and made again when it is used again. What is written
    inside of `torch.inference_mode` torch does not count: call `clear` then.
    """

    def __init__(self, choose: Choose) -> None:
        """choose: which form, for what use."""
        self._choose = choose
        self._weights: MutableMapping[Tensor, _Weight] = WeakIdKeyDictionary()

    @contextmanager
    def using(self, dtype: torch.dtype, *, at_once: bool = False) -> Iterator[None]:
        """Use what is prepared inside this block, in this thread.

        dtype: the number format to compute in, float32 or bfloat16.
        at_once: what is not prepared is made when it is used for the first time. Otherwise the
            definition takes its place, and it is noted as missing.
        """
        token = _now.set(_Using(self, dtype, at_once))
        try:
            yield
        finally:
            _now.reset(token)

    @property
    def size(self) -> int:
        """Bytes of everything that was made."""
        made = [one for known in self._weights.values() for one in known.made.values() if one]
        squares = {id(one.squares): one.squares.numel() * 4 for one in made}
        return sum(one.form.size for one in made) + sum(squares.values())

    def missing(self, dtype: torch.dtype) -> int:
        """For how many uses that are known nothing was made yet in a number format."""
        return sum(
            (use, dtype) not in known.made for known in self._weights.values() for use in known.uses
        )

    def clear(self) -> None:
        """Forget everything."""
        self._weights.clear()

    def make_one(self, dtype: torch.dtype) -> None:
        """Make what is missing for one use, which takes about as long as a layer of a picture."""
        for weight, known in list(self._weights.items()):
            if known.version != weight._version:
                del self._weights[weight]
                continue
            for use in known.uses:
                if (use, dtype) not in known.made:
                    self._make(weight, known, use, dtype)
                    return

    def find(
        self, weight: Tensor, use: Use, dtype: torch.dtype, *, at_once: bool
    ) -> Prepared | None:
        """What was made of a weight [O, I, 3, 3] for a use; None where nothing was."""
        if weight.is_inference():  # such do not count their changes
            return None
        known = self._weights.get(weight)
        if known is None or known.version != weight._version:
            known = self._weights[weight] = _Weight(weight._version)
        known.uses.add(use)
        if at_once and (use, dtype) not in known.made:
            self._make(weight, known, use, dtype)
        return known.made.get((use, dtype))

    @torch.inference_mode(mode=False)
    @torch.no_grad()
    def _make(self, weight: Tensor, known: _Weight, use: Use, dtype: torch.dtype) -> None:
        known.made[use, dtype] = None  # should it fail, it is not tried in every picture
        form = FORMS.get(self._choose((weight.shape[1], weight.shape[0]), use, dtype))
        if form is None:
            return
        others = (one.squares for one in known.made.values() if one is not None)
        squares = next(others, None)
        if squares is None:
            squares = weight.detach().float().square().sum((2, 3)).T.contiguous()
        known.made[use, dtype] = Prepared(form(weight.detach().to(dtype), use), squares, dtype)


class _Using(NamedTuple):
    """What the block around this uses, as `PreparedWeights.using` says."""

    store: PreparedWeights
    dtype: torch.dtype
    at_once: bool


_now: ContextVar[_Using | None] = ContextVar("prepared", default=None)


def find_prepared(weight: Tensor, x: Tensor, use: Use) -> Prepared | None:
    """What the `using` block around this has for a weight [O, I, k, k] and a picture [N, I, H, W].

    None outside of such a block, and where more gradients are recorded than first ones of x.
    """
    now, gradient = _now.get(), torch.is_grad_enabled()
    if now is None or on_reference_path() or torch.is_autocast_enabled(x.device.type):
        return None
    if gradient and (weight.requires_grad or not in_first_gradients()):
        return None
    use = replace(use, gradient=gradient)
    if len(x) != 1 or x.device.type != "cpu" or weight.shape[2:] != (3, 3):
        return None
    return now.store.find(weight, use, now.dtype, at_once=now.at_once)
