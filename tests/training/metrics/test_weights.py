"""Files of weights: only tensors are taken from them, and each is read once."""

from __future__ import annotations

import pytest
import torch

from common.errors import UserError
from tests.training.metrics import fake_features
from training.metrics import networks, weights
from training.metrics.names import parse_all


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
def test_a_weights_file_is_data(tmp_path):
    """Whole modules, TorchScript and other files are refused, and nothing of them runs."""
    torch.save(torch.nn.Linear(2, 2), tmp_path / "module.pth")
    torch.jit.save(torch.jit.script(Twice()), tmp_path / "script.pt")
    (tmp_path / "text.pth").write_text("hello")
    torch.save([torch.zeros(1)], tmp_path / "list.pth")
    for name in ("module.pth", "script.pt", "text.pth", "list.pth"):
        with pytest.raises(UserError, match=rf"{name} holds no weights") as caught:
            weights.read(tmp_path / name)
        assert "state_dict is needed" in str(caught.value)
    torch.save({"x": torch.ones(2)}, tmp_path / "good.pth")
    found = weights.read(tmp_path / "good.pth")
    assert found.tensors["x"].tolist() == [1, 1]
    assert found.described(found.digest) == found.digest
    assert found.described("6726825d") == f"{found.digest} (not as published)"


def test_a_weights_file_is_read_once_for_all_networks(monkeypatch, tmp_path):
    file = tmp_path / "all.pth"
    torch.save({"a": torch.ones(2), "b": torch.zeros(3)}, file)
    reads = []
    read = weights.read
    monkeypatch.setattr(networks, "read", lambda path: reads.append(path) or read(path))

    def loader(marker):
        def load(device, given):
            found = weights.find("https://host/x.pth", marker, "some", given)
            return found.digest, fake_features.colours, len(found.tensors[marker])

        return load

    monkeypatch.setitem(networks.LOADERS, "lite", loader("a"))
    monkeypatch.setitem(networks.LOADERS, "inception", loader("b"))
    wanted = parse_all("fd20_lite,fid50k_full")
    found = networks.load_all(wanted, torch.device("cpu"), [file])
    assert {name: network.d for name, network in found.items()} == {"lite": 2, "inception": 3}
    assert reads == [file]


class Twice(torch.nn.Module):
    def forward(self, x):
        return 2 * x
