"""The commands. A new one is one entry here."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from imgui_bundle import imgui
from msgspec import structs

from viz.compare import commands as compare
from viz.compare import view as comparison
from viz.desk.commands import Command
from viz.desk.panel import Panel
from viz.panels.timeline import commands as timeline
from viz.picture.viewport import Viewport
from viz.session import motion
from viz.ui import widgets
from viz.ui.widgets import em

if TYPE_CHECKING:
    from viz.shell.app import App


def _has_picture(app: App) -> bool:
    return app.context.frame is not None


def _step(dx: float, dy: float = 0) -> Callable[[App], None]:
    """To a neighbouring seed; by less than 1: a little on, in the plane."""

    def run(app: App) -> None:
        moved = motion.step_source(app.session.render.source, dx, dy)
        app.set_session(app.session.with_render(source=moved))

    return run


def _randomise(app: App) -> None:
    source = motion.at_seed(app.session.render.source, widgets.random_seed())
    app.set_session(app.session.with_render(source=source))


def _animate(app: App) -> None:
    app.set_session(app.session.with_motion(animate=not app.session.motion.animate))


def _zoom(steps: float) -> Callable[[App], None]:
    """Wheel notches, about the middle of the Picture panel."""

    def run(app: App) -> None:
        frame = app.context.frame
        window = imgui.internal.find_window_by_name("Picture")
        if frame is None or window is None:
            return
        inside = window.inner_rect
        area = inside.max.x - inside.min.x, inside.max.y - inside.min.y
        if app.session.compare.on:
            area = comparison.area()
        view = Viewport(app.session.view, frame.width, frame.height, area, em(0.5))
        changed = view.stepped(steps, area[0] / 2, area[1] / 2)
        app.set_session(structs.replace(app.session, view=changed))

    return run


def _theme(app: App) -> None:
    app.change_settings(theme="light" if app.settings.theme == "dark" else "dark")


def _scale(by: float) -> Callable[[App], None]:
    def run(app: App) -> None:
        scale = 1.0 if by == 0 else min(2.5, max(0.6, round(app.settings.scale + by, 2)))
        app.change_settings(scale=scale)

    return run


def _picture_only(app: App) -> None:
    app.picture_only = not app.picture_only


def _copy_command(app: App) -> None:
    from viz.session.command_line import as_command

    app.actions.copy_text(
        as_command(app.session, app.model, app.settings.engine), "Copied as a command line."
    )


COMMANDS: tuple[Command, ...] = (
    Command(
        "file.open",
        "Open…",
        "File",
        lambda app: app.actions.browse("snapshot"),
        ("Ctrl+O",),
        "A snapshot, of any format that can be read.",
    ),
    Command(
        "file.reload",
        "Reload",
        "File",
        lambda app: app.opening.open(app.session.render.snapshot),
        ("Ctrl+R", "F5"),
        enabled=lambda app: bool(app.session.render.snapshot),
    ),
    Command(
        "run.watch",
        "Watch another run…",
        "File",
        lambda app: app.actions.browse("run"),
        about="The plots and the newest snapshots of a run directory that training writes to.",
    ),
    Command(
        "run.follow",
        "Follow the run",
        "File",
        lambda app: app.actions.follow_run(not app.settings.monitor.follow),
        ("Ctrl+Shift+F",),
        "Show every new snapshot of the run by itself, at the same latent.",
        checked=lambda app: app.settings.monitor.follow,
    ),
    Command(
        "session.restore",
        "Restore session…",
        "File",
        lambda app: app.actions.browse("session"),
        ("Ctrl+Shift+O",),
        new_group=True,
    ),
    Command(
        "session.save",
        "Save session as…",
        "File",
        lambda app: app.actions.browse("save_session"),
        ("Ctrl+Shift+S",),
    ),
    Command(
        "capture.picture",
        "Capture picture",
        "File",
        lambda app: app.actions.capture_picture(),
        ("Ctrl+S",),
        enabled=_has_picture,
        new_group=True,
    ),
    Command(
        "capture.window",
        "Capture window",
        "File",
        lambda app: app.actions.capture_window(),
        ("Ctrl+Shift+W",),
    ),
    Command(
        "capture.record",
        "Record sequence",
        "File",
        lambda app: app.actions.toggle_recording(),
        ("Ctrl+E",),
        checked=lambda app: app.recording.running,
    ),
    Command(
        "capture.w",
        "Save w…",
        "File",
        lambda app: app.actions.browse("save_w"),
        about="w of this picture, truncated and mixed, as .npz.",
        enabled=_has_picture,
    ),
    Command("app.quit", "Quit", "File", lambda app: app.host.quit(), ("Ctrl+Q",), new_group=True),
    Command(
        "edit.undo",
        "Undo",
        "Edit",
        lambda app: app.undo(),
        ("Ctrl+Z",),
        enabled=lambda app: app.history.can_undo,
        repeats=True,
    ),
    Command(
        "edit.redo",
        "Redo",
        "Edit",
        lambda app: app.redo(),
        ("Ctrl+Shift+Z", "Ctrl+Y"),
        enabled=lambda app: app.history.can_redo,
        repeats=True,
    ),
    Command(
        "bookmark.add",
        "Bookmark",
        "Edit",
        lambda app: app.actions.add_bookmark(),
        ("Ctrl+B", "Ctrl+D"),
        enabled=_has_picture,
        new_group=True,
    ),
    Command(
        "edit.copy_command",
        "Copy as command line",
        "Edit",
        _copy_command,
        ("Ctrl+Shift+C",),
        enabled=lambda app: app.model is not None,
    ),
    Command(
        "view.theme",
        "Light theme",
        "View",
        _theme,
        ("Ctrl+Shift+T",),
        checked=lambda app: app.settings.theme == "light",
    ),
    Command(
        "view.larger",
        "Larger text and controls",
        "View",
        _scale(0.1),
        ("Ctrl+Plus", "Ctrl+Shift+Plus", "Ctrl+KeypadPlus"),
        repeats=True,
    ),
    Command(
        "view.smaller",
        "Smaller text and controls",
        "View",
        _scale(-0.1),
        ("Ctrl+Minus", "Ctrl+KeypadMinus"),
        repeats=True,
    ),
    Command("view.normal", "Normal size", "View", _scale(0), ("Ctrl+0",)),
    Command(
        "view.picture_only",
        "Picture only",
        "View",
        _picture_only,
        ("F11",),
        checked=lambda app: app.picture_only,
        new_group=True,
    ),
    Command("view.reset_layout", "Reset layout", "View", lambda app: app.host.reset_layout()),
    Command(
        "latent.next",
        "Next seed",
        "Picture",
        _step(1),
        ("Right",),
        repeats=True,
    ),
    Command(
        "latent.previous",
        "Previous seed",
        "Picture",
        _step(-1),
        ("Left",),
        repeats=True,
    ),
    Command("latent.down", "Next row of seeds", "Picture", _step(0, 1), ("Down",), repeats=True),
    Command("latent.up", "Previous row of seeds", "Picture", _step(0, -1), ("Up",), repeats=True),
    *(
        Command(
            f"latent.nudge_{name.lower()}",
            f"Nudge {name.lower()}",
            "",
            _step(dx / 10, dy / 10),
            (f"Shift+{name}",),
            "A tenth of the way to the next seed.",
            repeats=True,
        )
        for name, dx, dy in (("Left", -1, 0), ("Right", 1, 0), ("Up", 0, -1), ("Down", 0, 1))
    ),
    Command("latent.random", "Random seed", "Picture", _randomise, ("R",)),
    Command(
        "latent.animate",
        "Animate",
        "Picture",
        _animate,
        ("Space",),
        checked=lambda app: app.session.motion.animate,
    ),
    Command(
        "picture.fit",
        "Fit to panel",
        "Picture",
        lambda app: app.set_session(app.session.with_view(fit=True, center=(0.5, 0.5))),
        ("F",),
        checked=lambda app: app.session.view.fit,
        new_group=True,
    ),
    Command(
        "picture.actual",
        "Actual size",
        "Picture",
        lambda app: app.set_session(app.session.with_view(fit=False, zoom=1.0)),
        ("1",),
    ),
    Command(
        "picture.zoom_in",
        "Zoom in",
        "Picture",
        _zoom(2),
        ("Plus", "Shift+Plus", "KeypadPlus"),
        repeats=True,
    ),
    Command(
        "picture.zoom_out",
        "Zoom out",
        "Picture",
        _zoom(-2),
        ("Minus", "KeypadMinus"),
        repeats=True,
    ),
    Command(
        "picture.smooth",
        "Smooth pixels",
        "Picture",
        lambda app: app.set_session(app.session.with_view(smooth=not app.session.view.smooth)),
        ("S",),
        checked=lambda app: app.session.view.smooth,
    ),
    *timeline.COMMANDS,
    *compare.COMMANDS,
    Command("help.page", "How to, and shortcuts", "Help", lambda app: app.help.toggle(), ("F1",)),
    Command(
        "help.palette",
        "All commands…",
        "Help",
        lambda app: app.palette.open(),
        ("Ctrl+P", "Ctrl+Shift+P"),
    ),
)


def panel_commands(panels: tuple[Panel, ...]) -> tuple[Command, ...]:
    """`Show …` for each panel, in the palette."""

    def show(title: str) -> Callable[[App], None]:
        return lambda app: app.host.focus_panel(title)

    return tuple(
        Command(f"panel.{p.title.lower()}", f"Show {p.title}", "", show(p.title)) for p in panels
    )
