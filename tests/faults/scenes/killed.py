"""The renderer killed or stopped by signals, whatever the window is doing with it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from imgui_bundle import ImVec2

from renderer.messages.jobs import Sheet
from renderer.messages.request import LayerView, Plane, RenderRequest, Seed
from renderer.pictures.workspace import PREFIX
from tests.faults.stand import Stand, kill
from tests.paths import DATA
from viz.session.session import Pane

SIGNALS = (
    signal.SIGKILL,
    signal.SIGBUS,
    signal.SIGSEGV,
    signal.SIGTERM,
    signal.SIGABRT,
    signal.SIGSTOP,
)
EARTH = DATA / "earth64-run" / "network-snapshot-000040.pkl"
CLEARED = 30.0
"""Seconds in which what a killed export left behind has to be gone."""


def play(stand: Stand) -> None:
    """Kill in the midst of each doing, for as long as there is time, but each once."""
    run = stand.files / "run"
    run.mkdir()
    for kimg in range(0, 100, 20):
        os.link(_copy(stand), run / f"network-snapshot-{kimg:06}.pkl")
    stand.open(lambda stand: _kill_all(stand, run), session=stand.base)


def _copy(stand: Stand) -> Path:
    path = stand.files / "one.pkl"
    if not path.exists():
        path.write_bytes(EARTH.read_bytes())
    return path


def _kill_all(stand: Stand, run: Path) -> None:
    stand.picture()
    doings: list[Callable[[Stand, Path], None]] = [
        _drag,
        _scrub,
        _compare,
        _export,
        _two_exports,
        _atlas,
        _load,
    ]
    while True:
        pairs = [(doing, stand.random.choice(SIGNALS)) for doing in doings]
        for doing, number in stand.random.sample(pairs, len(pairs)):
            stand.record.tried(f"{doing.__name__[1:]} {number.name}")
            doing(stand, run)
            _strike(stand, number)
            _return(stand)
        if not stand.goes_on:
            return


def _strike(stand: Stand, number: int) -> None:
    """Send a signal within the next moment, while the window goes on and the user too."""
    victim = stand.client.pid
    for _ in range(stand.random.randrange(12)):
        stand.gui.frames()
    kill(victim, number)
    for _ in range(4):
        _step(stand)
    if number == signal.SIGSTOP:
        if stand.random.random() < 0.5:
            kill(victim, signal.SIGCONT)
        else:
            stand.act(stand.app.actions.restart_renderer)


def _step(stand: Stand) -> None:
    """Move the picture on a little, as the next event of a mouse would."""
    source = stand.app.cell.now.render.source
    x = source.x if isinstance(source, Plane) else 0.0
    moved = stand.app.cell.now.with_render(source=Plane(x + 0.25, 0.5))
    stand.act(lambda: stand.app.cell.set(moved))
    stand.gui.frames(2)


def _return(stand: Stand) -> None:
    """The picture comes back, and so do all that it is compared with; then calm again."""
    app = stand.app
    began = time.monotonic()

    def back() -> bool:
        stand.alive()
        frames = app.feed.frames
        shown = all(
            frames[name].request == stream.asked[0]
            for name, stream in app.feed._streams.items()
            if stream.asked is not None and name in frames
        )
        return app.feed.engine.state == "ready" and app.answered and app.feed.settled and shown

    stand.until("picture after a signal", back)
    if app.feed.failures:
        stand.record.fault("hung", f"failures remain: {app.feed.failures}")
    stand.picture()
    stand.reset()
    stand.act(lambda: app.actions.watch_run(None))
    stand.picture()
    stand.until("clean folder of captures", lambda: not _left(stand), CLEARED)
    stand.look()
    stand.record.waited(time.monotonic() - began)


def _left(stand: Stand) -> list[Path]:
    return list(stand.captures.glob(f"{PREFIX}*"))


# -- what is being done when the signal comes ---------------------------------------------------


def _drag(stand: Stand, run: Path) -> None:
    gui = stand.gui
    gui.ctx.set_ref("Picture")
    box = gui.ctx.item_info("##picture").rect_full
    x, y = (box.min.x + box.max.x) / 2, (box.min.y + box.max.y) / 2
    gui.ctx.mouse_move_to_pos(ImVec2(x, y))
    gui.ctx.mouse_down(0)
    for step in range(4):
        gui.ctx.mouse_move_to_pos(ImVec2(x - 12 * step, y + 7 * step))
    gui.ctx.mouse_up(0)


def _scrub(stand: Stand, run: Path) -> None:
    for path in sorted(run.glob("*.pkl")):
        stand.act(lambda path=path: stand.app.actions.show_snapshot(str(path), step=False))
        stand.gui.frames(2)


def _compare(stand: Stand, run: Path) -> None:
    panes = (
        Pane(1, RenderRequest(str(EARTH), Seed(4))),
        Pane(2, RenderRequest(str(DATA / "sg2-uncond-32.pkl"), Seed(5))),
    )
    layout = stand.random.choice(("grid", "difference", "wipe"))
    panes = panes if layout == "grid" else panes[:1]
    session = stand.app.cell.now.with_compare(on=True, panes=panes, layout=layout)
    stand.act(lambda: stand.app.cell.set(session))
    if stand.random.random() < 0.5:
        stand.picture()
    for _ in range(4):
        _step(stand)


def _export(stand: Stand, run: Path, suffix: str = ".mp4") -> None:
    render = stand.app.cell.now.render
    sheets = tuple(
        Sheet((RenderRequest(render.snapshot, Plane(i / 8, 0.0)),), hold=2) for i in range(64)
    )
    path = str(stand.captures / f"film{suffix}")
    stand.act(lambda: stand.app.actions.export(sheets, path))
    stand.until("export under way", lambda: bool(stand.app.jobs.facts) or stand.app.settled)
    if stand.random.random() < 0.7:
        stand.until("folder of an export", lambda: bool(_left(stand)) or stand.app.settled)


def _two_exports(stand: Stand, run: Path) -> None:
    _export(stand, run)
    _export(stand, run, "")


def _atlas(stand: Stand, run: Path) -> None:
    stand.act(lambda: stand.app.host.focus_panel("Layers"))
    session = stand.app.cell.now.with_render(view=LayerView("b16.conv1", "atlas"))
    stand.act(lambda: stand.app.cell.set(session))
    for _ in range(3):
        _step(stand)


def _load(stand: Stand, run: Path) -> None:
    stand.act(lambda: stand.app.actions.open_snapshot(str(run)))
    stand.gui.frames(stand.random.randrange(1, 6))
