"""The commands of the menu File: opening, following, saving and capturing."""

from __future__ import annotations

from viz.compare.saving import ask_export, saving_words
from viz.desk.commands import Command, Desk


def _has_picture(desk: Desk) -> bool:
    return desk.context.frame is not None


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
        lambda desk: saving_words(desk.cell.now, desk.context),
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
        "capture.export",
        "Export…",
        "File",
        lambda desk: ask_export(desk.context.seen_of(desk.cell.now), desk.context),
        ("Ctrl+Shift+E",),
        "The picture or the comparison in a size of your choice, as a picture or a video.",
        enabled=_has_picture,
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
        "app.quit",
        "Quit",
        "File",
        lambda desk: desk.actions.quit(),
        ("Ctrl+Q",),
        new_group=True,
        anywhere=True,
    ),
)
