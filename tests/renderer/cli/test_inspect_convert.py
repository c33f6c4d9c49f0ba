"""`inspect` and `convert`, from the command line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner, Result

import visualizer
from common.errors import UserError
from networks.base import NoiseInput, truncate
from networks.snapshots.snapshot import open_snapshot, write_snapshot
from tests.paths import ROOT
from tests.snapshot_files import DATA, call, nvidia_pickle, text, tiny_networks

RUN = DATA / "earth64-run"
NEWEST = "network-snapshot-000040.pkl"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(visualizer.cli, [str(a) for a in arguments])


def pictures(path: Path) -> np.ndarray:
    G = open_snapshot(path).G_ema
    z = np.stack([np.random.RandomState(seed).randn(G.z_dim) for seed in (0, 3, 85)])
    with torch.inference_mode():
        ws = G.map(torch.from_numpy(z.astype(np.float32)))[:, None].repeat(1, G.num_ws, 1)
        img = G.render(truncate(ws, G.w_avg, 0.7), NoiseInput("const"))
    return (img * 127.5 + 128).clamp(0, 255).to(torch.uint8).numpy()


def test_inspect_tells_what_is_inside_and_what_would_have_run() -> None:
    result = run("inspect", RUN)
    assert result.exit_code == 0, result.output
    lines = [" ".join(line.split()) for line in result.output.splitlines()]
    for line in (
        "format NVIDIA PyTorch pickle",
        "family stylegan2",
        "networks G_ema, G, D, augment_pipe",
        "kimg 40",
        "ADA p 0.0895999",
        "G_ema generator, 64x64x3, 344,904 parameters",
        "D discriminator, 64x64x3, 296,401 parameters",
        "synthesis.b32.conv0 32 32 32x64x3x3 float32 26,721",
        "b4.out 4 1 1x64 float32 65",
        "augment_pipe augmentation, "
        "xflip=1, rotate90=1, xint=1, brightness=1, contrast=1, lumaflip=1, hue=1, saturation=1",
        "torch_utils.persistence._reconstruct_persistent_obj 1 100 read as data",
        "torch.storage._load_from_bytes 1 237 read as data",
        "FullyConnectedLayer 1 ed630104628b 34",
    ):
        assert line in lines, line
    assert "ada kimg 100" in lines  # from training_options.json beside it


def test_inspect_counts_the_parameters_that_the_networks_have(tmp_path: Path) -> None:
    networks = tiny_networks(c_dim=3)
    (tmp_path / "tiny.pkl").write_bytes(nvidia_pickle(networks))
    result = run("inspect", "--json", tmp_path / "tiny.pkl")
    assert result.exit_code == 0, result.output
    told = json.loads(result.output)
    assert set(told["networks"]) == {"G_ema", "D"}
    for name, network in networks.items():
        facts = told["networks"][name]
        assert facts["parameters"] == sum(p.numel() for p in network.parameters())
        assert facts["parameters"] == sum(layer["parameters"] for layer in facts["layers"])
    assert told["augment_p"] == 0.25
    source = told["plain_loader"]["sources"][0]
    assert source["lines"] == 1
    assert "kimg" not in told


def test_inspect_lists_what_a_hostile_file_asks_for_and_runs_none_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    command = text("touch canary")
    whole = nvidia_pickle(tiny_networks(), protocol=2)
    hostile = {
        "a.pkl": b"\x80\x04" + call("os", "system", command) + b".",
        "b.pkl": b"".join([whole[:-1], text("x"), call("os", "system", command), b"s."]),
        "c.pkl": b"cos\nsystem\n(S'touch canary'\ntR.",
        "d.pkl": b"\x80\x02(" + command + b"ios\nsystem\n.",
        "e.pkl": b"cos\nsystem\n(S'touch canary \\q'\ntR.",
    }
    for name, data in hostile.items():
        Path(name).write_bytes(data)
        result = run("inspect", name)
        assert isinstance(result.exception, UserError), result.output
        rows = [line.split() for line in result.output.splitlines()]
        assert any(row[:1] == ["os.system"] and row[-1] == "REFUSED" for row in rows), name
        told = json.loads(run("inspect", "--json", name).output)
        assert any(
            u["name"] == "os.system" and not u["data"] for u in told["plain_loader"]["globals"]
        )
        assert told["error"]["message"]
    assert not Path("canary").exists()


def test_text_from_a_file_cannot_steer_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / "tiny.pkl"
    path.write_bytes(nvidia_pickle(tiny_networks(), note={"a\x1b[2J": "x\x1b]0;title\x07\ny"}))
    result = run("inspect", path)
    assert result.exit_code == 0
    assert all(line.isprintable() for line in result.output.splitlines())


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"<!DOCTYPE html><html>", "a web page"),
        ((DATA / "sg2-cond-16.pkl").read_bytes()[:300_000], "incomplete"),
        (b"\x02\0\0\0\0\0\0\0{}", "something else"),
    ],
    ids=["empty", "page", "half", "safetensors"],
)
def test_what_cannot_be_opened_is_one_line_for_both_commands(
    tmp_path: Path, data: bytes, words: str
) -> None:
    (tmp_path / "x.pkl").write_bytes(data)
    for command in (["inspect"], ["convert", tmp_path / "y.safetensors"]):
        result = run(command[0], tmp_path / "x.pkl", *command[1:])
        assert isinstance(result.exception, UserError)
        assert words in str(result.exception)
        assert str(result.exception).isprintable()
        assert result.output == ""


@pytest.mark.parametrize("name", ["missing.pkl", "half.pkl"])
def test_the_program_ends_with_code_1_and_without_traceback(tmp_path: Path, name: str) -> None:
    (tmp_path / "half.pkl").write_bytes((DATA / "sg2-cond-16.pkl").read_bytes()[:300_000])
    done = subprocess.run(
        [sys.executable, ROOT / "visualizer.py", "inspect", name],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("Error: ")
    assert name in done.stderr


def test_convert_gives_identical_pictures(tmp_path: Path) -> None:
    dest = tmp_path / "earth.safetensors"
    result = run("convert", RUN, dest)
    assert result.exit_code == 0, result.output
    assert "G_ema in float32" in result.output
    assert (pictures(dest) == pictures(RUN / "network-snapshot-000040.pkl")).all()
    copy = open_snapshot(dest, names=None)
    assert list(copy.networks) == ["G_ema"]
    assert (copy.kimg, copy.metadata["converted_from"]) == (40.0, "network-snapshot-000040.pkl")
    assert copy.augment_p == pytest.approx(0.0896, abs=1e-6)
    assert copy.metadata["training_options"]["total_kimg"] == 400


def test_convert_all_and_half(tmp_path: Path) -> None:
    source = DATA / "sg2-cond-16.pkl"
    assert run("convert", source, tmp_path, "--all").exit_code == 0
    full = tmp_path / "sg2-cond-16.safetensors"
    assert open_snapshot(full, names=None).available == ("G_ema", "G", "D", "augment_pipe")
    assert run("convert", source, tmp_path / "half.safetensors", "--half").exit_code == 0
    difference = pictures_of_class(full) - pictures_of_class(tmp_path / "half.safetensors")
    assert 0 < np.abs(difference).max() < 0.05


def pictures_of_class(path: Path) -> np.ndarray:
    G = open_snapshot(path).G_ema
    z = torch.from_numpy(np.random.RandomState(1).randn(1, G.z_dim).astype(np.float32))
    with torch.inference_mode():
        ws = G.map(z, torch.eye(G.c_dim)[:1])[:, None].repeat(1, G.num_ws, 1)
        return G.render(ws).numpy()


@pytest.mark.parametrize(
    ("dest", "words"),
    [
        ("x.onnx", "ends neither in .safetensors nor in .pkl"),
        ("no/where/x.safetensors", "does not exist"),
    ],
)
def test_convert_refuses_bad_destinations(tmp_path: Path, dest: str, words: str) -> None:
    result = run("convert", RUN, tmp_path / dest)
    assert isinstance(result.exception, UserError)
    assert words in str(result.exception)
    assert list(tmp_path.iterdir()) == []


def test_convert_never_overwrites_its_source(tmp_path: Path) -> None:
    dest = tmp_path / "a.safetensors"
    assert run("convert", RUN, dest).exit_code == 0
    result = run("convert", dest, dest)
    assert isinstance(result.exception, UserError)
    assert "is the source itself" in str(result.exception)


def test_convert_passes_facts_on_but_no_folders(tmp_path: Path) -> None:
    source, dest = tmp_path / "source.safetensors", tmp_path / "dest.safetensors"
    options = {
        "run_dir": "/home/anna/runs/00000-cats",
        "data": [{"path": r"C:\Users\anna\cats.zip"}, "a/b", "bgc"],
        "kimg": 3,
    }
    metadata = {"training_options": options, "licence": "none yet"}
    write_snapshot(source, tiny_networks(), metadata=metadata)
    result = run("convert", source, dest, "--note", "licence=CC0", "--note", "title=Cats = cats")
    assert result.exit_code == 0, result.output
    found = open_snapshot(dest).metadata
    assert found["training_options"] == {
        "run_dir": "00000-cats",
        "data": [{"path": "cats.zip"}, "a/b", "bgc"],
        "kimg": 3,
    }
    assert (found["licence"], found["title"]) == ("CC0", "Cats = cats")
    assert b"anna" not in dest.read_bytes()
    assert "is not KEY=TEXT" in run("convert", source, dest, "--note", "licence").output


def test_inspect_lists_what_is_in_a_file_that_cannot_be_drawn(tmp_path: Path) -> None:
    networks = tiny_networks()
    path = tmp_path / "other.pt"
    state = {"mapping.embed_proj.weight": torch.zeros(4, 2), "mapping.w_avg": torch.zeros(4)}
    value = {"G": state, "G_ema": state, "D": networks["D"].state_dict(), "iteration": 7}
    torch.save(value, path)
    result = run("inspect", path)
    assert result.exit_code != 0
    lines = [" ".join(line.split()) for line in result.output.splitlines()]
    assert "G_ema StyleGAN-XL, a table of tensors: 2 tensors, 12 numbers" in lines
    assert any(line.startswith("D discriminator of StyleGAN2, a table") for line in lines)
    assert "iteration 7" in lines
    assert "mapping.embed_proj.weight 4x2 float32" in lines
    assert "G_ema has tensors of the same names and shapes as G" in lines
    assert isinstance(result.exception, UserError)
    assert "its G_ema is StyleGAN-XL, which this version cannot draw" in result.exception.message
    document = json.loads(run("inspect", path, "--json").stdout)
    assert [entry["family"] for entry in document["inside"]][:2] == ["StyleGAN-XL", "StyleGAN-XL"]
    torch.save({"a\x1b[2J": {"\x1b]0;x": torch.zeros(2)}, "b": Holder()}, path)
    shown = run("inspect", path).output
    assert "\x1b]" not in shown
    assert "\x1b[2J" not in shown


def test_convert_to_a_pickle_for_other_programs(tmp_path: Path) -> None:
    for arguments, networks in (((), ("G_ema", "G")), (("--all",), ("G_ema", "G", "D"))):
        result = run("convert", RUN, tmp_path / "out.pkl", "--force", *arguments)
        assert result.exit_code == 0, result.output
        assert "for NVIDIA's programs" in result.output
        assert open_snapshot(tmp_path / "out.pkl").available == networks
    assert np.array_equal(pictures(tmp_path / "out.pkl"), pictures(RUN / NEWEST))
    refused = run("convert", RUN, tmp_path / "half.pkl", "--half")
    assert "for .safetensors" in str(refused.exception)
    refused = run("convert", RUN, tmp_path / "a.onnx")
    assert "neither in .safetensors nor in .pkl" in str(refused.exception)


def test_a_file_that_holds_only_g_is_written_and_called_what_it_is(tmp_path: Path) -> None:
    source, dest = tmp_path / "g.safetensors", tmp_path / "out.pkl"
    write_snapshot(source, {"G": open_snapshot(RUN / NEWEST).G_ema})
    result = run("convert", source, dest, "--all")
    assert result.exit_code == 0, result.exception
    assert ": G for NVIDIA's programs" in result.output
    assert np.array_equal(pictures(dest), pictures(RUN / NEWEST))
    result = run("convert", source, tmp_path / "out.safetensors")
    assert "G_ema, which is the source's G, in float32" in result.output
    write_snapshot(source, {"D": open_snapshot(RUN / NEWEST, names=("D",)).D})
    result = run("convert", source, dest, "--all", "--force")
    assert isinstance(result.exception, UserError)
    assert "it has no generator" in result.exception.message


class Holder:
    """An object of a class that nobody here knows."""


def test_a_network_that_grew_is_written_as_it_was_when_it_was_smaller(tmp_path: Path) -> None:
    source, dest = DATA / "foreign" / "tf-stylegan1" / "16.pkl", tmp_path / "small.safetensors"
    result = run("convert", source, dest, "--resolution", 8, "--fade", 0.25, "--all")
    assert result.exit_code == 0, result.exception
    G = open_snapshot(dest).G_ema
    assert (G.resolution, G.num_ws, G.config["lod"]) == (8, 4, 0.75)
    whole = open_snapshot(source).G_ema
    whole.grow_to(1.75)
    ws = G.map(torch.ones(1, G.z_dim))[:, None].repeat(1, 4, 1)
    enlarged = torch.nn.functional.interpolate(G.render(ws), scale_factor=2)
    assert torch.equal(enlarged, whole.render(ws))
    assert open_snapshot(dest, names=("D",)).D.resolution == 8
    for options, words in (
        (["--resolution", 32], "no level of 32"),
        (["--resolution", 12], "--resolution: it has no level of 12 pixels. Give a power of two"),
        (["--resolution", 5, "--fade", 0.5], "power of two from 4 to 16"),
        (["--resolution", 4, "--fade", 0.25], "--fade 0.25: at 4 pixels there is no level below"),
    ):
        result = run("convert", source, tmp_path / "no.safetensors", *options)
        assert isinstance(result.exception, UserError)
        assert words in str(result.exception)
    result = run("convert", RUN, tmp_path / "no.safetensors", "--fade", 0.5)
    assert isinstance(result.exception, UserError)
    assert "does not grow" in str(result.exception)
    assert not (tmp_path / "no.safetensors").exists()
