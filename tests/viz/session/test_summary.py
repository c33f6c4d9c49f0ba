"""A session in words."""

from __future__ import annotations

from renderer.messages.request import (
    ClassLabel,
    LayerView,
    MixSource,
    Noise,
    Plane,
    RenderRequest,
    SavedW,
    Seed,
    Truncation,
)
from viz.session.summary import summarize


def test_only_what_differs_is_told() -> None:
    plain = RenderRequest(snapshot="/runs/a/net.pkl", source=Seed(3))
    assert summarize(plain) == [("Network", "net.pkl"), ("Latent", "seed 3")]
    everything = RenderRequest(
        snapshot="/runs/a/net.pkl",
        source=Plane(1.5, -2.0),
        label=ClassLabel(1, 4, 0.25),
        truncation=Truncation(0.7, 8),
        mix=(MixSource(Seed(9), (1.0,)), MixSource(SavedW("/w/me.npz", 2), (1.0,), False)),
        noise=Noise("random", 5, 0.5),
        view=LayerView("b8.conv1", "channel", 6),
    )
    assert dict(summarize(everything)) == {
        "Network": "net.pkl",
        "Latent": "x 1.50, y -2.00",
        "Class": "1 → 4 at 0.25",
        "Truncation": "ψ 0.70, first 8 rows",
        "Mixed with": "seed 9",
        "Noise": "random 5, × 0.5",
        "Layer": "b8.conv1, channel 6",
    }
