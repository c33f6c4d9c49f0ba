"""The weights of one network as they were prepared, and which ones are still to be.

A network tells by itself what there is to prepare: while it draws a picture inside of `noting`,
`ops.modulated_conv2d` notes with what shapes it uses which weight. What was noted is made piece by
piece, and from then on the operator finds it inside of `using`.

store = PreparedWeights(delivered().choose)
with store.noting():
    network.render(ws)
while store.missing:
    store.make_one(torch.bfloat16)
with store.using():
    network.render(ws)      # faster, and the same up to the rounding of bfloat16
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TypeAlias

import torch
from torch import Tensor
from torch.utils.weak import WeakIdKeyDictionary

from ops.path import on_reference_path
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
    todo: what it is used for without anything having been made for that.
    made: what was made for each use; None where nothing is faster than the definition.
    """

    version: int
    todo: set[Use] = field(default_factory=set)
    made: dict[Use, Prepared | None] = field(default_factory=dict)


class PreparedWeights:
    """Kept as long as the network. Not safe to use from several threads at once.

    A weight that is written to is forgotten, and used as it is until it is noted and made again.
    What is written inside of `torch.inference_mode` torch does not count: call `clear` then.
    """

    def __init__(self, choose: Choose) -> None:
        """choose: which form, for what use."""
        self._choose = choose
        self._weights: MutableMapping[Tensor, _Weight] = WeakIdKeyDictionary()

    @contextmanager
    def noting(self) -> Iterator[None]:
        """Note what is used inside this block, in this thread; it computes as it would anyway."""
        with _during(self, using=False):
            yield

    @contextmanager
    def using(self) -> Iterator[None]:
        """Use what is prepared inside this block, in this thread; what is not, is noted."""
        with _during(self, using=True):
            yield

    @property
    def size(self) -> int:
        """Bytes of everything that was made."""
        made = [one for known in self._weights.values() for one in known.made.values() if one]
        return sum(one.form.size + one.squares.numel() * 4 for one in made)

    @property
    def missing(self) -> int:
        """How many uses were noted for which nothing was made yet."""
        return sum(len(known.todo) for known in self._weights.values())

    def clear(self) -> None:
        """Forget everything."""
        self._weights.clear()

    @torch.no_grad()
    def make_one(self, dtype: torch.dtype) -> None:
        """Make what is missing for one use, which takes about as long as a layer of a picture.

        dtype: the number format to compute in, float32 or bfloat16.
        """
        for weight, known in list(self._weights.items()):
            if known.version != weight._version:
                del self._weights[weight]
            elif known.todo:
                use = known.todo.pop()
                known.made[use] = None  # should it fail, it is not tried in every picture
                known.made[use] = self._make(weight.detach(), use, dtype)
                return

    def find(self, weight: Tensor, use: Use, *, note_only: bool) -> Prepared | None:
        """What was made of a weight [O, I, 3, 3] for a use; None where nothing was."""
        if weight.is_inference():  # such do not count their changes
            return None
        known = self._weights.get(weight)
        if known is None or known.version != weight._version:
            known = self._weights[weight] = _Weight(weight._version)
        if use not in known.made:
            known.todo.add(use)
        return None if note_only else known.made.get(use)

    def _make(self, weight: Tensor, use: Use, dtype: torch.dtype) -> Prepared | None:
        form = FORMS.get(self._choose((weight.shape[1], weight.shape[0]), use, dtype))
        if form is None:
            return None
        squares = weight.float().square().sum((2, 3)).T.contiguous()
        return Prepared(form(weight.to(dtype), use), squares, dtype)


_now: ContextVar[tuple[PreparedWeights, bool] | None] = ContextVar("prepared", default=None)


@contextmanager
def _during(store: PreparedWeights, *, using: bool) -> Iterator[None]:
    token = _now.set((store, using))
    try:
        yield
    finally:
        _now.reset(token)


def find_prepared(weight: Tensor, x: Tensor, use: Use) -> Prepared | None:
    """What the `using` block around this has for a weight [O, I, k, k] and a picture [N, I, H, W].

    None outside of such a block, and where a gradient is recorded.
    """
    now = _now.get()
    if now is None or on_reference_path() or torch.is_grad_enabled():
        return None
    if len(x) != 1 or x.device.type != "cpu" or weight.shape[2:] != (3, 3):
        return None
    store, using = now
    return store.find(weight, use, note_only=not using)
