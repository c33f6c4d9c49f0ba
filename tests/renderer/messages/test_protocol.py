"""Messages survive the way there and back, whatever is in them; nothing else is taken for one."""

from __future__ import annotations

import functools
import io
import types
from contextlib import suppress
from typing import Any, Literal, get_args, get_origin

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from renderer.messages.jobs import Export, Load, SaveW, Work
from renderer.messages.model import LayerInfo, ModelInfo
from renderer.messages.protocol import decode_to_renderer, decode_to_window, encode
from renderer.messages.request import Plane, RenderRequest, SavedW, Seed
from renderer.messages.to_renderer import Render, Start, ToRenderer
from renderer.messages.to_window import Alive, FrameReady, ToWindow, done
from renderer.transport.link import Link
from viz.session.session import Session

# A busy machine is no failure.
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

SCALARS: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(max_size=20),
    bytes: st.binary(max_size=20),
    int: st.integers(-(2**63), 2**63 - 1),
    float: st.floats(allow_nan=False, allow_infinity=False),
    bool: st.booleans(),
    type(None): st.none(),
}


def anything(kind: Any) -> st.SearchStrategy[Any]:
    """Values of a type of the protocol, every field drawn, none left at its default."""
    if kind in SCALARS:
        return SCALARS[kind]
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin in (types.UnionType, getattr(types, "UnionType", None)) or str(origin).endswith(
        "Union'>"
    ):
        return st.one_of([anything(each) for each in arguments])
    if origin is tuple and arguments[-1] is Ellipsis:
        return st.lists(anything(arguments[0]), max_size=3).map(tuple)
    if origin is tuple:
        return st.tuples(*[anything(each) for each in arguments])
    if origin is dict:
        return st.dictionaries(anything(arguments[0]), anything(arguments[1]), max_size=3)
    return structs_of(kind)


@functools.cache
def structs_of(kind: Any) -> st.SearchStrategy[Any]:
    """Structs of a type, which may hold others of the same: an average is one of its sources."""
    fields = msgspec.structs.fields(kind)
    return st.deferred(lambda: st.builds(kind, **{f.name: anything(f.type) for f in fields}))


@PATIENT
@given(anything(RenderRequest))
def test_requests_survive_json_and_keep_their_hash(request: RenderRequest) -> None:
    back = msgspec.json.decode(msgspec.json.encode(request), type=RenderRequest)
    assert back == request
    assert hash(back) == hash(request)


@PATIENT
@given(anything(Session))
def test_sessions_survive_json(session: Session) -> None:
    assert msgspec.json.decode(msgspec.json.encode(session), type=Session) == session


@PATIENT
@given(anything(ToRenderer))
def test_messages_to_the_renderer_survive(message: ToRenderer) -> None:
    assert decode_to_renderer(encode(message)) == message


@PATIENT
@given(anything(ToWindow))
def test_messages_to_the_window_survive(message: ToWindow) -> None:
    assert decode_to_window(encode(message)) == message


@PATIENT
@given(st.integers(0, 2**31), anything(Load | SaveW | Export))
def test_the_arguments_of_a_job_survive(job: int, work: Work) -> None:
    start = decode_to_renderer(encode(Start.of(job, work)))
    assert isinstance(start, Start)
    assert start.job == job
    assert start.kind in ("load", "save_w", "export")
    assert msgspec.msgpack.decode(start.work, type=type(work)) == work


@PATIENT
@given(anything(LayerInfo))
def test_the_result_of_a_job_is_of_the_type_that_is_asked_for(result: LayerInfo) -> None:
    assert done("done", result).read(LayerInfo) == result
    with pytest.raises(msgspec.DecodeError):
        done("done", result).read(Render)


@PATIENT
@given(anything(RenderRequest))
def test_fields_of_a_later_version_are_skipped(request: RenderRequest) -> None:
    def with_news(value: Any) -> Any:
        if isinstance(value, dict):
            return {"news": [1, {"x": None}]} | {k: with_news(v) for k, v in value.items()}
        return [with_news(v) for v in value] if isinstance(value, list) else value

    newer = msgspec.json.encode(with_news(msgspec.json.decode(msgspec.json.encode(request))))
    assert msgspec.json.decode(newer, type=RenderRequest) == request


def test_fields_that_an_earlier_version_lacked_have_their_defaults() -> None:
    assert msgspec.json.decode(b"{}", type=RenderRequest) == RenderRequest()
    text = b'{"snapshot":"a","source":{"type":"seed"},"mix":[{"source":{"type":"w","path":"b"}}]}'
    request = msgspec.json.decode(text, type=RenderRequest)
    assert request.source == Seed(0)
    assert request.mix[0].source == SavedW("b", 0, b"")
    assert request.mix[0].enabled


@PATIENT
@given(st.binary(max_size=200))
def test_garbage_raises_decode_error(data: bytes) -> None:
    for decode in (decode_to_renderer, decode_to_window):
        with pytest.raises(msgspec.DecodeError):
            decode(data)


@PATIENT
@given(anything(Render), st.data())
def test_damaged_messages_raise_decode_error_or_are_messages(
    message: Render, data: st.DataObject
) -> None:
    raw = bytearray(encode(message))
    cut = data.draw(st.integers(0, len(raw) - 1))
    with pytest.raises(msgspec.DecodeError):
        decode_to_renderer(bytes(raw[:cut]))
    raw[cut] = data.draw(st.integers(0, 255))
    with suppress(msgspec.DecodeError):
        assert isinstance(decode_to_renderer(bytes(raw)), ToRenderer)


def test_errors_name_the_field() -> None:
    with pytest.raises(msgspec.ValidationError, match=r"\$\.truncation\.psi"):
        msgspec.json.decode(b'{"truncation":{"psi":"much"}}', type=RenderRequest)


def test_a_message_of_one_direction_is_not_one_of_the_other() -> None:
    with pytest.raises(msgspec.ValidationError):
        decode_to_renderer(encode(Alive()))
    with pytest.raises(msgspec.ValidationError):
        decode_to_window(encode(Render(1, RenderRequest(source=Plane()))))


@PATIENT
@given(st.lists(anything(FrameReady | ModelInfo), max_size=4), st.integers(0, 40))
def test_a_link_gives_back_whole_messages_only(messages: list[Any], missing: int) -> None:
    wire = io.BytesIO()
    Link(io.BytesIO(), wire).send(*messages)
    data = wire.getvalue()
    link = Link(io.BytesIO(data[: len(data) - missing]), io.BytesIO())
    received = []
    while (payload := link.receive()) is not None:
        received.append(payload)
    whole = [encode(message) for message in messages]
    assert received == whole[: len(received)]
    assert missing or len(received) == len(whole)


def test_a_link_refuses_a_stream_that_is_not_ours() -> None:
    with pytest.raises(ValueError, match="not ours"):
        Link(io.BytesIO(b"Traceback (most"), io.BytesIO()).receive()
