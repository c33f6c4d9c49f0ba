"""The printed command makes the picture of the session, byte for byte."""

from __future__ import annotations

import shlex
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

import visualizer
from renderer.messages.options import EngineOptions
from renderer.messages.request import (
    ChannelEdit,
    ClassLabel,
    LayerView,
    MixSource,
    Noise,
    Plane,
    RenderRequest,
    SavedW,
    Seed,
    Truncation,
)
from renderer.pipeline.pipeline import Pipeline
from tests.paths import DATA
from viz.session.command_line import command_line
from viz.session.session import Session

PLAIN, CONDITIONAL = DATA / "sg2-uncond-32.pkl", DATA / "sg2-cond-16.pkl"
OPTIONS = EngineOptions(device="cpu", threads=1)

# (request, network, a word that the command must have)
CASES = {
    "seed": (RenderRequest(source=Seed(7)), PLAIN, "--seeds"),
    "truncation": (
        RenderRequest(source=Seed(3), truncation=Truncation(0.55, 4)),
        PLAIN,
        "--trunc-cutoff",
    ),
    "negative psi": (
        RenderRequest(source=Seed(3), truncation=Truncation(-0.7)),
        PLAIN,
        "--trunc=-0.7",
    ),
    "no noise": (RenderRequest(source=Seed(3), noise=Noise("none")), PLAIN, "--noise-mode"),
    "random noise": (
        RenderRequest(source=Seed(3), noise=Noise("random", 12)),
        PLAIN,
        "--noise-seed",
    ),
    "class": (RenderRequest(source=Seed(1), label=ClassLabel(2)), CONDITIONAL, "--class"),
    "class left open": (RenderRequest(source=Seed(1)), CONDITIONAL, "--class"),
    "two classes": (
        RenderRequest(source=Seed(1), label=ClassLabel(0, 2, 0.3)),
        CONDITIONAL,
        "0:2:0.3",
    ),
    "tiny share of a class": (
        RenderRequest(source=Seed(1), label=ClassLabel(0, 2, 1e-6)),
        CONDITIONAL,
        "--request",
    ),
    "styles": (
        RenderRequest(
            source=Seed(5),
            mix=(MixSource(Seed(9), (1.0, 1.0, 0.0, 1.0)), MixSource(Seed(1), (1.0,), False)),
        ),
        PLAIN,
        "style-mix",
    ),
    "half a style": (
        RenderRequest(source=Seed(5), mix=(MixSource(Seed(9), (0.5,)),)),
        PLAIN,
        "--request",
    ),
    "point": (RenderRequest(source=Plane(-1.3, 0.1 + 0.2, 7)), PLAIN, "--step"),
    "layer": (
        RenderRequest(view=LayerView("b8.conv1", "channel", 3, colormap="magma")),
        PLAIN,
        "--request",
    ),
    "edit": (RenderRequest(edits=(ChannelEdit("b8.conv1", 3, 0.0),)), PLAIN, "--request"),
    "noise strength": (RenderRequest(noise=Noise(strength=2.0)), PLAIN, "--request"),
    "no strength": (RenderRequest(noise=Noise(strength=0.0)), PLAIN, "--noise-mode"),
    "curve": (RenderRequest(truncation=Truncation(curve=(0.5,) * 8)), PLAIN, "--request"),
}


@pytest.fixture(scope="module")
def pipeline() -> Pipeline:
    return Pipeline(OPTIONS)


def _same(pipeline: Pipeline, request: RenderRequest, network: Path, folder: Path) -> str:
    """The command for `request`, after its picture was compared with the pipeline's."""
    # Whatever a shell might trip over is in the path.
    path = folder / "it's a $HOME 눈.pkl"
    path.write_bytes(network.read_bytes())
    model = pipeline.load(str(path))
    session = Session().with_render(
        **{f: getattr(request, f) for f in request.__struct_fields__ if f != "snapshot"},
        snapshot=model.path,
    )
    command = command_line(session, model, OPTIONS).text
    program, script, *arguments = shlex.split(command)
    assert (program, script) == ("python", "visualizer.py")
    assert arguments[-2] == "--outdir"
    arguments[-1] = str(folder / "out")
    arguments += ["--threads", "1"]
    result = CliRunner().invoke(visualizer.cli, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    name = "5-9.png" if arguments[0] == "style-mix" else "*.png"
    (written,) = (folder / "out").glob(name)
    drawn = pipeline.render(session.render).pixels
    np.testing.assert_array_equal(np.asarray(Image.open(written)), drawn[..., :3])
    return command


@pytest.mark.parametrize("name", CASES)
def test_the_command_makes_the_same_picture(name: str, pipeline: Pipeline, tmp_path: Path) -> None:
    request, network, word = CASES[name]
    assert word in _same(pipeline, request, network, tmp_path)


@pytest.mark.parametrize("index", [0, 1])
def test_a_saved_w_is_named_by_its_file_only_where_the_file_means_it(
    index: int, pipeline: Pipeline, tmp_path: Path
) -> None:
    path = tmp_path / "w.npy"
    w = np.random.default_rng(0).standard_normal((1 + index, 512)).astype(np.float32)
    model = pipeline.load(str(PLAIN))
    np.save(path, w[:, : model.w_dim])
    request = RenderRequest(source=SavedW(str(path), index))
    command = _same(pipeline, request, PLAIN, tmp_path)
    assert ("--projected-w" in command) == (index == 0)


def test_a_w_that_the_picture_carries_needs_no_file(pipeline: Pipeline, tmp_path: Path) -> None:
    w = pipeline.latent(RenderRequest(str(PLAIN), Seed(8))).astype("<f4").tobytes()
    request = RenderRequest(source=SavedW(str(tmp_path / "gone.npz"), data=w))
    assert "--request" in _same(pipeline, request, PLAIN, tmp_path)


def test_without_facts_on_the_network_the_request_is_written_out() -> None:
    session = Session().with_render(snapshot="a.pkl", source=Seed(3))
    assert shlex.split(command_line(session, None).text)[3] == "--request"


def test_the_engine_is_named_where_it_was_chosen() -> None:
    chosen = EngineOptions(device="cuda:1", precision="float32")
    words = shlex.split(command_line(Session(), None, chosen).text)
    assert words[words.index("--device") + 1] == "cuda:1"
    assert words[words.index("--precision") + 1] == "float32"
