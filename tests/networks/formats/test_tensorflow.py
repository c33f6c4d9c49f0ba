"""NVIDIA's TensorFlow snapshots draw what their own programs draw, and nothing in them is run."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from common.errors import UserError
from networks.snapshots.for_nvidia import write_for_nvidia
from networks.snapshots.listing import list_pickle
from networks.snapshots.snapshot import open_snapshot, source_of, write_snapshot
from tests.foreign import SMALL, picture
from tests.tensorflow_files import Network, loaded, parts, written

FILES = {
    "tf-stylegan2/16-cond": "stylegan2",
    "tf-stylegan2-ada/16-cond": "stylegan2",
    "tf-stylegan1/16": "stylegan1",
    "tf-pggan/16-lod1": "pggan",
}


@pytest.mark.parametrize("name", FILES)
def test_our_own_file_of_it_draws_the_same(name: str, tmp_path: Path) -> None:
    snapshot = open_snapshot(SMALL / f"{name}.pkl", names=None)
    assert snapshot.family == FILES[name]
    assert snapshot.available == ("G_ema", "G", "D")
    ours = tmp_path / "ours.safetensors"
    write_snapshot(ours, snapshot.networks)
    again = open_snapshot(ours, names=None)
    assert np.array_equal(picture(again.G_ema), picture(snapshot.G_ema))
    img, label = torch.from_numpy(picture(snapshot.G_ema))[None], torch.eye(4)[[2]]
    with torch.inference_mode():
        assert torch.allclose(again.D(img, label), snapshot.D(img, label), atol=1e-6)


@pytest.mark.parametrize("name", FILES)
def test_what_is_in_a_file_is_listed_and_none_of_it_is_code(name: str) -> None:
    listing = list_pickle(source_of(SMALL / f"{name}.pkl"))
    assert listing is not None
    assert listing.globals
    assert not listing.refused


def changed(name: str, change: Callable[[Network, Network], object]) -> bytes:
    """A file with Gs changed. change: is given Gs, and the part of it with the layers."""
    G, D, Gs = copy.deepcopy(loaded(SMALL / f"{name}.pkl"))
    change(Gs, parts(Gs)[1] if len(parts(Gs)) > 1 else Gs)
    return written((G, D, Gs))


def outcome(tmp_path: Path, data: bytes) -> Any:
    """The pixels that a file draws, or the words in which it is refused."""
    path = tmp_path / "changed.pkl"
    path.write_bytes(data)
    try:
        return picture(open_snapshot(path).G_ema)
    except UserError as error:
        return str(error)


@pytest.mark.parametrize("name", FILES)
def test_every_setting_is_understood_or_refused(name: str, tmp_path: Path) -> None:
    plain = outcome(tmp_path, (SMALL / f"{name}.pkl").read_bytes())
    Gs = loaded(SMALL / f"{name}.pkl")[2]
    for index, part in enumerate(parts(Gs)):
        for setting in part.state["static_kwargs"]:

            def rename(Gs: Network, _: Network, index: int = index, old: str = setting) -> None:
                told = parts(Gs)[index].state["static_kwargs"]
                told[f"{old}_of_a_fork"] = told.pop(old)

            def remove(Gs: Network, _: Network, index: int = index, old: str = setting) -> None:
                del parts(Gs)[index].state["static_kwargs"][old]

            found = outcome(tmp_path, changed(name, rename))
            assert isinstance(found, str)
            assert f"{setting}_of_a_fork" in found
            found = outcome(tmp_path, changed(name, remove))
            assert isinstance(found, str) or np.array_equal(found, plain), setting


@pytest.mark.parametrize("name", FILES)
def test_every_tensor_is_used_or_refused(name: str, tmp_path: Path) -> None:
    plain = outcome(tmp_path, (SMALL / f"{name}.pkl").read_bytes())
    Gs = loaded(SMALL / f"{name}.pkl")[2]
    places = [
        (index, place)
        for index, part in enumerate(parts(Gs))
        for place in range(len(part.state["variables"]))
    ]
    for index, place in random.Random(0).sample(places, min(24, len(places))):

        def variables(Gs: Network, index: int = index) -> list[Any]:
            found: list[Any] = parts(Gs)[index].state["variables"]
            return found

        old, value = variables(Gs)[place]
        for edit in (
            lambda of, place=place: of.pop(place),
            lambda of, place=place, old=old, value=value: of.__setitem__(
                place, (f"{old}_of_a_fork", value)
            ),
            lambda of, old=old, value=value: of.append((f"{old}_of_a_fork", value)),
            lambda of, place=place, old=old, value=value: of.__setitem__(
                place, (old, np.zeros((*np.shape(value), 2), np.float32))
            ),
        ):
            found = outcome(tmp_path, changed(name, lambda Gs, _, e=edit, v=variables: e(v(Gs))))
            # Only how far a network has grown may be missing.
            assert isinstance(found, str) or (old == "lod" and len(found) == len(plain)), old


@pytest.mark.parametrize(
    ("name", "setting", "value"),
    [
        ("tf-stylegan2/16-cond", "normalize_latents", False),
        ("tf-stylegan2/16-cond", "resample_kernel", "1331"),
        ("tf-stylegan2/16-cond", "nonlinearity", "mish"),
        ("tf-stylegan2/16-cond", "architecture", "swagan"),
        ("tf-stylegan1/16", "fused_scale", "sometimes"),
        ("tf-stylegan1/16", "use_noise", "yes"),
        ("tf-stylegan1/16", "blur_filter", [1, 1]),
        ("tf-stylegan1/16", "structure", "tree"),
        ("tf-stylegan1/16", "nonlinearity", "swish"),
        ("tf-stylegan1/16", "const_input_layer", False),
        ("tf-stylegan1/16", "dtype", "float8"),
        ("tf-pggan/16-lod1", "pixelnorm_epsilon", 0.5),
        ("tf-pggan/16-lod1", "label_size", -4),
        ("tf-pggan/16-lod1", "label_size", 24.0),
        ("tf-pggan/16-lod1", "fused_scale", False),
    ],
)
def test_values_that_cannot_be_drawn_are_refused(
    name: str, setting: str, value: object, tmp_path: Path
) -> None:
    def change(Gs: Network, _: Network) -> None:
        for part in parts(Gs):
            part.state["static_kwargs"][setting] = value

    assert isinstance(outcome(tmp_path, changed(name, change)), str)


def told(**settings: object) -> Callable[[Network, Network], None]:
    def change(Gs: Network, _: Network) -> None:
        for part in parts(Gs):
            part.state["static_kwargs"] |= settings

    return change


def test_what_is_stored_without_equalised_rates_is_drawn_the_same(tmp_path: Path) -> None:
    plain = outcome(tmp_path, (SMALL / "tf-pggan/16-lod1.pkl").read_bytes())

    def change(Gs: Network, _: Network) -> None:
        Gs.state["static_kwargs"]["use_wscale"] = False
        for index, (name, value) in enumerate(Gs.state["variables"]):
            if name.endswith("weight"):
                fan_in = np.prod(value.shape[:-1])
                if "Conv0_up" in name:
                    fan_in = value.shape[0] * value.shape[1] * value.shape[3]
                gain = 1 if "RGB" in name else np.sqrt(2) / (4 if "Dense" in name else 1)
                scaled = (value * gain / np.sqrt(fan_in)).astype(np.float32)
                Gs.state["variables"][index] = (name, scaled)

    made = outcome(tmp_path, changed("tf-pggan/16-lod1", change))
    assert np.abs(made - plain).max() <= 1e-5 * np.abs(plain).max()


def test_a_network_that_is_half_grown_blends_two_levels(tmp_path: Path) -> None:
    """In a picture that fades in a level, colours are the weighted mean of both levels' own."""

    def at(lod: float, **settings: object) -> Any:
        def change(Gs: Network, layers: Network) -> None:
            told(**settings)(Gs, layers)
            for index, (name, _) in enumerate(layers.state["variables"]):
                if name == "lod":
                    layers.state["variables"][index] = (name, np.float32(lod))

        return outcome(tmp_path, changed("tf-stylegan1/16", change))

    whole, half = at(0), at(1)
    assert np.array_equal(half[:, ::2, ::2].repeat(2, 1).repeat(2, 2), half)
    assert np.abs(at(0.25) - (0.75 * whole + 0.25 * half)).max() < 1e-6
    assert np.array_equal(at(0.25, structure="fixed"), whole)
    assert np.array_equal(at(9), at(2))
    assert "lod" in at(float("nan"))


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize("form", ["alone", "list", "dict", "no D"])
def test_any_wrapping_is_opened(protocol: int, form: str, tmp_path: Path) -> None:
    G, D, Gs = loaded(SMALL / "tf-pggan" / "16-lod1.pkl")
    held = {
        "alone": Gs,
        "list": [G, D, Gs],
        "dict": {"G": G, "D": D, "Gs": Gs},
        "no D": (G, None, Gs),
    }[form]
    made = outcome(tmp_path, written(held, protocol))
    assert np.array_equal(made, outcome(tmp_path, (SMALL / "tf-pggan/16-lod1.pkl").read_bytes()))


