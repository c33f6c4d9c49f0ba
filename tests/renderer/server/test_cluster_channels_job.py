"""The channels of a layer are grouped as a job, whatever is done to them at the moment."""

from __future__ import annotations

import contextlib

import pytest
from msgspec import structs

from common.errors import Cancelled, UserError
from renderer.messages.bending import Bend
from renderer.messages.cluster_job import ClusterChannels, Clusters
from renderer.messages.options import EngineOptions
from renderer.messages.request import RenderRequest, Truncation
from renderer.pipeline.pipeline import Pipeline
from renderer.server.job import Task
from renderer.server.jobs.cluster_channels import run
from tests.paths import DATA

SNAPSHOT = str(DATA / "sg2-uncond-32.pkl")
LAYER = "b16.conv1"
REQUEST = RenderRequest(SNAPSHOT, truncation=Truncation(0.8))


@pytest.fixture(scope="module")
def pipeline() -> Pipeline:
    return Pipeline(EngineOptions(device="cpu", threads=1))


def found(pipeline: Pipeline, work: ClusterChannels, cancelled=lambda: False) -> Clusters:
    told: list[float] = []
    task = Task(
        pipeline,
        lambda fraction, text: told.append(fraction),
        cancelled,
        contextlib.nullcontext,
        lambda *_: None,
    )
    clusters = run(work, task).read(Clusters)
    assert told == sorted(told)
    assert told[-1] == 1
    return clusters


def test_all_channels_are_grouped_alike_whatever_is_bent(pipeline) -> None:
    work = ClusterChannels(SNAPSHOT, REQUEST, LAYER, count=4, samples=5)
    clusters = found(pipeline, work)
    channels = next(x.channels for x in pipeline.load(SNAPSHOT).layers if x.name == LAYER)
    assert sorted(c for group in clusters.groups for c in group) == list(range(channels))
    assert 1 < len(clusters.groups) <= 4
    bent = structs.replace(REQUEST, bends=(Bend(LAYER, "mirror", 1.0),))
    assert found(pipeline, structs.replace(work, request=bent)) == clusters


def test_a_layer_that_is_not_there_and_a_change_of_mind_are_told(pipeline) -> None:
    with pytest.raises(UserError, match=r"b99\.conv1"):
        found(pipeline, ClusterChannels(SNAPSHOT, REQUEST, "b99.conv1"))
    with pytest.raises(Cancelled):
        found(pipeline, ClusterChannels(SNAPSHOT, REQUEST, LAYER), lambda: True)
