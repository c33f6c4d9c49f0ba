"""Constructor keywords of StyleGAN2 networks, worked out from the shapes of their tensors.

Shapes fix everything except what leaves no trace in them: clamping, activation, precision.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from networks.families.stylegan2.generator import MAX_CONSTANT
from networks.formats.contents import FormatError, TensorRef

Refs = Mapping[str, TensorRef]
DEFAULT_FILTER = [1.0, 3.0, 3.0, 1.0]


def shape(tensors: Refs, name: str) -> tuple[int, ...]:
    """The shape of a tensor that must exist."""
    if name not in tensors:
        raise FormatError(f"the tensor {name} is missing")
    return tensors[name].shape


def channel_plan(
    channels: Mapping[int, int], hint: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """channel_base and channel_max with channels(res) = min(base // res, max).

    channels: by resolution. Several plans may fit: the hinted one wins, then the published
    bases (32768 and 16384). Where none fits, as in a pruned network, `channels` lists them all.
    """
    if not channels:
        raise FormatError("it has no layers")
    widest, top = max(channels.values()), max(channels)
    plans = [(base, widest) for base in (32768, 16384, channels[top] * top)]
    plans += [(count * res, widest) for res, count in channels.items()]
    match dict(hint or {}):
        case {"channel_base": int(base), "channel_max": int(most)}:
            plans.insert(0, (base, most))
    for base, most in plans:
        if all(min(base // res, most) == count for res, count in channels.items()):
            return {"channel_base": base, "channel_max": most}
    return {"channels": [channels[res] for res in sorted(channels)]}


def resolutions(tensors: Refs, pattern: str) -> list[int]:
    """Block resolutions named in tensor names; `pattern` has one group."""
    found = {int(match[1]) for name in tensors if (match := re.match(pattern, name))}
    expected = [1 << k for k in range(2, 14)][: len(found)]
    if not found or sorted(found) != expected:
        raise FormatError(f"its blocks ({sorted(found)[:16]}) are not 4, 8, 16 …")
    return expected


def _layer_count(tensors: Refs, prefix: str) -> int:
    count = 0
    while f"{prefix}fc{count}.weight" in tensors:
        count += 1
    return count


def filter_taps(ref: TensorRef, name: str) -> list[float]:
    """The 1-D filter f of a resampling buffer that holds f or its outer product with itself."""
    if len(ref.shape) not in (1, 2) or max(ref.shape, default=0) > 64:
        raise FormatError(f"the filter {name} has shape {list(ref.shape)}")
    f = ref.load().double()
    taps = f.sum(0) if f.ndim == 2 else f
    if f.ndim == 2 and (f - taps.outer(taps) / taps.sum()).abs().max() > 1e-5 * f.abs().max():
        raise FormatError(f"the filter {name} is not that of one row of taps along both axes")
    if (
        len(taps) == 4
        and taps.sub(taps.new_tensor([0.125, 0.375, 0.375, 0.125])).abs().max() < 1e-6
    ):
        return list(DEFAULT_FILTER)
    return [float(v) for v in taps]


def _filter(tensors: Refs, name: str) -> list[float]:
    return filter_taps(tensors[name], name) if name in tensors else list(DEFAULT_FILTER)


def constant_shape(tensors: Refs) -> tuple[int, int]:
    """Height and width of the constant that a generator begins with, from its tensors."""
    const = shape(tensors, "synthesis.b4.const")
    if len(const) != 3 or not all(1 <= side <= MAX_CONSTANT for side in const[1:]):
        raise FormatError(f"its constant input has the shape {list(const)}")
    return const[1], const[2]


def generator_config(tensors: Refs, hint: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Keywords of a generator from its tensors, by our names."""
    blocks = resolutions(tensors, r"synthesis\.b(\d+)\.conv1\.weight$")
    top = blocks[-1]
    skip = "synthesis.b4.torgb.weight" in tensors and top > 4
    resnet = "synthesis.b8.skip.weight" in tensors
    depth = _layer_count(tensors, "mapping.")
    if depth == 0:
        raise FormatError("the tensor mapping.fc0.weight is missing")
    first, last = (
        shape(tensors, "mapping.fc0.weight"),
        shape(tensors, f"mapping.fc{depth - 1}.weight"),
    )
    conditional = "mapping.embed.weight" in tensors
    embed = shape(tensors, "mapping.embed.weight") if conditional else (0, 0)
    to_rgb = shape(tensors, f"synthesis.b{top}.torgb.weight")
    if any(len(s) != 2 for s in (first, last, embed)) or len(to_rgb) != 4:
        raise FormatError("its mapping or output layers have shapes that are none")
    plan = {
        res: shape(tensors, f"synthesis.b{res}.conv1.weight")[0]
        for res in blocks
        if shape(tensors, f"synthesis.b{res}.conv1.weight")
    }
    constant = constant_shape(tensors)
    return {
        "z_dim": first[1] - embed[0],
        "c_dim": embed[1],
        "w_dim": last[0],
        "img_resolution": top,
        "img_channels": to_rgb[0],
        "mapping_layers": depth,
        "embed_features": embed[0] or None,
        "layer_features": first[0] if depth > 1 else None,
        **channel_plan(plan, hint),
        "architecture": "resnet" if resnet else "skip" if skip else "orig",
        "resample_filter": _filter(tensors, f"synthesis.b{top}.resample_filter"),
        "use_noise": "synthesis.b4.conv1.noise_strength" in tensors,
        **({} if constant == (4, 4) else {"constant_shape": list(constant)}),
    }


def discriminator_config(tensors: Refs, hint: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Keywords of a discriminator from its tensors, by our names."""
    blocks = [4, *resolutions_from_8(tensors)]
    top = blocks[-1]
    resnet = f"b{top}.skip.weight" in tensors
    skip = "b4.fromrgb.weight" in tensors
    rgb = shape(tensors, f"b{top}.fromrgb.weight")
    out, conv = shape(tensors, "b4.out.weight"), shape(tensors, "b4.conv.weight")
    depth = _layer_count(tensors, "mapping.")
    embed = shape(tensors, "mapping.embed.weight") if "mapping.embed.weight" in tensors else (0, 0)
    if len(rgb) != 4 or len(out) != 2 or len(conv) != 4 or len(embed) != 2:
        raise FormatError("its input or output layers have shapes that are none")
    plan = {res: shape(tensors, f"b{res}.conv0.weight")[0] for res in blocks[1:]}
    return {
        "c_dim": embed[1],
        "img_resolution": top,
        "img_channels": rgb[1],
        "architecture": "resnet" if resnet else "skip" if skip else "orig",
        **channel_plan({4: conv[0], **plan}, hint),
        "cmap_dim": out[0] if depth or embed[1] else None,
        "mapping_layers": depth if embed[1] else 8,
        "mbstd_num_channels": conv[1] - conv[0],
        "resample_filter": _filter(tensors, f"b{top}.resample_filter"),
    }


def resolutions_from_8(tensors: Refs) -> list[int]:
    found = {int(m[1]) for name in tensors if (m := re.match(r"b(\d+)\.conv0\.weight$", name))}
    expected = [1 << k for k in range(3, 14)][: len(found)]
    if not found or sorted(found) != expected:
        raise FormatError(f"its blocks ({sorted(found)[:16]}) are not 8, 16, 32 …")
    return expected
