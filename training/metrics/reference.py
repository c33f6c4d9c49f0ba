"""What the real pictures look like to a feature network: computed once, then remembered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import torch
from torch import Tensor

from training.metrics.cache import Cache
from training.metrics.collect import Team
from training.metrics.moments import Moments, Sums
from training.metrics.names import Metric
from training.metrics.networks import FeatureNetwork
from training.metrics.pictures import Real

_TITLE: Final = "Real pictures"


class Reference:
    """The real pictures through one network.

    What metrics need is there after `prepare`, on the first rank alone.

    features: [N, d] of the first so many pictures.
    floors: distances between two sets of real pictures, by the name of the metric.
    """

    def __init__(self, real: Real, network: FeatureNetwork, cache: Cache, batch: int) -> None:
        self.real, self.network, self.cache, self.batch = real, network, cache, batch
        data = real.dataset
        self._key = {
            "data": data.archive.fingerprint(data.names),
            "mirror": data.mirror,
            "network": network.key,
        }
        self.features = torch.zeros(0, network.d)
        self._sums: Sums | None = None
        self._moments: Moments | None = None
        self._parts: dict[tuple[int, int], Moments] = {}
        self.floors: dict[str, float] = {}

    @property
    def moments(self) -> Moments:
        """The moments of all pictures, mirrored ones included, computed when first asked for.

        Only the first rank asks, so that no other one waits where this fails.
        """
        if self._moments is None:
            sums = self._sums
            self._moments = Moments.of(self.features) if sums is None else sums.moments()
        return self._moments

    def prepare(self, metrics: Sequence[Metric], team: Team) -> None:
        """Look at as many pictures as the metrics need; all ranks call it. Raises as Team does."""
        counts = [self._wanted(metric) for metric in metrics if metric.needs_data]
        self._prepare_features(
            max((count for count in counts if count is not None), default=0), team
        )
        if None in counts:
            self._prepare_moments(team)

    def _wanted(self, metric: Metric) -> int | None:
        """How many pictures' features a metric needs; None: the moments of all are enough."""
        if metric.real is None:
            return None
        if metric.network != "lite":
            return min(metric.real, len(self.real))
        # Both halves of the floor are as large as the sets compared, if there are enough.
        return max(min(metric.real, len(self.real)), 2 * self.half(metric))

    def half(self, metric: Metric) -> int:
        """The size of the two sets that the floor compares; no image is in both."""
        return min(metric.generated, self.real.distinct // 2)

    def part(self, start: int, stop: int) -> Moments:
        """The moments of the features from `start` to `stop`."""
        if (start, stop) not in self._parts:
            self._parts[start, stop] = Moments.of(self.features[start:stop])
        return self._parts[start, stop]

    def _prepare_features(self, count: int, team: Team) -> None:
        if not team.any(len(self.features) < count):
            return
        key = {**self._key, "of": "features"}
        found = self.cache.get(key) if team.first else None
        if team.any(found is not None and len(found) >= count):
            self.features = self.features if found is None else found
            return
        with self.real.reading(team.shares(count, self.batch)[0]) as fetch:
            self.features = team.rows(
                _TITLE, count, self.batch, lambda numbers: self._look(fetch(numbers))
            )
        if team.first:
            self.cache.put(key, self.features)

    def _prepare_moments(self, team: Team) -> None:
        count = len(self.real)
        if team.any(self._sums is not None or len(self.features) == count):
            return
        key = {**self._key, "of": "sums"}
        found = self.cache.get(key) if team.first else None
        if team.any(found is not None):
            self._sums = None if found is None else Sums(self.network.d, found)
            return
        with self.real.reading(team.shares(count, self.batch)[0]) as fetch:
            sums = team.sums(
                _TITLE,
                count,
                self.batch,
                self.network.d,
                lambda numbers: self._look(fetch(numbers)),
            )
        if team.first:
            self._sums = sums
            self.cache.put(key, sums.tensor)

    def _look(self, images: Tensor) -> Tensor:
        return self.network.run(images)[:, : self.network.d]
