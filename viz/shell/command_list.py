"""The commands of the window itself; those of a panel are in the panel's folder."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import structs

from viz.compare import commands as compare
from viz.desk.commands import Command, Desk
from viz.desk.panel import Panel
from viz.picture.viewport import Viewport
from viz.session import motion
from viz.session.command_line import command_line
from viz.ui import widgets
from viz.ui.widgets import em


def _has_picture(desk: Desk) -> bool:
    return desk.context.frame is not None


def _step(dx: float, dy: float = 0) -> Callable[[Desk], None]:
    """Go to a neighbouring seed, or by less than 1 a little on in the plane."""

    def run(desk: Desk) -> None:
        moved = motion.step_source(desk.cell.now.render.source, dx, dy)
        desk.cell.set(desk.cell.now.with_render(source=moved))

    return run


def _randomise(desk: Desk) -> None:
    source = motion.at_seed(desk.cell.now.render.source, widgets.random_seed())
    desk.cell.set(desk.cell.now.with_render(source=source))


def _animate(desk: Desk) -> None:
    desk.cell.set(desk.cell.now.with_motion(animate=not desk.cell.now.motion.animate))


def _zoom(steps: float) -> Callable[[Desk], None]:
    """Zoom about the middle of the picture by as much as that many notches of the wheel do."""

    def run(desk: Desk) -> None:
        frame, session = desk.context.frame, desk.cell.now
        if frame is None:
            return
        area = desk.context.place.area
        view = Viewport(session.view, frame.width, frame.height, area, em(0.5))
        changed = view.stepped(steps, area[0] / 2, area[1] / 2)
        desk.cell.set(structs.replace(session, view=changed))

    return run


def _theme(desk: Desk) -> None:
    desk.actions.change_settings(theme="light" if desk.context.settings.theme == "dark" else "dark")


def _scale(by: float) -> Callable[[Desk], None]:
    def run(desk: Desk) -> None:
        scale = 1.0 if by == 0 else min(2.5, max(0.6, round(desk.context.settings.scale + by, 2)))
        desk.actions.change_settings(scale=scale)

    return run


def _copy_command(desk: Desk) -> None:
    context = desk.context
    command = command_line(desk.cell.now, context.model, context.settings.engine)
    desk.actions.copy_text(command.text, command.note)


COMMANDS: tuple[Command, ...] = (
    Command(
        "file.open",
        "Open…",
        "File",
        lambda desk: desk.actions.browse("snapshot"),
        ("Ctrl+O",),
        "A snapshot, of any format that can be read.",
    ),
    Command(
        "file.reload",
        "Reload",
        "File",
        lambda desk: desk.actions.open_snapshot(desk.cell.now.render.snapshot),
        ("Ctrl+R", "F5"),
        enabled=lambda desk: bool(desk.cell.now.render.snapshot),
    ),
    Command(
        "run.watch",
        "Watch another run…",
        "File",
        lambda desk: desk.actions.browse("run"),
        about="The plots and the newest snapshots of a run directory that training writes to.",
    ),
    Command(
        "run.follow",
        "Follow the run",
        "File",
        lambda desk: desk.actions.follow_run(not desk.context.settings.monitor.follow),
        ("Ctrl+Shift+F",),
        "Show every new snapshot of the run by itself, at the same latent.",
        checked=lambda desk: desk.context.settings.monitor.follow,
    ),
    Command(
        "session.restore",
        "Restore session…",
        "File",
        lambda desk: desk.actions.browse("session"),
        ("Ctrl+Shift+O",),
        new_group=True,
    ),
    Command(
        "session.save",
        "Save session as…",
        "File",
        lambda desk: desk.actions.browse("save_session"),
        ("Ctrl+Shift+S",),
    ),
    Command(
        "capture.picture",
        "Capture picture",
        "File",
        lambda desk: desk.actions.capture_picture(),
        ("Ctrl+S",),
        enabled=_has_picture,
        new_group=True,
    ),
    Command(
        "capture.window",
        "Capture window",
        "File",
        lambda desk: desk.actions.capture_window(),
        ("Ctrl+Shift+W",),
    ),
    Command(
        "capture.record",
        "Record sequence",
        "File",
        lambda desk: desk.actions.toggle_recording(),
        ("Ctrl+E",),
        checked=lambda desk: desk.context.recording is not None,
    ),
    Command(
        "capture.w",
        "Save w…",
        "File",
        lambda desk: desk.actions.browse("save_w"),
        about="w of this picture, truncated and mixed, as .npz.",
        enabled=_has_picture,
    ),
    Command(
        "app.quit", "Quit", "File", lambda desk: desk.actions.quit(), ("Ctrl+Q",), new_group=True
    ),
    Command(
        "edit.undo",
        "Undo",
        "Edit",
        lambda desk: desk.actions.undo(),
        ("Ctrl+Z",),
        enabled=lambda desk: desk.cell.can_undo,
        repeats=True,
    ),
    Command(
        "edit.redo",
        "Redo",
        "Edit",
        lambda desk: desk.actions.redo(),
        ("Ctrl+Shift+Z", "Ctrl+Y"),
        enabled=lambda desk: desk.cell.can_redo,
        repeats=True,
    ),
    Command(
        "bookmark.add",
        "Bookmark",
        "Edit",
        lambda desk: desk.actions.add_bookmark(),
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
        enabled=lambda desk: desk.context.model is not None,
    ),
    Command(
        "view.theme",
        "Light theme",
        "View",
        _theme,
        ("Ctrl+Shift+T",),
        checked=lambda desk: desk.context.settings.theme == "light",
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
        lambda desk: desk.actions.toggle_picture_only(),
        ("F11",),
        checked=lambda desk: desk.context.picture_only,
        new_group=True,
    ),
    Command("view.reset_layout", "Reset layout", "View", lambda desk: desk.actions.reset_layout()),
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
        checked=lambda desk: desk.cell.now.motion.animate,
    ),
    Command(
        "picture.fit",
        "Fit to panel",
        "Picture",
        lambda desk: desk.cell.set(desk.cell.now.with_view(fit=True, center=(0.5, 0.5))),
        ("F",),
        checked=lambda desk: desk.cell.now.view.fit,
        new_group=True,
    ),
    Command(
        "picture.actual",
        "Actual size",
        "Picture",
        lambda desk: desk.cell.set(desk.cell.now.with_view(fit=False, zoom=1.0)),
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
        lambda desk: desk.cell.set(desk.cell.now.with_view(smooth=not desk.cell.now.view.smooth)),
        ("S",),
        checked=lambda desk: desk.cell.now.view.smooth,
    ),
    *compare.COMMANDS,
    Command(
        "help.page",
        "How to, and shortcuts",
        "Help",
        lambda desk: desk.actions.toggle_help(),
        ("F1",),
    ),
    Command(
        "help.palette",
        "All commands…",
        "Help",
        lambda desk: desk.actions.open_palette(),
        ("Ctrl+P", "Ctrl+Shift+P"),
    ),
)


def commands_of(panels: tuple[Panel, ...]) -> tuple[Command, ...]:
    """Every command of a window with these panels: ours, theirs, and `Show …` for each."""
    own = (command for panel in panels for command in panel.commands)
    return (*COMMANDS, *own, *(_show(panel) for panel in panels))


def _show(panel: Panel) -> Command:
    title = panel.title
    return Command(
        f"panel.{title.lower()}",
        f"Show {title}",
        "",
        lambda desk: desk.actions.focus_panel(title),
    )
