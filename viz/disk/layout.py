"""The file in which ImGui remembers where the panels are, made to know panels that are new.

HelloImGui lays out everything anew where its file lacks one of the panels, so a program with one
more would throw away what users arranged. A new panel becomes a tab beside those it starts with.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from common.files import replace_file

WINDOW = re.compile(r"^\[Window\]\[(?P<title>.+)\]\n(?P<lines>(?:[^\[\n].*\n)*)", re.MULTILINE)
DOCK = re.compile(r"^DockId=(0x[0-9A-F]+)", re.MULTILINE)
NODES = "[Docking][Data]"
"""The line that comes after all windows."""


def admit(layout: Path, docks: Mapping[str, str]) -> None:
    """Let the file `layout` know all panels; a file that cannot be read or written stays.

    docks: where each panel starts, by its title; see `viz.desk.panel.Panel`.
    """
    try:
        text = layout.read_text(encoding="utf-8")
        if (complete := with_panels(text, docks)) != text:
            replace_file(layout, complete.encode("utf-8"))
    except (OSError, UnicodeDecodeError):
        # It is the runner's file: what it cannot read it lays out anew.
        return


def with_panels(text: str, docks: Mapping[str, str]) -> str:
    """The text of a layout with the panels of `docks` that it lacks.

    Where it has no place for one of them it stays as it is.
    """
    known = {window["title"]: DOCK.search(window["lines"]) for window in WINDOW.finditer(text)}
    nodes = {title: dock[1] for title, dock in known.items() if dock is not None}
    added = ""
    for title, dock in docks.items():
        if title in known:
            continue
        beside = Counter(nodes[other] for other in docks if docks[other] == dock and other in nodes)
        if not beside:
            return text
        ((node, _),) = beside.most_common(1)
        added += f"[Window][{title}]\nCollapsed=0\nDockId={node},{len(docks)}\n\n"
    return text.replace(NODES, added + NODES, 1)
