"""The Directions panel, with a renderer that finds what the test wants."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from imgui_bundle import imgui
from msgspec import structs

from renderer.messages.directions import (
    BoundaryOf,
    Component,
    DifferenceOf,
    DirectionSet,
    FromFile,
    Principal,
    StyleAxes,
    decode_set,
    encode_set,
)
from renderer.messages.failure import Failure
from renderer.messages.find_job import FindDirections
from renderer.messages.jobs import Work
from renderer.messages.request import Direction, Seed
from renderer.messages.to_renderer import BACKGROUND
from renderer.messages.to_window import JobDone, JobFailed, Progress
from tests.viz.conftest import FakeClient, make_model
from viz.panels import bookmarks, picture
from viz.panels.directions import PANEL
from viz.panels.directions.strips import PLACES
from viz.session.session import Session

PANELS = (picture.PANEL, PANEL)
START = Session().with_render(snapshot="/nets/faces.pkl", source=Seed(5))


def make_set(count: int = 3, **facts: Any) -> DirectionSet:
    """Directions named PC 1, PC 2 … in the w of the fake network."""
    vectors = np.random.RandomState(0).randn(count, 512).astype("<f4")
    components = (Component(v.tobytes(), f"PC {i}", 0.1) for i, v in enumerate(vectors, 1))
    whole = {"title": "PCA of w", "w_dim": 512, "num_ws": 10, "network": "faces.pkl"} | facts
    return DirectionSet(components=tuple(components), **whole)


class Finding(FakeClient):
    """Answers a search with `found`, or with its end where that is a Failure; None holds it."""

    def __init__(self, found: DirectionSet | Failure | None = None) -> None:
        super().__init__()
        self.found = make_set() if found is None else found
        self.searches: list[FindDirections] = []
        self.waits = False

    def start(self, work: Work) -> int:
        if not isinstance(work, FindDirections):
            return super().start(work)
        job = next(self._ids)
        self.searches.append(work)
        if self.waits:
            self.send(Progress(job, 0.4, "looking for directions"))
        elif isinstance(self.found, Failure):
            self.send(JobFailed(job, work.path, self.found))
        else:
            self.send(JobDone(job, "Found it.", msgspec.msgpack.encode(self.found)))
        return job

    def cancel(self, job: int) -> None:
        super().cancel(job)
        self.send(JobFailed(job, "", Failure("Cancelled."), cancelled=True))


@pytest.fixture
def found(drive: Any) -> Any:
    """Drive a window in which directions were found."""

    def run(test: Any, client: Finding | None = None, **more: Any) -> Any:
        client = client or Finding()

        def wrapped(gui: Any) -> None:
            click(gui, "###Find")
            test(gui, client)

        return drive(wrapped, client=client, **({"session": START, "panels": PANELS} | more))

    return run


def click(gui: Any, name: str, button: int = 0) -> None:
    gui.ctx.item_click(f"**/{name}", button)
    gui.settle()


def now(gui: Any) -> tuple[Direction, ...]:
    return gui.app.cell.now.render.directions


def vector(index: int) -> bytes:
    return make_set().components[index].vector


def drag(gui: Any, index: int, start: float, end: float) -> None:
    """Drag on a strip, between two shares of its width."""
    box = gui.ctx.item_info(f"**/direction{index}/strip").rect_full
    y = (box.min.y + box.max.y) / 2
    across = box.max.x - box.min.x
    gui.ctx.mouse_move_to_pos(imgui.ImVec2(box.min.x + start * across, y))
    gui.ctx.mouse_down(0)
    gui.ctx.mouse_move_to_pos(imgui.ImVec2(box.min.x + end * across, y))
    gui.frames(2)
    gui.ctx.mouse_up(0)
    gui.settle()


def test_pca_is_asked_for_and_what_is_found_is_shown(found) -> None:
    def test(gui, client) -> None:
        (work,) = client.searches
        assert (work.find.snapshot, work.find.how) == ("/nets/faces.pkl", Principal())
        assert gui.context.directions.shown.found == make_set()
        assert gui.ctx.item_exists("**/direction2/##amount")
        assert now(gui) == ()

    found(test)


def test_where_something_was_found_the_search_makes_room_for_it(found) -> None:
    def test(gui, client) -> None:
        assert not gui.ctx.item_exists("**/###Find")
        click(gui, "Find others")
        click(gui, "SeFa")
        assert gui.ctx.item_exists("**/###Find")
        click(gui, "###Find")
        assert len(client.searches) == 2
        assert not gui.ctx.item_exists("**/###Find")
        assert gui.ctx.item_exists("**/direction0/##amount")

    found(test)


def test_a_slider_moves_w_and_a_right_click_leaves_the_direction(found) -> None:
    def test(gui, client) -> None:
        gui.ctx.item_input_value("**/direction1/##amount", 2.5)
        gui.settle()
        assert now(gui) == (Direction(vector(1), 2.5, name="PC 2"),)
        assert gui.context.frame.request.directions == now(gui)
        assert gui.context.directions.selected == 1
        click(gui, "direction1/##amount", 1)
        assert now(gui) == ()

    found(test)


def test_a_drag_on_the_strip_is_one_step_of_undo(found) -> None:
    def test(gui, client) -> None:
        drag(gui, 0, 0.5, 0.95)
        (direction,) = now(gui)
        assert direction.vector == vector(0)
        assert direction.amount == pytest.approx(3.0)
        gui.keys("Ctrl+Z")
        gui.settle()
        assert now(gui) == ()
        drag(gui, 0, 0.9, 0.5)
        assert now(gui) == (), "the middle is where it was"

    found(test)


def test_strips_show_every_amount_at_the_present_latent_in_the_background(found) -> None:
    def test(gui, client) -> None:
        gui.ctx.item_input_value("**/direction2/##amount", 1.0)
        client.requests.clear()
        gui.app.cell.set(gui.app.cell.now.with_render(source=Seed(8)))
        gui.settle()
        drawn = [request for stream, request, _ in client.requests if stream == BACKGROUND]
        first = [
            {d.vector: d.amount for d in request.directions}.get(vector(0), 0.0)
            for request in drawn
            if {d.vector: d.amount for d in request.directions}.get(vector(2)) == 1.0
        ]
        assert set(first) >= {3 * place for place in PLACES}
        assert {request.source for request in drawn} == {Seed(8)}
        assert len(drawn) == len(set(drawn)), "nothing is drawn twice"

    found(test)


def test_nothing_is_drawn_in_the_background_while_something_is_held(found) -> None:
    def test(gui, client) -> None:
        box = gui.ctx.item_info("**/direction0/strip").rect_full
        gui.ctx.mouse_move_to_pos(imgui.ImVec2(box.min.x + 4, box.min.y + 4))
        gui.ctx.mouse_down(0)
        gui.frames(2)
        client.requests.clear()
        gui.ctx.mouse_move_to_pos(imgui.ImVec2(box.max.x - 4, box.min.y + 4))
        gui.frames(5)
        assert all(stream != BACKGROUND for stream, _, _ in client.requests)
        gui.ctx.mouse_up(0)
        gui.settle()
        assert any(stream == BACKGROUND for stream, _, _ in client.requests)

    found(test)


def test_keys_go_through_the_directions_and_along_one(found) -> None:
    def test(gui, client) -> None:
        gui.keys("Ctrl+Down")
        assert gui.context.directions.selected == 1
        for _ in range(3):
            gui.keys("Ctrl+Right")
        gui.keys("Ctrl+Left")
        assert now(gui) == (Direction(vector(1), 0.5, name="PC 2"),)
        gui.keys("Ctrl+Up")
        gui.keys("Ctrl+Up")
        assert gui.context.directions.selected == 2
        click(gui, "###leave")
        assert now(gui) == ()

    found(test)


def test_names_and_stars_are_kept_for_the_next_start(found, drive, home) -> None:
    def first(gui, client) -> None:
        gui.ctx.item_input_value("**/direction1/##amount", 1.0)
        gui.ctx.item_input_value("**/direction1/##name", "yaw")
        click(gui, "direction1/###star")
        assert now(gui)[0].name == "yaw"

    found(first)

    def second(gui) -> None:
        gui.until(lambda: gui.context.directions.shown is not None)
        component = gui.context.directions.shown.found.components[1]
        assert (component.name, component.star) == ("yaw", True)
        click(gui, "###stars")
        assert not gui.ctx.item_exists("**/direction0/##amount")
        assert gui.ctx.item_exists("**/direction1/##amount")

    drive(second, client=Finding(), session=START, panels=PANELS)


def test_the_rows_of_a_direction_and_whether_it_spares_the_others(found) -> None:
    def test(gui, client) -> None:
        gui.ctx.item_input_value("**/direction0/##amount", 1.0)
        click(gui, "direction0/###more")
        gui.ctx.item_input_value("//$FOCUSED/##To row", 4)
        gui.ctx.item_input_value("//$FOCUSED/##From row", 2)
        gui.ctx.item_click("//$FOCUSED/Orthogonal to the others")
        gui.settle()
        (direction,) = now(gui)
        assert (direction.first, direction.last, direction.orthogonal) == (2, 4, True)
        kept = gui.context.directions.shown.found.components[0]
        assert (kept.first, kept.last) == (2, 4)

    found(test)


def test_sefa_looks_at_the_rows_that_were_chosen(drive) -> None:
    client = Finding()

    def test(gui) -> None:
        click(gui, "Method/SeFa")
        gui.ctx.item_input_value("**/##To row", 3)
        click(gui, "###Find")
        assert client.searches[-1].find.how == StyleAxes(0, 3)
        click(gui, "Find others")
        gui.ctx.item_input_value("**/##To row", 99)
        click(gui, "###Find")
        assert client.searches[-1].find.how == StyleAxes(0, None)
        assert len(gui.context.directions.sets) == 2

    drive(test, client=client, session=START, panels=PANELS)


def test_groups_are_marked_by_the_picture_seeds_and_bookmarks(drive) -> None:
    client = Finding(make_set(1, title="Boundary", accuracy=0.9))

    def test(gui) -> None:
        gui.keys("Ctrl+B")
        gui.settle()
        gui.ctx.item_click("**/Method/A \\/ B")
        gui.settle()
        click(gui, "a/###this")
        click(gui, "a/###this")
        assert len(gui.context.directions.group("a")) == 1, "each picture once"
        gui.ctx.item_input_value("**/b/##seeds", "7")
        gui.settle()
        click(gui, "###Find")
        how = client.searches[-1].find.how
        assert isinstance(how, DifferenceOf)
        assert (how.start.source, how.end.source) == (Seed(7), Seed(5))
        gui.app.directions.remove()
        gui.settle()
        gui.ctx.item_input_value("**/b/##seeds", "9-11,nonsense")
        gui.settle()
        assert len(gui.context.directions.group("b")) == 1
        gui.ctx.item_input_value("**/b/##seeds", "9-11")
        gui.ctx.item_input_value("**/a/##seeds", "20,21")
        click(gui, "b/###bookmarks")
        name = gui.context.bookmarks[0].name
        gui.ctx.item_click(f"//$FOCUSED/{name}")
        gui.ctx.key_press(imgui.Key.escape)
        click(gui, "###Find")
        how = client.searches[-1].find.how
        assert isinstance(how, BoundaryOf)
        assert [request.source for request in how.a] == [Seed(5), Seed(20), Seed(21)]
        assert [r.source for r in how.b] == [Seed(7), Seed(9), Seed(10), Seed(11), Seed(5)]
        assert gui.context.directions.shown.found.accuracy == 0.9
        click(gui, "Find others")
        click(gui, "a/###clear")
        assert gui.context.directions.group("a") == ()

    drive(test, client=client, session=START, panels=(*PANELS, bookmarks.PANEL))


def test_a_search_shows_how_far_it_is_and_is_given_up(drive) -> None:
    client = Finding()
    client.waits = True

    def test(gui) -> None:
        gui.ctx.item_click("**/###Find")
        gui.until(lambda: any(job.fraction > 0 for job in gui.context.jobs))
        assert gui.context.directions.job
        gui.ctx.item_click("**/###Stop")
        gui.settle()
        assert gui.context.directions.job == 0
        assert gui.context.directions.shown is None
        assert not gui.app.messages.toasts

    drive(test, client=client, session=START, panels=PANELS)


def test_what_cannot_be_found_is_told(drive) -> None:
    client = Finding(Failure("There is no W.", "Take another network."))

    def test(gui) -> None:
        click(gui, "###Find")
        assert any("There is no W." in toast.text for toast in gui.app.messages.toasts)
        assert gui.context.directions.job == 0

    drive(test, client=client, session=START, panels=PANELS)


def test_sets_are_saved_removed_and_dropped_on_the_window(found, tmp_path, home) -> None:
    def test(gui, client) -> None:
        target = tmp_path / "mine.directions.json"
        gui.app.actions.files.take("save_directions", str(tmp_path / "mine"))
        gui.settle()
        assert decode_set(target.read_bytes(), "") == make_set()
        assert len(list((home / "directions").glob("*.directions.json"))) == 1
        click(gui, "###remove")
        assert gui.context.directions.shown is None
        assert not list((home / "directions").glob("*.directions.json"))
        assert len(list((home / "directions" / "removed").iterdir())) == 1
        gui.drop(target)
        gui.settle()
        assert client.searches[-1].find.how == FromFile(str(target))
        assert gui.context.directions.shown is not None

    found(test)


def test_dialogs_begin_where_sets_lie_and_suggest_the_name_of_the_set(
    found, home, tmp_path
) -> None:
    def test(gui, client) -> None:
        dialogs = gui.app.actions.dialogs
        gui.context.actions.browse("directions")
        gui.settle()
        assert dialogs.browser.folder == home / "directions"
        dialogs.browser.cancel()
        gui.settle()
        gui.context.actions.browse("save_directions")
        gui.settle()
        assert dialogs.browser.name == "PCA-of-w-faces.directions.json"
        assert dialogs.browser.kind.suffixes == (".directions.json",)
        dialogs.browser.go(tmp_path)
        gui.settle()
        dialogs.browser.choose()
        gui.settle()
        assert (tmp_path / "PCA-of-w-faces.directions.json").exists()
        gui.context.actions.browse("directions")
        gui.settle()
        assert dialogs.browser.folder == tmp_path, "where the last one was saved"

    found(test)


def test_only_sets_that_fit_the_network_are_offered(drive, home) -> None:
    folder = home / "directions"
    folder.mkdir(parents=True)
    (folder / "a.directions.json").write_bytes(encode_set(make_set()))
    other = make_set(w_dim=128)
    short = tuple(structs.replace(c, vector=c.vector[:512]) for c in other.components)
    narrow = structs.replace(other, components=short)
    (folder / "b.directions.json").write_bytes(encode_set(narrow))
    (folder / "c.directions.json").write_bytes(b"{}")
    (folder / "d.directions.json").mkdir()

    def test(gui) -> None:
        gui.until(lambda: gui.context.directions.shown is not None)
        assert [kept.found for kept in gui.context.directions.sets] == [make_set()]

    drive(test, client=Finding(), session=START, panels=PANELS)


def test_a_video_of_a_direction_goes_there_and_back(found) -> None:
    def test(gui, client) -> None:
        gui.ctx.item_input_value("**/direction1/##amount", 1.0)
        click(gui, "direction0/###more")
        gui.ctx.item_click("//$FOCUSED/###Export")
        gui.frames(3)
        sheets = gui.app.overlays.export._sheets_of(10)
        amounts = [
            {d.vector: d.amount for d in sheet.requests[0].directions}.get(vector(0), 0.0)
            for sheet in sheets
        ]
        assert len(sheets) == 40
        assert amounts[0] == -3.0
        assert max(amounts) == pytest.approx(3.0)
        assert amounts[1] == pytest.approx(amounts[-1])
        assert all(
            any(d.vector == vector(1) and d.amount == 1.0 for d in sheet.requests[0].directions)
            for sheet in sheets
        )

    found(test)


def test_a_network_without_w_offers_no_axes(drive, monkeypatch) -> None:
    class Without(Finding):
        def start(self, work: Work) -> int:
            job = super().start(work)
            for place, event in enumerate(self._events):
                if hasattr(event, "model"):
                    model = structs.replace(make_model(work.path), w_is_z=True, num_ws=1)
                    self._events[place] = structs.replace(event, model=model)
            return job

    client = Without()

    def test(gui) -> None:
        assert not gui.ctx.item_exists("**/Method/PCA")
        click(gui, "###Find")
        assert client.searches[-1].find.how == StyleAxes()

    drive(test, client=client, session=START, panels=PANELS)


def test_a_network_without_styles_offers_no_sefa(drive) -> None:
    class Without(Finding):
        def start(self, work: Work) -> int:
            job = super().start(work)
            for place, event in enumerate(self._events):
                if hasattr(event, "model"):
                    layers = tuple(structs.replace(e, styles=0) for e in event.model.layers)
                    lacks = {"w_is_z": True, "num_ws": 1, "has_styles": False, "layers": layers}
                    model = structs.replace(make_model(work.path), **lacks)
                    self._events[place] = structs.replace(event, model=model)
            return job

    def test(gui) -> None:
        for name in ("PCA", "SeFa", "Region"):
            assert not gui.ctx.item_exists(f"**/Method/{name}")
        assert gui.ctx.item_exists("**/Method/Layer")
        assert gui.ctx.item_exists("**/a/###this"), "groups are what is left"

    drive(test, client=Without(), session=START, panels=PANELS)


def test_a_saved_session_brings_directions_back_without_any_set(drive, tmp_path: Path) -> None:
    direction = Direction(vector(0), 1.5, 1, 4, orthogonal=True, name="yaw")

    def first(gui) -> None:
        gui.app.actions.save_session(str(tmp_path / "s.json"))
        gui.settle()

    session = START.with_render(directions=(direction,))
    drive(first, client=Finding(), session=session, panels=PANELS)

    def second(gui) -> None:
        gui.app.actions.restore(str(tmp_path / "s.json"))
        gui.settle()
        assert now(gui) == (direction,)
        assert gui.context.frame.request.directions == (direction,)

    drive(second, client=Finding(), session=START, panels=PANELS)
