"""Files with directions of other programs: which are read, and what is said of the others."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file

from common.errors import UserError
from renderer.messages.model import ModelInfo
from renderer.pipeline.latents.direction_files import Foreign, read_directions
from renderer.pipeline.latents.saved_w import read_w

WIDTH = 6
INFO = ModelInfo("a.pkl", "a.pkl", "", "stylegan2", 8, 3, WIDTH, WIDTH, 0, 3, 0, (), ())
DIRECTIONS = np.random.RandomState(0).randn(4, WIDTH).astype("f")


def read(path) -> np.ndarray:
    found = read_directions(str(path), INFO)
    assert isinstance(found, Foreign)
    return np.stack(found.vectors)


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("key", ["directions", "boundary", "smile", "latent", "w"])
def test_a_table_of_torch_is_read_as_one_of_numpy(tmp_path, key, zipped) -> None:
    for values in (DIRECTIONS, DIRECTIONS[0]):
        np.savez(tmp_path / "a.npz", **{key: values})
        table = {key: torch.from_numpy(values), "note": "by hand"}
        torch.save(table, tmp_path / "a.pt", _use_new_zipfile_serialization=zipped)
        expected = values.reshape(-1, 1, WIDTH)
        np.testing.assert_array_equal(read(tmp_path / "a.pt"), expected)
        np.testing.assert_array_equal(read(tmp_path / "a.npz"), expected)


def test_the_known_name_goes_first_and_several_without_one_are_refused(tmp_path) -> None:
    table = {"mean": torch.ones(WIDTH), "direction": torch.from_numpy(DIRECTIONS)}
    torch.save(table, tmp_path / "a.pt")
    np.testing.assert_array_equal(read(tmp_path / "a.pt")[:, 0], DIRECTIONS)
    torch.save({"mean": torch.ones(WIDTH), "smile": torch.ones(WIDTH)}, tmp_path / "a.pt")
    with pytest.raises(UserError, match="holds 2 tensors, none of them named directions or"):
        read(tmp_path / "a.pt")
    torch.save({"note": "by hand"}, tmp_path / "a.pt")
    with pytest.raises(UserError, match="holds no tensor"):
        read(tmp_path / "a.pt")


def test_the_columns_of_a_closed_form_are_directions(tmp_path) -> None:
    axes = np.linalg.qr(np.random.RandomState(1).randn(WIDTH, WIDTH))[0].astype("f")
    torch.save({"ckpt": "factor.pt", "eigvec": torch.from_numpy(axes)}, tmp_path / "factor.pt")
    np.savez(tmp_path / "factor.npz", eigvec=axes, other=axes)
    for name in ("factor.pt", "factor.npz"):
        np.testing.assert_array_equal(read(tmp_path / name)[:, 0], axes.T)
    # As many as the network has rows of w are still directions of their own.
    torch.save({"eigvec": torch.from_numpy(axes[:, :3].copy())}, tmp_path / "factor.pt")
    np.testing.assert_array_equal(read(tmp_path / "factor.pt")[:, 0], axes[:, :3].T)


def test_a_file_of_another_kind_is_told_as_what_it_is(tmp_path) -> None:
    (tmp_path / "a.npy").write_text("smile 1 2 3\n")
    (tmp_path / "b.npy").write_bytes(b"")
    (tmp_path / "c.npy").write_bytes(bytes(100))
    save_file({"direction": DIRECTIONS}, tmp_path / "d.safetensors")
    kinds = {
        "a.npy": "it is text",
        "b.npy": "it is empty",
        "c.npy": "it is of another kind",
        "d.safetensors": "it is a safetensors file",
    }
    for name, kind in kinds.items():
        with pytest.raises(UserError, match=f"{name} is no file of directions: {kind}"):
            read(tmp_path / name)


def test_errors_speak_of_what_was_asked_for(tmp_path) -> None:
    (tmp_path / "evil.pt").write_bytes(pickle.dumps({"directions": [1.0, 2.0]}))
    for reading, title in ((read, "directions"), (read_w, "saved w")):
        with pytest.raises(UserError, match=f"Cannot read the {title} .*it is a plain pickle"):
            reading(str(tmp_path / "evil.pt"))
