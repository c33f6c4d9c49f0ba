"""The native window: HelloImGui's runner, docking, density, and the switch to no display at all."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from imgui_bundle import hello_imgui, imgui, immapp

# isort: split
# After imgui_bundle: it brings its own GLFW, and a second copy would know nothing of its windows.
import glfw
from imgui_bundle import glfw_utils

from viz.desk.panel import Panel
from viz.gpu.texture import Canvas
from viz.shell.app import App
from viz.shell.dropping import drop
from viz.shell.guard import recovered
from viz.shell.host import Host
from viz.shell.waking import alive, wake
from viz.ui import theme

TITLE = "ganscope"
"""The title of the window."""
IDLE_FPS = 2.0
"""Frames per second while nothing happens."""
WAITING_FPS = 12.0
"""Frames per second while something is awaited."""


@dataclass(frozen=True)
class WindowOptions:
    """How the window begins.

    size: in units of a display of ordinary density.
    scale: of the display, 0 for what the display says.
    offscreen: it is drawn without a display.
    layout: the file in which ImGui remembers where panels are, None for none.
    """

    size: tuple[int, int] = (1440, 900)
    scale: float = 0.0
    offscreen: bool = False
    layout: Path | None = None


def parameters(
    app: App, options: WindowOptions, path: str | None = None
) -> hello_imgui.RunnerParams:
    """Everything the runner needs to show `app`; made anew for every run."""
    params = hello_imgui.RunnerParams()
    _geometry(params, options)
    _docking(params, app)
    _callbacks(params, app, options, path)
    _connect(app.host, params)
    return params


def run(app: App, options: WindowOptions, path: str | None = None) -> None:
    """Show the window until it is closed. Raises RuntimeError where no window can open."""
    prepare(offscreen=options.offscreen)
    addons = immapp.AddOnsParams(with_implot=True)
    immapp.run(parameters(app, options, path), addons)


def prepare(*, offscreen: bool) -> None:
    """Start GLFW, offscreen on its null platform with EGL. Raises RuntimeError."""
    if offscreen:
        glfw.init_hint(glfw.PLATFORM, glfw.PLATFORM_NULL)
    if not glfw.init():
        raise RuntimeError("GLFW cannot open a display")
    if offscreen:
        glfw.window_hint(glfw.CONTEXT_CREATION_API, glfw.EGL_CONTEXT_API)


def _geometry(params: hello_imgui.RunnerParams, options: WindowOptions) -> None:
    window = params.app_window_params
    window.window_title = TITLE
    # ImGui smooths edges itself; multisampling only makes software rasterisers five times slower.
    params.renderer_backend_options.open_gl_options.anti_aliasing_samples = 0
    geometry = window.window_geometry
    geometry.size = options.size
    if options.offscreen:
        # The null platform cannot resize its framebuffer after it has been made.
        scale = options.scale or 1.0
        measure = hello_imgui.WindowSizeMeasureMode.screen_coords
        geometry.window_size_measure_mode = measure
        geometry.size = (round(options.size[0] * scale), round(options.size[1] * scale))
        params.dpi_aware_params.dpi_window_size_factor = scale
        params.fps_idling.enable_idling = False
        params.fps_idling.vsync_to_monitor = False
    else:
        window.restore_previous_geometry = True
        params.fps_idling.time_active_after_last_event = 1.0
    if options.layout is None or not _can_keep(options.layout):
        params.ini_disable = True
    else:
        params.ini_folder_type = hello_imgui.IniFolderType.absolute_path
        params.ini_filename = str(options.layout)
        params.ini_filename_use_app_window_title = False


def _can_keep(layout: Path) -> bool:
    """Whether there is a folder for the layout; without one it begins anew every time."""
    try:
        layout.parent.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return True


def _docking(params: hello_imgui.RunnerParams, app: App) -> None:
    imgui_window = params.imgui_window_params
    kind = hello_imgui.DefaultImGuiWindowType.provide_full_screen_dock_space
    imgui_window.default_imgui_window_type = kind
    imgui_window.show_menu_bar = True
    imgui_window.show_menu_app = False
    imgui_window.show_menu_view = False
    imgui_window.remember_theme = False
    width, height = (float(n) for n in params.app_window_params.window_geometry.size)
    em = theme.FONT_SIZE * max(params.dpi_aware_params.dpi_window_size_factor, 1.0)
    left, right = min(0.3, 23.5 * em / width), min(0.32, 26 * em / width)
    direction = imgui.Dir
    params.docking_params.docking_splits = [
        hello_imgui.DockingSplit(*split)
        for split in (
            ("MainDockSpace", "left_top", direction.left, left),
            ("left_top", "left_middle", direction.down, 0.745),
            ("left_middle", "left_bottom", direction.down, 0.39),
            ("MainDockSpace", "right", direction.right, right / (1 - left)),
            ("MainDockSpace", "bottom", direction.down, min(0.34, 18 * em / height)),
        )
    ]
    # Every tab has its own close button; a second one at the end of the bar closes by mistake.
    private = imgui.internal.DockNodeFlagsPrivate_
    flags = private.no_close_button | private.no_window_menu_button
    params.docking_params.main_dock_space_node_flags = int(flags)
    docking = params.docking_params
    docking.dockable_windows = [_dockable(panel, app, docking) for panel in app.panels]


def _dockable(
    panel: Panel, app: App, docking: hello_imgui.DockingParams
) -> hello_imgui.DockableWindow:
    docks = {"left": "left_middle", "center": "MainDockSpace"}
    window = hello_imgui.DockableWindow(
        panel.title, docks.get(panel.dock, panel.dock), is_visible_=panel.open
    )
    window.call_begin_end = False
    window.gui_function = partial(_draw_or_lay_out_anew, docking, panel, app)
    return window


def _draw_or_lay_out_anew(docking: hello_imgui.DockingParams, panel: Panel, app: App) -> None:
    """Draw the window of a panel; where its layout was broken on the disk all go to their places.

    ImGui takes what stands in the file for true, and asserts when a window is put into a place that
    cannot be.
    """

    def lay_out_anew(error: Exception) -> None:
        docking.layout_reset = True
        app.layout_failed(error)

    with recovered(lay_out_anew):
        _draw_window(docking, panel, app)


def _draw_window(docking: hello_imgui.DockingParams, panel: Panel, app: App) -> None:
    # The runner keeps copies of the windows that it was given: only its own knows what is open.
    window = docking.dockable_window_of_name(panel.title)
    if (
        not window
        or not window.is_visible
        or (app.overlays.picture_only and panel.dock == "center")
    ):
        return
    if not panel.wants_padding:
        imgui.push_style_var(imgui.StyleVar_.window_padding, imgui.ImVec2(0, 0))
    if app.host.front == panel.title:
        # The runner focuses only those windows that it begins itself.
        imgui.set_next_window_focus()
    # At the start the last one to appear would push in front of the first of its tabs.
    # One that opens meanwhile would take the focus from the one that is brought to the front.
    quiet = imgui.get_frame_count() <= 2 or app.host.front not in ("", panel.title)
    flags = imgui.WindowFlags_.no_focus_on_appearing if quiet else imgui.WindowFlags_.none
    shown, stays = imgui.begin(panel.title, window.is_visible, int(flags))
    window.is_visible = bool(stays)
    if not panel.wants_padding:
        imgui.pop_style_var()
    if shown:
        app.draw_panel(panel)
    imgui.end()


def _callbacks(
    params: hello_imgui.RunnerParams, app: App, options: WindowOptions, path: str | None
) -> None:
    calls = params.callbacks
    calls.load_additional_fonts = theme.load_fonts
    calls.setup_imgui_config = _configure_imgui
    calls.setup_imgui_style = lambda: None

    def start() -> None:
        alive.set()
        app.host.density = theme.density()
        _accept_drops(app)
        app.start(path)

    def begin() -> None:
        app.host.density = theme.density()
        app.begin()
        app.host.front = app.host.focused.pop(0) if app.host.focused else ""
        back = theme.color(theme.current().bar)
        params.imgui_window_params.background_color = back
        if not options.offscreen:
            idling = params.fps_idling
            idling.enable_idling = not app.animating
            idling.fps_idle = WAITING_FPS if app.waiting else IDLE_FPS
            idling.vsync_to_monitor = app.settings.now.frame_limit == 0
            idling.fps_max = float(app.settings.now.frame_limit)

    def stop() -> None:
        alive.clear()
        app.stop()

    calls.post_init = start
    calls.post_new_frame = begin
    calls.show_menus = app.draw_menus
    calls.post_render_dockable_windows = app.end
    if options.offscreen:
        _draw_on_canvas(params, app)
    else:
        calls.before_swap = app.rendered
    calls.before_exit = stop
    bar = hello_imgui.EdgeToolbarOptions()
    bar.size_em = 1.9
    bar.window_padding_em = imgui.ImVec2(0.6, 0.15)
    calls.add_edge_toolbar(hello_imgui.EdgeToolbarType.bottom, app.draw_status, bar)


def _draw_on_canvas(params: hello_imgui.RunnerParams, app: App) -> None:
    """Draw offscreen into a framebuffer of ours: GLFW's own cannot be larger than a monitor."""
    canvas: list[Canvas] = []
    width, height = params.app_window_params.window_geometry.size

    def start() -> None:
        glfw.set_window_size(glfw_utils.glfw_window_hello_imgui(), width, height)
        canvas.append(Canvas())

    def begin() -> None:
        back = theme.color(theme.current().bar)
        canvas[0].begin(width, height, (back.x, back.y, back.z))

    def end() -> None:
        app.rendered()
        canvas[0].end()

    params.callbacks.enqueue_post_init(start)
    params.callbacks.custom_background = begin
    params.callbacks.before_swap = end


