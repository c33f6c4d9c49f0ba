"""The Discriminator panel: what it asks, what it shows, and how p finds its way back."""

from __future__ import annotations

import pytest
import torch
from imgui_bundle import ImVec2, imgui
from msgspec import structs

from common.runs import locate
from renderer.messages.failure import Failure
from renderer.messages.frame import Verdict
from renderer.messages.options import EngineOptions
from renderer.messages.request import AugmentView, LayerView, Seed
from renderer.messages.to_window import RenderFailed
from tests.foreign import SMALL
from tests.inline import InlineClient
from tests.paths import DATA
from tests.viz.conftest import FakeClient, judged
from viz.panels import discriminator, layers, picture
from viz.panels.discriminator import verdict
from viz.session.session import Session

SNAPSHOT = DATA / "earth64-run" / "network-snapshot-000040.pkl"
LUCIDRAINS = SMALL / "lucidrains" / "model_16-depth4-lr01.pt"
PANELS = (picture.PANEL, layers.PANEL, discriminator.PANEL)
PLACE = "##columns/"


@pytest.fixture
def panel(drive):
    """`drive` with the panel in front; test(gui, client)."""

    def run(test, client=None, path="a.pkl", session=None, **options):
        client = client or FakeClient()

        def started(gui) -> None:
            gui.focus("Discriminator")
            gui.settle()
            gui.ctx.set_ref("Discriminator")
            test(gui, client)

        drive(started, client=client, panels=PANELS, path=path, session=session, **options)

    return run


def asked(client) -> list[AugmentView]:
    return [r.augment for stream, r, _ in client.requests if stream == "discriminator"]


def augment(gui) -> AugmentView:
    return gui.app.cell.now.augment


def test_it_asks_only_while_it_can_be_seen(panel) -> None:
    def test(gui, client) -> None:
        assert asked(client) == [AugmentView()]
        gui.app.cell.set(gui.app.cell.now.with_render(source=Seed(5)))
        gui.settle()
        assert len(asked(client)) == 2
        gui.focus("Layers")
        gui.settle()
        gui.app.cell.set(gui.app.cell.now.with_render(source=Seed(6)))
        gui.settle()
        assert len(asked(client)) == 2
        assert gui.app.cell.now.render.augment is None, "the picture itself stays as it is"

    panel(test)


def test_a_layer_in_view_is_not_what_d_is_asked_about(panel) -> None:
    def test(gui, client) -> None:
        (request,) = [r for stream, r, _ in client.requests if stream == "discriminator"]
        assert request.view is None
        assert request == gui.context.frames["discriminator"].request

    panel(test, session=Session().with_render(view=LayerView("b4.conv1")))


def test_p_is_the_runs_own_until_it_is_moved_and_again_after_a_right_click(panel) -> None:
    def test(gui, client) -> None:
        gui.ctx.item_input_value(f"{PLACE}##p", 0.5)
        gui.settle()
        assert augment(gui).p == 0.5
        assert gui.context.frames["discriminator"].info.verdict.p == 0.5
        gui.ctx.item_click(f"{PLACE}###run's p")
        gui.settle()
        assert augment(gui).p is None
        gui.ctx.item_input_value(f"{PLACE}##p", 7.0)
        assert augment(gui).p == 1.0, "typed beyond the end"
        gui.ctx.item_click(f"{PLACE}##p", imgui.MouseButton_.right)
        assert augment(gui).p is None

    panel(test)


def test_draws_and_seed_change_what_is_asked_and_undo_brings_them_back(panel) -> None:
    def test(gui, client) -> None:
        gui.ctx.item_input_value(f"{PLACE}##Draws", 3)
        gui.settle()
        assert len(gui.context.frames["discriminator"].info.verdict.draws) == 3
        gui.ctx.item_click(f"{PLACE}###New draws")
        gui.settle()
        seed = augment(gui).seed
        assert asked(client)[-1] == AugmentView(seed=seed, draws=3)
        gui.app.actions.undo()
        gui.settle()
        assert augment(gui) == AugmentView(draws=3)
        gui.app.actions.undo()
        gui.settle()
        assert augment(gui) == AugmentView()
        gui.app.actions.redo()
        assert augment(gui).draws == 3

    panel(test)


