"""Hostile files, made from good ones: broken at random, or built to hold up or to take over.

Everything comes from a `random.Random`, so the same seed makes the same files.
"""

from __future__ import annotations

import io
import json
import pickle
import random
import struct
import subprocess
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from renderer.messages.request import (
    ChannelEdit,
    LayerView,
    MixSource,
    Plane,
    RenderRequest,
    SavedW,
    Seed,
)
from tests.paths import BUSTS, DATA, ROOT
from viz.disk.store import encode
from viz.session.session import Pane, Session

CASES = ROOT.parent / "shared" / "cases"
"""Odd files that are not part of the repository, used where they lie beside it."""
_LARGEST = 8 << 20
_EXTREMES: tuple[Any, ...] = (
    *(1e308, -1e308, 1e18, -(2**63), 2**64, 2**31, -1, 0, 1e-320, True, None),
    *("", "\x00", "\u202egnp.exe", "x" * 100_000, "/dev/zero", "/proc/self/mem", "~", [], {}, [[]]),
)


class Runs:
    """An object that runs a command wherever its pickle is believed."""

    def __init__(self, canary: Path) -> None:
        self._canary = canary

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        import os

        return os.system, (f"touch {self._canary}",)


class Hostile:
    """Makes hostile files in a folder.

    canary: a file that exists as soon as anything in them has been run.
    """

    def __init__(self, chance: random.Random, folder: Path) -> None:
        self._random = chance
        self._folder = folder
        self._count = 0
        self.canary = folder.parent / "canary"
        self._good = self._good_files()
        self._makers = (
            *[self._broken] * 12,
            *[self._session] * 5,
            self._deep,
            self._bomb_png,
            self._bomb_text,
            self._bomb_npz,
            self._claims_npy,
            self._claims_safetensors,
            self._runs_pickle,
            self._runs_zip,
            self._runs_npy,
            self._not_regular,
            self._empty,
            self._stats,
        )

    def make(self) -> Path:
        """Make one more file, of any kind."""
        return self._random.choice(self._makers)()

    def broken(self, data: bytes) -> bytes:
        """Break bytes as disks, networks and people do."""
        out = bytearray(data)
        for _ in range(self._random.choice((1, 1, 2, 8))):
            at = self._random.randrange(len(out) + 1)
            match self._random.randrange(6):
                case 0:
                    del out[at:]
                case 1:
                    out[at : at + 1] = bytes([self._random.randrange(256)])
                case 2:
                    size = self._random.choice((1, 16, 4096))
                    out[at : at + size] = bytes(min(size, len(out) - at))
                case 3:
                    out[at:at] = self._random.randbytes(self._random.choice((1, 7, 300)))
                case 4:
                    out[at : at + 4] = self._random.choice((b"\xff" * 4, b"\x7f\xff\xff\xff"))
                case _:
                    del out[at : at + self._random.choice((1, 8, 1000))]
        return bytes(out)

    def session(self) -> bytes:
        """JSON of a session of which some values are extreme."""
        value = json.loads(self._random.choice(self._sessions()))
        for _ in range(self._random.choice((1, 1, 3))):
            self._spoil(value)
        return json.dumps(value).encode()

    # -- one kind of file each ----------------------------------------------------------------

    def _broken(self) -> Path:
        suffix, data = self._random.choice(self._good)
        return self._write("broken", suffix, self.broken(data))

    def _session(self) -> Path:
        data = self.session()
        if self._random.random() < 0.5:
            return self._write("session", ".json", data)
        return self._write("session", ".png", _png(data.decode()))

    def _deep(self) -> Path:
        text = b"[" * 100_000 if self._random.random() < 0.5 else b'{"render":' * 50_000
        return self._write("deep", ".json", text)

    def _bomb_png(self) -> Path:
        header = struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0)
        data = b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IEND", b"")
        return self._write("bomb", ".png", data)

    def _bomb_text(self) -> Path:
        packed = zlib.compress(b"[" * (200 << 20), 9)
        text = _chunk(b"iTXt", b"ganscope\0\1\0\0\0" + packed)
        header = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
        data = b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + text + _chunk(b"IEND", b"")
        return self._write("bombtext", ".png", data)

    def _bomb_npz(self) -> Path:
        out = io.BytesIO()
        head = io.BytesIO()
        np.lib.format.write_array_header_1_0(
            head, {"descr": "<f4", "fortran_order": False, "shape": (1, 1 << 28)}
        )
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("w.npy", head.getvalue() + bytes(64 << 20))
        return self._write("bomb", ".npz", out.getvalue())

    def _claims_npy(self) -> Path:
        out = io.BytesIO()
        shape = self._random.choice(((1 << 60,), (1, 1 << 40), (0, 0), (-1, 4)))
        np.lib.format.write_array_header_1_0(
            out, {"descr": "<f4", "fortran_order": False, "shape": shape}
        )
        return self._write("claims", ".npy", out.getvalue() + bytes(64))

    def _claims_safetensors(self) -> Path:
        size = self._random.choice((8, 1 << 20, 1 << 62, (1 << 64) - 1))
        body = b'{"a":{"dtype":"F32","shape":[1048576,1048576],"data_offsets":[0,4]}}'
        return self._write("claims", ".safetensors", struct.pack("<Q", size) + body + bytes(4))

    def _runs_pickle(self) -> Path:
        value = {"G_ema": Runs(self.canary), "training_set_kwargs": None}
        return self._write("runs", ".pkl", pickle.dumps(value, self._random.randrange(6)))

    def _runs_zip(self) -> Path:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("archive/data.pkl", pickle.dumps({"g_ema": Runs(self.canary)}, 2))
            archive.writestr("archive/version", b"3\n")
        return self._write("runs", ".pt", out.getvalue())

    def _runs_npy(self) -> Path:
        out = io.BytesIO()
        np.save(out, np.array([Runs(self.canary)], dtype=object), allow_pickle=True)
        return self._write("runs", ".npy", out.getvalue())

    def _not_regular(self) -> Path:
        import os

        path = self._path("pipe", self._random.choice((".png", ".pkl", ".npz", ".mp4", ".json")))
        if self._random.random() < 0.5:
            os.mkfifo(path)
        else:
            path.symlink_to(self._random.choice(("/dev/zero", "/dev/stdin", path.name)))
        return path

    def _empty(self) -> Path:
        return self._write("empty", self._random.choice(self._good)[0], b"")

    def _stats(self) -> Path:
        run = self._path("run", "")
        run.mkdir()
        good = DATA / "earth64-run"
        for name in ("stats.jsonl", "training_options.json", "log.txt"):
            data = (good / name).read_bytes()
            (run / name).write_bytes(self.broken(data) if self._random.random() < 0.7 else data)
        data = (DATA / "sg2-uncond-32.pkl").read_bytes()
        for kimg in (0, 20, 40):
            broken = self.broken(data) if self._random.random() < 0.5 else data
            (run / f"network-snapshot-{kimg:06}.pkl").write_bytes(broken)
        (run / "fakes000000.png").write_bytes(self._bomb_png().read_bytes())
        return run

    # -- what they are made of ----------------------------------------------------------------

    def _good_files(self) -> list[tuple[str, bytes]]:
        session = self._sessions()[1].decode()
        w = io.BytesIO()
        np.savez(w, w=np.zeros((1, 8, 512), np.float32))
        files = [
            (".pkl", (DATA / "sg2-uncond-32.pkl").read_bytes()),
            (".pkl", (DATA / "sg2-cond-16.pkl").read_bytes()),
            (".safetensors", BUSTS.read_bytes()),
            (".png", _png(session)),
            (".json", session.encode()),
            (".npz", w.getvalue()),
            (".mp4", _mp4(self._folder, session)),
        ]
        cases = sorted(CASES.glob("*")) if CASES.is_dir() else []
        small = [case for case in cases if case.is_file() and case.stat().st_size < _LARGEST]
        return [*files, *((case.suffix, case.read_bytes()) for case in small)]

    def _sessions(self) -> list[bytes]:
        snapshot = str(DATA / "sg2-uncond-32.pkl")
        plain = Session(RenderRequest(snapshot, Seed(3)))
        full = RenderRequest(
            snapshot,
            Plane(1.5, 2.5),
            mix=(MixSource(Seed(1), (0.5, -0.5)), MixSource(SavedW("/nowhere.npz"), (1.0,))),
            edits=(ChannelEdit("b16.conv1", 3, 2.0),),
            view=LayerView("b16.conv1", "atlas"),
        )
        panes = (Pane(1, plain.render), Pane(2, full))
        return [
            encode(plain),
            encode(Session(full)),
            encode(Session(full).with_compare(on=True, panes=panes)),
        ]

    def _spoil(self, value: Any) -> None:
        """Put an extreme value in the place of one somewhere inside."""
        while True:
            keys = list(value) if isinstance(value, dict) else list(range(len(value)))
            if not keys:
                return
            key = self._random.choice(keys)
            inner = value[key]
            if isinstance(inner, dict | list) and inner and self._random.random() < 0.8:
                value = inner
                continue
            value[key] = self._random.choice(_EXTREMES)
            return

    def _path(self, stem: str, suffix: str) -> Path:
        self._count += 1
        return self._folder / f"{self._count:05}-{stem}{suffix}"

    def _write(self, stem: str, suffix: str, data: bytes) -> Path:
        path = self._path(stem, suffix)
        path.write_bytes(data)
        return path


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _png(session: str) -> bytes:
    out, info = io.BytesIO(), PngInfo()
    info.add_itxt("ganscope", session, zip=True)
    Image.fromarray(np.zeros((32, 32, 3), np.uint8)).save(out, "PNG", pnginfo=info)
    return out.getvalue()


def _mp4(folder: Path, session: str) -> bytes:
    path = folder / "good.mp4"
    source = ["-f", "lavfi", "-i", "testsrc=duration=0.2:size=64x64:rate=10"]
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-y", *source]
    comment = f"comment={session}"
    subprocess.run([*command, "-metadata", comment, str(path)], check=True, timeout=120)
    return path.read_bytes()
