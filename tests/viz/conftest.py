"""How to test the window.

A GUI test runs the real application offscreen (no display, no X server) and drives it through
ImGui's test engine, by label:

    from imgui_bundle import imgui

    def test_typing_psi_changes_the_request(drive):
        def test(gui):
            gui.ctx.set_ref("Truncation")                 # the panel's window
            gui.ctx.item_input_value("##psi", 0.5)        # widgets.py: id is `##` + label
            gui.settle()                                  # until the picture answers it
            assert gui.app.cell.now.render.truncation.psi == 0.5
            assert gui.context.frame.request == gui.app.cell.now.render

        drive(test)

`drive(test, client=…, session=…, settings=…, size=(1440, 900), scale=1.0, panels=…, path=…,
layout=…, bugs=False)` opens the window, waits until the first picture is there, calls `test(gui)`
and closes the window; assertions, engine errors (an item that does not exist) and panels that raise
(unless `bugs`) fail the test. `gui` has:

    gui.ctx       the test engine's context: item_click, item_input_value, mouse_move, key_press …
    gui.app       viz.shell.app.App (cell, settings, messages, actions)
    gui.context   viz.desk.context.Context (model, frames, jobs)
    gui.settle()  yields frames until the renderer has answered and no job or task is pending
    gui.until(happened, otherwise)  yields frames until `happened()`
    gui.frames(n) yields n frames
    gui.shot(path)  a PNG of the window: look at it
    gui.focus(title)  brings a panel to the front of its tabs
    gui.keys("Ctrl+Z")  presses a shortcut (spelled as in viz/desk/commands.py)
    gui.drop(path)  drops files on the window
    gui.panel(title)  the object that draws a panel
    gui.on_its_thread(call)  what a call returns on the window's thread, where OpenGL is

The fixture `looks_like(gui, name)` compares the window with tests/viz/screenshots/NAME.png.

The default client is `FakeClient`: it answers at once with gradients that depend on the request
and serves the model `MODEL` for every path. Everything lives in a temporary home.
"""

from __future__ import annotations

import itertools
import signal
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import numpy as np
import pytest

from viz.gpu import display

display.configure(offscreen=True)

from imgui_bundle import hello_imgui, imgui, immapp  # noqa: E402
from imgui_bundle.immapp import testing  # noqa: E402
from OpenGL import GL  # noqa: E402

from renderer.client.client import ReceivedFrame  # noqa: E402
from renderer.messages.failure import Failure  # noqa: E402
from renderer.messages.frame import (  # noqa: E402
    AtlasLayout,
    ChannelStats,
    FrameInfo,
    Histogram,
    LayerStats,
    StatsSpec,
    Verdict,
)
from renderer.messages.jobs import Export, Load, SaveW, Sheet, Work  # noqa: E402
from renderer.messages.model import LayerInfo, ModelInfo, RowInfo  # noqa: E402
from renderer.messages.options import EngineOptions  # noqa: E402
from renderer.messages.request import AugmentView, RenderRequest  # noqa: E402
from renderer.messages.to_window import FrameReady, Hello, JobDone, JobFailed, Loaded  # noqa: E402
from tests.viz import screenshots  # noqa: E402
from viz.desk import commands  # noqa: E402
from viz.desk.settings import Settings  # noqa: E402
from viz.disk.store import Store  # noqa: E402
from viz.session.session import Session  # noqa: E402
from viz.shell.app import App  # noqa: E402
from viz.shell.dropping import drop  # noqa: E402
from viz.shell.window import WindowOptions, parameters, prepare  # noqa: E402

T = TypeVar("T")

PATIENCE = 600.0
"""Seconds after which a test gives up waiting: many times what the slowest machine takes."""


