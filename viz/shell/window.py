"""The native window: HelloImGui's runner, docking, density, and the switch to no display at all."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from imgui_bundle import hello_imgui, imgui, immapp

# isort: split
# After imgui_bundle: it brings its own GLFW, and a second copy would know nothing of its windows.
import glfw
from imgui_bundle import glfw_utils

from viz.desk.settings import SettingsCell
from viz.disk.layout import admit
from viz.gpu.texture import Canvas
from viz.shell.clicks import take_clicks
from viz.shell.full_screen import FullScreen
from viz.shell.host import Host
from viz.shell.sides.docking import Docking
from viz.shell.waking import alive, wake
from viz.ui import theme

TITLE = "ganscope"
"""The title of the window."""
MIN_SIZE = (560, 400)
"""The smallest size of the window, in units of a display of ordinary density."""
IDLE_FPS = 0.7
"""Frames per second while nothing happens; whoever has news wakes the window."""
TYPING_FPS = 4.0
"""Frames per second while text is edited or seconds are counted: enough for a cursor to blink."""
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


class Shown(Protocol):
    """What a window shows, and calls in every frame; `viz.shell.app.App` is one.

    docking: shares the window out among panels.
    host: is given what the window can do.
    settings: the limit of frames.
    """

    docking: Docking
    host: Host
    settings: SettingsCell

    @property
    def animating(self) -> bool:
        """Whether the picture changes without anybody touching anything."""

    @property
    def waiting(self) -> bool:
        """Whether something moves slowly."""

    @property
    def counting(self) -> bool:
        """Whether seconds are shown that go by."""

    def start(self, path: str | None = None) -> None:
        """Begin, once OpenGL is there."""

    def begin(self) -> None:
        """Take in what is new; before anything is drawn."""

    def draw_menus(self) -> None:
        """Draw the menus, inside the menu bar."""

    def end(self) -> None:
        """Draw what lies above the panels, and act on what has changed."""

    def rendered(self) -> None:
        """Look at the frame, which is in the framebuffer now."""

    def drop(self, paths: list[str]) -> None:
        """Use files that were dropped on the window."""

    def stop(self) -> None:
        """Let go of the GPU; called once, when the window closes."""


def parameters(
    shown: Shown, options: WindowOptions, path: str | None = None
) -> hello_imgui.RunnerParams:
    """Everything the runner needs to show something; made anew for every run."""
    params = hello_imgui.RunnerParams()
    _geometry(params, options)
    if options.layout is not None:
        admit(options.layout, shown.docking.docks)
    shown.docking.set_up(params)
    _callbacks(params, shown, options, path)
    # Presses of the mouse are named as those of a touch screen (clicks.py). What else a touch
    # screen has would take them for the beginning of a swipe where there is something to scroll.
    params.touch_scroll_mode = hello_imgui.TouchScrollMode.disabled
    params.touch_long_press_is_right_click = False
    _connect(shown.host, params)
    shown.host.hidden = options.offscreen
    if not options.offscreen:
        shown.host.fill_display = FullScreen().fill
    return params


def run(shown: Shown, options: WindowOptions, path: str | None = None) -> None:
    """Show the window until it is closed. Raises RuntimeError where no window can open."""
    prepare(offscreen=options.offscreen)
    addons = immapp.AddOnsParams(with_implot=True)
    immapp.run(parameters(shown, options, path), addons)


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


def _idle_fps(shown: Shown) -> float:
    if shown.waiting:
        return WAITING_FPS
    return TYPING_FPS if shown.counting or imgui.get_io().want_text_input else IDLE_FPS


def _callbacks(
    params: hello_imgui.RunnerParams, shown: Shown, options: WindowOptions, path: str | None
) -> None:
    calls = params.callbacks
    calls.load_additional_fonts = theme.load_fonts
    calls.setup_imgui_config = _configure_imgui
    calls.setup_imgui_style = lambda: None

    def start() -> None:
        alive.set()
        shown.host.density = theme.density()
        if not options.offscreen:
            _limit_size(shown.host.density)
        _accept_drops(shown)
        take_clicks(glfw_utils.glfw_window_hello_imgui())
        shown.start(path)

    def begin() -> None:
        shown.host.density = theme.density()
        shown.begin()
        shown.docking.begin(params)
        back = theme.color(theme.current().bar)
        params.imgui_window_params.background_color = back
        if not options.offscreen:
            idling = params.fps_idling
            idling.enable_idling = not shown.animating
            idling.fps_idle = _idle_fps(shown)
            idling.vsync_to_monitor = shown.settings.now.frame_limit == 0
            idling.fps_max = float(shown.settings.now.frame_limit)

    def end() -> None:
        shown.docking.draw_edges()
        shown.end()

    def stop() -> None:
        alive.clear()
        shown.stop()

    calls.post_init = start
    calls.post_new_frame = begin
    calls.show_menus = shown.draw_menus
    calls.post_render_dockable_windows = end
    if options.offscreen:
        _draw_on_canvas(params, shown)
    else:
        calls.before_swap = shown.rendered
    calls.before_exit = stop


def _draw_on_canvas(params: hello_imgui.RunnerParams, shown: Shown) -> None:
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
        shown.rendered()
        canvas[0].end()

    params.callbacks.enqueue_post_init(start)
    params.callbacks.custom_background = begin
    params.callbacks.before_swap = end


def _configure_imgui() -> None:
    io = imgui.get_io()
    io.config_flags = imgui.ConfigFlags_.docking_enable
    io.config_windows_move_from_title_bar_only = True


def _limit_size(density: float) -> None:
    """Keep the window large enough for a picture and the strips around it."""
    width, height = (round(n * density) for n in MIN_SIZE)
    window = glfw_utils.glfw_window_hello_imgui()
    glfw.set_window_size_limits(window, width, height, glfw.DONT_CARE, glfw.DONT_CARE)


def _accept_drops(shown: Shown) -> None:
    """Hand files that are dropped on the window to what is shown."""
    window = glfw_utils.glfw_window_hello_imgui()

    def dropped(window: object, paths: list[str]) -> None:
        shown.drop(list(paths))

    glfw.set_drop_callback(window, dropped)  # type: ignore[arg-type] # the stubs are wrong


def _connect(host: Host, params: hello_imgui.RunnerParams) -> None:
    """Give the application what this window can do."""

    def quit_() -> None:
        params.app_shall_exit = True

    host.quit = quit_
    host.wake = wake
