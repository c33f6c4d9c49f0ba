"""Two processes with half of a batch each compute the gradients of one with all of it."""

from __future__ import annotations

import dataclasses
import os
import signal
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from common.errors import UserError
from networks.training_traits import PHASES
from tests.training.tiny_runs import tiny, write_data
from training.data.dataset import ImageDataset
from training.learn import parts
from training.run.distributed import Group, StopRequest, spawn
from training.run.stats import Statistics

BATCH = 8


def gradients(group: Group, data: str, result: str) -> None:
    """The gradients of each phase, of this rank's share of a fixed batch, in a file."""
    torch.set_num_threads(1)
    dataset = ImageDataset(data)
    # No draws that differ between ranks; the moving mean of lengths is of one rank's batch.
    loss = {"r1_gamma": 5, "style_mixing_prob": 0, "pl_decay": 0, "pl_batch_shrink": 1}
    options = tiny(Path(data), batch_size=BATCH, loss_kwargs=loss)
    built = parts.build(options, dataset, group)
    built.augment.p.fill_(0)
    pattern = torch.from_numpy(np.random.RandomState(1).randn(3, 16, 16)).float()
    torch.randn_like = lambda x: pattern.expand_as(x)  # type: ignore[assignment]
    images = np.stack([dataset[i][0] for i in range(BATCH)])
    real = torch.from_numpy(images).float() / 127.5 - 1
    z = torch.from_numpy(np.random.RandomState(0).randn(BATCH, 32)).float()
    none = torch.zeros(BATCH, 0)
    share = slice(group.rank, None, group.size)  # as the sampler deals images out
    statistics = Statistics("cpu", group.total)
    tensors = {}
    for phase in PHASES:
        network = built.G if phase[0] == "G" else built.D
        network.zero_grad(set_to_none=True)
        built.loss.accumulate(
            phase, real[share], none[share], z[share], none[share], 1, statistics.report
        )
        for name, parameter in network.named_parameters():
            if parameter.grad is not None and not name.endswith("noise_strength"):
                tensors[f"{phase}.{name}"] = parameter.grad.clone()
    tensors["w_avg"] = built.G.w_avg.clone()
    for name, entry in statistics.read().items():
        tensors[name] = torch.tensor([entry["num"], entry["mean"], entry["std"]])
    save_file(tensors, f"{result}.{group.rank}")


def fail(group: Group, how: str) -> None:
    """The second rank fails, while the first waits for it."""
    if group.rank == 1:
        if how == "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        raise UserError("The second GPU is tired.", "Let it rest.")
    group.total(torch.zeros(1))


def test_gradients_and_statistics_of_two_are_those_of_one(tmp_path, monkeypatch):
    data = str(write_data(tmp_path / "suns", 20))
    spawn(2, "cpu", gradients, data, str(tmp_path / "two"))
    monkeypatch.setattr(torch, "randn_like", torch.randn_like)  # restored afterwards
    threads = torch.get_num_threads()
    gradients(Group(), data, str(tmp_path / "one"))
    torch.set_num_threads(threads)
    one, first, second = (load_file(tmp_path / name) for name in ("one.0", "two.0", "two.1"))
    assert len(one) > 80
    assert one.keys() == first.keys() == second.keys()
    for name, value in one.items():
        scale = float(value.abs().max())
        torch.testing.assert_close(
            first[name], value, rtol=1e-4, atol=1e-4 * scale, msg=name, equal_nan=True
        )
        assert torch.equal(first[name], second[name]), name
    assert one["Loss/scores/real"][0] == BATCH


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ("error", "The second GPU is tired. Let it rest."),
        ("killed", "rank 1 ended with code -9. Continue the run from its last snapshot"),
    ],
)
def test_a_rank_that_fails_ends_all(how, message):
    with pytest.raises(UserError) as caught:
        spawn(2, "cpu", fail, how)
    assert str(caught.value).startswith(message)


def stop_all(group: Group) -> None:
    if group.rank == 0:
        os.kill(os.getppid(), signal.SIGTERM)
    time.sleep(60)


def test_stopped_while_they_start_they_are_not_called_lost():
    with pytest.raises(KeyboardInterrupt):
        spawn(2, "cpu", stop_all)


def test_the_first_signal_asks_and_the_second_stops():
    before = signal.getsignal(signal.SIGTERM)
    with StopRequest().listening() as stop:
        assert not stop.asked
        signal.raise_signal(signal.SIGINT)
        assert stop.asked
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is before


def test_one_process_communicates_with_nobody():
    group = Group()
    assert group.any(True)
    assert not group.any(False)
    assert group.gather(b"x") == [b"x"]
    assert float(group.mean(torch.tensor(3.0))) == 3
    assert dataclasses.asdict(group)["size"] == 1
