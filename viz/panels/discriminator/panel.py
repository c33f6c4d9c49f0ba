"""What the discriminator sees: the picture through the run's augmentation, and D of it."""

from __future__ import annotations

from imgui_bundle import ImVec2, imgui
from imgui_bundle import icons_fontawesome_6 as fa
from msgspec import structs

from renderer.messages.frame import Verdict
from renderer.messages.model import ModelInfo
from renderer.messages.request import AugmentView, RenderRequest
from viz.desk.context import Context
from viz.desk.panel import Panel
from viz.gpu.pictures import Frame
from viz.panels.discriminator import verdict
from viz.panels.discriminator.grid import draws_grid
from viz.panels.discriminator.plot import draws_plot
from viz.session.ranges import DRAWS
from viz.session.session import Session
from viz.ui import controlled, seeds, sliders, widgets
from viz.ui.text import failure_box, muted, shorten
from viz.ui.widgets import em

STREAM = "discriminator"
"""The stream of the renderer that D's answers come from."""
WIDE = 46.0
"""The width in em from which on numbers and pictures lie beside each other."""

CLEAN_TIP = (
    "D's output for the picture as it is: a logit. Above 0 D takes it for a real picture, below 0 "
    "for a generated one; 0 is undecided. The percentage is the same as a probability.\n\n"
    "In training D sees all pictures through the augmentation; at a small p many pass unchanged."
)
"""Shown over the verdict on the picture as it is."""
DRAWS_TIP = (
    "D's output over pictures augmented as in training: mean, standard deviation, and the share "
    "that D takes for real.\n\n"
    "Near 0: D and the generator are a match, and the generator learns.\n\n"
    "Far below 0 on every picture: D tells generated from real with ease. Where r_t in the "
    "statistics of the run lies near 1 too, D knows its training set by heart (overfitting): more "
    "data or a higher p help, or an earlier snapshot is the better one.\n\n"
    "Draws much lower than the clean picture: the run's p is small, and D has seen little that is "
    "changed so much; or the change lays open what the generator gets wrong."
)
"""Shown over the verdict on augmented pictures."""
ALONE_TIP = (
    "Every picture is judged by itself, so that its number depends on nothing else. In training D "
    "compares the pictures of a small batch, and misses their variety here: numbers are lower than "
    "the scores in the statistics of the run. Compare them with each other."
)
"""Shown beside the verdicts: how they differ from those of the training."""
P_TIP = (
    "Probability of each transformation. ADA raises p while D overfits, that is while r_t, the "
    "mean sign of D on real pictures, is above its target, and lowers it otherwise.\n\n"
    "Every draw keeps its choices while p moves: what happens at a small p happens at a larger one "
    "too. Right-click: the run's own p."
)
"""Shown over the slider of p."""
DRAWS_COUNT_TIP = "How many augmented pictures are drawn and judged."
"""Shown over the number of draws."""
SEED_TIP = "Of the random choices. The same seed gives the same draws of every picture."
"""Shown over the seed of the draws."""


class DiscriminatorPanel:
    """Remembers which draw the mouse points at, to show it in both places."""

    def __init__(self) -> None:
        self._pointed: int | None = None

    def draw(self, session: Session, context: Context) -> Session:
        """Draw the panel; return the session as it was edited there."""
        model = context.model
        if model is None:
            widgets.hint("What the discriminator says appears here once a snapshot is open.")
            return session
        if "D" not in model.networks:
            _without(model, context)
            return session
        context.ask(STREAM, question(session))
        failure = context.failures.get(STREAM)
        if failure is not None and failure.unread:
            widgets.hint(f"{failure.message} The picture and all else are drawn without it.")
            return session
        frame = _frame(session, context)
        wide = imgui.get_content_region_avail().x >= em(WIDE)
        if not imgui.begin_table("##columns", 2 if wide else 1):
            return session
        if wide:
            imgui.table_setup_column("numbers", imgui.TableColumnFlags_.width_fixed, em(21))
            imgui.table_setup_column("pictures", imgui.TableColumnFlags_.width_stretch)
        imgui.table_next_column()
        pointed = self._numbers(frame, context)
        session = _controls(session, frame, model)
        imgui.table_next_column()
        if frame is not None and frame.info.verdict is not None:
            imgui.dummy(ImVec2(0, em(0.1)))
            answer, smooth = frame.info.verdict, session.view.smooth
            in_grid = draws_grid(frame, answer, self._pointed, context, smooth=smooth)
            pointed = in_grid if pointed is None else pointed
        self._pointed = pointed
        imgui.end_table()
        return session

    def _numbers(self, frame: Frame | None, context: Context) -> int | None:
        """Draw the plot; return the draw under the mouse."""
        failure = context.failures.get(STREAM)
        if failure is not None:
            failure_box("failure", failure)
        answer = frame.info.verdict if frame else None
        if answer is None:
            if failure is None:
                widgets.hint("Asking the discriminator …")
            return None
        _line("Clean picture", verdict.clean_line(answer), answer.clean, CLEAN_TIP)
        if answer.draws:
            mean, text = verdict.mean(answer), verdict.draws_line(answer)
            _line(f"{len(answer.draws)} draws", text, mean, DRAWS_TIP)
        return draws_plot(answer, self._pointed)


def question(session: Session) -> RenderRequest:
    """Return the session's picture as D is to see it, whatever layer is in view."""
    return structs.replace(session.render, view=None, augment=session.augment)


