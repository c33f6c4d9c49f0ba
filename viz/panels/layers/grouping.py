"""Groups of channels: found by the renderer on demand, and kept while the program runs."""

from __future__ import annotations

from renderer.messages.cluster_job import ClusterChannels, Clusters
from renderer.messages.model import ModelInfo
from viz.desk.jobs import Ended, Jobs
from viz.desk.parts.clusters import Groups
from viz.session.cell import SessionCell


class Grouping:
    """`viz.desk.parts.clusters.ChannelGroups`, of every network that was looked at.

    cell: the session, whose network is meant.
    jobs: what is under way in the renderer.
    """

    def __init__(self, cell: SessionCell, jobs: Jobs) -> None:
        self._cell, self._jobs = cell, jobs
        self._found: dict[tuple[str, str], tuple[ModelInfo | None, Groups]] = {}
        self._looking: set[tuple[str, str]] = set()

    def of(self, layer: str) -> Groups | None:
        """See ChannelGroups."""
        key = self._key(layer)
        model, groups = self._found.get(key, (None, None))
        written_anew = model != self._jobs.models.get(key[0])
        return None if written_anew else groups

    def looking_at(self, layer: str) -> bool:
        """See ChannelGroups."""
        return self._key(layer) in self._looking

    def find(self, layer: str) -> None:
        """See ChannelGroups."""
        key = self._key(layer)
        if key in self._looking:
            return
        request = self._cell.now.render
        model = self._jobs.models.get(request.snapshot)
        self._looking.add(key)

        def ended(end: Ended) -> None:
            self._looking.discard(key)
            self._jobs.tell(end)
            if end.result is not None:
                self._found[key] = model, end.result.read(Clusters).groups

        work = ClusterChannels(request.snapshot, request, layer)
        self._jobs.start(work, f"Grouping the channels of {layer}", ended)

    def _key(self, layer: str) -> tuple[str, str]:
        return self._cell.now.render.snapshot, layer
