"""Thousands of damaged and hostile files: nothing runs, nothing leaks but UserError.

An audit hook sees every import, compilation, process, deletion and opened file while a file is
opened; a canary file shows whether any payload came through. Time and memory are bounded by
design (`networks.pickles.machine`), so there is no timer: a hang is a failure that shows itself.
"""

from __future__ import annotations

import encodings.cp437
import encodings.raw_unicode_escape  # noqa: F401 - zipfile and pickletools import them late
import io
import pickle
import pickletools
import random
import struct
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy.random  # noqa: F401 - numpy imports it late
import pytest
import torch

from common.errors import UserError
from networks.snapshots.for_nvidia import write_for_nvidia
from networks.snapshots.listing import list_pickle
from networks.snapshots.snapshot import (
    Snapshot,
    open_snapshot,
    source_of,
    write_snapshot,
)
from tests.snapshot_files import (
    DATA,
    call,
    fake_persistence,
    nested_payload,
    nvidia_pickle,
    persistent,
    text,
    tiny_networks,
)
from tests.watch import watch


@pytest.fixture
def canary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The file that every payload would write, in the current directory."""
    monkeypatch.chdir(tmp_path)
    watch.events.clear()
    for data in (nvidia_pickle(tiny_networks()), b"\x80\x04N.", b"PK\x03\x04"):
        attempt(tmp_path / "first", data)  # imports what is imported late
    watch.events.clear()
    yield tmp_path / "canary"
    assert not (tmp_path / "canary").exists()
    assert watch.events == []


def attempt(path: Path, data: bytes) -> bool:
    """Open a file, list it; True where it opened. Anything but UserError is a failure."""
    path.write_bytes(data)
    with watch.armed_now():
        try:
            list_pickle(source_of(path))
            snapshot = open_snapshot(path, names=None)
        except UserError as error:
            failure = error
        else:
            assert isinstance(snapshot, Snapshot)
            return True
    assert str(path) in failure.message
    assert len(str(failure)) < 1000
    assert str(failure).isprintable()
    return False


def test_the_watch_sees_what_a_plain_unpickler_does() -> None:
    watch.events.clear()
    with watch.armed_now():
        pickle.loads(b"\x80\x02" + call("builtins", "eval", text("1 + 1")) + b".")
    assert {event.split()[0] for event in watch.events} >= {"pickle.find_class", "compile", "exec"}


COMMAND = text("touch canary")
CODE = text("open('canary', 'w')")
PAYLOADS = [
    call("os", "system", COMMAND),
    call("posix", "system", COMMAND),
    call("nt", "system", COMMAND),
    call("subprocess", "Popen", COMMAND),
    call("subprocess", "getoutput", COMMAND),
    call("builtins", "eval", CODE),
    call("builtins", "exec", CODE),
    call("__builtin__", "eval", CODE),
    call("builtins", "open", text("canary"), text("w")),
    call("builtins", "__import__", text("this")),
    call("builtins", "getattr", b"cos\nsystem\n", text("__call__")),
    call("operator", "methodcaller", text("system"), COMMAND) + b"cos\nsystem\n\x85R",
    call("importlib", "import_module", text("this")),
    call("runpy", "_run_code", CODE, b"}"),
    call("timeit", "timeit", CODE),
    call("code", "interact"),
    call("pty", "spawn", COMMAND),
    call("torch", "load", text("canary")),
    call("torch.storage", "_load_from_bytes", b"C\x14cos\nsystem\n(S'x'\ntR."),
    call("numpy", "load", text("canary")),
    call("numpy.testing._private.utils", "runstring", CODE, b"}"),
    call("pickle", "loads", b"C\x10cos\nsystem\n)R...."),
    call("pathlib", "Path", text("canary")) + b"(ctouch\ntouch\n",
    call("training.networks", "Generator"),
    call("networks.snapshots.snapshot", "write_snapshot", text("canary"), b"}"),
    text("os") + text("system") + b"\x93" + COMMAND + b"\x85R",
    text("builtins") + text("eval") + b"\x93" + CODE + b"\x85R",
    text("torch") + text("serialization.os.system") + b"\x93" + COMMAND + b"\x85R",
    b"(" + COMMAND + b"ios\nsystem\n",
    b"(cos\nsystem\n" + COMMAND + b"o",
    b"cos\nsystem\n" + COMMAND + b"\x85\x81",
    b"cos\nsystem\n" + COMMAND + b"\x85}\x92",
    b"\x82\x01",
    b"\x84\xff\xff\xff\x7f",
    b"Pos.system\n",
    text("os.system") + b"Q",
    b"ctorch\nFloatStorage\n}" + text("__class__") + b"cos\nsystem\nsb",
    call("collections", "OrderedDict") + b"}" + text("__reduce__") + b"cos\nsystem\nsb",
    b")" + b"2\x86" * 60 + b"q\xff}h\xffNs",
    b"\x8e" + struct.pack("<Q", 1 << 60),
    b"r\xff\xff\xff\xff",
    b"\x8b\xff\xff\xff\x7f",
    b"\x95" + struct.pack("<Q", (1 << 64) - 1),
    b"(" * 5000,
    b"]" + b"2a" * 1000,
    b"}" + b"2" * 1000 + b"N",
]


def boundaries(data: bytes) -> list[int]:
    """Where instructions begin."""
    return [position for _, _, position in pickletools.genops(data) if position]


def flipped(data: bytes, rng: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.randint(1, 6)):
        changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def truncated(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(len(data))]


def cut(data: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(data))
    return data[:start] + data[start + rng.randint(1, 200) :]


def repeated(data: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(data))
    return (
        data[:start] + data[start : start + rng.randint(1, 400)] * rng.randint(2, 4) + data[start:]
    )


def inserted(data: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(data))
    return data[:start] + rng.randbytes(rng.randint(1, 8)) + data[start:]


DAMAGE: list[Callable[[bytes, random.Random], bytes]] = [
    flipped,
    truncated,
    cut,
    repeated,
    inserted,
]


def test_damaged_and_hostile_nvidia_pickles(canary: Path, tmp_path: Path) -> None:
    rng = random.Random(1)
    originals = [
        nvidia_pickle({"G_ema": tiny_networks(c_dim)["G_ema"]}, protocol=protocol)
        for c_dim, protocol in ((0, 2), (2, 4))
    ]
    write_for_nvidia(tmp_path / "written.pkl", {"G_ema": tiny_networks()["G_ema"]})
    originals.append((tmp_path / "written.pkl").read_bytes())
    places = [boundaries(data) for data in originals]
    assert all(attempt(tmp_path / "a.pkl", data) for data in originals)
    opened = 0
    for _ in range(500):
        data = rng.choice(DAMAGE)(rng.choice(originals), rng)
        opened += attempt(tmp_path / "a.pkl", data)
    assert opened > 0  # where only weights change, the file is fine
    for _ in range(500):
        which = rng.randrange(len(originals))
        place = rng.choice(places[which])
        # A payload whose result is dropped, or takes the place of what comes next.
        payload = rng.choice(PAYLOADS) + rng.choice([b"0", b""])
        data = originals[which]
        attempt(tmp_path / "a.pkl", data[:place] + payload + data[place:])
    for payload in PAYLOADS:
        assert not attempt(tmp_path / "a.pkl", b"\x80\x04" + payload + b".")
        assert not attempt(tmp_path / "a.pkl", b"\x80\x02" + payload * 3 + b"0N.")


def test_damaged_and_hostile_stylegan3_pickles(canary: Path, tmp_path: Path) -> None:
    rng = random.Random(4)
    original = (DATA / "sg3-t-odd-32.pkl").read_bytes()
    places = boundaries(original)
    assert attempt(tmp_path / "a.pkl", original)
    for _ in range(100):
        attempt(tmp_path / "a.pkl", rng.choice(DAMAGE)(original, rng))
        place = rng.choice(places)
        payload = rng.choice(PAYLOADS) + rng.choice([b"0", b""])
        attempt(tmp_path / "a.pkl", original[:place] + payload + original[place:])


def test_names_exchanged_for_hostile_ones(canary: Path, tmp_path: Path) -> None:
    data = nvidia_pickle(tiny_networks(), protocol=2)
    swaps = [
        (b"torch.storage\n_load_from_bytes", b"pickle\nloads"),
        (b"torch._utils\n_rebuild_tensor_v2", b"os\nsystem"),
        (b"torch._utils\n_rebuild_tensor_v2", b"builtins\neval"),
        (b"collections\nOrderedDict", b"builtins\nexec"),
        (b"torch_utils.persistence\n_reconstruct_persistent_obj", b"builtins\nexec"),
    ]
    for old, new in swaps:
        assert old in data
        assert not attempt(tmp_path / "a.pkl", data.replace(old, new))


def test_hostile_pickles_inside_tensors(canary: Path, tmp_path: Path) -> None:
    rng = random.Random(2)
    original = nested_payload(torch.arange(16.0))
    places = [p for p in boundaries(original) if p < len(original)]
    tiny = nvidia_pickle({"G_ema": tiny_networks()["G_ema"]}, protocol=2)

    def snapshot_with(blob: bytes) -> bytes:
        size = struct.pack("<I", len(blob))
        storage = b"ctorch.storage\n_load_from_bytes\nB" + size + blob + b"\x85R"
        tensor = b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + b"K\x00)){\x89}tR"
        tensor = tensor.replace(b"{\x89", b"\x89")
        state = b"}(" + text("_buffers") + b"}" + text("p") + tensor + b"su"
        meta = b"}(" + text("class_name") + text("A") + text("state") + state + b"u"
        module = b"ctorch_utils.persistence\n_reconstruct_persistent_obj\n" + meta + b"\x85R"
        return tiny[:-1] + text("augment_pipe") + module + b"s."

    fine = tmp_path / "fine.pkl"
    fine.write_bytes(snapshot_with(original))
    assert open_snapshot(fine).augment_p == 0.0
    for payload in PAYLOADS:
        assert not attempt(tmp_path / "a.pkl", snapshot_with(b"\x80\x02" + payload + b"."))
    for _ in range(150):
        attempt(tmp_path / "a.pkl", snapshot_with(rng.choice(DAMAGE)(original, rng)))
        place = rng.choice(places)
        hostile = original[:place] + rng.choice(PAYLOADS) + original[place:]
        attempt(tmp_path / "a.pkl", snapshot_with(hostile))


def checkpoint(value: Any, zipped: bool) -> bytes:
    file = io.BytesIO()
    torch.save(value, file, _use_new_zipfile_serialization=zipped)
    return file.getvalue()


def test_damaged_and_hostile_checkpoints(canary: Path, tmp_path: Path) -> None:
    rng = random.Random(3)
    G_ema = tiny_networks()["G_ema"]
    with fake_persistence() as function:
        module = persistent(function, G_ema)
        originals = [
            checkpoint(value, zipped)
            for zipped in (True, False)
            for value in (
                {"g_ema": {"input.input": torch.ones(1, 4, 4, 4), "style.1.weight": torch.ones(4)}},
                {"state_dict": {f"generator.{k}": v for k, v in G_ema.state_dict().items()}},
                (module, None, module),
            )
        ]
    for original in originals:
        for _ in range(120):
            attempt(tmp_path / "a.pt", rng.choice(DAMAGE)(original, rng))
    for payload in PAYLOADS:
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("archive/data.pkl", b"\x80\x02" + payload + b".")
            archive.writestr("archive/version", b"3\n")
        assert not attempt(tmp_path / "a.pt", file.getvalue())
        head = pickle.dumps(0x1950A86A20F9469CFC6C, 2) + pickle.dumps(1001, 2)
        assert not attempt(tmp_path / "a.pt", head + b"\x80\x02" + payload + b".")


def test_damaged_safetensors(canary: Path, tmp_path: Path) -> None:
    rng = random.Random(4)
    path = tmp_path / "a.safetensors"
    write_snapshot(path, tiny_networks(), metadata={"dataset": "x"}, kimg=1)
    # As before there were digests, which find every damage of a weight: more gets further in.
    original = path.read_bytes().replace(b"digests", b"earlier")
    header = int.from_bytes(original[:8], "little")
    watch.events.clear()
    opened = 0
    for _ in range(500):
        if rng.random() < 0.6:  # most bytes are weights; what matters is the header
            data = rng.choice(DAMAGE)(original[: 8 + header], rng) + original[8 + header :]
        else:
            data = rng.choice(DAMAGE)(original, rng)
        opened += attempt(path, data)
    assert opened > 0  # as above


def test_damaged_real_snapshots(canary: Path, tmp_path: Path) -> None:
    rng = random.Random(5)
    original = (DATA / "sg2-cond-16.pkl").read_bytes()
    places = boundaries(original)
    for _ in range(15):
        attempt(tmp_path / "a.pkl", rng.choice(DAMAGE)(original, rng))
        place = rng.choice(places)
        data = original[:place] + rng.choice(PAYLOADS) + b"0" + original[place:]
        attempt(tmp_path / "a.pkl", data)


def test_damaged_and_hostile_tensorflow_snapshots(canary: Path, tmp_path: Path) -> None:
    rng = random.Random(6)
    for name in ("tf-pggan/16-lod1", "tf-stylegan1/16", "tf-stylegan2-ada/16-cond"):
        original = (DATA / "foreign" / f"{name}.pkl").read_bytes()
        places = boundaries(original)
        assert attempt(tmp_path / "a.pkl", original)
        for _ in range(40):
            attempt(tmp_path / "a.pkl", rng.choice(DAMAGE)(original, rng))
            place = rng.choice(places)
            payload = rng.choice(PAYLOADS) + rng.choice([b"0", b""])
            attempt(tmp_path / "a.pkl", original[:place] + payload + original[place:])
    head = b"\x80\x04cdnnlib.tflib.network\nNetwork\n)\x81}b0"
    for payload in PAYLOADS:
        assert not attempt(tmp_path / "a.pkl", head + payload + b".")


def test_names_in_tensorflow_snapshots_exchanged_for_hostile_ones(
    canary: Path, tmp_path: Path
) -> None:
    data = (DATA / "foreign" / "tf-pggan" / "16-lod1.pkl").read_bytes()
    for old, new in (
        (b"numpy.core.multiarray", b"numpy.core.multiarrax"),
        (b"\x0c_reconstruct", b"\x0cimport_modul"),
        (b"\x07ndarray", b"\x07memmap_"),
        (b"\x07Network", b"\x07Popen__"),
        (b"\x06scalar", b"\x06system"),
    ):
        assert old in data
        assert not attempt(tmp_path / "a.pkl", data.replace(old, new))


@pytest.mark.parametrize("name", ["stylegan-xl/t-uncond-16", "r3gan/cond-16"])
def test_damaged_and_hostile_snapshots_of_later_programs(
    canary: Path, tmp_path: Path, name: str
) -> None:
    rng = random.Random(7)
    original = (DATA / "foreign" / f"{name}.pkl").read_bytes()
    places = boundaries(original)
    assert attempt(tmp_path / "a.pkl", original)
    for _ in range(40):
        attempt(tmp_path / "a.pkl", rng.choice(DAMAGE)(original, rng))
        place = rng.choice(places)
        payload = rng.choice(PAYLOADS) + rng.choice([b"0", b""])
        attempt(tmp_path / "a.pkl", original[:place] + payload + original[place:])


def test_names_in_stylegan_xl_snapshots_exchanged_for_hostile_ones(
    canary: Path, tmp_path: Path
) -> None:
    original = (DATA / "foreign" / "stylegan-xl" / "t-uncond-16.pkl").read_bytes()
    # An array that is made by something else than NumPy.
    for old, new in (
        (b"_create_array", b"_create_typex"),
        (b"\x0c_reconstruct", b"\x0cimport_modul"),
        (b"\x07ndarray", b"\x07memmap_"),
    ):
        assert old in original
        assert not attempt(tmp_path / "a.pkl", original.replace(old, new))