def test_pointing_at_a_draw_shows_it_in_the_plot_and_the_grid(panel) -> None:
    def test(gui, client) -> None:
        def pointed() -> int | None:
            return gui.panel("Discriminator")._pointed

        for index in (-1, 7):
            box = gui.ctx.item_info(f"{PLACE}##draw {index}").rect_full
            gui.ctx.mouse_teleport_to_pos(ImVec2(box.min.x + 9, box.min.y + 9))
            gui.frames(2)
            assert pointed() == index
        answer = gui.context.frames["discriminator"].info.verdict
        lowest = min(range(8), key=lambda i: answer.draws[i])
        box = gui.ctx.item_info(f"{PLACE}##distribution").rect_full
        # The dot furthest to the left is the lowest draw.
        for x in range(int(box.min.x) + 2, int(box.max.x), 8):
            gui.ctx.mouse_teleport_to_pos(ImVec2(x, box.min.y + 0.78 * (box.max.y - box.min.y)))
            gui.frames(2)
            if pointed() is not None:
                break
        assert pointed() == lowest

    panel(test)


def test_a_snapshot_without_d_says_so_and_asks_nothing(panel) -> None:
    def test(gui, client) -> None:
        assert asked(client) == []
        opened = []
        gui.app.actions.browse = opened.append
        gui.ctx.item_click("###Open")
        assert opened == ["snapshot"]

    panel(test, path="ema.safetensors")


def test_a_d_that_is_not_read_is_told_without_alarm(panel, tmp_path) -> None:
    """The generator of the file is drawn: nothing has failed."""
    whole = torch.load(LUCIDRAINS, weights_only=True)
    whole["GAN"]["D.blocks.0.conv_res.weight"] = torch.zeros(4, 3, 1, 1)
    path = tmp_path / "model_16.pt"
    torch.save(whole, path)

    def test(gui, client) -> None:
        failure = gui.context.failures["discriminator"]
        assert failure.unread
        assert failure.message.startswith("The discriminator of model_16.pt is not read: its D is")
        assert not gui.ctx.item_exists(f"{PLACE}##p")

    client = InlineClient(EngineOptions(device="cpu", threads=1))
    panel(test, client=client, path=str(path), resolve=locate.resolve)


def test_a_failure_is_shown_and_the_controls_stay(panel) -> None:
    class Failing(FakeClient):
        def _render(self, id, stream, request, stats):
            if stream != "discriminator":
                return super()._render(id, stream, request, stats)
            return RenderFailed(id, stream, request, Failure("Cut off.", "Copy it again."))

    def test(gui, client) -> None:
        assert gui.context.failures["discriminator"].message == "Cut off."
        gui.ctx.item_input_value(f"{PLACE}##p", 0.25)
        assert augment(gui).p == 0.25

    panel(test, client=Failing())


@pytest.mark.parametrize(
    ("size", "scale"), [((1440, 900), 1.0), ((700, 500), 1.0), ((1600, 900), 2.0)]
)
def test_a_real_run_is_judged_at_every_size(panel, size, scale) -> None:
    def test(gui, client) -> None:
        frame = gui.context.frames["discriminator"]
        assert frame.info.verdict.run_p == pytest.approx(0.0896, abs=1e-6)
        assert len(frame.info.verdict.draws) == 8
        assert not gui.app.bugs

    client = InlineClient(EngineOptions(device="cpu", threads=1))
    options = {"resolve": locate.resolve, "size": size, "scale": scale}
    panel(test, client=client, path=str(SNAPSHOT), **options)


def test_numbers_that_are_none_do_not_break_the_panel(panel, monkeypatch) -> None:
    nan, inf = float("nan"), float("inf")

    def broken(view):
        layout, said = judged(view)
        return layout, structs.replace(said, clean=nan, draws=(inf, -inf, nan, 1.0) * 2)

    def test(gui, client) -> None:
        assert len(gui.context.frames["discriminator"].info.verdict.draws) == 8
        for index in (-1, 0, 2):
            gui.ctx.mouse_move(f"{PLACE}##draw {index}")
        gui.ctx.mouse_move(f"{PLACE}##distribution")
        assert not gui.app.bugs

    monkeypatch.setattr("tests.viz.conftest.judged", broken)
    panel(test)


def test_what_d_says_in_words() -> None:
    answer = Verdict(1.32, (-2.0, -0.5, 1.0), 0.1, 0.113)
    assert verdict.clean_line(answer) == "+1.32  real, 79 %"
    assert verdict.draws_line(answer) == "−0.50 ± 1.50  33 % taken for real"
    assert verdict.draws_line(Verdict(0, (0.25,), 0)) == "+0.25 ± 0.00  100 % taken for real"
    broken = Verdict(float("nan"), (float("inf"), float("nan"), 1.0), 0.1)
    assert verdict.draws_line(broken) == "+nan ± nan  67 % taken for real"
    assert verdict.signed(-0.001) == "+0.00"
    assert verdict.probability(0) == 0.5
    assert verdict.probability(-800) == 0.0
    assert verdict.shade(0) == 0 < verdict.shade(-1) < verdict.shade(3) < 1
