"""Edits of channels as values: one picture, one set of edits."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from renderer.messages.request import ChannelEdit
from viz.session.changes import edits

CHANNELS = 6
steps = st.lists(
    st.tuples(
        st.sampled_from(["a", "b"]),
        st.integers(0, CHANNELS - 1),
        st.sampled_from([0.0, 0.5, 1.0, 2.0]),
    ),
    max_size=20,
)


@given(steps)
def test_the_order_of_edits_does_not_matter_and_one_is_no_edit(changes) -> None:
    made: edits.Edits = ()
    wanted: dict[tuple[str, int], float] = {}
    for layer, channel, scale in changes:
        made = edits.with_scale(made, layer, channel, scale)
        wanted[layer, channel] = scale
    kept = {place: scale for place, scale in wanted.items() if scale != 1.0}
    assert made == tuple(ChannelEdit(*place, kept[place]) for place in sorted(kept))
    assert all(edits.scale_of(made, *place) == scale for place, scale in wanted.items())


def test_solo_silences_the_rest_of_its_layer_only() -> None:
    before = (ChannelEdit("a", 1, 2.0), ChannelEdit("a", 2, 2.0), ChannelEdit("b", 0, 0.5))
    after = edits.solo(before, "a", 1, CHANNELS)
    assert edits.scale_of(after, "a", 1) == 2.0
    assert all(edits.scale_of(after, "a", c) == 0.0 for c in range(CHANNELS) if c != 1)
    assert edits.scale_of(after, "b", 0) == 0.5
    assert edits.soloed(after, "a", CHANNELS) == 1
    assert edits.soloed(before, "a", CHANNELS) is None
    other = edits.solo(after, "a", 4, CHANNELS)
    assert edits.soloed(other, "a", CHANNELS) == 4
    assert edits.scale_of(other, "a", 4) == 1.0


def test_clearing_one_layer_leaves_the_others() -> None:
    both = edits.solo((ChannelEdit("b", 0, 0.5),), "a", 1, CHANNELS)
    assert edits.cleared(both, "a") == (ChannelEdit("b", 0, 0.5),)
    assert list(edits.by_layer(both)) == ["a", "b"]
