"""Open a network, see what it is, step through the snapshots of its run."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import PurePath

from imgui_bundle import ImVec2, imgui
from imgui_bundle import icons_fontawesome_6 as fa

from common import units
from common.units import side_squared
from renderer.messages.failure import Failure
from renderer.messages.model import ModelInfo
from viz.desk.context import Context
from viz.desk.facts import FileEntry, Job
from viz.desk.panel import Panel
from viz.session.session import Session
from viz.session.summary import short_path
from viz.ui import widgets
from viz.ui.text import Row, facts, failure_box, muted, shorten, title
from viz.ui.widgets import em

FAMILIES = {
    "dcgan": "DCGAN",
    "lucidrains": "StyleGAN2 (lucidrains)",
    "pggan": "PGGAN",
    "r3gan": "R3GAN",
    "stylegan1": "StyleGAN1",
    "stylegan2": "StyleGAN2",
    "stylegan3": "StyleGAN3",
    "styleganxl": "StyleGAN-XL",
}
HINT = "File, run folder or RUN/KIMG"
PATH_TIP = (
    "A snapshot file (.pkl, .pt, .pth, .tar, .model, .safetensors), a run folder (its newest "
    "snapshot), or the run folder with a number of kimg behind it, as my-run/2400. Enter opens "
    "it. Files and folders can also be dropped anywhere on the window."
)
"""Shown over the field of the path."""


class SnapshotPanel:
    """Keeps what is typed but not yet opened, and which failure was closed."""

    def __init__(self) -> None:
        self._typed = ""
        self._shown = ""
        self._closed: tuple[str, Failure] | None = None

    def draw(self, session: Session, context: Context) -> Session:
        """Draw the panel; return the session as it was edited there."""
        opened = session.render.snapshot
        if opened != self._shown:
            self._shown, self._typed = opened, short_path(opened) if opened else ""
        self._draw_field(context)
        self._draw_buttons(opened, context)
        for job in context.jobs:
            _draw_job(job, context)
        self._draw_failure(context)
        if context.model is not None:
            _draw_model(context.model, context)
        elif not context.jobs:
            imgui.spacing()
            widgets.hint(
                "No network yet. Type a path above, browse, or drop a snapshot or a run folder "
                "on the window."
            )
        return session

    def _draw_field(self, context: Context) -> None:
        side, gap = imgui.get_frame_height(), em(0.2)
        imgui.set_next_item_width(imgui.get_content_region_avail().x - 3 * (side + gap))
        flags = (
            imgui.InputTextFlags_.enter_returns_true
            | imgui.InputTextFlags_.auto_select_all
            | imgui.InputTextFlags_.elide_left
        )
        entered, self._typed = imgui.input_text_with_hint("##path", HINT, self._typed, flags)
        widgets.tooltip(f"{self._shown}\n\n{PATH_TIP}".strip())
        path = self._typed.strip().strip("\"'")
        if entered and path:
            self._open(path, context)

    def _draw_buttons(self, opened: str, context: Context) -> None:
        if _icon(fa.ICON_FA_FOLDER_OPEN, "Browse", "Choose a file (Ctrl+O)."):
            context.actions.browse("snapshot")
        known = bool(context.recent)
        if _icon(fa.ICON_FA_CLOCK_ROTATE_LEFT, "Recent", "Snapshots opened before.", known):
            imgui.open_popup("recent")
        self._draw_recent(opened, context)
        tip = "Read the file again, for instance after training has overwritten it (Ctrl+R)."
        if _icon(fa.ICON_FA_ARROWS_ROTATE, "Reload", tip, bool(opened)):
            self._open(opened, context)

    def _draw_recent(self, opened: str, context: Context) -> None:
        left = imgui.get_window_pos().x + imgui.get_style().window_padding.x
        imgui.set_next_window_pos(ImVec2(left, imgui.get_item_rect_max().y + em(0.3)))
        imgui.set_next_window_size_constraints(ImVec2(em(20), 0), ImVec2(em(38), em(30)))
        if not imgui.begin_popup("recent"):
            return
        for i, entry in enumerate(context.recent):
            imgui.push_id(i)
            if _draw_recent_entry(entry, entry.path == opened, context):
                self._open(entry.path, context)
                imgui.close_current_popup()
            imgui.pop_id()
        imgui.end_popup()

    def _draw_failure(self, context: Context) -> None:
        if context.load_failure is None or context.load_failure == self._closed:
            return
        path, failure = context.load_failure
        pressed = failure_box(
            "failure",
            failure,
            (("Try again", path), ("Close", "Hide this message; nothing else changes.")),
        )
        if pressed == "Try again":
            self._open(path, context)
        elif pressed == "Close":
            self._closed = context.load_failure

    def _open(self, path: str, context: Context) -> None:
        self._closed = None
        context.actions.open_snapshot(path)


def _icon(icon: str, name: str, tip: str, enabled: bool = True) -> bool:
    """Draw a square button on the line of the item before; return whether it was pressed."""
    imgui.same_line(0, em(0.2))
    side = imgui.get_frame_height()
    return widgets.button(f"{icon}###{name}", tip=f"{name}. {tip}", enabled=enabled, width=side)


def _draw_recent_entry(entry: FileEntry, current: bool, context: Context) -> bool:
    path = PurePath(entry.path)
    line, start = imgui.get_text_line_height(), imgui.get_cursor_pos()
    imgui.set_next_item_allow_overlap()
    imgui.begin_disabled(not entry.exists)
    pressed = imgui.selectable("##open", current, 0, ImVec2(em(30), 2.2 * line))[0]
    imgui.end_disabled()
    widgets.tooltip(entry.path if entry.exists else f"{entry.path} is not there now.")
    after = imgui.get_cursor_pos()
    x = start.x + em(0.3)
    imgui.set_cursor_pos(ImVec2(x, start.y + 0.1 * line))
    name = path.name if entry.exists else f"{path.name} (missing)"
    (imgui.text_unformatted if entry.exists else muted)(shorten(name, em(27)))
    imgui.set_cursor_pos(ImVec2(x, start.y + 1.1 * line))
    muted(shorten(str(path.parent), em(27)))
    imgui.set_cursor_pos(ImVec2(start.x + em(28.4), start.y + 0.5 * line))
    if imgui.small_button(f"{fa.ICON_FA_XMARK}###Forget"):
        context.actions.forget_recent(entry.path)
    widgets.tooltip("Take it off this list.")
    imgui.set_cursor_pos(after)
    imgui.dummy(ImVec2(0, 0))
    return bool(pressed)


def _draw_job(job: Job, context: Context) -> None:
    imgui.push_id(job.id)
    imgui.spacing()
    imgui.text_unformatted(shorten(job.label, imgui.get_content_region_avail().x))
    side = em(5)
    # A negative number of seconds makes ImGui draw work of unknown length as a moving bar.
    fraction = job.fraction if job.fraction >= 0 else -imgui.get_time()
    left = "" if job.eta is None else f"  {units.rough_duration(job.eta)} left"
    gap = imgui.get_style().item_spacing.x
    imgui.progress_bar(fraction, ImVec2(-side - gap, 0), f"{job.text}{left}")
    imgui.same_line()
    if widgets.button("Cancel", tip="The network that is open stays.", width=side):
        context.actions.cancel_job(job.id)
    imgui.pop_id()


def _draw_model(model: ModelInfo, context: Context) -> None:
    imgui.spacing()
    title(model.name)
    if len(context.snapshots) > 1:
        _draw_snapshots(model, context)
    facts("facts", _facts(model), context.actions.copy_text, 4.9, pairs=2)
    notes = next((text for name, text in model.metadata if name == "notes"), "")
    if notes:  # how the file was read, where that is not as a matter of course
        widgets.hint(notes)
    if model.metadata:
        _draw_metadata(model, context)


def _draw_snapshots(model: ModelInfo, context: Context) -> None:
    entries = context.snapshots
    index = next((i for i, e in enumerate(entries) if e.path == model.path), -1)
    widgets.label("Snapshot", _of_run(context))
    step = imgui.get_frame_height()
    gap = em(0.2)
    imgui.set_next_item_width(imgui.get_content_region_avail().x - 2 * (step + gap))
    changed, chosen = imgui.combo("##snapshot", index, [_entry_text(e) for e in entries])
    if index < 0:
        run = PurePath(context.watch.path).name
        _draw_in_last(f"not of {run}" if run else "not of this run")
    for sign, icon, name in (
        (-1, fa.ICON_FA_CHEVRON_LEFT, "earlier"),
        (1, fa.ICON_FA_CHEVRON_RIGHT, "later"),
    ):
        imgui.same_line(0, gap)
        imgui.begin_disabled(not 0 <= index + sign < len(entries))
        if imgui.button(f"{icon}###{name}", ImVec2(step, 0)):
            changed, chosen = True, index + sign
        imgui.end_disabled()
        widgets.tooltip(f"The next {name} snapshot.")
    if changed and 0 <= chosen < len(entries) and chosen != index:
        context.actions.open_snapshot(entries[chosen].path)


def _of_run(context: Context) -> str:
    run = context.watch.path
    named = f"the run that is watched ({run})" if run else "this run"
    return f"The snapshots of {named}, by thousands of training pictures."


def _draw_in_last(text: str) -> None:
    """Draw a muted text in the last item, which has none of its own."""
    at, padding = imgui.get_item_rect_min(), imgui.get_style().frame_padding
    color = imgui.get_color_u32(imgui.Col_.text_disabled)
    imgui.get_window_draw_list().add_text(ImVec2(at.x + padding.x, at.y + padding.y), color, text)


def _entry_text(entry: FileEntry) -> str:
    return PurePath(entry.path).name if entry.kimg is None else units.kimg(entry.kimg)


def _facts(model: ModelInfo) -> Iterator[Row]:
    colours = {1: "grey", 3: "RGB", 4: "RGBA"}.get(model.img_channels, f"× {model.img_channels}")
    yield "Family", FAMILIES.get(model.family, model.family), "The kind of network."
    yield "Picture", f"{side_squared(model.img_shape)} {colours}", "Pixels and channels."
    if model.lod:
        tip = (
            "The resolution that the network had grown to when this snapshot was written, and how "
            f"far it had faded in: lod {model.lod:.4g}. Pictures are enlarged to full size."
        )
        yield "Grown to", _grown(model), tip
    trained = "unknown" if model.kimg is None else units.kimg(model.kimg)
    tip = "Thousands of pictures that the discriminator was shown while it was trained."
    yield "Trained", trained, tip
    p = "unknown" if model.augment_p is None else f"{model.augment_p:.4g}"
    tip = "ADA's probability p of augmenting a picture, when this snapshot was written."
    yield "ADA p", p, tip
    w = "no w" if model.w_is_z else str(model.w_dim)
    yield "z, w", f"{model.z_dim}, {w}", "Dimensions of the latents z and w."
    labels = str(model.c_dim) if model.c_dim else "none"
    yield "Classes", labels, "The length of the conditional label c."
    rows = "none" if model.w_is_z else str(model.num_ws)
    yield "Rows of w", rows, "How many times the layers take in w (num_ws)."
    yield "Weights", units.quantity(model.parameters), f"{model.parameters:,} trained numbers."
    yield "Size", units.file_size(model.file_bytes), f"{model.file_bytes:,} bytes."
    yield "Format", model.format, "What wrote the file."


def _grown(model: ModelInfo) -> str:
    """The resolution that is in use, and the share of it while it fades in: `16², 40% in`."""
    levels, below = int(model.lod), model.lod - math.floor(model.lod)
    height, width = model.img_shape
    side = side_squared((height >> levels, width >> levels))
    return f"{side}, {1 - below:.0%} in" if below else side


def _draw_metadata(model: ModelInfo, context: Context) -> None:
    imgui.spacing()
    if not widgets.section("Training options and metadata", open_first=False):
        return
    if imgui.small_button("Copy all"):
        text = "\n".join(f"{key}: {value}" for key, value in model.metadata)
        context.actions.copy_text(text, "Copied: training options and metadata")
    facts(
        "metadata",
        ((key, value, "") for key, value in model.metadata),
        context.actions.copy_text,
        9.0,
    )


PANEL = Panel("Snapshot", fa.ICON_FA_CUBE, "left_top", 0, make=lambda: SnapshotPanel().draw)
