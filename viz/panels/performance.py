"""How fast it is, where the time and the memory go, and what it computes on."""

from __future__ import annotations

import os
from collections.abc import Iterator

from imgui_bundle import ImVec2, imgui
from imgui_bundle import icons_fontawesome_6 as fa
from msgspec import structs

from renderer.protocol import EngineOptions, Hello
from viz import plots, theme, units, widgets
from viz.context import Context
from viz.facts import Row, facts, muted
from viz.panel import Panel
from viz.session import Session
from viz.widgets import em

COLUMN = 13.8
PRECISIONS = (("auto", "as published"), ("float32", "float32"), ("float16", "float16"))
CACHES = tuple((1 << n, units.file_size(1 << n)) for n in range(28, 35))
LIMITS = ((0, "as the display"), *((n, f"{n} fps") for n in (24, 30, 60, 120, 144, 240)))
DEVICE_TIP = "Where the networks run."
PRECISION_TIP = (
    "float16 halves the memory of the top resolutions on a GPU and is faster there; as published "
    "uses it where the network was trained with it. A CPU always computes in float32."
)
THREADS_TIP = (
    "Threads of the renderer on a CPU. Automatic leaves one core free so that the window stays "
    "smooth."
)
CACHE_TIP = "Networks stay in memory up to this size, so that going back to one is immediate."
LIMIT_TIP = "The window is drawn at most this often. Fewer frames leave more time to the renderer."


