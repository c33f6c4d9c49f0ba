"""Progressive GAN in its TensorFlow code."""

from __future__ import annotations

from typing import Any

from networks.families.pggan.layers import HE
from networks.formats.contents import NetworkData
from networks.formats.tensorflow import progressive
from networks.formats.tensorflow.progressive import Reader, lod_of, structure_of
from networks.formats.tensorflow.settings import Settings, resolutions
from networks.formats.tensorflow.state import NetworkState


def read_generator(state: NetworkState) -> NetworkData:
    """A generator: z, and the label behind it, to colours."""
    variables, settings = state.variables, Settings(state)
    settings.only("dtype", "float32", "float16")
    settings.only("pixelnorm_epsilon", 1e-8)
    structure, fused = structure_of(settings), settings.flag("fused_scale", True)
    config: dict[str, Any] = {
        "normalize_latents": settings.flag("normalize_latents", True),
        "pixel_norm": settings.flag("use_pixelnorm", True),
        "activation": "lrelu" if settings.flag("use_leakyrelu", True) else "relu",
    }
    c_dim = settings.size("label_size", 0)
    reader = Reader(variables, settings.flag("use_wscale", True))
    settings.settle()
    sizes, channels = resolutions(variables, r"(\d+)x\1/Conv(?:1)?/weight$"), []
    for size in sizes:
        theirs, ours = f"{size}x{size}", f"synthesis.b{size}"
        if size == 4:
            inputs = reader.dense(f"{theirs}/Dense", f"{ours}.dense", gain=HE / 4)[0]
        elif fused:
            # The kernel of a transposed convolution lies the other way round.
            reader.convolution(f"{theirs}/Conv0_up", f"{ours}.conv0", flip=True, swap=True)
        else:
            reader.convolution(f"{theirs}/Conv0", f"{ours}.conv0")
        last = "Conv" if size == 4 else "Conv1"
        channels.append(reader.convolution(f"{theirs}/{last}", f"{ours}.conv1")[3])
    config |= {
        "z_dim": inputs - c_dim,
        "c_dim": c_dim,
        "img_resolution": sizes[-1],
        "img_channels": reader.colours(len(sizes)),
        "channels": channels,
        "lod": lod_of(variables, structure, len(sizes)),
    }
    variables.settle("a Progressive GAN generator")
    return NetworkData("generator", "pggan", config, reader.refs, state.builder)


def read_discriminator(state: NetworkState) -> NetworkData:
    """A discriminator."""
    return progressive.read_discriminator(state, "pggan", {"blur_filter": [], "fused_scale": True})
