"""What a right click on the thumbnail of a snapshot offers."""

from __future__ import annotations

import re
from collections.abc import Iterable

from imgui_bundle import icons_fontawesome_6 as fa
from imgui_bundle import imgui

from viz.desk import far_away
from viz.desk.context import Context
from viz.ui import widgets
from viz.ui.text import muted
from viz.ui.widgets import em

USUAL = ("fd2k_lite", "fd10k_lite")
"""Metrics that every run can be measured by without a download, the quicker one first."""
_KNOWN = re.compile(r"(?:fid|kid|fd|kd|pr|is)\d\w*|ppl\w*")
_PARTS = re.compile(r"_(?:precision|recall|mean|std)$")


def snapshot_menu(path: str, label: str, context: Context) -> None:
    """Draw the menu of the item before, which shows a snapshot, where it was clicked.

    label: what the snapshot is called.
    """
    if not imgui.begin_popup_context_item(f"menu {path}"):
        return
    actions, marks = context.actions, context.marks
    muted(label)
    starred = path in marks.stars
    if imgui.menu_item(f"{fa.ICON_FA_STAR}  Star###Star", "", starred)[0]:
        actions.star_snapshot(path, not starred)
    note = marks.notes.get(path, "")
    imgui.set_next_item_width(em(15))
    changed, text = imgui.input_text_with_hint("##Note", "Note", note)
    widgets.tooltip("Kept in your own folder, also for runs that you may not write to.")
    if changed:
        actions.note_snapshot(path, text)
    if imgui.is_item_deactivated() and imgui.is_key_pressed(imgui.Key.enter):
        imgui.close_current_popup()
    imgui.separator()
    if imgui.menu_item("Keep beside", "", False)[0]:
        actions.compare(path)
    widgets.tooltip("Show it beside the picture, at the same latent.")
    if imgui.begin_menu("Measure now", not far_away.no_measuring(context)):
        _measures(path, context)
        imgui.end_menu()
    else:
        widgets.tooltip(far_away.no_measuring(context))
    if imgui.menu_item("Copy to…", "", False)[0]:
        actions.copy_snapshot(path)
    imgui.separator()
    if imgui.menu_item("Show in file manager", "", False, not context.elsewhere)[0]:
        actions.reveal(path)
    widgets.tooltip(far_away.no_files(context))
    if imgui.menu_item("Copy path", "", False)[0]:
        actions.copy_text(path, f"Copied: {path}")
    imgui.end_popup()


def _measures(path: str, context: Context) -> None:
    known = context.run.metrics if context.run is not None else ()
    for name in measurable(known):
        if imgui.menu_item(name, "", False)[0]:
            context.actions.measure_snapshot(path, name)
        widgets.tooltip(
            "Generates pictures and compares them with the training data, in the background. It "
            "takes minutes; the value appears in the plot. Compare values of one name only."
        )


def measurable(known: Iterable[str]) -> tuple[str, ...]:
    """The metrics to offer: those that a run has values of, and the usual ones.

    known: names of values, of which a metric may have several (`pr50k3_full_recall`).
    """
    own = (_PARTS.sub("", name) for name in sorted(known) if _KNOWN.fullmatch(name))
    return tuple(dict.fromkeys((*own, *USUAL)))