def make_model(path: str, *, c_dim: int = 0, resolution: int = 64) -> ModelInfo:
    """Facts on a network that looks like a small StyleGAN2. A file named `ema` holds no D."""
    layers = [
        LayerInfo("b4.conv1", 4, 512, noise=True, styles=512),
        LayerInfo("b4.torgb", 4, 3, styles=512),
    ]
    rows = [RowInfo(0, 4, ("b4.conv1",)), RowInfo(1, 4, ("b4.torgb",))]
    size = 8
    while size <= resolution:
        names = [f"b{size}.conv0", f"b{size}.conv1", f"b{size}.torgb"]
        channels = max(16, 4096 // size)
        facts: dict[str, Any] = {"noise": True, "styles": channels}
        layers += [LayerInfo(n, size, channels, **facts) for n in names[:2]]
        layers.append(LayerInfo(names[2], size, 3, styles=channels))
        rows += [RowInfo(len(rows) + i, size, (names[i],)) for i in range(2)]
        size *= 2
    return ModelInfo(
        path=path,
        name=Path(path).name,
        format="safetensors",
        family="stylegan2",
        resolution=resolution,
        img_channels=3,
        z_dim=512,
        w_dim=512,
        c_dim=c_dim,
        num_ws=len(rows),
        parameters=24_767_458,
        layers=tuple(layers),
        rows=tuple(rows),
        kimg=40.0,
        augment_p=0.113,
        file_bytes=48_123_904,
        metadata=(("dataset", "earth64"), ("licence", "public domain")),
        networks=("G_ema", "G", "D", "augment_pipe")[: 1 if "ema" in Path(path).name else 4],
    )


class FakeClient:
    """Answers at the next poll. Paths with `missing` in them fail to open; those that end in
    `latent.pt` hold a latent.

    requests: everything that was submitted, as (stream, request, stats). hold: while True, jobs
    do not end and frames do not come.
    """

    def __init__(self, *, c_dim: int = 0, resolution: int = 64) -> None:
        self.c_dim, self.resolution = c_dim, resolution
        self.requests: list[tuple[str, RenderRequest, StatsSpec | None]] = []
        self.frames: list[ReceivedFrame] = []
        self.released: list[int] = []
        self.options: list[EngineOptions] = []
        self.cancelled: list[int] = []
        self.restarts = self.given_up = 0
        self.saved_w: list[tuple[RenderRequest, str]] = []
        self.exports: list[tuple[tuple[Sheet, ...], str, float, str]] = []
        self.hold = False
        self.closed = False
        self._ids = itertools.count(1)
        self._events: list[Any] = [Hello(0, ("cpu",), "cpu", "float32", 1)]

    def send(self, event: Any) -> None:
        """An event as if it came from the renderer."""
        self._events.append(event)

    def submit(
        self,
        request: RenderRequest,
        stream: str = "main",
        stats: StatsSpec | None = None,
        drafts: bool = False,
    ) -> int:
        id = next(self._ids)
        self.requests.append((stream, request, stats))
        self._events = [
            e
            for e in self._events
            if not (isinstance(e, ReceivedFrame) and e.message.stream == stream)
        ]
        self._events.append(self._render(id, stream, request, stats))
        return id

    def start(self, work: Work) -> int:
        job = next(self._ids)
        match work:
            case Load(path) if "missing" in path:
                failure = Failure(f"{path}: no such file.", "Check the path.")
                self.send(JobFailed(job, path, failure))
            case Load(path) if path.endswith("latent.pt"):
                self.send(JobFailed(job, path, Failure(f"{path}: no network.", latent=True)))
            case Load(path):
                model = make_model(path, c_dim=self.c_dim, resolution=self.resolution)
                self.send(Loaded(job, model))
            case SaveW(path, request):
                self.saved_w.append((request, path))
                self.send(JobDone(job, f"Saved {path}"))
            case Export(path, sheets, fps, session):
                self.exports.append((sheets, path, fps, session))
                self.send(JobDone(job, f"Wrote {path}"))
        return job

    def cancel(self, job: int) -> None:
        self.cancelled.append(job)

    def configure(self, options: EngineOptions) -> None:
        self.options.append(options)

    def restart(self) -> None:
        self.restarts += 1

    def give_up(self) -> None:
        self.given_up += 1

    def poll(self) -> list[Any]:
        if self.hold:
            return []
        events, self._events = self._events, []
        return events

    def close(self) -> None:
        self.closed = True

    def _render(
        self, id: int, stream: str, request: RenderRequest, stats: StatsSpec | None
    ) -> ReceivedFrame:
        pixels = gradient(request, self.resolution)
        layout = verdict = None
        if request.view is not None and request.view.mode == "atlas":
            cell = min(request.view.cell, 16)
            layout = AtlasLayout(pixels.shape[0] * pixels.shape[1] // cell**2, 4, 4, cell)
        if request.augment is not None:
            layout, verdict = judged(request.augment)
            pixels = gradient(request, layout.columns * layout.cell)[: layout.rows * layout.cell]
        info = FrameInfo(
            timings={"mapping": 0.4, "synthesis": 6.0, "look": 0.3},
            device="cpu",
            precision="float32",
            threads=1,
            reused_stages=2,
            total_stages=6,
            memory_bytes=300 << 20,
            stats=_stats(stats) if stats else None,
            atlas=layout,
            verdict=verdict,
        )
        height, width = pixels.shape[:2]
        message = FrameReady(id, stream, request, "fake", 0, width, height, info)
        frame = ReceivedFrame(message, pixels, lambda: self.released.append(id))
        self.frames.append(frame)
        return frame


def gradient(request: RenderRequest, size: int) -> np.ndarray:
    """A picture that depends on everything in the request: [size, size, 4] uint8."""
    fields = msgspec.json.decode(msgspec.json.encode(request))
    # Fields that came later are left out where they say nothing: the references know none of them.
    for name in ("target", "directions", "bends"):
        if not fields[name]:
            del fields[name]
    key = zlib.crc32(msgspec.json.encode(fields))
    y, x = np.mgrid[0:size, 0:size] / size
    shade = [(x + (key & 255) / 255) % 1, (y + (key >> 8 & 255) / 255) % 1, x * y]
    rgb = (np.stack(shade, -1) * 255).astype(np.uint8)
    return np.dstack([rgb, np.full((size, size), 255, np.uint8)])


def judged(view: AugmentView) -> tuple[AtlasLayout, Verdict]:
    """What a discriminator would say: less and less as p grows, each draw something else."""
    columns = int(np.ceil(np.sqrt(view.draws + 1)))
    p = 0.113 if view.p is None else view.p
    spread = np.random.RandomState(view.seed).randn(view.draws) - 0.5
    draws = tuple(float(1.32 + 4 * p * away) for away in spread)
    verdict = Verdict(1.32, draws, p, 0.113, ("xflip", "rotate90", "hue"))
    rows = -(-(view.draws + 1) // columns)
    return AtlasLayout(view.draws + 1, columns, rows, 16), verdict


def _stats(spec: StatsSpec) -> LayerStats:
    counts = tuple(int(1000 * np.exp(-((i - spec.bins / 2) ** 2) / 50)) for i in range(spec.bins))
    one = ChannelStats(0.1, 1.2, -4.0, 4.0, Histogram(-4.0, 4.0, counts))
    return LayerStats(spec.layer, (1, 64, 64, 64), "float32", one, spec.channel, one)


class Driven(App):
    """The application, whose widgets are turned into pixels only where the window is captured.

    All that it does is done in every frame, down to the calls of OpenGL. But filling a window with
    pixels takes a processor longer than all else, and most tests look at what widgets did.
    """

    blank = False

    def end(self) -> None:
        super().end()
        self.blank = not self.shots.asked
        if self.blank:
            GL.glEnable(GL.GL_RASTERIZER_DISCARD)

    def rendered(self) -> None:
        GL.glDisable(GL.GL_RASTERIZER_DISCARD)
        if not (self.blank and self.shots.asked):  # what was asked for meanwhile is the next frame
            super().rendered()


class Gui:
    """What a GUI test holds in its hands."""

    def __init__(self, ctx: imgui.test_engine.TestContext, app: App) -> None:
        self.ctx = ctx
        self.app = app

    @property
    def context(self) -> Any:
        return self.app.context

    def frames(self, count: int = 1) -> None:
        self.ctx.yield_(count)

    def settle(self) -> None:
        """Yield frames until the renderer has answered and nothing is pending."""
        self.ctx.yield_(2)
        self.until(lambda: self.app.settled, "the window did not settle")
        self.ctx.yield_(2)

    def until(self, happened: Callable[[], bool], otherwise: str = "it did not happen") -> None:
        """Yield frames until something has happened; fails with `otherwise` where it does not."""
        end = time.monotonic() + PATIENCE
        while not happened():
            assert time.monotonic() < end, otherwise
            self.ctx.yield_()

    def on_its_thread(self, call: Callable[[], T]) -> T:
        """Return what a call returns on the thread of the window, where OpenGL's contexts are."""
        results: list[T] = []
        before = self.app.every_frame

        def once() -> None:
            self.app.every_frame = before
            results.append(call())

        self.app.every_frame = once
        self.until(lambda: bool(results or self.app.bugs))
        assert not self.app.bugs, self.app.bugs
        return results[0]

    def shot(self, path: str | Path) -> None:
        self.app.shots.ask(Path(path), lambda _: None)
        self.settle()

    def panel(self, title: str) -> Any:
        """The object that draws a panel of this window, for panels that keep something."""
        return self.app.guard._draws[title].__self__

    def drop(self, *paths: object) -> None:
        """Drop files on the window."""
        drop([str(path) for path in paths], self.app.actions, self.app.tasks)

    def focus(self, title: str) -> None:
        self.app.host.focus_panel(title)
        self.ctx.yield_(3)

    def keys(self, text: str) -> None:
        self.ctx.key_press(commands.chord(text))
        self.ctx.yield_(2)


def ignore_broken_pipes() -> None:
    """A write to a renderer that was killed is an error to handle, as it is outside of tests.

    The test engine starts with a crash handler for it, which would end the suite.
    """
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)


def be_patient(io: imgui.test_engine.TestEngineIO) -> None:
    """Let no test depend on the speed of the machine.

    The test engine aborts tests after a minute. What an aborted one asks for is not done, without
    a word: keys are not pressed and frames not drawn, so that it fails somewhere else. And to ImGui
    two clicks are a double click only where the frames between them take 0.3 s together.
    """
    io.config_watchdog_warning = io.config_watchdog_kill_test = 1e6
    io.config_fixed_delta_time = 1 / 60


@pytest.fixture
def looks_like(tmp_path: Path, request: pytest.FixtureRequest) -> Callable[[Gui, str], None]:
    """`looks_like(gui, "main-dark")`: compare with tests/viz/screenshots/main-dark.png."""
    update = bool(request.config.getoption("--update-screenshots"))

    def check(gui: Gui, name: str) -> None:
        screenshots.check(gui, name, tmp_path, update=update)

    return check


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A temporary user's folder, also for captures."""
    folder = tmp_path / "home"
    monkeypatch.setenv("GANSCOPE_HOME", str(folder))
    return folder


@pytest.fixture
def drive(home: Path, tmp_path: Path) -> Callable[..., App]:
    """See the top of this file."""

    def run(
        test: Callable[[Gui], None],
        *,
        client: Any = None,
        session: Session | None = None,
        settings: Settings | None = None,
        size: tuple[int, int] = (1440, 900),
        scale: float = 1.0,
        panels: Any = None,
        path: str | None = None,
        layout: Path | None = None,
        resolve: Any = None,
        disk: Any = None,
        settle: bool = True,
        bugs: bool = False,
    ) -> App:
        client = client or FakeClient()
        store = Store(home)
        if settings is None:
            settings = Settings(capture_folder=str(tmp_path / "captures"))
        store.save(settings)
        app = Driven(
            client, store, session=session, panels=panels, resolve=resolve or Path, disk=disk
        )
        prepare(offscreen=True)
        params = parameters(app, WindowOptions(size, scale, offscreen=True, layout=layout), path)
        app.every_frame = ignore_broken_pipes

        def wrapped(ctx: imgui.test_engine.TestContext) -> None:
            engine = hello_imgui.get_imgui_test_engine()
            io = imgui.test_engine.get_io(engine)
            io.config_mouse_draw_cursor = False
            be_patient(io)
            gui = Gui(ctx, app)
            if settle:
                gui.settle()
            test(gui)

        try:
            testing.run(
                test_function=wrapped,
                runner_params=params,
                add_ons_params=immapp.AddOnsParams(with_implot=True),
            )
        finally:
            client.close()
        if app.bugs and not bugs:
            raise app.bugs[0]
        return app

    return run
