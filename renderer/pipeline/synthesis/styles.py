"""Changing styles of layers, as a request says it (Wu et al. 2021, "StyleSpace Analysis")."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from torch import Tensor

from common.errors import UserError
from renderer.messages.directions import LARGEST, check_amount
from renderer.messages.model import ModelInfo
from renderer.messages.request import StyleShift


@dataclass(frozen=True)
class Styles:
    """What is added to the styles of layers.

    layers: pairs of a channel and what is added to it, by the names of layers; channels in
        ascending order, each once, and none that stays as it is.
    """

    layers: Mapping[str, tuple[tuple[int, float], ...]]

    @classmethod
    def of(cls, shifts: Iterable[StyleShift], model: ModelInfo) -> Styles:
        """The changed styles of a request; those that the network lacks are left out.

        Raises UserError for amounts and standard deviations that are out of range.
        """
        counts = {layer.name: layer.styles for layer in model.layers}
        sums: dict[str, dict[int, float]] = {}
        for shift in shifts:
            if not 0 <= shift.channel < counts.get(shift.layer, 0):
                continue
            name = f"Style {shift.channel} of {shift.layer}"
            check_amount(shift.amount, name)
            if not -LARGEST <= shift.sigma <= LARGEST:
                raise UserError(
                    f"{name}: the standard deviation {shift.sigma:g} is out of range.",
                    f"Standard deviations go up to {LARGEST:g}.",
                )
            step = shift.amount * shift.sigma
            layer = sums.setdefault(shift.layer, {})
            layer[shift.channel] = layer.get(shift.channel, 0.0) + step
        pairs = {
            name: tuple((channel, step) for channel, step in sorted(layer.items()) if step)
            for name, layer in sums.items()
        }
        return cls({name: steps for name, steps in pairs.items() if steps})

    def apply(self, name: str, styles: Tensor) -> Tensor:
        """The styles [N, C] of a layer as they are changed, of the same shape and type."""
        steps = self.layers.get(name)
        if steps is None:
            return styles
        away = styles.new_zeros(styles.shape[1])
        for channel, step in steps:
            away[channel] = step
        return styles + away