def _configure_imgui() -> None:
    io = imgui.get_io()
    io.config_flags = imgui.ConfigFlags_.docking_enable
    io.config_windows_move_from_title_bar_only = True


def _accept_drops(app: App) -> None:
    """Hand files that are dropped on the window to `dropping.drop`."""
    window = glfw_utils.glfw_window_hello_imgui()

    def dropped(window: object, paths: list[str]) -> None:
        drop(list(paths), app.actions, app.tasks)

    glfw.set_drop_callback(window, dropped)  # type: ignore[arg-type] # the stubs are wrong


def _connect(host: Host, params: hello_imgui.RunnerParams) -> None:
    """Give the application what this window can do."""
    docking = params.docking_params

    def quit_() -> None:
        params.app_shall_exit = True

    def reset() -> None:
        docking.layout_reset = True

    def focus(title: str) -> None:
        window = docking.dockable_window_of_name(title)
        if window is not None:
            window.is_visible = True
            host.focused.append(title)

    def show(title: str, visible: bool) -> None:
        window = docking.dockable_window_of_name(title)
        if window is not None:
            window.is_visible = visible

    def visible(title: str) -> bool:
        window = docking.dockable_window_of_name(title)
        return window is not None and bool(window.is_visible)

    host.quit = quit_
    host.reset_layout = reset
    host.wake = wake
    host.focus_panel = focus
    host.show_panel = show
    host.is_panel_visible = visible