def _frame(session: Session, context: Context) -> Frame | None:
    """Return the newest answer about the open snapshot, None where there is none."""
    frame = context.frames.get(STREAM)
    if frame is None or frame.info.verdict is None or frame.info.atlas is None:
        return None
    return frame if frame.request.snapshot == session.render.snapshot else None


def _line(name: str, text: str, logit: float, tip: str) -> None:
    imgui.align_text_to_frame_padding()
    imgui.text_unformatted(name)
    widgets.tooltip(f"{tip}\n\n{ALONE_TIP}")
    imgui.same_line(em(widgets.LABEL_EM))
    number, _, rest = text.partition("  ")
    imgui.text_colored(verdict.color(logit), number)
    widgets.tooltip(f"{tip}\n\n{ALONE_TIP}")
    imgui.same_line(0, em(0.6))
    muted(rest)


def _controls(session: Session, frame: Frame | None, model: ModelInfo) -> Session:
    answer = frame.info.verdict if frame else None
    run_p = answer.run_p if answer else model.augment_p
    before = session.augment
    p = _p_row(before.p, run_p)
    draws = widgets.slider_int(
        "Draws",
        before.draws,
        *DRAWS,
        default=AugmentView().draws,
        tip=DRAWS_COUNT_TIP,
        control="discriminator/draws",
    )
    after = structs.replace(before, p=p, draws=draws, seed=_seed_row(before.seed))
    if answer is not None:
        _about(answer)
    return session.with_augment(p=after.p, draws=after.draws, seed=after.seed)


def _p_row(p: float | None, run_p: float | None) -> float | None:
    """Draw the slider with a mark at the run's own p, and the way back to it."""
    text = "no p of its own" if run_p is None else f"run's p {run_p:.3f}"
    shown = (run_p or 0.0) if p is None else p
    widgets.label("p", P_TIP, "discriminator/p")
    gap = em(0.3)
    button = imgui.calc_text_size(text).x + 2 * imgui.get_style().frame_padding.x
    imgui.set_next_item_width(max(imgui.get_content_region_avail().x - button - gap, em(4)))
    flags = imgui.SliderFlags_.always_clamp
    new = sliders.slider_float("##p", shown, 0.0, 1.0, "%.3f", int(flags))
    before = p
    if new != shown:
        p = new
    if controlled.offer("discriminator/p", resets=True):
        p = before
    elif imgui.is_item_clicked(imgui.MouseButton_.right):
        p = None
    widgets.tooltip(P_TIP)
    if run_p is not None:
        _mark(run_p)
    imgui.same_line(0, gap)
    tip = "Back to the p that the run had when it wrote this snapshot."
    if widgets.button(f"{text}###run's p", tip=tip, enabled=p is not None and run_p is not None):
        p = None
    return p


def _mark(value: float) -> None:
    """Draw a tick on the slider before."""
    low, high = imgui.get_item_rect_min(), imgui.get_item_rect_max()
    inset = 2 + imgui.get_style().grab_min_size / 2
    x = low.x + inset + value * (high.x - low.x - 2 * inset)
    size = em(0.28)
    imgui.get_window_draw_list().add_triangle_filled(
        ImVec2(x - size, high.y),
        ImVec2(x + size, high.y),
        ImVec2(x, high.y - 1.6 * size),
        imgui.get_color_u32(imgui.Col_.text),
    )


def _seed_row(seed: int) -> int:
    widgets.label("Seed", SEED_TIP, "discriminator/seed")
    text, gap = f"{fa.ICON_FA_DICE_FIVE}  New draws", em(0.3)
    button = imgui.calc_text_size(text).x + 2 * imgui.get_style().frame_padding.x
    width = imgui.get_content_region_avail().x - button - gap
    seed = seeds.seed_field(
        "Seed", seed, default=0, tip=SEED_TIP, control="discriminator/seed", width=width
    )
    imgui.same_line(0, gap)
    if widgets.button(f"{text}###New draws", tip="Other random choices."):
        seed = seeds.random_seed()
    return seed


def _about(answer: Verdict) -> None:
    """Say which transformations there are, and where they come from."""
    names = ", ".join(answer.transforms) or "none"
    tip = f"What happens to a picture with probability p each: {names}."
    if answer.assumed:
        tip += "\n\nThe snapshot has D but no augmentation; this is the usual one (bgc)."
        names = f"assumed: {names}"
    widgets.label("Applied", tip)
    muted(shorten(names, imgui.get_content_region_avail().x))
    widgets.tooltip(tip)


def _without(model: ModelInfo, context: Context) -> None:
    only = set(model.networks) <= {"G_ema"}
    held = "only the averaged generator" if only else "no discriminator"
    imgui.push_text_wrap_pos(0.0)
    imgui.text_unformatted(f"{model.name} holds {held}.")
    imgui.pop_text_wrap_pos()
    widgets.hint(
        "A snapshot that training wrote holds D and the augmentation too: open one of a run to "
        "see its pictures as D sees them, and what D says."
    )
    imgui.dummy(ImVec2(0, em(0.2)))
    if widgets.button(f"{fa.ICON_FA_FOLDER_OPEN}  Open a snapshot …###Open", width=em(13)):
        context.actions.browse("snapshot")


PANEL = Panel("Discriminator", fa.ICON_FA_GAVEL, "right", 1, make=lambda: DiscriminatorPanel().draw)
