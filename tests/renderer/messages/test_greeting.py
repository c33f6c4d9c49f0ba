"""The first words of a renderer: found behind whatever is printed, and told from other versions."""

from __future__ import annotations

import io

import pytest

from common.errors import UserError
from renderer.messages import greeting
from renderer.messages.greeting import (
    MARK,
    MOST,
    Greeting,
    check_greeting,
    messages_of_this_version,
    read_greeting,
    write_greeting,
)
from renderer.server.jobs import find_jobs

OURS = Greeting("1.0", messages_of_this_version(), "gpu", "/there/busts64.safetensors")


def written(words: Greeting = OURS) -> bytes:
    stream = io.BytesIO()
    write_greeting(stream, words)
    return stream.getvalue()


@pytest.mark.parametrize("before", [b"", b"Welcome!\n", b"\x00ganscope \xff\n" * 9, MARK[:-1]])
def test_it_is_found_and_what_follows_stays(before: bytes) -> None:
    stream = io.BytesIO(before + written() + b"messages")
    found, _ = read_greeting(stream)
    assert found == OURS
    assert stream.read() == b"messages"


def test_what_is_printed_in_its_place_is_told() -> None:
    assert read_greeting(io.BytesIO(b"one\n\x1b[31mtwo\n")) == (None, "\\x1b[31mtwo")
    assert read_greeting(io.BytesIO(b"")) == (None, "")


def test_garbage_ends() -> None:
    for stream in (b"x" * 3 * MOST, MARK + b"x" * 3 * MOST, MARK + b"{}\n", MARK + b"\xff\n"):
        assert read_greeting(io.BytesIO(stream))[0] is None


def test_fields_of_later_versions_do_no_harm() -> None:
    later = written().replace(b"{", b'{"more":[1],', 1)
    assert read_greeting(io.BytesIO(later))[0] == OURS


def test_other_messages_are_refused_and_ours_are_not() -> None:
    check_greeting(OURS, "gpu")
    check_greeting(Greeting("0.9", OURS.messages, "node7"), "gpu")  # nothing that matters is other
    with pytest.raises(UserError, match=r"gpu is version 2\.0.*Install the same version"):
        check_greeting(Greeting("2.0", "cafecafe", "node7"), "gpu")


def test_revisions_of_one_version_are_told_apart() -> None:
    other = Greeting(greeting.version(), "cafecafe", "node7")
    with pytest.raises(UserError, match=r"different revisions of version .*Install the same rev"):
        check_greeting(other, "gpu")


def test_every_job_of_the_program_counts() -> None:
    jobs = {job.work for job in find_jobs().values()}
    messages = {job for job in jobs if job.__module__.startswith("renderer.messages")}
    assert messages <= set(greeting.JOBS)


def test_it_is_the_same_in_every_process(monkeypatch: pytest.MonkeyPatch) -> None:
    before = messages_of_this_version()
    assert messages_of_this_version() == before
    monkeypatch.setattr(greeting, "JOBS", greeting.JOBS[1:])
    assert messages_of_this_version() != before
