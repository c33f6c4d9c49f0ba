"""Every field of a request has one record, and a new one needs no more."""

from __future__ import annotations

import shlex

import pytest
from msgspec import structs

from renderer.messages.model import ModelInfo
from renderer.messages.request import RenderRequest, Seed
from tests.viz.conftest import make_model
from viz.compare.labels import labels
from viz.session import comparing
from viz.session.command_line import command_line
from viz.session.fit import fit, fit_unknown
from viz.session.parameters import table
from viz.session.parameters.parameter import Parameter
from viz.session.session import Compare, Pane, Session
from viz.session.summary import summarize

MODEL = make_model("/net.pkl")


class Later(RenderRequest, frozen=True):
    """A request as it may be one day. rows: of w that are shaded."""

    shade: int = 0


def _fitting(shade: int, model: ModelInfo | None) -> int:
    return min(shade, model.num_ws) if model is not None else 0


SHADE = Parameter[int](
    "shade",
    "noise",
    "Shade",
    words=lambda shade: f"{shade} rows",
    flags=lambda request, model: ["--shade", str(SHADE.value(request))] if model.num_ws else None,
    fit=_fitting,
)


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Later:
    monkeypatch.setattr(table, "PARAMETERS", (*table.PARAMETERS, SHADE))
    return Later("/net.pkl", Seed(3), shade=99)


def test_every_field_of_a_request_has_one_record() -> None:
    fields = [parameter.field for parameter in table.PARAMETERS]
    assert sorted(fields) == sorted(RenderRequest.__struct_fields__)


def test_a_new_parameter_is_linked_with_its_part(later: Later) -> None:
    pane = Pane(1, structs.replace(later, shade=1), ())
    session = Session(later, compare=Compare(True, (pane,)))
    assert comparing.request_of(pane, later).shade == 1
    assert labels(session, {})[1].title == "net, noise const"
    linked = comparing.relinked(session, 1, "noise", linked=True)
    assert comparing.request_of(linked.compare.panes[0], later).shade == 99
    assert comparing.relinked(linked, 1, "noise", linked=False).compare.panes[0].render.shade == 99


def test_a_new_parameter_is_told_in_words(later: Later) -> None:
    assert ("Shade", "99 rows") in summarize(later)
    assert "Shade" not in dict(summarize(structs.replace(later, shade=0)))


def test_a_new_parameter_is_written_as_flags(later: Later) -> None:
    command = command_line(Session(later), MODEL)
    words = shlex.split(command.text)
    assert words[words.index("--shade") + 1] == "99"
    assert command.note == "Copied as a command line."


def test_a_new_parameter_without_flags_is_written_with_the_whole_request(
    later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent = structs.replace(later, shade=0)
    mute = Parameter[int]("shade", "noise", "Shade")
    monkeypatch.setattr(table, "PARAMETERS", (*table.PARAMETERS[:-1], mute))
    assert "--seeds 3" in command_line(Session(silent), MODEL).text
    command = command_line(Session(later), MODEL)
    assert '"shade":99' in command.text
    assert command.note == "Copied as a command line with --request: flags cannot say shade."


def test_a_new_parameter_is_fitted_to_another_network(later: Later) -> None:
    assert fit(later, MODEL) == structs.replace(later, shade=MODEL.num_ws)
    assert fit_unknown(later) == structs.replace(later, shade=0)
