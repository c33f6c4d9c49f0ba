"""Where panels are docked: ImGui's tree of nodes, read and set from outside of any window.

Its nodes name their parents but not their children, so everything here looks upwards.
"""

from __future__ import annotations

from imgui_bundle import imgui

from viz.desk.settings import Side

SIDES: tuple[Side, ...] = ("left", "right", "bottom")
"""All sides."""


def node_of(title: str) -> imgui.internal.DockNode | None:
    """Return the node that a panel is docked in or was in last, None where it floats."""
    window = imgui.internal.find_window_by_name(title)
    if window is None or not window.dock_id:
        return None
    return imgui.internal.dock_builder_get_node(window.dock_id)


def is_in_front(title: str) -> bool:
    """Whether a panel is the one that its node shows."""
    window, node = imgui.internal.find_window_by_name(title), node_of(title)
    return window is not None and node is not None and node.selected_tab_id == window.tab_id


def center(node: imgui.internal.DockNode) -> imgui.internal.DockNode | None:
    """Return the node of the same tree that takes the room which the others leave."""
    return imgui.internal.dock_node_get_root_node(node).central_node


def side_of(node: imgui.internal.DockNode | None) -> Side | None:
    """Return where the node of a panel lies that is being drawn; None beside no picture."""
    middle = center(node) if node is not None else None
    if node is None or middle is None or node.id_ == middle.id_:
        return None
    if node.pos.x + node.size.x <= middle.pos.x:
        return "left"
    if node.pos.x >= middle.pos.x + middle.size.x:
        return "right"
    return "bottom" if node.pos.y >= middle.pos.y + middle.size.y else None


def whole_side(node: imgui.internal.DockNode) -> imgui.internal.DockNode:
    """Return the largest node around `node` that does not hold the central one."""
    around = set()
    above = center(node)
    while above is not None:
        around.add(above.id_)
        above = above.parent_node
    while node.parent_node is not None and node.parent_node.id_ not in around:
        node = node.parent_node
    return node


def resize(node: imgui.internal.DockNode, axis: int, length: float) -> None:
    """Set the width (axis 0) or the height (axis 1) of a node, in pixels."""
    for now in (node.size, node.size_ref):
        if axis == 0:
            now.x = length
        else:
            now.y = length


def keep_tab_in_sight(node: imgui.internal.DockNode) -> None:
    """Scroll the tabs of a node so that the one in front is seen, except under the mouse."""
    bar = node.tab_bar
    if bar is None:
        return
    tab = imgui.internal.tab_bar_find_tab_by_id(bar, bar.selected_tab_id)
    if tab is None or bar.bar_rect.contains(imgui.get_mouse_pos()):
        return
    room = bar.scrolling_rect_max_x - bar.scrolling_rect_min_x
    start = tab.offset - bar.scrolling_target
    if room > 0 and (start < -1 or start + min(tab.width, room) > room + 1):
        bar.next_scroll_to_tab_id = bar.selected_tab_id