def test_without_an_average_the_generator_itself_is_drawn_and_said(tmp_path: Path) -> None:
    G, D, _ = loaded(SMALL / "tf-pggan" / "16-lod1.pkl")
    path = tmp_path / "pair.pkl"
    path.write_bytes(written((G, D)))
    snapshot = open_snapshot(path)
    assert "holds no G_ema" in snapshot.metadata["notes"][0]
    G.state["name"] = "Gs"
    assert np.array_equal(picture(snapshot.G_ema), outcome(tmp_path, written(G)))


def test_networks_of_other_functions_are_refused_by_name(tmp_path: Path) -> None:
    def revised(_: Network, layers: Network) -> None:
        layers.state["build_func_name"] = "G_synthesis_stylegan_revised"

    found = outcome(tmp_path, changed("tf-stylegan2/16-cond", revised))
    assert "G_synthesis_stylegan_revised" in found


def test_big_endian_and_fortran_arrays_are_read_in_their_order(tmp_path: Path) -> None:
    plain = outcome(tmp_path, (SMALL / "tf-pggan/16-lod1.pkl").read_bytes())
    for order in (">f4", "<f8"):

        def change(Gs: Network, _: Network, order: str = order) -> None:
            Gs.state["variables"] = [
                (name, np.asfortranarray(np.asarray(value).astype(order)))
                for name, value in Gs.state["variables"]
            ]

        assert np.array_equal(outcome(tmp_path, changed("tf-pggan/16-lod1", change)), plain)


def test_labels_of_before_ada_are_not_written_as_those_of_ada(tmp_path: Path) -> None:
    """Theirs are normalised by themselves and have a bias: it would be another picture."""
    path, networks = tmp_path / "x.pkl", open_snapshot(SMALL / "tf-stylegan2/16-cond.pkl").networks
    with pytest.raises(UserError, match="label_concat"):
        write_for_nvidia(path, networks)
    assert not path.exists()
