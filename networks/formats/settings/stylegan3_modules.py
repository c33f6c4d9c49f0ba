"""What the modules of StyleGAN3 networks, and of what is built of its layers, say of themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from networks.families.stylegan3.plan import Bands, LayerPlan


def fourier_input(signal: Bands, w_dim: int) -> dict[str, Any]:
    """The settings of the input."""
    return {
        "w_dim": w_dim,
        "channels": signal.channels,
        "size": [signal.size] * 2,
        "sampling_rate": signal.rate,
        "bandwidth": signal.cutoff,
    }


def filtered_layer(layer: LayerPlan, config: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a layer.

    config: the keywords of its network, of which some are those of every layer.
    """
    signals = {
        f"{end}_{name}": value
        for end, signal in (("in", layer.before), ("out", layer.after))
        for name, value in (
            ("channels", signal.channels),
            ("size", [signal.size] * 2),
            ("sampling_rate", signal.rate),
            ("cutoff", signal.cutoff),
            ("half_width", signal.half_width),
        )
    }
    return {
        **signals,
        "w_dim": config["w_dim"],
        "is_torgb": layer.colours,
        "is_critically_sampled": layer.critical,
        "use_fp16": layer.half,
        "tmp_sampling_rate": layer.between,
        "conv_kernel": layer.kernel,
        "conv_clamp": config["conv_clamp"],
        "magnitude_ema_beta": config["magnitude_ema_beta"],
        "up_factor": layer.up,
        "up_taps": layer.up_taps,
        "down_factor": layer.down,
        "down_taps": layer.down_taps,
        "down_radial": layer.radial and layer.down_taps > 1,
        "padding": list(layer.padding),
    }