class PerformancePanel:
    """Remembers whether stages are stacked."""

    def __init__(self) -> None:
        self._stacked = True
        self._threads: int | None = None

    def draw(self, session: Session, context: Context) -> Session:
        parts = (self._stages, _latency, _numbers, self._engine)
        columns = int(imgui.get_content_region_avail().x // em(COLUMN))
        columns = 4 if columns >= 4 else 2 if columns >= 2 else 1
        flags = imgui.TableFlags_.sizing_stretch_same
        imgui.push_style_var(imgui.StyleVar_.cell_padding, ImVec2(em(0.5), em(0.2)))
        height = imgui.get_content_region_avail().y if columns == 4 else em(13)
        if imgui.begin_table("##columns", columns, flags):
            for part in parts:
                imgui.table_next_column()
                part(context, height - em(0.6))
            imgui.end_table()
        imgui.pop_style_var()
        return session

    def _stages(self, context: Context, height: float) -> None:
        meters = context.meters
        rate = f"{_last(meters.render_ms)}   {meters.rendered_per_second:.0f} fps"
        _caption("Picture", rate, "Time of each stage that was not reused, picture by picture.")
        side = imgui.get_frame_height() + imgui.get_style().item_spacing.y
        room = max(height - imgui.get_text_line_height_with_spacing() - side, em(5))
        plots.times("stages", meters.stages, size=ImVec2(-1, room), stacked=self._stacked)
        self._stacked = widgets.checkbox(
            "Stacked", self._stacked, default=True, tip="Stages on top of each other, or as lines."
        )

    def _engine(self, context: Context, height: float) -> None:
        _state(context)
        options, hello = context.settings.engine, context.engine.hello
        devices = [("auto", "automatic"), *((d.split(" ")[0], d) for d in _devices(hello, options))]
        device = widgets.choice("Device", options.device, devices, default="auto", tip=DEVICE_TIP)
        precision = widgets.choice(
            "Precision", options.precision, PRECISIONS, default="auto", tip=PRECISION_TIP
        )
        threads = self._draw_threads(options, hello)
        cache = widgets.choice(
            "Cache", options.cache_bytes, CACHES, default=EngineOptions().cache_bytes, tip=CACHE_TIP
        )
        wanted = structs.replace(
            options, device=device, precision=precision, threads=threads, cache_bytes=cache
        )
        if wanted != options:
            context.actions.configure(wanted)
        limit = context.settings.frame_limit
        chosen = widgets.choice("Frame limit", limit, LIMITS, default=0, tip=LIMIT_TIP)
        if chosen != limit:
            context.actions.change_settings(frame_limit=chosen)
        if widgets.button(
            f"{fa.ICON_FA_POWER_OFF}  Restart renderer###Restart renderer",
            tip="Ends the renderer process and starts a new one. Nothing is lost.",
            width=-1,
        ):
            context.actions.restart_renderer()

    def _draw_threads(self, options: EngineOptions, hello: Hello | None) -> int:
        shown = options.threads if self._threads is None else self._threads
        fmt = "%d" if shown else f"automatic ({hello.threads})" if hello else "automatic"
        cores = max(os.cpu_count() or 1, options.threads)
        shown = widgets.slider_int("Threads", shown, 0, cores, default=0, tip=THREADS_TIP, fmt=fmt)
        # Reconfiguring at every step of a drag would restart the thread pool each time.
        self._threads = shown if imgui.is_item_active() else None
        return options.threads if imgui.is_item_active() else shown


def _devices(hello: Hello | None, options: EngineOptions) -> list[str]:
    known = list(hello.devices) if hello else []
    if options.device != "auto" and not any(d.split(" ")[0] == options.device for d in known):
        known.append(f"{options.device} (not found)")
    return known


def _state(context: Context) -> None:
    palette, engine = theme.current(), context.engine
    color = {"ready": palette.good, "failed": palette.error}.get(engine.state, palette.warning)
    imgui.text_colored(theme.color(color), fa.ICON_FA_CIRCLE)
    imgui.same_line(0, em(0.4))
    hello = engine.hello
    text = f"Renderer {engine.state}"
    if hello is not None and engine.state == "ready":
        threads = f"{hello.threads} thread{'s' * (hello.threads != 1)}"
        text = f"{hello.device.split(' ')[0]}, {hello.precision}, {threads}"
    imgui.text_unformatted(text)
    process = f" Process {hello.pid}." if hello else ""
    widgets.tooltip(f"Renderer {engine.state}.{process} {engine.text}".strip())


def _latency(context: Context, height: float) -> None:
    meters = context.meters
    line = imgui.get_text_line_height_with_spacing()
    room = max((height - 2 * line - imgui.get_style().item_spacing.y) / 2, em(4))
    tip = "From a change in the window to its picture on the screen."
    _caption("Latency", _last(meters.latency_ms), tip)
    plots.times("latency", {"latency": meters.latency_ms}, size=ImVec2(-1, room))
    rate = f"{_last(meters.frame_ms)}   {meters.window_per_second:.0f} fps"
    _caption("Window", rate, "Time from one frame of the window to the next.")
    plots.times("frame", {"frame": meters.frame_ms}, size=ImVec2(-1, room))


def _numbers(context: Context, height: float) -> None:
    facts("numbers", _facts(context), context, 8.0)


def _facts(context: Context) -> Iterator[Row]:
    frame, meters = context.frame, context.meters
    if frame is not None:
        info = frame.info
        size = f"{frame.width} × {frame.height}"
        yield "Picture", size, "Pixels of the newest picture."
        reused = f"{info.reused_stages} of {info.total_stages} stages"
        tip = "Stages whose inputs had not changed since the picture before were not computed."
        yield "Reused", reused, tip
        if info.device_bytes:
            yield "Device", units.file_size(info.device_bytes), "Memory in use on the GPU."
        tip = "Networks and intermediate results that are kept."
        yield "Cache", units.file_size(info.cache_bytes), tip
        yield "Renderer", units.file_size(info.memory_bytes), "Memory of the renderer process."
    yield "Window", units.file_size(meters.window_bytes), "Memory of the window process."
    for stage, values in meters.stages.items():
        if values:
            recent = values[-60:]
            mean = sum(recent) / len(recent)
            yield stage.capitalize(), f"{mean:.2f} ms", "Mean of the last 60 pictures."


def _caption(name: str, value: str, tip: str) -> None:
    imgui.text_unformatted(name)
    widgets.tooltip(tip)
    imgui.same_line(imgui.get_content_region_avail().x - imgui.calc_text_size(value).x)
    muted(value)


def _last(values: list[float]) -> str:
    return f"{values[-1]:.1f} ms" if values else "–"


PANEL = Panel("Performance", fa.ICON_FA_GAUGE_HIGH, "bottom", 3, PerformancePanel().draw)
