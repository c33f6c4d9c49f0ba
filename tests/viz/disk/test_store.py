"""Sessions and settings on the disk."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs
from PIL import Image

from common.errors import UserError
from renderer.messages.request import (
    ChannelEdit,
    ClassLabel,
    LayerView,
    MixSource,
    Noise,
    Plane,
    RenderRequest,
    SavedW,
    Seed,
    Spectrum,
    Truncation,
)
from viz.desk.settings import Monitor, Settings
from viz.disk import pictures, store
from viz.disk.store import Store
from viz.session.session import Motion, Session, View

finite = st.floats(-1e6, 1e6)
share = st.floats(0, 1)
weights = st.tuples(st.floats(-1, 1))
spectra = st.none() | st.builds(Spectrum, st.floats(-160, 160))
numbers = st.integers(0, 2**31 - 1)
text = st.text(max_size=20)
sources = st.one_of(
    st.builds(Seed, numbers),
    st.builds(Plane, finite, finite, st.integers(1, 10**6)),
    st.builds(SavedW, text, st.integers(0, 99)),
)
requests = st.builds(
    RenderRequest,
    snapshot=text,
    source=sources,
    label=st.none() | st.builds(ClassLabel, numbers, st.none() | numbers, share),
    truncation=st.builds(
        Truncation, finite, st.none() | st.integers(0, 40), st.none() | st.tuples(finite, finite)
    ),
    mix=st.lists(st.builds(MixSource, sources, weights, st.booleans())).map(tuple),
    noise=st.builds(Noise, st.sampled_from(["none", "const", "random"]), numbers, finite),
    edits=st.lists(st.builds(ChannelEdit, text, st.integers(0, 999), finite)).map(tuple),
    view=st.none() | st.builds(LayerView, text, spectrum=spectra),
)
sessions = st.builds(
    Session,
    render=requests,
    view=st.builds(View, st.booleans(), st.floats(0.1, 100), st.tuples(share, share)),
    motion=st.builds(Motion, st.floats(0, 20), st.booleans()),
)


@given(sessions)
def test_a_session_survives_its_json(session: Session) -> None:
    assert store.decode_session(store.encode(session), "here") == session


@settings(max_examples=20)
@given(sessions)
def test_a_session_survives_a_png(tmp_path_factory, session: Session) -> None:
    path = tmp_path_factory.mktemp("png") / "그림 絵.png"
    pixels = np.arange(4 * 6 * 4, dtype=np.uint8).reshape(4, 6, 4)
    pixels[..., 3] = 255
    pictures.write_png(path, pixels, session)
    assert pictures.read_session(path) == session
    with Image.open(path) as image:
        assert np.array_equal(np.asarray(image), pixels[..., :3])


def test_fields_that_came_later_are_tolerated_and_missing_ones_take_their_defaults() -> None:
    text = json.dumps({"render": {"snapshot": "a.pkl", "later": [1]}, "new": True, "version": 1})
    session = store.decode_session(text, "here")
    assert session == Session().with_render(snapshot="a.pkl")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "truncated"),
        (b"\x89PNG", "malformed"),
        (b"[]", "Expected `object`"),
        (b'{"render": {"truncation": {"psi": "high"}}}', "$.render.truncation.psi"),
        (b'{"version": 99}', "version 99 of its format is newer"),
        (b'{"render": {"source": {"type": "pickle"}}}', "$.render.source"),
    ],
)
def test_what_is_no_session_is_named_with_place_and_reason(data: bytes, says: str) -> None:
    with pytest.raises(UserError) as caught:
        store.decode_session(data, "some.json")
    assert "some.json" in caught.value.message
    assert says in caught.value.message


def test_a_damaged_file_is_kept_and_defaults_are_used(tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text('{"theme": "pink"}')
    (tmp_path / "session.json").write_text("{")
    kept = Store(tmp_path)
    assert kept.load_settings() == Settings()
    assert kept.load_session() is None
    assert len(kept.problems) == 2
    assert "settings.json.bad" in kept.problems[0]
    assert (tmp_path / "settings.json.bad").read_text() == '{"theme": "pink"}'
    assert not (tmp_path / "session.json").exists()
    kept.save(Settings(theme="light"))
    assert Store(tmp_path).load_settings().theme == "light"


def test_of_two_windows_neither_takes_back_what_the_other_set(tmp_path: Path) -> None:
    one, two = Store(tmp_path), Store(tmp_path)
    first, second = one.load_settings(), two.load_settings()
    first = structs.replace(first, monitor=structs.replace(first.monitor, smoothing=0.9))
    one.save(first.opened("a.pkl"))
    second = structs.replace(second, monitor=structs.replace(second.monitor, follow=False))
    two.save(structs.replace(second.opened("b.pkl"), theme="light"))
    one.save(structs.replace(first.opened("a.pkl"), scale=1.5))
    both = Store(tmp_path).load_settings()
    assert (both.theme, both.scale) == ("light", 1.5)
    assert both.monitor == Monitor(follow=False, smoothing=0.9)
    assert both.recent == ("b.pkl", "a.pkl")


def test_what_a_full_disk_kept_from_the_file_is_in_the_next(tmp_path: Path, monkeypatch) -> None:
    kept = Store(tmp_path)
    kept.load_settings()
    with monkeypatch.context() as full:
        full.setattr(store, "write_atomically", _full)
        with pytest.raises(OSError, match="No space"):
            kept.save(Settings(theme="light"))
    kept.save(Settings(theme="light", scale=1.5))
    assert Store(tmp_path).load_settings() == Settings(theme="light", scale=1.5)


def _full(path: Path, data: bytes) -> None:
    raise OSError(28, "No space left on device", str(path))


def test_a_file_of_a_later_version_is_kept_and_said_so(tmp_path: Path) -> None:
    (tmp_path / "session.json").write_text('{"version": 7, "render": 12}')
    later = Store(tmp_path)
    assert later.load_session() is None
    assert "version 7" in later.problems[0]
    assert "Update ganscope." in later.problems[0]
    assert (tmp_path / "session.json.bad").exists()


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "session.json"
    store.write_atomically(path, b"old")

    def full(source, target) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(OSError, match="No space left"):
        store.write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_recent_files_are_twelve_newest_first_without_repeats() -> None:
    settings = Settings()
    for number in (*range(15), 9):
        settings = settings.opened(f"{number}.pkl")
    assert settings.recent[:3] == ("9.pkl", "14.pkl", "13.pkl")
    assert len(settings.recent) == len(set(settings.recent)) == 12


def test_read_only_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text("{")
    kept = Store(tmp_path, read_only=True)
    kept.load_settings()
    kept.save(Settings())
    assert [p.name for p in tmp_path.iterdir()] == ["settings.json"]


def test_a_foreign_png_says_that_it_carries_no_session(tmp_path: Path) -> None:
    path = tmp_path / "foreign.png"
    Image.effect_noise((32, 32), 50).save(path)
    with pytest.raises(UserError, match="carries no session"):
        pictures.read_session(path)
    whole = path.read_bytes()
    for length in (0, 20, 60, len(whole) // 2):
        path.write_bytes(whole[:length])
        with pytest.raises(UserError, match=r"damaged PNG|carries no session"):
            pictures.read_session(path)
    with pytest.raises(UserError, match="does not exist"):
        pictures.read_session(tmp_path / "gone.png")


def test_captures_never_overwrite(tmp_path: Path) -> None:
    for name in ("a-0001.png", "a-0003.png"):
        (tmp_path / name).touch()
    assert pictures.next_path(tmp_path, "a").name == "a-0002.png"
    assert pictures.next_path(tmp_path / "not yet", "a").name == "a-0001.png"


def test_settings_are_readable_json(tmp_path: Path) -> None:
    Store(tmp_path).save(Settings(recent=("/데이터/모델.pkl",)))
    loaded = msgspec.json.decode((tmp_path / "settings.json").read_bytes())
    assert loaded["recent"] == ["/데이터/모델.pkl"]
    assert (tmp_path / "settings.json").read_bytes().count(b"\n") > 5
