"""The panels as windows of the runner: where they start, which are drawn, and their strips."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from imgui_bundle import ImVec2, hello_imgui, imgui

from viz.desk.panel import Panel
from viz.desk.settings import SettingsCell
from viz.shell.guard import recovered
from viz.shell.host import Host
from viz.shell.sides.columns import Columns
from viz.shell.sides.strip import draw_strip, edge
from viz.ui import theme
from viz.ui.widgets import em

LEFT, RIGHT, BOTTOM = 23.5, 26.0, 18.0
"""The widths of the columns and the height of the panels below the picture at first, in em."""
STATUS = 1.9
"""The height of the status bar, in em."""


class Docking:
    """Puts the panels of a window into the runner's docks, and shares the window out.

    panels: those of the window.
    columns: decides what stands around the picture.
    host: is given what can be done with the panels.
    settings: the size of text, and which sides the user collapsed.
    covered: whether the picture covers the whole window.
    draw: draws a panel, inside its window.
    draw_status: draws the line of the status bar, inside its window.
    broken: is told what ImGui says of a layout that cannot be.
    """

    def __init__(
        self,
        panels: Iterable[Panel],
        columns: Columns,
        host: Host,
        settings: SettingsCell,
        *,
        covered: Callable[[], bool],
        draw: Callable[[Panel], None],
        draw_status: Callable[[], None],
        broken: Callable[[Exception], None],
    ) -> None:
        self._panels = tuple(panels)
        self._columns = columns
        self._host = host
        self._settings = settings
        self._covered = covered
        self._draw = draw
        self._draw_status = draw_status
        self._broken = broken
        self._waiting: list[str] = []  # panels to bring to the front, one in each frame
        self._front = ""  # the one of this frame

    @property
    def docks(self) -> dict[str, str]:
        """Where each panel starts, by its title; see `Panel`."""
        return {panel.title: panel.dock for panel in self._panels}

    def set_up(self, params: hello_imgui.RunnerParams) -> None:
        """Dock the panels; `begin` decides in every frame which of them are drawn."""
        imgui_window = params.imgui_window_params
        kind = hello_imgui.DefaultImGuiWindowType.provide_full_screen_dock_space
        imgui_window.default_imgui_window_type = kind
        imgui_window.show_menu_bar = True
        imgui_window.show_menu_app = False
        imgui_window.show_menu_view = False
        imgui_window.remember_theme = False
        width, height = (float(n) for n in params.app_window_params.window_geometry.size)
        unit = theme.FONT_SIZE * max(params.dpi_aware_params.dpi_window_size_factor, 1.0)
        unit *= self._settings.now.scale
        left, right = min(0.4, LEFT * unit / width), min(0.4, RIGHT * unit / width)
        direction = imgui.Dir
        params.docking_params.docking_splits = [
            hello_imgui.DockingSplit(*split)
            for split in (
                ("MainDockSpace", "left_top", direction.left, left),
                ("left_top", "left_middle", direction.down, 0.745),
                ("left_middle", "left_bottom", direction.down, 0.39),
                ("MainDockSpace", "right", direction.right, right / (1 - left)),
                ("MainDockSpace", "bottom", direction.down, min(0.4, BOTTOM * unit / height)),
            )
        ]
        # Every tab has its own close button; a second one at the end of the bar closes by mistake.
        private = imgui.internal.DockNodeFlagsPrivate_
        flags = private.no_close_button | private.no_window_menu_button
        params.docking_params.main_dock_space_node_flags = int(flags)
        docking = params.docking_params
        docking.dockable_windows = [self._dockable(panel, docking) for panel in self._panels]
        self._connect(docking)

    def begin(self, params: hello_imgui.RunnerParams) -> None:
        """Share the window out between the picture, the panels and the strips; once per frame."""
        with recovered(partial(self._lay_out_anew, params.docking_params)):
            self._share_out(params)

    def _share_out(self, params: hello_imgui.RunnerParams) -> None:
        docking = params.docking_params
        known = (docking.dockable_window_of_name(panel.title) for panel in self._panels)
        size = imgui.get_main_viewport().size
        columns = self._columns
        columns.begin(
            size.x,
            size.y - imgui.get_frame_height() - em(STATUS),
            [window.label for window in known if window is not None and window.is_visible],
        )
        self._front = next(filter(columns.draws, self._waiting), "")
        self._waiting = [title for title in self._waiting if title != self._front]
        window = params.imgui_window_params
        window.full_screen_window_margin_top_left = ImVec2(columns.strip_em("left"), 0)
        window.full_screen_window_margin_bottom_right = ImVec2(
            columns.strip_em("right"), STATUS + columns.strip_em("bottom")
        )

    def draw_edges(self) -> None:
        """Draw the status bar, and strips of sides that are collapsed or show one panel only."""
        if self._covered():
            return
        view = imgui.get_main_viewport()
        end = ImVec2(view.pos.x + view.size.x, view.pos.y + view.size.y)
        low = ImVec2(view.pos.x, view.pos.y + imgui.get_frame_height())
        high = ImVec2(end.x, end.y - em(STATUS))
        left, right = (em(self._columns.strip_em(side)) for side in ("left", "right"))
        bottom = high.y - em(self._columns.strip_em("bottom"))
        with edge("Status", ImVec2(low.x, high.y), end, ImVec2(em(0.6), em(0.15))):
            self._draw_status()
        draw_strip("left", self._columns, low, ImVec2(low.x + left, high.y))
        draw_strip("right", self._columns, ImVec2(high.x - right, low.y), high)
        low, high = ImVec2(low.x + left, bottom), ImVec2(high.x - right, high.y)
        draw_strip("bottom", self._columns, low, high)

    def _dockable(
        self, panel: Panel, docking: hello_imgui.DockingParams
    ) -> hello_imgui.DockableWindow:
        docks = {"left": "left_middle", "center": "MainDockSpace"}
        window = hello_imgui.DockableWindow(
            panel.title, docks.get(panel.dock, panel.dock), is_visible_=panel.open
        )
        window.call_begin_end = False
        window.gui_function = partial(self._draw_or_lay_out_anew, docking, panel)
        return window

    def _draw_or_lay_out_anew(self, docking: hello_imgui.DockingParams, panel: Panel) -> None:
        with recovered(partial(self._lay_out_anew, docking)):
            self._draw_window(docking, panel)

    def _lay_out_anew(self, docking: hello_imgui.DockingParams, error: Exception) -> None:
        """Give up a layout that was broken on the disk.

        ImGui takes what stands in the file for true, and asserts when a window is put into a place
        that cannot be.
        """
        docking.layout_reset = True
        self._columns.learn()
        self._broken(error)

    def _draw_window(self, docking: hello_imgui.DockingParams, panel: Panel) -> None:
        # The runner keeps copies of the windows that it was given: only its own knows what is open.
        window = docking.dockable_window_of_name(panel.title)
        if (
            not window
            or not window.is_visible
            or not self._columns.draws(panel.title)
            or (self._covered() and panel.dock == "center")
        ):
            return
        if not panel.wants_padding:
            imgui.push_style_var(imgui.StyleVar_.window_padding, ImVec2(0, 0))
        if self._front == panel.title:
            # The runner focuses only those windows that it begins itself.
            imgui.set_next_window_focus()
        # Panels that come together, as at the start, would push in front of the first of the tabs.
        flags = imgui.WindowFlags_.no_focus_on_appearing
        shown, stays = imgui.begin(panel.title, window.is_visible, int(flags))
        window.is_visible = bool(stays)
        if not panel.wants_padding:
            imgui.pop_style_var()
        if shown:
            self._draw(panel)
        imgui.end()

    def _connect(self, docking: hello_imgui.DockingParams) -> None:
        """Give the application what can be done with its panels."""
        host, columns = self._host, self._columns

        def reset() -> None:
            docking.layout_reset = True
            self._settings.change(collapsed=())
            columns.learn()

        def focus(title: str, opens: bool = True) -> None:
            window = docking.dockable_window_of_name(title)
            if window is not None:
                window.is_visible = True
                self._waiting.append(title)
                if opens:
                    columns.reveal(title)

        def show(title: str, visible: bool) -> None:
            window = docking.dockable_window_of_name(title)
            if window is not None:
                window.is_visible = visible
                if visible:
                    focus(title)

        def visible(title: str) -> bool:
            window = docking.dockable_window_of_name(title)
            return window is not None and bool(window.is_visible)

        host.reset_layout = reset
        host.focus_panel = focus
        host.offer_panel = lambda title: focus(title, opens=False)
        host.show_panel = show
        host.is_panel_visible = visible
        host.toggle_side = columns.toggle
        host.is_side_open = columns.is_open
        columns.focus = focus
